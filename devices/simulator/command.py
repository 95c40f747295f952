"""The command line: what was asked for, said back in sentences; lines about how it goes."""

import asyncio
import resource
import signal
import sys
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Coroutine, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NoReturn
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from devices.simulator import inventory, load, scenarios
from devices.simulator.fleet import Fleet, Wishes, boot_number
from devices.simulator.inventory import Unreadable
from devices.simulator.ledger import Ledger
from devices.simulator.shifts import DAY
from devices.wire import Mode

MOST_CAMERAS = 799_992  # what the names of the synthesised docks have room for
WRONG = 2  # exit code: something asked for cannot be
REPORT_EVERY_S = 60.0  # of a camera in the load, unless asked otherwise
TELL_LOAD_S = 5.0
NOTE_ANSWERS_S = 5.0
SCHEMES = {"http": "ws", "https": "wss", "ws": "ws", "wss": "wss"}


class _Parser(ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """One sentence, and where to read more."""
        sentence = message[:1].upper() + message[1:]
        say(f"{sentence}. `python -m devices.simulator --help` lists what can be asked for.")
        raise SystemExit(WRONG)


def say(sentence: str) -> None:
    sys.stdout.write(sentence + "\n")
    sys.stdout.flush()


def main(words: list[str] | None = None) -> int:
    """Simulate until Ctrl-C (0) or refuse with a sentence (2)."""
    asked = _parser().parse_args(words)
    if asked.scenario == "list":
        for name, one in scenarios.read().items():
            say(f"{name:18} {one.says}")
        return 0
    try:
        if asked.cameras is not None:
            return _load(asked)
        fleet = _fleet(asked)
        ledger = Ledger(asked.ledger)
    except (Unreadable, OSError) as wrong:
        say(str(wrong))
        return WRONG
    return _until_asked_to_end(fleet, ledger, asked)


def _parser() -> ArgumentParser:
    parser = _Parser(prog="python -m devices.simulator", description=__doc__)
    add = parser.add_argument
    add("--url", type=door, default="ws://127.0.0.1:8000", help="the fleet's address")
    add("--inventory", type=Path, default=Path("examples/west-hartford"), help="folder of CSVs")
    add("--tokens", type=Path, help="CSV of device,token")
    add("--speed", type=positive, default=60.0, help="how many times faster life goes by")
    add("--zone", type=zone, default="America/New_York", help="whose clocks the shifts follow")
    add("--seed", type=int, default=1, help="the same seed lives the same life")
    add("--scenario", type=scenario, default=scenarios.QUIET, help="`list` tells them all")
    add("--start-hour", type=hour, help="hour of the simulated day, 0 to 24; at speed 1 it is now")
    add("--cameras", type=count, help="drive load with this many cameras instead of living")
    add(
        "--report-seconds",
        type=seconds,
        help="report this often, whatever is ordered; 0 with --cameras: as fast as answers come",
    )
    add("--ledger", type=Path, help="append a JSON line for every record answered")
    add("--heard", type=Path, help="touch this file while the fleet answers; begin from its time")
    add("--installed", type=Path, help="keep here what cameras run; begin from it")
    add("--truth", type=Path, help="rewrite this JSON file every second with what is so")
    return parser


def door(text: str) -> str:
    address = urlsplit(text)
    if address.scheme not in SCHEMES or not address.netloc:
        raise ArgumentTypeError(f"“{text}” is not an address such as ws://127.0.0.1:8000")
    return f"{SCHEMES[address.scheme]}://{address.netloc}{address.path}"


def scenario(text: str) -> str:
    if text not in (known := [*scenarios.read(), "list"]):
        raise ArgumentTypeError(f"“{text}” is not a scenario; there are {', '.join(known[:-1])}")
    return text


def zone(text: str) -> ZoneInfo:
    try:
        return ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError):
        raise ArgumentTypeError(f"“{text}” is not a time zone such as America/New_York") from None


def positive(text: str) -> float:
    return _between(text, 0.001, 1e6, "a number above 0")


def seconds(text: str) -> float:
    return _between(text, 0, 1e6, "a number of seconds")


def count(text: str) -> int:
    return int(_between(text, 1, MOST_CAMERAS, f"a number of cameras, 1 to {MOST_CAMERAS}"))


def hour(text: str) -> float:
    return _between(text, 0, DAY, "an hour of the day, 0 to 24")


