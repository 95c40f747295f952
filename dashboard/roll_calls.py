"""The roll call of one shift: who is on, with which camera, and what is said of it.

The sheet on the screen, in print and as a file are drawn from the same lines.
"""

from dataclasses import dataclass
from datetime import datetime

from django.utils.timezone import localtime

from dashboard import shifts
from devices.errors import Refused
from devices.faults.reading import Tested
from devices.faults.rules import Verdict
from devices.policy import Policy
from devices.readiness import shifts as readiness
from devices.readiness.margin import Judged, Post
from devices.roster.models import Inspection, Outcome, Shift


@dataclass(frozen=True)
class Line:
    """One officer on the shift, as the sheet says it."""

    badge: str
    unit: str
    on_duty: str
    camera: str
    place: str
    hours: str
    ready: bool
    due: bool
    says: str
    tested: str


@dataclass(frozen=True)
class Sheet:
    """A shift as it stands at one moment, for somebody who may read badges or not."""

    title: str
    station: str
    sentence: str
    tests_say: str
    lines: tuple[Line, ...]
    spares: str
    badges: bool
    as_of: datetime


@dataclass(frozen=True)
class Past:
    """What is kept of a shift that is over: how it stood when it began, and what those who
    inspected it saw, the last one first."""

    outcome: Outcome | None
    inspections: tuple[Inspection, ...]


def past(shift: Shift) -> Past:
    """All that is kept of how this shift stood."""
    inspections = Inspection.objects.filter(shift=shift).select_related("by")
    return Past(Outcome.objects.filter(shift=shift).first(), tuple(inspections))


def sheet(shift: Shift, *, badges: bool, now: datetime, policy: Policy) -> Sheet:
    """The roll call of this shift as of now; eight statements, however many are on.

    Refuses a shift that is over: its cameras are back, and charged for another.
    """
    if shift.ends_at <= now:
        raise Refused(
            f"{shift} is over, and its cameras are as they are today: a roll call would say nothing"
            " of that shift. What was kept of it stands below."
        )
    one = readiness.named([shift.pk], now=now, policy=policy)[0]
    view = shifts.view(one, badges=badges, policy=policy)
    return Sheet(
        title=str(shift),
        station=one.shift.station,
        sentence=one.sentence,
        tests_say=view.tests_say,
        lines=tuple(
            _line(post, view.tests.get(post.duty.officer_id), badges=badges) for post in one.posts
        ),
        spares="; ".join(map(_spare, one.spares)) or "None.",
        badges=badges,
        as_of=now,
    )


def _line(post: Post, tested: Tested | None, *, badges: bool) -> Line:
    duty, judged = post.duty, post.judged
    stands_in = " (spare)" if post.stands_in or post.instead_of else ""
    here = judged is not None and (judged.camera.known.docked or post.gone)
    hours = judged.hours if judged and here else None  # of one nobody has in hand, nobody knows
    camera = f"{judged.camera.name}{stands_in}" if judged else "none"
    if post.takes_any and judged:
        camera, judged, hours = "any of the pool", None, None
    return Line(
        badge=duty.badge if badges else "",
        unit=duty.unit,
        on_duty=f"{_clock(duty.begins_at)}\N{EN DASH}{_clock(duty.ends_at)}",
        camera=camera,
        place=judged.camera.place if judged else "",
        hours="" if hours is None else f"{hours:.1f}",
        ready=post.ready,
        due=post.due,
        says=_says(post),
        tested=_test(tested) if tested else "",
    )


def _says(post: Post) -> str:
    if not post.ready:
        return post.says
    return "Ready on leaving" if post.unheard else "Ready"


def _test(tested: Tested) -> str:
    match tested.verdict:
        case Verdict.PASSED | Verdict.FAILED:
            return f"{tested.verdict} {_clock(tested.at)}" if tested.at else str(tested.verdict)
        case Verdict.SKIPPED:
            return "not tested"
        case Verdict.WAITING:
            return ""


def _spare(one: Judged) -> str:
    place = f" in {one.camera.place}" if one.camera.place else ""
    return f"{one.camera.name}{place}, {one.hours or 0:.1f} h"


def _clock(at: datetime) -> str:
    return f"{localtime(at):%H:%M}"
