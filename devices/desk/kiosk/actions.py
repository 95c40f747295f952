"""A kiosk: there is one, its browser is paired, an officer scans, takes a camera, or gives it back.

A scan is judged by `devices.desk.actions.scan`; what was scanned before is known here and never
believed of a browser. A kiosk's scans take turns by its desk's row.
"""

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from django.contrib.auth.hashers import check_password, make_password
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet
from django.utils.timezone import localtime

from devices import ledger
from devices.access.pairing import actions as pairing
from devices.custody.desks import actions as desks
from devices.custody.models import FOR_A_SHIFT, Custody, Desk, DeskKind
from devices.desk import actions as desk_actions
from devices.desk import seeing
from devices.desk.asking import KeyUsed, Sent
from devices.desk.kiosk import rules, showing, texts
from devices.desk.kiosk.models import KioskPin, KioskVisit
from devices.desk.kiosk.proving import KIOSKS
from devices.desk.kiosk.showing import Shown
from devices.desk.models import DeskRequest
from devices.desk.rules import Act
from devices.errors import Refused
from devices.health.actions import locate
from devices.inventory.models import Bay, Camera, Officer, Station
from devices.policy import Policy

UNSEEN = -1  # the number of a scan that nobody made: a camera that left its bay

# --- Setting one up ----------------------------------------------------------------------------


@transaction.atomic
def make(name: str, station: Station, *, by: User, now: datetime) -> tuple[Desk, str]:
    """There is a kiosk of this name, and the link's token that pairs its browser, said once."""
    desk = desks.make(name, station, by=by, now=now, kind=DeskKind.KIOSK)
    return desk, pairing.give(KIOSKS, desk, "kiosk's link made", by=by, now=now)


@transaction.atomic
def rotate(desk: Desk, *, by: User, now: datetime) -> str:
    """A new link; whatever was opened with the last one ends now."""
    desk_actions.taking_turns(desk)
    ended = pairing.end(KIOSKS, desk, now=now)
    return pairing.give(KIOSKS, desk, "kiosk's link renewed", by=by, now=now, ended=ended)


@transaction.atomic
def revoke(desk: Desk, *, by: User, now: datetime) -> None:
    """The kiosk's browser is nobody from now on. Refuses one that has no link."""
    desk_actions.taking_turns(desk)
    if not (ended := pairing.end(KIOSKS, desk, now=now)):
        raise Refused(f"{desk} has no link.")
    ledger.record("kiosk revoked", KIOSKS.subject(desk), by=by, now=now, keys=ended)


@transaction.atomic
def end(desk: Desk, *, by: User, now: datetime) -> None:
    """The kiosk is no more; what was done there stays on record."""
    desks.end(desk, by=by, now=now)
    pairing.end(KIOSKS, desk, now=now)


@transaction.atomic
def open_link(plaintext: str, *, now: datetime) -> str:
    """The token that the kiosk's browser keeps, in exchange for its link, once."""
    return pairing.open_link(KIOSKS, plaintext, now=now)


# --- PINs --------------------------------------------------------------------------------------


@transaction.atomic
def set_pin(officer: Officer, pin: str, *, by: User, now: datetime, policy: Policy) -> None:
    """The officer types this at kiosks from now on; a lock ends. Refuses what is no PIN."""
    if not rules.is_pin(pin, policy.kiosk_pin_digits):
        least = max(policy.kiosk_pin_digits, rules.SHORTEST_PIN)
        raise Refused(
            f"A PIN is {least} to {rules.LONGEST_PIN} digits, and not one digit again and again."
        )
    told = {"digest": make_password(pin), "set_at": now, "set_by": by}
    fresh: dict[str, Any] = {"wrong_at": [], "locked_until": None, "locked_at": None}
    KioskPin.objects.update_or_create(officer=officer, defaults={**told, **fresh})
    ledger.record("kiosk PIN set", f"officer {officer}", by=by, now=now)


@transaction.atomic
def prove(desk: Desk, scan: UUID, pin: str, *, now: datetime) -> Shown:
    """The officer whose badge was just scanned is who they say, if this is their PIN.

    Wrong ones are counted; the fifth within a quarter of an hour locks the PIN for as long.
    """
    desk_actions.taking_turns(desk)
    recent = KioskVisit.objects.filter(pk=scan, desk=desk, at__gt=now - rules.PIN_WAITS)
    visit = recent.select_related("officer__user", "camera", "bay__dock").first()
    if visit is None:
        return Shown(str(scan), "refused", texts.AGAIN)
    if visit.proven_at is not None:  # the answer was lost, and it was typed again
        return showing.of_visit(visit, _holds(visit.officer_id))
    known = KioskPin.objects.select_for_update().filter(officer=visit.officer).first()
    if known is None:
        return Shown(str(scan), "refused", texts.NO_PIN)
    if known.locked_until is not None and known.locked_until > now:
        return Shown(str(scan), "refused", _locked(known.locked_until))
    if not check_password(pin, known.digest):
        return _wrong(known, desk, scan, now)
    KioskPin.objects.filter(pk=known.pk).update(wrong_at=[], locked_until=None, locked_at=None)
    answer = DeskRequest.objects.get(pk=scan).answer
    return _welcome(visit, answer, now)


