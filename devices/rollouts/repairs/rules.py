"""Whether a camera that drifted from its profile is brought back by itself, or why not. Pure.

Two people approved the version, and a rollout that people started had brought it to this camera:
that decision stands until another one is made. What no rollout brought to a camera yet is people's
to bring, in waves; a repair never widens who runs a version.
"""

from dataclasses import dataclass
from datetime import timedelta

from devices.rollouts.planning import Target, why_not_from
from devices.rollouts.rules import PUT_ASIDE, Course

# How the rollouts of a version stand while it is brought to whoever drifted from it.
BRINGING = (Course.RUNNING, Course.FINISHED)
MOST_REPAIRS = 3  # in a row; whoever drifts once more has something that no update mends
IN_A_ROW = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Drifting:
    """A camera that says another profile than ``target``, which it should run.

    ``brought``: a rollout brought it there, or found it there. ``latest`` is that version's latest
    rollout that began, and ``course`` how it stands. ``repaired``: how often it was brought back of
    late, since it was last put aside. ``in_hand`` is the rollout that is bringing it a profile.
    """

    camera_id: int
    release_id: int
    runs: str
    target: Target
    brought: bool = True
    latest: str = ""
    course: Course = Course.FINISHED
    repaired: int = 0
    put_aside: str = ""
    in_hand: str = ""


def why_not(one: Drifting) -> str:
    """The sentence why it is not brought back now; empty if it is."""
    if one.in_hand:
        return f"{one.in_hand} has it in hand."
    if one.put_aside:
        return f"{PUT_ASIDE}{one.put_aside}"
    if not one.brought:
        return f"No rollout has brought it {one.target.version} yet."
    if one.course not in BRINGING:
        return f"{one.latest} {_stands(one.course)}: {one.target.version} is brought to nobody."
    return why_not_from(one.runs, one.target) or again_and_again(one)


def again_and_again(one: Drifting) -> str:
    """The sentence why it is put aside instead of being brought back once more."""
    if one.repaired < MOST_REPAIRS:
        return ""
    return (
        f"It was brought back to {one.target.version} {one.repaired} times in {IN_A_ROW.days} days "
        f"and runs {one.runs} again: have it looked at."
    )


def _stands(course: Course) -> str:
    return "is paused" if course is Course.PAUSED else f"was {course.value}"
