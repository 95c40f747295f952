"""The docks as they hang, with the cameras that are in them now."""

from django.http import HttpResponseBase
from django.shortcuts import render
from django.utils.timezone import now
from django.views.decorators.gzip import gzip_page

from dashboard import walls
from dashboard.doors import Entered, door
from dashboard.present import present
from dashboard.views.board import sees_badges
from devices.access.people import Visible
from devices.board import cards
from devices.board import wall as mounted
from devices.board.cards import Card
from devices.roles import Act

MOST_BAYS = 200  # of a page: 18 docks of 8 and a dozen vehicles fit


@gzip_page
@door(Act.VIEW_BOARD)
def wall(request: Entered) -> HttpResponseBase:
    after, near = (request.GET.get(name, "").replace("\0", "")[:20] for name in ("after", "near"))
    stations = _stations(request.reach)
    bays, following = mounted.bays(stations, after=after, most=MOST_BAYS)
    if near and following:  # of a wall of many pages, the one that begins with this dock
        bays, following = mounted.bays(stations, first=near, most=MOST_BAYS)
        after = near
    claims = _claims([bay.id for bay in bays], request.reach)
    return render(
        request,
        "dashboard/wall.html",
        {
            "stations": walls.stations(bays, claims, badges=sees_badges(request.user)),
            "summary": walls.summary(claims),
            "after": after,
            "following": following,
            "at": now(),
        },
    )


def _stations(reach: Visible) -> Visible:
    """Whose docks: an officer, who has no posting, sees none."""
    return Visible(reach.stations)


def _claims(bay_ids: list[int], reach: Visible) -> dict[int, list[Card | None]]:
    claims = mounted.claims(bay_ids)
    named = {camera_id for claimants in claims.values() for camera_id in claimants}
    known = {card.id: card for card in cards.cards(reach, named, present())}
    return {bay: [known.get(one) for one in claims.get(bay, [])] for bay in bay_ids}