def _wrong(known: KioskPin, desk: Desk, scan: UUID, now: datetime) -> Shown:
    wrong_at = [*rules.recent(known.wrong_at, now), now]
    locks = rules.locks(wrong_at, now)
    until = now + rules.LOCKED_FOR if locks else None
    KioskPin.objects.filter(pk=known.pk).update(
        wrong_at=[] if locks else wrong_at,
        locked_until=until,
        locked_at=desk if locks else None,
    )
    if until is not None:
        subject = f"officer {known.officer}"
        ledger.record("kiosk PIN locked", subject, by=None, now=now, desk=str(desk))
        return Shown(str(scan), "refused", _locked(until))
    left = rules.WRONG_PINS - len(wrong_at)
    said = texts.LAST_PIN if left == 1 else texts.WRONG_PIN.format(left=left)
    return Shown(str(scan), "pin", said)


def _locked(until: datetime) -> str:
    return texts.LOCKED.format(until=f"{localtime(until):%H:%M}")


# --- Scans -------------------------------------------------------------------------------------


@transaction.atomic
def scan(desk: Desk, event_id: UUID, raw: str, *, now: datetime, policy: Policy) -> Shown:
    """What this scan at the kiosk did, once; sent again it is answered as before.

    Refuses (`KeyUsed`) a name that came with another scan before.
    """
    here = desk_actions.taking_turns(desk)
    if (known := _known(here, event_id, raw)) is not None:
        return known
    officer, context = _context(here, raw, now, policy)
    sent = Sent(
        event_id=event_id,
        seq=round(now.timestamp() * 1000),
        raw=raw,
        scanned_at=now,
        sent_at=now,
        context=context,
    )
    by = officer.user if officer else None
    answer = desk_actions.scan(sent, here, by=by, now=now, policy=policy)
    if answer["result"] == Act.SHOW:
        return _visit(here, event_id, answer, now, policy)
    if answer["result"] in (Act.ISSUE, Act.TAKE):
        _settle_offers(answer["officer"], now)
    if answer["result"] == Act.CLEAR:
        shown = KioskVisit.objects.offering(now).filter(desk=here, at__gt=now - rules.SHOWN_FOR)
        shown.update(offer_ends_at=now)
    return showing.of_scan(answer)


def settle(desk: Desk, *, now: datetime, policy: Policy) -> None:
    """Cameras that were offered here and have left their bay since are taken by whom they were
    offered to; an offer that is over is nothing. One query while nobody took any."""
    left = KioskVisit.objects.offering(now).filter(
        desk=desk, bay__isnull=False, camera__health__docked=False
    )
    for scan in list(left.order_by("at").values_list("pk", flat=True)):
        _settle(desk, left.filter(pk=scan), now, policy)


@transaction.atomic
def _settle(desk: Desk, left: QuerySet[KioskVisit], now: datetime, policy: Policy) -> None:
    """One of them, in a transaction of its own: what is done to one camera is in the ledger, whose
    head nobody may hold who waits for another camera."""
    here = desk_actions.taking_turns(desk)
    visit = left.select_related("officer__user", "camera").first()
    if visit is None:  # another browser asked at the same moment
        return
    assert visit.camera is not None  # it was offered
    sent = Sent(
        event_id=uuid5(visit.scan, "left its bay"),
        seq=UNSEEN,
        raw=visit.camera.label,
        scanned_at=now,
        sent_at=now,
        context={"officer": visit.officer.badge_number, "at": now},
    )
    answer = desk_actions.scan(sent, here, by=visit.officer.user, now=now, policy=policy)
    taken = answer["result"] in (Act.ISSUE, Act.TAKE)
    changed = {"settled_at": now} if taken else {"offer_ends_at": now}
    KioskVisit.objects.filter(pk=visit.pk).update(**changed)


def _known(desk: Desk, event_id: UUID, raw: str) -> Shown | None:
    """The answer to a scan that came before."""
    before = DeskRequest.objects.filter(pk=event_id).first()
    if before is None:
        return None
    if before.desk_id != desk.pk or before.raw != desk_actions.storable(raw):
        raise KeyUsed
    visit = KioskVisit.objects.filter(pk=event_id).select_related("camera", "bay__dock").first()
    if visit is None:
        return showing.of_scan(before.answer)
    if visit.proven_at is None:
        return Shown(str(event_id), "pin", texts.TYPE_PIN)
    return showing.of_visit(visit, _holds(visit.officer_id))


