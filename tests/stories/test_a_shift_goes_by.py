"""A shift goes by, and whenever it is looked at the board is the truth."""

import asyncio
from collections import Counter
from collections.abc import Iterator

import pytest

from devices.simulator.fleet import Wishes
from tests.operations.prepared import filled
from tests.stories.department import Department, a_department
from tests.stories.person import OpenBoard, Person, differences
from tests.stories.town import Town
from tests.stories.waiting import going_on, until

REPORT_S = 2
CAMERAS = 140


@pytest.fixture
def department(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Department]:
    with a_department(filled(tmp_path_factory, "shift"), report_seconds=REPORT_S) as one:
        yield one


async def test_a_shift_goes_by_and_the_board_is_the_truth(department: Department) -> None:
    town = Town(department, Wishes(seed=3, speed=1800, start_hour=6.5))
    commander = await asyncio.to_thread(department.person, "Commander")
    board = await asyncio.to_thread(commander.open_board)
    seen: set[str] = set()

    async def look() -> None:
        await the_boards_are_true(town, commander, board)
        seen.update(board.buckets.values())

    async with going_on(board.keep()), town.living():
        await town.live_until(lambda: town.hour > 6.75)  # the night shift is still out
        await look()
        await town.live_until(lambda: town.hour > 8)  # the day shift is out, the night's charges
        await look()
        await town.live_until(lambda: "recording" in town.truth().values())
        await look()
        hung = town.hang_one()
        town.cut("D05")
        await look()
        await town.live_until(lambda: town.hour > 15.5)  # the evening shift goes out meanwhile
        town.mend("D05")
        town.restart(hung)
        await town.hold_still()
        await look()

    assert seen - {"repair"} == {"docked", "charging", "out", "recording", "unknown"}
    assert town.ledger.counts["refused"] == 0


async def the_boards_are_true(town: Town, commander: Person, board: OpenBoard) -> None:
    """A page shows at once what was answered; silence shows in time, on page and open board."""
    truth, silent = town.truth(), town.silent()
    page = await asyncio.to_thread(commander.look_at_the_board)
    assert differences(page.buckets, truth).keys() <= silent

    await until(lambda: board.buckets == truth, lambda: differences(board.buckets, truth))
    page = await asyncio.to_thread(commander.look_at_the_board)
    assert differences(page.buckets, truth) == {}
    assert page.counts == board.counts == Counter(truth.values())
    assert sum(page.counts.values()) == len(page.buckets) == CAMERAS
