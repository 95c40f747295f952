"""Ctrl+K: everywhere a person may go, as a short list for what they typed."""

from collections.abc import Iterator

from django.db.models import Q
from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.urls import reverse

from dashboard import finding, navigation
from dashboard.doors import signed_in
from dashboard.present import present
from devices.access.people import Visible, reach_of
from devices.board import cards
from devices.custody.holders import officers_in
from devices.inventory import codes
from devices.inventory.models import Camera
from devices.roles import Act

MOST_CAMERAS = 8
MOST_OFFICERS = 5
MOST_FOUND = 3
MOST_TYPED = 40

Destination = dict[str, str]


@signed_in
def destinations(request: HttpRequest) -> HttpResponseBase:
    """Pages, cameras and officers that match what was typed, best first."""
    typed = request.GET.get("q", "").strip()[:MOST_TYPED]
    found = [*_pages(request, typed), *_cameras(request, typed), *_officers(request, typed)]
    return JsonResponse({"destinations": found}, headers={"Cache-Control": "no-store"})


def _pages(request: HttpRequest, typed: str) -> Iterator[Destination]:
    for place in navigation.places_for(request.user):
        if typed.lower() in place.label.lower():
            yield {"label": place.label, "hint": "Page", "href": place.address, "icon": place.icon}


def _cameras(request: HttpRequest, typed: str) -> Iterator[Destination]:
    """The cameras that are meant, by name, serial number or whose they are; where each is."""
    reach = reach_of(request.user, Act.VIEW_CAMERA)
    if reach is None or len(typed) < 2 or "\0" in typed:
        return
    officers = reach_of(request.user, Act.VIEW_OFFICERS)
    named = _named(typed) if officers is None else _named(typed) | _worn_by(typed, officers)
    rows = reach.cameras().filter(named).order_by("number")
    ids = list(rows.values_list("pk", flat=True)[:MOST_CAMERAS])
    found = sorted(cards.cards(reach, ids, present()), key=lambda card: card.number)
    for card in found:
        yield {
            "label": card.name,
            "hint": card.serial,
            "href": f"/cameras/{card.number}/",
            "icon": "camera",
        }
    for card in found[:MOST_FOUND]:
        badges = officers is not None and officers.covers(
            card.station_id, card.officer_id, card.holder_id
        )
        where = finding.find(card, badges=badges)
        yield {
            "label": f"Find {card.name}",
            "hint": where.says,
            "href": where.address or f"/cameras/{card.number}/#find",
            "icon": "locate",
        }


def _worn_by(typed: str, officers: Visible) -> Q:
    """Own and held cameras of the officer with this badge, as far as officers may be seen."""
    seen = officers.cameras().values("pk")
    held = Camera.objects.filter(
        custodies__officer__badge_number=typed, custodies__closed_at=None
    ).values("pk")
    return Q(pk__in=seen) & (Q(officer__badge_number=typed) | Q(pk__in=held))


def _officers(request: HttpRequest, typed: str) -> Iterator[Destination]:
    """Badge numbers, for those who may see officers."""
    reach = reach_of(request.user, Act.VIEW_OFFICERS)
    if reach is None or len(typed) < 2 or "\0" in typed:
        return
    rows = officers_in(reach).filter(badge_number__istartswith=typed).order_by("badge_number")
    for badge, station in rows.values_list("badge_number", "station__code")[:MOST_OFFICERS]:
        yield {
            "label": badge,
            "hint": f"Officer, {station}",
            "href": reverse("officer", args=[badge]),
            "icon": "officers",
        }


def _named(typed: str) -> Q:
    digits = typed.lstrip("cC")
    named = Q(serial__istartswith=typed)
    if digits.isascii() and digits.isdigit() and len(digits) < 10:
        named |= Q(number=int(digits))
    label = codes.number_on(typed)
    return named if label is None else named | Q(number=label)
