"""Which kiosk a browser is, by the token that it keeps."""

from datetime import datetime

from devices.access.pairing import proving
from devices.access.pairing.proving import Pairing
from devices.access.tokens import TokenKind
from devices.custody.models import Desk
from devices.desk.kiosk.models import KioskToken

KIOSKS = Pairing(KioskToken, TokenKind.KIOSK, "desk", "kiosk")


def proven(plaintext: str, now: datetime) -> Desk | None:
    """The kiosk that this token, kept by its browser, proves now; one query."""
    row = proving.proven(KIOSKS, plaintext, now)
    if row is None or row.desk.ended_at is not None:
        return None
    desk: Desk = row.desk
    return desk
