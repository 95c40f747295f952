"""The verbs of custody: each one transaction, one event, one entry in the ledger.

Whoever changes a camera's custody takes turns by the camera's row. That no camera has two holders
is the database's word (`one_open_custody_per_camera`); here it becomes a sentence.
"""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.db import connection, transaction
from django.utils.timezone import localtime

from devices import feed, ledger
from devices.custody import history, rules
from devices.custody.models import (
    FOR_A_SHIFT,
    Custody,
    CustodyEvent,
    CustodyKind,
    CustodyVerb,
    Desk,
    Via,
)
from devices.errors import Refused
from devices.inventory import actions as inventory
from devices.inventory.models import Bay, Camera, Officer, ServiceState, UpdateStage

LONGEST_REASON = 200
WHOSE_OWN = frozenset({CustodyVerb.ASSIGNED, CustodyVerb.TAKEN_BACK})  # change whose own it is


@dataclass(frozen=True)
class Scanner:
    """Who is said to have scanned what another sent; None: somebody, nobody knows who."""

    user: User | None

    @property
    def account(self) -> int | None:
        """By number: what is kept for ever is no place for names, which may be forgotten."""
        return self.user.pk if self.user else None


@dataclass(frozen=True)
class Told:
    """Who acts, when and where, and what was said with it.

    ``scan`` is the desk's own name of the scan, ``scanned_at`` the moment by the desk's clock,
    ``scanned_by`` who is said to have worked the desk at that moment, if not who acts,
    ``snapshot`` the camera's readiness at that moment with every reason, as plain JSON;
    ``swapped_with`` the camera that it was exchanged for, which the ledger names.
    """

    by: User | None
    now: datetime
    via: Via = Via.PAGE
    desk: Desk | None = None
    bay: Bay | None = None
    scan: UUID | None = None
    scanned_at: datetime | None = None
    reason: str = ""
    authority: str = ""
    provisional: bool = False
    snapshot: dict[str, Any] = field(default_factory=dict)
    swapped_with: Camera | None = None
    scanned_by: Scanner | None = None


@dataclass(frozen=True)
class Terms:
    """How a camera goes out: for what, instead of which, until when."""

    kind: CustodyKind = CustodyKind.SHIFT
    loan_of: Camera | None = None
    due_at: datetime | None = None
    extra: bool = False


class Held(Refused):
    """Somebody holds the camera already: ``custody`` says who, or is None if that just ended."""

    def __init__(self, camera: Camera, custody: Custody | None) -> None:
        said = f"{custody.officer} holds {camera} {since(custody)}." if custody else ""
        super().__init__(said or f"{camera} changed hands at this very moment: scan it again.")
        self.custody = custody


class HoldsAnother(Refused):
    """The officer holds another camera for a shift already."""

    def __init__(self, officer: Officer, custody: Custody | None) -> None:
        what = f"{custody.camera} {since(custody)}" if custody else "another camera"
        super().__init__(f"{officer} holds {what}.")
        self.custody = custody


def since(custody: Custody) -> str:
    """As people say it: since 07:02, with the day when it was another."""
    return f"since {localtime(custody.opened_at):%d %b %H:%M}"


@transaction.atomic
def check_out(camera: Camera, officer: Officer, terms: Terms, *, told: Told) -> CustodyEvent:
    """The officer answers for this camera from now on.

    Refuses a camera that somebody holds (`Held`), a second one for a shift (`HoldsAnother`)
    unless it is ``extra``, and one that is held as evidence or installs an update. Whether it is
    fit to go out is the desk's to judge.
    """
    _free_to_go(_lock(camera))
    opened = _open(camera, officer, terms, told.now)
    return _tell(CustodyVerb.CHECKED_OUT, camera, officer, told, opened=opened)


