"""The policy page: who may decide, what a preview says of tonight, and what is refused."""

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client
from django.utils.timezone import now

from dashboard import fault_facts
from devices.access.people import Visible
from devices.custody import actions as custody
from devices.custody.actions import Terms, Told
from devices.department import actions, current
from devices.department.models import PolicyVersion
from devices.department.rules import DECIDABLE, in_unit
from devices.desk import overdue
from devices.faults.models import Fault, Repair
from devices.health.models import CameraHealth
from devices.inventory.models import Officer, Station
from devices.roles import Role
from devices.roster.models import Duty, Shift, ShiftKind
from tests import rows

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def commander() -> User:
    return rows.person(Role.COMMANDER, name="morgan")


@pytest.fixture
def tonight() -> Shift:
    """Three officers whose cameras hold 10.9 h, and a shift of eight hours that begins soon."""
    at = now()
    station = rows.a_station()
    kind = ShiftKind.objects.create(code="E", name="Evening", begins="15:00", ends="23:00")
    begins_at = at + timedelta(hours=1)
    shift = Shift.objects.create(
        station=station,
        kind=kind,
        on=begins_at.date(),
        begins_at=begins_at,
        ends_at=begins_at + timedelta(hours=8),
    )
    for badge in (401, 402, 403):
        officer = Officer.objects.create(badge_number=str(badge), station=station)
        Duty.objects.create(
            shift=shift,
            officer=officer,
            begins_at=shift.begins_at,
            ends_at=shift.ends_at,
            source="by_hand",
        )
        percent = 97 if badge == 401 else 100
        health = {
            "battery_percent": percent,
            "battery_state": "discharging",
            "battery_health_percent": 100,
        }
        rows.a_camera(badge, station, at, officer=officer, health=health)
    return shift


def form(based_on: int = 0, reason: str = "Longer winter nights", **changes: Any) -> dict[str, Any]:
    numbers = {one.name: in_unit(one, settings.POLICY) for one in DECIDABLE}
    return {**numbers, "reason": reason, "based_on": based_on, **changes}


def asked(user: User, step: str, sent: dict[str, Any]) -> Any:
    client = Client()
    client.force_login(user)
    return client.post(f"/policy/{step}/", sent)


def said(response: Any) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", "", response.content.decode())))


def page(user: User) -> str:
    client = Client()
    client.force_login(user)
    return said(client.get("/policy/"))


@pytest.mark.parametrize(
    ("role", "sees", "decides"),
    [
        (Role.COMMANDER, 200, 200),
        (Role.QUARTERMASTER, 200, 403),
        (Role.IT, 200, 403),
        (Role.AUDITOR, 200, 403),
        (Role.OFFICER, 403, 403),
        (Role.ADMINISTRATOR, 403, 403),
    ],
)
def test_who_may_see_and_who_may_decide(role: Role, sees: int, decides: int):
    person = rows.person(role)
    client = Client()
    client.force_login(person)
    changed = form(battery_spare=60)

    assert client.get("/policy/").status_code == sees
    assert client.post("/policy/preview/", changed).status_code == decides
    decided = client.post("/policy/decide/", changed).status_code
    assert decided == (302 if decides == 200 else 403)
    assert PolicyVersion.objects.exists() == (decides == 200)


def test_every_number_has_its_unit_default_and_reason(commander: User):
    html = page(commander)

    assert f"Nobody has decided a number yet; all {len(DECIDABLE)} are the defaults." in html
    for one in DECIDABLE:
        assert one.label in html
        assert one.why in html
        assert f"{in_unit(one, settings.POLICY)} {one.unit.value}" in html


def test_a_preview_names_the_cameras_that_would_no_longer_be_ready(commander: User, tonight: Shift):
    response = asked(commander, "preview", form(battery_spare=170))

    assert response.status_code == 200
    assert "1 camera would no longer be ready: C0401." in said(response)
    assert "3 → 2 of 3" in said(response)
    assert "Battery beyond the end of a shift: 30 → 170 minutes" in said(response)
    assert not PolicyVersion.objects.exists()


