"""What a person says of a rollout before it starts, and what is wrong with it. Pure."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import pairwise
from math import ceil
from typing import Any

from devices.inventory.tags import not_tags
from devices.rollouts.rules import Terms

LONGEST_NAME = 60
LONGEST_REASON = 200
MOST_WAVES = 20
MOST_WINDOWS = 7
LONGEST_SOAK = timedelta(days=30)
MOST_NAMED = 10_000  # cameras, versions, units or tags of a filter
MOST_AT_ONCE = 10_000
MOST_MBIT = 1_000  # of one download: no bay's line is faster
# `gate.back_by` leaves a download so long, of all that lies between an offer and the reboot.
LONGEST_DOWNLOAD = timedelta(minutes=20)
MOST_CAMERAS = 1_000_000
BY_ID = ("models", "stations", "cameras")
BY_TEXT = ("versions", "units", "tags")
ANY: Mapping[str, list[Any]] = {name: [] for name in (*BY_ID, *BY_TEXT)}

_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d", re.ASCII)


@dataclass(frozen=True, slots=True)
class Step:
    """How far a wave brings the rollout: so many of its cameras in all, or so much of them.

    Steps are cumulative: 2, 10 %, 50 %, 100 % are four waves, of which the second is what lacks to
    a tenth after the first.
    """

    percent: int | None = None
    count: int | None = None

    def __str__(self) -> str:
        return f"{self.percent} %" if self.count is None else f"{self.count}"

    def cameras(self, of: int) -> int:
        """How many of so many have had their turn after it; a share is rounded up."""
        if self.count is not None:
            return min(self.count, of)
        return -(-of * (self.percent or 0) // 100)


# field.md: two bench cameras (`planning.waves` takes those first), then 10 %, then 50 %, then the
# rest.
USUAL_STEPS = (Step(count=2), Step(percent=10), Step(percent=50), Step(percent=100))


@dataclass(frozen=True, slots=True)
class Caps:
    """How many cameras may be updated at one moment, and how fast each may download.

    Two in a dock: field.md's 200 Mbit/s a dock carry eight cameras' recordings as well. Its bays
    carry 25 Mbit/s each.
    """

    most_per_dock: int = 2
    most_per_station: int = 8
    most_at_once: int = 16
    most_mbit_each: int = 25


USUAL_TERMS, USUAL_CAPS = Terms(), Caps()


@dataclass(frozen=True, slots=True)
class Draft:
    """A rollout as somebody wants it. ``wanted`` is as `models.Rollout` has it; left out is any."""

    name: str
    wanted: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    steps: Sequence[Step] = USUAL_STEPS
    windows: Sequence[Sequence[str]] = ()
    terms: Terms = USUAL_TERMS
    caps: Caps = USUAL_CAPS

    @property
    def whole(self) -> dict[str, list[Any]]:
        """The filter with nothing left out, each thing named once."""
        return {name: sorted(set(self.wanted.get(name, ()))) for name in ANY}


def refusals(draft: Draft) -> Iterator[str]:
    """Every reason why no rollout can be as this says, a sentence each."""
    if not draft.name.strip() or len(draft.name) > LONGEST_NAME or not draft.name.isprintable():
        yield f"Give it a name of at most {LONGEST_NAME} characters."
    yield from _wanted(draft.wanted)
    yield from _steps(draft.steps)
    yield from _windows(draft.windows)
    yield from _terms(draft.terms)
    yield from _caps(draft.caps)


def too_slow(size: int, caps: Caps) -> Iterator[str]:
    """The sentence why so many bytes cannot be brought at this speed, if they cannot."""
    mbit, longest_s = size * 8 / 1_000_000, LONGEST_DOWNLOAD.total_seconds()
    if mbit > caps.most_mbit_each * longest_s:
        yield (
            f"At {caps.most_mbit_each} Mbit/s its {size / 1_000_000:.0f} MB take"
            f" {mbit / caps.most_mbit_each / 60:.0f} min to download; a camera is not kept so long."
            f" Let each have {ceil(mbit / longest_s)} Mbit/s."
        )


def _wanted(wanted: Mapping[str, Sequence[Any]]) -> Iterator[str]:
    for name in sorted(wanted.keys() - ANY.keys()):
        yield f"Cameras are not chosen by {str(name)[:40]!r}; choose by {', '.join(ANY)}."
    for name, kind in (*((one, int) for one in BY_ID), *((one, str) for one in BY_TEXT)):
        given = wanted.get(name, ())
        if isinstance(given, str) or not all(type(one) is kind for one in given):
            yield f"{name.capitalize()} are a list of {'ids' if kind is int else 'texts'}."
        elif len(given) > MOST_NAMED:
            yield f"Name at most {MOST_NAMED} {name}."
        elif name == "tags" and (because := not_tags(given)):
            yield because


def _steps(steps: Sequence[Step]) -> Iterator[str]:
    if not 0 < len(steps) <= MOST_WAVES:
        yield f"A rollout has from 1 to {MOST_WAVES} waves."
        return
    if any((step.percent is None) == (step.count is None) for step in steps):
        yield "A wave is a share or a number of cameras: say one of them."
        return
    shares = [step.percent for step in steps if step.percent is not None]
    counts = [step.count for step in steps if step.count is not None]
    if not all(0 < share <= 100 for share in shares):
        yield "A wave's share is from 1 to 100 percent."
    if not all(0 < count <= MOST_CAMERAS for count in counts):
        yield "A wave's number of cameras is at least 1."
    if any(step.percent is not None for step in steps[: len(counts)]):
        yield "Waves of so many cameras come before those of so many percent."
    if not (_rise(shares) and _rise(counts)):
        yield "Each wave goes further than the one before it: 2, 10 %, 50 %, 100 %."
    if steps[-1].percent != 100:
        yield "The last wave is the rest: 100 %. To bring it to fewer, choose fewer cameras."


def _rise(given: Sequence[int]) -> bool:
    return all(earlier < later for earlier, later in pairwise(given))


def _windows(windows: Sequence[Sequence[str]]) -> Iterator[str]:
    if len(windows) > MOST_WINDOWS:
        yield f"Name at most {MOST_WINDOWS} windows."
    for one in windows:
        if isinstance(one, str) or len(one) != 2:
            yield "A window is two times of the day: 22:00 to 05:00."
        elif not all(isinstance(at, str) and _TIME.fullmatch(at) for at in one):
            yield f"A window is two times of the day such as 22:00, not {str(list(one))[:40]}."
        elif one[0] == one[1]:
            yield f"The window from {one[0]} to {one[1]} is no time at all."


def _terms(terms: Terms) -> Iterator[str]:
    if not 1 <= terms.success_percent <= 100:
        yield "The share that must succeed is from 1 to 100 percent."
    if not timedelta(0) <= terms.soak <= LONGEST_SOAK:
        yield f"The wait after a wave is at most {LONGEST_SOAK.days} days."
    if not 0 <= terms.most_failures <= MOST_CAMERAS:
        yield "How many may fail is a whole number, 0 or more."
    if not 0 <= terms.most_failures_percent <= 100:
        yield "The share that may fail is from 0 to 100 percent."


def _caps(caps: Caps) -> Iterator[str]:
    named = {
        "in a dock": caps.most_per_dock,
        "at a station": caps.most_per_station,
        "in all": caps.most_at_once,
    }
    for where, most in named.items():
        if not 1 <= most <= MOST_AT_ONCE:
            yield f"How many are updated at once {where} is from 1 to {MOST_AT_ONCE}."
    if not 1 <= caps.most_mbit_each <= MOST_MBIT:
        yield f"The speed of each download is from 1 to {MOST_MBIT} Mbit/s."
