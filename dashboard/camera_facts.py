"""What the camera page says: one sentence, then facts, each with its age and who said it.

Pure. A value that may no longer be true is marked stale and shown struck through with its age;
one that nobody ever said is unknown, with the reason.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import localtime

from dashboard.templatetags.fleet import age
from devices.board.cards import Card
from devices.board.rules import Bucket
from devices.faults.rules import code_of
from devices.health.models import CameraHealth, Hearing
from devices.health.rules import clock_wrong
from devices.inventory.models import Camera, ServiceState
from devices.policy import Policy

NEVER = "never reported"
NOT_SAID = "this model does not say"


@dataclass(frozen=True)
class Fact:
    """One thing known, or not known, of a camera. ``why`` is there where nothing is known."""

    label: str
    value: str | SafeString = ""
    source: str = ""
    at: datetime | None = None
    stale: bool = False
    why: str = ""
    alarm: bool = False


@dataclass(frozen=True)
class Subject:
    """A camera as read: its rows, the bucket it is in, and the bay it was last seen in."""

    camera: Camera
    health: CameraHealth | None
    bucket: Bucket | None
    displaced: bool = False
    card: Card | None = None

    @property
    def name(self) -> str:
        return self.camera.name

    @property
    def bay(self) -> str:
        return str(self.health.bay) if self.health and self.health.bay else ""

    @property
    def known(self) -> bool:
        return self.health is not None and self.health.received_at is not None

    @property
    def left_since(self) -> bool:
        """Whether it is away and has said nothing since it left."""
        health, said_at = self.health, self.said_at
        if health is None or health.docked is not False or health.moved_at is None:
            return False
        return said_at is None or said_at < health.moved_at

    @property
    def heard_at(self) -> datetime | None:
        return self.health.heard_at if self.health else None

    @property
    def said_at(self) -> datetime | None:
        """When what the last report says was so."""
        return (self.health.measured_at or self.health.received_at) if self.health else None


def sentence(one: Subject) -> SafeString:
    """The answer to: where is it, how is it, and how do we know."""
    if one.camera.service_state == ServiceState.RETIRED:
        return format_html("{} is retired.", one.name)
    match one.bucket:
        case Bucket.LOST:
            return format_html("{} is lost{}. {}", one.name, _note(one), _last_heard(one))
        case Bucket.REPAIR:
            return format_html(
                "{} is {}{}. {}", one.name, _service(one), _note(one), _last_heard(one)
            )
        case Bucket.UNKNOWN | None:
            return _unknown(one)
    return _present(one)


def facts(one: Subject, *, now: datetime, policy: Policy) -> list[Fact]:
    """Everything the camera and the docks have said of it, newest knowledge first."""
    return [*_place(one), *_told(one, now, policy)]


def heard_lately(one: Subject, now: datetime, policy: Policy) -> bool:
    """Whether what the camera last said may still be believed; what came late is as old as it is,
    whenever it came."""
    health, said_at = one.health, one.said_at
    return bool(
        health
        and said_at
        and health.hearing in (Hearing.HEARD, Hearing.LATE)
        and now - said_at <= policy.silent_after
    )


def _note(one: Subject) -> str:
    """What somebody wrote, within our sentence: its own full stop would be a second one."""
    note = one.camera.service_note.rstrip(". ")
    return f": {note}" if note else ""


def _service(one: Subject) -> str:
    repair = one.camera.service_state == ServiceState.IN_REPAIR
    return "in repair" if repair else "out of service"


def _last_heard(one: Subject) -> SafeString:
    if one.heard_at is None:
        return format_html("It was never heard.")
    return format_html("It was last heard {} ago.", age(one.heard_at))


def _unknown(one: Subject) -> SafeString:
    if one.health is None or one.heard_at is None:
        return format_html("{} has never been heard.", one.name)
    if one.displaced:
        return format_html(
            "Nobody knows where {} is: it was last seen in {}, where another camera is now.",
            one.name,
            one.bay or "a bay",
        )
    if one.health.docked is None:
        return format_html("Nobody knows where {} is. {}", one.name, _last_heard(one))
    percent = one.health.battery_percent
    battery = "" if percent is None else f"; its battery was {percent} % then"
    return format_html(
        "{} has been silent in {} for {}{}.",
        one.name,
        one.bay or "its dock",
        age(one.heard_at),
        battery,
    )


def _present(one: Subject) -> SafeString:
    health = one.health
    assert health is not None
    assert one.bucket is not None
    where = f" in {one.bay}" if health.docked and one.bay else ""
    doing = {Bucket.DOCKED: "docked", Bucket.CHARGING: "charging", Bucket.RECORDING: "recording"}
    if one.left_since:
        return format_html("{} is out. It left {} ago.", one.name, age(health.moved_at))
    if health.hearing in (Hearing.HEARD, Hearing.LATE) and health.battery_percent is not None:
        return format_html(
            "{} is {}{}: {} %, heard {} ago.",
            one.name,
            doing.get(one.bucket, "out"),
            where,
            health.battery_percent,
            age(one.heard_at),
        )
    return format_html("{} is out. {}", one.name, _last_heard(one))


def _place(one: Subject) -> Iterator[Fact]:
    health = one.health
    if health is None or health.docked is None:
        yield Fact("Place", why=f"{NEVER}: no dock has seen it and it has not spoken")
    elif health.docked:
        silent = one.bucket is Bucket.UNKNOWN
        dock = str(health.bay.dock) if health.bay else ""
        source = f"dock {dock}" if dock else "itself"
        yield Fact("Place", one.bay or "in a dock", source, health.placed_at, stale=silent)
    else:
        yield Fact("Place", "out of its dock", "the dock it left", health.moved_at)
    if one.camera.home_bay:
        yield Fact("Home bay", str(one.camera.home_bay), "import", one.camera.enrolled_at)


def _told(one: Subject, now: datetime, policy: Policy) -> Iterator[Fact]:
    health = one.health
    if health is None or health.received_at is None:
        for label in ("Battery", "Doing", "Storage", "Firmware"):
            yield Fact(label, why=NEVER)
        return
    said_at = one.said_at or health.received_at
    teller = _Teller(source=_source(one), at=said_at, stale=not heard_lately(one, now, policy))
    yield teller.fact("Battery", _battery(health))
    yield teller.fact("Battery health", _percent(health.battery_health_percent), lasting=True)
    yield teller.fact("Doing", _doing(health))
    yield teller.fact("Off-load", _offload(health), alarm=health.offload == "failed")
    yield teller.fact("Storage", _storage(health))
    yield teller.fact("Firmware", health.firmware_version, lasting=True)
    yield teller.fact("Profile", health.profile_version, lasting=True)
    yield teller.fact("Temperature", _temperature(health))
    yield teller.fact("Faults", _faults(health), alarm=bool(health.faults))
    yield teller.fact("Position", _position(health))


@dataclass(frozen=True)
class _Teller:
    """Whoever brought the last report, and whether what changes by the minute still holds."""

    source: str
    at: datetime
    stale: bool

    def fact(self, label: str, value: str, *, lasting: bool = False, alarm: bool = False) -> Fact:
        if not value:
            return Fact(label, why=NOT_SAID)
        stale = self.stale and not lasting
        return Fact(label, value, self.source, self.at, stale=stale, alarm=alarm)


def _source(one: Subject) -> str:
    assert one.health is not None
    if one.health.docked and one.health.bay:
        return f"itself, through dock {one.health.bay.dock}"
    return "itself"


def _battery(health: CameraHealth) -> str:
    return _and(_percent(health.battery_percent), health.get_battery_state_display().lower())


def _doing(health: CameraHealth) -> str:
    return health.get_mode_display()


def _offload(health: CameraHealth) -> str:
    if not health.clips_waiting:
        return health.get_offload_display()
    clips = f"{health.clips_waiting} clip{'s' if health.clips_waiting > 1 else ''}"
    return (
        f"{health.get_offload_display()}, {clips} ({(health.bytes_waiting or 0) / 1e9:.1f} GB) wait"
    )


def _storage(health: CameraHealth) -> str:
    used, free = health.storage_used_mb, health.storage_free_mb
    if used is None or free is None:
        return ""
    return f"{free / 1000:.1f} GB free of {(used + free) / 1000:.0f} GB"


def _temperature(health: CameraHealth) -> str:
    return "" if health.temperature_c is None else f"{health.temperature_c:.0f} °C"


def _faults(health: CameraHealth) -> str:
    return ", ".join(code_of(code).words for code in health.faults) or "none"


def _position(health: CameraHealth) -> str:
    if health.latitude is None or health.longitude is None:
        return ""
    within = f", within {health.accuracy_m:.0f} m" if health.accuracy_m is not None else ""
    return f"{health.latitude:.5f}, {health.longitude:.5f}{within}"


def _percent(value: int | None) -> str:
    return "" if value is None else f"{value} %"


def _and(*said: str) -> str:
    return ", ".join(part for part in said if part)


@dataclass(frozen=True)
class WrongClock:
    """A camera whose clock is wrong: what it said, what it was, and by how much."""

    said: datetime
    was: datetime

    @property
    def words(self) -> str:
        return f"It said {_with_year(self.said)} when it was {_with_year(self.was)}."


def _with_year(at: datetime) -> str:
    return f"{localtime(at):%Y-%m-%d %H:%M:%S}"


def wrong_clock(health: CameraHealth | None, policy: Policy) -> WrongClock | None:
    """Both times, if the camera's clock is wrong; history is placed by the right one."""
    if health is None or health.device_time is None or health.measured_at is None:
        return None
    said, was = health.device_time, health.measured_at
    return WrongClock(said, was) if clock_wrong(said - was, policy) else None
