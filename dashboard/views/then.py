"""The board as it stood at a moment: what the board's page answers to `?at=`."""

from datetime import timedelta

from django.conf import settings
from django.http import HttpResponseBase
from django.shortcuts import render
from django.utils.timezone import localtime, now

from dashboard import boards, then
from dashboard.doors import Entered
from dashboard.picture import MOST_TILES
from devices.board import past
from devices.department import current

LOCAL = "%Y-%m-%dT%H:%M"


def board_then(request: Entered, *, station: str, dock: str) -> HttpResponseBase:
    """The tiles as they were, or a sentence that says why there are none."""
    present = now()
    words = {"station": station, "dock": dock, "zone": settings.TIME_ZONE}
    try:
        moment = then.moment_of(request.GET["at"][:40], present)
    except then.NoMoment as refused:
        asked = {**words, "refused": str(refused), "slider": then.slider(present, present)}
        return render(request, "dashboard/then.html", asked, status=400)
    after = request.GET.get("after", "")[:40].replace("\0", "")
    cards, following = past.at(
        request.reach,
        moment,
        policy=current.policy(),
        most=MOST_TILES,
        station=station,
        dock=dock,
        after=after,
    )
    return render(
        request,
        "dashboard/then.html",
        {
            **words,
            "moment": moment,
            "typed": localtime(moment).strftime(LOCAL),
            "slider": then.slider(moment, present),
            "steps": [
                (minutes, said, (moment + timedelta(minutes=minutes)).isoformat())
                for minutes, said in then.STEPS.items()
                if moment + timedelta(minutes=minutes) <= present
            ],
            "parts": then.parts(cards),
            "total": len(cards),
            "stations": boards.hang(cards, lambda card: (then.draw(card), True)),
            "at": moment.isoformat(),
            "after": after,
            "following": following,
        },
    )
