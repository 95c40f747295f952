"""Setting the roster by hand, and taking it back. Noon is of Tuesday 1 January 2030, in UTC."""

from dataclasses import asdict
from datetime import date, time, timedelta

import pytest

from devices.errors import Refused
from devices.ledger import LedgerEntry
from devices.roster import actions
from devices.roster.actions import Stand
from devices.roster.models import Duty, Shift, ShiftKind, StandIn, TakenOff
from devices.roster.rules import Hours, Span
from tests.roster.setting import an_officer, shifts_of
from tests.rows import a_camera, a_station

pytestmark = pytest.mark.django_db
ON = date(2030, 1, 2)
HOUR = timedelta(hours=1)


@pytest.fixture
def hq():
    return a_station()


@pytest.fixture
def shifts(hq):
    return shifts_of(hq, ON, days=2)


@pytest.fixture
def officer(hq):
    return an_officer("217", hq, unit="Patrol A")


@pytest.fixture
def act(noon):
    """An action by nobody in particular, now."""
    return lambda verb, *args, **said: verb(*args, by=None, now=noon, **said)


def verbs():
    return list(LedgerEntry.objects.order_by("seq").values_list("verb", flat=True))


class TestKinds:
    def test_a_kind_is_defined_and_changed(self, act):
        act(actions.define_kind, "day", name="Day", hours=Hours(time(7), time(15)), reserve=2)
        act(actions.define_kind, "DAY", name="Day", hours=Hours(time(6), time(14)), reserve=3)

        kind = ShiftKind.objects.get()

        assert (kind.code, kind.begins, kind.reserve) == ("DAY", time(6), 3)
        assert verbs() == ["shift defined", "shift defined"]

    def test_the_same_again_changes_nothing(self, act):
        for _ in range(2):
            act(actions.define_kind, "DAY", name="Day", hours=Hours(time(7), time(15)), reserve=2)

        assert verbs() == ["shift defined"]

    def test_shifts_to_come_follow_and_so_do_duties_as_long_as_they(self, act, shifts, officer):
        follows = act(actions.put_on, officer, shifts[0])
        by_hand = act(actions.put_on, officer, shifts[3])
        act(actions.set_hours, by_hand, Span(by_hand.begins_at, by_hand.ends_at - HOUR))
        act(actions.set_reserve, shifts[0], 5)

        act(actions.define_kind, "DAY", name="Day", hours=Hours(time(8), time(15)), reserve=1)

        followed, left = Duty.objects.order_by("begins_at")
        assert followed.begins_at == follows.begins_at + HOUR
        assert left.begins_at == by_hand.begins_at
        assert [shift.reserve for shift in Shift.objects.filter(kind__code="DAY")] == [5, 1]

    def test_what_would_move_is_counted_and_moves_nothing(self, act, shifts, officer, noon):
        for shift in (shifts[0], shifts[1], shifts[3]):
            act(actions.put_on, officer, shift)
        by_hand = Duty.objects.get(shift=shifts[3])
        act(actions.set_hours, by_hand, Span(by_hand.begins_at, by_hand.ends_at - HOUR))
        before = [*Duty.objects.order_by("pk").values_list("begins_at", "ends_at")]

        earlier = actions.moves("day", Hours(time(6), time(14)), now=noon)
        longer = actions.moves("DAY", Hours(time(7), time(16)), now=noon)
        same = actions.moves("DAY", Hours(time(7), time(15)), now=noon)
        new = actions.moves("LATE", Hours(time(7), time(15)), now=noon)

        assert (earlier.shifts, earlier.duties, earlier.twice) == (2, 1, 0)
        assert (longer.shifts, longer.duties, longer.twice) == (2, 1, 1)
        assert not same
        assert not new
        assert [*Duty.objects.order_by("pk").values_list("begins_at", "ends_at")] == before

    def test_times_that_put_somebody_on_two_at_once_are_refused_whole(self, act, shifts, officer):
        for shift in shifts[:2]:
            act(actions.put_on, officer, shift)

        with pytest.raises(Refused, match="two shifts at once"):
            act(actions.define_kind, "DAY", name="Day", hours=Hours(time(7), time(16)), reserve=2)

        assert ShiftKind.objects.get(code="DAY").ends == time(15)
        assert Duty.objects.count() == 2

    @pytest.mark.parametrize(
        ("code", "hours", "reserve", "said"),
        [
            ("", Hours(time(7), time(15)), 0, "a code and a name"),
            ("D", Hours(time(7), time(7)), 0, "it would have no end"),
            ("D", Hours(time(7), time(4)), 0, "at most 16 h"),
            ("D", Hours(time(7), time(15)), 100, "from 0 to 99"),
        ],
    )
    def test_what_makes_no_shift_is_refused(self, act, code, hours, reserve, said):
        with pytest.raises(Refused, match=said):
            act(actions.define_kind, code, name="Day", hours=hours, reserve=reserve)

        assert not ShiftKind.objects.exists()


