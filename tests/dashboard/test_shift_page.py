"""Ten seconds at roll call: what the page says, and what can be done there."""

import re
from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction
from django.utils.timezone import localtime, now

from dashboard import roll_calls, shifts
from devices.access.people import Visible
from devices.faults.models import Fault, PreShiftTest
from devices.health.models import CameraHealth
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


def inspect(client, shift):
    """Say that one looked at what the page says of this shift."""
    form = page(client, shift=f"{shift.begins_at:%Y%m%dT%H%M}").split(f"{shift.pk}/inspected/")[1]
    seen = form.split('name="seen" value="')[1].split('"')[0]
    return client.post(f"/shift/{shift.pk}/inspected/", {"seen": seen}, follow=True)


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


def test_whose_battery_will_not_last_on_the_street_can_be_said_to_be_called(
    client, commander, station, at
):
    shift = a_shift(station, at - HOUR, name="Late")
    on(shift, 1009, at, {"docked": False, "placed_at": at - HOUR, "battery_percent": 30})

    said = page(client, shift=f"{shift.begins_at:%Y%m%dT%H%M}")

    assert "Call Patrol 3 in: C1009 lacks" in said
    assert "I called Patrol 3 about C1009" in said


def test_an_inspection_keeps_what_the_screen_said(client, commander, day):
    said = inspect(client, day).content.decode()

    found = Inspection.objects.get().found
    assert found["sentence"].startswith("Day shift: 4 rostered, 1 ready.")
    assert [one["camera"] for one in found["exceptions"]] == ["C1002", "C1003", "No camera"]
    assert "Inspected" in said
    assert LedgerEntry.objects.filter(verb="shift inspected", actor=commander).exists()


@pytest.mark.parametrize("seen", ["", "what it said before"])
def test_nobody_inspected_what_they_did_not_see(client, commander, day, seen):
    said = client.post(f"/shift/{day.pk}/inspected/", {"seen": seen}, follow=True)

    assert "has changed since you looked" in said.content.decode()
    assert not Inspection.objects.exists()


def test_an_inspection_is_never_changed(client, commander, day):
    inspect(client, day)

    with pytest.raises(DatabaseError, match="never changed or removed"), transaction.atomic():
        Inspection.objects.update(found={})
    with pytest.raises(DatabaseError, match="never changed or removed"), transaction.atomic():
        Inspection.objects.all().delete()


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("offer", {}),
        ("offer", {"officer": "x", "camera": "1"}),
        ("offer", {"officer": 2**70, "camera": 1}),
        ("in-hand", {"words": "Hello"}),
        ("in-hand", {"words": "Hello", "officer": 1, "cause": "x" * 61}),
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


def a_fault(camera, at):
    return Fault.objects.create(
        camera=camera, code="lens", severity="critical", opened_at=at, acknowledge_by=at
    )


def a_test(camera, at, *, passed=True, officer=None):
    """Confirmed by whose camera it is, or this officer."""
    return PreShiftTest.objects.create(
        camera=camera, officer=officer or camera.officer, at=at, passed=passed, checks=[], facts={}
    )


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
    a_test(spare, at, officer=Officer.objects.get(badge_number="1002"))
    assert "Test C2001" in page(client)
    a_test(spare, at, officer=Officer.objects.get(badge_number="1001"))
    assert "Test C2001" not in page(client)


def test_calling_about_a_test_is_seen_by_all(client, station, begun):
    client.force_login(rows.person(Role.COMMANDER, station))
    words = {"officer": officer(begun, 1003), "words": "Called Patrol 3: test C1003."}

    said = client.post(f"/shift/{begun.pk}/in-hand/", words, follow=True).content.decode()

    assert "Called Patrol 3: test C1003. <span" in said


def hand(client, shift, said, about):
    """Tap the button that says so, with all that its form holds."""
    form = said.split(about)[0].rsplit("<form", 1)[1]
    told = dict(re.findall(r'name="(officer|cause|words)" value="([^"]*)"', form))
    client.post(f"/shift/{shift.pk}/in-hand/", told)


def test_what_is_in_hand_hides_no_other_trouble(client, station, begun, at):
    client.force_login(rows.person(Role.COMMANDER, station))
    CameraHealth.objects.filter(camera__number=1003).update(battery_percent=5)
    hand(client, begun, page(client), 'aria-label="I have it: C1003')

    said = page(client)
    a_fault(Camera.objects.get(number=1003), at)
    later = page(client)

    assert InHand.objects.get().cause == "C1003 battery"
    assert "I have it: C1003" not in said
    assert "to test C1003" in said  # nobody called about that
    assert "I have it: C1003" in later
    hand(client, begun, later, 'aria-label="I called Patrol 3 to test C1003')
    hand(client, begun, later, 'aria-label="I have it: C1003')
    assert {one.cause for one in InHand.objects.all()} == {
        "C1003 battery",
        "C1003 test skipped",
        "C1003 fault",
    }
    done = page(client)
    assert "I have it: C1003" not in done
    assert "to test C1003" not in done


def test_what_is_said_of_all_of_it_is_of_all_of_it(client, station, begun, at):
    client.force_login(rows.person(Role.COMMANDER, station))
    CameraHealth.objects.filter(camera__number=1003).update(battery_percent=5)

    client.post(
        f"/shift/{begun.pk}/in-hand/", {"officer": officer(begun, 1003), "words": "In hand."}
    )

    assert "I have it: C1003" not in page(client)
    assert "to test C1003" not in page(client)


