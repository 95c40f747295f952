"""Ten seconds at roll call: what the page says, and what can be done there."""

from datetime import timedelta

import pytest
from django.utils.timezone import localtime, now

from devices.faults.models import Fault, PreShiftTest
from devices.inventory.models import Camera, Officer, ServiceState
from devices.ledger import LedgerEntry
from devices.policy import Policy
from devices.readiness import outcomes
from devices.roles import Role
from devices.roster.models import Duty, InHand, Inspection, Outcome, Shift, StandIn
from tests import rows
from tests.readiness.test_shifts import FLAT, HOUR, a_shift, a_spare, on

pytestmark = pytest.mark.django_db


@pytest.fixture
def at():
    return now()


@pytest.fixture
def station():
    return rows.a_station()


@pytest.fixture
def day(station, at):
    """A shift within the hour: one ready, one flat, one out, one without a camera; two spares."""
    shift = a_shift(station, at + timedelta(minutes=45), name="Day", reserve=1)
    on(shift, 1001, at, {})
    on(shift, 1002, at, FLAT)
    long_ago = at - 10 * HOUR
    on(
        shift,
        1003,
        at,
        {
            "docked": False,
            "mode": "off",
            "bay": None,
            "since": long_ago,
            "placed_at": long_ago,
            "heard_at": long_ago,
        },
    )
    on(shift, 1004, at)
    a_spare(2001, station, at)
    a_spare(2002, station, at)
    return shift


@pytest.fixture
def commander(client, station, day):
    user = rows.person(Role.COMMANDER, station)
    client.force_login(user)
    return user


def page(client, **asked):
    return client.get("/shift/", asked).content.decode()


def test_the_sentence_comes_first(client, commander):
    said = page(client)

    assert "Day shift: 4 rostered, 1 ready." in said
    assert "1 officer has no camera." in said
    assert "2 spares ready." in said
    assert "badge 1002" in said
    assert "Called Patrol 3" in said


def test_everybody_begins_where_their_work_is(client, station, day):
    begins = ((Role.COMMANDER, "/shift/"), (Role.IT, "/"), (Role.QUARTERMASTER, "/desk/"))
    for role, address in begins:
        user = rows.person(role, station)
        user.set_password("correct horse battery")
        user.save()
        words = {"username": user.username, "password": "correct horse battery"}
        client.logout()
        assert client.post("/sign-in/", words)["Location"] == address


def officer(day, badge):
    return day.duties.get(officer__badge_number=badge).officer_id


def test_a_spare_is_offered_in_one_tap_and_freed_again(client, commander, day, station):
    spare = station.cameras.get(number=2001)
    words = {"officer": officer(day, 1002), "camera": spare.pk}

    said = client.post(f"/shift/{day.pk}/offer/", words, follow=True).content.decode()

    assert StandIn.objects.get(ended_at=None).offered_by == commander
    assert "Day shift: 4 rostered, 2 ready." in said
    assert "Stand in" in said
    client.post(f"/shift/{day.pk}/free/", {"officer": words["officer"]})
    assert "4 rostered, 1 ready" in page(client)


def test_a_spare_for_a_camera_with_a_critical_fault_is_kept_with_the_fault(
    client, commander, day, station, at
):
    own = Camera.objects.get(number=1002)
    minor, fault = (
        Fault.objects.create(
            camera=own, code=code, severity=severity, opened_at=at, acknowledge_by=at
        )
        for code, severity in (("screen", "minor"), ("lens", "critical"))
    )
    for badge, number in ((1002, 2001), (1004, 2002)):
        spare = station.cameras.get(number=number)
        words = {"officer": officer(day, badge), "camera": spare.pk}
        client.post(f"/shift/{day.pk}/offer/", words)

    kept = StandIn.objects.order_by("offered_at").values_list("fault", flat=True)
    assert list(kept) == [fault.pk, None]
    assert not minor.stand_ins.exists()


def test_two_officers_are_never_promised_one_spare(client, commander, day, station):
    spare = station.cameras.get(number=2001)
    for badge in (1002, 1004):
        words = {"officer": officer(day, badge), "camera": spare.pk}
        said = client.post(f"/shift/{day.pk}/offer/", words, follow=True).content.decode()

    assert "C2001 is promised to 1002" in said
    assert StandIn.objects.count() == 1


