"""Giving a wall screen its link, opening it, and taking it away. Each is an entry in the ledger."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction

from devices import ledger
from devices.access.models import Screen, ScreenTheme
from devices.access.pairing import actions as pairing
from devices.access.screens.proving import SCREENS
from devices.errors import Refused
from devices.inventory.models import Station

SEEN_EVERY = timedelta(minutes=1)


@transaction.atomic
def make_screen(
    name: str, stations: Collection[Station], theme: ScreenTheme, *, by: Any, now: datetime
) -> tuple[Screen, str]:
    """A screen that shows these stations, and the link's token that pairs it, to be said once."""
    called = " ".join(name.split())[:60]
    if not called:
        raise Refused("Say what the screen is called: where it hangs.")
    if not stations:
        raise Refused("Choose at least one station that the screen shows.")
    try:
        with transaction.atomic():
            screen = Screen.objects.create(name=called, theme=theme, made_at=now)
    except IntegrityError:
        raise Refused(f"There is a screen {called} already.") from None
    screen.stations.set(stations)
    codes = sorted(station.code for station in stations)
    return screen, pairing.give(SCREENS, screen, "screen made", by=by, now=now, stations=codes)


@transaction.atomic
def rotate_screen(screen: Screen, *, by: Any, now: datetime) -> str:
    """A new link; whatever opened the screen before ends now."""
    Screen.objects.select_for_update(no_key=True).get(pk=screen.pk)
    ended = pairing.end(SCREENS, screen, now=now)
    return pairing.give(SCREENS, screen, "screen's link renewed", by=by, now=now, ended=ended)


@transaction.atomic
def revoke_screen(screen: Screen, *, by: Any, now: datetime) -> None:
    """The screen reads nothing from now on. Refuses one that has no link."""
    Screen.objects.select_for_update(no_key=True).get(pk=screen.pk)
    if not (ended := pairing.end(SCREENS, screen, now=now)):
        raise Refused(f"{screen} has no link.")
    ledger.record("screen revoked", SCREENS.subject(screen), by=by, now=now, keys=ended)


@transaction.atomic
def open_link(plaintext: str, *, now: datetime) -> str:
    """The token that the screen's browser keeps, in exchange for its link, once.

    Refuses whatever is no link of ours, is used, ended or revoked, all in the same words.
    """
    return pairing.open_link(SCREENS, plaintext, now=now)


def note_seen(screen_id: int, *, now: datetime) -> None:
    """Remember that the screen listens, once a minute however often it says so."""
    before = now - SEEN_EVERY
    rows = Screen.objects.filter(pk=screen_id).exclude(seen_at__gte=before)
    rows.update(seen_at=now)
