"""Counting: begin, scan, pause, go on, close. Whoever changes a count takes turns by its row."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction

from devices import ledger
from devices.custody.models import FOR_A_SHIFT, Custody
from devices.desk.counts import reading, rules
from devices.desk.counts.models import Count, CountExpected, CountScan
from devices.errors import Refused
from devices.inventory.models import Camera, Station

LONGEST_REASON = 200
MOST_NAMED = 5  # in a refusal: more than these would not be read


class Over(Refused):
    """The count takes no scans now: it is paused, or closed for good (``closed``)."""

    def __init__(self, said: str, *, closed: bool) -> None:
        super().__init__(said)
        self.closed = closed


@dataclass(frozen=True)
class Shown:
    """A code that somebody read or ``typed``; ``event_id`` is the scan's own name."""

    event_id: UUID
    raw: str
    typed: bool = False


@dataclass(frozen=True)
class Answer:
    """What a scan came to: counted, again, unexpected, contradiction, unknown or refused."""

    event_id: UUID
    result: str
    message: str
    camera: str | None = None


@transaction.atomic
def start(station: Station, *, by: User, now: datetime) -> Count:
    """A count of the station begins. What is to be found is every camera of it in or out of
    service, as it is now. Refuses a second one while one is open."""
    try:
        with transaction.atomic():
            count: Count = Count.objects.create(station=station, started_at=now, started_by=by)
    except IntegrityError:
        raise Refused(f"{station} is being counted already: close that count first.") from None
    rows = _expected(count)
    if not rows:
        raise Refused(f"{station} has no cameras to count.")
    CountExpected.objects.bulk_create(rows)
    out = sum(row.out for row in rows)
    _tell("count started", count, by, now, station=station.code, cameras=len(rows), out=out)
    return count


def _expected(count: Count) -> list[CountExpected]:
    """Every camera of the station as it is now; three statements."""
    cameras = Camera.objects.filter(station=count.station, service_state__in=reading.LOOKED_FOR)
    held = Custody.objects.open().filter(camera__station=count.station).select_related("officer")
    holding = {one.camera_id: one for one in held}
    rows = cameras.select_related("health__bay__dock").order_by("number")
    return [_as_it_is(count, camera, holding.get(camera.pk)) for camera in rows]


def _as_it_is(count: Count, camera: Camera, held: Custody | None) -> CountExpected:
    health = getattr(camera, "health", None)
    docked = health is not None and health.docked is True
    return CountExpected(
        count=count,
        camera=camera,
        place=str(health.bay)[:40] if health and docked and health.bay else "",
        service_state=camera.service_state,
        officer=held.officer if held else None,
        out=held is not None and (held.kind in FOR_A_SHIFT or reading.away(health)),
    )


@transaction.atomic
def scan(count: Count, shown: Sequence[Shown], *, by: User, now: datetime) -> list[Answer]:
    """These cameras are here. A camera counts once, however often and by whomever it is scanned;
    a code that names none changes nothing.

    Refuses (`Over`) while the count is paused, and after it was closed.
    """
    _open(count)
    named = reading.cameras_on({one.raw: one.typed for one in shown})
    first = {camera.pk: camera for camera in named.values()}
    holders = {
        one.camera_id: one.officer
        for one in Custody.objects.open()
        .for_a_shift()
        .filter(camera__in=first)
        .select_related("officer")
    }
    rows = [
        CountScan(
            event_id=one.event_id,
            count=count,
            camera=camera,
            raw=one.raw[:120],
            at=now,
            by=by,
            station_id=camera.station_id,
            officer=holders.get(camera.pk),
        )
        for one in shown
        if (camera := named.get(one.raw)) is not None
    ]
    CountScan.objects.bulk_create(rows, ignore_conflicts=True)
    kept = {row.camera_id: row for row in count.scans.filter(camera__in=first)}
    expected = set(count.expected.filter(camera__in=first).values_list("camera", flat=True))
    return [_answer(one, named.get(one.raw), kept, expected, count.station) for one in shown]


