"""The roster's pages: who may look and who may set, what is refused, and what it costs."""

import re
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.test import Client

from devices.inventory.models import Officer
from devices.ledger import LedgerEntry
from devices.roles import Role
from devices.roster import actions
from devices.roster.models import Duty, Shift, ShiftKind, TakenOff
from devices.roster.rules import Span
from tests import rows
from tests.roster.setting import a_rotation, an_officer, shifts_of

pytestmark = pytest.mark.django_db
NOON = datetime(2030, 1, 1, 12, tzinfo=ZoneInfo("America/New_York"))
ON = date(2030, 1, 2)
WEEK = f"/roster/?station=HQ&on={ON}"
OFFICER = f"/roster/HQ/officers/217/{ON}/"
SHIFT = f"/roster/HQ/shifts/DAY/{ON}/"


@pytest.fixture(autouse=True)
def _at_noon():
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def hq():
    return rows.a_station()


@pytest.fixture
def shifts(hq):
    return shifts_of(hq, ON, days=5)


@pytest.fixture
def officer(hq):
    return an_officer("217", hq, unit="Patrol A")


def client_of(role, *stations, **fields):
    client = Client()
    client.force_login(rows.person(role, *stations, **fields))
    return client


@pytest.fixture
def commander(hq, shifts, officer):
    return client_of(Role.COMMANDER, hq)


def put_on(officer, shift):
    return actions.put_on(officer, shift, by=None, now=NOON)


def changed(client, act, shift="DAY", **said):
    return client.post(f"{OFFICER}change/", {"act": act, "shift": shift, **said})


def text(response):
    html = re.sub(r"<[^>]+>", "", response.content.decode())
    return " ".join(html.replace("&#x27;", "'").split())


LOOK = [WEEK, SHIFT, "/roster/kinds/"]
SET = [
    f"{OFFICER}change/",
    f"{SHIFT}reserve/",
    f"{SHIFT}put-on/",
    f"/roster/HQ/plan/{ON}/",
    "/roster/undo/",
]


class TestDoors:
    @pytest.mark.parametrize(
        ("role", "looks", "names", "sets"),
        [
            (Role.QUARTERMASTER, True, True, False),
            (Role.IT, True, False, False),
            (Role.COMMANDER, True, True, True),
            (Role.OFFICER, False, False, False),
            (Role.AUDITOR, True, True, False),
            (Role.ADMINISTRATOR, False, False, False),
            (None, False, False, False),
        ],
    )
    def test_the_matrix_says_who_may(self, shifts, officer, role, looks, names, sets):
        put_on(officer, shifts[0])
        hq = officer.station
        client = client_of(role, hq, officer=an_officer("1", hq))

        seen = [client.get(address).status_code for address in LOOK]
        asked = [client.post(address).status_code for address in SET]
        defined = client.post("/roster/kinds/define/").status_code

        assert set(seen) == {200 if looks else 403}
        assert (set(asked) == {403}) is not sets
        assert (defined == 403) is not sets
        assert client.get(OFFICER).status_code == (200 if names else 404 if looks else 403)
        assert (b">217" in client.get(WEEK).content) is names

    def test_another_station_is_not_there(self, hq, shifts, officer):
        client = client_of(Role.COMMANDER, rows.a_station("N", "North"))

        for address in (WEEK, OFFICER, SHIFT):
            assert client.get(address).status_code == 404
        for address in SET[:-1]:
            assert client.post(address, {"act": "put_on", "shift": "DAY"}).status_code == 404
        assert not Duty.objects.exists()

    def test_nobody_looks_without_signing_in(self, hq, shifts, officer):
        for address in (*LOOK, OFFICER, *SET):
            assert Client().get(address).status_code in (302, 405)

    def test_nothing_is_done_by_merely_looking(self, commander):
        for address in (*SET, "/roster/kinds/define/"):
            assert commander.get(address).status_code == 405

    def test_who_is_posted_nowhere_is_told_so(self, db):
        assert "No station is yours yet" in text(client_of(Role.COMMANDER).get("/roster/"))

    @pytest.mark.parametrize(
        "address",
        [
            "/roster/?station=N",
            "/roster/?station=%00",
            f"/roster/HQ/officers/999/{ON}/",
            f"/roster/HQ/officers/%00/{ON}/",
            "/roster/HQ/officers/217/2030-02-30/",
            f"/roster/HQ/shifts/LATE/{ON}/",
            f"/roster/HQ/shifts/%00/{ON}/",
            f"/roster/%00/shifts/DAY/{ON}/",
        ],
    )
    def test_what_is_not_there_is_not_found(self, commander, address):
        assert commander.get(address).status_code == 404


