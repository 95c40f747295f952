"""Two cameras cannot sit in one bay: the one that is displaced is looked at again at once."""

from datetime import UTC, datetime

import pytest
from asgiref.sync import sync_to_async
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

from dashboard.present import present
from devices.access.people import Visible
from devices.board import cards
from devices.board.rules import Bucket
from devices.inventory.models import Bay
from tests.gateway.words import batch, carry, event, report, sender_of
from tests.listening import told_by
from tests.rows import a_camera, a_dock, a_station

pytestmark = pytest.mark.django_db(transaction=True)
NOW = datetime.now(UTC)
STAYING = 9  # statements: begin, the dock and its cameras locked and written, profiles, commit
MOVING = 2  # more: the moves of all that moved, and who else is in their bays


@pytest.fixture(autouse=True)
def no_connection_outlives_its_test():
    yield
    connections.close_all()


@pytest.fixture
def dock(transactional_db):
    return a_dock("D01", a_station())


@pytest.fixture
def fleet(dock):
    """Eight cameras, each in the bay of its number, all of them well."""
    return [
        a_camera(n + 1, dock.station, NOW, health={"bay": bay, "placed_at": NOW})
        for n, bay in enumerate(Bay.objects.filter(dock=dock).order_by("position"))
    ]


def said(camera, bay, **rest):
    """What the camera says, unchanged but for its place."""
    told = {"battery_percent": 100, "battery_state": "full", "sequence": 2, **rest}
    return report(camera.serial, bay=bay, docked=bay is not None, **told)


def bucket_of(camera):
    (card,) = cards.cards(Visible(), [camera.pk], present())
    return card.bucket


async def told_when(dock, *reports, events=()):
    """The names the feed carries when the dock says this."""
    sender = await sync_to_async(sender_of)(dock)
    message = batch(*reports, events=events)
    return await told_by(lambda: carry(sender, message, datetime.now(UTC)))


async def test_the_displaced_camera_is_touched_with_the_one_that_took_its_bay(dock, fleet):
    newcomer, displaced, *_ = fleet

    told = await told_when(dock, said(newcomer, bay=2))

    assert told == [[newcomer.pk, displaced.pk]]
    assert await sync_to_async(bucket_of)(displaced) is Bucket.UNKNOWN
    assert await sync_to_async(bucket_of)(newcomer) is Bucket.DOCKED


async def test_it_is_touched_again_when_the_other_leaves_its_bay(dock, fleet):
    newcomer, displaced, *_ = fleet
    await told_when(dock, said(newcomer, bay=2))

    told = await told_when(dock, said(newcomer, bay=None, sequence=3))

    assert told == [[newcomer.pk, displaced.pk]]
    assert await sync_to_async(bucket_of)(displaced) is Bucket.DOCKED


async def test_a_docks_event_displaces_as_a_report_does(dock, fleet):
    newcomer, displaced, *_ = fleet

    told = await told_when(dock, events=[event(newcomer.serial, bay=2)])

    assert told == [[newcomer.pk, displaced.pk]]


async def test_a_camera_that_stays_touches_nobody(dock, fleet):
    told = await told_when(dock, said(fleet[0], bay=1))

    assert told == []


@pytest.mark.parametrize("moving", [1, 8])
def test_a_batch_costs_the_same_however_many_moved(dock, fleet, moving):
    sender = sender_of(dock)

    def say(sequence, bays):
        pairs = zip(fleet, bays, strict=True)
        message = batch(*(said(one, bay, sequence=sequence) for one, bay in pairs))
        return queries_of(lambda: carry(sender, message, datetime.now(UTC)))

    stays = [1, 2, 3, 4, 5, 6, 7, 8]
    moves = [*stays[1 : moving + 1], *stays[moving:], 1][:8]
    say(2, stays)  # the dock's first word makes its row

    assert (say(3, stays), say(4, moves)) == (STAYING, STAYING + MOVING)


def queries_of(act):
    with CaptureQueriesContext(connection) as queries:
        act()
    return len(queries)
