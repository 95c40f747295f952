"""How a wall screen is known: by a cookie of its own, sent to the wallboard and nowhere else."""

from collections.abc import Mapping
from datetime import datetime

from dashboard.paired import PairedCookie
from devices.access.screens import proving
from devices.access.screens.proving import Proven

COOKIE = "screen"
KEPT = PairedCookie(COOKIE, "/wallboard/")


def screen_of(cookies: Mapping[str, str], now: datetime) -> Proven | None:
    """The screen whose browser this is; None for anybody else's, whoever is signed in there."""
    return proving.proven(KEPT.of(cookies), now)
