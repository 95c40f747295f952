"""What a rule would have done last week."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import localtime

from devices.alerts import replays
from devices.alerts.actions import InForce
from devices.alerts.catalogue import CATALOGUE
from devices.alerts.models import Alert
from devices.alerts.rules import Condition, Terms
from devices.custody import actions as custody
from devices.custody.actions import Told
from devices.health.models import Placement, Silence
from devices.inventory.models import Officer
from devices.roster.models import Outcome
from tests.roster.setting import shifts_of
from tests.rows import a_camera, a_duty_at, a_reading, a_station, an_alert

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
BAD, GOOD = Condition.BAD, Condition.GOOD


@pytest.mark.parametrize(
    ("turns", "expected"),
    [
        ([(0, BAD)], [30]),
        ([(0, BAD), (29, GOOD)], []),
        ([(0, BAD), (31, GOOD), (100, BAD), (140, GOOD)], [30, 130]),
        ([(0, BAD), (31, GOOD), (32, BAD)], [30]),  # it never was good for long enough
        ([(580, BAD)], []),  # its patience ends after the week
    ],
)
def test_a_rule_calls_in_the_past_as_it_would_have_then(noon, turns, expected):
    terms = Terms("minor", 30 * MINUTE, 2 * MINUTE)
    seen = [replays.Turn(noon + minute * MINUTE, condition) for minute, condition in turns]

    found = list(replays.firings(seen, terms, noon + 600 * MINUTE))

    assert found == [noon + minute * MINUTE for minute in expected]


@pytest.mark.django_db
def test_a_longer_patience_would_have_called_less_often(noon):
    station = a_station()
    for number, minutes in ((1, 20), (2, 45), (3, 300)):
        camera = a_camera(number, station, noon)
        Placement.objects.create(camera=camera, docked=True, at=noon, received_at=noon)
        Silence.objects.create(
            camera=camera,
            began_at=noon,
            detected_at=noon,
            ended_at=noon + minutes * MINUTE,
        )
    rule = CATALOGUE["camera_silent"]

    def times(patience):
        terms = Terms("minor", patience, 2 * MINUTE)
        span = {"since": noon - MINUTE, "until": noon + timedelta(days=1)}
        return replays.replay(InForce(rule, terms, None), **span).times

    assert [times(minutes * MINUTE) for minutes in (10, 30, 60, 600)] == [3, 2, 1, 0]


@pytest.mark.django_db
def test_every_past_that_is_kept_can_be_asked_and_the_others_say_so(noon):
    for code, rule in CATALOGUE.items():
        limit = rule.limit.default if rule.limit else None
        found = replays.replay(
            InForce(rule, rule.terms, limit), since=noon - timedelta(days=7), until=noon
        )
        assert (found is None) == (code in replays.UNKEPT)


@pytest.mark.django_db
def test_a_rule_that_is_switched_off_would_have_called_nobody(noon):
    a_reading(a_camera(417, a_station(), noon), noon - 5 * HOUR, clock_wrong=True)
    rule = CATALOGUE["clock_wrong"]
    span = {"since": noon - 9 * HOUR, "until": noon}

    on, off = (
        replays.replay(InForce(rule, rule.terms, None, enabled), **span)
        for enabled in (True, False)
    )

    assert (on.times, off.times) == (1, 0)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("code", "said", "times"),
    [
        ("clock_wrong", {"clock_wrong": True}, 1),
        ("offload_failed", {"offload": "failed"}, 0),
        ("storage_low", {"storage_free_mb": 900}, 0),
    ],
)
def test_what_is_asked_of_docked_cameras_alone_is_asked_of_them_in_the_past_too(
    noon, code, said, times
):
    a_reading(a_camera(417, a_station(), noon), noon - 5 * HOUR, docked=False, **said)
    rule = CATALOGUE[code]
    limit = rule.limit.default if rule.limit else None

    found = replays.replay(InForce(rule, rule.terms, limit), since=noon - 9 * HOUR, until=noon)

    assert found.times == times


@pytest.mark.django_db
def test_of_shifts_it_says_how_they_began_since_what_was_foretold_is_not_kept(noon):
    span = {"since": noon - timedelta(days=7), "until": noon}
    shifts = shifts_of(a_station(), (noon - timedelta(days=3)).date())
    kept = "What was foretold of a shift is not kept, only what came of it."
    nothing = "As it was in force then, it called for nothing."
    assert replays.why_not("shift_short", **span) == (
        f"{kept} No shift is on record that began in that time. {nothing}"
    )

    for shift, ready in zip(shifts, (5, 4, 3), strict=True):
        Outcome.objects.create(
            shift=shift, at=noon, rostered=5, ready=ready, unknown=0, spares=1, need=7
        )

    assert replays.why_not("shift_short", **span) == (
        f"{kept} Of 3 shifts that began then, 1 had fewer ready cameras than officers,"
        f" its spares counted. {nothing}"
    )
    assert replays.why_not("dock_silent", **span) == ""


@pytest.mark.django_db
@pytest.mark.parametrize("code", sorted(replays.UNKEPT))
def test_of_a_rule_that_cannot_be_replayed_it_says_what_it_did(noon, code):
    span = {"since": noon - timedelta(days=7), "until": noon}
    local = f"{localtime(noon - 2 * HOUR):%d %b %H:%M}"
    cause = an_alert("dock_silent", "D01")
    for name, fields in {
        "one": {"fired_at": noon - 9 * HOUR, "resolved_at": noon},
        "two": {"fired_at": noon - 2 * HOUR, "times": 3},
        "explained": {"fired_at": noon - HOUR, "cause": cause},
        "not yet": {"fired_at": None},
        "long ago": {
            "fired_at": noon - timedelta(days=9),
            "cleared_at": noon - timedelta(days=8),
        },
        "still": {"fired_at": noon - timedelta(days=9)},
        "over": {"fired_at": noon - timedelta(days=9), "cleared_at": noon - timedelta(days=6)},
    }.items():
        an_alert(code, name, **fields)
    again = an_alert(code, "again", fired_at=noon - 4 * HOUR, resolved_at=noon)
    Alert.objects.filter(pk=again.pk).update(subject=f"{code}:one")

    said = replays.why_not(code, **span)

    assert said.endswith(
        f"As it was in force then, it called for 4 subjects; the last began to call {local}."
    )


@pytest.mark.django_db
def test_what_has_called_all_week_is_not_nothing(noon):
    span = {"since": noon - timedelta(days=7), "until": noon}
    an_alert("rollout_still", "July", fired_at=noon - timedelta(days=9))
    local = f"{localtime(noon - timedelta(days=9)):%d %b %H:%M}"

    said = replays.why_not("rollout_still", **span)

    assert said.endswith(f"it called for 1 subject; the last began to call {local}.")


def _statement(code, noon):
    """What the database is asked for a week of this rule."""
    rule = CATALOGUE[code]
    limit = rule.limit.default if rule.limit else None
    with CaptureQueriesContext(connection) as asked:
        replays.replay(InForce(rule, rule.terms, limit), since=noon - timedelta(days=7), until=noon)
    return asked.captured_queries[-1]["sql"]


@pytest.mark.django_db
def test_where_own_cameras_were_is_read_where_only_changes_are_kept(noon):
    """Readings of five weeks are half a million for ten cameras."""
    assert "devices_placement" in _statement("own_missing", noon)
    assert "devices_reading" not in _statement("own_missing", noon)


@pytest.mark.django_db
def test_one_that_left_its_bay_long_before_what_is_played_back_is_known_to_be_out(noon):
    station = a_station()
    officer = Officer.objects.create(badge_number="1017", station=station)
    camera = a_camera(417, station, noon - timedelta(days=90))
    left_at = noon - timedelta(days=60)
    told = Told(by=None, now=noon - timedelta(days=70), via="import", reason="Standing issue")
    custody.assign(camera, officer, told=told)
    Placement.objects.create(camera=camera, docked=False, at=left_at, received_at=left_at)
    ended_at = noon - timedelta(days=5)
    a_duty_at(station, officer, ended_at - 8 * HOUR, ended_at)
    rule = CATALOGUE["own_missing"]

    found = replays.replay(
        InForce(rule, rule.terms, rule.limit.default), since=noon - timedelta(days=7), until=noon
    )

    assert found.last == (ended_at + timedelta(hours=72, minutes=25),)


@pytest.mark.django_db
def test_who_was_suspended_is_found_by_an_index_of_the_ledger(noon):
    """It has years of entries, and none by what was done; the planner is told how many, because of
    an empty table it may choose any index."""
    sql = _statement("leaver_holds", noon)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO devices_ledgerentry"
            " (seq, at, roles, source, session, request, verb, subject, outcome, facts, hash)"
            " SELECT n, %s, '', '', '', '', 'reserved', 'camera C' || n, 'done', '{}', ''"
            " FROM generate_series(1000000, 1005000) n",
            [noon],
        )
        cursor.execute("ANALYZE devices_ledgerentry")
        cursor.execute(f"EXPLAIN {sql}")
        plan = "\n".join(line for (line,) in cursor.fetchall())

    assert "Seq Scan on devices_ledgerentry" not in plan
    assert "(subject)::text ~>=~ 'officer '::text" in plan
