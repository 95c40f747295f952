"""Whether what a browser keeps is the token of a wall screen, and what that screen may read."""

from dataclasses import dataclass
from datetime import datetime, time

from devices.access import tokens
from devices.access.models import ScreenTheme, ScreenToken
from devices.access.people import Visible
from devices.access.tokens import TokenKind

NIGHT_BEGINS, NIGHT_ENDS = time(19), time(7)  # a lit wall blinds a dark room


@dataclass(frozen=True)
class Proven:
    """A screen whose token is right: which it is, what it shows, and in which theme."""

    screen_id: int
    reach: Visible
    theme: ScreenTheme


def proven(plaintext: str, now: datetime) -> Proven | None:
    """The screen that this token, kept by its browser, proves now; two queries."""
    row = claimed(plaintext, now)
    if row is None or row.opened_at is None:
        return None
    stations = frozenset(row.screen.stations.values_list("pk", flat=True))
    return Proven(row.screen_id, Visible(stations), ScreenTheme(row.screen.theme))


def claimed(plaintext: str, now: datetime) -> ScreenToken | None:
    """The row in force of this very token, a link's or a browser's."""
    claim = tokens.parse(plaintext)
    if claim is None or claim.kind is not TokenKind.SCREEN:
        return None
    rows = ScreenToken.objects.valid(now).select_related("screen")
    row: ScreenToken | None = rows.filter(key_id=claim.key_id).first()
    return row if row is not None and tokens.matches(plaintext, row.digest) else None


def theme_at(theme: ScreenTheme, at: time) -> str:
    """``light`` or ``dark`` at this time of the department's day."""
    if theme is not ScreenTheme.CLOCK:
        return theme.value
    return "dark" if at >= NIGHT_BEGINS or at < NIGHT_ENDS else "light"
