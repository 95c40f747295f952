"""Wall screens: which there are, what they show, and their links."""

from typing import Any

from django.contrib import messages
from django.db.models import Prefetch, QuerySet
from django.http import Http404, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.timezone import now
from django.views.decorators.http import require_POST

from dashboard.doors import Entered, door
from dashboard.forms import NewScreen
from dashboard.views.pairing import state_of
from devices.access.models import Screen, ScreenTheme, ScreenToken
from devices.access.people import Visible, stations_of
from devices.access.screens import actions
from devices.errors import Refused
from devices.inventory.models import Station
from devices.roles import Act


@door(Act.MANAGE_SCREENS)
def screens(request: Entered) -> HttpResponseBase:
    """Every screen that shows nothing beyond this person's reach; and, once, a new one's link."""
    if request.method != "POST":
        return _page(request, NewScreen(stations=stations_of(request.reach)))
    form = NewScreen(request.POST, stations=stations_of(request.reach))
    if not form.is_valid():
        return _page(request, form, status=422)
    said = form.cleaned_data
    try:
        screen, token = actions.make_screen(
            said["name"],
            list(said["stations"]),
            ScreenTheme(said["theme"]),
            by=request.user,
            now=now(),
        )
    except Refused as refused:
        form.add_error("name", str(refused))
        return _page(request, form, status=422)
    return _page(request, NewScreen(stations=stations_of(request.reach)), screen, token)


@require_POST
@door(Act.MANAGE_SCREENS)
def rotate(request: Entered, pk: int) -> HttpResponseBase:
    """A new link; the old one, and what it opened, ends now."""
    screen = _screen(request.reach, pk)
    token = actions.rotate_screen(screen, by=request.user, now=now())
    return _page(request, NewScreen(stations=stations_of(request.reach)), screen, token)


@require_POST
@door(Act.MANAGE_SCREENS)
def revoke(request: Entered, pk: int) -> HttpResponseBase:
    """The screen reads nothing from now on."""
    screen = _screen(request.reach, pk)
    try:
        actions.revoke_screen(screen, by=request.user, now=now())
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, f"{screen} shows nothing any more; if it is open, within 30 s.")
    return HttpResponseRedirect(reverse("screens"))


def _page(
    request: Entered,
    form: NewScreen,
    screen: Screen | None = None,
    token: str = "",
    *,
    status: int = 200,
) -> HttpResponseBase:
    """The link is in this one answer and nowhere else, ever again."""
    rows: QuerySet[Any] = _within(request.reach)
    address = request.build_absolute_uri(reverse("open_wallboard"))
    context: dict[str, Any] = {
        "screens": [(one, state_of(one.in_force, now())) for one in rows],
        "form": form,
        "new": screen,
        "link": f"{address}#{token}" if token else "",
    }
    response = render(request, "dashboard/screens.html", context, status=status)
    response["Cache-Control"] = "no-store"
    return response


def _within(reach: Visible) -> QuerySet[Screen]:
    """Screens whose every station is within reach."""
    force = Prefetch("tokens", ScreenToken.objects.filter(revoked_at=None), "in_force")
    rows: QuerySet[Any] = Screen.objects.prefetch_related("stations", force)
    if reach.stations is None:
        return rows
    beyond = Station.objects.exclude(pk__in=reach.stations)
    return rows.exclude(stations__in=beyond)


def _screen(reach: Visible, pk: int) -> Screen:
    row = _within(reach).filter(pk=pk).first() if pk < 2**63 else None
    if row is None:
        raise Http404(pk)
    return row
