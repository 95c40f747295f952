"""What is overdue, as people deal with it: who to call for which camera, and where it may be.

A camera for a shift or on loan is due by its custody. An own camera has no such time: it is
overdue when it was taken on a duty and has not been docked since that duty ended; that is
derived here. An alert calls for one that stays away for days (`own_missing`).
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from devices.access.people import Visible
from devices.custody import rules
from devices.custody.models import Custody, CustodyEvent, CustodyQuerySet, CustodyVerb
from devices.custody.rules import Standing
from devices.inventory import codes
from devices.inventory.models import Camera
from devices.policy import Policy
from devices.readiness.facts import select

MOST = 500
LOOKED_BACK = timedelta(days=30)  # an own camera away for longer is another matter


@dataclass(frozen=True)
class Late:
    """One camera that is overdue. ``custody`` is its row; ``extended`` is why it was due later."""

    custody: Custody
    due_at: datetime
    standing: Standing
    heard_at: datetime | None
    where: str
    docked: bool
    extended: str = ""

    @property
    def camera(self) -> Camera:
        camera: Camera = self.custody.camera
        return camera

    @property
    def missing(self) -> bool:
        return self.standing is Standing.MISSING

    @property
    def todo(self) -> str:
        """The one thing to do next."""
        if self.docked:
            return f"It is in {self.where}: take it back."
        unit = f" of {self.custody.officer.unit}" if self.custody.officer.unit else ""
        whom = f"{self.custody.officer}{unit}"
        if self.missing:
            return f"Ask {whom}; if nobody knows, report {self.camera} lost."
        return f"Call {whom}: bring {self.camera} back."


@dataclass(frozen=True)
class NotDocked:
    """An own camera that was not docked when its duty ended."""

    number: int
    officer_id: int
    due_at: datetime
    heard_at: datetime | None

    @property
    def name(self) -> str:
        return codes.name(self.number)


def late(reach: Visible, *, policy: Policy, now: datetime) -> list[Late]:
    """What is overdue within reach, the longest first; two statements."""
    rows = Custody.objects.for_a_shift().overdue(policy, now).order_by("due_at")
    found = list(
        within(rows, reach).select_related(
            "camera__health__bay__dock", "camera__station", "officer"
        )[:MOST]
    )
    why = _extended([one.pk for one in found])
    return [_late(one, why.get(one.pk, ""), policy, now) for one in found]


def within(rows: CustodyQuerySet, reach: Visible) -> CustodyQuerySet:
    """Those that somebody with this reach may see."""
    if reach.officer_id is not None:
        return rows.filter(officer=reach.officer_id)
    return rows.at_stations(reach.stations)


def _late(custody: Custody, extended: str, policy: Policy, now: datetime) -> Late:
    assert custody.due_at is not None  # what is overdue was due
    health = getattr(custody.camera, "health", None)
    bay = health.bay if health and health.docked else None
    heard_at = health.heard_at if health else None
    where = str(bay) if bay else "never heard" if heard_at is None else "out"
    standing = rules.standing(custody.due_at, policy, now)
    return Late(custody, custody.due_at, standing, heard_at, where, bay is not None, extended)


def _extended(ids: Collection[int]) -> dict[int, str]:
    """Why each of these was last due later than first said, by custody."""
    rows = CustodyEvent.objects.filter(verb=CustodyVerb.EXTENDED, about__opened__in=ids).order_by(
        "id"
    )
    return dict(rows.values_list("about__opened", "reason"))


# It charges in a cruiser whose charger has no key and cannot speak: nobody hears of its return.
HOME_IS_UNHEARD = """
EXISTS (SELECT FROM devices_bay home JOIN devices_dock charger ON charger.id = home.dock_id
        WHERE home.id = c.home_bay_id AND charger.kind = 'vehicle' AND NOT EXISTS (
            SELECT FROM devices_devicetoken key
            WHERE key.dock_id = charger.id AND key.revoked_at IS NULL))"""

# Left its bay before the officer's last duty ended, and is out since; and was theirs by then: what
# somebody is given after a duty was not taken on it. An officer on duty now is no matter, nor is a
# camera that left a bay afterwards: it is on that duty, or in somebody's hand.
_NOT_DOCKED = f"""
FROM devices_custody held
JOIN devices_camera c ON c.id = held.camera_id
JOIN devices_camerahealth h ON h.camera_id = c.id
CROSS JOIN LATERAL (
    SELECT max(ends_at) AS ends_at FROM devices_duty
    WHERE officer_id = held.officer_id AND begins_at <= %(now)s
      AND begins_at > %(now)s - %(back)s AND ends_at > held.opened_at) AS duty
WHERE held.closed_at IS NULL AND held.kind = 'personal' AND c.service_state = 'in_service'
  AND NOT h.docked AND h.moved_at < duty.ends_at AND NOT {HOME_IS_UNHEARD}
  AND duty.ends_at + %(handover)s + %(overdue_after)s <= %(now)s
  AND (%(every)s OR c.station_id = ANY(%(stations)s) OR c.officer_id = %(officer)s)"""  # noqa: S608 (constants)
_LISTED = f"""
SELECT c.number, held.officer_id, duty.ends_at + %(handover)s, h.heard_at
{_NOT_DOCKED} ORDER BY 3, 1 LIMIT %(most)s"""
_COUNTED = f"SELECT count(*) {_NOT_DOCKED}"


def not_docked(reach: Visible, *, policy: Policy, now: datetime) -> list[NotDocked]:
    """Own cameras within reach that are overdue, the longest first; one statement."""
    rows = select(_LISTED, **_asked(reach, policy, now), most=MOST)
    return [NotDocked(*row) for row in rows]


def count_not_docked(reach: Visible, *, policy: Policy, now: datetime) -> int:
    """How many there are, however many; one statement."""
    ((number,),) = select(_COUNTED, **_asked(reach, policy, now))
    return int(number)


def _asked(reach: Visible, policy: Policy, now: datetime) -> dict[str, Any]:
    return {
        "now": now,
        "back": LOOKED_BACK,
        "handover": policy.handover,
        "overdue_after": policy.overdue_after,
        "every": reach.stations is None and reach.officer_id is None,
        "stations": sorted(reach.stations or ()),
        "officer": reach.officer_id,
    }


def sentence(found: Collection[Late], own: Collection[NotDocked]) -> str:
    """The page's answer."""
    return " ".join(_said(found, own))


def _said(found: Collection[Late], own: Collection[NotDocked]) -> Iterator[str]:
    missing = sum(one.missing for one in found)
    if not found:
        yield "No camera that was given out is overdue." if own else "Nothing is overdue."
    else:
        many = "1 camera is" if len(found) == 1 else f"{len(found)} cameras are"
        yield f"{many} overdue{f', {missing} missing' if missing else ''}."
    if own:
        many = "1 own camera was" if len(own) == 1 else f"{len(own)} own cameras were"
        yield f"{many} not docked after duty."
