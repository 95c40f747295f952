"""Kiosks: which there are, their links, and the PINs that officers type at them."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.timezone import now
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from dashboard import scanner_set_up
from dashboard.desk_forms import NewDesk, NewPin, OwnPin
from dashboard.doors import Entered, door, signed_in
from dashboard.kiosks import kiosks_within
from dashboard.present import present
from dashboard.views.pairing import state_of
from devices.access.people import stations_of
from devices.custody.models import Desk
from devices.desk.kiosk import actions
from devices.errors import Refused
from devices.inventory.models import Officer
from devices.roles import Act


@require_http_methods(["GET", "POST"])
@door(Act.SET_UP_DESKS)
def kiosks(request: Entered) -> HttpResponseBase:
    """Every kiosk within reach; and, once, a new one's link."""
    if request.method != "POST":
        return _page(request, NewDesk(stations=stations_of(request.reach)))
    form = NewDesk(request.POST, stations=stations_of(request.reach))
    if not form.is_valid():
        return _page(request, form, status=422)
    said = form.cleaned_data
    try:
        desk, token = actions.make(said["name"], said["station"], by=request.user, now=now())
    except Refused as refused:
        form.add_error("name", str(refused))
        return _page(request, form, status=422)
    return _page(request, NewDesk(stations=stations_of(request.reach)), desk, token)


@require_POST
@door(Act.SET_UP_DESKS)
def rotate(request: Entered, pk: int) -> HttpResponseBase:
    """A new link; the old one, and what it opened, ends now."""
    desk = _kiosk(request, pk)
    token = actions.rotate(desk, by=request.user, now=now())
    return _page(request, NewDesk(stations=stations_of(request.reach)), desk, token)


@require_POST
@door(Act.SET_UP_DESKS)
def revoke(request: Entered, pk: int) -> HttpResponseBase:
    """The kiosk's browser is nobody from now on."""
    return _done(request, pk, actions.revoke, "gives out nothing any more")


@require_POST
@door(Act.SET_UP_DESKS)
def end(request: Entered, pk: int) -> HttpResponseBase:
    """The kiosk is no more."""
    return _done(request, pk, actions.end, "is no more")


@ensure_csrf_cookie
@require_GET
@door(Act.SET_UP_DESKS)
def set_up(request: Entered, pk: int) -> HttpResponseBase:
    """What the kiosk's scanner sends is learnt from three codes, by somebody signed in where it is
    plugged in: the kiosk's own cookie opens nothing here."""
    kiosk, back = _kiosk(request, pk), reverse("kiosks")
    return scanner_set_up.page(request, kiosk, kept_by="kiosk_scanner", back=back)


@require_POST
@door(Act.SET_UP_DESKS)
def scanner(request: Entered, pk: int) -> HttpResponseBase:
    """What the scanner of this kiosk was found to send."""
    return scanner_set_up.learn(request, _kiosk(request, pk))


@require_http_methods(["GET", "POST"])
@door(Act.WORK_DESK)
def pin(request: Entered) -> HttpResponseBase:
    """An officer gets a PIN for kiosks, from who works the desk."""
    officers = Officer.objects.filter(active=True).at_stations(request.reach.stations)
    form = NewPin(request.POST or None, officers=officers)
    status = 200
    if request.method == "POST" and (status := 422) and form.is_valid():
        officer = form.cleaned_data["officer"]
        if _set(request, form, officer):
            messages.success(request, f"{officer} has a new PIN.")
            return HttpResponseRedirect(reverse("set_pin"))
    return render(request, "dashboard/kiosk_pin.html", {"form": form}, status=status)


@require_POST
@signed_in
def own_pin(request: HttpRequest) -> HttpResponseBase:
    """An officer who signs in chooses their own."""
    officer = Officer.objects.filter(user=request.user.pk, active=True).first()
    if officer is None:
        raise Http404("No officer belongs to this account.")
    form = OwnPin(request.POST)
    if form.is_valid() and _set(request, form, officer):
        messages.success(request, "Your PIN for kiosks is set.")
    for said in (one for errors in form.errors.values() for one in errors):
        messages.error(request, str(said))
    return HttpResponseRedirect(reverse("me"))


def _set(request: HttpRequest, form: Any, officer: Officer) -> bool:
    asked = present()
    by: Any = request.user
    try:
        said = form.cleaned_data["pin"]
        actions.set_pin(officer, said, by=by, now=asked.now, policy=asked.policy)
    except Refused as refused:
        form.add_error("pin", str(refused))
        return False
    return True


def _page(
    request: Entered,
    form: NewDesk,
    desk: Desk | None = None,
    token: str = "",
    *,
    status: int = 200,
) -> HttpResponseBase:
    """The link is in this one answer and nowhere else, ever again."""
    rows: Any = kiosks_within(request.reach)
    address = request.build_absolute_uri(reverse("open_kiosk"))
    context = {
        "kiosks": [(one, state_of(one.in_force, now())) for one in rows],
        "form": form,
        "new": desk,
        "link": f"{address}#{token}" if token else "",
        "digits": present().policy.kiosk_pin_digits,
    }
    response = render(request, "dashboard/kiosks.html", context, status=status)
    response["Cache-Control"] = "no-store"
    return response


def _done(request: Entered, pk: int, act: Any, said: str) -> HttpResponseBase:
    desk = _kiosk(request, pk)
    try:
        act(desk, by=request.user, now=now())
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, f"{desk} {said}.")
    return HttpResponseRedirect(reverse("kiosks"))


def _kiosk(request: Entered, pk: int) -> Desk:
    found = kiosks_within(request.reach).filter(pk=pk).first() if pk < 2**63 else None
    if found is None:
        raise Http404(pk)
    return found
