"""The town as a whole: the same seed lives the same life, and nothing impossible happens."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from devices.simulator import numbers
from devices.simulator.fleet import Fleet, Wishes
from devices.simulator.outbox import Kind
from devices.wire import BayEvent, Mode, Report
from tests.simulator import west

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
TICK_S = 0.5


def fleet(
    *,
    seed: int = 1,
    speed: float = 120,
    start_hour: float = 6.5,
    cameras: int = 60,
    shifts: dict[str, float] | None = None,
) -> Fleet:
    rows, real = west.inventory(cameras), numbers.read()
    pace = real.pace.model_copy(update={"lead_in_h": 9.0})
    real = real.model_copy(update={"shifts": real.shifts.model_copy(update=shifts or {})})
    return Fleet(
        rows,
        west.tokens(rows),
        wishes=Wishes(seed=seed, speed=speed, start_hour=start_hour, boot=7),
        now=NOW,
        numbers=real.model_copy(update={"pace": pace}),
    )


def hours(made: Fleet, number: float) -> Iterator[None]:
    """Let simulated hours go by, tick after tick."""
    now, ends = made.town.now, made.town.hour + number
    while made.town.hour < ends:
        now += timedelta(seconds=TICK_S)
        made.tick(now, TICK_S)
        yield


def words(made: Fleet) -> list[str]:
    return [record.words for voice in made.voices for record in voice.outbox.waiting]


def test_the_same_seed_says_the_same_words() -> None:
    one, same, other = fleet(seed=4), fleet(seed=4), fleet(seed=5)

    for made in (one, same, other):
        list(hours(made, 2))

    assert words(one) == words(same)
    assert words(one) != words(other)


def test_every_record_is_understood_and_no_number_comes_twice_or_is_left_out() -> None:
    made = fleet()
    list(hours(made, 10))

    sequences: dict[tuple[str, int], list[int]] = {}
    for voice in made.voices:
        for record in voice.outbox.waiting:
            word = (Report if record.kind is Kind.REPORT else BayEvent).model_validate_json(
                record.words
            )
            assert (word.boot, word.sequence) == (record.boot, record.sequence)
            if isinstance(word, BayEvent):
                sequences.setdefault((voice.name, word.boot), []).append(word.sequence)
            elif word.boot > 7:
                sequences.setdefault((word.serial, word.boot), []).append(word.sequence)

    assert len(sequences) > 40
    for said in sequences.values():
        assert sorted(said) == list(range(1, len(said) + 1))


def test_a_bay_holds_one_camera_and_a_camera_sits_in_one_bay() -> None:
    made = fleet()

    for _ in hours(made, 9.5):
        held = Counter(
            camera.serial
            for dock in made.town.docks.values()
            for camera in dock.bays.values()
            if camera is not None
        )
        assert set(held.values()) == {1}
        placed = {c.serial for c in made.town.cameras.values() if c.place is not None}
        assert placed == set(held)


def test_at_noon_a_shift_is_out_and_somebody_has_recorded() -> None:
    made = fleet(cameras=140)
    recorded = 0

    for _ in hours(made, 5.5):
        recorded = max(recorded, sum(c.mode is Mode.RECORDING for c in made.town.cameras.values()))

    on_duty = [c for c in made.town.cameras.values() if c.mode is not Mode.OFF]
    assert 12 <= len(on_duty) <= 22
    assert recorded >= 2


def test_dock_events_told_one_after_the_other_are_what_is_in_the_bays() -> None:
    made = fleet()
    list(hours(made, 12))

    inside: dict[tuple[str, int], str] = {}
    for voice in made.docks:
        for record in voice.outbox.waiting:
            if record.kind is Kind.EVENT:
                event = BayEvent.model_validate_json(record.words)
                if event.kind == "docked":
                    inside[(voice.name, event.bay)] = event.serial
                else:
                    inside.pop((voice.name, event.bay), None)

    truth = made.town.truth()
    assert {serial: place for place, serial in inside.items()} == {
        serial: (so["dock"], so["bay"]) for serial, so in truth.items() if so["docked"]
    }


def test_a_dock_notices_one_thing_after_the_other() -> None:
    made = fleet(speed=3600, cameras=24)
    list(hours(made, 8 * 24))

    moments: dict[tuple[str, str], list[datetime]] = {}
    for voice in made.docks:
        for record in voice.outbox.waiting:
            if record.kind is Kind.EVENT:
                event = BayEvent.model_validate_json(record.words)
                moments.setdefault((voice.name, event.serial), []).append(event.device_time)
    assert max(map(len, moments.values())) > 10
    for said in moments.values():
        assert said == sorted(set(said))


def test_life_is_held_still_while_everybody_goes_on_speaking() -> None:
    made = fleet()
    list(hours(made, 1))
    hour, said = made.town.hour, len(words(made))

    made.speed = 0
    for _ in range(120):
        made.tick(made.town.now + timedelta(seconds=1), 1)

    assert made.town.hour == hour
    assert len(words(made)) > said


def test_what_a_camera_stored_while_out_comes_through_the_dock_when_it_is_back() -> None:
    made = fleet(start_hour=14.5, speed=60)
    list(hours(made, 1.5))

    reports = [
        Report.model_validate_json(record.words)
        for voice in made.docks
        for record in voice.outbox.waiting
        if record.kind is Kind.REPORT
    ]

    stored = [report for report in reports if not report.docked]
    assert len(stored) > 10
    assert all(report.bay is None for report in stored)
    assert all(report.clock_offset_s is not None for report in reports)
    assert not any(mind.stored for mind in made.minds.values() if mind.camera.docked)


def test_without_news_a_dock_speaks_at_its_contacts_only() -> None:
    made = fleet(speed=0.001)
    list(hours(made, 0.001 * 10 / 3600))
    before = [len(voice.outbox) for voice in made.docks]

    list(hours(made, 0.001 * 180 / 3600))

    for voice, had in zip(made.docks, before, strict=True):
        held = sum(camera.alive for _, camera in voice.dock.held())
        assert len(voice.outbox) - had == 3 * held


@pytest.mark.parametrize("kept", [0.0, 1.0])
def test_spares_are_brought_back_late_by_a_share_of_their_own(kept: float) -> None:
    made = fleet(cameras=140, shifts={"late_docking_share": 1 - kept, "late_spare_share": kept})
    for camera in made.patrol.own.values():
        camera.battery.charge = 0.0
    given = set()
    for _ in hours(made, 10):
        given |= {camera.serial for camera in made.patrol.worn.values() if camera.row.badge is None}

    worn = {camera.serial for camera in made.patrol.worn.values()}
    over = [made.town.cameras[serial] for serial in given - worn]
    assert len(over) > 3
    assert {camera.place is None for camera in over} == {bool(kept)}
