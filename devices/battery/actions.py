"""Learning batteries from readings, and writing forecasts down so that they can be held to."""

from collections.abc import Container, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import OuterRef, Subquery

from devices import feed
from devices.battery import spells
from devices.battery.learning import DRAIN, Spell, learn
from devices.battery.models import Battery, BatteryMonth, BatterySpell, Forecast
from devices.battery.outlook import outlooks
from devices.battery.rules import LEARNED_COLUMNS
from devices.health.timeline import proves
from devices.inventory.models import Camera, ServiceState
from devices.policy import Policy

# Readings that come later than this, a camera forgotten in a drawer, teach nothing any more.
WINDOW = timedelta(days=3)
KEPT = timedelta(days=120)  # spells and forecasts; wear stays, a row a month
CAMERAS_AT_ONCE = 500
ENOUGH_H = 10.0  # of buffering, before a capacity is more than a guess
ENOUGH_CAMERAS = 5  # of a model that say their health, before they outweigh its maker
AROUND = timedelta(hours=1)  # a duty this near its moment is the one that was foretold
LEAST_DUTY_H, LEAST_DUTY_DROP = 2.0, 10.0
AHEAD = timedelta(hours=8)
_TURN = 7_403_011  # any number of our own: whoever learns waits for whoever is learning


def learn_all(*, now: datetime, policy: Policy) -> int:
    """Every camera's battery is as its readings until ``now`` show it; says how many cameras.

    Looks at the last days only (at all that is kept for a camera never learnt before), a few
    hundred cameras at a time, each time in one transaction: running it twice or ending it
    midway loses nothing.
    """
    whole = now - policy.keep_readings
    learnt, since = 0, now - WINDOW
    for batch, known in _batches():
        began = now - WINDOW if known else whole
        since = min(since, began)
        with transaction.atomic():
            _make_spells(batch, began, now, policy)
            _learn(batch, now)
        learnt += len(batch)
    _run(spells.CAPACITY, **_enough())
    _run(spells.MONTHS, since=since, now=now, least=DRAIN[0], most=DRAIN[1], **_enough())
    _settle(now)
    _let_go(now - KEPT)
    feed.touch_all()
    return learnt


@transaction.atomic
def adopt(
    seen: Sequence[BatterySpell],
    months: Sequence[BatteryMonth],
    forecasts: Sequence[Forecast],
    *,
    now: datetime,
) -> None:
    """Evidence gathered elsewhere is taken over, and learnt from at once."""
    BatterySpell.objects.bulk_create(seen, ignore_conflicts=True, batch_size=2000)
    BatteryMonth.objects.bulk_create(months, ignore_conflicts=True, batch_size=2000)
    Forecast.objects.bulk_create(forecasts, ignore_conflicts=True, batch_size=2000)
    _learn(sorted({one.camera_id for one in seen}), now)
    newest = BatteryMonth.objects.filter(camera=OuterRef("pk")).order_by("-month")
    Battery.objects.filter(camera__in={one.camera_id for one in months}).update(
        capacity_percent=Subquery(newest.values("capacity_percent")[:1])
    )


def foretell(moments: Sequence[tuple[int, datetime]], *, now: datetime) -> int:
    """Hours are foretold for these (camera, moment) pairs, if each camera stays where it is.

    What was foretold for a moment before stays as it was. A camera that never said how full
    it is, or of which nothing was heard for ``WINDOW``, is left out. Says how many were made.
    """
    known = outlooks({camera_id for camera_id, _ in moments})
    made = []
    for camera_id, for_at in moments:
        outlook = known.get(camera_id)
        if outlook is None or for_at <= now or outlook.measured_at < now - WINDOW:
            continue
        hours = outlook.hours_at(for_at)
        made.append(
            Forecast(
                camera_id=camera_id,
                made_at=now,
                for_at=for_at,
                hours=hours.hours,
                low_hours=hours.low,
                high_hours=hours.high,
            )
        )
    return len(Forecast.objects.bulk_create(made, ignore_conflicts=True, batch_size=5000))


def foretell_by_habit(*, now: datetime, besides: Container[int] = ()) -> int:
    """Hours are foretold for docked cameras that, by their habit, go out in ``AHEAD``.

    Asked every hour, it finds each camera once, as long before its duty as the shift before.
    Those of ``besides`` have somebody who says when they go out.
    """
    told: dict[str, Any] = {
        "from": now + AHEAD,
        "within": timedelta(hours=1),
        "recent": WINDOW,
        "least_h": LEAST_DUTY_H,
    }
    with connection.cursor() as cursor:
        cursor.execute(spells.GO_OUT_AGAIN, told)
        found = cursor.fetchall()
    return foretell([moment for moment in found if moment[0] not in besides], now=now)


def _batches() -> Iterator[tuple[list[int], bool]]:
    """Cameras in service, a few at a time, and whether they were learnt before."""
    rows = Camera.objects.exclude(service_state=ServiceState.RETIRED).order_by("pk")
    of = {
        known: list(rows.filter(battery__isnull=not known).values_list("pk", flat=True))
        for known in (False, True)
    }
    for known, ids in of.items():
        for start in range(0, len(ids), CAMERAS_AT_ONCE):
            yield ids[start : start + CAMERAS_AT_ONCE], known


def _make_spells(batch: list[int], since: datetime, now: datetime, policy: Policy) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_TURN])
    BatterySpell.objects.filter(camera__in=batch, began_at__gte=since).delete()
    _run(spells.MAKE_SPELLS, cameras=batch, since=since, now=now, reach=proves(policy))


def _learn(batch: list[int], now: datetime) -> None:
    of: dict[int, list[Spell]] = {camera_id: [] for camera_id in batch}
    rows = BatterySpell.objects.filter(camera__in=batch, began_at__gte=now - KEPT)
    for camera_id, *spell in rows.values_list("camera", *Spell._fields):
        of[camera_id].append(Spell(*spell))
    shown = {camera_id: learn(own, now) for camera_id, own in of.items()}
    # Capacity needs what others of the model show; it is written after all have been learnt.
    columns = [name for name in LEARNED_COLUMNS if name != "capacity_percent"]
    Battery.objects.bulk_create(
        (
            Battery(
                camera_id=camera_id,
                learned_at=now,
                **{name: value for name, value in one._asdict().items() if name in columns},
            )
            for camera_id, one in shown.items()
        ),
        update_conflicts=True,
        unique_fields=["camera"],
        update_fields=[*columns, "learned_at"],
    )


def _settle(now: datetime) -> None:
    """What was foretold and has happened says so; what cannot happen any more is given up."""
    _run(
        spells.SETTLE,
        now=now,
        over=timedelta(hours=1),
        around=AROUND,
        least_h=LEAST_DUTY_H,
        least_drop=LEAST_DUTY_DROP,
    )
    _run(spells.GIVE_UP, now=now, given_up=WINDOW)


def _let_go(before: datetime) -> None:
    BatterySpell.objects.filter(began_at__lt=before).delete()
    Forecast.objects.filter(for_at__lt=before).delete()


def _enough() -> dict[str, float]:
    return {"enough_h": ENOUGH_H, "enough": ENOUGH_CAMERAS}


def _run(sql: str, **told: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, told)
