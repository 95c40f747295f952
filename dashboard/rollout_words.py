"""What the pages of rollouts say: one sentence first, then the states in a bar. Pure."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import ceil

from django.utils.timezone import localtime

from devices.rollouts.drafts import Step
from devices.rollouts.dry_run import DryRun, ShiftRun
from devices.rollouts.reading import Lowest, Progress
from devices.rollouts.rules import Course, Turn
from devices.rollouts.steps import WaveStands

BAR = 1000  # the bar's own units, from end to end


@dataclass(frozen=True)
class Group:
    """Turns that mean the same to who looks. ``state`` is the hue that it shares with the board."""

    key: str
    says: str
    turns: tuple[Turn, ...]
    icon: str
    state: str


GROUPS = (
    Group("succeeded", "run it", (Turn.SUCCEEDED,), "check", "ready"),
    Group(
        "under-way",
        "under way",
        (Turn.OFFERED, Turn.DOWNLOADING, Turn.INSTALLING, Turn.AWAITING_PROOF),
        "waiting",
        "out",
    ),
    Group("cancelling", "told to stop", (Turn.CANCELLING,), "refused", "repair"),
    Group("failed", "failed", (Turn.FAILED, Turn.TIMED_OUT), "lost", "lost"),
    Group("planned", "wait", (Turn.PLANNED,), "waits", "waiting"),
    Group("cancelled", "cancelled", (Turn.CANCELLED,), "close", "unknown"),
    Group("skipped", "left out", (Turn.SKIPPED,), "next", "unknown"),
)
_OF = {turn: group for group in GROUPS for turn in group.turns}
_TURNS: Mapping[Turn, str] = {
    Turn.PLANNED: "Waits",
    Turn.OFFERED: "Offered",
    Turn.DOWNLOADING: "Downloads",
    Turn.INSTALLING: "Installs",
    Turn.AWAITING_PROOF: "Awaits its report",
    Turn.CANCELLING: "Told to stop",
    Turn.SUCCEEDED: "Runs it",
    Turn.FAILED: "Failed",
    Turn.SKIPPED: "Left out",
    Turn.CANCELLED: "Cancelled",
    Turn.TIMED_OUT: "Not heard in time",
}


def group_of(turn: str) -> Group:
    """The group that this turn is counted in."""
    return _OF[Turn(turn)]


def words_of(turn: str) -> str:
    """What this turn is called where one camera's is shown."""
    return _TURNS[Turn(turn)]


def chosen(key: str) -> Group | None:
    """The group that an address names; None for none, and for nonsense."""
    return next((one for one in GROUPS if one.key == key), None)


@dataclass(frozen=True)
class Segment:
    """One group's part of the bar."""

    group: Group
    count: int
    x: int
    width: int