def test_what_somebody_does_about_it_is_seen_by_all(client, commander, day):
    words = {"officer": officer(day, 1003), "words": "Called <i>Patrol 3</i>."}

    said = client.post(f"/shift/{day.pk}/in-hand/", words, follow=True).content.decode()

    assert InHand.objects.get().by == commander
    assert "Called &lt;i&gt;Patrol 3&lt;/i&gt;." in said


def test_an_inspection_keeps_what_the_screen_said(client, commander, day):
    said = client.post(f"/shift/{day.pk}/inspected/", follow=True).content.decode()

    found = Inspection.objects.get().found
    assert found["sentence"].startswith("Day shift: 4 rostered, 1 ready.")
    assert [one["camera"] for one in found["exceptions"]] == ["C1002", "C1003", "No camera"]
    assert "Inspected" in said
    assert LedgerEntry.objects.filter(verb="shift inspected", actor=commander).exists()


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("offer", {}),
        ("offer", {"officer": "x", "camera": "1"}),
        ("offer", {"officer": 2**70, "camera": 1}),
        ("in-hand", {"words": "Hello"}),
        ("free", {"officer": 1}),
    ],
)
def test_what_is_not_there_is_not_found(client, commander, day, address, words):
    assert client.post(f"/shift/{day.pk}/{address}/", words).status_code == 404
    assert client.post(f"/shift/{2**63}/{address}/", words).status_code == 404


def test_a_shift_of_another_station_does_not_exist(client, commander, at):
    north = rows.a_station("N", "North")
    shift = a_shift(north, at + HOUR, name="Day")

    assert "North" not in page(client)
    assert client.post(f"/shift/{shift.pk}/inspected/").status_code == 404
    assert client.get(f"/shift/{shift.pk}/roll-call/").status_code == 404


@pytest.mark.parametrize("role", [Role.IT, Role.AUDITOR, Role.QUARTERMASTER])
def test_others_read_and_do_nothing(client, day, station, role):
    client.force_login(rows.person(role, station))

    said = page(client)

    assert "4 rostered" in said
    assert "Inspection done" not in said
    assert ("badge 1002" in said) == (role is not Role.IT)
    assert client.post(f"/shift/{day.pk}/inspected/").status_code == 403
    assert not Inspection.objects.exists()


@pytest.mark.parametrize("role", [Role.OFFICER, Role.ADMINISTRATOR])
def test_whom_it_does_not_concern_is_kept_out(client, day, station, role):
    client.force_login(rows.person(role, station))

    assert client.get("/shift/").status_code == 403


def test_nobody_rostered_and_nothing_planned_say_what_comes_next(client, station, at):
    client.force_login(rows.person(Role.COMMANDER, station))
    assert "No shift is planned within a week." in page(client)

    a_shift(station, at + HOUR, name="Day")
    assert "Nobody is rostered." in page(client)


def test_the_roll_call_sheet_names_everybody_and_can_be_signed(client, commander, day):
    sheet = client.get(f"/shift/{day.pk}/roll-call/").content.decode()

    for badge in (1001, 1002, 1003, 1004):
        assert f">{badge}<" in sheet
    assert "C2001" in sheet
    assert "Inspected by" in sheet


@pytest.fixture
def begun(station, at):
    """A shift under way for an hour: one tested in time, one who failed, one too late to wait
    for, one whose camera is lost, one who came just now."""
    shift = a_shift(station, at - HOUR, name="Day")
    told = {1001: True, 1002: False}
    for badge in (1001, 1002, 1003, 1004):
        camera = on(shift, badge, at, {})
        if badge in told:
            a_test(camera, at - timedelta(minutes=70), passed=told[badge])
    Camera.objects.filter(number=1004).update(service_state=ServiceState.LOST)
    on(shift, 1005, at, {}, begins_at=at - timedelta(minutes=5))
    return shift


def a_test(camera, at, *, passed=True):
    return PreShiftTest.objects.create(camera=camera, at=at, passed=passed, checks=[], facts={})


