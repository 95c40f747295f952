"""`make bench`: the figures of docs/speed.md, each as a ratio to a floor of the same run."""

import argparse
import asyncio
import contextlib
import os
import platform
import socket
import subprocess
import sys
from collections.abc import Iterator
from statistics import median
from time import monotonic, sleep
from urllib.parse import urlsplit, urlunsplit

from tests.bench import battery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fleet.settings")
os.environ["DEMO"] = "0"

DATABASE = "fleet_bench"
CAMERAS = 100_000
DOCKS = 128  # that talk at once


def main() -> None:
    """Measure, print, and leave nothing behind."""
    asked = _asked()
    for figure in battery.figures():
        _say(str(figure))
    with _database() as url:
        import django

        django.setup()
        _gateway(url, asked.runs, asked.seconds)
        _readiness(asked.runs)


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--runs", type=int, default=5, help="pairs of floor and ours")
    parser.add_argument("--seconds", type=float, default=4.0, help="of each measurement")
    return parser.parse_args()


@contextlib.contextmanager
def _database() -> Iterator[str]:
    """A database of the benchmark's own, named to Django before it starts."""
    import psycopg

    from fleet import settings

    admin = settings.DATABASE_URL
    parts = urlsplit(admin)
    url = urlunsplit(parts._replace(path=f"/{DATABASE}"))
    os.environ["DATABASE_URL"] = url
    settings.DATABASES["default"]["NAME"] = DATABASE
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")
        connection.execute(f"CREATE DATABASE {DATABASE}")
        try:
            yield url
        finally:
            connection.execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")


@contextlib.contextmanager
def _web() -> Iterator[int]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    words = {**os.environ, "PORT": str(port), "LOG_LEVEL": "WARNING"}
    web = subprocess.Popen([sys.executable, "-m", "fleet.web"], env=words)
    try:
        _wait_for(port)
        yield port
    finally:
        web.terminate()
        web.wait()


def _wait_for(port: int) -> None:
    deadline = monotonic() + 30
    while monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
            return
        sleep(0.05)
    raise SystemExit("The web process does not answer.")


def _gateway(url: str, runs: int, seconds: float) -> None:
    """Reports stored a second at either door, in turn with the floor, so that noise cancels."""
    from django.core.management import call_command

    from tests.bench import driver, fleet, floor

    call_command("migrate", verbosity=0)
    docks = fleet.make(CAMERAS, docks_with_tokens=DOCKS)
    start, ratios, rates = (
        1,
        {"websocket": [], "HTTP": []},
        {"floor": [], "websocket": [], "HTTP": []},
    )
    doors = {"websocket": driver.by_websocket, "HTTP": driver.by_http}
    with _web() as port:
        for _ in range(runs):
            ground = floor.reports_a_second(url, CAMERAS, seconds)
            rates["floor"].append(ground)
            for name, door in doors.items():
                rate = asyncio.run(door(port, docks, seconds, start=start))
                start += 1_000_000
                rates[name].append(rate)
                ratios[name].append(rate / ground)
    _say(f"{platform.machine()}, {os.cpu_count()} cores, {platform.platform()}")
    _say(f"floor: {median(rates['floor']):,.0f} reports/s in raw SQL, {CAMERAS:,} cameras")
    for name, goal in (("websocket", 1 / 3), ("HTTP", 1 / 5)):
        ratio = median(ratios[name])
        verdict = "met" if ratio >= goal else "missed"
        _say(
            f"{name}: {median(rates[name]):,.0f}/s, {ratio:.2f} of the floor,"
            f" goal {goal:.2f}: {verdict}"
        )


def _readiness(runs: int) -> None:
    """On the fleet that the gateway's figures left behind."""
    from devices.inventory.models import Camera
    from tests.bench.readiness import readiness

    ids = list(Camera.objects.values_list("pk", flat=True))
    for what, took, goal, queries in readiness(ids, runs):
        verdict = "met" if took <= goal else "missed"
        _say(f"{what}: {took:,.1f} ms, {queries} queries, goal {goal:,.0f} ms: {verdict}")


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")


if __name__ == "__main__":
    main()
