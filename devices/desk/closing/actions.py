"""A shift at a desk is closed once, and what it came to is kept for good."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.db.models import Max

from devices import ledger
from devices.custody.desks.actions import subject
from devices.custody.models import Custody, CustodyEvent, CustodyVerb, Desk
from devices.desk.models import DeskClosing, DeskConflict, DeskRequest
from devices.errors import Refused
from devices.policy import Policy

ISSUED = (CustodyVerb.CHECKED_OUT, CustodyVerb.TAKEN, CustodyVerb.TRANSFERRED)
RETURNED = (CustodyVerb.CHECKED_IN, CustodyVerb.TAKEN_BACK, CustodyVerb.FOUND)


@dataclass(frozen=True)
class Figures:
    """What a shift at a desk comes to, and what still stands against closing it.

    ``after`` is the closing before it; ``since`` its moment, or the desk's first scan.
    """

    after: DeskClosing | None
    since: datetime
    last_event: int
    issued: int
    returned: int
    out: int
    overdue: int
    settled: int
    unsettled: int


@dataclass(frozen=True)
class Waiting:
    """The scans that this desk's browser still keeps: not answered, and not to be done."""

    pending: int
    failed: int


def figures(desk: Desk, *, policy: Policy, now: datetime) -> Figures:
    """What it would come to now; what was undone is not counted."""
    last = DeskClosing.objects.filter(desk=desk).order_by("-at").first()
    first = DeskRequest.objects.filter(desk=desk).order_by("received_at")
    began = last.at if last else first.values_list("received_at", flat=True).first()
    since = began or now
    seen = last.last_event if last else 0
    told = CustodyEvent.objects.filter(desk=desk, pk__gt=seen)
    stand = told.exclude(answered_by__verb=CustodyVerb.UNDONE)
    out = Custody.objects.open().for_a_shift().filter(camera__station=desk.station)
    conflicts = DeskConflict.objects.filter(request__desk=desk)
    settled = conflicts.filter(settled_at__lte=now)
    return Figures(
        after=last,
        since=since,
        last_event=told.aggregate(last=Max("pk"))["last"] or seen,
        issued=stand.filter(verb__in=ISSUED).count(),
        returned=stand.filter(verb__in=RETURNED).count(),
        out=out.count(),
        overdue=out.overdue(policy, now).count(),
        settled=(settled.filter(settled_at__gt=since) if last else settled).count(),
        unsettled=unsettled(desk),
    )


def unsettled(desk: Desk) -> int:
    """How many things this desk told are on the list of what is to be settled."""
    return DeskConflict.objects.filter(request__desk=desk, settled_at=None).count()


@transaction.atomic
def close(
    desk: Desk, waiting: Waiting, *, after: int | None, by: User, now: datetime, policy: Policy
) -> DeskClosing:
    """The shift at this desk is closed, and what it came to is kept.

    ``after`` is the closing that whoever closes knows as the last. Refuses while the desk's browser
    keeps a scan or something is unsettled, one that has ended, and a second closing of the same.
    """
    locked = Desk.objects.select_for_update(of=("self",)).get(pk=desk.pk)
    found = figures(desk, policy=policy, now=now)
    if said := [*_against(locked, waiting, found)]:
        raise Refused(" ".join(said))
    if (found.after.pk if found.after else None) != after:
        raise Refused("Somebody closed this shift already; look again.")
    closing = _kept(desk, found, by, now)
    ledger.record(
        "desk closed",
        subject(desk),
        by=by,
        now=now,
        closing=closing.pk,
        issued=found.issued,
        returned=found.returned,
        out=found.out,
        overdue=found.overdue,
        settled=found.settled,
    )
    return closing


def _kept(desk: Desk, found: Figures, by: User, now: datetime) -> DeskClosing:
    try:
        with transaction.atomic():
            closing: DeskClosing = DeskClosing.objects.create(
                desk=desk,
                after=found.after,
                since=found.since,
                at=now,
                by=by,
                last_event=found.last_event,
                issued=found.issued,
                returned=found.returned,
                out=found.out,
                overdue=found.overdue,
                settled=found.settled,
            )
    except IntegrityError:
        raise Refused("Somebody closed this shift already; look again.") from None
    return closing


def _against(desk: Desk, waiting: Waiting, found: Figures) -> Iterator[str]:
    if desk.ended_at is not None:
        yield f"{desk} has ended."
    if waiting.pending:
        yield f"{_scans(waiting.pending)} not sent yet; wait until the desk has sent them."
    if waiting.failed:
        yield f"{_scans(waiting.failed)} not done; look at them at the desk."
    if found.unsettled:
        many = "1 thing" if found.unsettled == 1 else f"{found.unsettled} things"
        yield f"{many} that this desk told must be settled first."


def _scans(number: int) -> str:
    return "1 scan is" if number == 1 else f"{number} scans are"
