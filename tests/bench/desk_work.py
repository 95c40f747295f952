"""A desk's shift change as rows, its statements as raw SQL, and ten years of custody. Runs inside
Django."""

import json
from datetime import UTC, datetime, timedelta
from statistics import median
from time import perf_counter
from uuid import uuid4

from django.contrib.auth.models import User
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from devices.access.people import Visible
from devices.battery.models import Battery
from devices.custody import actions as custody
from devices.custody import history, moments
from devices.custody.actions import Terms, Told
from devices.custody.history import Place, Wanted
from devices.custody.models import Custody, CustodyEvent, Desk
from devices.desk import actions
from devices.desk.asking import Sent
from devices.health.models import CameraHealth
from devices.inventory.models import Camera, CameraModel, Officer, Station
from devices.policy import Policy

OFFICERS = 60  # in, and as many out
SHIFT = timedelta(hours=8)
TIMES = 30
YEARS, A_DAY = 10, 3

# One camera of four, three shifts a day for ten years; who held it takes turns.
_TEN_YEARS = """
WITH moments AS (
    SELECT c.id AS camera_id, n, c.rank,
           now() - interval '1 day' - interval '8 hours' * n AS opened_at
    FROM (SELECT id, row_number() OVER (ORDER BY number DESC) AS rank FROM devices_camera
          ORDER BY number DESC LIMIT 4) c, generate_series(1, %(shifts)s) AS n),
held AS (
    INSERT INTO devices_custody (camera_id, officer_id, kind, extra, opened_at, closed_at)
    SELECT camera_id, officers.ids[1 + (n + rank) %% array_length(officers.ids, 1)], 'shift', FALSE,
           opened_at, opened_at + interval '8 hours'
    FROM moments, (SELECT array_agg(id) AS ids FROM devices_officer) AS officers
    RETURNING id, camera_id, officer_id, opened_at, closed_at)
INSERT INTO devices_custodyevent (verb, via, at, by_id, desk_id, camera_id, officer_id, opened_id,
    closed_id, reason, authority, provisional, snapshot, says)
SELECT act.verb, 'desk', act.at, %(by)s, %(desk)s, camera_id, officer_id, act.opened, act.closed,
       '', '', FALSE, '{"fit": "yes", "reasons": [], "battery_percent": 98, "place": "D01-3"}', '{}'
FROM held, LATERAL (VALUES ('checked_out', held.opened_at, held.id, NULL::bigint),
                           ('checked_in', held.closed_at, NULL, held.id)) AS act (verb, at, opened,
                                                                                closed)
ORDER BY act.at"""


def main(what: str) -> str:
    """``made``, ``floor`` or ``history``; what each says is JSON."""
    return json.dumps({"made": _made, "floor": _floor, "history": _history}[what]())


def _made() -> dict[str, object]:
    """A pool at its shift change: 60 officers hold cameras, as many come, and all are charged."""
    now, by = datetime.now(UTC), _clerk()
    Station.objects.update(pool=True)
    Battery.objects.all().delete()
    CameraModel.objects.update(battery_hours=16)
    Camera.objects.update(officer=None, service_state="in_service")
    CameraHealth.objects.update(
        docked=True, mode="off", hearing="heard", heard_at=now, measured_at=now,
        device_time=now, placed_at=now, moved_at=now,
        battery_percent=100, battery_state="full", clips_waiting=0, bytes_waiting=0,
        offload="complete", faults=[], storage_free_mb=62000, firmware_version="4.2.1", boot=1,
    )  # fmt: skip
    for health in CameraHealth.objects.select_related("camera__home_bay"):
        CameraHealth.objects.filter(pk=health.pk).update(bay=health.camera.home_bay)
    station = Station.objects.get()
    desks = [Desk.objects.create(station=station, name=f"Desk {n}") for n in (1, 2)]
    cameras = list(Camera.objects.order_by("number"))
    everybody = list(Officer.objects.order_by("pk"))
    officers = everybody[: 2 * OFFICERS]
    for camera, officer in zip(cameras, officers[:OFFICERS], strict=False):
        told = Told(by=by, now=now - SHIFT)
        custody.check_out(camera, officer, Terms(due_at=now), told=told)
    return {
        "desks": [one.pk for one in desks],
        "leaving": [one.label for one in cameras[:OFFICERS]],
        "left": [one.badge_number for one in officers[:OFFICERS]],
        "arriving": [one.badge_number for one in officers[OFFICERS:]],
        "free": [one.label for one in cameras[OFFICERS : 2 * OFFICERS]],
        "others": [one.badge_number for one in everybody[2 * OFFICERS :]],
        "spare": [one.label for one in cameras[2 * OFFICERS :]],
    }


def _clerk() -> User:
    return User.objects.filter(groups__name="Quartermaster")[0]


def _floor() -> float:
    """Milliseconds of the statements of one issue, by themselves, and taken back again."""
    now, desk = datetime.now(UTC), Desk.objects.all()[0]
    held = Custody.objects.filter(closed_at=None)
    camera = Camera.objects.exclude(pk__in=held.values("camera")).order_by("-number")[0]
    officer = Officer.objects.exclude(pk__in=held.values("officer")).order_by("-pk")[0]
    before = {"officer": officer.badge_number, "at": now}
    sent = Sent(uuid4(), 1, camera.label, now, now, before)
    with transaction.atomic(), CaptureQueriesContext(connection) as asked:
        answer = actions.scan(sent, desk, by=_clerk(), now=now, policy=Policy())
        transaction.set_rollback(True)
    if answer["result"] != "issued":
        raise RuntimeError(answer["message"])
    statements = [one["sql"] for one in asked if "SAVEPOINT" not in one["sql"]]
    return median(_ms(statements) for _ in range(TIMES))


def _ms(statements: list[str]) -> float:
    with connection.cursor() as cursor:
        began = perf_counter()
        cursor.execute("BEGIN")
        for one in statements:
            cursor.execute(one)
        cursor.execute("ROLLBACK")
        return (perf_counter() - began) * 1000


def _history() -> dict[str, float]:
    """Milliseconds of what pages ask of a camera with ten years of custody."""
    with connection.cursor() as cursor:
        given = {"shifts": YEARS * 365 * A_DAY, "by": _clerk().pk, "desk": Desk.objects.all()[0].pk}
        # Checks of rows that cannot be wrong would take longer than the rows.
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(_TEN_YEARS, given)
        cursor.execute("SET session_replication_role = DEFAULT")
        cursor.execute("ANALYZE devices_custody, devices_custodyevent")
    camera = Camera.objects.order_by("-number")[0]
    at = datetime.now(UTC) - timedelta(days=4 * 365)
    reach, wanted = Visible(), Wanted(camera=camera)
    first_years = Custody.objects.filter(camera=camera).order_by("opened_at")[1000]
    late = Place(first_years.opened_at, first_years.pk)
    asked = {
        "page": lambda: history.page(reach, wanted),
        "late_page": lambda: history.page(reach, wanted, after=late),
        "moment": lambda: moments.of_camera(reach, camera, at),
    }
    return {
        "events": CustodyEvent.objects.filter(camera=camera).count(),
        **{name: median(_took(ask) for _ in range(TIMES)) for name, ask in asked.items()},
    }


def _took(ask: object) -> float:
    began = perf_counter()
    ask()  # type: ignore[operator]
    return (perf_counter() - began) * 1000
