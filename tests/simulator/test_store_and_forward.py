"""Lines break and come back; nothing a device had to say is lost, nothing is counted twice."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime

import pytest

from devices.simulator import numbers
from devices.simulator.fleet import Fleet, Wishes
from devices.simulator.ledger import Ledger
from devices.simulator.numbers import Numbers
from devices.simulator.scenarios import Outage, Scenario
from devices.wire import Result
from tests.patience import PATIENCE_S
from tests.simulator import west
from tests.simulator.door import Door, open_door, until

CAMERAS = 40


def impatient(answer_within_s: float) -> Numbers:
    """The real numbers, with the waiting for the network cut short and a short day before."""
    real = numbers.read()
    speech = {"back_off_first_s": 0.01, "back_off_most_s": 0.05, "come_back_later_s": 0.05}
    speech |= {"token_refused_s": 0.1, "answer_within_s": answer_within_s}
    pace = {"tick_s": 0.02, "lead_in_h": 1.0}
    return real.model_copy(
        update={
            "speech": real.speech.model_copy(update=speech),
            "pace": real.pace.model_copy(update=pace),
        }
    )


def fleet(
    wishes: Wishes, tokens: Mapping[str, str] | None = None, answer_within_s: float = 1.0
) -> Fleet:
    rows = west.inventory(CAMERAS)
    given = west.tokens(rows) if tokens is None else tokens
    heeded = impatient(answer_within_s)
    return Fleet(rows, given, wishes=wishes, now=datetime.now(UTC), numbers=heeded)


@asynccontextmanager
async def living(made: Fleet, door: Door, ledger: Ledger) -> AsyncIterator[None]:
    life = asyncio.create_task(made.run(door.url, ledger))
    try:
        yield
    finally:
        life.cancel()
        with suppress(asyncio.CancelledError):
            await life


def waiting(made: Fleet) -> int:
    return sum(len(voice.outbox) for voice in made.voices)


async def test_the_ledger_is_what_the_door_committed() -> None:
    ledger, made = (
        Ledger(keep=True),
        fleet(Wishes(report_s=0.1, speed=600), answer_within_s=PATIENCE_S),
    )

    async with open_door(Door()) as door, living(made, door, ledger):
        await until(lambda: len(ledger.fates) > 1000)

    stored = [fate.record for fate in ledger.fates if fate.result is Result.STORED]
    keys = [(record.device, record.boot, record.sequence) for record in stored]
    assert len(keys) == len(set(keys))
    assert set(keys) <= set(door.committed)
    assert not door.repeated
    assert {"Bearer d.D01", "Bearer d.V12"} <= door.tokens_seen


async def test_unanswered_batches_are_said_again_under_the_same_numbers() -> None:
    ledger, made = Ledger(keep=True), fleet(Wishes(report_s=0.1, speed=600))

    async with open_door(Door(rudeness=7)) as door, living(made, door, ledger):
        await until(lambda: len(ledger.fates) > 1000)
        door.rudeness = 0
        await until(lambda: ledger.counts["stored"] + ledger.counts["duplicate"] > 1500)

    fates = [(f.record.device, f.record.boot, f.record.sequence) for f in ledger.fates]
    assert door.repeated
    assert len(fates) == len(set(fates))
    assert set(fates) <= set(door.committed)
    assert ledger.counts["duplicate"] == len({*door.repeated} & {*fates})
    no_gaps(door, made)


async def test_docks_off_the_network_store_and_then_forward_in_order() -> None:
    outage = Outage(after_s=5.0, lasts_s=1.0, every_s=0, docks_percent=100, together=True)
    scenario = Scenario(says="", outages=(outage,))
    ledger, made = (
        Ledger(keep=True),
        fleet(Wishes(report_s=0.1, speed=600, scenario=scenario), answer_within_s=PATIENCE_S),
    )

    async with open_door(Door()) as door, living(made, door, ledger):
        await until(lambda: made.lines and all(line.connected for line in made.lines))
        await until(lambda: not any(line.connected for line in made.lines))
        await until(lambda: waiting(made) > 100)
        await until(lambda: all(line.connected for line in made.lines))
        await until(lambda: waiting(made) < 60)

    no_gaps(door, made)
    assert door.connections == 2 * len(made.lines)


async def test_refused_records_are_counted_and_not_said_again() -> None:
    ledger, made = Ledger(keep=True), fleet(Wishes(report_s=0.1, speed=600))
    rude = Door()
    rude.refuse_serials = {"BWC-0010"}

    async with open_door(rude) as door, living(made, door, ledger):
        await until(lambda: ledger.counts["refused"] >= 5)

    refused = [f.record for f in ledger.fates if f.result is Result.REFUSED]
    assert len({(r.device, r.boot, r.sequence) for r in refused}) == len(refused)
    assert ledger.reasons["No such camera."] == len(refused)


async def test_a_camera_with_a_token_speaks_for_itself_while_it_is_out() -> None:
    rows = west.inventory(CAMERAS)
    tokens = {**west.tokens(rows), **{row.serial: f"d.{row.serial}" for row in rows.cameras}}
    ledger, made = Ledger(keep=True), fleet(Wishes(report_s=0.1, speed=600), tokens)

    async with open_door(Door()) as door, living(made, door, ledger):
        await until(lambda: any(not record_docked(r) for r in list(door.committed.values())))
        await until(lambda: len(ledger.fates) > 500)

    assert any("Bearer d.BWC-" in token for token in door.tokens_seen)


async def test_a_refused_token_is_known_as_such() -> None:
    ledger, made = Ledger(), fleet(Wishes(report_s=0.1))
    shut = Door()
    shut.closes_with = 4401

    async with open_door(shut) as door, living(made, door, ledger):
        await until(lambda: made.lines and all(line.token_refused for line in made.lines))

    assert not door.committed


@pytest.mark.parametrize("code", [1012, 1013])
async def test_a_door_that_closes_is_tried_again_later(code: int) -> None:
    ledger, made = Ledger(), fleet(Wishes(report_s=0.1))
    shut = Door()
    shut.closes_with = code

    async with open_door(shut) as door, living(made, door, ledger):
        await until(lambda: door.connections > 2 * len(made.lines))
        assert not any(line.token_refused for line in made.lines)
        shut.closes_with = None
        await until(lambda: all(line.connected for line in made.lines))
        await until(lambda: ledger.counts["stored"] > 200)

    no_gaps(door, made)


async def test_a_nudge_makes_every_camera_of_the_dock_report_now() -> None:
    ledger, made = Ledger(), fleet(Wishes(speed=0.001))

    async with open_door(Door(every_s=3600)) as door, living(made, door, ledger):
        await until(lambda: made.lines and not waiting(made) and len(ledger.counts) > 0)
        before = len(door.committed)
        for socket in list(door.sockets):
            await socket.send('{"type":"nudge"}')
        await until(lambda: any(mind.looks for mind in made.minds.values()))
        held = sum(camera.alive for dock in made.docks for _, camera in dock.dock.held())
        await until(lambda: len(door.committed) >= before + held)


async def test_cameras_are_told_by_their_docks_line_that_there_is_an_update() -> None:
    ledger, made = Ledger(), fleet(Wishes(speed=0.001))

    async with open_door(Door(every_s=3600)) as door, living(made, door, ledger):
        await until(lambda: made.lines and all(line.connected for line in made.lines))
        held = [camera.serial for _, camera in made.docks[0].dock.held()]
        made.docks[0].look({*held[:2], "elsewhere"})
        looked = [serial for serial, mind in made.minds.items() if mind.looks]
        assert looked == held[:2]
        for socket in list(door.sockets):
            await socket.send(json.dumps({"nudge": {"poll": [*held, "BWC-0007", 5]}}))
        clients = made.updates.clients
        first = {serial: clients[serial].due_s for serial in held}
        await until(lambda: all(clients[serial].due_s > first[serial] for serial in held))
        assert not any(line.not_understood for line in made.lines)


async def test_a_batch_refused_whole_is_let_go() -> None:
    ledger, made = Ledger(), fleet(Wishes(report_s=0.1), answer_within_s=PATIENCE_S)
    deaf = Door()
    deaf.problem = '{"type":"about:blank","title":"The body is not JSON.","status":400}'

    async with open_door(deaf) as door, living(made, door, ledger):
        await until(lambda: ledger.counts["refused"] > 100)
        deaf.problem = None
        await until(lambda: ledger.counts["stored"] > 100)

    assert ledger.reasons["The body is not JSON."] == ledger.counts["refused"]
    assert not door.repeated


def record_docked(record: object) -> bool:
    return getattr(record, "docked", True)


def no_gaps(door: Door, made: Fleet) -> None:
    """Of each dock and boot, every event up to the last one committed has been committed."""
    for dock in made.docks:
        numbers_of = {sequence for device, _, sequence in door.committed if device == dock.name}
        assert numbers_of == set(range(1, len(numbers_of) + 1))
