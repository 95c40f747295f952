"""Never short: properties of the permission to install, on plain values."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from devices.readiness.facts import Known
from devices.readiness.margin import Held, Judged, OnDuty, Post, ShiftReadiness, ShiftSpan
from devices.readiness.rules import Blocker, Fit, Need, Readiness, Reason
from devices.rollouts.floor import Candidate, Granted, Kept, permits

NOW = datetime(2030, 1, 1, 12, tzinfo=UTC)
H = timedelta(hours=1)
NOT_READY = Readiness((Reason(Blocker.BATTERY, Fit.NO, "", "", "", ""),))


def a_camera(pk: int) -> Held:
    known = Known._make([pk, *[None] * (len(Known._fields) - 1)])
    return Held(pk, None, 1, "", "", known)


def judged(pk: int, begins_at: datetime, *, ready: bool) -> Judged:
    readiness = Readiness(()) if ready else NOT_READY
    return Judged(a_camera(pk), Need(begins_at, 8 * H), readiness, ready, None, None, None)


def a_shift(
    at: datetime, own: Sequence[tuple[int, bool]] = (), spares: Sequence[int] = (), reserve: int = 0
) -> ShiftReadiness:
    span = ShiftSpan(int(at.timestamp()), "Evening", 1, "HQ", at, at + 8 * H, reserve)
    posts = tuple(
        Post(
            OnDuty(span.id, pk, str(pk), "", at, at + 8 * H),
            double=False,
            on_from=at,
            judged=judged(pk, at, ready=ready),
            stands_in=False,
            gone=False,
        )
        for pk, ready in own
    )
    ready = tuple(judged(pk, at, ready=True) for pk in spares)
    return ShiftReadiness(span, posts, ready, (), NOW)


def asked(*cameras: int, back_by: datetime = NOW + H) -> list[Candidate]:
    return [Candidate(pk, f"C{pk:04d}", 1, back_by) for pk in cameras]


def answers(candidates, shifts) -> dict[int, str]:
    return {
        one.camera_id: one.because if isinstance(one, Kept) else ""
        for one in permits(candidates, shifts)
    }


def test_a_camera_of_somebody_who_comes_on_before_it_is_back_is_kept():
    evening = a_shift(NOW + timedelta(minutes=50), own=[(1, True), (2, False)])

    assert answers(asked(1, 2, 3), [evening]) == {
        1: "C0001 is needed for the Evening shift at Tue 12:50.",
        2: "",  # it is not ready for it anyway: the update may be what it lacks
        3: "",  # nobody's for that shift
    }


def test_a_shift_that_begins_when_it_is_back_lacks_nothing():
    assert answers(asked(1), [a_shift(NOW + H, own=[(1, True)])]) == {1: ""}


def test_a_spare_of_two_shifts_at_once_is_missed_by_both():
    at = NOW + timedelta(minutes=30)
    day = a_shift(at, own=[(1, False)], spares=[7, 8, 9])
    power = replace(
        a_shift(at, own=[(2, False)], spares=[8, 9]), for_others=(judged(7, at, ready=True),)
    )

    found = answers(asked(7, 8), [day, power])

    assert found[7] == ""  # one is to spare, whichever
    assert found[8].startswith("The Evening shift at Tue 12:30 could be short")


def test_one_of_a_pool_may_go_while_another_does_as_well():
    shift = a_shift(NOW + timedelta(minutes=30), own=[(1, True), (2, True)], spares=[8])
    pool = replace(shift, posts=tuple(replace(one, takes_any=True) for one in shift.posts))

    assert answers(asked(1, 2), [pool]) == {
        1: "",
        2: "The Evening shift at Tue 12:30 could be short without C0002.",
    }


def test_a_spare_that_a_shift_could_lack_is_kept():
    soon = a_shift(NOW + timedelta(minutes=30), own=[(1, True), (2, False)], spares=[8, 9])

    assert answers(asked(8, 9), [soon]) == {
        8: "",
        9: "The Evening shift at Tue 12:30 could be short without C0009.",
    }


def test_the_reserve_is_kept():
    soon = a_shift(NOW + timedelta(minutes=30), own=[(1, True)], spares=[8, 9], reserve=2)

    assert [bool(one) for one in answers(asked(8, 9), [soon]).values()] == [True, True]


numbers = st.integers(1, 12)


@st.composite
def fleets(draw):
    """Shifts of one station within some hours, and candidates that may be in any of them."""
    shifts = []
    for at in draw(st.lists(st.integers(1, 400), max_size=4, unique=True)):
        own = draw(st.dictionaries(numbers, st.booleans(), max_size=6))
        spares = draw(st.sets(numbers, max_size=6)) - own.keys()
        reserve = draw(st.integers(0, 3))
        shifts.append(a_shift(NOW + timedelta(minutes=at), [*own.items()], sorted(spares), reserve))
    asked_of = draw(st.lists(st.tuples(numbers, st.integers(1, 500)), unique_by=lambda one: one[0]))
    return shifts, [
        Candidate(pk, f"C{pk:04d}", 1, NOW + timedelta(minutes=back)) for pk, back in asked_of
    ]


@given(fleets())
def test_no_shift_is_short_because_of_what_is_permitted(fleet):
    shifts, candidates = fleet

    granted = {
        one.camera_id: one for one in permits(candidates, shifts) if isinstance(one, Granted)
    }

    for shift in shifts:
        begins_at = shift.shift.begins_at
        away = {pk for pk, one in granted.items() if begins_at < one.back_by}
        own = {post.judged.camera.id for post in shift.posts if post.judged and post.ready}
        assert not away & own
        taken = away & {spare.camera.id for spare in shift.spares}
        assert shift.margin - len(taken) >= min(0, shift.margin)
        assert not (shift.margin < 1 and taken)


@given(fleets())
def test_every_candidate_has_one_answer_and_more_hours_never_permit_more(fleet):
    shifts, candidates = fleet
    said = answers(candidates, shifts)
    assert list(said) == [one.camera_id for one in candidates]

    first = candidates[:1]
    longer = [Candidate(one.camera_id, one.name, 1, one.back_by + 9 * H) for one in first]
    if first and said[first[0].camera_id]:
        assert answers(longer, shifts)[first[0].camera_id]


@given(fleets())
def test_without_shifts_to_come_all_are_permitted(fleet):
    _, candidates = fleet

    assert not any(answers(candidates, []).values())