@transaction.atomic
def check_in(camera: Camera, *, told: Told, of: Custody | None = None) -> CustodyEvent:
    """Nobody answers for this camera for a shift any more; if it is somebody's own it is theirs
    again. Refuses one that is lost, one that nobody holds, and, where it is the end ``of`` a
    custody that somebody saw on a page, one that is held by another since."""
    row = _lock(camera)
    owner, held = row.officer_id, open_custody(camera)
    if row.service_state == ServiceState.LOST:
        raise Refused(f"{camera} was reported lost: say on its page that it is found.")
    if held is None:
        raise Refused(f"{camera} is in: nobody holds it.")
    if of is not None and held.pk != of.pk:
        raise Refused(f"{camera} is back already. {Held(camera, held)}")
    _close(held, told.now)
    verb = CustodyVerb.CHECKED_IN if held.kind in FOR_A_SHIFT else CustodyVerb.TAKEN_BACK
    if verb == CustodyVerb.TAKEN_BACK:
        inventory.give_to(camera, None)
    opened = _rest(camera, told.now) if owner is not None else None
    moved = _moved(row, told)
    return _tell(verb, camera, held.officer, told, closed=held, opened=opened, says=moved)


@transaction.atomic
def locate(camera: Camera, *, told: Told) -> CustodyEvent | None:
    """The camera, in already, is at the station of the desk where it was scanned; None if that is
    on record. Whose it is, and which station's, stays as it is: no scan decides that."""
    moved = _moved(_lock(camera), told)
    if not moved:
        return None
    held = open_custody(camera)
    return _tell(CustodyVerb.LOCATED, camera, held.officer if held else None, told, says=moved)


@transaction.atomic
def transfer(camera: Camera, officer: Officer, terms: Terms, *, told: Told) -> CustodyEvent:
    """The camera goes from who holds it to this officer, at one moment. Wants a reason."""
    _free_to_go(_lock(camera))
    held = open_custody(camera)
    if held is None:
        raise Refused(f"{camera} is in: nobody holds it.")
    if held.officer_id == officer.pk:
        raise Refused(f"{officer} holds {camera} already.")
    told_why = _reason(told)
    _close(held, told.now)
    opened = _open(camera, officer, terms, told.now)
    return _tell(
        CustodyVerb.TRANSFERRED, camera, officer, told, closed=held, opened=opened, reason=told_why
    )


@dataclass(frozen=True)
class Swapped:
    """The two events of a swap."""

    returned: CustodyEvent
    given: CustodyEvent


@transaction.atomic
def swap(officer: Officer, back: Camera, out: Camera, *, returned: Told, given: Told) -> Swapped:
    """One camera comes in from this officer and the other goes out to them, on the same terms, at
    one moment; their own one is taken on duty. Refused whole if either half is."""
    held = swappable(officer, back, out)
    own = open_custody(out)
    came_in = check_in(back, told=replace(returned, swapped_with=out))
    told = replace(given, swapped_with=back)
    if own is not None and own.kind == CustodyKind.PERSONAL and own.officer_id == officer.pk:
        return Swapped(came_in, take(out, officer, told=told))
    return Swapped(came_in, check_out(out, officer, _same_terms(held, out), told=told))


def swappable(officer: Officer, back: Camera, out: Camera) -> Custody:
    """The custody that a swap would end, both cameras locked in the order of their ids.

    Refuses a camera for itself, one that is lost, and one that this officer does not hold for a
    shift.
    """
    if back.pk == out.pk:
        raise Refused(f"{back} is not swapped for itself: say which other camera goes out.")
    turns = Camera.objects.select_for_update(no_key=True).filter(pk__in=(back.pk, out.pk))
    states = dict(turns.order_by("pk").values_list("pk", "service_state"))
    held = open_custody(back)
    if states[back.pk] == ServiceState.LOST:
        raise Refused(f"{back} is lost: say that it is found first, or give {out} out beside it.")
    if held is None:
        raise Refused(f"{back} is in: nobody holds it.")
    if held.officer_id != officer.pk:
        raise Held(back, held)
    if held.kind == CustodyKind.PERSONAL:
        raise Refused(f"{back} is {officer}'s own and stays so: give {out} out beside it.")
    return held


def _same_terms(held: Custody, out: Camera) -> Terms:
    """As the other one was held; but the camera that a loan stood in for stands in for none."""
    if held.loan_of_id == out.pk:
        return Terms(due_at=held.due_at, extra=held.extra)
    return Terms(CustodyKind(held.kind), held.loan_of, held.due_at, held.extra)