def test_an_inspection_keeps_who_had_not_tested(client, station, begun):
    client.force_login(rows.person(Role.COMMANDER, station))
    inspect(client, begun)

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


def test_who_takes_any_of_the_pool_is_promised_none(client, commander, station, day):
    station.pool = True
    station.save()
    Duty.objects.exclude(officer__badge_number=1004).delete()

    said = page(client)
    sheet = client.get(f"/shift/{day.pk}/roll-call/").content.decode()

    assert "1 rostered, all ready. 1 takes any camera of the pool. 1 spare ready." in said
    assert "Everybody on this shift has a camera that is ready" in said
    assert "any of the pool</td>" in sheet
    assert sheet.count("C2001") + sheet.count("C2002") == 1  # the one that is to spare


def test_who_has_left_is_an_exception_and_offered_no_spare(client, commander, day):
    Duty.objects.exclude(officer__badge_number=1004).delete()
    Officer.objects.filter(badge_number=1004).update(active=False)

    said = page(client)
    sheet = client.get(f"/shift/{day.pk}/roll-call/").content.decode()

    assert "badge 1004" in said
    assert "An officer who is on it has left." in said
    assert "Offer C" not in said
    assert "0 of 0 ready, 2 spares" in said
    assert "An officer who is on it has left.</td>" in sheet


class TestOneThatIsOutAndCannotBeHeard:
    """It left ready; what it does since only its dock will tell."""

    @pytest.fixture
    def out(self, station, at):
        shift = a_shift(station, at - timedelta(minutes=10), name="Day")
        told = {"docked": False, "placed_at": shift.begins_at, "measured_at": at - HOUR}
        on(shift, 1001, at, told)
        Camera.objects.update(model=rows.a_model(radio=False))
        on(shift, 1002, at, {"mode": "buffering"})
        return shift

    def test_the_page_says_no_more_than_that(self, client, station, out):
        client.force_login(rows.person(Role.COMMANDER, station))

        said = page(client)

        assert "2 of 2 ready, 1 of them on leaving, 0 spares" in said
        assert 'aria-label="2 ready (1 on leaving), ' in said
        assert "has a camera that is ready, or was ready on leaving." in said

    def test_the_roll_call_says_no_more_than_that(self, out, at):
        sheet = roll_calls.sheet(out, badges=True, now=at, policy=Policy())

        assert {one.badge: (one.ready, one.says) for one in sheet.lines} == {
            "1001": (True, "Ready on leaving"),
            "1002": (True, "Ready"),
        }

    def test_an_inspection_keeps_no_more_than_that(self, client, station, out):
        client.force_login(rows.person(Role.COMMANDER, station))

        inspect(client, out)

        found = Inspection.objects.get().found
        assert (found["ready"], found["unheard"]) == (2, 1)


class TestARollCallOfAShiftThatIsOver:
    """Its cameras are back and charged: they say nothing of how it stood."""

    @pytest.fixture
    def over(self, day, at):
        for table in (Shift, Duty):
            table.objects.update(begins_at=at - 9 * HOUR, ends_at=at - HOUR)
        return day

    @pytest.mark.parametrize("as_", ["/", ".pdf"])
    def test_is_refused_with_what_was_kept_of_it(self, client, commander, over, at, as_):
        Outcome.objects.create(
            shift=over, at=over.begins_at, rostered=4, ready=1, unknown=2, spares=3, need=5
        )
        over.inspections.create(
            at=at - 8 * HOUR,
            by=commander,
            found={
                "sentence": "Day shift: 4 rostered, 1 ready.",
                "exceptions": [{"camera": "C1002", "reasons": ["C1002 has 5.1 h of battery."]}],
                "not_tested": ["C1001"],
            },
        )

        response = client.get(f"/shift/{over.pk}/roll-call{as_}")

        said = response.content.decode()
        assert response.status_code == 410
        assert f"{over} is over" in said
        assert "1 of 4 ready, 2 unknown, 3 spares; 5 were needed." in said
        assert "Day shift: 4 rostered, 1 ready." in said
        assert "C1002: C1002 has 5.1 h of battery." in said
        assert "Not tested: C1001." in said
        assert "Inspected by" not in said
        assert not LedgerEntry.objects.filter(verb="exported roll call").exists()

    def test_says_so_where_nothing_was_kept(self, client, commander, over):
        said = client.get(f"/shift/{over.pk}/roll-call/").content.decode()

        assert "Nothing was kept of it." in said
        assert "Nobody said that they inspected it." in said


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


def test_a_turn_counts_a_spare_once_that_two_of_its_shifts_could_take(station, at):
    first, second = (a_shift(station, at + HOUR, name=name, reserve=1) for name in ("Day", "Power"))
    for shift, badge in ((first, 1), (second, 2)):
        on(shift, badge, at)
    for number in (2001, 2002, 2003):
        a_spare(number, station, at)

    (turn,) = shifts.turns(Visible(), now=at, policy=Policy())

    assert (turn.need, turn.spares, turn.margin, turn.short_by) == (4, 3, -1, 1)
    assert turn.name == "Day and Power"
