"""A real worker, on the suite's own database and Redis, does what beat will ask of it."""

import subprocess
from datetime import timedelta
from queue import Empty

import pytest
from celery import Celery
from django.db import transaction
from django.utils.timezone import now

from devices import hurry
from devices.health.models import CameraHealth, Reading, ReadingDay
from fleet import asgi, parts, ringing  # noqa: F401 (the door says how clocks are rung)
from fleet.celery import app
from tests.browser.serving import PATIENCE_S, wait_until
from tests.health.test_tidying import reading
from tests.rows import a_camera, a_station
from tests.surroundings import of_the_suite

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def worker():
    app.control.purge()
    with subprocess.Popen(parts.command(parts.WORKER), env=of_the_suite()) as process:
        yield process
        process.terminate()
        process.wait(30)


@pytest.fixture
def camera(transactional_db):
    """Docked, and due to speak ten minutes ago."""
    then = now() - timedelta(minutes=10)
    health = {"expected_by": then, "heard_at": then}
    return a_camera(417, a_station(), then, health=health)


def test_every_clock_rings_for_a_task_that_the_worker_knows():
    app.loader.import_default_modules()

    asked = {entry["task"] for entry in app.conf.beat_schedule.values()}

    assert asked <= set(app.tasks)


def test_a_real_worker_does_what_each_clock_asks(camera, worker):
    reading(camera, now() - timedelta(days=200))

    for entry in app.conf.beat_schedule.values():
        app.send_task(entry["task"])

    wait_until(lambda: CameraHealth.objects.get().hearing == "late")
    wait_until(ReadingDay.objects.exists)
    assert not Reading.objects.exists()
    assert worker.poll() is None


def test_what_is_asked_for_soon_is_in_the_workers_queue_once_it_is_committed():
    app.control.purge()
    with app.connection_for_read() as line, line.SimpleQueue("celery") as queue:
        with transaction.atomic():
            hurry.soon("devices.rollouts.tasks.sweep")
            with pytest.raises(Empty):
                queue.get_nowait()
        message = queue.get(timeout=PATIENCE_S)
        message.ack()

    assert message.headers["task"] == "devices.rollouts.tasks.sweep"


def test_a_redis_that_is_away_costs_nothing_but_the_hint():
    away = Celery("away", broker="redis+socket:///nowhere/redis.sock")

    assert not ringing.send(away, "devices.rollouts.tasks.sweep")
