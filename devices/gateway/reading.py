"""From bytes to a batch: a record that cannot be understood is refused alone, by its place."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import takewhile
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from devices.gateway import strict
from devices.wire import MOST_RECORDS, Batch, BayEvent, RefusalCode, Report, Result, Verdict

_TELLABLE = re.compile(r"[A-Za-z0-9_]{1,40}")
NOT_A_BATCH = "The batch is not as docs/gateway.md says."
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
    records = _records(value)
    try:
        batch = Batch.model_validate(value)
    except ValidationError:
        return _in_parts(value, records)
    return _message(batch)


def _message(batch: Batch) -> Message:
    return Message(batch.id, batch.sent_at, batch.reports, batch.events)


def _records(value: Any) -> dict[str, list[Any]]:
    """The records in this value by kind; too many are refused before any is looked at."""
    if not isinstance(value, dict):
        return {}
    kinds = [kind for kind in ("reports", "events") if isinstance(value.get(kind), list)]
    many = f"At most {MOST_RECORDS} records go into one batch."
    over = [Fault(f"/{kind}", many) for kind in kinds if len(value[kind]) > MOST_RECORDS]
    if over:
        raise NotUnderstood(422, NOT_A_BATCH, over)
    return {kind: value[kind] for kind in kinds}


def _in_parts(value: Any, records: dict[str, list[Any]]) -> Message:
    """The same message with its faulty records refused one by one."""
    try:
        hollow = {**value, **dict.fromkeys(records, ())} if records else value
        envelope = Batch.model_validate(hollow)
    except ValidationError as error:
        raise NotUnderstood(422, NOT_A_BATCH, faults(error)) from None
    return Message(
        envelope.id,
        envelope.sent_at,
        [_record(Report, one, f"/reports/{n}") for n, one in enumerate(records.get("reports", ()))],
        [_record(BayEvent, one, f"/events/{n}") for n, one in enumerate(records.get("events", ()))],
    )


def _record(kind: type[Record], value: Any, pointer: str) -> Record | Verdict:
    try:
        return kind.model_validate(value)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        return Verdict(
            result=Result.REFUSED,
            code=RefusalCode.INVALID,
            reason=_sentence(first),
            pointer=pointer + _pointer(first["loc"]),
        )


def faults(error: ValidationError) -> list[Fault]:
    """What pydantic found wrong, each with its place."""
    told = error.errors(include_url=False)[:MOST_FAULTS]
    return [Fault(_pointer(one["loc"]), _sentence(one)) for one in told]


def _pointer(where: tuple[int | str, ...]) -> str:
    """A JSON Pointer, as far as it can be told without repeating a name that is none."""
    steps = takewhile(_TELLABLE.fullmatch, map(str, where))
    return "".join(f"/{step}" for step in steps)


def _sentence(fault: Any) -> str:
    """What pydantic found wrong, in its words; they name limits, never the value sent."""
    match fault["type"], fault["input"]:
        case _, strict.Unsound(sentence):
            return sentence
        case "extra_forbidden", _:
            return "This field is not known."
        case _:
            return str(fault["msg"])[:200] + "."