def _between(text: str, least: float, most: float, wanted: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = float("nan")
    if not least <= number <= most:
        raise ArgumentTypeError(f"“{text}” is not {wanted}")
    return number


def _tokens(asked: Namespace) -> dict[str, str]:
    if asked.tokens is None:
        raise Unreadable("Say where the tokens are: --tokens PATH, a CSV file of device,token.")
    return inventory.tokens(asked.tokens)


def _load(asked: Namespace) -> int:
    """Drive load until Ctrl-C."""
    try:
        docks = load.synthesised(_tokens(asked), asked.cameras)
    except KeyError as lacking:
        raise Unreadable(f"{asked.tokens} has no token for the dock {lacking.args[0]}.") from None
    every_s = REPORT_EVERY_S if asked.report_seconds is None else asked.report_seconds
    driver = load.LoadDriver(asked.url, docks, boot=boot_number(datetime.now(UTC)), every_s=every_s)
    _allow_sockets(len(docks))
    pace = f"every {every_s:g} s" if every_s else "as fast as they are answered"
    say(f"{asked.cameras} cameras in {len(docks)} docks speak to {asked.url} {pace}.")
    asyncio.run(_until_ended([driver.run(), _tell_load(driver)]))
    say(f"The load has ended. {driver.stored} stored in all.")
    return 0


def _allow_sockets(number: int) -> None:
    """As many open files as this user may have, if it takes that many."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if number + 64 > soft:
        wanted = number + 64 if hard == resource.RLIM_INFINITY else min(number + 64, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


async def _tell_load(driver: load.LoadDriver) -> None:
    while True:
        rate = await driver.measure(TELL_LOAD_S)
        say(
            f"{rate:.0f} reports/s stored; {driver.open_sockets} of {len(driver.talkers)} lines "
            f"open, {driver.stored} stored, {driver.duplicate} duplicate, {driver.refused} refused."
        )


def _fleet(asked: Namespace) -> Fleet:
    if asked.report_seconds == 0:
        raise Unreadable("Living cameras need a moment between reports: --report-seconds above 0.")
    wishes = Wishes(
        speed=asked.speed,
        seed=asked.seed,
        scenario=scenarios.read()[asked.scenario],
        start_hour=asked.start_hour,
        report_s=asked.report_seconds,
        zone=asked.zone,
        heard_until=heard_until(asked.heard),
        installed=asked.installed,
    )
    rows, tokens = inventory.read(asked.inventory), _tokens(asked)
    if lacking := [dock.code for dock in rows.docks if dock.code not in tokens]:
        say(f"{len(lacking)} docks have no token and will be refused: {', '.join(lacking[:5])} …")
    return Fleet(rows, tokens, wishes=wishes, now=datetime.now(UTC))


def heard_until(path: Path | None) -> datetime | None:
    """When the fleet last answered an earlier run, which has told it everything until then."""
    if path is None or not path.exists():
        return None
    return datetime.fromtimestamp(path.stat().st_mtime, UTC)


def _until_asked_to_end(fleet: Fleet, ledger: Ledger, asked: Namespace) -> int:
    say(
        f"{len(fleet.town.cameras)} cameras in {len(fleet.docks)} docks live at {asked.speed:g} "
        f"times real time and speak to {asked.url} (scenario {asked.scenario})."
    )
    try:
        asyncio.run(_run(fleet, ledger, asked))
    finally:
        ledger.close()
    say("The simulated fleet has ended. " + answered(ledger))
    return 0


async def _run(fleet: Fleet, ledger: Ledger, asked: Namespace) -> None:
    parts = [fleet.run(asked.url, ledger), _tell(fleet, ledger)]
    if asked.truth:
        parts.append(_show_truth(fleet, asked.truth))
    if asked.heard:
        parts.append(_note_answers(ledger, asked.heard))
    await _until_ended(parts)


async def _until_ended(parts: Sequence[Coroutine[None, None, None]]) -> None:
    """Let the parts go on until a signal or until one fails; then end all of them."""
    ended, loop = asyncio.Event(), asyncio.get_running_loop()
    for sign in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(sign, ended.set)
    tasks = [asyncio.create_task(part) for part in (*parts, _end_at(ended))]
    done, going = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in going:
        task.cancel()
    await asyncio.gather(*going, return_exceptions=True)
    for task in done:
        task.result()  # if something failed, let it be seen


async def _end_at(ended: asyncio.Event) -> None:
    await ended.wait()


async def _tell(fleet: Fleet, ledger: Ledger) -> None:
    while True:
        await asyncio.sleep(fleet.numbers.pace.say_every_s)
        say(f"{state(fleet)} {answered(ledger)}")
        if reasons := ledger.reasons.most_common(3):
            say("Refused: " + "; ".join(f"{n} x {reason}" for reason, n in reasons))
        if faults := fleet.updates.faults.most_common(3):
            say("Updates: " + "; ".join(f"{n} x {fault}" for fault, n in faults))


async def _show_truth(fleet: Fleet, path: Path) -> None:
    while True:
        fleet.write_truth(path)
        await asyncio.sleep(fleet.numbers.pace.truth_every_s)


async def _note_answers(ledger: Ledger, path: Path) -> None:
    """Touch the file whenever more was answered."""
    before = 0
    while True:
        await asyncio.sleep(NOTE_ANSWERS_S)
        if (now := ledger.counts.total()) > before:
            path.touch()
            before = now


def state(fleet: Fleet) -> str:
    cameras, lines = fleet.town.cameras.values(), fleet.lines
    hours, minutes = divmod(int(fleet.hour_of_the_day * 60), 60)
    docked = sum(camera.docked for camera in cameras)
    recording = sum(camera.mode is Mode.RECORDING for camera in cameras)
    open_lines = sum(line.connected for line in lines)
    refused = sum(line.token_refused for line in lines)
    return (
        f"{hours:02}:{minutes:02}  {docked} docked, {len(cameras) - docked} out, "
        f"{recording} recording, {fleet.updates.under_way} updating; "
        f"{open_lines} of {len(lines)} lines open, "
        f"{sum(len(line.voice.outbox) for line in lines)} records waiting"
        + (f"; {refused} tokens refused." if refused else ".")
    )


def answered(ledger: Ledger) -> str:
    counts = ledger.counts
    return (
        f"Answered: {counts['stored']} stored, {counts['duplicate']} duplicate, "
        f"{counts['refused']} refused."
    )