class TestTheWeek:
    def test_it_opens_with_its_answer(self, commander, officer, shifts):
        put_on(officer, shifts[0])

        said = text(commander.get(WEEK))

        assert "Headquarters, Mon 31 Dec to Sun 6 Jan: 15 shifts, 0 or 1 officer on each." in said
        assert "1 + 2 = 3" in said
        assert "217, Wed 2 Jan: Day" in said

    def test_hours_that_are_not_the_shifts_are_shown(self, commander, officer, shifts):
        duty = put_on(officer, shifts[0])
        longer = Span(duty.begins_at, duty.ends_at + timedelta(hours=2))
        actions.set_hours(duty, longer, by=None, now=NOON)

        assert "07:00 to 17:00" in text(commander.get(WEEK))

    def test_what_is_not_right_is_said(self, commander, officer, shifts, hq):
        for shift in shifts[:3]:
            put_on(officer, shift)
        gone = an_officer("300", hq)
        put_on(gone, shifts[3])
        gone.active = False
        gone.save()

        said = text(commander.get(WEEK))

        assert "217 is on for 24 h without a rest, from Wed 2 Jan 07:00." in said
        assert "300 has left, and is on Day of Thu 3 Jan." in said
        assert "Nobody is on Evening of Thu 3 Jan." in said

    def test_the_day_on_which_clocks_change_is_marked(self, commander, hq):
        with time_machine.travel("2026-10-30T12:00-04:00", tick=False):
            client = client_of(Role.COMMANDER, hq, name="another")
            client.post("/roster/HQ/plan/2026-10-31/")

            said = text(client.get("/roster/?station=HQ&on=2026-10-31"))

        assert "Clocks go back at 02:00" in said
        assert "Night of Sat 31 Oct lasts 9 h, not 8 h: clocks go back." in said

    @pytest.mark.parametrize("on", ["soon", "2030-13-01", "9999-12-31", "0001-01-01", "\0"])
    def test_a_day_that_cannot_be_shows_this_week_and_says_so(self, commander, on):
        response = commander.get("/roster/", {"station": "HQ", "on": on})

        assert response.status_code == 200
        assert "Mon 31 Dec to Sun 6 Jan" in text(response)
        assert "this week is shown" in text(response)

    def test_a_week_is_planned_and_filled(self, hq, officer):
        shifts_of(hq, date(2030, 3, 4))
        a_rotation(officer, first_on=date(2030, 1, 7))
        client = client_of(Role.COMMANDER, hq)

        client.post("/roster/HQ/plan/2030-01-09/")

        assert (
            Shift.objects.filter(on__gte=date(2030, 1, 7), on__lte=date(2030, 1, 13)).count() == 21
        )
        assert Duty.objects.count() == 5
        assert "shifts filled" in LedgerEntry.objects.values_list("verb", flat=True)

    def test_who_is_not_on_is_shown_when_asked(self, commander, officer, shifts, hq):
        an_officer("218", hq)
        put_on(officer, shifts[0])

        assert "Show the 1 officer who is not on this week" in text(commander.get(WEEK))
        assert "218, Wed 2 Jan: off" in text(commander.get(f"{WEEK}&everybody=1"))

    def test_an_empty_department_is_told_how_to_begin(self, hq):
        said = text(client_of(Role.COMMANDER, hq).get("/roster/"))

        assert "no shifts are defined yet" in said
        assert "Define the shifts" in said

    def test_it_costs_the_same_for_a_few_and_for_many(
        self, commander, hq, shifts, django_assert_max_num_queries
    ):
        for n in range(20):
            an = an_officer(f"4{n:02}", hq, unit=f"Patrol {n % 3}")
            for day in range(5):
                put_on(an, shifts[3 * day + n % 3])

        with django_assert_max_num_queries(13):
            response = commander.get(WEEK)

        assert response.content.count(b"data-cell") >= 140