def _answer(
    one: Shown,
    camera: Camera | None,
    kept: Mapping[int, CountScan],
    expected: set[int],
    station: Station,
) -> Answer:
    if camera is None:
        said = "Not a camera of ours: scan it again, or type its number."
        return Answer(one.event_id, "unknown", said)
    row = kept.get(camera.pk)
    if row is None:
        said = "This event_id was used for another scan; every scan has its own."
        return Answer(one.event_id, "refused", said, camera.name)
    if row.event_id != one.event_id:
        return Answer(one.event_id, "again", f"{camera} was scanned already.", camera.name)
    if camera.pk not in expected:
        said = f"{camera} was not expected at {station}."
        return Answer(one.event_id, "unexpected", said, camera.name)
    if row.officer_id is not None:
        said = f"{camera} is here, and by the record {row.officer} has it: return it at the desk."
        return Answer(one.event_id, "contradiction", said, camera.name)
    return Answer(one.event_id, "counted", f"{camera} found.", camera.name)


@transaction.atomic
def pause(count: Count, *, by: User, now: datetime) -> None:
    """Nobody counts for now. Refuses a count that is paused, or closed."""
    _open(count)
    Count.objects.filter(pk=count.pk).update(paused_at=now)
    _tell("count paused", count, by, now)


@transaction.atomic
def resume(count: Count, *, by: User, now: datetime) -> None:
    """The count goes on where it stood. Refuses one that is not paused."""
    fresh = _lock(count)
    if fresh.closed_at is not None or fresh.paused_at is None:
        raise Refused("This count is not paused.")
    Count.objects.filter(pk=count.pk).update(paused_at=None)
    _tell("count resumed", count, by, now)


@transaction.atomic
def close(count: Count, reasons: Mapping[str, str], *, by: User, now: datetime) -> Count:
    """The count is over, and what it found is kept for good.

    ``reasons`` say of each missing camera, by name, why it is. Refuses, naming them, while one has
    none; what was scanned in the meantime needs none.
    """
    fresh = _lock(count)
    if fresh.closed_at is not None:
        raise Refused("This count was closed already.")
    shown = reading.picture(fresh, now)
    said = {name: " ".join(reason.split())[:LONGEST_REASON] for name, reason in reasons.items()}
    if silent := rules.unexplained(shown.missing, said):
        more = f" and {len(silent) - MOST_NAMED} more" if len(silent) > MOST_NAMED else ""
        raise Refused(f"Say why each is missing: {', '.join(silent[:MOST_NAMED])}{more}.")
    fresh.result = reading.frozen(shown, said)
    fresh.closed_at, fresh.closed_by, fresh.paused_at = now, by, None
    fresh.save(update_fields=["result", "closed_at", "closed_by", "paused_at"])
    tally = shown.tally
    _tell(
        "count closed",
        fresh,
        by,
        now,
        station=fresh.station.code,
        found=tally.here,
        looked_for=tally.looked_for,
        missing=shown.missing,
        seen=tally.seen,
        unexpected=tally.unexpected,
    )
    return fresh


def _lock(count: Count) -> Count:
    rows = Count.objects.select_for_update(of=("self",)).select_related("station")
    fresh: Count = rows.get(pk=count.pk)
    return fresh


def _open(count: Count) -> Count:
    """Its row, locked; refuses what takes no scans."""
    fresh = _lock(count)
    if fresh.closed_at is not None:
        raise Over("This count was closed: what it found stays as it is.", closed=True)
    if fresh.paused_at is not None:
        raise Over("This count is paused: resume it first.", closed=False)
    return fresh


def _tell(verb: str, count: Count, by: User, now: datetime, **facts: Any) -> None:
    ledger.record(verb, count, by=by, now=now, **facts)
