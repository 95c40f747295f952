"""Ctrl+K: everywhere a person may go, as a short list for what they typed."""

from collections.abc import Iterator

from django.db.models import Q
from django.http import HttpRequest, HttpResponseBase, JsonResponse

from dashboard import navigation
from dashboard.doors import signed_in
from devices.access.people import reach_of
from devices.inventory import codes
from devices.roles import Act

MOST_CAMERAS = 8
MOST_TYPED = 40

Destination = dict[str, str]


@signed_in
def destinations(request: HttpRequest) -> HttpResponseBase:
    """Pages and cameras that match what was typed, best first."""
    typed = request.GET.get("q", "").strip()[:MOST_TYPED]
    found = [*_pages(request, typed), *_cameras(request, typed)]
    return JsonResponse({"destinations": found}, headers={"Cache-Control": "no-store"})


def _pages(request: HttpRequest, typed: str) -> Iterator[Destination]:
    for place in navigation.places_for(request.user):
        if typed.lower() in place.label.lower():
            yield {"label": place.label, "hint": "Page", "href": place.address, "icon": place.icon}


def _cameras(request: HttpRequest, typed: str) -> Iterator[Destination]:
    reach = reach_of(request.user, Act.VIEW_CAMERA)
    if reach is None or len(typed) < 2 or "\0" in typed:
        return
    rows = reach.cameras().filter(_named(typed)).order_by("number")
    for number, serial in rows.values_list("number", "serial")[:MOST_CAMERAS]:
        yield {
            "label": codes.name(number),
            "hint": serial,
            "href": f"/cameras/{number}/",
            "icon": "camera",
        }


def _named(typed: str) -> Q:
    digits = typed.lstrip("cC")
    named = Q(serial__istartswith=typed)
    if digits.isascii() and digits.isdigit() and len(digits) < 10:
        named |= Q(number=int(digits))
    label = codes.number_on(typed)
    return named if label is None else named | Q(number=label)