class TestSetting:
    def test_an_officer_is_put_on_moved_extended_and_taken_off(self, commander, officer):
        for act, said in (
            ("put_on", {}),
            ("move", {"to": "EVENING"}),
            (
                "set_hours",
                {
                    "shift": "EVENING",
                    "begins_at": f"{ON}T14:00",
                    "ends_at": f"{ON + timedelta(days=1)}T01:00",
                },
            ),
        ):
            response = changed(commander, act, **said)
            assert response.status_code == 302
            assert response.url.endswith(f"#c-217-{ON}")

        duty = Duty.objects.get()
        assert (duty.shift.kind.code, duty.span.lasts) == ("EVENING", timedelta(hours=11))
        changed(commander, "take_off", "EVENING")
        assert not Duty.objects.exists()
        assert TakenOff.objects.count() == 2

    def test_a_time_that_clocks_skip_is_refused(self, commander, officer, hq):
        night = shifts_of(hq, date(2030, 3, 9))[-1]
        put_on(officer, night)
        said = {"shift": "NIGHT", "begins_at": "2030-03-09T23:00", "ends_at": "2030-03-10T02:30"}

        response = commander.post(
            "/roster/HQ/officers/217/2030-03-09/change/", {"act": "set_hours", **said}
        )

        assert response.status_code == 422
        assert "Clocks skip 02:30 on Sun 10 Mar: they go forward then." in text(response)
        assert Duty.objects.get().span == night.span

    def test_which_of_a_doubled_hour_is_meant_is_said(self, commander, officer, hq):
        night = shifts_of(hq, date(2030, 11, 2))[-1]
        put_on(officer, night)
        said = {"shift": "NIGHT", "begins_at": "2030-11-02T23:00", "ends_at": "2030-11-03T01:30"}
        address = "/roster/HQ/officers/217/2030-11-02/change/"

        response = commander.post(address, {"act": "set_hours", **said}, follow=True)

        assert "Clocks show 01:30 twice on Sun 3 Nov: the first is meant." in text(response)
        assert Duty.objects.get().span.lasts == timedelta(hours=2, minutes=30)

    @pytest.mark.parametrize(
        ("act", "said", "sentence"),
        [
            ("put_on", {}, "217 is on Day of Wed 2 Jan already."),
            ("put_on", {"shift": "LATE"}, "There is no such shift on this day"),
            ("take_off", {"shift": "NIGHT"}, "217 is not on Night of Wed 2 Jan."),
            ("move", {"to": "LATE"}, "There is no such shift on this day"),
            ("dance", {}, "Choose what to do."),
            ("", {"shift": "\0"}, "There is no such shift on this day"),
            ("set_hours", {}, "Write a day and a time"),
            (
                "set_hours",
                {"begins_at": "soon", "ends_at": f"{ON}T17:00"},
                "Write a day and a time, such as 2026-11-24T17:00.",
            ),
            (
                "set_hours",
                {"begins_at": f"{ON}T07:00", "ends_at": f"{ON}T07:00"},
                "217 would end Day of Wed 2 Jan before it begins.",
            ),
            (
                "set_hours",
                {"begins_at": f"{ON}T07:00", "ends_at": "2030-01-09T07:00"},
                "for 168 h; at most 24 h.",
            ),
        ],
    )
    def test_what_cannot_be_is_said_and_changes_nothing(
        self, commander, officer, shifts, act, said, sentence
    ):
        before = put_on(officer, shifts[0])

        response = changed(commander, act, **said)

        assert response.status_code == 422
        assert sentence in text(response)
        assert "Nothing was changed." in text(response)
        duty = Duty.objects.get()
        assert (duty.pk, duty.span) == (before.pk, before.span)

    def test_the_last_changes_are_undone_one_by_one(self, commander, officer):
        changed(commander, "put_on")
        changed(commander, "move", to="NIGHT")

        for left in (["DAY"], []):
            commander.post("/roster/undo/")
            assert [duty.shift.kind.code for duty in Duty.objects.all()] == left

        assert "There is nothing to undo." in text(commander.post("/roster/undo/", follow=True))

    def test_what_somebody_changed_since_is_not_undone(self, commander, officer):
        changed(commander, "put_on")
        actions.take_off(Duty.objects.get(), by=None, now=NOON)

        said = text(commander.post("/roster/undo/", follow=True))

        assert "Somebody changed this since; nothing was undone." in said

    def test_a_day_without_shifts_says_so(self, commander):
        assert "Nothing is planned on this day" in text(
            commander.get("/roster/HQ/officers/217/2030-02-02/")
        )


