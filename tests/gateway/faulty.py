"""Records that must be refused, each by itself, with the place of what is wrong in them."""

import json
from typing import Any

SURPRISE = "ECHO-7f3a"  # what must not come back
RTL, ZERO_WIDTH = "\N{RIGHT-TO-LEFT OVERRIDE}", "\N{ZERO WIDTH SPACE}"


class Raw(str):
    """Stands for itself in JSON, where no Python value would make these bytes."""


def written(value: Any) -> str:
    """The value as JSON in ASCII, with what is raw as it is."""
    match value:
        case Raw():
            return str(value)
        case dict():
            return "{" + ", ".join(f"{json.dumps(n)}: {written(v)}" for n, v in value.items()) + "}"
        case list():
            return "[" + ", ".join(map(written, value)) + "]"
        case _:
            return json.dumps(value)


REPORTS: dict[str, tuple[dict[str, Any], str]] = {
    "a percentage below": ({"battery_percent": -1}, "/battery_percent"),
    "a percentage above": ({"battery_percent": 101}, "/battery_percent"),
    "a percentage as a fraction": ({"battery_percent": 50.0}, "/battery_percent"),
    "a percentage as text": ({"battery_percent": "50"}, "/battery_percent"),
    "a percentage that is true": ({"battery_percent": True}, "/battery_percent"),
    "no percentage": ({"battery_percent": None}, "/battery_percent"),
    "health above": ({"battery_health_percent": 101}, "/battery_health_percent"),
    "an unknown mode": ({"mode": SURPRISE}, "/mode"),
    "a mode in capitals": ({"mode": "OFF"}, "/mode"),
    "an unknown battery state": ({"battery_state": "flat"}, "/battery_state"),
    "an unknown offload": ({"offload": 3}, "/offload"),
    "a sequence below": ({"sequence": -1}, "/sequence"),
    "a sequence of 2^53": ({"sequence": 2**53}, "/sequence"),
    "a sequence of 2^63": ({"sequence": 2**63}, "/sequence"),
    "a sequence of 4,000 digits": ({"sequence": Raw("9" * 4_000)}, "/sequence"),
    "a sequence with an exponent": ({"sequence": Raw("1e3")}, "/sequence"),
    "a boot of 2^31": ({"boot": 2**31}, "/boot"),
    "the year 9999": ({"device_time": "9999-12-31T23:59:59Z"}, "/device_time"),
    "the year 1969": ({"device_time": "1969-12-31T23:59:59Z"}, "/device_time"),
    "the year 1": ({"device_time": "0001-01-01T00:00:00+14:00"}, "/device_time"),
    "a time without offset": ({"device_time": "2030-01-01T00:00:00"}, "/device_time"),
    "a time as a number": ({"device_time": 1893456000}, "/device_time"),
    "no such month": ({"device_time": f"2030-13-01T00:00:00Z {SURPRISE}"}, "/device_time"),
    "a time of 10,000 letters": ({"device_time": "2" * 10_000}, "/device_time"),
    "an offset that is NaN": ({"clock_offset_s": Raw("NaN")}, "/clock_offset_s"),
    "an offset without end": ({"clock_offset_s": Raw("-Infinity")}, "/clock_offset_s"),
    "an offset past all numbers": ({"clock_offset_s": Raw("1e999")}, "/clock_offset_s"),
    "docked as text": ({"docked": "yes"}, "/docked"),
    "docked as a number": ({"docked": 1}, "/docked"),
    "bay 0": ({"bay": 0}, "/bay"),
    "bay 1001": ({"bay": 1001}, "/bay"),
    "more storage than a number holds": ({"storage_free_mb": 2**31}, "/storage_free_mb"),
    "bytes below": ({"bytes_waiting": -1}, "/bytes_waiting"),
    "absolute cold": ({"temperature_c": -273.15}, "/temperature_c"),
    "warmth as text": ({"temperature_c": "31.5"}, "/temperature_c"),
    "faults as text": ({"faults": "lens_blocked"}, "/faults"),
    "17 faults": ({"faults": ["lens_blocked"] * 17}, "/faults"),
    "a fault in markup": ({"faults": ["ok", "<b>"]}, "/faults/1"),
    "a fault in colour": ({"faults": ["\x1b[31mred"]}, "/faults/0"),
    "no serial": ({"serial": ""}, "/serial"),
    "a serial of 10,000 letters": ({"serial": "X" * 10_000}, "/serial"),
    "a serial that is markup": ({"serial": f"<script>{SURPRISE}</script>"}, "/serial"),
    "a serial that runs backwards": ({"serial": f"BWC{RTL}714000"}, "/serial"),
    "a serial with a line break": ({"serial": "BWC-000417\n"}, "/serial"),
    "a serial in other letters": ({"serial": "\u0412W\u0421-000417"}, "/serial"),
    "firmware of 10,000 letters": ({"firmware_version": "4" * 10_000}, "/firmware_version"),
    "firmware in colour": ({"firmware_version": f"\x1b[31m{SURPRISE}"}, "/firmware_version"),
    "firmware with a gap unseen": ({"firmware_version": f"4{ZERO_WIDTH}2"}, "/firmware_version"),
    "firmware with nothing in it": ({"firmware_version": "4.2\x00"}, "/firmware_version"),
    "half a character": ({"firmware_version": "\ud800"}, "/firmware_version"),
    "not in normal form": ({"profile_version": "e\N{COMBINING ACUTE ACCENT}"}, "/profile_version"),
    "a digest that is none": ({"firmware_digest": "ABC"}, "/firmware_digest"),
    "beyond the pole": ({"position": {"latitude": 91, "longitude": 0}}, "/position/latitude"),
    "a place as text": ({"position": {"latitude": "1", "longitude": 0}}, "/position/latitude"),
    "an unknown field": ({"surprise": SURPRISE}, "/surprise"),
    "an unknown field of a place": (
        {"position": {"latitude": 1, "longitude": 0, "height": SURPRISE}},
        "/position/height",
    ),
    "a field whose name is markup": ({f"<i>{SURPRISE}": 1}, ""),
    "a field whose name is long": ({SURPRISE * 1_000: 1}, ""),
    "a field whose name runs backwards": ({f"{RTL}{SURPRISE}": 1}, ""),
    "a name that stands twice": ({"position": Raw('{"latitude": 1, "latitude": 2}')}, "/position"),
    "sixteen deep": ({"position": Raw("[" * 13 + "]" * 13)}, "/position"),
}
NO_RECORDS: dict[str, Any] = {
    "a text": SURPRISE,
    "nothing": None,
    "a number": 7,
    "a list": [],
    "an empty object": {},
    "an object that names a thing twice": Raw('{"serial": "A", "serial": "B"}'),
    "not a number": Raw("NaN"),
}
EVENTS: dict[str, tuple[dict[str, Any], str]] = {
    "an unknown kind": ({"kind": "stolen"}, "/kind"),
    "no bay": ({"bay": None}, "/bay"),
    "bay as text": ({"bay": "1"}, "/bay"),
    "a boot as text": ({"boot": "1"}, "/boot"),
    "a sequence of 2^53": ({"sequence": 2**53}, "/sequence"),
    "the year 9999": ({"device_time": "9999-01-01T00:00:00Z"}, "/device_time"),
    "an unknown field": ({"surprise": SURPRISE}, "/surprise"),
    "a serial in colour": ({"serial": "\x1b[31mred"}, "/serial"),
}
