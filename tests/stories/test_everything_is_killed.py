"""Every process is killed in turn while 140 cameras report, and nobody has to lend a hand."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from urllib.error import URLError

import pytest

from devices.simulator import scenarios
from devices.simulator.fleet import Wishes
from devices.wire import Result
from tests.operations.prepared import filled
from tests.patience import PATIENCE_S
from tests.stories.department import Department, a_department
from tests.stories.kept import Kept
from tests.stories.killing import kill
from tests.stories.person import OpenBoard, Person, differences
from tests.stories.town import Town
from tests.stories.waiting import going_on, until

REPORT_S = 2
OFTEN_S = 0.25  # how often cameras report in fact, so that every kill meets words under way
IN_TURN = ("fleet.web", "celery", "redis-server", "fleet.beat", "postgres")


@pytest.fixture
def department(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Department]:
    with a_department(filled(tmp_path_factory, "kills"), report_seconds=REPORT_S) as one:
        yield one


async def test_nothing_acknowledged_is_lost_or_kept_twice_and_the_board_heals(
    department: Department,
) -> None:
    shift_change = scenarios.read()["shift-change"]
    town = Town(department, Wishes(seed=5, speed=120, report_s=OFTEN_S, scenario=shift_change))
    commander = await asyncio.to_thread(department.person, "Commander")
    board = await asyncio.to_thread(commander.open_board)

    async with going_on(board.keep()), town.living():
        await the_board_is_true(board, town)
        before = board.buckets
        town.live_on()
        async with asyncio.timeout(PATIENCE_S):
            while not town.acknowledged(Result.DUPLICATE):
                await town.is_answered()
                town.lose_the_network()
        for part in IN_TURN:
            await town.is_answered()
            await kill(department.machine, part)
        await until(lambda: is_the_database(board, commander))
        assert board.buckets != before

        town.hang_one()  # worker and beat have to notice
        await town.hold_still()
        await the_board_is_true(board, town)

    kept = Kept(department.machine.var)
    stored = Counter(town.acknowledged(Result.STORED))
    assert town.acknowledged(Result.REFUSED) == []
    assert set(stored.values()) == {1}
    acknowledged = {*stored, *town.acknowledged(Result.DUPLICATE)}
    assert acknowledged - kept.received == set()
    assert kept.received - acknowledged <= town.unanswered()
    assert kept.readings_kept_twice == []


async def the_board_is_true(board: OpenBoard, town: Town) -> None:
    """Silence, too, shows in its time."""
    await until(
        lambda: board.buckets == town.truth(),
        lambda: differences(board.buckets, town.truth()),
    )


async def is_the_database(board: OpenBoard, commander: Person) -> bool:
    """Whether what was left open shows what a page shows that is read now."""
    try:
        page = await asyncio.to_thread(commander.look_at_the_board)
    except URLError:  # it is not back yet
        return False
    return not differences(board.buckets, page.buckets)
