"""One camera's page: what it says, to whom, how old, and what it costs."""

import re
from datetime import timedelta

import pytest
from django.db import transaction
from django.test import Client
from django.utils.timezone import localtime, now

from devices import ledger
from devices.health.models import CameraHealth, EarlierBoot, Interval, Placement, Reading
from devices.inventory.models import Officer
from devices.roles import Role
from devices.roster.models import Duty, Shift, ShiftKind
from tests import rows
from tests.health.test_history import reading

pytestmark = pytest.mark.django_db
ADDRESS = "/cameras/C0417/"
HOUR = timedelta(hours=1)


def client_of(role, *stations, **fields):
    client = Client()
    client.force_login(rows.person(role, *stations, **fields))
    return client


@pytest.fixture
def hq():
    return rows.a_station()


@pytest.fixture
def dock(hq):
    return rows.a_dock("D03", hq)


@pytest.fixture
def it(hq):
    return client_of(Role.IT)


def a_camera(hq, bay=None, **fields):
    health = {"bay": bay, **fields.pop("health", {})}
    return rows.a_camera(417, hq, now(), home_bay=bay, health=health, **fields)


def text(html: bytes) -> str:
    plain = re.sub(r"<[^>]+>", "", re.sub(r"<time[^>]*>[^<]*</time>", "AGE", html.decode()))
    return re.sub(r"\s+", " ", plain)


def page(client, address=ADDRESS) -> str:
    response = client.get(address)
    assert response.status_code == 200
    return text(response.content)


@pytest.mark.parametrize(
    ("role", "status"),
    [
        (Role.QUARTERMASTER, 200),
        (Role.IT, 200),
        (Role.COMMANDER, 200),
        (Role.OFFICER, 403),
        (Role.AUDITOR, 200),
        (Role.ADMINISTRATOR, 403),
        (None, 403),
    ],
)
@pytest.mark.parametrize("address", [ADDRESS, f"{ADDRESS}now/"])
def test_the_page_opens_to_the_roles_of_the_matrix(hq, role, status, address):
    a_camera(hq)

    assert client_of(role, hq).get(address).status_code == status


@pytest.mark.parametrize("address", [ADDRESS, f"{ADDRESS}now/"])
def test_a_camera_of_another_station_does_not_exist(hq, address):
    a_camera(hq)
    north = rows.a_station("N", "North")

    assert client_of(Role.QUARTERMASTER, north).get(address).status_code == 404


def test_an_officer_opens_the_own_camera_alone(hq):
    officer = Officer.objects.create(badge_number="212", station=hq)
    a_camera(hq, officer=officer)
    rows.a_camera(418, hq, now())
    client = client_of(Role.OFFICER, officer=officer)

    assert client.get(ADDRESS).status_code == 200
    assert client.get("/cameras/C0418/").status_code == 404


@pytest.mark.parametrize("address", ["/cameras/C0999/", "/cameras/C999999999/", "/cameras/x/"])
def test_no_such_camera_is_404(it, address):
    assert it.get(address).status_code == 404


def test_a_plain_number_finds_it_too(it, hq):
    a_camera(hq)

    assert it.get("/cameras/417/").status_code == 200


@pytest.mark.parametrize(
    ("health", "service", "said"),
    [
        (
            {"battery_state": "charging", "battery_percent": 64},
            {},
            "C0417 is charging in D03-5: 64 %, heard AGE ago.",
        ),
        ({}, {}, "C0417 is docked in D03-5: 100 %, heard AGE ago."),
        (
            {"docked": False, "mode": "buffering", "battery_percent": 70},
            {},
            "C0417 is out: 70 %, heard AGE ago.",
        ),
        (
            {"docked": False, "mode": "recording", "battery_percent": 70},
            {},
            "C0417 is recording: 70 %, heard AGE ago.",
        ),
        (
            {"docked": False, "hearing": "silent"},
            {},
            "C0417 is out. It was last heard AGE ago.",
        ),
        (
            {"hearing": "silent", "battery_percent": 64},
            {},
            "C0417 has been silent in D03-5 for AGE; its battery was 64 % then.",
        ),
        (
            {},
            {"service_state": "in_repair", "service_note": "lens scratched"},
            "C0417 is in repair: lens scratched. It was last heard AGE ago.",
        ),
        ({}, {"service_state": "lost"}, "C0417 is lost. It was last heard AGE ago."),
        ({}, {"service_state": "retired"}, "C0417 is retired."),
    ],
)
def test_the_sentence_says_where_it_is_and_how_we_know(it, hq, dock, health, service, said):
    a_camera(hq, dock.bays.get(position=5), health=health, **service)

    assert said in page(it)


