"""What the roster's pages have in common: whose station it is, the way back, and taking back."""

from collections.abc import Callable
from dataclasses import asdict
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse

from dashboard.doors import Entered
from devices.access.people import Visible, reach_of, stations_of
from devices.inventory.models import Officer, Station
from devices.roles import Act
from devices.roster import actions
from devices.roster.actions import Stand

UNDONE = "roster_undo"  # in the session: what this person did lately, to take it back
MOST_UNDONE = 20


def station_of(reach: Visible, code: str) -> Station:
    """The station of this code, or Http404 beyond reach."""
    station = stations_of(reach).filter(code=code).first() if code.isprintable() else None
    if station is None:
        raise Http404(code)
    return station


def covers(request: Entered, act: Act, station: Station) -> bool:
    """Whether this person may do this at this station."""
    reach = reach_of(request.user, act)
    return reach is not None and (reach.stations is None or station.pk in reach.stations)


def week_address(station: Station, on: date, anchor: str = "") -> str:
    """The week around this day, at a cell or its head."""
    asked = urlencode({"station": station.code, "on": f"{on:%Y-%m-%d}"})
    return f"{reverse('roster')}?{asked}{anchor}"


def back_to_cell(station: Station, on: date, badge: str) -> HttpResponseBase:
    return HttpResponseRedirect(week_address(station, on, f"#c-{badge}-{on:%Y-%m-%d}"))


def undoing(
    request: Entered, officer: Officer, shift_ids: list[int], on: date, act: Callable[[], str]
) -> str:
    """Do it, keep in the session how to take it back, and say what was done."""
    before = actions.stands(officer.pk, shift_ids)
    says = act()
    after = actions.stands(officer.pk, shift_ids)
    kept = {
        "says": says,
        "badge": officer.badge_number,
        "on": on.isoformat(),
        "before": [asdict(one) for one in before],
        "after": [asdict(one) for one in after],
    }
    request.session[UNDONE] = [*(request.session.get(UNDONE) or []), kept][-MOST_UNDONE:]
    return says


def last_done(request: Entered) -> dict[str, Any] | None:
    """What would be undone."""
    done = request.session.get(UNDONE)
    return done[-1] if done else None


def forget_last(request: Entered) -> dict[str, Any] | None:
    """The same, and it is not kept any longer."""
    done = request.session.get(UNDONE) or []
    last = done.pop() if done else None
    request.session[UNDONE] = done
    return last


def as_stands(kept: list[dict[str, Any]]) -> list[Stand]:
    return [Stand(**one) for one in kept]


def no_store(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = "no-store"
    return response