def bar(progress: Progress) -> list[Segment]:
    """The rollout's cameras by group, each as long as its share and never too short to be seen.

    Those that are left out are counted beside it and have no length: they are no work.
    """
    counts = Counter[str]()
    for turn, count in progress.by_state.items():
        counts[_OF[turn].key] += count
    of, found, x = max(1, progress.cameras), [], 0
    for group in GROUPS:
        count = counts[group.key]
        if not count:
            continue
        width = 0 if group.key == "skipped" else max(6, count * BAR // of)
        width = min(width, BAR - x)
        found.append(Segment(group, count, x, width))
        x += width
    if found and x:
        last = max(n for n, one in enumerate(found) if one.width)
        found[last] = replace(found[last], width=found[last].width + BAR - x)
    return found


def bar_says(segments: Iterable[Segment]) -> str:
    """The bar in words."""
    return ", ".join(f"{one.count} {one.group.says}" for one in segments) or "no camera yet"


# --- The sentence --------------------------------------------------------------------------------


def sentence(
    progress: Progress,
    *,
    now: datetime,
    windows_open: bool = True,
    waits: Iterable[Sequence[str]] = (),
) -> str:
    """Its state, what it does now, and why it waits."""
    one = progress.rollout
    match one.state:
        case Course.DRAFT:
            return f"{one} is a draft. Another person approves it before it may start."
        case Course.APPROVED:
            return f"{one} is approved. Nothing is offered before somebody starts it."
        case Course.RUNNING:
            doing = _doing(progress, now, windows_open, waits)
            return f"{one} is running: {_done(progress)} {doing}"
        case Course.PAUSED:
            said = (_ended(one.paused_because), _done(progress), *_ending(progress))
            return f"{one} is paused: {' '.join(said)}"
        case Course.FINISHED:
            return f"{one} is finished: {_done(progress)}"
    return f"{one} was aborted: {_done(progress)}"


def _done(progress: Progress) -> str:
    version = progress.rollout.release.version
    done, of = progress.succeeded, progress.cameras
    said = f"{done} of {of} {'camera runs' if of == 1 else 'cameras run'} {version}"
    return f"{said}, {progress.failed} failed." if progress.failed else f"{said}."


def _ended(said: str) -> str:
    """What a person wrote, as a sentence."""
    return said if said.endswith((".", "!", "?")) else f"{said}."


def _cameras(count: int) -> str:
    return "1 camera" if count == 1 else f"{count} cameras"


def _ending(progress: Progress) -> Iterator[str]:
    """What becomes of the cameras that began before a pause."""
    stopping = progress.by_state.get(Turn.CANCELLING, 0)
    if going := progress.under_way - stopping:
        ends = "ends by itself" if going == 1 else "end by themselves"
        yield f"{_cameras(going)} that began {ends}."
    if stopping:
        yield f"{_cameras(stopping)} {'is' if stopping == 1 else 'are'} told to stop."


def _doing(
    progress: Progress, now: datetime, windows_open: bool, waits: Iterable[Sequence[str]]
) -> str:
    wave = progress.wave
    of = f"wave {wave.number} of {len(progress.waves)}" if wave else "all waves"
    if progress.under_way:
        is_are = "is" if progress.under_way == 1 else "are"
        return f"{_cameras(progress.under_way)} {is_are} under way, {of}."
    if wave and wave.opened_at and not wave.tally.to_do:
        return _soaks(progress, wave, now)
    if not windows_open:
        return f"It waits for its window, {windows(progress.rollout.windows)}."
    most = summary(waits)[:1]
    if most:
        count, why = most[0]
        return f"Nothing is under way in {of}; of {_cameras(count)}: {_small(why)}"
    return f"Nothing is under way in {of}."


def _soaks(progress: Progress, wave: WaveStands, now: datetime) -> str:
    last = wave is progress.waves[-1]
    after = "it is finished" if last else f"wave {wave.number + 1} opens"
    until = soaks_until(progress, wave)
    if until is None or until <= now:
        return f"Wave {wave.number} is done; {after} at once."
    return f"Wave {wave.number} is done and soaks; {after} at {localtime(until):%a %H:%M}."


def soaks_until(progress: Progress, wave: WaveStands) -> datetime | None:
    """When what follows this wave may begin, if nothing fails; None while it has work."""
    if wave.opened_at is None or wave.tally.to_do or wave.done_at is not None:
        return None
    ended = wave.tally.last_end_at
    soak: timedelta = progress.rollout.soak
    return ended + soak if ended else None


def windows(spans: Sequence[Sequence[str]]) -> str:
    """The windows in words."""
    return " and ".join(f"{begins} to {ends}" for begins, ends in spans) or "at any time"


_NAME = re.compile(r"\bC\d{4,}\b")
# What differs from camera to camera is the same reason to who counts.
_ALIKE = (
    (
        re.compile(r"^Its battery is at \d+ %; the update needs (\d+ %)\.$"),
        r"Its battery is below \1.",
    ),
    (re.compile(r"^(\d+ cameras? (?:is|are) being updated) in .+\.$"), r"\1 in its dock."),
    (
        re.compile(r"^Updates in .+ may take (\d+ Mbit/s); \d+ are given already\.$"),
        r"Updates in its dock may take \1, and it would be more.",
    ),
    (
        re.compile(r"^(Updates at its station may take \d+ Mbit/s); \d+ are given already\.$"),
        r"\1, and it would be more.",
    ),
)
_NOT_YET = "Its wave is not open yet."


def summary(waits: Iterable[Sequence[str]]) -> list[tuple[int, str]]:
    """How many cameras each reason keeps, most first; who is not to wait long is not told of."""
    counted = Counter(_any_camera(why) for reasons in waits for why in reasons[:1])
    told = [(count, why) for why, count in counted.most_common() if why != "It is next."]
    return sorted(told, key=lambda one: one[1] == _NOT_YET)


def keeping(waits: Iterable[Sequence[str]]) -> list[tuple[int, str]]:
    """The same of cameras whose wave is open."""
    return [one for one in summary(waits) if one[1] != _NOT_YET]


def still(progress: Progress, waits: Iterable[Sequence[str]], *, now: datetime) -> str:
    """For how long nothing has moved, and what keeps those that wait; empty while it moves."""
    since = progress.still_since(now)
    if since is None:
        return ""
    days = (now - since).days
    said = f"Nothing has moved for {'a day' if days == 1 else f'{days} days'}"
    kept = keeping(waits)
    parts = [*_not_fetched(progress), *(_of_them(count, why) for count, why in kept[:_TOLD])]
    if rest := sum(count for count, _ in kept[_TOLD:]):
        parts.append(f"{rest} for other reasons")
    return f"{said}: {', '.join(parts)}." if parts else f"{said}."


_TOLD = 3  # reasons in a sentence; the page lists all of them
_IT_IS = re.compile(r"^It (is|was|has|runs) (.+)\.$")
_ARE = {"is": "are", "was": "were", "has": "have", "runs": "run"}


def _not_fetched(progress: Progress) -> Iterator[str]:
    offered = progress.by_state.get(Turn.OFFERED, 0)
    if offered:
        yield f"{_cameras(offered)} {'does' if offered == 1 else 'do'} not fetch what is offered"


def _of_them(count: int, why: str) -> str:
    """So many cameras and what keeps them: 2 cameras are silent in their dock."""
    found = _IT_IS.match(why)
    if count == 1:
        what = f"{found[1]} {found[2]}" if found else f"waits because {_small(why)[:-1]}"
    else:
        what = f"{_ARE[found[1]]} {found[2]}" if found else f"wait because {_small(why)[:-1]}"
        what = _ITS.sub("their", _IT.sub("them", what.replace("it runs", "they run")))
    return f"{_cameras(count)} {what}"


_ITS, _IT = re.compile(r"\bits\b"), re.compile(r"\bit\b")


def _any_camera(why: str) -> str:
    said = _NAME.sub("it", why)
    for one, words in _ALIKE:
        said = one.sub(words, said)
    return said[:1].upper() + said[1:]


def _small(why: str) -> str:
    return why[:1].lower() + why[1:]


def lowest(one: Lowest | None) -> str:
    """The coming shift with the least to spare."""
    if one is None:
        return "No shift of the day ahead is planned, so none can be short."
    at = f"{localtime(one.begins_at):%a %H:%M}"
    if one.margin < 0:
        return f"{one.shift} at {one.station}, {at}, lacks {-one.margin}."
    return f"{one.shift} at {one.station}, {at}, has {one.margin or 'none'} to spare."


def foreseen(run: DryRun, tightest: ShiftRun | None) -> str:
    """When a rollout would be done, and what the tightest shift would have left meanwhile."""
    cameras = sum(one.cameras for one in run.waves)
    if not cameras:
        return "No camera is left." if run.under_way else "No camera would have its turn."
    if run.done_at is not None:
        those = _left(cameras) if run.under_way else _all(cameras)
        done = f"{those} done by {localtime(run.done_at):%a %d %b %H:%M}."
    elif run.never:
        late = len(run.never)
        done = f"In two weeks {late} of {_cameras(cameras)} would not have {_its(late)} turn."
        if run.window_lacks is not None:
            done += _too_short(run.window_lacks)
    else:
        done = "It would not be done in two weeks: a wave soaks for longer."
    if tightest is None:
        return f"{done} No shift is planned that could be short."
    at = f"{localtime(tightest.begins_at):%a %H:%M}"
    shift = f"The tightest shift, {tightest.name} at {tightest.station} on {at},"
    if tightest.margin < 0:
        return f"{done} {shift} lacks {-tightest.margin}{_as_without(tightest)}."
    return f"{done} {shift} has {tightest.margin or 'none'} to spare{_as_without(tightest)}."


def _too_short(lacks: timedelta) -> str:
    return (
        f" No window is open for the {ceil(lacks / timedelta(minutes=1))} min that an update may "
        "keep a camera: where a shift that needs it begins as the window closes, it is never "
        "offered."
    )


def _as_without(one: ShiftRun) -> str:
    if one.margin == one.margin_without:
        return ", as it would without"
    return f", {one.margin_without} without the rollout"


def _all(cameras: int) -> str:
    return f"Started now, {'the one camera is' if cameras == 1 else f'all {cameras} cameras are'}"


def _left(cameras: int) -> str:
    those = "one camera that is left is" if cameras == 1 else f"{cameras} cameras that are left are"
    return f"Going on from here, the {those}"


def _its(count: int) -> str:
    return "its" if count == 1 else "their"


@dataclass(frozen=True)
class WaveLine:
    """A wave as the page's table shows it."""

    stands: WaveStands
    size: str
    until: datetime | None

    @property
    def cameras(self) -> int:
        tally = self.stands.tally
        return sum(tally.by_state.values()) - tally.count(Turn.SKIPPED)

    @property
    def succeeded(self) -> int:
        return self.stands.tally.count(Turn.SUCCEEDED)


def wave_lines(progress: Progress, steps: Sequence[Step]) -> Iterator[WaveLine]:
    """The waves, each with its size as it was said."""
    for stands, step in zip(progress.waves, steps, strict=True):
        yield WaveLine(stands, size(step), soaks_until(progress, stands))


def size(step: Step) -> str:
    """How far a wave goes; the gap before its sign does not break."""
    if step.count is not None:
        return f"to {_cameras(step.count)}"
    return "all" if step.percent == 100 else f"to {step.percent}\u00a0%"
