"""From bytes to a batch: a record that cannot be understood is refused alone, by its place."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from devices.gateway import strict
from devices.wire import MOST_RECORDS, Batch, BayEvent, RefusalCode, Report, Result, Verdict

MOST_FAULTS = 20  # told of one message; the rest are more of the same

Record = TypeVar("Record", bound=BaseModel)


@dataclass(frozen=True)
class Fault:
    """What is wrong, and a JSON Pointer to where."""

    pointer: str
    detail: str


class NotUnderstood(Exception):
    """The message as a whole says nothing we can act on."""

    def __init__(self, status: int, title: str, faults: Sequence[Fault] = ()) -> None:
        super().__init__(title)
        self.status, self.title, self.faults = status, title, list(faults)


@dataclass(frozen=True, slots=True)
class Message:
    """A batch whose envelope was understood."""

    id: str
    sent_at: datetime
    reports: Sequence[Report | Verdict]
    events: Sequence[BayEvent | Verdict]


def read(raw: bytes) -> Message:
    """The message in ``raw``; NotUnderstood with 400 (not JSON) or 422 (not a batch)."""
    batch = _plain(raw)
    return _with_care(raw) if batch is None else _message(batch)


def _plain(raw: bytes) -> Batch | None:
    """The batch in ``raw`` if nothing about it is unusual, in a third of the time of care.

    Care finds nothing to refuse in what is read here, and reads the same (a test holds the
    two together): every field's text is ASCII, and names that stand once each cannot differ.
    """
    if not strict.is_plain(raw):
        return None
    try:
        batch = Batch.model_validate_json(raw)
    except ValidationError:
        return None
    return batch if strict.names_at_most(raw) == _names(batch) else None


def _names(batch: Batch) -> int:
    words = [batch, *batch.reports, *batch.events]
    words += [one.position for one in batch.reports if one.position is not None]
    return sum([len(one.model_fields_set) for one in words])


def _with_care(raw: bytes) -> Message:
    try:
        value = strict.parse(raw)
    except strict.Malformed as fault:
        raise NotUnderstood(400, str(fault)) from None
    try:
        batch = Batch.model_validate(value)
    except ValidationError as error:
        return _in_parts(value, error)
    return _message(batch)


def _message(batch: Batch) -> Message:
    return Message(batch.id, batch.sent_at, batch.reports, batch.events)


def _in_parts(value: Any, error: ValidationError) -> Message:
    """The same message with its faulty records refused one by one."""
    outside = [one for one in error.errors() if not _inside_a_record(one["loc"])]
    if outside:
        faults = [Fault(_pointer(one["loc"]), _sentence(one)) for one in outside[:MOST_FAULTS]]
        raise NotUnderstood(422, "The batch is not as docs/gateway.md says.", faults)
    envelope = Batch.model_validate({"id": value["id"], "sent_at": value["sent_at"]})
    return Message(
        envelope.id,
        envelope.sent_at,
        [_record(Report, one, f"/reports/{n}") for n, one in enumerate(value.get("reports", ()))],
        [_record(BayEvent, one, f"/events/{n}") for n, one in enumerate(value.get("events", ()))],
    )


def _inside_a_record(where: tuple[int | str, ...]) -> bool:
    return len(where) >= 2 and where[0] in ("reports", "events") and isinstance(where[1], int)


def _record(kind: type[Record], value: Any, pointer: str) -> Record | Verdict:
    try:
        return kind.model_validate(value)
    except ValidationError as error:
        first = error.errors()[0]
        return Verdict(
            result=Result.REFUSED,
            code=RefusalCode.INVALID,
            reason=_sentence(first),
            pointer=pointer + _pointer(first["loc"]),
        )


def _pointer(where: tuple[int | str, ...]) -> str:
    """A JSON Pointer; names the sender made up are cut, so that nothing long comes back."""
    steps = (str(step).replace("~", "~0").replace("/", "~1")[:40] for step in where)
    return "".join(f"/{step}" for step in steps)


def _sentence(fault: Any) -> str:
    """What pydantic found wrong, in its words; they name limits, never the value sent."""
    match fault["type"]:
        case "extra_forbidden":
            return "This field is not known."
        case "too_long" if fault["loc"] in (("reports",), ("events",)):
            return f"At most {MOST_RECORDS} records go into one batch."
        case _:
            return str(fault["msg"])[:200] + "."