@transaction.atomic
def take(camera: Camera, officer: Officer, *, told: Told) -> CustodyEvent:
    """The officer takes their own camera on duty, with its readiness; custody stays as it is."""
    _free_to_go(_lock(camera))
    held = open_custody(camera)
    if held is None or held.kind != CustodyKind.PERSONAL or held.officer_id != officer.pk:
        raise Refused(f"{camera} is not {officer}'s own.")
    return _tell(CustodyVerb.TAKEN, camera, officer, told)


@transaction.atomic
def assign(camera: Camera, officer: Officer | None, *, told: Told) -> CustodyEvent:
    """The camera is this officer's own from now on, or nobody's. Wants a reason.

    Refuses while somebody holds it for a shift, one that is retired, and an officer who has left.
    """
    fresh = _lock(camera)
    held, told_why = open_custody(camera), _reason(told)
    if held is not None and held.kind in FOR_A_SHIFT:
        raise Held(camera, held)
    if fresh.officer_id == (officer.pk if officer else None):
        raise Refused(f"{camera} is that already.")
    if officer is not None and not officer.active:
        raise Refused(f"{officer} has left.")
    if officer is not None and fresh.service_state == ServiceState.RETIRED:
        raise Refused(f"{camera} is retired.")
    if held is not None:
        _close(held, told.now)
    inventory.give_to(camera, officer)
    verb = CustodyVerb.ASSIGNED if officer else CustodyVerb.TAKEN_BACK
    whose = officer or (held.officer if held else None)
    opened = _rest(camera, told.now)
    return _tell(verb, camera, whose, told, closed=held, opened=opened, reason=told_why)


@transaction.atomic
def undo(event: CustodyEvent, *, told: Told) -> CustodyEvent:
    """What this event did is taken back by another one, which stands beside it.

    Refuses after a minute, at another desk, what was undone, and when the camera's custody went
    on since: then it is a correction. A camera that was lost is found, not undone.
    """
    camera = event.camera
    _lock(camera)
    latest = CustodyEvent.objects.filter(camera=camera).order_by("-id").first()
    if event.desk_id != (told.desk.pk if told.desk else None):
        raise Refused(f"{camera} was scanned at {event.desk}: undo it there, or correct it.")
    if latest is None or latest.pk != event.pk or event.verb == CustodyVerb.UNDONE:
        raise Refused(f"{camera} was scanned again since: correct it on its page.")
    if not rules.may_undo(event.at, told.now):
        raise Refused(f"{camera} was scanned more than a minute ago: correct it on its page.")
    if event.verb == CustodyVerb.REPORTED_LOST:
        raise Refused(f"{camera} was reported lost: say on its page that it is found.")
    if event.opened is not None:
        _close(event.opened, told.now)
    was = event.closed
    if event.verb in WHOSE_OWN:
        inventory.give_to(camera, was.officer if was else None)
    terms = Terms(CustodyKind(was.kind), was.loan_of, was.due_at, was.extra) if was else None
    opened = _open(camera, was.officer, terms, told.now) if was and terms else None
    carried = _carried(was, told.now) if was and opened else {}
    if opened is None:
        opened = _rest(camera, told.now)
    return _tell(
        CustodyVerb.UNDONE,
        camera,
        event.officer,
        replace(told, snapshot=carried),
        closed=event.opened,
        opened=opened,
        about=event,
    )


@transaction.atomic
def extend(custody: Custody, until: datetime, *, told: Told) -> CustodyEvent:
    """The camera is due then instead: later, or sooner. What was due stays with the event.

    Wants a reason; refuses a custody that has ended or never ends, and times gone by.
    """
    camera = custody.camera
    _lock(camera)
    custody.refresh_from_db()
    why = _reason(told)
    if custody.closed_at is not None:
        raise Refused(f"{camera} is back already.")
    was = custody.due_at
    if said := rules.why_not_extended(was, until, told.now):
        raise Refused(said)
    Custody.objects.filter(pk=custody.pk, closed_at=None).update(due_at=until)
    custody.due_at = until
    says = {
        "custody": custody.pk,
        "due_at": until.astimezone(UTC).isoformat(),
        "was": was.astimezone(UTC).isoformat() if was else "",
    }
    about = custody.opening_events.order_by("id").first()
    return _tell(
        CustodyVerb.EXTENDED, camera, custody.officer, told, about=about, reason=why, says=says
    )


