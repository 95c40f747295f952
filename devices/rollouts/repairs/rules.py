"""Whether a camera that drifted from its profile is brought back by itself, or why not. Pure.

Two people approved the version, and a rollout that people started had brought it to this camera:
that decision stands until another one is made. So it does for a camera that comes to what the last
such rollout was for when that has finished: a new one, one back from repair, one that was moved or
tagged. But who should run a version one person may say, so that no more than a tenth of those that
people brought it to come to it so. Whatever else no rollout brought to a camera yet is people's to
bring, in waves.
"""

from dataclasses import dataclass
from datetime import timedelta

from devices.rollouts.planning import Target, why_not_from
from devices.rollouts.rules import PUT_ASIDE, Course

# How the rollouts of a version stand while it is brought to whoever drifted from it.
BRINGING = (Course.RUNNING, Course.FINISHED)
MOST_REPAIRS = 3  # in a row; whoever drifts once more has something that no update mends
IN_A_ROW = timedelta(days=30)
MOST_NEW_PERCENT = 10  # of the cameras that people brought the version to; and one in any case


def room_for_new(brought: int, new: int) -> int:
    """How many more cameras may come to a version by a repair, when people brought it to so many,
    and so many came to it since."""
    return max(1, brought * MOST_NEW_PERCENT // 100) - new


@dataclass(frozen=True, slots=True)
class Drifting:
    """A camera that says another profile than ``target``, which it should run.

    ``brought``: a rollout brought it there, or found it there. Else ``come_since`` is the last one
    that people began, if that has finished and was for such cameras, and ``room`` how many more of
    them may come to it. ``latest`` is that version's latest rollout that began, and ``course`` how
    it stands. ``repaired``: how often it was brought back of late, since it was last put aside.
    ``in_vain``: why it was left out, when its last turn to it in as long came to nothing.
    ``in_hand`` is the rollout that is bringing it a profile, and ``brings`` which.
    """

    camera_id: int
    release_id: int
    runs: str
    target: Target
    brought: bool = True
    come_since: str = ""
    room: int = 0
    latest: str = ""
    course: Course = Course.FINISHED
    repaired: int = 0
    put_aside: str = ""
    in_vain: str = ""
    in_hand: str = ""
    brings: str = ""


def why_not(one: Drifting) -> str:
    """The sentence why it is not brought back now; empty if it is."""
    if one.in_hand:
        other = one.brings != one.target.version
        brings = f"is bringing it {one.brings}, not {one.target.version}"
        return f"{one.in_hand} {brings if other else 'has it in hand'}."
    if one.put_aside:
        return f"{PUT_ASIDE}{one.put_aside}"
    if not one.brought and (why := _why_not_new(one)):
        return why
    if one.course not in BRINGING:
        return f"{one.latest} {_stands(one.course)}: {one.target.version} is brought to nobody."
    return why_not_from(one.runs, one.target) or again_and_again(one) or _tried_in_vain(one)


def _why_not_new(one: Drifting) -> str:
    version = one.target.version
    if not one.come_since:
        return f"No rollout has brought it {version} yet."
    if one.room < 1:
        return (
            f"As many came to {version} since {one.come_since} as may without a rollout: a tenth "
            "of those that it was brought to. Bring it to the others by one."
        )
    return ""


def again_and_again(one: Drifting) -> str:
    """The sentence why it is put aside instead of being brought back once more."""
    if one.repaired < MOST_REPAIRS:
        return ""
    return (
        f"It was brought back to {one.target.version} {one.repaired} times in {IN_A_ROW.days} days "
        f"and runs {one.runs} again: have it looked at."
    )


def _tried_in_vain(one: Drifting) -> str:
    """A repair waited for it as long as any does: the next would end so too."""
    if not one.in_vain:
        return ""
    return f"{one.in_vain} It is tried again after {IN_A_ROW.days} days, or by a rollout."


def _stands(course: Course) -> str:
    return "is paused" if course is Course.PAUSED else f"was {course.value}"
