"""A pool station through its doors: out by the kiosk, back by the dock, and then it is counted."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest
from django.test import Client

from devices.custody.following.actions import follow_docks
from devices.custody.models import Custody, CustodyEvent
from devices.desk.counts.models import Count
from devices.inventory.models import Officer
from devices.roles import Role
from tests.api.callers import browser
from tests.gateway.words import batch, carry, event, report, sender_of
from tests.rows import a_camera, a_dock, a_station, person

pytestmark = pytest.mark.django_db


def moment():
    return datetime.now(UTC)


def paired(quartermaster, station):
    """A browser that opened the kiosk's link, and is signed in nowhere."""
    made = quartermaster.post("/kiosks/", {"name": "Kiosk 1", "station": station.code})
    link = made.context["link"].partition("#")[2]
    kiosk = Client()
    kiosk.post("/kiosk/open/", {"link": link})
    return kiosk


def scanned(kiosk, raw):
    return kiosk.post("/kiosk/scan/", {"scan": str(uuid4()), "raw": raw}).json()


def tell(dock, sequence, camera, *, docked):
    """The dock says that a camera came into its bay, or left it, and what the camera says there."""
    kind = "docked" if docked else "undocked"
    told = [report(camera.serial, sequence=sequence, battery_percent=99)] if docked else []
    moved = event(camera.serial, kind=kind, sequence=sequence)
    carry(sender_of(dock), batch(*told, events=[moved], id=f"b{sequence}"), moment())


def count_of(quartermaster, station, *labels):
    """A count of the station in which these labels were scanned."""
    quartermaster.post("/counts/start/", {"station": station.code})
    count = Count.objects.get(station=station, closed_at=None)
    scans = [{"event_id": str(uuid4()), "raw": one} for one in labels]
    address = f"/api/v1/counts/{count.pk}/scans/"
    quartermaster.post(address, {"scans": scans}, content_type="application/json")
    return count


def test_a_camera_goes_out_comes_back_and_is_counted():
    station = a_station()
    station.pool = True
    station.save()
    dock = a_dock("D02", station)
    bay = dock.bays.order_by("position").first()
    camera = a_camera(533, station, moment(), home_bay=bay, health={"bay": bay, "sequence": 0})
    away = a_camera(534, station, moment())
    Officer.objects.create(badge_number="1031", station=station)
    quartermaster = browser(person(Role.QUARTERMASTER, station))
    kiosk = paired(quartermaster, station)

    shown = scanned(kiosk, "1031")
    assert shown["says"] == "Take C0533 from D02-1."
    tell(dock, 1, camera, docked=False)
    assert kiosk.get("/kiosk/now/", {"about": shown["scan"]}).json()["says"] == "You have C0533."
    held = Custody.objects.get(closed_at=None)
    assert (str(held.camera), str(held.officer)) == ("C0533", "1031")

    count = count_of(quartermaster, station)
    text = quartermaster.get(f"/counts/{count.pk}/now/").content.decode()
    assert "With 1031." in text
    tell(dock, 2, camera, docked=True)
    follow_docks(now=moment())
    assert not Custody.objects.filter(closed_at=None).exists()
    assert [one.via for one in CustodyEvent.objects.order_by("id")] == ["kiosk", "dock"]

    scans = {"scans": [{"event_id": str(uuid4()), "raw": camera.label}]}
    address = f"/api/v1/counts/{count.pk}/scans/"
    quartermaster.post(address, scans, content_type="application/json")
    done = quartermaster.post(f"/counts/{count.pk}/close/", {str(away): "At court"}, follow=True)
    text = done.content.decode()
    assert "1 of 2 cameras found, 1 missing." in text
    assert "At court" in text