@transaction.atomic
def report_lost(camera: Camera, *, told: Told) -> CustodyEvent:
    """The camera is lost; who held it last still answers for it. Wants a reason."""
    _lock(camera)
    why = _reason(told)
    inventory.change_service(camera, ServiceState.LOST, reason=why, by=told.by, now=told.now)
    held = open_custody(camera)
    whose = held.officer if held else None
    return _tell(CustodyVerb.REPORTED_LOST, camera, whose, told, reason=why)


@transaction.atomic
def found(camera: Camera, *, told: Told) -> CustodyEvent:
    """A lost camera is here. Whoever held it for a shift has given it back; it stays out of
    service until somebody has looked at it and says otherwise."""
    fresh = _lock(camera)
    if fresh.service_state != ServiceState.LOST:
        raise Refused(f"{camera} is not lost.")
    last = CustodyEvent.objects.filter(camera=camera).order_by("-id").first()
    if last is not None and last.verb == CustodyVerb.FOUND:
        raise Refused(f"{camera} was found already: keep it here until it is back in service.")
    held = open_custody(camera)
    closed = held if held is not None and held.kind in FOR_A_SHIFT else None
    if closed is not None:
        _close(closed, told.now)
    opened = _rest(camera, told.now) if closed is not None else None
    whose, moved = held.officer if held else None, _moved(fresh, told)
    return _tell(CustodyVerb.FOUND, camera, whose, told, closed=closed, opened=opened, says=moved)


@dataclass(frozen=True)
class Correction:
    """What was really so: who held the camera, from when until when (None: still)."""

    officer: Officer | None
    opened_at: datetime
    closed_at: datetime | None


@transaction.atomic
def correct(custody: Custody, right: Correction, *, told: Told) -> CustodyEvent:
    """Somebody says what was really so of this custody. The record stays, with this beside it.

    If it is still open, and another officer holds the camera or nobody does, that is made so now.
    Wants a reason; refuses times that cannot be, and to end that a camera is somebody's own.
    """
    camera = custody.camera
    owner = _lock(camera).officer_id
    why = _reason(told)
    if right.closed_at is not None and right.closed_at < right.opened_at:
        raise Refused("It would have ended before it began.")
    if max(right.opened_at, right.closed_at or right.opened_at) > told.now:
        raise Refused("That is in the future.")
    custody.refresh_from_db()
    closed = opened = None
    carried: dict[str, Any] = {}
    if custody.closed_at is None and not _stands(custody, right):
        holder = right.officer if right.closed_at is None else None
        if holder is None and custody.kind == CustodyKind.PERSONAL:
            raise Refused(f"{camera} is {custody.officer}'s own: take it back on its page.")
        closed = custody
        carried = _carried(custody, told.now) if holder else {}
        _close(custody, told.now)
        if holder is not None and holder.pk != owner:
            opened = _open(camera, holder, Terms(due_at=custody.due_at), told.now)
        else:
            opened = _rest(camera, told.now)
    about = custody.opening_events.order_by("id").first()
    says = {
        "custody": custody.pk,
        "officer": str(right.officer) if right.officer else "",
        "opened_at": right.opened_at.isoformat(),
        "closed_at": right.closed_at.isoformat() if right.closed_at else "",
    }
    return _tell(
        CustodyVerb.CORRECTED,
        camera,
        right.officer or custody.officer,
        replace(told, snapshot=carried),
        closed=closed,
        opened=opened,
        about=about,
        reason=why,
        says=says,
    )


def _carried(custody: Custody, now: datetime) -> dict[str, Any]:
    """What the camera was like as its officer had it in this custody, for the one that goes on from
    it; with the moment that it is of."""
    (record,) = history.records([custody], at=now)
    frozen = record.readiness()
    if frozen is None:
        return {}
    return {**frozen.snapshot, "as_of": history.frozen_at(frozen).isoformat()}