def test_a_camera_nobody_heard_of_is_said_to_be_unknown_with_the_reason(it, hq):
    rows.a_camera(417, hq, now())

    html = page(it)

    assert "C0417 has never been heard." in html
    assert "unknown never reported" in html
    assert "No battery reading in the last 24 hours." in html


def test_a_displaced_camera_is_nowhere_known(it, hq, dock):
    bay = dock.bays.get(position=5)
    a_camera(hq, bay, health={"placed_at": now() - timedelta(hours=1)})
    rows.a_camera(418, hq, now(), health={"bay": bay, "placed_at": now()})

    assert "it was last seen in D03-5, where another camera is now." in page(it)


def test_old_values_are_struck_through_and_lasting_ones_are_not(it, hq):
    then = now() - timedelta(hours=3)
    a_camera(hq, health={"docked": False, "measured_at": then, "battery_percent": 63})

    html = it.get(ADDRESS).content.decode()

    assert '<s class="stale">63 %, full</s>' in html
    assert '<s class="stale">4.2.1</s>' not in html


def test_a_wrong_clock_is_told_with_both_times(it, hq):
    at = now()
    a_camera(hq, health={"clock_wrong": True, "device_time": at.replace(year=1999, day=1)})

    html = page(it)

    assert "Its clock is wrong. It said 1999-" in html
    assert f"when it was {at.year}-" in html


def test_faults_are_said_beside_the_sentence(it, hq):
    a_camera(hq, health={"faults": ["lens_blocked"]})

    assert "Fault: Lens is covered" in page(it)


def test_reports_that_never_came_are_listed(it, hq):
    camera = a_camera(hq, health={"boot": 7, "received": [0, 40, 44, 90]})
    EarlierBoot.objects.create(camera=camera, boot=6, received=[3, 3, 9, 12])

    html = page(it)

    assert "8 reports never came" in html
    assert "741433" in html
    assert "6485" in html


def test_badges_are_shown_only_to_who_may_see_them(it, hq):
    a_camera(hq, officer=Officer.objects.create(badge_number="5512", station=hq))

    assert not re.search(r"\b5512\b", page(it))
    assert "badge 5512" in page(client_of(Role.QUARTERMASTER, hq))


def test_the_ledger_of_the_camera_is_shown_to_the_auditor_alone(it, hq):
    a_camera(hq)
    with transaction.atomic():
        ledger.record("took out of service", "C0417", by=None, now=now(), reason="lens")

    assert "took out of service" not in page(it)
    assert "took out of service: lens" in page(client_of(Role.AUDITOR))


def test_reports_are_paged_from_the_newest(it, hq):
    camera, at = a_camera(hq), now()
    Reading.objects.bulk_create(
        reading(camera, at - timedelta(minutes=n), sequence=1000 - n) for n in range(60)
    )

    first = it.get(ADDRESS).content.decode()
    link = re.search(r'href="(\?[^"]+)#reports-title">Older', first)

    assert "1.1000" in first
    assert "1.975<" not in first
    if link is None:
        pytest.fail("no older page")
    older = it.get(ADDRESS + link[1].replace("&amp;", "&")).content.decode()
    assert "1.975<" in older
    assert "1.1000" not in older


def test_reports_can_be_asked_by_time(it, hq):
    camera, at = a_camera(hq), now()
    Reading.objects.bulk_create(
        [reading(camera, at, sequence=1), reading(camera, at - timedelta(days=9), sequence=2)]
    )

    html = it.get(f"{ADDRESS}?until={(at - timedelta(days=5)):%Y-%m-%dT%H:%M}").content.decode()

    assert "1.2<" in html
    assert "1.1<" not in html


