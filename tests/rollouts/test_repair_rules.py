"""Who is brought back by itself, and why somebody is not."""

from dataclasses import replace

import pytest

from devices.rollouts.planning import Target
from devices.rollouts.repairs.rules import Drifting, again_and_again, room_for_new, why_not
from devices.rollouts.rules import Course

PATROL = Target("patrol-3", "ab" * 32, profile="patrol")
ONE = Drifting(1, 7, "factory-1", PATROL, latest="Spring")
AGAIN = (
    "It was brought back to patrol-3 3 times in 30 days and runs factory-1 again: have it looked "
    "at."
)
MANY = (
    "As many came to patrol-3 since Spring as may without a rollout: a tenth of those that it was "
    "brought to. Bring it to the others by one."
)


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({}, ""),
        ({"course": Course.RUNNING}, ""),
        ({"runs": "patrol-2"}, ""),
        ({"runs": "patrol-3"}, ""),  # with other content
        ({"repaired": 2}, ""),
        ({"repaired": 3}, AGAIN),
        (
            {"in_hand": "Repair of patrol-3", "brings": "patrol-3"},
            "Repair of patrol-3 has it in hand.",
        ),
        ({"in_hand": "Quiet", "brings": "quiet-1"}, "Quiet is bringing it quiet-1, not patrol-3."),
        ({"put_aside": "Brick."}, "It is put aside: Brick."),
        (
            {"in_vain": "It could not be updated for 7 days: It is not emptied."},
            "It could not be updated for 7 days: It is not emptied. It is tried again after 30 "
            "days, or by a rollout.",
        ),
        ({"in_vain": "It could not", "repaired": 3}, AGAIN),
        ({"brought": False}, "No rollout has brought it patrol-3 yet."),
        ({"brought": False, "room": 9}, "No rollout has brought it patrol-3 yet."),
        ({"brought": False, "come_since": "Spring", "room": 1}, ""),
        ({"brought": False, "come_since": "Spring", "room": 0}, MANY),
        ({"brought": False, "come_since": "Spring", "room": -2}, MANY),
        (
            {"brought": False, "come_since": "Spring", "room": 1, "course": Course.ABORTED},
            "Spring was aborted: patrol-3 is brought to nobody.",
        ),
        ({"course": Course.PAUSED}, "Spring is paused: patrol-3 is brought to nobody."),
        ({"course": Course.ABORTED}, "Spring was aborted: patrol-3 is brought to nobody."),
        (
            {"runs": "patrol-4"},
            "It runs patrol-4; patrol-3 is older, and no signed order says to bring it there.",
        ),
        ({"runs": "patrol-4", "target": replace(PATROL, ordered=True)}, ""),
    ],
)
def test_what_a_rollout_had_brought_is_brought_again_unless_something_speaks_against_it(
    changed, why
):
    assert why_not(replace(ONE, **changed)) == why


@pytest.mark.parametrize(
    ("brought", "new", "room"), [(1, 0, 1), (19, 0, 1), (20, 0, 2), (140, 5, 9), (140, 20, -6)]
)
def test_a_tenth_comes_to_a_version_without_a_rollout(brought, new, room):
    assert room_for_new(brought, new) == room


def test_whoever_has_something_else_against_it_is_not_put_aside_for_drifting():
    paused = replace(ONE, repaired=3, course=Course.PAUSED)

    assert why_not(paused) != again_and_again(paused) == AGAIN
