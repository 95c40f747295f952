"""The demonstration's desks, and what is out over them when it begins.

Each loan is of a spare that the simulated town leaves in its bay for now, and was given out after
it came there, so docking does not end it.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.contrib.auth.models import User
from django.db.models import QuerySet

from devices.custody import actions as custody
from devices.custody.actions import Terms, Told
from devices.custody.desks import actions as desks
from devices.custody.models import CustodyKind, Desk, Via
from devices.inventory import actions as inventory
from devices.inventory.models import Camera, Officer, ServiceState, Station
from devices.policy import Policy
from devices.roster.models import Duty

LOANS = 2  # of a station, to officers who are on duty
JUST_NOW = timedelta(minutes=1)


def begin(now: datetime, policy: Policy, *, by: User) -> None:
    """A desk at every station; a few spares out on loan, one that is overdue, one because the
    officer's own camera is out of service."""
    for station in Station.objects.all():
        desk = desks.make("Desk 1", station, by=by, now=now)
        free = Camera.objects.filter(station=station, officer=None)
        spares = list(free.filter(service_state=ServiceState.IN_SERVICE).order_by("-number"))
        rows = [*_off_since_a_while(station, now, policy), *_on_duty(station, now)]
        for number, (duty, spare) in enumerate(zip(rows, spares, strict=False)):
            _lend(spare, duty, desk, by=by, now=now, policy=policy)
            if number == 1:
                _out_of_service(duty.officer, by=by, now=now)


def _on_duty(station: Station, now: datetime) -> list[Duty]:
    rows = _of_owners(station).filter(begins_at__lte=now, ends_at__gt=now)
    return list(rows.order_by("officer__badge_number")[:LOANS])


def _off_since_a_while(station: Station, now: datetime, policy: Policy) -> Iterator[Duty]:
    """Somebody whose duty is over for longer than a camera may be out after it."""
    late = now - policy.handover - policy.overdue_after
    rows = _of_owners(station).filter(ends_at__lte=late, begins_at__gt=now - timedelta(days=1))
    on_since = Duty.objects.filter(begins_at__lte=now, ends_at__gt=late).values("officer")
    ended = rows.exclude(officer__in=on_since).order_by("-ends_at").first()
    if ended is not None:
        yield ended


def _of_owners(station: Station) -> QuerySet[Duty]:
    owners = Officer.objects.filter(station=station, active=True, cameras__isnull=False)
    return Duty.objects.filter(officer__in=owners).select_related("officer")


def _lend(
    spare: Camera, duty: Duty, desk: Desk, *, by: User, now: datetime, policy: Policy
) -> None:
    """Given out as the duty began, or just now; due with the handover after it."""
    opened_at = duty.begins_at if duty.ends_at <= now else now - JUST_NOW
    own = duty.officer.cameras.first()
    terms = Terms(CustodyKind.LOAN, own, duty.ends_at + policy.handover)
    told = Told(by=by, now=opened_at, via=Via.DESK, desk=desk, scanned_at=opened_at)
    custody.check_out(spare, duty.officer, terms, told=told)


def _out_of_service(officer: Officer, *, by: User, now: datetime) -> None:
    own = officer.cameras.first()
    if own is not None:
        reason = "Lens scratched, looked at tomorrow"
        inventory.change_service(own, ServiceState.OUT_OF_SERVICE, reason=reason, by=by, now=now)
