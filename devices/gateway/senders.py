"""Who is knocking: a dock or a camera, proven by its token."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from devices.access import tokens
from devices.access.models import DeviceToken
from devices.access.tokens import TokenKind
from devices.inventory.models import Bay

# A revoked token is refused within 5 s: what was proven is believed for less than that.
BELIEVED_FOR = timedelta(seconds=3)
MOST_REMEMBERED = 50_000
_SCHEME = b"Bearer "
_DEVICES = (TokenKind.DOCK, TokenKind.CAMERA)


@dataclass(frozen=True, slots=True)
class Sender:
    """A proven device: ``dock_id`` with its bays by position, or a camera and its serial."""

    station_id: int
    dock_id: int | None = None
    bays: Mapping[int, int] = field(default_factory=dict)
    camera_id: int | None = None
    serial: str = ""


class Senders:
    """Proves senders, and remembers each for a moment so that a batch costs no query for it."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[Sender, datetime]] = {}

    def remembered(self, token: str, now: datetime) -> Sender | None:
        """The sender this token proved a moment ago."""
        known = self._known.get(tokens.digest(token))
        return known[0] if known and now - known[1] < BELIEVED_FOR else None

    def prove(self, claims: Sequence[str], now: datetime) -> list[Sender | None]:
        """The sender each of these tokens belongs to now, asked of the database together."""
        found = _look_up(claims, now)
        if len(self._known) + len(found) > MOST_REMEMBERED:
            self._known.clear()
        self._known |= {tokens.digest(token): (sender, now) for token, sender in found.items()}
        return [found.get(token) for token in claims]


def bearer(headers: list[tuple[bytes, bytes]]) -> str:
    """The token in an Authorization header; empty when there is none."""
    for name, value in headers:
        if name == b"authorization" and value.startswith(_SCHEME):
            return value.removeprefix(_SCHEME).decode("latin-1").strip()
    return ""


def _look_up(claims: Iterable[str], now: datetime) -> dict[str, Sender]:
    """Those of these tokens that are right, and whose they are; two queries for any number.

    Each is held against the row it names by itself: a wrong one harms no other.
    """
    named = {token: tokens.parse(token) for token in claims}
    keys = [one.key_id for one in named.values() if one and one.kind in _DEVICES]
    rows = DeviceToken.objects.valid(now).filter(key_id__in=keys).values_list(*_HELD, named=True)
    held = {row.key_id: row for row in rows}
    proven = {
        token: row
        for token, one in named.items()
        if one and (row := held.get(one.key_id)) and tokens.matches(token, row.digest)
    }
    bays = _bays([row.dock_id for row in proven.values() if row.dock_id is not None])
    return {token: _sender(row, bays) for token, row in proven.items()}


_HELD = (
    "key_id",
    "digest",
    "dock_id",
    "dock__station_id",
    "camera_id",
    "camera__station_id",
    "camera__serial",
)


def _sender(row: Any, bays: Mapping[int, Mapping[int, int]]) -> Sender:
    if row.dock_id is not None:
        return Sender(row.dock__station_id, dock_id=row.dock_id, bays=bays.get(row.dock_id, {}))
    return Sender(
        row.camera__station_id, camera_id=row.camera_id, serial=row.camera__serial.upper()
    )


def _bays(dock_ids: Collection[int]) -> dict[int, dict[int, int]]:
    found: dict[int, dict[int, int]] = {}
    if dock_ids:
        rows = Bay.objects.filter(dock__in=dock_ids).values_list("dock", "position", "pk")
        for dock_id, position, bay_id in rows:
            found.setdefault(dock_id, {})[position] = bay_id
    return found
