from time import time

import pytest

from fleet import heartbeats

pytestmark = pytest.mark.django_db


@pytest.fixture
def _everybody_lives():
    for part in ("beat", "worker"):
        heartbeats.beat(part, time())
    yield
    _nobody_has_lived()


def _nobody_has_lived():
    with heartbeats.client() as redis:
        for key in redis.scan_iter(match="test-*:heartbeat:*"):
            redis.delete(key)


def test_a_live_process_says_so(client):
    answer = client.get("/health/live")

    assert answer.status_code == 200


@pytest.mark.usefixtures("_everybody_lives")
def test_it_is_ready_when_every_part_works(client):
    answer = client.get("/health/ready")

    assert answer.status_code == 200
    assert set(answer.json()["parts"]) == {"database", "redis", "beat", "worker"}
