"""What the pages of rollouts show, put together from what the rooms say."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import User
from django.db.models import Case, IntegerField, QuerySet, Value, When

from dashboard import rollout_words
from dashboard.rollout_words import Segment
from devices.access.people import Visible, reach_of, stations_of
from devices.inventory.models import Camera, CameraModel, Station
from devices.releases.models import Release
from devices.releases.reading import ProfileChanges, changes_of
from devices.roles import Act
from devices.rollouts.courses.actions import UNDER_WAY
from devices.rollouts.drafts import Draft
from devices.rollouts.dry_run import DryRun, ShiftRun
from devices.rollouts.matching import matching, target_of
from devices.rollouts.models import Rollout
from devices.rollouts.planning import waves, why_skipped
from devices.rollouts.reading import Progress, concerns, progress
from devices.rollouts.rules import Course

MOST_LISTED = 100
MOST_SHIFTS = 8  # of two weeks: the tightest
_NAMED = 8  # of a filter, in words
_FIRST = (Course.RUNNING, Course.PAUSED, Course.APPROVED, Course.DRAFT)
ENDED = (Course.FINISHED, Course.ABORTED)


def read() -> QuerySet[Rollout]:
    """Rollouts with everything that a page says of them."""
    rows: QuerySet[Rollout] = Rollout.objects.select_related(
        "release__profile_version__profile",
        "made_by",
        "changed_by",
        "approved_by",
        "order__signed_by",
        "repairs_of",
    )
    return rows


@dataclass(frozen=True)
class Listed:
    """A rollout as the list shows it."""

    progress: Progress
    bar: Sequence[Segment]

    @property
    def says(self) -> str:
        return rollout_words.bar_says(self.bar)


def listed(rows: QuerySet[Rollout]) -> list[Listed]:
    """Those under way first, then the newest: three statements."""
    cases = [When(state=state, then=Value(place)) for place, state in enumerate(_FIRST)]
    place = Case(*cases, default=Value(len(_FIRST)), output_field=IntegerField())
    several = list(rows.annotate(place=place).order_by("place", "-made_at")[:MOST_LISTED])
    return [Listed(one, rollout_words.bar(one)) for one in progress(several)]


def may_stop(user: User, one: Rollout) -> bool:
    """Whether this person may pause or abort it: a rollout without cameras of theirs is not
    theirs to stop."""
    reach = reach_of(user, Act.STOP_ROLLOUT)
    return reach is not None and concerns(reach, one)


@dataclass(frozen=True)
class Acts:
    """What this person may do to it as it stands. ``mine`` is why another one must approve it."""

    change: bool = False
    approve: bool = False
    mine: str = ""
    start: bool = False
    pause: bool = False
    resume: bool = False
    abort: bool = False
    retry: bool = False


def acts_of(user: User, one: Rollout, to_try_again: int) -> Acts:
    """Which buttons the page has for this person."""
    makes = reach_of(user, Act.MAKE_ROLLOUT) is not None
    stops = one.state not in ENDED and may_stop(user, one)
    return Acts(
        change=makes and one.state == Course.DRAFT,
        approve=reach_of(user, Act.APPROVE_ROLLOUT) is not None and one.state == Course.DRAFT,
        mine=_mine(user, one),
        start=makes and one.state == Course.APPROVED,
        pause=stops and one.state == Course.RUNNING,
        resume=makes and one.state == Course.PAUSED,
        abort=stops,
        retry=makes and one.state in UNDER_WAY and to_try_again > 0,
    )


def _mine(user: User, one: Rollout) -> str:
    if one.made_by_id == user.pk:
        return "You made it"
    return "You changed it last" if one.changed_by_id == user.pk else ""


@dataclass(frozen=True)
class Preview:
    """What a draft would do if it started now: whom it matches, and who of them has a turn.

    ``unsaid`` of these have not said what they run, and wait until they do.
    """

    matched: int
    planned: int
    skipped: Sequence[tuple[str, int]]
    waves: Sequence[tuple[str, int]]
    unsaid: int = 0

    @property
    def says(self) -> str:
        if not self.matched:
            return "No camera is as this filter says."
        cameras = "1 camera matches" if self.matched == 1 else f"{self.matched} cameras match"
        if not self.planned:
            return f"{cameras} now, and none of them needs it."
        turns = "1 has its turn" if self.planned == 1 else f"{self.planned} have their turn"
        if self.planned == self.matched:
            return f"{cameras} now. All of them have their turn."
        rest = self.matched - self.planned
        return f"{cameras} now: {turns}, {rest} {'is' if rest == 1 else 'are'} skipped."


def preview(release: Release, draft: Draft, *, now: datetime) -> Preview:
    """The draft against the fleet as it is, in as many statements for any fleet."""
    found = matching(release, draft.whole, now=now)
    target = target_of(release)
    why = {one: why_skipped(one, target) for one in found}
    planned = [one for one, reason in why.items() if not reason]
    sizes = [len(wave) for wave in waves(planned, draft.steps)]
    skipped = Counter(reason for reason in why.values() if reason)
    return Preview(
        len(found),
        len(planned),
        skipped.most_common(5),
        [(rollout_words.size(step), n) for step, n in zip(draft.steps, sizes, strict=True)],
        sum(not one.version for one in planned),
    )


@dataclass(frozen=True)
class Foreseen:
    """A rollout played forward, as far as who looks may see: `shifts` the tightest first."""

    run: DryRun
    shifts: Sequence[ShiftRun]
    says: str

    @property
    def tightest(self) -> Sequence[ShiftRun]:
        return self.shifts[:MOST_SHIFTS]


def foreseen(run: DryRun, reach: Visible) -> Foreseen:
    """The dry run for somebody's stations: others' shifts are not theirs to see."""
    shifts = list(run.shifts)
    if reach.stations is not None:
        names = set(stations_of(reach).values_list("name", flat=True))
        shifts = [one for one in shifts if one.station in names]
    shifts.sort(key=lambda one: (one.margin, one.begins_at))
    return Foreseen(run, shifts, rollout_words.foreseen(run, shifts[0] if shifts else None))


def profile_changes(release: Release | None) -> ProfileChanges | None:
    """What the release changes on cameras, if it is a version of a profile."""
    version = release.profile_version if release else None
    return changes_of(version) if version else None


def of_release(release: Release) -> list[Listed]:
    """The rollouts that bring this release, those under way first."""
    return listed(read().filter(release=release))


DRIFTED = "Those that drifted from what was brought to them, or came to it since"


def described(draft: Draft) -> str:
    """Which cameras its filter means, in words: three statements at most."""
    whole = draft.whole
    said = [
        f"of {_or(CameraModel.objects.filter(pk__in=whole['models']))}" if whole["models"] else "",
        f"at {_or(Station.objects.filter(pk__in=whole['stations']))}" if whole["stations"] else "",
        f"that run {_or(whole['versions'])}" if whole["versions"] else "",
        f"of {_or(whole['units'])}" if whole["units"] else "",
        f"tagged {_or(whole['tags'])}" if whole["tags"] else "",
    ]
    rest = " ".join(filter(None, said))
    if whole["cameras"]:
        named = Camera.objects.filter(pk__in=whole["cameras"]).order_by("number")
        return " ".join(filter(None, [f"{_or(named)}{',' if rest else ''}", rest]))
    return f"Cameras {rest}" if rest else "Every camera of the models that it is for"


def _or(several: Iterable[object]) -> str:
    names = [str(one) for one in several]
    shown = ", ".join(names[:_NAMED])
    return f"{shown} and {len(names) - _NAMED} more" if len(names) > _NAMED else shown
