"""What a desk sees: which thing a code names, and that thing as the judgement wants it."""

import re
import unicodedata
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Model, Q

from devices.custody.models import Custody
from devices.desk import cards, rules
from devices.desk.rules import Card, Code, Kind
from devices.inventory import codes
from devices.inventory.models import Bay, Camera, CameraCode, Officer
from devices.policy import Policy
from devices.readiness import facts
from devices.readiness.facts import Known
from devices.readiness.rules import Blocker, Fit, Need, Readiness, Reason
from devices.roles import Role

LONGEST = 120
_IN_ADDRESS = re.compile(r"[A-Z]+://.*[/=#?]([A-Z0-9]+)/?$", re.ASCII)
_PIECES = re.compile(r"([CB][0-9]+[A-Z]?-?)+", re.ASCII)  # of labels, cut off or run together
_AROUND = re.compile(r"^[^A-Z0-9]+|[^A-Z0-9]+$", re.ASCII)
# A camera in somebody's hand says nothing without a radio; after this its facts are old.
FACTS_LAST = timedelta(minutes=30)


@dataclass(frozen=True)
class Named:
    """What a code names: at most one of these."""

    camera: int | None = None  # its id
    officer: int | None = None
    card: Card | None = None
    looks: Code = Code.UNKNOWN  # like what, if it names nothing


def named(raw: str, *, typed: bool = False) -> Named:
    """What this code names. A label counts only whole, unless somebody typed its number by hand; a
    number that is a badge as well names neither.

    A badge matches as it is, then with one hyphen for what parts it, then without leading zeros;
    last, a badge number whose parts have other signs between them. Byte order is never guessed.
    """
    code = code_in(raw)
    if not code:
        return Named()
    if card := cards.card_on(code):
        return Named(card=card)
    if (number := codes.number_on(code)) is not None:
        return Named(camera=_numbered(number), looks=Code.NO_SUCH)
    number = number_in(code, typed=typed)
    camera = _numbered(number) if number is not None else None
    officer = _officer(code)
    if camera and officer:
        return Named(looks=Code.TWO)
    if not officer:
        camera = camera or _id(_by_alias(code))
    if not (officer or camera):
        officer = _with_other_signs(code)
    return Named(camera=camera, officer=officer, looks=looks_like(code))


def waiting(name: Any) -> int | None:
    """The id of the camera that a desk names as scanned before."""
    number = number_in(str(name or "").upper(), typed=True)
    return _numbered(number) if number is not None else None


def looks_like(code: str) -> Code:
    """What a code that names nothing looks like; `codes.js` says the same."""
    if codes.is_card(code):
        return Code.UNKNOWN_CARD
    if codes.number_on(code) is not None:
        return Code.NO_SUCH
    if codes.number_on(code, codes.BAY) is not None:
        return Code.BAY
    return Code.CUT if _PIECES.fullmatch(codes.badge(code)) else Code.UNKNOWN


def bay_on(raw: str) -> Bay | None:
    """The bay whose label this is."""
    number = codes.number_on(code_in(raw), codes.BAY)
    return Bay.objects.select_related("dock").filter(pk=number).first() if number else None


def _numbered(number: int) -> int | None:
    return _id(Camera.objects.filter(number=number))


def code_in(raw: str) -> str:
    """The code in what was read, as the page cleans it (`listener.js`): an address ends in it, and
    signs around it are none of it, and a space is a sign, whichever the keyboard makes. Empty if
    there can be none, as of controls and of what changes how a code looks."""
    whole = raw[:LONGEST].strip().upper()
    if any(unicodedata.category(one).startswith("C") for one in whole):
        return ""
    found = _IN_ADDRESS.match(whole)
    return found[1] if found else _AROUND.sub("", whole)


def number_in(code: str, *, typed: bool) -> int | None:
    """The camera's number in a whole label, or in digits that somebody typed by hand."""
    number = codes.number_on(code)
    if number is None and typed and (digits := code.removeprefix(codes.CAMERA)).isdecimal():
        number = int(digits) if len(digits) <= codes.LONGEST else None
    return number


def _id(rows: Any) -> int | None:
    found: int | None = rows.values_list("pk", flat=True).first()
    return found


def _officer(code: str) -> int | None:
    """By badge number or credential: as it is, as badges are kept, without leading zeros."""
    readings = dict.fromkeys((code, codes.badge(code), codes.bare(code)))
    return next((found for one in readings if (found := _of_badge(one))), None)


def _with_other_signs(code: str) -> int | None:
    """By a badge number that has other signs between its parts, as `AX.12` has: a keyboard makes
    others of them. None where that is not one officer alone."""
    parts = codes.badge(code).split("-")
    if len(parts) < 2:
        return None
    pattern = f"^{'[^A-Za-z0-9]+'.join(parts)}$"  # parts are letters and digits
    found = list(Officer.objects.filter(badge_number__iregex=pattern).values_list("pk")[:2])
    return found[0][0] if len(found) == 1 else None


