import re
from time import time

import pytest
from django.conf import settings as configured

from fleet import heartbeats
from tests.rows import a_camera, a_station

pytestmark = pytest.mark.django_db
DEAD_REDIS = "unix:///nowhere/redis.sock"


@pytest.fixture(autouse=True)
def _no_signs_of_life():
    _forget()
    yield
    _forget()


def _forget():
    with heartbeats.client() as redis:
        for key in redis.scan_iter(match=f"{configured.REDIS_PREFIX}:heartbeat:*"):
            redis.delete(key)


def _lived(*, seconds_ago: float, parts: tuple[str, ...] = ("beat", "worker")) -> None:
    for part in parts:
        heartbeats.beat(part, time() - seconds_ago)


def test_a_live_process_says_so_and_asks_nobody(client, settings, django_assert_num_queries):
    settings.REDIS_URL = DEAD_REDIS

    with django_assert_num_queries(0):
        answer = client.get("/health/live")

    assert answer.status_code == 200


def test_it_is_ready_when_every_part_works(client):
    _lived(seconds_ago=5)

    answer = client.get("/health/ready")

    assert answer.status_code == 200
    assert set(answer.json()["parts"]) == {"database", "redis", "beat", "worker"}


def test_a_silent_beat_is_named_and_the_worker_is_not_blamed(client):
    _lived(seconds_ago=90)

    answer = client.get("/health/ready")

    assert answer.status_code == 503
    parts = answer.json()["parts"]
    assert re.fullmatch("last heard (9|[1-9][0-9])[0-9] s ago", parts.pop("beat"))
    assert parts == {
        "database": "ok",
        "redis": "ok",
        "worker": "unknown while beat is silent",
    }


def test_a_silent_worker_is_named(client):
    _lived(seconds_ago=1, parts=("beat",))

    answer = client.get("/health/ready")

    assert answer.status_code == 503
    assert answer.json()["parts"]["worker"] == "has given no sign of life"


def test_a_redis_that_is_away_is_named(client, settings):
    settings.REDIS_URL = DEAD_REDIS

    answer = client.get("/health/ready")

    assert answer.status_code == 503
    assert answer.json()["parts"]["redis"] == "does not answer"
    assert answer.json()["parts"]["database"] == "ok"


def test_the_metrics_count_every_camera_once(client, noon):
    a_camera(1, a_station(), noon, health={"mode": "recording", "docked": False})

    page = client.get("/metrics").content.decode()

    counts = [line for line in page.splitlines() if line.startswith("fleet_cameras{")]
    assert sum(float(line.split()[-1]) for line in counts) == 1
    assert 'fleet_cameras{bucket="recording"} 1.0' in counts


def test_the_metrics_say_that_redis_is_away(client, settings):
    settings.REDIS_URL = DEAD_REDIS

    assert "fleet_redis_up 0.0" in client.get("/metrics").content.decode()


@pytest.mark.parametrize(
    "asked",
    [
        {"REMOTE_ADDR": "192.0.2.7"},
        {"HTTP_X_FORWARDED_FOR": "192.0.2.7"},
    ],
)
def test_without_a_token_the_metrics_are_for_this_machine(client, asked):
    assert client.get("/metrics", **asked).status_code == 403


def test_with_a_token_the_metrics_are_for_whoever_has_it(client, settings):
    settings.METRICS_TOKEN = "a-token-of-twenty-letters"

    assert client.get("/metrics").status_code == 403
    assert client.get("/metrics", HTTP_AUTHORIZATION="Bearer wrong").status_code == 403
    right = {"HTTP_AUTHORIZATION": f"Bearer {settings.METRICS_TOKEN}", "REMOTE_ADDR": "192.0.2.7"}
    assert client.get("/metrics", **right).status_code == 200
