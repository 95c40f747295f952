"""A department's whole fleet on one machine: every process real, the devices outside."""

import csv
import json
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
    logins: dict[str, tuple[str, str]]  # by role, and by name
    aside: frozenset[str]  # the serial numbers that are out of service

    @property
    def address(self) -> str:
        return _address(self.machine)

    def person(self, role: str) -> Person:
        """Somebody with this role, or of this name, who has signed in at the door."""
        return _signed_in(self.machine, self.logins[role])


@contextmanager
def a_department(var: Path, *, report_seconds: int) -> Iterator[Department]:
    """West Hartford in `var`, set up by `manage.py demo`, with nobody speaking to it yet."""
    with running(var, REPORT_SECONDS=str(report_seconds)) as machine:
        machine.ready()
        logins = _logins(var / "demo-logins.txt")
        yield Department(
            machine,
            inventory.read(WEST_HARTFORD),
            inventory.tokens(var / "demo-tokens.csv"),
            logins,
            _aside(machine, logins),
        )


def _address(machine: Machine) -> str:
    return f"http://127.0.0.1:{machine.port}"


def _signed_in(machine: Machine, login: tuple[str, str]) -> Person:
    """Somebody who has signed in at the door."""
    person = Person(_address(machine))
    person.sign_in(*login)
    return person


def _aside(machine: Machine, logins: dict[str, tuple[str, str]]) -> frozenset[str]:
    """The demonstration begins with cameras that wait to be looked at; the API names them."""
    asked = "/api/v1/cameras/?service_state=out_of_service"
    answer = json.loads(_signed_in(machine, logins["Commander"]).get(asked))
    return frozenset(one["serial"] for one in answer["results"])


def _logins(path: Path) -> dict[str, tuple[str, str]]:
    rows = csv.reader(path.read_text().splitlines(), delimiter="\t")
    known = [(role, name, password) for role, name, password in rows]
    by_name = {name: (name, password) for _, name, password in known}
    return by_name | {role: (name, password) for role, name, password in known}
