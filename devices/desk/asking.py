"""One scan at a desk: what was sent, and everything it is judged by."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.contrib.auth.models import User
from django.db import connection

from devices.access.people import reach_of
from devices.custody.actions import Scanner
from devices.custody.models import Desk
from devices.desk import rules, seeing
from devices.desk.cards import REASONS
from devices.desk.rules import Context, Order
from devices.desk.seeing import Bearer, Named, Sight
from devices.errors import Refused
from devices.inventory import codes
from devices.inventory.models import Camera, Officer
from devices.policy import Policy
from devices.readiness.posting import duty_with_joined
from devices.readiness.rules import USUAL_SHIFT
from devices.roles import Act
from devices.roster.models import Duty

ABOUT_ANOTHER = frozenset({Order.UNDO, Order.FAULT})
KEPT_AT_MOST = timedelta(days=366)  # a scan, by the browser of a desk that is cut off
COMES_BEFORE = timedelta(hours=2)  # a duty this near is what a camera is taken for
LONGEST_ON = timedelta(days=2)  # no officer is on for longer


@dataclass(frozen=True)
class Sent:
    """A scan as a desk sent it. Times are by the desk's clock.

    ``context`` names what was scanned before. ``told`` is what the clerk was told already, while
    the desk was cut off; empty otherwise. ``typed``: by hand, not by a scanner. ``operator`` is
    the user name of who worked the desk then, by its page's word; None: not known there. It goes on
    record, gives nobody anything and decides nothing.
    """

    event_id: UUID
    seq: int
    raw: str
    scanned_at: datetime
    sent_at: datetime
    context: Mapping[str, Any] = field(default_factory=dict)
    told: str = ""
    typed: bool = False
    undo: UUID | None = None  # the scan that UNDO takes back, where it is not the last
    operator: str | None = ""

    @property
    def digest(self) -> str:
        """Stands for what was scanned. When it was sent, and what the clerk was told meanwhile, may
        differ from one time to the next: the first may have been lost on its way.
        """
        asked = [
            str(self.event_id),
            self.seq,
            self.raw,
            self.scanned_at.isoformat(),
            sorted((name, str(value)) for name, value in self.context.items()),
            self.typed,
            str(self.undo),
            *([self.operator] if self.operator != "" else []),  # of older pages there is none
        ]
        return hashlib.sha256(json.dumps(asked).encode()).hexdigest()


class KeyUsed(Refused):
    """The same name came with another scan before."""

    def __init__(self) -> None:
        super().__init__("This event_id was used for another scan; every scan has its own.")


@dataclass(frozen=True)
class Asking:
    """One scan on its way: who sent what, from which desk, when, by which numbers.

    ``scanned_by`` is said to have worked the desk as it was scanned, where that is not who sends
    it: a queue outlives a session. Whatever is judged, done and allowed is by who sends it.
    """

    sent: Sent
    desk: Desk
    by: User | None
    now: datetime
    policy: Policy
    scanned_by: Scanner | None = None

    @property
    def at(self) -> datetime:
        """When it was scanned, by our clock: as long ago as the desk's clock says. Never in the
        future, and no longer ago than a browser keeps a scan: then that clock was set since."""
        ago = self.sent.sent_at - self.sent.scanned_at
        return self.now - ago if timedelta(0) <= ago <= KEPT_AT_MOST else self.now


@dataclass(frozen=True)
class Seen:
    """Everything one scan is judged by."""

    named: Named
    cameras: dict[int, Sight]
    officers: dict[int, Bearer]
    context: Context
    last: rules.Last
    last_id: int | None  # of the camera in ``last``
    duty_ends_at: datetime  # of the officer it is about, with the duties that it joins
    lasts: timedelta  # that duty, from now

    def sight(self, name: str) -> Sight | None:
        return next((one for one in self.cameras.values() if one.row.name == name), None)

    def own(self, bearer: Bearer) -> Sight | None:
        """The officer's own camera, whoever has it now."""
        return self.cameras.get(bearer.own) if bearer.own is not None else None

    def bearer(self, badge: str) -> Bearer | None:
        return next((one for one in self.officers.values() if one.seen.badge == badge), None)


def scanned_by(sent: Sent, desk: Desk, by: User | None) -> Scanner | None:
    """Who is said to have worked the desk as it was scanned, if not who sends it.

    That is only a claim: it counts for somebody who may work this desk. Any other name is as if it
    was not known, whether an account has it or not. A scan is never refused for it: by then its
    clerk may be gone, and it happened all the same.
    """
    if by is None or sent.operator in ("", by.get_username()):
        return None
    user = User.objects.filter(username=sent.operator).first() if sent.operator else None
    return Scanner(user if user is not None and _may_work(user, desk) else None)


