"""A scan that beeped well is on record once, whatever dies between the desk and the database."""

import threading
from collections import Counter
from datetime import UTC, datetime, timedelta
from time import monotonic

import pytest
from django.utils.timezone import now

from devices.custody.models import Custody, CustodyEvent
from devices.desk.models import DeskConflict, DeskRequest
from devices.inventory.models import Officer
from tests.desk.clerk import Clerk, Network
from tests.desk.serving import hung_redis, signed_in, until, web
from tests.rows import a_camera, heard

pytestmark = pytest.mark.django_db(transaction=True)

NOBODY_LISTENS = "redis://127.0.0.1:1/0"
ANSWERED_WITHIN_S = 2.0
DAY = timedelta(days=1)


@pytest.fixture
def noon():
    """These stories go by the real clock, as the servers in them do."""
    return now()


@pytest.fixture
def clerk(house):
    def at(port, **fields):
        desk = house.desk.desk.pk
        return Clerk(port, desk, signed_in(house.desk.by), **fields)

    return at


def history():
    """How often each scan is in the history of custody."""
    return Counter(CustodyEvent.objects.filter(via="desk").values_list("scan", flat=True))


def beeped_well(clerk):
    return Counter(one.key for one in clerk.scans if one.well)


@pytest.fixture(scope="module")
def without_redis(django_db_setup):
    with web(REDIS_URL=NOBODY_LISTENS) as process:
        yield process


@pytest.fixture(scope="module")
def with_a_hung_redis(django_db_setup):
    with hung_redis() as address, web(REDIS_URL=address) as process:
        yield process


@pytest.mark.parametrize("redis", ["away", "hung"])
def test_with_redis_worker_and_beat_dead_the_desk_gives_out_and_takes_back(
    house, clerk, request, redis
):
    process = request.getfixturevalue("without_redis" if redis == "away" else "with_a_hung_redis")
    desk, took = clerk(process.port), []

    for raw in ("1031", house.spares[0].label, "1044", house.spares[1].label):
        began = monotonic()
        assert desk.scan(raw) is not None
        took.append(monotonic() - began)

    assert [house.holder(one) for one in house.spares[:2]] == ["1031", "1044"]
    assert desk.scans[0].answer["take"]["camera"] == "C0531"
    assert max(took[1:]) < ANSWERED_WITHIN_S  # the first reads the application's last modules
    assert history() == beeped_well(desk)


def test_killed_between_commit_and_answer_the_scan_is_done_once(house, clerk, with_a_hung_redis):
    """A Redis that hangs holds the answer back for a moment after the commit: that is when."""
    desk = clerk(with_a_hung_redis.port)
    desk.scan("1031")
    sending = threading.Thread(target=desk.scan, args=(house.spares[0].label,))
    sending.start()

    until(lambda: CustodyEvent.objects.filter(verb="checked_out").exists())
    with_a_hung_redis.kill()
    sending.join()
    unanswered = desk.scans[-1].answer is None
    with_a_hung_redis.start()
    desk.send_what_waits()

    assert unanswered
    assert desk.scans[-1].answer["result"] == "issued"
    assert house.holder(house.spares[0]) == "1031"
    assert history() == beeped_well(desk)


def test_killed_between_answer_and_socket_the_answer_is_given_again(house, clerk, without_redis):
    network = Network(without_redis.port)
    desk = clerk(network.port)
    desk.scan("1031")
    network.answers_lost = True
    assert desk.scan(house.spares[0].label) is None

    without_redis.kill()
    network.answers_lost = False
    without_redis.start()
    desk.send_what_waits()
    network.close()

    assert desk.scans[-1].answer["result"] == "issued"
    assert DeskRequest.objects.count() == 2
    assert history() == beeped_well(desk)


def test_after_a_restart_the_same_is_answered_the_same_and_something_else_refused(
    house, clerk, without_redis
):
    desk = clerk(without_redis.port)
    desk.scan("1031")
    first = desk.scan(house.spares[0].label)

    without_redis.kill()
    without_redis.start()
    body = desk.scans[-1].body

    assert desk.ask(body) == (200, first)
    status, told = desk.ask({**body, "raw": house.spares[1].label})
    assert (status, "event_id" in told["detail"]) == (422, True)
    assert Custody.objects.filter(camera__in=house.spares).count() == 1


def test_a_network_that_is_cut_in_a_burst_loses_no_scan(house, clerk, noon, without_redis):
    """Twenty scans of ten officers; half a minute without a network in the middle of them, of which
    the first answers were lost on their way."""
    network = Network(without_redis.port)
    desk = clerk(network.port)
    cameras = [a_camera(600 + n, house.station, noon, health=heard(noon)) for n in range(10)]
    for n in range(10):
        Officer.objects.create(badge_number=f"{700 + n}", station=house.station)

    for n, camera in enumerate(cameras):
        network.answers_lost, network.cut = n in (3, 4), n in range(5, 8)
        desk.ago = timedelta(seconds=30) if n in range(3, 8) else timedelta()
        cut_off = network.answers_lost or network.cut
        desk.scan(f"{700 + n}")
        desk.scan(
            camera.label,
            told="issued" if cut_off else "",
            **({"officer": f"{700 + n}"} if cut_off else {}),
        )
    network.close()

    assert all(one.answer for one in desk.scans)
    assert Counter(one.answer["result"] for one in desk.scans) == {"shown": 10, "issued": 10}
    assert history() == beeped_well(desk)
    assert CustodyEvent.objects.filter(provisional=True).count() == 5
    assert [house.holder(one) for one in cameras] == [f"{700 + n}" for n in range(10)]
    late = CustodyEvent.objects.filter(provisional=True).first()
    assert timedelta(seconds=25) < late.at - late.scanned_at < timedelta(seconds=60)
    assert not DeskConflict.objects.exists()


@pytest.mark.parametrize("ahead", [DAY, -DAY])
def test_a_desk_whose_clock_is_wrong_by_a_day_is_a_desk(house, clerk, without_redis, ahead):
    desk, began = clerk(without_redis.port, ahead=ahead), datetime.now(UTC)

    for raw in ("1031", house.spares[0].label, house.spares[0].label):
        desk.scan(raw)
    desk.ahead = timedelta()  # somebody sets it right
    returned = desk.scan(house.spares[0].label)

    results = [one.answer["result"] for one in desk.scans]
    assert results == ["shown", "issued", "repeat", "returned"]
    assert returned["message"] == "Returned C0531 from 1031."
    assert history() == beeped_well(desk)
    for event in CustodyEvent.objects.filter(via="desk"):
        assert began <= event.at <= datetime.now(UTC)
        assert abs(event.at - event.scanned_at) < timedelta(seconds=5)
