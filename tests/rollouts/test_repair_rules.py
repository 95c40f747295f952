"""Who is brought back by itself, and why somebody is not."""

from dataclasses import replace

import pytest

from devices.rollouts.planning import Target
from devices.rollouts.repairs.rules import Drifting, again_and_again, why_not
from devices.rollouts.rules import Course

PATROL = Target("patrol-3", "ab" * 32, profile="patrol")
ONE = Drifting(1, 7, "factory-1", PATROL, latest="Spring")
AGAIN = (
    "It was brought back to patrol-3 3 times in 30 days and runs factory-1 again: have it looked "
    "at."
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
        ({"in_hand": "Repair of patrol-3"}, "Repair of patrol-3 has it in hand."),
        ({"put_aside": "Brick."}, "It is put aside: Brick."),
        ({"brought": False}, "No rollout has brought it patrol-3 yet."),
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


def test_whoever_has_something_else_against_it_is_not_put_aside_for_drifting():
    paused = replace(ONE, repaired=3, course=Course.PAUSED)

    assert why_not(paused) != again_and_again(paused) == AGAIN
