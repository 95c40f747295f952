"""Shifts, rotations and the roster from CSV: shown first, then all of it or nothing."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.utils.timezone import localtime

from devices.errors import Refused
from devices.inventory.imports import importing
from devices.inventory.models import Officer
from devices.ledger import LedgerEntry
from devices.roster import actions, imports
from devices.roster.filling import actions as filling
from devices.roster.imports import Kind
from devices.roster.models import Duty, Rotation, Shift, ShiftKind, StandIn, TakenOff
from devices.roster.rules import Span
from tests.roster.setting import a_rotation, an_officer, the_kinds
from tests.rows import a_camera, a_duty, a_station

pytestmark = pytest.mark.django_db
SHIFTS = b"code,name,begins,ends,reserve\nDAY,Day,07:00,15:00,2\nNIGHT,Night,23:00,07:00,\n"
HEADER = "date,shift,station,badge_number,unit,begins,ends\n"


@pytest.fixture
def hq():
    the_kinds()
    station = a_station()
    for badge in ("217", "218", "219"):
        an_officer(badge, station, unit="Patrol A")
    return station


@pytest.fixture
def look(noon):
    def looked(kind, text, *, whole=False, **said):
        what = imports.at(kind, noon, whole=whole, names_officers=True)
        return importing.plan(what, _raw(text), **said)

    return looked


@pytest.fixture
def bring(noon):
    """Import a file."""

    def brought(kind, text, *, whole=False, **said):
        what = imports.at(kind, noon, whole=whole)
        return importing.apply(what, _raw(text), by=None, now=noon, **said)

    return brought


def _raw(text):
    return text if isinstance(text, bytes | list) else text.encode()


def roster(*rows):
    return HEADER + "".join(f"{row}\n" for row in rows)


def counted(found):
    return len(found.added), len(found.changed), found.unchanged


class TestShifts:
    def test_they_are_brought_and_the_same_again_changes_nothing(self, bring):
        done = [counted(bring(Kind.SHIFTS, SHIFTS)) for _ in range(2)]

        assert done == [(2, 0, 0), (0, 0, 2)]
        assert ShiftKind.objects.get(code="DAY").begins == time(7)

    def test_shifts_to_come_follow(self, bring, hq, noon):
        filling.plan_shifts(hq, date(2030, 1, 2), date(2030, 1, 2), by=None, now=noon)

        bring(Kind.SHIFTS, "code,name,begins,ends\nDAY,Day,06:00,14:00\n")

        assert Shift.objects.get(kind__code="DAY").begins_at == datetime(2030, 1, 2, 11, tzinfo=UTC)
        assert ShiftKind.objects.get(code="DAY").reserve == 2

    def test_what_moves_with_them_is_said_before(self, look, bring, hq, noon):
        filling.plan_shifts(hq, date(2030, 1, 2), date(2030, 1, 4), by=None, now=noon)
        officer = Officer.objects.get(badge_number="217")
        a_duty(Shift.objects.filter(kind__code="DAY").first(), officer)
        text = "code,name,begins,ends\nDAY,Day,06:00,14:00\nLATE,Late,18:00,02:00\n"

        said = imports.follows(look(Kind.SHIFTS, text), now=noon)

        assert said == [
            "Day: 3 shifts and 1 duty that have not begun would move to 06:00 to 14:00."
        ]
        assert ShiftKind.objects.get(code="DAY").begins == time(7)

    def test_kinds_move_together_and_only_where_they_end_up_counts(self, look, bring, hq, noon):
        filling.plan_shifts(hq, date(2030, 1, 2), date(2030, 1, 2), by=None, now=noon)
        officer = Officer.objects.get(badge_number="217")
        for shift in Shift.objects.filter(kind__code__in=["DAY", "EVENING"]):
            a_duty(shift, officer)  # a double
        text = "code,name,begins,ends\nDAY,Day,08:00,16:00\nEVENING,Evening,16:00,00:00\n"

        said = imports.follows(look(Kind.SHIFTS, text), now=noon)
        bring(Kind.SHIFTS, text)

        assert said == [
            "Day: 1 shift and 1 duty that have not begun would move to 08:00 to 16:00.",
            "Evening: 1 shift and 1 duty that have not begun would move to 16:00 to 00:00.",
        ]
        hours = [localtime(duty.begins_at).hour for duty in Duty.objects.order_by("begins_at")]
        assert hours == [8, 16]

    def test_who_would_be_on_two_at_once_is_counted_over_all_kinds(self, look, hq, noon):
        filling.plan_shifts(hq, date(2030, 1, 2), date(2030, 1, 2), by=None, now=noon)
        officer = Officer.objects.get(badge_number="217")
        for shift in Shift.objects.filter(kind__code__in=["DAY", "EVENING"]):
            a_duty(shift, officer)
        text = "code,name,begins,ends\nDAY,Day,09:00,17:00\nEVENING,Evening,16:00,00:00\n"

        said = imports.follows(look(Kind.SHIFTS, text), now=noon)

        assert said[-1] == "So many officers would be on two shifts at once: 1."

    @pytest.mark.parametrize(
        ("row", "said"),
        [
            ("DAY,Day,07:00,07:00,", "ends at 07:00, when it begins; it would have no end"),
            ("DAY,Day,07:00,05:00,", "would last 22 h; a shift lasts at most 16 h"),
            ("DAY,Day,7,15:00,", "begins is a time of day such as 07:00"),
            ("DAY,Day,24:00,07:00,", "begins is a time of day"),
            ("DAY,Day,07:00,15:00,-1", "reserve is not a whole number"),
            (",Day,07:00,15:00,", "code is empty"),
        ],
    )
    def test_what_makes_no_shift_is_said_by_row(self, look, row, said):
        found = look(Kind.SHIFTS, f"code,name,begins,ends,reserve\n{row}\n")

        assert said in found.errors[0].sentence
        assert found.errors[0].line == 2


ROTATIONS = "badge_number,shift,pattern,first_on,last_on,unit\n"


def coming(now):
    duties = Duty.objects.filter(ends_at__gt=now)
    return set(duties.values_list("officer", "begins_at", "ends_at"))


class TestRotations:
    def test_they_fill_the_weeks_ahead_at_once(self, bring, hq):
        text = f"{ROTATIONS}217,DAY,5-2-4-2,2029-12-31,,\n218,NIGHT,4-3,2029-12-31,2030-01-10,B\n"

        done = [counted(bring(Kind.ROTATIONS, text)) for _ in range(2)]

        assert done == [(2, 0, 0), (0, 0, 2)]
        assert Duty.objects.filter(officer__badge_number="217", unit="Patrol A").count() >= 18
        nights = Duty.objects.filter(officer__badge_number="218", unit="B")
        assert nights.latest("begins_at").shift.on == date(2030, 1, 10)

    def test_what_they_fill_is_said_before_and_nothing_is_filled(self, look, bring, hq, noon):
        bring(Kind.ROTATIONS, f"{ROTATIONS}217,DAY,5-2,2029-12-31,,\n")
        before = coming(noon)
        text = f"{ROTATIONS}217,DAY,5-2,2029-12-31,2030-01-10,\n218,NIGHT,4-3,2029-12-31,,\n"
        shifts = Shift.objects.count()

        (said,) = imports.follows(look(Kind.ROTATIONS, text), now=noon)
        assert (coming(noon), Shift.objects.count()) == (before, shifts)
        bring(Kind.ROTATIONS, text)

        after, planned = coming(noon), Shift.objects.count() - shifts
        assert said == (
            f"The four weeks ahead would be filled at once: {planned} shifts planned,"
            f" {len(after - before)} duties given, {len(before - after)} taken away."
        )
        assert planned > 20
        assert len(after - before) > 10
        assert len(before - after) > 10

    def test_nobody_waits_for_the_ledger_while_it_is_looked_what_they_would_fill(
        self, look, hq, noon, django_assert_max_num_queries
    ):
        found = look(Kind.ROTATIONS, f"{ROTATIONS}217,DAY,5-2,2029-12-31,,\n")

        with django_assert_max_num_queries(60) as asked:
            imports.follows(found, now=noon)

        assert not [one["sql"] for one in asked.captured_queries if "ledger" in one["sql"]]

    def test_a_rotation_ends_and_another_begins_in_one_file(self, bring, hq):
        bring(Kind.ROTATIONS, f"{ROTATIONS}217,DAY,5-2,2029-12-31,,\n")

        bring(
            Kind.ROTATIONS,
            f"{ROTATIONS}217,NIGHT,4-3,2030-01-07,,\n217,DAY,5-2,2029-12-31,2030-01-06,\n",
        )

        kinds = Rotation.objects.order_by("first_on").values_list("kind__code", "last_on")
        assert list(kinds) == [("DAY", date(2030, 1, 6)), ("NIGHT", None)]

    @pytest.mark.parametrize(
        ("rows", "said"),
        [
            (["217,DAY,5-2-4,2030-01-01,,"], "days on and off in turn"),
            (["217,DAY,5-0,2030-01-01,,"], "days on and off in turn"),
            (["217,LATE,5-2,2030-01-01,,"], "names LATE, which is not known"),
            (["299,DAY,5-2,2030-01-01,,"], "names 299, which is not known"),
            (["217,DAY,5-2,2030-01-02,2030-01-01,"], "lies before first_on"),
            (["217,DAY,5-2,2030-02-30,,"], "first_on is written as year-month-day"),
            (
                ["217,DAY,5-2,2030-01-01,,", "217,NIGHT,5-2,2030-02-01,,"],
                "217 has a rotation from 2030-01-01 for good, and another from 2030-02-01",
            ),
            (
                ["217,DAY,5-2,2030-01-01,,", "217,NIGHT,5-2,2030-01-01,,"],
                "The same rotation stands in line 2 already",
            ),
        ],
    )
    def test_what_cannot_be_is_said_by_row(self, look, bring, hq, rows, said):
        text = ROTATIONS + "\n".join(rows)

        found = look(Kind.ROTATIONS, text)

        assert any(said in error.sentence for error in found.errors)
        assert found.errors[-1].line == len(rows) + 1
        with pytest.raises(Refused, match="nothing will be imported"):
            bring(Kind.ROTATIONS, text)
        assert not Rotation.objects.exists()

    def test_an_overlap_with_what_is_there_is_said(self, bring, look, hq):
        bring(Kind.ROTATIONS, f"{ROTATIONS}217,DAY,5-2,2029-12-31,,\n")

        found = look(Kind.ROTATIONS, f"{ROTATIONS}217,NIGHT,5-2,2030-03-01,,\n")

        assert "let the first end before 2030-03-01" in found.errors[0].sentence

    def test_who_left_goes_on_in_no_rotation(self, look, hq):
        an_officer("300", hq, active=False)

        found = look(Kind.ROTATIONS, f"{ROTATIONS}300,DAY,5-2,2029-12-31,,\n")

        assert "300, who has left, would go on" in found.errors[0].sentence

    def test_officers_of_other_stations_are_not_the_importers(self, look, hq):
        north = a_station("N", "North")
        an_officer("300", north)

        found = look(Kind.ROTATIONS, f"{ROTATIONS}300,DAY,5-2,2029-12-31,,\n", stations=[hq.pk])

        assert "not of a station of yours" in found.errors[0].sentence


class TestRoster:
    def test_duties_are_brought_and_the_same_again_changes_nothing(self, bring, hq):
        text = roster(
            "2030-01-02,DAY,HQ,217,,,",
            "2030-01-02,evening,HQ,217,Traffic,15:00,23:00",
            "2030-01-02,NIGHT,HQ,218,,01:00,09:00",
        )

        done = [counted(bring(Kind.ROSTER, text)) for _ in range(3)]

        assert done == [(3, 0, 0), (0, 0, 3), (0, 0, 3)]
        day, evening, night = Duty.objects.order_by("begins_at")
        assert (day.span, day.unit) == (day.shift.span, "Patrol A")
        assert (evening.span, evening.unit) == (evening.shift.span, "Traffic")
        assert night.begins_at == night.shift.begins_at + timedelta(hours=2)
        assert night.ends_at == night.shift.ends_at + timedelta(hours=2)
        assert LedgerEntry.objects.filter(verb="imported").count() == 1

    def test_what_is_not_in_the_file_stays(self, bring, hq):
        bring(Kind.ROSTER, roster("2030-01-02,DAY,HQ,217,,,"))

        bring(Kind.ROSTER, roster("2030-01-02,DAY,HQ,218,,,"))

        assert Duty.objects.count() == 2

    def test_a_change_is_shown_and_done(self, bring, look, hq):
        bring(Kind.ROSTER, roster("2030-01-02,DAY,HQ,217,,,", "2030-01-02,DAY,HQ,218,,,"))
        text = roster("2030-01-02,DAY,HQ,217,,,17:00")

        found = look(Kind.ROSTER, text)
        bring(Kind.ROSTER, text, expected=found.digest)

        assert found.changed[0].sentences == ["ends: empty → 17:00"]
        duty = Duty.objects.get(officer__badge_number="217")
        assert duty.ends_at == duty.shift.ends_at + timedelta(hours=2)

    def test_a_file_puts_on_who_was_taken_off_by_hand_and_says_so(self, bring, look, hq, noon):
        text = roster("2030-01-02,DAY,HQ,217,,,")
        bring(Kind.ROSTER, text)
        actions.take_off(Duty.objects.get(), by=None, now=noon)

        assert imports.follows(look(Kind.ROSTER, text), now=noon, names_officers=True) == [
            "Taken off by hand before, and on again by this file: 217 (DAY 2 Jan)."
        ]
        bring(Kind.ROSTER, text)

        assert Duty.objects.exists()
        assert not TakenOff.objects.exists()

    def test_who_was_taken_off_another_shift_of_the_file_stays_off_it(self, bring, hq, noon):
        a_rotation(Officer.objects.get(badge_number="217"), written="5-2")
        filling.fill_ahead(now=noon)
        day = Duty.objects.get(shift__on=date(2030, 1, 2))
        actions.take_off(day, by=None, now=noon)

        bring(Kind.ROSTER, roster("2030-01-02,DAY,HQ,218,,,", "2030-01-02,EVENING,HQ,217,,,"))
        filling.fill_ahead(now=noon)

        on = Duty.objects.filter(officer__badge_number="217", shift__on=date(2030, 1, 2))
        assert on.get().shift.kind.code == "EVENING"

    def test_the_preview_names_who_would_be_on_a_double_shift(self, look, hq):
        a_rotation(Officer.objects.get(badge_number="217"), written="5-2")
        a_rotation(Officer.objects.get(badge_number="218"), code="NIGHT", written="5-2")
        filling.keep_filled(now=datetime(2030, 1, 1, 17, tzinfo=UTC))
        text = roster("2030-01-02,EVENING,HQ,217,,,", "2030-01-03,DAY,HQ,218,,09:00,")

        found = look(Kind.ROSTER, text)

        assert found.errors == []
        assert found.notes[:2] == [
            "On a double shift by this file, so that a camera has to last:"
            " 217 (Day of Wed 2 Jan and Evening of Wed 2 Jan).",
            "On two shifts of one day by this file: 218 (Day of Thu 3 Jan and Night of Thu 3 Jan).",
        ]

    def test_a_double_shift_over_midnight_is_one_too(self, bring, look, hq):
        bring(Kind.ROSTER, roster("2030-01-02,NIGHT,HQ,217,,,"))

        (said,) = look(Kind.ROSTER, roster("2030-01-03,DAY,HQ,217,,,")).notes

        assert said.endswith("217 (Night of Wed 2 Jan and Day of Thu 3 Jan).")

    def test_of_doubles_that_were_there_before_nothing_is_said(self, bring, look, hq):
        text = roster("2030-01-02,DAY,HQ,217,,,", "2030-01-02,EVENING,HQ,217,,,")
        said = look(Kind.ROSTER, text).notes
        bring(Kind.ROSTER, text)

        assert len(said) == 1
        assert look(Kind.ROSTER, text).notes == []

    def test_a_row_that_is_refused_puts_nobody_on_a_double_shift(self, bring, look, hq):
        bring(Kind.ROSTER, roster("2030-01-02,DAY,HQ,217,,,"))

        overlapping = look(Kind.ROSTER, roster("2030-01-02,EVENING,HQ,217,,14:00,"))
        between = look(
            Kind.ROSTER,
            roster("2030-01-02,DAY,HQ,217,,,17:00", "2030-01-02,EVENING,HQ,217,,,"),
        )
        hidden = look(
            Kind.ROSTER,
            roster(
                "2030-01-03,DAY,HQ,218,,,19:00",
                "2030-01-03,EVENING,HQ,218,,,17:00",
                "2030-01-03,NIGHT,HQ,218,,18:00,",
            ),
        )

        found = (overlapping, between, hidden)
        assert [len(one.errors) for one in found] == [1, 1, 1]
        assert not any(
            "shift by" in note or "day by" in note for one in found for note in one.notes
        )

    def test_of_many_the_first_are_named(self, look, hq):
        rows = []
        for badge in range(1001, 1013):
            an_officer(f"{badge}", hq)
            rows += [f"2030-01-02,{shift},HQ,{badge},,," for shift in ("DAY", "EVENING")]

        (said,) = look(Kind.ROSTER, roster(*rows)).notes

        assert "1001 (" in said
        assert "1010 (" in said
        assert said.endswith("2 Jan) and 2 more.")

    def test_the_preview_names_who_is_not_in_the_file_and_stays_on(self, bring, look, hq):
        bring(Kind.ROSTER, roster("2030-01-02,DAY,HQ,217,,,", "2030-01-02,DAY,HQ,218,,,"))
        bring(Kind.ROSTER, roster("2030-01-02,NIGHT,HQ,219,,,"))  # no shift of the file

        (two,) = look(Kind.ROSTER, roster("2030-01-02,DAY,HQ,219,,,")).notes[1:]
        (one,) = look(Kind.ROSTER, roster("2030-01-02,DAY,HQ,218,,,")).notes

        assert two == (
            "2 duties on these shifts are not in the file and stay: 217 (DAY 2 Jan),"
            " 218 (DAY 2 Jan)."
        )
        assert one == "1 duty on these shifts is not in the file and stays: 217 (DAY 2 Jan)."

    def test_a_file_that_is_the_whole_takes_off_who_is_not_in_it(self, look, bring, hq, noon):
        an_officer("220", hq)
        bring(Kind.ROSTER, roster("2030-01-02,DAY,HQ,217,,,", "2030-01-02,NIGHT,HQ,219,,,"))
        a_rotation(Officer.objects.get(badge_number="218"), written="5-2")
        filling.fill(hq, date(2030, 1, 2), date(2030, 1, 2), by=None, now=noon)
        text = roster("2030-01-02,DAY,HQ,220,,,", "2030-01-02,EVENING,HQ,218,,,")

        found = look(Kind.ROSTER, text, whole=True)
        done = [bring(Kind.ROSTER, text, whole=True) for _ in range(2)]
        filling.keep_filled(now=noon)

        assert [one.name for one in found.removed] == [
            "2030-01-02 DAY HQ 217",
            "2030-01-02 DAY HQ 218",
        ]
        assert found.sentence == "2 would be added, 0 changed, 2 taken off, 0 stay as they are."
        assert found.notes == []  # 218 is on one shift alone
        assert [len(one.removed) for one in done] == [2, 0]
        assert done[1].sentence == "All 2 rows are as they stand here: nothing would change."
        on = Duty.objects.filter(shift__on=date(2030, 1, 2)).order_by("shift__begins_at")
        assert list(on.values_list("shift__kind__code", "officer__badge_number")) == [
            ("DAY", "220"),
            ("EVENING", "218"),
            ("NIGHT", "219"),
        ]
        facts = LedgerEntry.objects.filter(verb="imported").latest("pk").facts
        assert facts["taken_off"] == 2
        assert facts["off"][0] == ["2030-01-02", "DAY", "HQ", "217"]

    def test_who_is_taken_off_so_frees_the_spare(self, bring, hq, noon):
        bring(Kind.ROSTER, roster("2030-01-02,DAY,HQ,217,,,"))
        duty = Duty.objects.get()
        spare = a_camera(801, hq, noon)
        StandIn.objects.create(
            shift=duty.shift, officer=duty.officer, camera=spare, offered_at=noon
        )

        bring(Kind.ROSTER, roster("2030-01-02,DAY,HQ,218,,,"), whole=True)

        assert StandIn.objects.get().ended_at == noon

    def test_what_is_over_stays_in_a_file_that_is_the_whole_too(self, look, bring, hq, noon):
        yesterday = datetime(2029, 12, 31, 8, tzinfo=UTC)
        text = roster("2029-12-31,DAY,HQ,217,,,", "2029-12-31,DAY,HQ,218,,,")
        importing.apply(imports.at(Kind.ROSTER, yesterday), text.encode(), by=None, now=yesterday)

        found = look(Kind.ROSTER, roster("2029-12-31,DAY,HQ,217,,,"), whole=True)

        assert (found.errors, found.changes) == ([], [])

    def test_with_one_error_nobody_is_taken_off(self, bring, hq):
        bring(Kind.ROSTER, roster("2030-01-02,DAY,HQ,217,,,"))

        with pytest.raises(Refused):
            bring(Kind.ROSTER, roster("2030-01-02,DAY,HQ,218,,,", "x,DAY,HQ,219,,,"), whole=True)

        assert Duty.objects.get().officer.badge_number == "217"

    def test_other_stations_lose_nobody_to_a_file_that_is_the_whole(self, look, bring, hq):
        bring(Kind.ROSTER, roster("2030-01-02,DAY,HQ,217,,,"))
        north = a_station("N", "North")
        an_officer("300", north)
        text = roster("2030-01-02,DAY,N,300,,,", "2030-01-02,DAY,HQ,218,,,")

        found = look(Kind.ROSTER, text, whole=True, stations=[north.pk])

        assert found.errors
        assert found.removed == []

    def test_who_may_see_no_officers_is_told_how_many_stay_on(self, bring, hq, noon):
        bring(Kind.ROSTER, roster("2030-01-02,DAY,HQ,217,,,"))
        found = importing.plan(
            imports.at(Kind.ROSTER, noon), roster("2030-01-02,DAY,HQ,218,,,").encode()
        )

        assert found.notes == ["1 duty on these shifts is not in the file and stays."]

    def test_the_preview_names_who_is_suspended(self, bring, look, hq, noon):
        Officer.objects.filter(badge_number="217").update(suspended_because="Inquiry")
        text = roster("2030-01-02,DAY,HQ,217,,,", "2030-01-02,DAY,HQ,218,,,")

        assert imports.follows(look(Kind.ROSTER, text), now=noon, names_officers=True) == [
            "Suspended, so that no desk gives them a camera: 217."
        ]

    def test_who_may_see_no_officers_is_told_how_many_were_taken_off_by_hand(
        self, bring, look, hq, noon
    ):
        text = roster("2030-01-02,DAY,HQ,217,,,")
        bring(Kind.ROSTER, text)
        actions.take_off(Duty.objects.get(), by=None, now=noon)
        Officer.objects.filter(badge_number="217").update(suspended_because="Inquiry")

        assert imports.follows(look(Kind.ROSTER, text), now=noon) == [
            "Taken off by hand before, and on again by this file: 1."
        ]

    def test_what_changed_since_the_preview_is_refused(self, bring, look, hq):
        text = roster("2030-01-02,DAY,HQ,217,,,")
        shown = look(Kind.ROSTER, text).digest
        bring(Kind.ROSTER, text)

        with pytest.raises(Refused, match="changed since the preview"):
            bring(Kind.ROSTER, text, expected=shown)

    @pytest.mark.parametrize(
        ("rows", "said"),
        [
            (["2030-01-02,DAY,HQ,999,,,"], "names 999, which is not known"),
            (["2030-01-02,DAYS,HQ,217,,,"], "names DAYS, which is not known"),
            (["2030-01-02,DAY,ELM,217,,,"], "names ELM, which is not known"),
            (["2030-02-30,DAY,HQ,217,,,"], "date is written as year-month-day"),
            (["02/01/2030,DAY,HQ,217,,,"], "date is written as year-month-day"),
            (["2060-01-02,DAY,HQ,217,,,"], "is more than a year from today; is the year right?"),
            (["2029-12-30,DAY,HQ,217,,,"], "Day of Sun 30 Dec is over; what was, stays as it was"),
            (["2030-01-02,DAY,HQ,217,,25:00,"], "begins is a time of day"),
            (["2030-01-02,DAY,HQ,217,,09:00,09:00"], "it would have no end"),
            (["2030-01-02,DAY,HQ,217,,,06:30"], "for 23 h 30 min; at most 16 h"),
            (["2030-01-02,DAY,HQ,217,,19:00,22:00"], "would not be there during Day"),
            (["2030-01-02,DAY,HQ,217,,14:55,15:00"], "for 5 min only"),
            (
                ["2030-01-02,DAY,HQ,217,,,", "2030-01-02,DAY,HQ,217,,,"],
                "The same roster row stands in line 2 already",
            ),
            (
                ["2030-01-02,DAY,HQ,217,,,17:00", "2030-01-02,EVENING,HQ,217,,,"],
                "217 would be on Evening of Wed 2 Jan and on Day of Wed 2 Jan at once, for 2 h",
            ),
            (
                ["2030-01-02,NIGHT,HQ,217,,,", "2030-01-03,DAY,HQ,217,,05:00,"],
                "on Day of Thu 3 Jan and on Night of Wed 2 Jan at once, for 2 h",
            ),
        ],
    )
    def test_what_cannot_be_is_said_by_row_and_nothing_is_done(self, look, bring, hq, rows, said):
        found = look(Kind.ROSTER, roster(*rows))

        assert any(said in error.sentence for error in found.errors), found.errors
        assert found.errors[-1].line == len(rows) + 1
        with pytest.raises(Refused):
            bring(Kind.ROSTER, roster(*rows))
        assert not Duty.objects.exists()
        assert not Shift.objects.exists()

    def test_a_clash_with_a_duty_of_another_day_is_said(self, bring, look, hq, noon):
        bring(Kind.ROSTER, roster("2030-01-02,NIGHT,HQ,217,,,"))
        night = Duty.objects.get()
        longer = Span(night.begins_at, night.ends_at + timedelta(hours=1))
        actions.set_hours(night, longer, by=None, now=noon)

        found = look(Kind.ROSTER, roster("2030-01-03,DAY,HQ,217,,,"))

        assert "and on Night of Wed 2 Jan at once, for 1 h" in found.errors[0].sentence

    def test_who_left_and_who_belongs_elsewhere_is_said(self, look, hq):
        an_officer("300", a_station("N", "North"), active=False)

        found = look(Kind.ROSTER, roster("2030-01-02,DAY,HQ,300,,,"))

        said = [error.sentence for error in found.errors]
        assert len(said) == 2
        assert "300 has left" in said[0]
        assert "another station" in said[1]

    def test_other_stations_are_not_the_importers(self, look, hq):
        north = a_station("N", "North")

        found = look(Kind.ROSTER, roster("2030-01-02,DAY,HQ,217,,,"), stations=[north.pk])

        assert "HQ is not one of yours" in found.errors[0].sentence

    def test_a_change_of_clocks_is_said_and_is_no_error(self, hq):
        now = datetime(2026, 10, 30, tzinfo=UTC)
        text = roster("2026-10-31,NIGHT,HQ,217,,,", "2026-10-31,DAY,HQ,218,,,")
        what = imports.at(Kind.ROSTER, now)

        found = importing.plan(what, text.encode())
        importing.apply(what, text.encode(), by=None, now=now)

        assert found.errors == []
        assert found.notes == ["Night of Sat 31 Oct lasts 9 h, not 8 h: clocks go back."]
        assert Duty.objects.get(officer__badge_number="217").span.lasts == timedelta(hours=9)
        again = importing.plan(what, text.encode())
        assert not again.changes

    @pytest.mark.parametrize(
        ("row", "column"),
        [
            ("2026-03-07,NIGHT,HQ,217,,,02:30", "ends"),
            ("2026-03-08,DAY,HQ,217,,02:30,", "begins"),
        ],
    )
    def test_a_time_that_clocks_skip_is_refused(self, hq, row, column):
        what = imports.at(Kind.ROSTER, datetime(2026, 3, 6, tzinfo=UTC))

        (error,) = importing.plan(what, roster(row).encode()).errors

        assert (error.column, error.line) == (column, 2)
        assert error.sentence == "Clocks skip 02:30 on Sun 8 Mar: they go forward then."

    def test_which_of_a_doubled_hour_is_meant_is_said_once(self, hq):
        what = imports.at(Kind.ROSTER, datetime(2026, 10, 30, tzinfo=UTC))
        rows = [f"2026-10-31,EVENING,HQ,{badge},,,01:30" for badge in (217, 218)]

        found = importing.plan(what, roster(*rows).encode())

        assert found.errors == []
        assert found.notes == ["Clocks show 01:30 twice on Sun 1 Nov: the first is meant."]

    @pytest.mark.parametrize(
        ("raw", "said"),
        [
            (b"", "is empty"),
            (b"\xff\xfed\x00", "UTF-16"),
            (b"date,shift,station\n", "“badge_number” is missing"),
            (b"date,shift,station,badge_number,rank\n", "“rank” is not known"),
            (HEADER.encode(), "a header and no rows"),
        ],
    )
    def test_what_cannot_be_read_is_refused_whole(self, look, hq, raw, said):
        with pytest.raises(Refused, match=said):
            look(Kind.ROSTER, raw)

    @pytest.mark.parametrize(
        ("row", "said"),
        [
            ({"date": "2030-01-02", "shift": "DAY", "station": "HQ"}, "badge_number is empty"),
            ({"date": "2030-01-02", "rank": "x"}, "“rank” is not known"),
            ({"date": 20300102}, "date is no text"),
            ("2030-01-02", "no object of names and texts"),
        ],
    )
    def test_rows_of_a_program_are_judged_the_same(self, look, hq, row, said):
        assert said in look(Kind.ROSTER, [row]).errors[0].sentence

    def test_rows_of_a_program_are_brought(self, bring, hq):
        row = {"date": "2030-01-02", "shift": "DAY", "station": "HQ", "badge_number": "217"}

        assert counted(bring(Kind.ROSTER, [row])) == (1, 0, 0)
        assert counted(bring(Kind.ROSTER, [{**row, "unit": None}])) == (0, 0, 1)

    def test_a_long_file_costs_as_many_queries_as_a_short_one(
        self, bring, hq, django_assert_max_num_queries
    ):
        rows = []
        for n in range(100):
            an_officer(f"4{n:02}", hq)
            rows += [f"2030-01-{day:02},DAY,HQ,4{n:02},,," for day in range(2, 9)]

        with django_assert_max_num_queries(30):
            bring(Kind.ROSTER, roster(*rows))

        assert Duty.objects.count() == 700