def test_a_policy_that_leaves_no_camera_ready_is_loud_and_asked_for_twice(
    commander: User, tonight: Shift
):
    changed = form(battery_spare=240)

    preview = asked(commander, "preview", changed)
    unsure = asked(commander, "decide", changed)
    assert not PolicyVersion.objects.exists()
    sure = asked(commander, "decide", changed | {"sure": "on"})

    assert "No camera would be ready for any coming shift." in said(preview)
    assert unsure.status_code == 422
    assert "Nothing was decided: say below that you are sure." in said(unsure)
    assert sure.status_code == 302
    assert PolicyVersion.objects.get().decided == {"battery_spare": 240 * 60}


def test_without_a_coming_shift_the_fleet_is_judged_as_it_is(commander: User):
    rows.a_camera(
        7, rows.a_station(), now(), health={"battery_percent": 97, "battery_health_percent": 100}
    )

    response = asked(commander, "preview", form(battery_spare=170))

    assert "No shift is coming" in said(response)
    assert "would no longer be ready: C0007." in said(response)


def test_a_looser_policy_says_which_cameras_become_ready(commander: User, tonight: Shift):
    actions.decide({"battery_spare": 170}, reason="x", based_on=0, by=None, now=now())

    response = asked(commander, "preview", form(based_on=1, battery_spare=30))

    assert "1 camera would become ready: C0401." in said(response)


def test_a_decision_is_listed_with_who_when_why_and_what(commander: User, tonight: Shift):
    asked(commander, "decide", form(battery_spare=60))
    asked(commander, "decide", form(based_on=1, battery_spare=60, charged_percent=90))

    html = page(commander)

    assert "Version 2 of the department's numbers is in force" in html
    assert f"2 of {len(DECIDABLE)} differ from the default" in html
    assert re.search(r"Version 2 \d\d \w+ \d\d:\d\d, morgan Longer winter nights", html)
    assert "Shown as charged from: 95 → 90 percent" in html
    assert html.count("Battery beyond the end of a shift: 30 → 60 minutes") == 1


def test_nobody_decides_over_what_they_did_not_see(commander: User, tonight: Shift):
    asked(commander, "decide", form(battery_spare=60))

    asked(commander, "decide", form(based_on=0, battery_spare=90))

    assert [one.number for one in PolicyVersion.objects.all()] == [1]


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"battery_spare": "lots"}, "is a whole number of minutes between 0 and 240."),
        ({"battery_spare": "-1"}, "is a whole number of minutes between 0 and 240."),
        ({"charged_percent": "101"}, "is a whole number of percent between 50 and 100."),
        ({"battery_spare": ""}, "is a whole number of minutes between 0 and 240."),
        ({"reason": " "}, "Say why in a few words"),
        ({"battery_spare": 60, "reason": "a\0b"}, "Null characters are not allowed."),
    ],
)
@pytest.mark.parametrize("step", ["preview", "decide"])
def test_bad_input_is_said_beside_its_field_and_changes_nothing(
    commander: User, step: str, wrong: dict[str, Any], sentence: str
):
    response = asked(commander, step, form(**wrong))

    assert response.status_code == 422
    assert sentence in said(response)
    assert not PolicyVersion.objects.exists()


def test_nothing_to_change_is_said(commander: User):
    response = asked(commander, "preview", form())

    assert response.status_code == 302
    assert not PolicyVersion.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_decision_is_in_force_at_every_door(commander: User):
    station = Station.objects.create(code="HQ", name="Headquarters")
    rows.a_camera(1, station, now(), health={"battery_percent": 97, "battery_health_percent": 100})
    client = Client()
    client.force_login(commander)
    commander.postings.create(station=station)
    before = client.get("/").content.decode()

    asked(commander, "decide", form(battery_spare=170, sure="on"))

    assert 'data-ready="yes"' in before
    assert 'data-ready="no"' in client.get("/").content.decode()
    assert current.policy().battery_spare == timedelta(minutes=170)


@pytest.fixture
def late(commander: User) -> Station:
    """A spare due an hour ago, one due two days ago; a major fault seen eight days ago, a critical
    one seen two days ago; a camera in repair for ten days."""
    at, station = now(), rows.a_station()
    for number, hours in ((1, 1), (2, 48)):
        officer = Officer.objects.create(badge_number=f"90{number}", station=station)
        camera = rows.a_camera(number, station, at - 90 * HOUR, health={})
        terms = Terms(due_at=at - hours * HOUR)
        told = Told(by=None, now=at - 60 * HOUR, via="import")
        custody.check_out(camera, officer, terms, told=told)
    camera = rows.a_camera(3, station, at - 300 * HOUR, health={})
    for code, severity, days in (("battery", "major", 8), ("lens", "critical", 2)):
        opened_at = at - days * 24 * HOUR
        Fault.objects.create(
            camera=camera, code=code, severity=severity, state="acknowledged",
            opened_at=opened_at, acknowledge_by=opened_at, acknowledged_at=opened_at,
        )  # fmt: skip
    Repair.objects.create(
        camera=camera, maintainer="Maker", reason="Lens", cannot_sanitise="No boot",
        approved_by=commander, sent_at=at - 240 * HOUR,
    )  # fmt: skip
    return station