def _stands(custody: Custody, right: Correction) -> bool:
    """Whether an open custody is as it should be, whatever is said of its begin."""
    return right.officer == custody.officer and right.closed_at is None


def open_custody(camera: Camera) -> Custody | None:
    """Who answers for it now."""
    rows = Custody.objects.filter(camera=camera, closed_at=None)
    return rows.select_related("officer", "loan_of").first()


def _free_to_go(fresh: Camera) -> None:
    """Refuses evidence, and a camera that installs; one that was only offered an update goes out
    and is offered it no more."""
    if fresh.held_at is not None:
        raise Refused(f"{fresh} is held as evidence: it goes to nobody until that ends.")
    if fresh.update_stage == UpdateStage.INSTALLING:
        until = fresh.updating_until
        back = f"it is back at about {localtime(until):%H:%M}" if until else "leave it in its bay"
        raise Refused(f"{fresh} is being updated: {back}.")
    if fresh.update_stage == UpdateStage.OFFERED:
        inventory.end_offer(fresh)


def _lock(camera: Camera) -> Camera:
    """One act at a time on a camera; what only refers to it, reports and loans, goes on."""
    fresh: Camera = Camera.objects.select_for_update(no_key=True).get(pk=camera.pk)
    return fresh


# Not before the last one ended: who waited for their turn brings an older ``now``.
_OPENED = """
INSERT INTO devices_custody (camera_id, officer_id, kind, loan_of_id, extra, opened_at, due_at)
SELECT %(camera)s, %(officer)s, %(kind)s, %(loan_of)s, %(extra)s,
       greatest(%(now)s, (SELECT last.closed_at FROM devices_custody last
                          WHERE last.camera_id = %(camera)s
                          ORDER BY last.opened_at DESC, last.id DESC LIMIT 1)),
       %(due_at)s
ON CONFLICT DO NOTHING RETURNING id, opened_at"""


def _open(camera: Camera, officer: Officer, terms: Terms, now: datetime) -> Custody:
    """One more custody; what the database's constraints refuse is said as people would."""
    loan_of = terms.loan_of if terms.kind == CustodyKind.LOAN else None
    row: dict[str, Any] = {
        "camera": camera.pk,
        "officer": officer.pk,
        "kind": str(terms.kind),
        "loan_of": loan_of.pk if loan_of else None,
        "extra": terms.extra,
        "due_at": terms.due_at,
    }
    with connection.cursor() as cursor:
        cursor.execute(_OPENED, {**row, "now": now})
        opened = cursor.fetchone()
    if opened is None:
        raise _in_the_way(camera, officer)
    return Custody(
        pk=opened[0],
        camera=camera,
        officer=officer,
        kind=terms.kind,
        loan_of=loan_of,
        extra=terms.extra,
        opened_at=opened[1],
        due_at=terms.due_at,
    )


def _in_the_way(camera: Camera, officer: Officer) -> Refused:
    """Who holds the camera, or what the officer holds: whichever the new one met."""
    held = open_custody(camera)
    rows = Custody.objects.open().for_a_shift().filter(officer=officer, extra=False)
    another = None if held else rows.select_related("camera").first()
    return HoldsAnother(officer, another) if another else Held(camera, held)


def _close(custody: Custody, now: datetime) -> None:
    rows, ended = Custody.objects.filter(pk=custody.pk, closed_at=None), max(now, custody.opened_at)
    if not rows.update(closed_at=ended):
        raise Held(custody.camera, None)
    custody.closed_at = ended


def _rest(camera: Camera, now: datetime) -> Custody | None:
    """A camera that is somebody's own is theirs again; any other is nobody's."""
    owned = (
        Camera.objects.select_related("officer")
        .filter(pk=camera.pk, officer__active=True)
        .exclude(service_state=ServiceState.RETIRED)
    )
    own = owned.first()
    if own is None or own.officer is None or open_custody(camera) is not None:
        return None
    return _open(camera, own.officer, Terms(CustodyKind.PERSONAL), now)