class TestOneShift:
    def test_its_people_and_its_need_are_said(self, commander, officer, shifts):
        put_on(officer, shifts[0])

        said = text(commander.get(SHIFT))

        assert "1 rostered and 2 in reserve make 3 cameras needed." in said
        assert "217" in said

    def test_who_left_or_is_suspended_needs_no_camera(self, commander, officer, shifts, hq):
        for badge, why in (("300", {"active": False}), ("301", {"suspended_because": "Inquiry"})):
            put_on(an_officer(badge, hq), shifts[0])
            Officer.objects.filter(badge_number=badge).update(**why)
        put_on(officer, shifts[0])

        said, grid = text(commander.get(SHIFT)), text(commander.get(WEEK))

        assert "1 rostered and 2 in reserve make 3 cameras needed." in said
        assert "2 more are on it who have left or are suspended, and take none." in said
        assert "300 has left" in said
        assert "301 is suspended" in said
        assert "1 + 2 = 3" in grid
        assert "2 more have left or are suspended" in grid
        assert "301 is suspended, and is on Day of Wed 2 Jan." in grid

    @pytest.mark.parametrize(
        ("reserve", "status"),
        [("5", 302), ("-1", 422), ("100", 422), ("many", 422), ("", 422)],
    )
    def test_the_reserve_is_set_within_bounds(self, commander, shifts, reserve, status):
        response = commander.post(f"{SHIFT}reserve/", {"reserve": reserve})

        assert response.status_code == status
        shifts[0].refresh_from_db()
        assert shifts[0].reserve == (5 if status == 302 else 2)

    def test_an_officer_is_put_on_by_badge_number(self, commander, officer):
        assert commander.post(f"{SHIFT}put-on/", {"badge": "217 "}).status_code == 302
        again = commander.post(f"{SHIFT}put-on/", {"badge": "217"})
        unknown = commander.post(f"{SHIFT}put-on/", {"badge": "\0"})

        assert "217 is on Day of Wed 2 Jan already." in text(again)
        assert unknown.status_code == 422
        assert Duty.objects.count() == 1


class TestKinds:
    NEW = {"code": "late", "name": "Late", "begins": "18:00", "ends": "02:00", "reserve": "1"}

    def test_a_kind_is_defined(self, commander):
        response = commander.post("/roster/kinds/define/", self.NEW)

        assert response.status_code == 302
        assert f"{ShiftKind.objects.get(code='LATE').hours}" == "18:00 to 02:00"

    def test_what_other_times_would_move_is_shown_before_it_is_moved(
        self, commander, shifts, officer
    ):
        rows.a_duty(shifts[0], officer)
        told = {"code": "DAY", "name": "Day", "begins": "06:00", "ends": "14:00", "reserve": "2"}

        asked = commander.post("/roster/kinds/define/", told)

        shifts[0].refresh_from_db()
        before = shifts[0].begins_at
        assert asked.status_code == 422
        assert "Nothing is changed yet" in text(asked)
        assert "and 1 duty that have not begun would move to 06:00 to 14:00." in text(asked)
        assert ShiftKind.objects.get(code="DAY").begins != time(6)

        assert commander.post("/roster/kinds/define/", {**told, "sure": "on"}).status_code == 302
        shifts[0].refresh_from_db()
        assert shifts[0].begins_at == before - timedelta(hours=1)

    def test_whoever_would_be_on_two_shifts_at_once_is_counted_and_nothing_is_offered(
        self, commander, shifts, officer
    ):
        for shift in shifts[:2]:
            rows.a_duty(shift, officer)
        told = {"code": "DAY", "name": "Day", "begins": "07:00", "ends": "16:00", "reserve": "2"}

        asked = commander.post("/roster/kinds/define/", told)

        assert "1 officer would be on two shifts at once" in text(asked)
        assert "Move them" not in text(asked)

    @pytest.mark.parametrize(
        ("said", "sentence"),
        [
            ({"ends": "18:00"}, "it would have no end"),
            ({"ends": "17:00"}, "at most 16 h"),
            ({"ends": "late"}, "Write a time such as 07:00."),
            ({"reserve": "-1"}, "greater than or equal to 0"),
            ({"code": "<b>"}, "A code holds letters, digits"),
            ({"name": ""}, "This field is required"),
        ],
    )
    def test_what_makes_no_shift_is_said(self, commander, said, sentence):
        response = commander.post("/roster/kinds/define/", {**self.NEW, **said})

        assert response.status_code == 422
        assert sentence in text(response)
        assert ShiftKind.objects.count() == 3
