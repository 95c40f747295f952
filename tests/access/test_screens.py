"""Wall screens: a link that works once, of which only the digest is kept, and an end at once."""

from datetime import time, timedelta

import pytest

from devices.access.models import Screen, ScreenTheme, ScreenToken
from devices.access.pairing.actions import LINK_LASTS
from devices.access.screens import actions
from devices.access.screens.proving import proven, theme_at
from devices.access.tokens import matches, parse
from devices.errors import Refused
from devices.ledger import LedgerEntry
from tests.racing import race

pytestmark = pytest.mark.django_db


def made(station, noon, name="Roll call"):
    return actions.make_screen(name, [station], ScreenTheme.CLOCK, by=None, now=noon)


def test_a_link_is_said_once_and_only_its_digest_is_kept(station, somebody, noon):
    screen, link = actions.make_screen(
        "  Roll   call ", [station], ScreenTheme.DARK, by=somebody, now=noon
    )

    kept = ScreenToken.objects.get()
    assert (screen.name, kept.key_id) == ("Roll call", parse(link).key_id)
    assert matches(link, kept.digest)
    entry = LedgerEntry.objects.get()
    assert (entry.verb, entry.subject, entry.actor) == ("screen made", "screen Roll call", somebody)
    assert entry.facts["stations"] == ["HQ"]
    assert link.rsplit(".", 1)[1] not in str(entry.facts)


def test_the_link_itself_proves_nothing_until_it_is_opened(station, noon):
    _, link = made(station, noon)

    assert proven(link, noon) is None


def test_opening_puts_another_token_in_the_links_place(station, noon):
    screen, link = made(station, noon)

    token = actions.open_link(link, now=noon)

    assert token != link
    found = proven(token, noon + timedelta(days=3000))
    assert (found.screen_id, found.reach.stations) == (screen.pk, {station.pk})
    assert proven(link, noon) is None
    assert LedgerEntry.objects.order_by("seq").last().verb == "screen opened"


@pytest.mark.parametrize("after", [timedelta(), timedelta(hours=1)])
def test_a_link_works_once(station, noon, after):
    _, link = made(station, noon)
    token = actions.open_link(link, now=noon)

    for used in (link, token):
        with pytest.raises(Refused, match="opens no screen"):
            actions.open_link(used, now=noon + after)

    assert proven(token, noon) is not None


def test_a_link_that_nobody_opened_ends_after_a_day(station, noon):
    _, link = made(station, noon)

    with pytest.raises(Refused, match="opens no screen"):
        actions.open_link(link, now=noon + LINK_LASTS)


@pytest.mark.parametrize(
    "said", ["", "s.aaaaaaaa." + "a" * 32, "d.aaaaaaaa." + "a" * 32, "\0" * 43]
)
def test_what_never_was_a_link_opens_nothing(station, noon, said):
    made(station, noon)

    with pytest.raises(Refused, match="opens no screen"):
        actions.open_link(said, now=noon)


def test_a_new_link_ends_the_old_one_and_what_it_opened(station, noon):
    screen, link = made(station, noon)
    token = actions.open_link(link, now=noon)

    new = actions.rotate_screen(screen, by=None, now=noon)

    assert proven(token, noon) is None
    assert proven(actions.open_link(new, now=noon), noon) is not None
    entry = LedgerEntry.objects.get(verb="screen's link renewed")
    assert entry.facts["ended"] == [parse(token).key_id]


def test_a_revoked_screen_reads_nothing_and_is_not_revoked_twice(station, noon):
    screen, link = made(station, noon)
    token = actions.open_link(link, now=noon)

    actions.revoke_screen(screen, by=None, now=noon)

    assert proven(token, noon) is None
    with pytest.raises(Refused, match="has no link"):
        actions.revoke_screen(screen, by=None, now=noon)
    assert LedgerEntry.objects.filter(verb="screen revoked").count() == 1


def test_a_screen_needs_a_name_of_its_own_and_a_station(station, noon):
    made(station, noon)

    for name, stations, why in (
        (" ", [station], "Say what the screen is called"),
        ("Desk", [], "at least one station"),
        ("Roll call", [station], "There is a screen Roll call already"),
    ):
        with pytest.raises(Refused, match=why):
            actions.make_screen(name, stations, ScreenTheme.CLOCK, by=None, now=noon)

    assert Screen.objects.count() == 1


@pytest.mark.parametrize(
    ("theme", "at", "looks"),
    [
        (ScreenTheme.CLOCK, time(6, 59), "dark"),
        (ScreenTheme.CLOCK, time(7), "light"),
        (ScreenTheme.CLOCK, time(18, 59), "light"),
        (ScreenTheme.CLOCK, time(19), "dark"),
        (ScreenTheme.LIGHT, time(23), "light"),
        (ScreenTheme.DARK, time(12), "dark"),
    ],
)
def test_the_theme_follows_the_time_of_day_unless_one_was_chosen(theme, at, looks):
    assert theme_at(theme, at) == looks


@pytest.mark.django_db(transaction=True)
def test_of_two_browsers_that_open_a_link_at_once_one_is_paired(station, noon):
    _, link = made(station, noon)

    answers = race(lambda n: actions.open_link(link, now=noon), runners=2)

    assert sorted(isinstance(one, Refused) for one in answers) == [False, True]
