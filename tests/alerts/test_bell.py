"""The bell: the real socket, rung by the real sweep."""

import json
from datetime import timedelta

import pytest
from asgiref.sync import sync_to_async
from asgiref.testing import ApplicationCommunicator
from django.utils.timezone import now

from dashboard.bells import MOST_RUNG, bell
from devices.access.people import Visible
from devices.alerts import actions
from devices.alerts.models import Alert
from devices.health.models import DockHealth
from devices.roles import Role
from fleet.asgi import application
from tests.dashboard.boards import cookie_of
from tests.rows import a_dock, a_station, an_alert, looked, person

pytestmark = pytest.mark.django_db(transaction=True)


def socket(cookie, origin=b"http://testserver"):
    headers = [(b"host", b"testserver"), (b"origin", origin)]
    headers.append((b"cookie", f"sessionid={cookie}".encode()))
    scope = {
        "type": "websocket",
        "path": "/live/alerts",
        "raw_path": b"/live/alerts",
        "query_string": b"",
        "headers": headers,
        "subprotocols": [],
    }
    return ApplicationCommunicator(application, scope)


async def begin(talk):
    await talk.send_input({"type": "websocket.connect"})
    return await talk.receive_output(5)


async def heard(talk):
    event = await talk.receive_output(10)
    return json.loads(event["text"]) if event["type"] == "websocket.send" else event


@pytest.fixture
def dock():
    return a_dock("D01", a_station(), bays=1)


def a_commander(dock):
    return cookie_of(person(Role.COMMANDER, dock.station))


def fails(dock):
    at = now()
    DockHealth.objects.create(dock=dock, hearing="silent", heard_at=at - timedelta(hours=1))
    actions.sweep(now=at)


def test_however_much_is_in_hand_the_bell_says_how_grave_what_calls_is():
    at = now()
    an_alert("fault_critical", "C0009", "critical", minutes=90)
    an_alert("clock_wrong", "C0010", "minor", minutes=60, words="Its clock is wrong.")
    Alert.objects.bulk_create(
        Alert(rule="dock_silent", subject=f"dock:{n}", name=f"{n}", severity="major", began_at=at,
              fired_at=at, seen_at=at, acknowledged_at=at)
        for n in range(MOST_RUNG)
    )  # fmt: skip

    rung = bell(Visible(), at)

    assert (rung.calling, rung.worst, rung.newest) == (2, "critical", "Its clock is wrong.")


async def test_the_bell_rings_when_something_goes_wrong(dock):
    talk = socket(await sync_to_async(a_commander)(dock))
    await begin(talk)
    assert (await heard(talk))["calling"] == 0

    await sync_to_async(fails)(dock)

    while (rung := await heard(talk))["calling"] == 0:
        pass
    assert (rung["worst"], rung["newest"]) == ("major", "Dock D01 does not report.")
    await talk.send_input({"type": "websocket.disconnect", "code": 1000})


async def test_the_bell_says_that_nobody_looks_until_somebody_does(dock):
    talk = socket(await sync_to_async(a_commander)(dock))
    await begin(talk)
    assert (await heard(talk))["unlooked"] == "NOT YET LOOKED AT"

    await sync_to_async(fails)(dock)

    while (rung := await heard(talk))["calling"] == 0:
        pass
    assert rung["unlooked"] == ""
    await talk.send_input({"type": "websocket.disconnect", "code": 1000})


@pytest.mark.django_db
def test_a_page_reads_itself_anew_when_nobody_looks_any_more():
    at = now()
    looked(at)
    marks = [bell(Visible(), at + timedelta(seconds=after)) for after in (0, 14, 16, 60)]

    assert marks[0] == marks[1]
    assert marks[2] == marks[3]
    assert marks[1].version != marks[2].version
    assert marks[2].unlooked.startswith("NOT LOOKED AT since ")


@pytest.mark.django_db
def test_the_bell_says_what_nobody_took_and_the_page_reads_itself_anew():
    for name in ("D01", "D02"):
        an_alert("dock_silent", name)
    before = bell(Visible(), now())
    assert before.untaken == ""

    Alert.objects.filter(name="D01").update(escalated_at=now())

    after = bell(Visible(), now())
    assert (after.calling, after.untaken) == (2, "1 that nobody took for 15 min")
    assert after.version != before.version


async def test_a_bell_of_a_foreign_page_is_refused(dock):
    talk = socket(await sync_to_async(a_commander)(dock), b"http://evil.example")

    assert (await begin(talk))["type"] == "websocket.close"


@pytest.mark.parametrize("role", [Role.OFFICER, Role.ADMINISTRATOR])
async def test_whom_alerts_do_not_concern_hears_none(dock, role):
    cookie = await sync_to_async(lambda: cookie_of(person(role, dock.station)))()
    talk = socket(cookie)
    await begin(talk)

    assert (await heard(talk))["code"] == 4403


async def test_a_bell_is_listened_to_and_not_spoken_to(dock):
    talk = socket(await sync_to_async(a_commander)(dock))
    await begin(talk)
    await heard(talk)

    await talk.send_input({"type": "websocket.receive", "text": "{}"})

    while "calling" in (said := await heard(talk)):
        pass
    assert said["code"] == 1008
