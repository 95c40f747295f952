"""Who held what: custodies with everything that happened to them, newest first, a page at a time.

Nothing is replaced: what was undone or corrected stands there, with the undoing or the correction
beside it. A page costs the same number of statements however long the history is.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Self

from django.db.models import Exists, OuterRef, Q, Subquery, Value
from django.db.models.functions import Least

from devices.access.people import Visible
from devices.custody.models import (
    Custody,
    CustodyEvent,
    CustodyEventQuerySet,
    CustodyKind,
    CustodyQuerySet,
    CustodyVerb,
)
from devices.inventory.models import Camera, Officer

NAMES = ("camera__station", "officer__station", "loan_of")
WITH = ("by", "desk", "bay", "officer", "camera")


@dataclass(frozen=True)
class Wanted:
    """Which custodies: those that touch this span, of these, with an act like this."""

    camera: Camera | None = None
    officer: Officer | None = None
    since: datetime | None = None
    until: datetime | None = None
    verb: str = ""
    desk: int | None = None

    @property
    def by_act(self) -> bool:
        """Whether it is narrowed by what happened."""
        return bool(self.verb or self.desk)


@dataclass(frozen=True)
class Place:
    """Where a page begins: after the custody that opened then and has this number."""

    opened_at: datetime
    pk: int

    def __str__(self) -> str:
        return f"{self.opened_at.astimezone(UTC).isoformat()}~{self.pk}"

    @classmethod
    def read(cls, said: str) -> Self | None:
        """As an address says it; None for what never was one of ours."""
        at, _, pk = said[:60].rpartition("~")
        if not (pk.isascii() and pk.isdigit() and len(pk) < 19):
            return None
        try:
            moment = datetime.fromisoformat(at)
        except ValueError:
            return None
        return cls(moment, int(pk)) if moment.tzinfo else None


@dataclass(frozen=True)
class Happened:
    """One event, with what undid it."""

    event: CustodyEvent
    undone_by: CustodyEvent | None = None


@dataclass(frozen=True)
class Record:
    """One custody, what happened to it in order, and every correction of it, the latest last.

    An undoing stands beside what it undid, and a correction among the corrections, never twice.
    """

    custody: Custody
    events: Sequence[Happened] = ()
    corrections: Sequence[CustodyEvent] = ()

    @property
    def at(self) -> datetime:
        return self.custody.opened_at

    @property
    def began(self) -> CustodyEvent | None:
        """The event that opened it."""
        found = (one.event for one in self.events if one.event.opened_id == self.custody.pk)
        return next(found, None)

    def readiness(self, until: datetime | None = None) -> CustodyEvent | None:
        """The last event by then that froze what the camera was like as its officer had it: what
        opened the custody, or took an own camera on duty since and was not undone."""
        last = None
        for one in self.events:
            began = one.event.opened_id == self.custody.pk
            taken = one.event.verb == CustodyVerb.TAKEN and one.undone_by is None
            if one.event.snapshot and (began or taken) and (until is None or one.event.at <= until):
                last = one.event
        return last


def frozen_at(event: CustodyEvent) -> datetime:
    """Of which moment an event's snapshot is: its own, or the one from which an undoing or a
    correction carried it over."""
    as_of = event.snapshot.get("as_of")
    return datetime.fromisoformat(as_of) if as_of else event.at


@dataclass(frozen=True)
class Aside:
    """What happened to a camera while nobody held it, such as that it was reported lost."""

    event: CustodyEvent

    @property
    def at(self) -> datetime:
        return self.event.at


@dataclass(frozen=True)
class Page:
    """Some of a history, newest first, and where the older part begins."""

    lines: Sequence[Record | Aside] = ()
    older: Place | None = None


def page(reach: Visible, wanted: Wanted, *, after: Place | None = None, size: int = 25) -> Page:
    """The next custodies in this history, with all that belongs to them; four statements."""
    rows = _after(matching(reach, wanted), after)
    found = list(rows.select_related(*NAMES).order_by("-opened_at", "-pk")[: size + 1])
    held = found[:size]
    older = Place(held[-1].opened_at, held[-1].pk) if len(found) > size else None
    lines: list[Record | Aside] = [*records(held)]
    lines += _asides(reach, wanted, older, after)
    return Page(sorted(lines, key=lambda one: one.at, reverse=True), older)


def matching(reach: Visible, wanted: Wanted) -> CustodyQuerySet:
    """The custodies within reach that are like this."""
    rows: CustodyQuerySet = Custody.objects.within(reach)
    if wanted.camera is not None:
        rows = rows.filter(camera=wanted.camera)
    if wanted.officer is not None:
        rows = rows.filter(officer=wanted.officer)
    if wanted.until is not None:
        rows = rows.filter(opened_at__lt=wanted.until)
    if wanted.since is not None:
        rows = rows.filter(Q(closed_at=None) | Q(closed_at__gt=wanted.since))
    return rows.filter(_had(wanted)) if wanted.by_act else rows


def _had(wanted: Wanted) -> Q:
    """That something like this happened to a custody."""
    events = _acts(wanted)
    if wanted.camera is not None:
        events = events.filter(camera=wanted.camera)
    during = events.beside().filter(camera=OuterRef("camera"), at__gte=OuterRef("opened_at"))
    said = events.filter(about__isnull=False).values("about__opened")
    return (
        Q(pk__in=events.exclude(opened=None).values("opened"))
        | Q(pk__in=events.exclude(closed=None).values("closed"))
        | Q(pk__in=said.exclude(about__opened=None))
        | Q(Exists(during), closed_at=None)
        | Q(Exists(during.filter(at__lte=OuterRef("closed_at"))))
    )


def _acts(wanted: Wanted) -> CustodyEventQuerySet:
    events: CustodyEventQuerySet = CustodyEvent.objects.all()
    if wanted.verb:
        events = events.filter(verb=wanted.verb)
    return events.filter(desk=wanted.desk) if wanted.desk else events


def _after(rows: CustodyQuerySet, place: Place | None) -> CustodyQuerySet:
    if place is None:
        return rows
    then = Q(opened_at__lt=place.opened_at) | Q(opened_at=place.opened_at, pk__lt=place.pk)
    return rows.filter(opened_at__lte=place.opened_at).filter(then)


# --- What happened to them -------------------------------------------------------------------


def records(custodies: Iterable[Custody], *, at: datetime | None = None) -> list[Record]:
    """Each with its events and corrections; two statements for all,
    one more ``at`` a moment.

    What is known of one moment leaves out on which other duties an own camera was taken: ``at`` has
    the last one by then, and what was undone.
    """
    held = list(custodies)
    if not held:
        return []
    events = list(_events_of(held, at))
    answers = _answers_to(events)
    told: dict[int, _Told] = {one.pk: _Told() for one in held}
    for event in events:
        for pk in _belongs_to(event, held):
            told[pk].events.append(event)
    for answer in answers:
        about = told.get(answer.says.get("custody", 0))
        if about is not None:
            kept = answer.verb == CustodyVerb.CORRECTED
            (about.corrections if kept else about.events).append(answer)
    undone = {one.about_id: one for one in answers if one.verb == CustodyVerb.UNDONE}
    return [_record(one, told[one.pk], undone) for one in held]


def _record(custody: Custody, told: "_Told", undone: Mapping[int | None, CustodyEvent]) -> Record:
    own = [one.pk for one in told.events]
    beside = {one.pk for pk, one in undone.items() if pk in own}
    beside |= {one.pk for one in told.corrections}
    events = [one for one in told.events if one.pk not in beside]
    return Record(custody, [Happened(one, undone.get(one.pk)) for one in events], told.corrections)


@dataclass
class _Told:
    events: list[CustodyEvent] = field(default_factory=list)
    corrections: list[CustodyEvent] = field(default_factory=list)


def _events_of(held: Sequence[Custody], at: datetime | None) -> Iterable[CustodyEvent]:
    """What opened or closed them, and what happened meanwhile, in order."""
    ids = [one.pk for one in held]
    first = min(one.opened_at for one in held)
    ends = [one.closed_at for one in held if one.closed_at is not None]
    beside = Q(opened=None, closed=None, about=None, at__gte=first)
    beside &= Q(camera__in={one.camera_id for one in held})
    if len(ends) == len(held):
        beside &= Q(at__lte=max(ends))
    if at is not None:
        counts = ~Q(verb=CustodyVerb.TAKEN) | Q(pk__in=_last_taken(held, at))
        beside &= counts | Q(Exists(_undone(OuterRef("pk"))))
    rows = CustodyEvent.objects.filter(Q(opened__in=ids) | Q(closed__in=ids) | beside)
    return rows.named().select_related(*WITH).order_by("id")


def _last_taken(held: Sequence[Custody], at: datetime) -> list[int]:
    """The last time by then that each was taken on duty; one statement."""
    rows = CustodyEvent.objects.beside().filter(verb=CustodyVerb.TAKEN, camera=OuterRef("camera"))
    until = Least(OuterRef("closed_at"), Value(at))
    taken = rows.filter(at__gte=OuterRef("opened_at"), at__lte=until)
    last = taken.exclude(Exists(_undone(OuterRef("pk")))).order_by("-at", "-id").values("pk")[:1]
    own = Custody.objects.filter(pk__in=[one.pk for one in held], kind=CustodyKind.PERSONAL)
    return [pk for pk in own.annotate(last=Subquery(last)).values_list("last", flat=True) if pk]


def _undone(event: OuterRef) -> CustodyEventQuerySet:
    found: CustodyEventQuerySet = CustodyEvent.objects.filter(about=event, verb=CustodyVerb.UNDONE)
    return found


def _answers_to(events: Sequence[CustodyEvent]) -> list[CustodyEvent]:
    about = [one.pk for one in events]
    rows = CustodyEvent.objects.filter(about__in=about).named().select_related(*WITH)
    return list(rows.order_by("id"))


def _belongs_to(event: CustodyEvent, held: Sequence[Custody]) -> set[int]:
    """The custodies among these that it began, ended, or that were open when it happened."""
    if event.opened_id or event.closed_id:
        return {one.pk for one in held if one.pk in (event.opened_id, event.closed_id)}
    during = [one for one in held if one.camera_id == event.camera_id and _open_at(one, event.at)]
    return {one.pk for one in during[:1]}


def _open_at(custody: Custody, at: datetime) -> bool:
    return custody.opened_at <= at and (custody.closed_at is None or at <= custody.closed_at)


def _asides(
    reach: Visible, wanted: Wanted, older: Place | None, after: Place | None
) -> list[Aside]:
    """What happened on this page's stretch of a camera's history while nobody held it."""
    if not _shows_asides(reach, wanted):
        return []
    rows = _unheld(wanted)
    if older is not None:
        rows = rows.filter(at__gte=older.opened_at)
    if after is not None:
        rows = rows.filter(at__lt=after.opened_at)
    return [Aside(one) for one in rows.named().select_related(*WITH).order_by("-id")]


def count(reach: Visible, wanted: Wanted) -> int:
    """How many lines this history has in all."""
    asides = _unheld(wanted).count() if _shows_asides(reach, wanted) else 0
    return matching(reach, wanted).count() + asides


def _shows_asides(reach: Visible, wanted: Wanted) -> bool:
    """What happened while nobody held a camera belongs to a camera's history alone."""
    return wanted.camera is not None and wanted.officer is None and reach.officer_id is None


def _unheld(wanted: Wanted) -> CustodyEventQuerySet:
    """What happened to the camera while nobody held it."""
    events = _acts(wanted).beside().filter(camera=wanted.camera)
    if wanted.since is not None:
        events = events.filter(at__gte=wanted.since)
    if wanted.until is not None:
        events = events.filter(at__lt=wanted.until)
    before = Custody.objects.filter(camera=OuterRef("camera"), opened_at__lte=OuterRef("at"))
    last = before.order_by("-opened_at", "-pk").values("pk")[:1]
    covering = Custody.objects.filter(
        Q(closed_at=None) | Q(closed_at__gte=OuterRef("at")), pk=OuterRef("last_custody")
    )
    asides: CustodyEventQuerySet = events.annotate(last_custody=Subquery(last))
    return asides.exclude(Exists(covering))


def latest(reach: Visible, camera: Camera, *, most: int) -> tuple[Custody | None, list[Any]]:
    """Who answers for it now, and what happened last, as far as that is within reach."""
    rows = Custody.objects.within(reach).open().filter(camera=camera).select_related(*NAMES)
    events = CustodyEvent.objects.within(reach).filter(camera=camera).named().select_related(*WITH)
    return rows.first(), list(events.order_by("-id")[:most])
