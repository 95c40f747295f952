"""The words cameras, docks and the fleet exchange, the same over HTTP and websocket.

The specification people read is docs/gateway.md; its JSON Schema is made from this file.
Spans are seconds, sizes are megabytes or bytes as named, times are ISO 8601 with an offset.
"""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, FailFast, Field, PlainSerializer
from pydantic.json_schema import models_json_schema

MOST_RECORDS = 500  # in one batch; a dock of 8 bays sends 8 a minute
MOST_BYTES = 256 * 1024  # of one message, at either door


class Mode(StrEnum):
    OFF = "off"
    BUFFERING = "buffering"
    RECORDING = "recording"
    SLEEP = "sleep"


class BatteryState(StrEnum):
    CHARGING = "charging"
    FULL = "full"
    DISCHARGING = "discharging"


class Offload(StrEnum):
    QUEUED = "queued"
    TRANSFERRING = "transferring"
    COMPLETE = "complete"
    FAILED = "failed"


_FIRST_YEAR, _LAST_YEAR = 1970, 9998  # what every zone on earth can still show


def _moment(value: object) -> datetime:
    """An instant, in UTC. A wrong clock is kept and marked; 1970 is what a dead one says."""
    if isinstance(value, datetime):
        return value
    said = _instant(value) if isinstance(value, str) and len(value) <= 40 else None
    if said is None:
        raise ValueError("a time is text such as 2026-11-24T06:55:00Z")
    if said.tzinfo is None:
        raise ValueError("a time needs its offset from UTC, such as Z or -05:00")
    if not _FIRST_YEAR <= said.year <= _LAST_YEAR:
        raise ValueError(f"a time lies in the years {_FIRST_YEAR} to {_LAST_YEAR}")
    return said.astimezone(UTC)


def _instant(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


Moment = Annotated[
    datetime,
    BeforeValidator(_moment, json_schema_input_type=Annotated[str, Field(max_length=40)]),
    PlainSerializer(datetime.isoformat, return_type=str, when_used="json"),
]
Percent = Annotated[int, Field(strict=True, ge=0, le=100)]
Count = Annotated[int, Field(strict=True, ge=0, le=2**53 - 1)]
Boot = Annotated[int, Field(strict=True, ge=0, le=2**31 - 1)]
Megabytes = Annotated[int, Field(strict=True, ge=0, le=2**31 - 1)]
BayPosition = Annotated[int, Field(strict=True, ge=1, le=1000)]
Serial = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$")]
Version = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._+~-]{0,39}$")]
Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
FaultCode = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,31}$")]
Tag = Annotated[str, Field(pattern=r"^[A-Za-z0-9._:-]{1,64}$")]


class _Word(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Position(_Word):
    latitude: Annotated[float, Field(strict=True, ge=-90, le=90, allow_inf_nan=False)]
    longitude: Annotated[float, Field(strict=True, ge=-180, le=180, allow_inf_nan=False)]
    accuracy_m: (
        Annotated[float, Field(strict=True, ge=0, le=100_000, allow_inf_nan=False)] | None
    ) = None


class Report(_Word):
    """What one camera says of itself. (boot, sequence) orders it; no clock does."""

    serial: Serial
    boot: Boot = Field(description="How often the camera has started, counted in the camera.")
    sequence: Count = Field(description="The number of this report since that start.")
    device_time: Moment = Field(description="The camera's own clock when it measured.")
    clock_offset_s: (
        Annotated[float, Field(strict=True, ge=-1e12, le=1e12, allow_inf_nan=False)] | None
    ) = Field(
        default=None,
        description="Camera's clock less the sender's clock, as the dock that carries it found.",
    )
    docked: bool = Field(strict=True, description="Whether its charging contacts are closed.")
    bay: BayPosition | None = Field(
        default=None, description="The bay it sits in; only the dock that holds it can say."
    )
    mode: Mode
    battery_percent: Percent
    battery_state: BatteryState
    battery_health_percent: Percent | None = None
    storage_used_mb: Megabytes
    storage_free_mb: Megabytes
    clips_waiting: Count = 0
    bytes_waiting: Count = 0
    offload: Offload = Offload.COMPLETE
    firmware_version: Version
    firmware_digest: Digest | None = None
    profile_version: Version | None = None
    profile_digest: Digest | None = None
    temperature_c: (
        Annotated[float, Field(strict=True, ge=-100, le=200, allow_inf_nan=False)] | None
    ) = None
    faults: Annotated[tuple[FaultCode, ...], Field(max_length=16), FailFast()] = ()
    position: Position | None = None


class BayEvent(_Word):
    """A camera came into a bay or left it. Counted by the dock's own boot and sequence."""

    kind: Literal["docked", "undocked"]
    bay: BayPosition
    serial: Serial
    boot: Boot
    sequence: Count
    device_time: Moment = Field(description="The dock's own clock when it happened.")


class Batch(_Word):
    """What a dock or camera sends: any number of records, and what its clock says now."""

    id: Tag = Field(description="Chosen by the sender; the answer repeats it.")
    sent_at: Moment = Field(description="The sender's clock at this sending.")
    reports: Annotated[tuple[Report, ...], Field(max_length=MOST_RECORDS)] = ()
    events: Annotated[tuple[BayEvent, ...], Field(max_length=MOST_RECORDS)] = ()


class Result(StrEnum):
    STORED = "stored"
    DUPLICATE = "duplicate"
    REFUSED = "refused"


class RefusalCode(StrEnum):
    INVALID = "invalid"
    UNKNOWN_SERIAL = "unknown_serial"
    UNKNOWN_BAY = "unknown_bay"
    NOT_YOURS = "not_yours"


class Verdict(_Word):
    """What became of one record, in the order sent. A refused record must not be sent again."""

    result: Result
    code: RefusalCode | None = None
    reason: str | None = None
    pointer: str | None = Field(default=None, description="JSON Pointer to the fault.")


class CameraOrders(_Word):
    """What one camera should do that differs from what it does; absent: stay as you are."""

    serial: Serial
    report_every_s: int | None = None
    firmware_version: Version | None = None
    profile_version: Version | None = None
    locate: int | None = Field(
        default=None,
        description="Blink and beep for 30 s, once for each number: somebody looks for it.",
    )


class Orders(_Word):
    """What the sender should do. Always an answer, never a push."""

    next_contact_s: float = Field(description="Speak again after this long, jitter included.")
    report_every_s: int = Field(description="For every camera not named below.")
    cameras: tuple[CameraOrders, ...] = ()


class Answer(_Word):
    """Sent only after the commit: what it calls stored survives a power cut."""

    id: Tag
    received_at: Moment
    reports: tuple[Verdict, ...] = ()
    events: tuple[Verdict, ...] = ()
    orders: Orders


def schema() -> dict[str, object]:
    """The JSON Schema of what is sent and of what is answered."""
    _, definitions = models_json_schema(
        [(Batch, "validation"), (Answer, "serialization")], title="The gateway, version 1"
    )
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **definitions}


if __name__ == "__main__":
    import json
    import sys

    json.dump(schema(), sys.stdout, indent=2)
    sys.stdout.write("\n")
