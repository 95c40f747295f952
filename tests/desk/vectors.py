"""Every case of the desk's judgement, as plain values: what was said before, what is scanned, what
was scanned last. Times are milliseconds; the scan comes at ``AT``.

`devices/desk/rules.py` answers them here, `judge.js` in a browser; a test compares the two.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import product
from typing import Any

from devices.desk import rules
from devices.desk.rules import Camera, Card, Code, Context, Kind, Last, Officer, Order, Scanned

AT = 1_800_000_000_000
ME, OTHER = "1017", "1031"
IN_TIME, LATE = AT - 15_000, AT - 15_001
AHEAD = AT + 15_001  # by a clock that was set back since

Plain = dict[str, Any]

KEEPING: list[Plain] = [
    {},
    {"holder": ME, "custody": "shift"},
    {"holder": ME, "custody": "personal"},
    {"holder": OTHER, "custody": "shift"},
    {"holder": OTHER, "custody": "loan"},
    {"holder": OTHER, "custody": "personal"},
    {"holder": OTHER, "custody": "shift", "holder_left": True},
    {"holder": OTHER, "custody": "personal", "holder_left": True},
    {"holder": OTHER, "custody": "personal", "holder_suspended": True},
    {"holder": ME, "custody": "personal", "holder_left": True, "holder_suspended": True},
]
STATES: list[Plain] = [
    {},
    {"soft": True},
    {"critical": True, "soft": True},
    {"hard": True},
    {"lost": True, "hard": True},
    {"kept_for": ME},
    {"kept_for": OTHER},
]
OFFICERS: list[Plain] = [
    {"badge": ME},
    {"badge": ME, "holds": ["C0533"]},
    {"badge": ME, "left": True},
    {"badge": ME, "suspended": True},
    {"badge": ME, "supervisor": True},
    {"badge": OTHER},
    {"badge": OTHER, "supervisor": True},
    {"badge": OTHER, "supervisor": True, "left": True},
    {"badge": OTHER, "supervisor": True, "suspended": True, "holds": ["C0534"]},
]
LASTS: list[Plain] = [
    {},
    {"camera": "C0417", "at": AT - 8_000, "changed_at": AT - 8_000},
    {"camera": "C0417", "at": AT - 8_001, "changed_at": AT - 10_000},
    {"camera": "C0417", "at": AT - 1_000, "changed_at": AT - 10_001},
    {"camera": "C0417", "at": AT - 1_000},
    {"camera": "C0418", "at": AT - 1_000, "changed_at": AT - 1_000},
    # The desk's clock was set back since.
    {"camera": "C0417", "at": AT + 8_000, "changed_at": AT + 10_000},
    {"camera": "C0417", "at": AT + 8_001, "changed_at": AT + 15_001},
]
NO_LAST = LASTS[:1]
LOOKS = ("unknown", "unknown_card", "no_such", "bay", "cut", "two")
CARD_LASTS: dict[str, list[Plain]] = {
    "fault": LASTS,
    "test": [
        *LASTS,
        {"camera": "C0417", "at": AT - 15_000, "changed_at": AT - 15_000},
        {"camera": "C0417", "at": AT - 15_001, "changed_at": AT - 15_001},
    ],
}


def _camera(*said: Plain) -> Plain:
    nothing = {"holder": "", "custody": "", "holder_left": False, "holder_suspended": False}
    well = {"hard": False, "critical": False, "soft": False, "kept_for": "", "lost": False}
    return {"name": "C0417"} | nothing | well | {k: v for one in said for k, v in one.items()}


def _officer(said: Plain) -> Plain:
    return {"left": False, "suspended": False, "supervisor": False, "holds": []} | said


def _context(**said: Any) -> Plain:
    nothing: Plain = {"officer": None, "camera": None, "info": False, "transfer": False}
    return nothing | {"reason": "", "at": None} | said


CAMERAS = [_camera(keeping, state) for keeping, state in product(KEEPING, STATES)]
CARDS: list[Plain] = [
    {"order": order.value, "word": {"reason": "SHORT", "fault": "lens"}.get(order.value, "")}
    for order in Order
]


def _contexts() -> Iterator[Plain]:
    yield _context()
    for at in (IN_TIME, LATE):
        yield _context(info=True, at=at)
    for officer, at in product(
        map(_officer, OFFICERS[:4]), (AT - 2_999, AT - 3_000, LATE, AT + 2_999, AHEAD)
    ):
        yield _context(officer=officer, at=at)
    yield _context(officer=_officer(OFFICERS[0]), info=True, at=IN_TIME)
    for camera in CAMERAS:
        yield _context(camera=camera, at=IN_TIME)
        for officer, transfer, reason in product(OFFICERS[:2], (False, True), ("", "SHORT")):
            stuck = {"officer": _officer(officer), "camera": camera, "at": IN_TIME}
            yield _context(**stuck, transfer=transfer, reason=reason)


def _scans() -> Iterator[tuple[Plain, list[Plain]]]:
    """What is scanned, and what may have been scanned last where that matters."""
    nothing: Plain = {"camera": None, "officer": None, "card": None, "at": AT}
    for camera in CAMERAS:
        plainly = camera["holder"] in ("", OTHER) and not camera["hard"]
        yield nothing | {"kind": "camera", "camera": camera}, LASTS if plainly else LASTS[:2]
    for officer in OFFICERS:
        yield nothing | {"kind": "badge", "officer": _officer(officer)}, NO_LAST
    for card in CARDS:
        lasts = CARD_LASTS.get(card["order"], NO_LAST)
        yield nothing | {"kind": "card", "card": card}, lasts
    for looks in LOOKS:
        yield nothing | {"kind": "unknown", "looks": looks}, NO_LAST


def cases() -> list[Plain]:
    """A pair that was refused meets every badge and card, and of cameras only some."""
    found: list[Plain] = []
    for said, (scanned, lasts) in product(_contexts(), _scans()):
        paired = said["camera"] is not None
        if paired and scanned["kind"] == "camera" and scanned["camera"] not in CAMERAS[::7]:
            continue
        nothing: Plain = {"camera": "", "at": None, "changed_at": None}
        kept = lasts[:2] if paired else lasts
        found += [{"context": said, "scanned": scanned, "last": nothing | last} for last in kept]
    return found


def answer(case: Plain) -> Plain:
    """What the server's judgement says to one case, as plain as the case."""
    last = case["last"]
    judged = rules.judge(
        _to_context(case["context"]),
        _to_scanned(case["scanned"]),
        Last(last["camera"], _to_time(last["at"]), _to_time(last["changed_at"])),
    )
    then = judged.then
    return {
        "act": judged.act.value,
        "code": judged.code.value,
        "then": {
            "officer": then.officer.badge if then.officer else None,
            "camera": then.camera.name if then.camera else None,
            "info": then.info,
            "transfer": then.transfer,
            "reason": then.reason,
            "at": None if then.at is None else round(then.at.timestamp() * 1000),
        },
        "camera": judged.camera.name if judged.camera else None,
        "officer": judged.officer.badge if judged.officer else None,
        "reason": judged.reason,
        "authority": judged.authority,
        "extra": judged.extra,
    }


def _to_time(ms: int | None) -> datetime | None:
    return None if ms is None else datetime.fromtimestamp(ms / 1000, UTC)


def _to_camera(plain: Plain | None) -> Camera | None:
    return None if plain is None else Camera(**plain)


def _to_officer(plain: Plain | None) -> Officer | None:
    return None if plain is None else Officer(**plain | {"holds": tuple(plain["holds"])})


def _to_context(plain: Plain) -> Context:
    return Context(
        _to_officer(plain["officer"]),
        _to_camera(plain["camera"]),
        plain["info"],
        plain["transfer"],
        plain["reason"],
        _to_time(plain["at"]),
    )


def _to_scanned(plain: Plain) -> Scanned:
    card = plain["card"]
    at = _to_time(plain["at"])
    assert at is not None
    return Scanned(
        Kind(plain["kind"]),
        at,
        _to_camera(plain["camera"]),
        _to_officer(plain["officer"]),
        Card(Order(card["order"]), card["word"]) if card else None,
        Code(plain.get("looks", "unknown")),
    )
