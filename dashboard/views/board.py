"""Every camera at a glance."""

from dataclasses import dataclass, replace

from django.conf import settings
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils.timezone import now
from django.views.decorators.gzip import gzip_page

from dashboard import boards, then
from dashboard.counting import counter, needed_by
from dashboard.doors import Entered, door
from dashboard.picture import MOST_TILES
from dashboard.present import present
from dashboard.views.then import board_then
from devices.access.people import Visible, reach_of
from devices.board import cards, notices
from devices.board.cards import Card, Wanted
from devices.board.rules import Bucket
from devices.readiness.rules import Fit
from devices.roles import Act

MOST_TYPED = 40
STANDINGS = {Fit.YES: "Ready", Fit.NO: "Not ready", Fit.UNKNOWN: "Not known"}


@dataclass(frozen=True)
class Shown:
    """The cards of one page of the board, and the sentence about all of them."""

    cards: list[Card]
    summary: boards.Summary
    whole: bool
    after: str = ""


@gzip_page
@door(Act.VIEW_BOARD)
def board(request: Entered) -> HttpResponseBase:
    wanted = wanted_of(request)
    if request.GET.get("at"):
        return board_then(request, station=wanted.station, dock=wanted.dock)
    shown = _whole(request.reach, wanted) or _page(request.reach, wanted, request.GET.get("after"))
    summary = replace(shown.summary, quarantined=notices.quarantine(request.reach))
    stations = boards.rows(shown.cards, wanted, badges=wanted.badges)
    return render(
        request,
        "dashboard/board.html",
        {
            "stations": stations,
            "any_shown": any(station.shown for station in stations),
            "summary": summary,
            "shown": shown,
            "wanted": wanted,
            "standings": STANDINGS,
            "filtered": wanted != Wanted(badges=wanted.badges),
            "at": now(),
            "slider": then.slider(now(), now()),
            "zone": settings.TIME_ZONE,
            "choices": _choices(shown.cards) if shown.whole else None,
            "may_settle": reach_of(request.user, Act.RESOLVE_QUARANTINE) is not None,
        },
    )


def wanted_of(request: HttpRequest) -> Wanted:
    """What the address asks for; what it says wrongly is not asked."""
    asked = request.GET
    return Wanted(
        bucket=Bucket(asked["bucket"]) if asked.get("bucket") in list(Bucket) else None,
        ready=Fit(asked["ready"]) if asked.get("ready") in list(Fit) else None,
        text=asked.get("q", "").replace("\0", "").strip()[:MOST_TYPED],
        station=asked.get("station", "").replace("\0", "")[:20],
        dock=asked.get("dock", "").replace("\0", "")[:20],
        badges=isinstance(request.user, User) and sees_badges(request.user),
    )


def sees_badges(user: User) -> bool:
    return reach_of(user, Act.VIEW_OFFICERS) is not None


def _whole(reach: Visible, wanted: Wanted) -> Shown | None:
    """The whole fleet on one page, if it fits: then the sentence counts these very tiles."""
    every = (
        None if counter.many(reach, MOST_TILES) else cards.all_cards(reach, MOST_TILES, present())
    )
    if every is None:
        return None
    here = [card for card in every if _stands_at(card, wanted)]
    return Shown(here, boards.summary_of_cards(every, needed_by(reach, now())), whole=True)


def _stands_at(card: Card, wanted: Wanted) -> bool:
    return wanted.station in ("", card.station_code) and wanted.dock in ("", card.home_dock)


def _page(reach: Visible, wanted: Wanted, after: str | None) -> Shown:
    begin = (after or "")[:40].replace("\0", "")
    found, following = cards.page(reach, wanted, begin, MOST_TILES, present())
    summary = boards.summary_of(counter.counts(reach), found)
    in_order = sorted(found, key=lambda card: card.order)
    return Shown(in_order, summary, whole=False, after=following)


def _choices(every: list[Card]) -> dict[str, list[tuple[str, str]]]:
    stations = dict.fromkeys((card.station_code, card.station) for card in every)
    docks = dict.fromkeys((card.home_dock, card.home_dock) for card in every if card.home_dock)
    return {"stations": list(stations), "docks": list(docks)}