class TestDuties:
    def test_put_on_is_as_long_as_the_shift_and_in_the_officers_unit(self, act, shifts, officer):
        duty = act(actions.put_on, officer, shifts[0])

        assert duty.span == shifts[0].span
        assert (duty.unit, duty.source) == ("Patrol A", "by_hand")
        assert verbs() == ["put on"]

    def test_two_at_once_names_both_and_changes_nothing(self, act, shifts, officer):
        act(actions.put_on, officer, shifts[0])
        longer = Span(shifts[1].begins_at - HOUR, shifts[1].ends_at)

        with pytest.raises(Refused, match="Evening of Wed 2 Jan and on Day of Wed 2 Jan at once"):
            act(actions.put_on, officer, shifts[1], span=longer)

        assert Duty.objects.count() == 1

    def test_twice_on_one_shift_is_refused(self, act, shifts, officer):
        act(actions.put_on, officer, shifts[0])

        with pytest.raises(Refused, match="217 is on Day of Wed 2 Jan already"):
            act(actions.put_on, officer, shifts[0])

    def test_who_left_or_belongs_elsewhere_is_refused(self, act, shifts):
        gone = an_officer("300", a_station("N", "North"), active=False)

        with pytest.raises(Refused, match=r"300 has left.* 300 belongs to another station"):
            act(actions.put_on, gone, shifts[0])

    def test_a_duty_is_extended_into_the_next_shift(self, act, shifts, officer):
        duty = act(actions.put_on, officer, shifts[0])

        act(actions.set_hours, duty, Span(duty.begins_at, duty.ends_at + 3 * HOUR))

        assert Duty.objects.get().ends_at == shifts[0].ends_at + 3 * HOUR
        assert verbs() == ["put on", "duty changed"]

    def test_an_extension_into_a_duty_of_ones_own_is_refused(self, act, shifts, officer):
        duty = act(actions.put_on, officer, shifts[0])
        act(actions.put_on, officer, shifts[1])

        with pytest.raises(Refused, match="at once, for 30 min"):
            act(actions.set_hours, duty, Span(duty.begins_at, duty.ends_at + HOUR / 2))

        assert Duty.objects.get(shift=shifts[0]).ends_at == shifts[0].ends_at

    def test_taken_off_is_remembered_and_frees_the_spare(self, act, noon, shifts, officer, hq):
        duty = act(actions.put_on, officer, shifts[0])
        StandIn.objects.create(
            shift=shifts[0], officer=officer, camera=a_camera(9, hq, noon), offered_at=noon
        )

        act(actions.take_off, duty)

        assert not Duty.objects.exists()
        assert TakenOff.objects.filter(officer=officer, shift=shifts[0]).exists()
        assert StandIn.objects.get().ended_at == noon

    def test_taking_off_twice_is_refused(self, act, shifts, officer):
        duty = act(actions.put_on, officer, shifts[0])
        again = Duty.objects.get(pk=duty.pk)
        act(actions.take_off, duty)

        with pytest.raises(Refused, match="not on Day of Wed 2 Jan any more"):
            act(actions.take_off, again)

    def test_a_move_is_both_or_neither(self, act, shifts, officer):
        duty = act(actions.put_on, officer, shifts[0])
        act(actions.move, Duty.objects.get(pk=duty.pk), shifts[1])
        assert Duty.objects.get().shift == shifts[1]

        act(actions.put_on, officer, shifts[2])
        with pytest.raises(Refused, match="already"):
            act(actions.move, Duty.objects.get(shift=shifts[1]), shifts[2])
        assert Duty.objects.count() == 2

    def test_what_is_over_stays_as_it_was(self, shifts, officer, noon):
        duty = actions.put_on(officer, shifts[0], by=None, now=noon)
        later = noon + timedelta(days=7)

        for verb, args in (
            (actions.put_on, (an_officer("218", shifts[0].station), shifts[0])),
            (actions.take_off, (duty,)),
            (actions.set_hours, (duty, Span(duty.begins_at, duty.ends_at + HOUR))),
            (actions.set_reserve, (shifts[0], 1)),
        ):
            with pytest.raises(Refused, match="is over"):
                verb(*args, by=None, now=later)


class TestTakingBack:
    def before_and_after(self, officer, shifts, change):
        ids = [shift.pk for shift in shifts]
        before = actions.stands(officer.pk, ids)
        change()
        return before, actions.stands(officer.pk, ids)

    @pytest.mark.parametrize("change", ["take off", "extend", "move"])
    def test_every_change_can_be_taken_back(self, act, shifts, officer, change):
        duty = act(actions.put_on, officer, shifts[0])
        longer = Span(duty.begins_at, duty.ends_at + HOUR)
        do = {
            "take off": lambda: act(actions.take_off, duty),
            "extend": lambda: act(actions.set_hours, duty, longer),
            "move": lambda: act(actions.move, duty, shifts[1]),
        }[change]
        before, after = self.before_and_after(officer, shifts[:2], do)
        kept = [Stand(**asdict(one)) for one in before]

        act(actions.restore, kept, after)

        assert actions.stands(officer.pk, [shift.pk for shift in shifts[:2]]) == before
        assert before != after

    def test_what_somebody_changed_since_is_left_alone(self, act, shifts, officer):
        before, after = self.before_and_after(
            officer, shifts[:1], lambda: act(actions.put_on, officer, shifts[0])
        )
        duty = Duty.objects.get()
        act(actions.set_hours, duty, Span(duty.begins_at, duty.ends_at + HOUR))

        with pytest.raises(Refused, match="changed this since"):
            act(actions.restore, before, after)

        assert Duty.objects.exists()
