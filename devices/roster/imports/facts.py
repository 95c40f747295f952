"""What the checks of the roster's files ask of what is there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo

from devices.roster import rules
from devices.roster.rules import Held, Hours


@dataclass(frozen=True)
class Person:
    """What the checks ask of an officer."""

    station: str
    unit: str
    active: bool


@dataclass(frozen=True)
class KindOf:
    """A kind of shift, by its code."""

    name: str
    hours: Hours

    def on(self, on: date) -> str:
        """Evening of Tue 24 Nov."""
        return f"{self.name} of {rules.day(on)}"


@dataclass(frozen=True)
class Facts:
    """What the checks of rotations and duties want to know.

    ``others`` are duties of the file's officers near its days that the file could not name.
    Two with no more than ``handover`` between them are a double shift.
    """

    now: datetime
    zone: tzinfo
    kinds: Mapping[str, KindOf]
    people: Mapping[str, Person]
    others: Mapping[str, Sequence[Held]]
    handover: timedelta
