"""Whether what a browser keeps is the token of a wall screen, and what that screen may read."""

from dataclasses import dataclass
from datetime import datetime, time

from devices.access.models import ScreenTheme, ScreenToken
from devices.access.pairing import proving
from devices.access.pairing.proving import Pairing
from devices.access.people import Visible
from devices.access.tokens import TokenKind

SCREENS = Pairing(ScreenToken, TokenKind.SCREEN, "screen", "screen")

NIGHT_BEGINS, NIGHT_ENDS = time(19), time(7)  # a lit wall blinds a dark room


@dataclass(frozen=True)
class Proven:
    """A screen whose token is right: which it is, what it shows, and in which theme."""

    screen_id: int
    reach: Visible
    theme: ScreenTheme


def proven(plaintext: str, now: datetime) -> Proven | None:
    """The screen that this token, kept by its browser, proves now; two queries."""
    row = proving.proven(SCREENS, plaintext, now)
    if row is None:
        return None
    stations = frozenset(row.screen.stations.values_list("pk", flat=True))
    return Proven(row.screen_id, Visible(stations), ScreenTheme(row.screen.theme))


def theme_at(theme: ScreenTheme, at: time) -> str:
    """``light`` or ``dark`` at this time of the department's day."""
    if theme is not ScreenTheme.CLOCK:
        return theme.value
    return "dark" if at >= NIGHT_BEGINS or at < NIGHT_ENDS else "light"
