"""The load driver says what a dock of eight would, and counts what was stored."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime

from devices.simulator import load
from devices.simulator.load import LoadDriver, Words
from devices.wire import Batch, Report
from tests.simulator.door import Door, open_door, until

MOMENT = datetime(2026, 11, 24, tzinfo=UTC)


def tokens(docks: int) -> dict[str, str]:
    return {load.dock_code(n): f"d.{load.dock_code(n)}" for n in range(docks)}


@asynccontextmanager
async def driving(driver: LoadDriver) -> AsyncIterator[None]:
    going = asyncio.create_task(driver.run())
    try:
        yield
    finally:
        going.cancel()
        with suppress(asyncio.CancelledError):
            await going


def test_its_words_are_a_batch_of_eight() -> None:
    words = Words([load.serial(n) for n in range(8)], boot=3)

    batch = Batch.model_validate_json(words.at(41, MOMENT.isoformat().encode()))

    assert batch.sent_at == MOMENT
    assert [(r.serial, r.bay, r.boot, r.sequence) for r in batch.reports] == [
        (f"BWC-L{n:06}", n, 3, 41) for n in range(1, 9)
    ]


def test_cameras_are_spread_over_docks_of_eight() -> None:
    docks = load.synthesised(tokens(3), 20)

    assert [len(serials) for _, serials in docks] == [8, 8, 4]
    assert docks[2] == ("d.L00003", ["BWC-L000017", "BWC-L000018", "BWC-L000019", "BWC-L000020"])


async def test_every_report_counted_is_stored_once() -> None:
    async with open_door(Door()) as door:
        driver = LoadDriver(door.url, load.synthesised(tokens(4), 32), boot=9, window=2)
        async with driving(driver):
            await until(lambda: driver.stored >= 1000)
            for socket in list(door.sockets):  # no answers: nothing is counted, nothing let go
                await socket.send('{"nudge": {"poll": ["BWC-L000001"]}}')
                await socket.send('{"type":"nudge"}')
            await until(lambda: driver.stored >= 2000)

    assert len(door.committed) >= driver.stored
    assert driver.duplicate == driver.refused == 0
    assert not door.repeated
    assert all(isinstance(record, Report) for record in door.committed.values())


async def test_a_lost_line_is_opened_again_and_what_was_unanswered_is_said_again() -> None:
    async with open_door(Door(rudeness=20)) as door:
        driver = LoadDriver(door.url, load.synthesised(tokens(2), 16), boot=9)
        async with driving(driver):
            await until(lambda: driver.duplicate >= 8)

    assert driver.stored + driver.duplicate <= len(door.committed)