# Where it was last scanned or put into a bay; else it is where it belongs.
_WHERE = """
SELECT station.code, seen.at FROM devices_camera camera
LEFT JOIN LATERAL (
    (SELECT told.station_id, least(told.scanned_at, told.at) AS at
     FROM (SELECT coalesce(desk.station_id, dock.station_id) AS station_id, e.scanned_at, e.at
           FROM devices_custodyevent e
           LEFT JOIN devices_desk desk ON desk.id = e.desk_id
           LEFT JOIN devices_bay bay ON bay.id = e.bay_id
           LEFT JOIN devices_dock dock ON dock.id = bay.dock_id
           WHERE e.camera_id = camera.id AND (e.desk_id IS NOT NULL OR e.bay_id IS NOT NULL)
           ORDER BY e.id DESC LIMIT 20) told
     ORDER BY at DESC LIMIT 1)
    UNION ALL
    (SELECT dock.station_id, least(p.at, p.received_at)
     FROM devices_placement p
     JOIN devices_bay bay ON bay.id = p.bay_id
     JOIN devices_dock dock ON dock.id = bay.dock_id
     WHERE p.camera_id = camera.id AND p.docked
     ORDER BY p.at DESC LIMIT 1)
    ORDER BY at DESC LIMIT 1) seen ON true
JOIN devices_station station ON station.id = coalesce(seen.station_id, camera.station_id)
WHERE camera.id = %s"""


def _moved(camera: Camera, told: Told) -> dict[str, str]:
    """Which station the record has the camera at, where it is scanned at another one's desk.
    Nothing if it was seen since: what a desk tells late moves no camera back."""
    if told.desk is None:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_WHERE, [camera.pk])
        was_at, seen_at = cursor.fetchone()
    at = told.desk.station.code
    scanned_at = min(told.scanned_at or told.now, told.now)
    if was_at == at or (seen_at is not None and seen_at > scanned_at):
        return {}
    return {"was_station": was_at, "station": at}


def _reason(told: Told) -> str:
    reason = told.reason.strip()[:LONGEST_REASON]
    if not reason:
        raise Refused("Say why in a few words; it stays with the camera.")
    return reason


def _scanned_by(told: Told) -> dict[str, Any]:
    return {"scanned_by": told.scanned_by.account} if told.scanned_by else {}


def _tell(
    verb: CustodyVerb, camera: Camera, officer: Officer | None, told: Told, **rest: Any
) -> CustodyEvent:
    """The event, its entry in the ledger, and word to every board."""
    reason = rest.pop("reason", told.reason.strip()[:LONGEST_REASON])
    says = rest.pop("says", {}) | _scanned_by(told)
    event = CustodyEvent.objects.create(
        verb=verb,
        via=told.via,
        at=told.now,
        scanned_at=told.scanned_at,
        by=told.by,
        desk=told.desk,
        bay=told.bay,
        scan=told.scan,
        camera=camera,
        officer=officer,
        reason=reason,
        authority=told.authority,
        provisional=told.provisional,
        snapshot=told.snapshot,
        says=says,
        **rest,
    )
    opened, closed = rest.get("opened"), rest.get("closed")
    custody = opened or closed
    facts: dict[str, Any] = {
        "officer": str(officer) if officer else None,
        "custody": custody.pk if custody else None,
        "kind": str(opened.kind) if opened else None,
        "desk": str(told.desk) if told.desk else None,
        "authority": told.authority or None,
        "reason": reason or None,
        "provisional": told.provisional or None,
        "due_at": says.get("due_at"),
        "was_station": says.get("was_station"),
        "station": says.get("station"),
        "swapped_with": str(told.swapped_with) if told.swapped_with else None,
        "event": event.pk,
    }
    said = {name: value for name, value in facts.items() if value is not None} | _scanned_by(told)
    ledger.record(verb.label.lower(), camera, by=told.by, now=told.now, via=str(told.via), **said)
    if "was_station" in says and verb != CustodyVerb.LOCATED:
        moved = CustodyVerb.LOCATED.label.lower()
        ledger.record(moved, camera, by=told.by, now=told.now, via=str(told.via), **says)
    touched = {camera.pk} | {one.loan_of_id for one in (opened, closed) if one and one.loan_of_id}
    feed.touch(touched)
    return event