def _context(
    desk: Desk, raw: str, now: datetime, policy: Policy
) -> tuple[Officer | None, dict[str, Any]]:
    """Who stands there, and what was scanned before that still counts."""
    what = seeing.named(raw)
    before = _before(desk, now)
    if what.officer is not None:  # a camera that waits for its badge, where that is enough
        badge = Officer.objects.select_related("user").get(pk=what.officer)
        alone = not before.get("officer") and not policy.kiosk_pin_digits
        camera = before.get("camera") if alone else None
        return badge, {"camera": camera, "at": now} if camera else {}
    officer = _standing(desk, before, now) or _offered(desk, what.camera, now)
    return officer, {"officer": officer.badge_number, "at": now} if officer else {}


def _before(desk: Desk, now: datetime) -> Mapping[str, Any]:
    """What the last scan here left behind, as long as the screen shows it."""
    rows = DeskRequest.objects.filter(desk=desk, seq__gt=UNSEEN, received_at__lte=now)
    last = rows.exclude(result="").order_by("-received_at", "-seq").first()
    if last is None:
        return {}
    context: dict[str, Any] = last.answer["context"]
    shown_since = last.received_at
    if context.get("officer"):
        visit = KioskVisit.objects.filter(pk=last.pk).first()
        shown_since = (visit.proven_at if visit else None) or shown_since
    return context if now - shown_since <= rules.SHOWN_FOR else {}


def _standing(desk: Desk, before: Mapping[str, Any], now: datetime) -> Officer | None:
    """The officer whose card is shown, once they have proven who they are."""
    if not (badge := before.get("officer")):
        return None
    visits = KioskVisit.objects.filter(desk=desk, officer__badge_number=badge, at__lte=now)
    visit = visits.select_related("officer__user").order_by("-at").first()
    return visit.officer if visit is not None and visit.proven_at is not None else None


def _offered(desk: Desk, camera: int | None, now: datetime) -> Officer | None:
    """Whom this camera is offered to: they went to its bay, and bring it to be scanned."""
    offers = KioskVisit.objects.offering(now).filter(desk=desk, camera=camera)
    visit = offers.select_related("officer__user").order_by("-at").first()
    return visit.officer if visit is not None else None


def _visit(
    desk: Desk, event_id: UUID, answer: Mapping[str, Any], now: datetime, policy: Policy
) -> Shown:
    """A badge that is known: its PIN is asked for, or a camera is offered."""
    officer = Officer.objects.get(badge_number=answer["officer"])
    visit = KioskVisit.objects.create(scan=event_id, desk=desk, officer=officer, at=now)
    if not policy.kiosk_pin_digits:
        return _welcome(visit, answer, now)
    known = KioskPin.objects.filter(officer=officer).first()
    if known is None:
        return Shown(str(event_id), "refused", texts.NO_PIN)
    if known.locked_until is not None and known.locked_until > now:
        return Shown(str(event_id), "refused", _locked(known.locked_until))
    return Shown(str(event_id), "pin", texts.TYPE_PIN)


def _welcome(visit: KioskVisit, answer: Mapping[str, Any], now: datetime) -> Shown:
    """Who stands there is known: they hold a camera, or one is offered to them for a minute."""
    visit.proven_at = now
    holds = _holds(visit.officer_id)
    if not holds:
        visit.camera, visit.bay = _to_offer(visit, answer["take"], now)
        visit.offer_ends_at = now + rules.OFFER_LASTS if visit.camera else None
    visit.save()
    if visit.camera is not None:
        with suppress(Refused):  # it cannot be told, or was just now: the drawing shows its bay
            locate(visit.camera, by=visit.officer.user, now=now)
    return showing.of_visit(visit, holds)


def _holds(officer_id: int) -> list[str]:
    held = Custody.objects.open().filter(officer=officer_id, kind__in=FOR_A_SHIFT)
    return [one.camera.name for one in held.select_related("camera").order_by("opened_at")]


def _to_offer(
    visit: KioskVisit, take: Mapping[str, Any] | None, now: datetime
) -> tuple[Camera | None, Bay | None]:
    """What was offered to them a moment ago, else the best that nobody else was offered; and the
    bay it stands in."""
    offers = KioskVisit.objects.offering(now).exclude(pk=visit.pk)
    mine = offers.filter(officer=visit.officer, desk=visit.desk)
    earlier = mine.select_related("camera", "bay__dock").order_by("-at").first()
    if earlier is not None:
        mine.update(offer_ends_at=now)
        return earlier.camera, earlier.bay
    if take is None:
        return None, None
    names = [take["camera"], *(one["camera"] for one in take["alternates"])]
    others = set(offers.values_list("camera", flat=True))
    numbers = {int(name[1:]): name for name in names}
    rows = Camera.objects.filter(number__in=numbers).exclude(pk__in=others)
    free = {one.name: one for one in rows.select_related("health__bay__dock")}
    best = next((free[name] for name in names if name in free), None)
    health = getattr(best, "health", None)
    return best, health.bay if health is not None and health.docked else None


def _settle_offers(badge: str, now: datetime) -> None:
    """The officer has a camera: whatever was offered to them is settled."""
    offers = KioskVisit.objects.offering(now).filter(officer__badge_number=badge)
    offers.update(settled_at=now)