def test_who_did_not_test_is_named_with_what_to_do(client, station, begun):
    client.force_login(rows.person(Role.COMMANDER, station))

    said = page(client)

    assert "1 camera was not tested. 1 failed its test." in said
    assert "was not tested; the duty began at" in said
    assert "failed its test at" in said
    assert 'href="/cameras/C1003/test/"' in said
    assert 'value="Called Patrol 3: test C1003."' in said
    for camera in ("C1001", "C1004", "C1005"):
        assert f"test {camera}" not in said.lower()


def test_who_tests_after_all_is_no_longer_named(client, station, begun, at):
    client.force_login(rows.person(Role.COMMANDER, station))
    for camera in Camera.objects.filter(number__in=[1002, 1003]):
        a_test(camera, at - timedelta(minutes=2))

    assert "Pre-shift test:" not in page(client)


def test_the_second_half_of_a_double_shift_needs_no_second_test(client, station, at):
    client.force_login(rows.person(Role.COMMANDER, station))
    day = a_shift(station, at - 9 * HOUR, name="Day")
    evening = a_shift(station, at - HOUR)
    camera = on(day, 1001, at, {})
    on(evening, 1001, at)
    a_test(camera, at - 10 * HOUR)

    assert "Pre-shift test:" not in page(client, shift=f"{evening.begins_at:%Y%m%dT%H%M}")


def test_a_promised_spare_is_tested_as_well(client, station, begun, at):
    client.force_login(rows.person(Role.COMMANDER, station))
    spare = a_spare(2001, station, at)
    StandIn.objects.create(
        shift=begun,
        officer=Officer.objects.get(badge_number="1001"),
        camera=spare,
        offered_at=at,
    )

    assert "Test C2001" in page(client)
    a_test(spare, at)
    assert "Test C2001" not in page(client)


def test_calling_about_a_test_is_seen_by_all(client, station, begun):
    client.force_login(rows.person(Role.COMMANDER, station))
    words = {"officer": officer(begun, 1003), "words": "Called Patrol 3: test C1003."}

    said = client.post(f"/shift/{begun.pk}/in-hand/", words, follow=True).content.decode()

    assert "Called Patrol 3: test C1003. <span" in said


def test_an_inspection_keeps_who_had_not_tested(client, station, begun):
    client.force_login(rows.person(Role.COMMANDER, station))
    client.post(f"/shift/{begun.pk}/inspected/")

    found = Inspection.objects.get().found
    assert (found["not_tested"], found["test_failed"]) == (["C1003"], ["C1002"])


def test_it_reads_the_same_and_tests_nothing(client, station, begun):
    client.force_login(rows.person(Role.IT, station))

    said = page(client)

    assert "1 camera was not tested. 1 failed its test." in said
    assert "/test/" not in said
    assert "badge 1003" not in said


def test_the_roll_call_sheet_says_what_became_of_each_test(client, station, begun):
    client.force_login(rows.person(Role.COMMANDER, station))

    sheet = client.get(f"/shift/{begun.pk}/roll-call/").content.decode()

    tested = f"{localtime(PreShiftTest.objects.get(passed=True).at):%H:%M}"
    for said in (f"passed {tested}", f"failed {tested}", "not tested"):
        assert sheet.count(f">{said}</td>") == 1
    assert "1 camera was not tested. 1 failed its test." in sheet


def test_the_page_costs_the_same_for_many_people(
    client, commander, day, at, django_assert_max_num_queries
):
    def cost(most):
        with django_assert_max_num_queries(most):
            client.get("/shift/")

    client.get("/shift/")
    cost(16)
    for badge in range(3000, 3040):
        on(day, badge, at, FLAT)
    cost(16)
    day.duties.update(begins_at=at - HOUR)
    cost(16)


def test_how_a_shift_stood_when_it_began_is_kept_once(day, at):
    assert outcomes.keep(now=at, policy=Policy()) == 0

    for table in (Shift, Duty):
        table.objects.update(begins_at=at, ends_at=at + 8 * HOUR)
    assert outcomes.keep(now=at, policy=Policy()) == 1
    assert outcomes.keep(now=at + timedelta(minutes=1), policy=Policy()) == 0

    kept = Outcome.objects.get()
    assert (kept.rostered, kept.ready, kept.spares, kept.need) == (4, 1, 2, 5)
    assert kept.reasons == {"battery": 1, "away": 1, "no_camera": 1}
