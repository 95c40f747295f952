"""Open boards are kept true by the feed, and by reading again where the feed fails."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.contrib.auth.models import User
from django.db import connections, transaction
from django.utils.timezone import now

from dashboard import consumers, live
from devices import feed
from devices.access.people import Visible
from devices.health.models import CameraHealth, Hearing
from devices.inventory.models import Camera, Officer, ServiceState, Station
from devices.roles import Role
from tests import rows
from tests.dashboard.boards import board_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def no_connection_outlives_its_test() -> Iterator[None]:
    yield
    connections.close_all()


@sync_to_async
def fleet() -> rows.Fleet:
    return rows.a_fleet(now(), cameras=60)


@sync_to_async
def person(role: Role, *codes: str) -> User:
    return rows.person(role, *Station.objects.filter(code__in=codes))


@sync_to_async
def camera_changes(camera_id: int, *, told: bool = True, **fields: Any) -> None:
    with transaction.atomic():
        CameraHealth.objects.filter(camera=camera_id).update(**fields)
        if told:
            feed.touch([camera_id])


@sync_to_async
def a_camera_where(**fields: Any) -> int:
    found = Camera.objects.filter(**fields).order_by("pk").first()
    assert found is not None
    return int(found.pk)


CHARGED = {"health__battery_state": "full", "health__docked": True, "health__hearing": "heard"}
IN_USE = {"service_state": ServiceState.IN_SERVICE}


def tells_of(camera_id: int) -> Any:
    return lambda message: f"c{camera_id}" in message["tiles"]


async def test_a_new_board_is_told_all_it_shows() -> None:
    made = await fleet()

    async with board_of(await person(Role.AUDITOR), made.camera_ids) as board:
        first = await board.next()

    assert first["version"] == 1
    assert first["tiles"].keys() == {f"c{camera_id}" for camera_id in made.camera_ids}
    assert "60 cameras" in first["counts"]


async def test_a_change_reaches_the_board_with_its_new_counts() -> None:
    made = await fleet()
    camera_id = await a_camera_where(**CHARGED, **IN_USE)

    async with board_of(await person(Role.AUDITOR), made.camera_ids) as board:
        await board.next()
        await camera_changes(camera_id, docked=False, bay=None, mode="buffering", since=now())
        message = await board.until(tells_of(camera_id))

    assert message["tiles"].keys() == {f"c{camera_id}"}
    assert 'data-bucket="out"' in message["tiles"][f"c{camera_id}"]
    assert "data-part" in message["counts"]


async def test_a_report_that_changes_nothing_visible_sends_no_tile() -> None:
    made = await fleet()
    quiet = await a_camera_where(**CHARGED, **IN_USE)
    loud = await a_camera_where(**CHARGED, **IN_USE, pk__gt=quiet)

    async with board_of(await person(Role.AUDITOR), made.camera_ids) as board:
        await board.next()
        drawn = live.hub().picture.drawings
        await camera_changes(quiet, heard_at=now() + timedelta(seconds=60), sequence=2)
        await camera_changes(loud, battery_percent=50, battery_state="charging")
        message = await board.until(lambda message: message["tiles"])

        assert message["tiles"].keys() == {f"c{loud}"}
        assert live.hub().picture.drawings == drawn + 1


async def test_two_boards_share_one_drawing_and_one_hub() -> None:
    made = await fleet()
    camera_id = await a_camera_where(**CHARGED, **IN_USE)
    auditor = await person(Role.AUDITOR)

    async with board_of(auditor, made.camera_ids) as one, board_of(auditor, made.camera_ids) as two:
        await one.next()
        await two.next()
        drawn = live.hub().picture.drawings
        await camera_changes(camera_id, battery_percent=50, battery_state="charging")
        seen = [await board.until(tells_of(camera_id)) for board in (one, two)]

        assert seen[0]["tiles"] == seen[1]["tiles"]
        assert live.hub().picture.drawings == drawn + 1


async def test_a_lost_message_heals(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "READ_ALL_EVERY_S", 0.5)
    made = await fleet()
    camera_id = await a_camera_where(**CHARGED, **IN_USE)

    async with board_of(await person(Role.AUDITOR), made.camera_ids) as board:
        await board.next()
        await camera_changes(camera_id, told=False, hearing=Hearing.SILENT)
        message = await board.until(tells_of(camera_id))

    assert 'data-bucket="unknown"' in message["tiles"][f"c{camera_id}"]


async def test_a_quiet_board_hears_a_beat(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "BEAT_EVERY_S", 0.2)
    made = await fleet()

    async with board_of(await person(Role.AUDITOR), made.camera_ids) as board:
        await board.next()
        beats = [await board.next(), await board.next()]

    assert [beat["version"] for beat in beats] == [2, 3]
    assert all(beat["tiles"] == {} and beat["at"] for beat in beats)


async def test_a_board_hears_nothing_of_other_stations_nor_of_badges_it_may_not_see() -> None:
    made = await fleet()
    mine = await a_camera_where(station__code="HQ", **CHARGED, **IN_USE)
    other = await a_camera_where(station__code="N", **CHARGED, **IN_USE)
    commander, it = await person(Role.COMMANDER, "HQ"), await person(Role.IT)

    async with board_of(commander, made.camera_ids) as here, board_of(it, [mine]) as all_over:
        first, theirs = await here.next(), await all_over.next()
        await camera_changes(other, battery_percent=40, battery_state="charging")
        await camera_changes(mine, battery_percent=40, battery_state="charging")
        message = await here.until(lambda message: message["tiles"])

    assert f"c{other}" not in first["tiles"]
    assert f"c{other}" not in message["tiles"]
    assert "badge" in first["tiles"][f"c{mine}"]
    assert "badge" not in theirs["tiles"][f"c{mine}"]


async def test_cameras_that_come_or_go_make_the_page_load_anew(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(live, "READ_ALL_EVERY_S", 0.3)
    made = await fleet()

    async with board_of(await person(Role.AUDITOR), made.camera_ids) as board:
        await board.next()
        await sync_to_async(rows.a_camera)(900, made.stations[0], now())
        message = await board.until(lambda message: message.get("others"))

    assert message["others"] is True


async def test_a_slow_reader_is_sent_the_newest_state_once() -> None:
    made = await fleet()
    camera_id = await a_camera_where(**CHARGED, **IN_USE)
    look = live.Look(Visible(), False, False, frozenset(made.camera_ids))
    slow, quick = live.Board(look), live.Board(look)
    hub = live.hub()
    hub.join(slow)
    hub.join(quick)

    await quick.take()
    for percent in (10, 20, 30):
        await camera_changes(camera_id, battery_percent=percent, battery_state="charging")
        while f"c{camera_id}" not in (await quick.take())["tiles"]:
            continue
    waiting = await slow.take()
    hub.leave(slow)
    hub.leave(quick)

    assert waiting["version"] == 1
    assert waiting["tiles"].keys() == {f"c{one}" for one in made.camera_ids}
    assert "Battery 30 %" in waiting["tiles"][f"c{camera_id}"]


# ---- who may listen


async def test_nobody_and_strangers_are_not_told_anything() -> None:
    async with board_of(None, [1]) as board:
        assert await board.next() == {"closed": consumers.NOT_SIGNED_IN}


async def test_a_role_without_the_board_is_closed() -> None:
    async with board_of(await person(Role.ADMINISTRATOR), [1]) as board:
        assert await board.next() == {"closed": consumers.NOT_ALLOWED}


@pytest.mark.parametrize("origin", ["https://elsewhere.example", "", "null", "http://testserver:1"])
async def test_a_foreign_origin_is_refused_before_it_begins(origin: str) -> None:
    async with board_of(await person(Role.AUDITOR), origin=origin) as board:
        assert not board.accepted


async def test_a_person_who_is_disabled_stops_hearing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consumers.BoardConsumer, "ask_again_every_s", 0.1)
    auditor = await person(Role.AUDITOR)

    async with board_of(auditor, [1]) as board:
        await board.next()
        await User.objects.filter(pk=auditor.pk).aupdate(is_active=False)
        message = await board.until(lambda message: "closed" in message)

    assert message == {"closed": consumers.NOT_SIGNED_IN}


async def test_a_person_who_loses_the_role_stops_hearing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consumers.BoardConsumer, "ask_again_every_s", 0.1)
    auditor = await person(Role.AUDITOR)

    async with board_of(auditor, [1]) as board:
        await board.next()
        await sync_to_async(auditor.groups.clear)()
        message = await board.until(lambda message: "closed" in message)

    assert message == {"closed": consumers.NOT_ALLOWED}


async def test_an_officer_hears_of_their_own_camera_alone() -> None:
    made = await fleet()
    officer = await Officer.objects.filter(cameras__isnull=False).afirst()
    mine = await a_camera_where(officer=officer)
    user = await sync_to_async(rows.person)(Role.OFFICER, officer=officer)

    async with board_of(user, made.camera_ids) as board:
        first = await board.next()

    assert first["tiles"].keys() == {f"c{mine}"}


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("not json", consumers.NONSENSE),
        ("[" * 5000, consumers.NONSENSE),
        ({"showing": "all"}, consumers.NONSENSE),
        ({"showing": [1, "2"]}, consumers.NONSENSE),
        ({"showing": [True]}, consumers.NONSENSE),
        ({"showing": [-1]}, consumers.NONSENSE),
        ({"showing": [2**63]}, consumers.NONSENSE),
        ({"showing": list(range(1, 502))}, consumers.NONSENSE),
        ({"showing": [1], "type": "websocket.close"}, consumers.NONSENSE),
        ("x" * 65_537, consumers.TOO_LARGE),
    ],
)
async def test_nonsense_closes_the_socket(said: object, code: int) -> None:
    async with board_of(await person(Role.AUDITOR)) as board:
        await board.say(said)

        assert await board.next() == {"closed": code}


async def test_a_flood_closes_the_socket() -> None:
    async with board_of(await person(Role.AUDITOR), [1]) as board:
        for _ in range(30):
            await board.say({"showing": [1]})
        message = await board.until(lambda message: "closed" in message)

    assert message == {"closed": consumers.NONSENSE}