def test_a_time_that_is_none_is_said_beside_its_field(it, hq):
    a_camera(hq)

    assert "Write a day and a time, such as 2026-11-24T06:55." in page(it, f"{ADDRESS}?since=soon")


@pytest.mark.parametrize("asked", ["window=9y", "before=x~y", "before=2026-11-24~1", "before=%00"])
def test_an_address_that_was_never_ours_breaks_nothing(it, hq, asked):
    a_camera(hq)

    assert it.get(f"{ADDRESS}?{asked}").status_code == 200


def test_its_history_says_of_each_state_who_knows_it_and_when_it_was_noticed(it, hq):
    """It was out until it docked four hours ago; that was told by a late batch. What it does since
    it was last heard is not written down."""
    camera, at = a_camera(hq), now()
    for hours in (6, 5.9, 5.8):
        reading(camera, at - hours * HOUR, docked=False, mode="buffering").save()
    reading(camera, at - 4 * HOUR, docked=True, mode="off").save()
    noticed = at - timedelta(hours=1)
    Interval.objects.create(
        camera=camera, state="out", from_at=at - timedelta(days=9), until_at=at - 5 * HOUR,
        heard=True, cause="report", detected_at=noticed,
    )  # fmt: skip

    table = it.get(ADDRESS).content.decode().split("States as a table")[1].split("</table>")[0]

    rows_ = [re.sub(r"<[^>]+>", " ", row) for row in table.split("<tr>")[2:]]
    assert any("Out" in row and f"{localtime(noticed):%H:%M}" in row for row in rows_)
    assert any("Unknown" in row and "not written down" in row for row in rows_)
    assert "not written down yet" not in table  # some of it never will be


def test_a_month_of_history_costs_what_a_day_costs(it, hq, django_assert_max_num_queries):
    camera, at = a_camera(hq), now()
    Reading.objects.bulk_create(
        reading(camera, at - timedelta(minutes=15 * n), mode=["off", "buffering"][n % 2])
        for n in range(2880)
    )
    Placement.objects.create(camera=camera, docked=True, at=at, received_at=at)

    it.get(ADDRESS)

    # Two for its custody, three for its profile, two for its updates, one for when it was noticed.
    with django_assert_max_num_queries(27):
        html = it.get(f"{ADDRESS}?window=30d").content

    assert len(html) < 700_000


def test_what_devices_say_is_shown_as_text(it, hq):
    camera = a_camera(hq, health={"firmware_version": "<script>alert(1)</script>"})
    CameraHealth.objects.filter(pk=camera.pk).update(faults=["<img src=x>"])
    camera.codes.create(value="<b>&code")

    for address in (ADDRESS, f"{ADDRESS}now/"):
        html = it.get(address).content.decode()
        assert "<script>alert" not in html
        assert "<img src=x>" not in html
        assert "<b>&code" not in html


def test_the_facts_alone_can_be_asked_again_and_are_never_kept(it, hq):
    a_camera(hq)

    response = it.get(f"{ADDRESS}now/")

    assert response["Cache-Control"] == "no-store"
    assert "<html" not in response.content.decode()


def change(client, to, reason="dropped"):
    return client.post(f"{ADDRESS}service/", {"to": to, "reason": reason}, follow=True)


@pytest.mark.parametrize(
    ("role", "status"),
    [
        (Role.QUARTERMASTER, 302),
        (Role.IT, 302),
        (Role.COMMANDER, 302),
        (Role.OFFICER, 403),
        (Role.AUDITOR, 403),
        (Role.ADMINISTRATOR, 403),
        (None, 403),
    ],
)
def test_service_is_changed_by_the_roles_of_the_matrix(hq, role, status):
    camera = a_camera(hq)
    form = {"to": "out_of_service", "reason": "lens"}

    assert client_of(role, hq).post(f"{ADDRESS}service/", form).status_code == status

    camera.refresh_from_db()
    assert (camera.service_state == "out_of_service") == (status == 302)


