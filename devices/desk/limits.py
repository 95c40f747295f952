"""What would be late now under other limits of the department, before anybody decides them."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

from devices.access.people import Visible
from devices.custody.models import Custody
from devices.desk import overdue
from devices.faults.models import Fault, Repair
from devices.policy import Policy

Counting = Callable[[Visible, Policy, datetime], int]


@dataclass(frozen=True)
class Late:
    """How many there are now and would be; ``place`` is the page that lists them."""

    label: str
    place: str
    before: int
    after: int


def _overdue(reach: Visible, policy: Policy, now: datetime) -> int:
    return overdue.within(Custody.objects.for_a_shift().overdue(policy, now), reach).count()


def _missing(reach: Visible, policy: Policy, now: datetime) -> int:
    return overdue.within(Custody.objects.for_a_shift().missing(policy, now), reach).count()


def _own(reach: Visible, policy: Policy, now: datetime) -> int:
    return overdue.count_not_docked(reach, policy=policy, now=now)


def _unmended(reach: Visible, policy: Policy, now: datetime) -> int:
    return int(Fault.objects.within(reach).unmended(policy, now).count())


def _in_repair(reach: Visible, policy: Policy, now: datetime) -> int:
    return int(Repair.objects.within(reach).late(policy, now).count())


_MENDED = frozenset({"mend_critical_within", "mend_major_within", "mend_minor_within"})
_GIVEN_OUT = frozenset({"overdue_after", "missing_after"})
_COUNTED: tuple[tuple[str, str, frozenset[str], Counting], ...] = (
    ("Cameras given out and overdue", "overdue", _GIVEN_OUT, _overdue),
    ("… of them missing", "overdue", _GIVEN_OUT, _missing),
    ("Own cameras not docked", "overdue", frozenset({"overdue_after", "handover"}), _own),
    ("Faults not mended in time", "faults", _MENDED, _unmended),
    ("Cameras too long in repair", "repairs", frozenset({"repair_at_most"}), _in_repair),
)
# What is due by then is written down with the fault, and stays.
_FROM_NOW_ON = frozenset(
    {"acknowledge_critical_within", "acknowledge_major_within", "acknowledge_minor_within"}
)


def late(
    changed: Collection[str], reach: Visible, before: Policy, after: Policy, now: datetime
) -> Iterator[Late]:
    """All that these numbers (by name) decide the lateness of, two statements for each."""
    for label, place, names, count in _COUNTED:
        if names.intersection(changed):
            yield Late(label, place, count(reach, before, now), count(reach, after, now))


def holds_from_now_on(changed: Collection[str]) -> bool:
    """Whether a number of these moves nothing that is open: only what is told from now on."""
    return bool(_FROM_NOW_ON.intersection(changed))
