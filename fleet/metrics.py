"""What Prometheus asks for. Read from the database and Redis at each scrape, so that every
web process gives the same answer and none keeps a count of its own.
"""

import hmac
from collections.abc import Iterator
from time import time

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from psycopg_pool import PoolTimeout
from redis.exceptions import RedisError

from dashboard.present import present
from devices.access.people import Visible
from devices.board import cards
from fleet import heartbeats

THIS_MACHINE = frozenset({"127.0.0.1", "::1"})


def metrics(request: HttpRequest) -> HttpResponse:
    if not _may_read(request):
        return HttpResponse("This page is for the monitoring.\n", "text/plain", status=403)
    registry = CollectorRegistry(auto_describe=False)
    registry.register(Fleet())
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def _may_read(request: HttpRequest) -> bool:
    """By the token where there is one; else from this machine and not through a proxy."""
    if settings.METRICS_TOKEN:
        given = request.headers.get("Authorization", "")
        expected = f"Bearer {settings.METRICS_TOKEN}"
        return hmac.compare_digest(given.encode(), expected.encode())
    forwarded = "X-Forwarded-For" in request.headers
    return request.META.get("REMOTE_ADDR") in THIS_MACHINE and not forwarded


class Fleet:
    def collect(self) -> Iterator[Metric]:
        yield from self._heartbeats()
        yield from self._database()

    def _heartbeats(self) -> Iterator[Metric]:
        up = GaugeMetricFamily("fleet_redis_up", "1 when Redis answers")
        age = GaugeMetricFamily(
            "fleet_heartbeat_age_seconds", "Since the last sign of life", labels=["part"]
        )
        try:
            for part in ("worker", "beat"):
                if (seconds := heartbeats.age(part, time())) is not None:
                    age.add_metric([part], seconds)
            up.add_metric([], 1)
        except RedisError:
            up.add_metric([], 0)
        yield from (up, age)

    def _database(self) -> Iterator[Metric]:
        up = GaugeMetricFamily("fleet_database_up", "1 when PostgreSQL answers")
        try:
            found = [self._size(), self._cameras()]
        except (DatabaseError, PoolTimeout):
            found = []
        up.add_metric([], 1 if found else 0)
        yield from (up, *found)

    def _size(self) -> Metric:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_database_size(current_database())")
            size = cursor.fetchone()[0]
        return GaugeMetricFamily("fleet_database_bytes", "Size of the database", value=size)

    def _cameras(self) -> Metric:
        """The buckets of the board: each camera is in one, so they add up to the fleet."""
        cameras = GaugeMetricFamily("fleet_cameras", "Cameras by bucket", labels=["bucket"])
        for bucket, number in cards.count(Visible(), present()).items():
            cameras.add_metric([bucket.value], number)
        return cameras
