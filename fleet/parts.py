"""The processes of ours that make up a running fleet, and the command of each.

`make run` starts these; the units in docs/systemd start the same commands.
"""

import sys

from fleet import settings
from fleet.paths import BASE_DIR

WEB = ("fleet.web",)
# Threads, not processes: sweeps wait for the database, and a second process costs 60 MB.
# Two of them, so that the nightly tidying does not hold up the announcement of silence.
WORKER = (
    "celery",
    "--app=fleet.celery",
    "worker",
    "--pool=threads",
    "--concurrency=2",
    "--without-gossip",
    "--without-mingle",
    f"--loglevel={settings.LOG_LEVEL}",
)
BEAT = ("fleet.beat",)


def simulator() -> tuple[str, ...]:
    return (
        "devices.simulator",
        f"--url={address()}",
        f"--inventory={BASE_DIR / 'examples' / 'west-hartford'}",
        f"--tokens={settings.VAR_DIR / 'demo-tokens.csv'}",
        f"--speed={settings.DEMO_SPEED}",
        f"--zone={settings.TIME_ZONE}",
        f"--scenario={settings.DEMO_SCENARIO}",
        f"--heard={settings.VAR_DIR / 'demo-heard'}",
        f"--installed={settings.VAR_DIR / 'demo-installed.json'}",
    )


def command(module: tuple[str, ...]) -> list[str]:
    return [sys.executable, "-m", *module]


def address() -> str:
    """Where a browser on this machine finds the pages."""
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(settings.BIND, settings.BIND)  # noqa: S104
    return f"http://{host}:{settings.PORT}"
