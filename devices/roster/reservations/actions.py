"""Reserving spares for an officer or an event, and ending that."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction

from devices import feed, ledger
from devices.errors import Refused
from devices.inventory.models import Camera, Officer
from devices.roster.models import Reservation, StandIn
from devices.roster.refusing import in_sentences
from devices.roster.reservations import rules
from devices.roster.reservations.rules import Wanted
from devices.roster.rules import Span


@dataclass(frozen=True)
class Reserving:
    """For whom (an officer, or an event by its title), from when to when, and why."""

    span: Span
    officer: Officer | None = None
    title: str = ""
    reason: str = ""


@transaction.atomic
def reserve(
    cameras: Collection[Camera], wanted: Reserving, *, by: User, now: datetime
) -> list[Reservation]:
    """Every one of these spares is kept for this officer or event then, or none is.

    Refuses own cameras, those not in service, those promised or reserved for another meanwhile,
    and times that cannot be. Whether they will be fit is readiness's to say.
    """
    title, reason = wanted.title.strip(), wanted.reason.strip()[: rules.LONGEST_REASON]
    badge = wanted.officer.badge_number if wanted.officer else ""
    said = list(rules.why_not(Wanted(wanted.span, badge, title, reason), len(cameras), now))
    if wanted.officer and not wanted.officer.active:
        said.append(f"{badge} has left.")
    ids = [one.pk for one in cameras]
    rows = list(Camera.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk"))
    stated = (
        rules.against(one.name, one.service_state, own=one.officer_id is not None) for one in rows
    )
    said += [*filter(None, stated), *_promised(ids, wanted), *_reserved(ids, wanted.span)]
    if said:
        raise Refused(" ".join(said))
    with in_sentences():
        made = Reservation.objects.bulk_create(
            Reservation(
                camera=one,
                officer=wanted.officer,
                title=title,
                begins_at=wanted.span.begins_at,
                ends_at=wanted.span.ends_at,
                reason=reason,
                made_at=now,
                made_by=by,
            )
            for one in rows
        )
    for one in made:
        _tell("camera reserved", one, by=by, now=now)
    feed.touch(ids)
    return made


@transaction.atomic
def end(reservation: Reservation, *, by: User, now: datetime) -> None:
    """The camera is free again. Refuses one that has ended, by a hand or by its time."""
    rows = Reservation.objects.filter(pk=reservation.pk, ended_at=None, ends_at__gt=now)
    if not rows.update(ended_at=now, ended_by=by):
        raise Refused(f"The reservation of {reservation.camera} is over already.")
    _tell("reservation ended", reservation, by=by, now=now)
    feed.touch([reservation.camera_id])


def _promised(ids: list[int], wanted: Reserving) -> list[str]:
    """Those that are promised to somebody else for a shift meanwhile."""
    rows = StandIn.objects.filter(
        camera__in=ids,
        ended_at=None,
        shift__begins_at__lt=wanted.span.ends_at,
        shift__ends_at__gt=wanted.span.begins_at,
    ).exclude(officer=wanted.officer)
    found = rows.select_related("camera", "shift__kind").order_by("camera")
    return [f"{one.camera} is promised for {one.shift}." for one in found]


def _reserved(ids: list[int], span: Span) -> list[str]:
    """The database would say so too, but of one camera alone."""
    rows = Reservation.objects.filter(
        camera__in=ids, ended_at=None, begins_at__lt=span.ends_at, ends_at__gt=span.begins_at
    )
    found = rows.select_related("camera").order_by("camera")
    return [f"{one.camera} is reserved already in that time." for one in found]


def _tell(verb: str, one: Reservation, *, by: User, now: datetime) -> None:
    ledger.record(
        verb,
        one.camera,
        by=by,
        now=now,
        officer=one.officer.badge_number if one.officer else "",
        title=one.title,
        begins_at=one.begins_at.isoformat(),
        ends_at=one.ends_at.isoformat(),
        reason=one.reason,
    )
