"""Giving a wall screen its link, opening it, and taking it away. Each is an entry in the ledger.

A link works once and for a day: opening it puts another token in its place, which the screen's
browser keeps. So a link that was photographed or mailed on opens nothing.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction

from devices import ledger
from devices.access import tokens
from devices.access.models import Screen, ScreenTheme, ScreenToken
from devices.access.screens.proving import claimed
from devices.access.tokens import TokenKind, mint
from devices.errors import Refused
from devices.inventory.models import Station

LINK_LASTS = timedelta(hours=24)  # it is carried to the wall by hand, within a working day
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
    return screen, _give(screen, "screen made", by=by, now=now, stations=codes)


@transaction.atomic
def rotate_screen(screen: Screen, *, by: Any, now: datetime) -> str:
    """A new link; whatever opened the screen before ends now."""
    Screen.objects.select_for_update().get(pk=screen.pk)
    ended = _end(screen, now)
    return _give(screen, "screen's link renewed", by=by, now=now, ended=ended)


@transaction.atomic
def revoke_screen(screen: Screen, *, by: Any, now: datetime) -> None:
    """The screen reads nothing from now on. Refuses one that has no link."""
    Screen.objects.select_for_update().get(pk=screen.pk)
    if not (ended := _end(screen, now)):
        raise Refused(f"{screen} has no link.")
    ledger.record("screen revoked", _subject(screen), by=by, now=now, keys=ended)


@transaction.atomic
def open_link(plaintext: str, *, now: datetime) -> str:
    """The token that the screen's browser keeps, in exchange for its link, once.

    Refuses whatever is no link of ours, is used, ended or revoked, all in the same words.
    """
    row = claimed(plaintext, now)
    if row is None or row.opened_at is not None:
        raise Refused("This link opens no screen: it was used already, or has ended.")
    kept = mint(TokenKind.SCREEN)
    unopened = ScreenToken.objects.filter(pk=row.pk, opened_at=None, revoked_at=None)
    if not unopened.update(key_id=kept.key_id, digest=kept.digest, opened_at=now, ends_at=None):
        raise Refused("This link opens no screen: it was used already, or has ended.")
    key = tokens.parse(plaintext)
    ledger.record(
        "screen opened",
        _subject(row.screen),
        by=None,
        now=now,
        link=key.key_id if key else "",
        key=kept.key_id,
    )
    return kept.plaintext


def note_seen(screen_id: int, *, now: datetime) -> None:
    """Remember that the screen listens, once a minute however often it says so."""
    before = now - SEEN_EVERY
    rows = Screen.objects.filter(pk=screen_id).exclude(seen_at__gte=before)
    rows.update(seen_at=now)


def _give(screen: Screen, verb: str, *, by: Any, now: datetime, **facts: Any) -> str:
    minted = mint(TokenKind.SCREEN)
    ScreenToken.objects.create(
        screen=screen,
        key_id=minted.key_id,
        digest=minted.digest,
        made_at=now,
        made_by=by,
        ends_at=now + LINK_LASTS,
    )
    ledger.record(verb, _subject(screen), by=by, now=now, key=minted.key_id, **facts)
    return minted.plaintext


def _end(screen: Screen, now: datetime) -> list[str]:
    """Every token of this screen ends; says the keys of those that were in force."""
    rows = ScreenToken.objects.filter(screen=screen, revoked_at=None)
    keys = sorted(rows.values_list("key_id", flat=True))
    rows.update(revoked_at=now)
    return keys


def _subject(screen: Screen) -> str:
    return f"screen {screen}"
