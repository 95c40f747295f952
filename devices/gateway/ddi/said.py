"""What update clients send, read strictly; names that nobody here knows are passed over."""

import json
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, Field, ValidationError

from devices.gateway import reading, strict
from devices.gateway.reading import NotUnderstood
from devices.health.attributes.actions import Mode
from devices.rollouts.words import Execution, Finished, Word

LONGEST_ATTRIBUTE = 128
NOT_DDI = "This is not as DDI says."

Form = TypeVar("Form", bound=BaseModel)


def _line(value: Any) -> Any:
    """A line of a client's log. One that no page should show is told of, not refused: the client
    would send it at each poll for ever."""
    return value.sentence if isinstance(value, strict.Unsound) else value


def _text(value: Any) -> Any:
    """A number or a yes stands for its text, as with hawkBit."""
    return json.dumps(value) if isinstance(value, bool | int | float) else value


Line = Annotated[str, BeforeValidator(_line)]
Name = Annotated[str, Field(min_length=1, max_length=LONGEST_ATTRIBUTE)]
Value = Annotated[str, BeforeValidator(_text), Field(max_length=LONGEST_ATTRIBUTE)]


class _Result(BaseModel):
    finished: Finished
    progress: Any = None


class _Status(BaseModel):
    execution: Execution
    result: _Result
    code: Annotated[int, Field(strict=True, ge=-(2**31), lt=2**31)] | None = None
    details: list[Line] | None = None


class _Feedback(BaseModel):
    status: _Status


class _ConfigData(BaseModel):
    mode: Mode | None = None
    data: dict[Name, Value | None]


def word(raw: bytes) -> Word:
    """The feedback in ``raw``; NotUnderstood (400) when it is none."""
    status = _read(_Feedback, raw).status
    return Word(
        status.execution,
        status.result.finished,
        status.code,
        _percent(status.result.progress),
        tuple(status.details or ()),
    )


def attributes(raw: bytes) -> tuple[Mode, dict[str, str | None]]:
    """The attributes in ``raw``, and what to do with them; NotUnderstood (400) without any."""
    said = _read(_ConfigData, raw)
    return said.mode or Mode.MERGE, said.data


def _read(form: type[Form], raw: bytes) -> Form:
    try:
        return form.model_validate(strict.parse(raw))
    except strict.Malformed as fault:
        raise NotUnderstood(400, str(fault)) from None
    except ValidationError as error:
        raise NotUnderstood(400, NOT_DDI, reading.faults(error)) from None


def _percent(progress: Any) -> int | None:
    """Of what clients say here: a number, or so many of so many. Anything else is left."""
    match progress:
        case bool():
            return None
        case int() if 0 <= progress <= 100:
            return progress
        case {"cnt": int(done), "of": int(every)} if 0 <= done <= every and every:
            return done * 100 // every
    return None