def test_service_at_another_station_is_not_found(hq):
    camera = a_camera(hq)
    client = client_of(Role.QUARTERMASTER, rows.a_station("N", "North"))

    assert change(client, "lost").status_code == 404
    camera.refresh_from_db()
    assert camera.service_state == "in_service"


def test_a_reason_stays_with_the_camera_and_in_the_ledger(it, hq):
    a_camera(hq)

    html = text(change(it, "out_of_service", "lens scratched.").content)

    assert "C0417 is out of service: lens scratched. " in html
    assert "taken out of service: lens scratched" in page(client_of(Role.AUDITOR))


def test_back_in_service_the_note_is_gone(it, hq):
    camera = a_camera(hq, service_state="lost", service_note="left in a car")

    change(it, "in_service", "found")

    camera.refresh_from_db()
    assert (camera.service_state, camera.service_note) == ("in_service", "")


@pytest.mark.parametrize(
    ("to", "reason", "said"),
    [
        ("in_service", "why not", "C0417 is in service; it cannot become in service."),
        ("lost", " ", "Say why in a few words; it stays with the camera."),
        ("in_repair", "lens", "Choose what to do."),
        ("retired", "old", "Choose what to do."),
        ("", "x", "Choose what to do."),
        ("lost", "x\0y", "Null characters are not allowed."),
    ],
)
def test_what_cannot_be_is_refused_with_a_sentence(it, hq, to, reason, said):
    camera = a_camera(hq)

    assert said in text(change(it, to, reason).content)
    camera.refresh_from_db()
    assert camera.service_state == "in_service"


def test_only_moves_that_lead_somewhere_are_offered(it, hq):
    a_camera(hq, service_state="in_repair")

    html = page(it)

    assert "Back in service" in html
    assert "Send to repair" not in html


def test_a_retired_camera_offers_nothing(it, hq):
    rows.a_camera(417, hq, now(), service_state="retired", model=rows.a_model(radio=False))

    assert 'id="acts-title"' not in it.get(ADDRESS).content.decode()


def test_the_page_says_whether_the_camera_is_ready_and_every_reason(it, hq):
    rows.a_camera(417, hq, now(), health={"battery_percent": 40, "clock_wrong": True})

    html = page(it, "/cameras/417/")

    assert "Not ready:" in html
    assert "C0417 has 4.3 h of battery; the shift needs 8.8 h." in html
    assert "C0417&#x27;s clock is wrong." in html


def test_the_page_says_why_a_camera_is_silent_with_the_evidence(it, hq):
    officer = Officer.objects.create(badge_number="1017", station=hq)
    left = now() - timedelta(hours=2)
    health = {"docked": False, "placed_at": left, "measured_at": left, "heard_at": left}
    model = rows.a_model(radio=False)
    rows.a_camera(417, hq, now(), officer=officer, model=model, health=health)
    kind = ShiftKind.objects.create(code="D", name="Day", begins="07:00", ends="15:00")
    span = {"begins_at": left, "ends_at": left + timedelta(hours=8)}
    shift = Shift.objects.create(station=hq, kind=kind, on=left.date(), **span)
    Duty.objects.create(shift=shift, officer=officer, source="by_hand", **span)

    html = page(it, "/cameras/417/")

    assert "C0417 is out and has no radio: it is silent until it is docked." in html
    assert "That is normal." in html
    assert "It is due back:" in html
    assert "Ready for a usual shift" not in html


def test_what_came_late_is_as_old_as_it_is_and_not_as_its_coming(it, hq):
    at = now()
    left_at, said_at = at - timedelta(hours=7), at - timedelta(hours=7, minutes=5)
    told = {"measured_at": said_at, "received_at": at, "heard_at": at, "battery_percent": 97}
    a_camera(hq, health={"docked": False, "placed_at": left_at, **told})

    html = it.get(ADDRESS).content.decode()

    aged = rf'97 %, full</s></td><td [^>]*><time [^>]*datetime="{said_at:%Y-%m-%dT%H:%M}'
    assert re.search(aged, html)
    assert "C0417 is out. It left AGE ago." in page(it)
