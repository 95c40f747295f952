"""Which spares could be reserved for a time, and what would stay free for the shifts in it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.db.models import Q
from django.utils.timezone import localtime

from devices.board.cards import Asked
from devices.custody.models import Custody
from devices.inventory.models import Camera, CameraModel, ServiceState, Station
from devices.readiness import facts, shifts
from devices.readiness.margin import ShiftReadiness, ShiftSpan
from devices.readiness.rules import USUAL_SHIFT, Need, Readiness
from devices.roster.models import Reservation, Shift, StandIn
from devices.roster.rules import Span

MOST_OFFERED = 200
MOST_SHIFTS = 12


@dataclass(frozen=True)
class Offered:
    """A spare that is free in that time, and what stands against it as things are."""

    camera: Camera
    readiness: Readiness
    out: Custody | None = None
    chosen: bool = False

    @property
    def says(self) -> str:
        if self.out is not None:
            due_at = self.out.due_at
            return f"Given out, due {localtime(due_at):%d %b %H:%M}." if due_at else "Given out."
        return " ".join(one.sentence for one in self.readiness.reasons) or "Ready."

    @property
    def rank(self) -> tuple[bool, int, int]:
        """Those that are in come first, of them the fit."""
        return (self.out is not None, len(self.readiness.reasons), self.camera.number)


@dataclass(frozen=True)
class Stays:
    """A shift in that time: its spares and margin, as foretold, without the chosen cameras."""

    shift: ShiftSpan
    need: int
    spares: int
    margin: int

    @property
    def short(self) -> bool:
        return self.margin < 0


def offered(station: Station, model: CameraModel | None, span: Span, asked: Asked) -> list[Offered]:
    """The station's spares that nobody has reserved or promised in that time, the best first."""
    rows = Camera.objects.filter(
        station=station, officer=None, service_state=ServiceState.IN_SERVICE
    )
    rows = rows.filter(model=model) if model else rows
    meanwhile = Q(begins_at__lt=span.ends_at, ends_at__gt=span.begins_at)
    kept = Reservation.objects.filter(meanwhile, ended_at=None)
    on_shift = StandIn.objects.filter(
        ended_at=None, shift__begins_at__lt=span.ends_at, shift__ends_at__gt=span.begins_at
    )
    free = rows.exclude(pk__in=kept.values("camera")).exclude(pk__in=on_shift.values("camera"))
    found = free.select_related("model").order_by("number")[:MOST_OFFERED]
    need = Need(max(span.begins_at, asked.now), min(span.lasts, USUAL_SHIFT))
    cameras = {one.pk: one for one in found}
    known = facts.read(list(cameras), now=asked.now) if cameras else ()
    held = Custody.objects.open().for_a_shift().filter(camera__in=cameras)
    out = {one.camera_id: one for one in held}
    judged = [
        Offered(cameras[pk], one.judged(need, asked.policy, asked.now), out.get(pk))
        for pk, one in known
    ]
    return sorted(judged, key=lambda one: one.rank)


def choose(free: Sequence[Offered], number: int, chosen: Collection[int] | None) -> list[Offered]:
    """These with the first ``number`` chosen, or those that somebody chose."""
    wanted = {one.camera.pk for one in free[:number]} if chosen is None else chosen
    return [replace(one, chosen=one.camera.pk in wanted) for one in free]


def stays(station: Station, span: Span, chosen: Collection[int], asked: Asked) -> list[Stays]:
    """What every known shift of the station in that time keeps."""
    ids = Shift.objects.filter(
        station=station,
        begins_at__lt=span.ends_at,
        ends_at__gt=max(span.begins_at, asked.now),
    ).order_by("begins_at")
    found = shifts.named(
        list(ids.values_list("pk", flat=True)[:MOST_SHIFTS]), now=asked.now, policy=asked.policy
    )
    return [_stays(one, chosen) for one in found]


def _stays(one: ShiftReadiness, chosen: Collection[int]) -> Stays:
    spares = sum(spare.camera.id not in chosen for spare in one.spares)
    taken = len(one.reckoned_on.intersection(chosen))
    return Stays(one.shift, one.need, spares, one.margin - taken)


def sentence(rows: Sequence[Reservation], now: datetime) -> str:
    """The page's answer."""
    if not rows:
        return "No camera is reserved."
    now_kept = sum(one.begins_at <= now for one in rows)
    many = "1 camera is" if len(rows) == 1 else f"{len(rows)} cameras are"
    tail = f", {now_kept} of them now" if now_kept else ""
    return f"{many} reserved{tail}."