def _of_badge(code: str) -> int | None:
    forms = _forms(code)
    return _id(Officer.objects.filter(badge_number__in=forms)) or _id(
        Officer.objects.filter(credentials__value__in=forms)
    )


def _by_alias(code: str) -> Any:
    return Camera.objects.filter(
        Q(serial__iexact=code)
        | Q(asset_tag__iexact=code)
        | Q(pk__in=CameraCode.objects.filter(value__in=_forms(code)).values("camera"))
    )


def _forms(code: str) -> set[str]:
    """As it may have been written down; so an index finds it."""
    return {code, code.lower()} - {""}


@dataclass(frozen=True)
class Sight:
    """A camera as the desk sees it, with what it was judged by."""

    row: Camera
    known: Known
    custody: Custody | None
    readiness: Readiness
    seen: rules.Camera
    place: str = ""

    @property
    def says(self) -> str:
        """Every reason against it, in sentences."""
        return " ".join(one.sentence for one in self.readiness.reasons)

    @property
    def why(self) -> str:
        """What speaks for it."""
        lasts = self.known.hours()
        return why(self.known.battery_percent, lasts.hours if lasts else None)

    def snapshot(self) -> dict[str, Any]:
        """Its readiness of this moment with every reason, as JSON keeps it."""
        known, lasts = self.known, self.known.hours()
        return {
            "fit": self.readiness.fit.value,
            "reasons": [
                {
                    "blocker": one.blocker.value,
                    "fit": one.fit.value,
                    "value": one.value,
                    "limit": one.limit,
                    "sentence": one.sentence,
                    "as_of": one.as_of.isoformat() if one.as_of else "",
                }
                for one in self.readiness.reasons
            ],
            "battery_percent": known.battery_percent,
            "hours": f"{lasts.hours:.1f}" if lasts else "",
            "storage_free_mb": known.storage_free_mb,
            "clips_waiting": known.clips_waiting,
            "firmware_version": known.firmware_version,
            "profile_version": known.profile_version,
            "heard_at": known.heard_at.isoformat() if known.heard_at else "",
            "measured_at": known.measured_at.isoformat() if known.measured_at else "",
            "place": self.place,
        }


def why(percent: int | None, hours: float | None) -> str:
    """What speaks for a camera, as far as it is known: 98 %, 11.2 h."""
    told = [f"{percent} %" if percent is not None else "", f"{hours:.1f} h" if hours else ""]
    return ", ".join(one for one in told if one)


HARD = frozenset({Blocker.SERVICE, Blocker.HELD, Blocker.RECALLED, Blocker.UPDATING})


def need_at_desk(now: datetime, lasts: timedelta, badge: str = "") -> Need:
    """What a camera in somebody's hand is needed for: from now on; being out is no obstacle."""
    return Need(now, lasts, badge, taken=True)


def _columns(model: type[Model], alias: str) -> str:
    """Each by its name: a plan that is kept would not outlive a column more."""
    return ", ".join(f"{alias}.{field.column}" for field in model._meta.concrete_fields)


# With the place, and not all that its health, its bay and its dock are.
_CAMERAS = f"""
SELECT {_columns(Camera, "c")}, dock.code AS in_dock, bay.position AS in_bay
FROM devices_camera c
LEFT JOIN devices_camerahealth h ON h.camera_id = c.id AND h.docked
LEFT JOIN devices_bay bay ON bay.id = h.bay_id
LEFT JOIN devices_dock dock ON dock.id = bay.dock_id
WHERE c.id = ANY(%s)"""  # noqa: S608 (constants)


def cameras(
    ids: Collection[int], need: Need, policy: Policy, now: datetime, *, station: int | None = None
) -> dict[int, Sight]:
    """These cameras as a desk sees them, in four statements whatever their number.

    ``station`` is the desk's: a camera of another one is given back here and not given out.
    """
    rows = {one.pk: one for one in Camera.objects.raw(_CAMERAS, [list(ids)])}
    custodies = Custody.objects.open().filter(camera__in=ids).select_related("officer")
    held = {one.camera_id: one for one in custodies}
    known = dict(facts.read(list(ids), now=now)) if ids else {}
    return {
        pk: _sight(
            rows[pk],
            one,
            held.get(pk),
            _kept_for(one, need),
            Readiness(
                (
                    *_elsewhere(rows[pk], held.get(pk), station),
                    *one.judged(need, policy, need.begins_at).reasons,
                    *_stale(one, need.begins_at),
                )
            ),
        )
        for pk, one in known.items()
        if pk in rows
    }


def _kept_for(known: Known, need: Need) -> str:
    """The badge number of the one officer it is kept for; empty if it is kept for more than one, or
    for an event, which is nobody's to take."""
    whose = {"" if one.event else one.badge for one in known.promised(need)}
    return next(iter(whose)) if len(whose) == 1 else ""


