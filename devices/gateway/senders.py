"""Who is knocking: a dock or a camera, proven by its token."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from devices.access import tokens
from devices.access.models import DeviceToken
from devices.access.tokens import TokenKind
from devices.inventory.models import Bay

# A revoked token is refused within 5 s: what was proven is believed for less than that.
BELIEVED_FOR = timedelta(seconds=3)
MOST_REMEMBERED = 50_000
_SCHEME = b"Bearer "


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

    def prove(self, token: str, now: datetime) -> Sender | None:
        """The sender this token belongs to now, asked of the database."""
        sender = _look_up(token, now)
        if len(self._known) >= MOST_REMEMBERED:
            self._known.clear()
        if sender is not None:
            self._known[tokens.digest(token)] = (sender, now)
        return sender


def bearer(headers: list[tuple[bytes, bytes]]) -> str:
    """The token in an Authorization header; empty when there is none."""
    for name, value in headers:
        if name == b"authorization" and value.startswith(_SCHEME):
            return value.removeprefix(_SCHEME).decode("latin-1").strip()
    return ""


def _look_up(token: str, now: datetime) -> Sender | None:
    claimed = tokens.parse(token)
    if claimed is None or claimed.kind is TokenKind.API:
        return None
    held = (
        DeviceToken.objects.valid(now)
        .filter(key_id=claimed.key_id)
        .select_related("dock", "camera")
        .first()
    )
    if held is None or not tokens.matches(token, held.digest):
        return None
    if held.dock is not None:
        bays = Bay.objects.filter(dock=held.dock).values_list("position", "pk")
        return Sender(held.dock.station_id, dock_id=held.dock.pk, bays=dict(bays))
    camera = held.camera
    return Sender(camera.station_id, camera_id=camera.pk, serial=camera.serial.upper())
