"""What a recall is said to take, and when a camera of one counts as in. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

LONGEST_NAME = 60
LONGEST_REASON = 200
LONGEST_PART = 40  # of a lot, or of a version

AWAY_FOR_GOOD = frozenset({"in_repair", "retired"})  # nobody has such a camera on


class Stand(StrEnum):
    """Where a camera of a recall stands: still to come in, in, or found to be all right."""

    OUT = "out"
    IN = "in"
    CLEARED = "cleared"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A recall as somebody wants it: what is empty of the last three is any."""

    name: str
    reason: str
    model_id: int | None = None
    lot: str = ""
    firmware_version: str = ""


class Seen(NamedTuple):
    """What is known of a camera of a recall. ``docked`` None is: not known.

    ``issued``: somebody has it out for a shift or on loan. ``was_in``: it counted as in so far.
    """

    service_state: str
    docked: bool | None
    issued: bool
    version: str
    was_in: bool


def refusals(wanted: Wanted) -> Iterator[str]:
    """Every reason why there can be no such recall, a sentence each."""
    if not wanted.name:
        yield "Give it a name, such as Swollen batteries."
    if not wanted.reason:
        yield "Say why in a few words; every desk that is refused such a camera reads it."
    if wanted.model_id is None and not wanted.lot and not wanted.firmware_version:
        yield "Say which cameras: of a model, of a lot or of a firmware version."
    if len(wanted.lot) > LONGEST_PART or len(wanted.firmware_version) > LONGEST_PART:
        yield f"A lot or a version has at most {LONGEST_PART} characters."


def is_in(one: Seen, recalled_version: str) -> bool:
    """Whether this camera has to be brought in no more.

    A recalled version is cured by any other, which only the camera's own word proves; until then
    it waits in its bay for an update. Any other recall wants the camera itself: it is in once it
    is out of service in a bay, and stays so when it is taken out of that bay to be sent away.
    """
    if one.service_state == "retired":
        return True
    if recalled_version:
        return one.version not in ("", recalled_version)
    if one.service_state in AWAY_FOR_GOOD:
        return True
    here = bool(one.docked) and not one.issued
    return one.service_state == "out_of_service" and (one.was_in or here)
