"""A department's whole fleet on one machine: every process real, the devices outside."""

import csv
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from devices.simulator import inventory
from devices.simulator.inventory import Inventory
from tests.operations.machine import Machine, running
from tests.stories.person import Person

ROOT = Path(__file__).parents[2]
WEST_HARTFORD = ROOT / "examples" / "west-hartford"


@dataclass(frozen=True)
class Department:
    """What whoever installed it holds in their hands: an address, tokens and log-ins."""

    machine: Machine
    inventory: Inventory
    tokens: dict[str, str]
    logins: dict[str, tuple[str, str]]

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.machine.port}"

    def person(self, role: str) -> Person:
        """Somebody who has signed in at the door."""
        person = Person(self.address)
        person.sign_in(*self.logins[role])
        return person


@contextmanager
def a_department(var: Path, *, report_seconds: int) -> Iterator[Department]:
    """West Hartford, set up by `manage.py demo`, with nobody speaking to it yet."""
    with running(var, REPORT_SECONDS=str(report_seconds)) as machine:
        machine.ready()
        _fill(machine)
        yield Department(
            machine,
            inventory.read(WEST_HARTFORD),
            inventory.tokens(var / "demo-tokens.csv"),
            _logins(var / "demo-logins.txt"),
        )


def _fill(machine: Machine) -> None:
    subprocess.run(
        [sys.executable, "manage.py", "demo"],
        cwd=ROOT,
        env=machine.environment,
        stdout=subprocess.DEVNULL,
        check=True,
    )


def _logins(path: Path) -> dict[str, tuple[str, str]]:
    rows = csv.reader(path.read_text().splitlines(), delimiter="\t")
    return {role: (name, password) for role, name, password in rows}