def _may_work(user: User, desk: Desk) -> bool:
    reach = reach_of(user, Act.WORK_DESK)
    return reach is not None and reach.officer_id is None and reach.covers(desk.station_id)


def see(asking: Asking) -> Seen:
    """Reads what this scan is about, its cameras locked in the order of their ids.

    A card that is about another camera (undo, fault) locks none here: its verb locks that one,
    and a second lock out of order would be a deadlock with another desk.
    """
    sent, now = asking.sent, asking.now
    what = seeing.named(sent.raw, typed=sent.typed)
    before_camera = seeing.waiting(sent.context.get("camera"))
    wanted = sorted({one for one in (what.camera, before_camera) if one is not None})
    if what.card is None or what.card.order not in ABOUT_ANOTHER:
        turns = Camera.objects.select_for_update(no_key=True).filter(pk__in=wanted)
        list(turns.order_by("pk").values_list("pk", flat=True))
    badge = str(sent.context.get("officer") or "")
    bearers = seeing.officers(ids=[what.officer] if what.officer else [], badges=[badge])
    before = next((one for one in bearers.values() if one.seen.badge == badge), None)
    whose = before if before and _reason(sent) else bearers.get(what.officer or 0, before)
    ends_at, lasts = duty_of(whose.row if whose else None, asking.policy, now)
    need = seeing.need_at_desk(now, lasts, whose.seen.badge if whose else "")
    own = {one.own for one in bearers.values() if one.own is not None}
    here = asking.desk.station_id
    sights = seeing.cameras({*wanted, *own}, need, asking.policy, now, station=here)
    context = Context(
        officer=before.seen if before else None,
        camera=sights[before_camera].seen if before_camera in sights else None,
        info=bool(sent.context.get("info")),
        transfer=bool(sent.context.get("transfer")),
        reason=_reason(sent),
        at=sent.context.get("at"),
    )
    return Seen(what, sights, bearers, context, *_last(asking.desk, sent), ends_at, lasts)


def about(sent: Sent) -> tuple[int | None, int | None]:
    """The ids of the camera and the officer that this scan names, or else what was scanned before
    it: of these the clerk was told, whatever it is judged to mean."""
    what, before = seeing.named(sent.raw, typed=sent.typed), sent.context
    camera = what.camera or seeing.waiting(before.get("camera"))
    badge = Officer.objects.filter(badge_number=before.get("officer") or "")
    return camera, what.officer or badge.values_list("pk", flat=True).first()


def _reason(sent: Sent) -> str:
    """The word of a reason card of ours; a desk cannot bring words of its own into the record."""
    said = sent.context.get("reason")
    return said if isinstance(said, str) and said in REASONS else ""


_BEFORE = """
SELECT scan.camera_id, camera.number, scan.scanned_at, scan.changed_at
FROM devices_deskrequest scan LEFT JOIN devices_camera camera ON camera.id = scan.camera_id
WHERE scan.desk_id = %s AND scan.event_id <> %s AND scan.result <> ''
ORDER BY scan.received_at DESC, scan.seq DESC LIMIT 1"""


def _last(desk: Desk, sent: Sent) -> tuple[rules.Last, int | None]:
    """The scan before this one at this desk, if it was of a camera; and that camera's id."""
    with connection.cursor() as cursor:
        cursor.execute(_BEFORE, [desk.pk, sent.event_id])
        before = cursor.fetchone()
    if before is None or before[0] is None:
        return rules.Last(), None
    camera, number, scanned_at, changed_at = before
    return rules.Last(codes.name(number), scanned_at, changed_at), camera


def duty_of(officer: Officer | None, policy: Policy, now: datetime) -> tuple[datetime, timedelta]:
    """When what the officer takes a camera for ends, and how long it lasts from now; with the
    duties that it joins, as the shift's page counts."""
    coming = Duty.objects.filter(officer=officer, ends_at__gt=now, begins_at__lte=now + LONGEST_ON)
    duties = [OnDuty(*row) for row in coming.values_list("begins_at", "ends_at")] if officer else []
    near = [one for one in duties if one.begins_at <= now + COMES_BEFORE]
    if not near:
        return now + USUAL_SHIFT, USUAL_SHIFT
    last = max(near, key=lambda one: one.ends_at)
    _, ends_at = duty_with_joined(last, duties, policy)
    return ends_at, ends_at - now


class OnDuty(NamedTuple):
    begins_at: datetime
    ends_at: datetime
