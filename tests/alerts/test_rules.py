"""How an alert opens, fires, clears and is settled, without a database."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from devices.alerts.rules import Condition, Course, Sight, Terms, explained, step

NOON = datetime(2030, 1, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
TERMS = Terms("major", opens_after=5 * MINUTE, clears_after=2 * MINUTE)
BAD, BETWEEN, GOOD = Condition.BAD, Condition.BETWEEN, Condition.GOOD


def after(*seen: Condition | None, course: Course | None = None, start: int = 0) -> Course | None:
    """The course after one look a minute."""
    for minute, one in enumerate(seen, start):
        course = step(course, one, since=None, terms=TERMS, now=NOON + minute * MINUTE)
    return course


def fired() -> Course:
    course = after(*[BAD] * 6)
    assert course is not None
    assert course.firing
    return course


def test_bad_for_long_enough_fires():
    pending = after(*[BAD] * 5)

    assert pending is not None
    assert not pending.firing
    assert fired().began_at == NOON


def test_what_was_bad_before_anybody_looked_fires_at_the_first_look():
    course = step(None, BAD, since=NOON - 6 * MINUTE, terms=TERMS, now=NOON)

    assert course is not None
    assert course.firing
    assert course.began_at == NOON - 6 * MINUTE


def test_what_turned_out_well_in_time_leaves_no_trace():
    assert after(BAD, BAD, GOOD) is None
    assert after(BAD, BAD, BETWEEN) is None


def test_only_a_better_limit_for_long_enough_clears():
    assert after(BETWEEN, BETWEEN, BETWEEN, course=fired(), start=6).firing
    assert after(GOOD, GOOD, course=fired(), start=6).firing
    assert not after(GOOD, GOOD, GOOD, course=fired(), start=6).firing


def test_a_relapse_starts_the_wait_for_better_anew():
    assert after(GOOD, GOOD, BAD, GOOD, GOOD, course=fired(), start=6).firing


def test_nothing_is_resolved_because_nobody_could_look():
    assert after(*[None] * 600, course=fired(), start=6).firing


def test_nothing_opens_because_nobody_could_look():
    assert after(None, None) is None


def test_a_cleared_alert_stays_until_somebody_saw_it():
    cleared = after(GOOD, GOOD, GOOD, course=fired(), start=6)

    assert not cleared.resolved
    assert after(GOOD, course=replace(cleared, acknowledged=True), start=9).resolved


def test_a_cleared_alert_that_nobody_saw_is_settled_after_a_day():
    cleared = after(GOOD, GOOD, GOOD, course=fired(), start=6)

    assert after(GOOD, course=cleared, start=9 + 24 * 60).resolved


def test_what_comes_back_opens_the_same_alert_again_after_the_same_patience():
    cleared = after(GOOD, GOOD, GOOD, course=fired(), start=6)

    again = after(*[BAD] * 5, course=cleared, start=9)
    assert not again.firing
    again = after(BAD, course=again, start=14)
    assert again.firing
    assert again.times == 2


def test_coming_and_going_is_one_flapping_alert_until_it_is_quiet():
    hasty = Terms("major", timedelta(), timedelta())
    course = None
    for minute in range(6):
        seen = BAD if minute % 2 == 0 else GOOD
        course = step(course, seen, since=None, terms=hasty, now=NOON + minute * MINUTE)
    assert course.flapping

    quiet = step(course, GOOD, since=None, terms=hasty, now=NOON + 70 * MINUTE)
    assert not quiet.flapping


looks = st.lists(st.sampled_from([BAD, BETWEEN, GOOD, None]), max_size=60)


@given(looks)
def test_an_alert_never_fires_before_its_patience_is_over(seen: Sequence[Condition | None]):
    course, bad_for = None, 0
    for minute, one in enumerate(seen):
        before = course
        course = step(course, one, since=None, terms=TERMS, now=NOON + minute * MINUTE)
        bad_for = bad_for + 1 if one in (BAD, None) and (bad_for or one is BAD) else 0
        if course and course.firing and not (before and before.firing):
            assert bad_for > 5


@given(looks, st.integers(1, 3))
def test_looking_twice_at_the_same_moment_changes_nothing(seen, times):
    once = twice = None
    for minute, one in enumerate(seen):
        now = NOON + minute * MINUTE
        once = step(once, one, since=None, terms=TERMS, now=now)
        for _ in range(times):
            twice = step(twice, one, since=None, terms=TERMS, now=now)

    assert once == twice


def sight(rule: str, subject: str, *causes: tuple[str, str], condition=BAD) -> Sight:
    return Sight(rule, subject, condition, subject, "", causes=causes)


DOCK = ("dock_silent", "dock:D03")


def test_a_dock_that_is_down_is_one_cause_not_eight():
    cameras = [sight("camera_silent", f"camera:{n}", DOCK) for n in range(8)]

    found = explained([sight(*DOCK), *cameras], {})

    assert found == {one.key: DOCK for one in cameras}


def test_a_cause_that_fires_but_was_not_seen_now_still_explains():
    camera = sight("camera_silent", "camera:1", DOCK)

    assert explained([camera], {DOCK: object()}) == {camera.key: DOCK}


def test_a_cause_that_is_well_explains_nothing():
    camera = sight("camera_silent", "camera:1", DOCK)

    assert explained([sight(*DOCK, condition=GOOD), camera], {}) == {}


def test_the_cause_furthest_up_is_named_and_circles_end():
    up = ("site_down", "station:HQ")
    camera, dock = sight("camera_silent", "camera:1", DOCK), sight(*DOCK, up)

    assert explained([camera, dock, sight(*up)], {})[camera.key] == up
    assert explained([camera, sight(*DOCK, camera.key)], {})[camera.key] == DOCK
