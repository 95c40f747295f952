"""What a rule would have done last week."""

from datetime import timedelta

import pytest

from devices.alerts import replays
from devices.alerts.actions import InForce
from devices.alerts.catalogue import CATALOGUE
from devices.alerts.rules import Condition, Terms
from devices.health.models import Placement, Silence
from tests.rows import a_camera, a_reading, a_station

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