def _sight(
    row: Camera, known: Known, custody: Custody | None, kept_for: str, readiness: Readiness
) -> Sight:
    blockers = {one.blocker for one in readiness.reasons}
    holder = custody.officer if custody else None
    seen = rules.Camera(
        name=row.name,
        holder=holder.badge_number if holder else "",
        custody=str(custody.kind) if custody else "",
        holder_left=bool(holder and not holder.active),
        holder_suspended=bool(holder and holder.suspended_because),
        hard=bool(blockers & HARD),
        critical=Blocker.FAULT in blockers,
        soft=bool(blockers - HARD - {Blocker.FAULT} - ({Blocker.RESERVED} if kept_for else set())),
        kept_for=kept_for,
        lost=row.service_state == "lost",
    )
    return Sight(row, known, custody, readiness, seen, _place(row))


def _place(row: Any) -> str:
    return f"{row.in_dock}-{row.in_bay}" if row.in_dock else ""


def _elsewhere(row: Camera, custody: Custody | None, station: int | None) -> Iterator[Reason]:
    """A camera of another station is given out there; somebody's own is theirs anywhere."""
    if station in (None, row.station_id) or custody is not None:
        return
    sentence = f"{row.name} belongs to {row.station}: it is given out there."
    there = str(row.station)
    yield Reason(Blocker.SERVICE, Fit.NO, there, "this station", "is another station's", sentence)


def _stale(known: Known, now: datetime) -> Iterator[Reason]:
    """What was last heard of a camera out of its bay is believed for half an hour."""
    at = known.measured_at
    if known.docked is not False or at is None or now - at <= FACTS_LAST:
        return
    minutes = int((now - at).total_seconds() // 60)
    age = f"{minutes} min" if minutes < 120 else f"{minutes // 60} h"
    sentence = f"What is known of {known.name} is {age} old."
    yield Reason(Blocker.SILENT, Fit.UNKNOWN, age, "30 min", "has old facts", sentence, at)


@dataclass(frozen=True)
class Bearer:
    """An officer as the desk sees them, with what they hold."""

    row: Officer
    seen: rules.Officer
    holds: Sequence[Custody] = field(default_factory=tuple)
    own: int | None = None  # the id of their own camera, whoever has it now


# Whose own a camera is stays so while somebody else has it out, and while it is being mended.
_OFFICERS = f"""
SELECT {_columns(Officer, "o")},
       EXISTS (SELECT FROM auth_user_groups mine JOIN auth_group role ON role.id = mine.group_id
               JOIN auth_user person ON person.id = mine.user_id AND person.is_active
               WHERE mine.user_id = o.user_id AND role.name = %(leading)s) AS leads,
       (SELECT c.id FROM devices_camera c
        WHERE c.officer_id = o.id AND c.service_state <> 'retired'
        ORDER BY c.number LIMIT 1) AS own
FROM devices_officer o"""  # noqa: S608 (constants)


def officers(*, ids: Collection[int] = (), badges: Collection[str] = ()) -> dict[int, Bearer]:
    """These officers as a desk sees them, in two statements."""
    which = "WHERE o.id = ANY(%(ids)s) OR o.badge_number = ANY(%(badges)s)"
    return _bearers(which, ids=list(ids), badges=list(badges))


def officers_of(station: int) -> dict[int, Bearer]:
    """All officers of a station, the same."""
    return _bearers("WHERE o.station_id = %(station)s", station=station)


def _bearers(which: str, **asked: Any) -> dict[int, Bearer]:
    given = {"leading": Role.COMMANDER.value, **asked}
    found = {one.pk: one for one in Officer.objects.raw(f"{_OFFICERS} {which}", given)}
    held: dict[int, list[Custody]] = {}
    rows = Custody.objects.open().for_a_shift().filter(officer__in=found).select_related("camera")
    for one in rows.order_by("opened_at"):
        held.setdefault(one.officer_id, []).append(one)
    return {pk: _bearer(one, tuple(held.get(pk, ()))) for pk, one in found.items()}


def _bearer(row: Any, held: Sequence[Custody]) -> Bearer:
    seen = rules.Officer(
        badge=row.badge_number,
        left=not row.active,
        suspended=bool(row.suspended_because),
        supervisor=row.leads,
        holds=tuple(one.camera.name for one in held),
    )
    return Bearer(row, seen, held, row.own)


def scanned(
    what: Named, seen: dict[int, Sight], bearers: dict[int, Bearer], at: datetime
) -> rules.Scanned:
    """What was scanned, as the judgement takes it."""
    if what.card:
        return rules.Scanned(Kind.CARD, at, card=what.card)
    if what.camera in seen and what.camera is not None:
        return rules.Scanned(Kind.CAMERA, at, camera=seen[what.camera].seen)
    if what.officer in bearers and what.officer is not None:
        return rules.Scanned(Kind.BADGE, at, officer=bearers[what.officer].seen)
    return rules.Scanned(Kind.UNKNOWN, at, looks=what.looks)