@pytest.mark.parametrize(
    ("changes", "sentences"),
    [
        (
            {"overdue_after": 120},
            ["overdue: 2 → 1", "of them missing: 1 → 1", "Own cameras not docked: 0 → 0"],
        ),
        ({"missing_after": 72}, ["given out and overdue: 2 → 2", "of them missing: 1 → 0"]),
        ({"mend_critical_within": 72}, ["Faults not mended in time: 2 → 1"]),
        ({"mend_major_within": 14, "mend_critical_within": 72}, ["not mended in time: 2 → 0"]),
        ({"repair_at_most": 7}, ["Cameras too long in repair: 0 → 1"]),
        ({"acknowledge_major_within": 30}, ["it holds for faults told from now on"]),
    ],
)
def test_a_preview_says_what_would_be_late(
    commander: User, late: Station, changes: dict[str, int], sentences: list[str]
):
    preview = said(asked(commander, "preview", form(**changes)))

    assert "What would be late now" in preview
    for sentence in sentences:
        assert sentence in preview


def test_a_preview_of_what_makes_nothing_late_says_nothing_of_it(commander: User, late: Station):
    assert "late now" not in said(asked(commander, "preview", form(battery_spare=60)))


def test_what_its_preview_said_would_be_late_is_late_once_it_is_decided(
    commander: User,
    late: Station,
    django_capture_on_commit_callbacks,  # type: ignore[no-untyped-def]
):
    client = Client()
    client.force_login(commander)
    commander.postings.create(station=late)
    assert "for more than" not in said(client.get("/repairs/"))

    with django_capture_on_commit_callbacks(execute=True):
        asked(commander, "decide", form(repair_at_most=7, mend_critical_within=72))

    text = said(client.get("/repairs/"))
    assert "1 camera is away for repair, 1 for more than 7 days." in text
    lines = Fault.objects.within(Visible(frozenset({late.pk}))).timed()
    assert [one.code for one in lines.unmended(current.policy(), now())] == ["battery"]
    assert [
        one.code for one in lines if fault_facts.line(one, current.policy(), now()).overdue
    ] == ["battery"]


def test_a_preview_counts_own_cameras_beyond_what_the_page_lists(
    commander: User, late: Station, monkeypatch: pytest.MonkeyPatch
):
    at = now()
    officer = Officer.objects.create(badge_number="903", station=late)
    camera = rows.a_camera(4, late, at - 90 * HOUR, health={})
    told = Told(by=commander, now=at - 60 * HOUR, reason="Standing issue")
    custody.assign(camera, officer, told=told)
    rows.a_duty_at(late, officer, at - 9 * HOUR, at - HOUR)
    CameraHealth.objects.filter(camera=camera).update(docked=False, moved_at=at - 9 * HOUR)
    monkeypatch.setattr(overdue, "MOST", 0)

    preview = said(asked(commander, "preview", form(overdue_after=120)))

    assert "Own cameras not docked: 1 → 0" in preview


@pytest.mark.parametrize("people", [3, 30])
def test_a_preview_costs_the_same_whatever_the_shift(
    commander: User,
    tonight: Shift,
    django_assert_max_num_queries,  # type: ignore[no-untyped-def]
    people: int,
):
    for number in range(500, 500 + people):
        rows.a_camera(number, tonight.station, now(), health={})
    client = Client()
    client.force_login(commander)
    client.get("/policy/")

    with django_assert_max_num_queries(8):
        client.post("/policy/preview/", form(battery_spare=60))
    every_limit = form(overdue_after=60, missing_after=48, mend_major_within=9, repair_at_most=9)
    with django_assert_max_num_queries(8 + 5 * 2):
        client.post("/policy/preview/", every_limit)
