"""Counting a station's cameras: the counts there are, one while it goes on, and what it found."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.text import slugify
from django.utils.timezone import localtime, now
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from dashboard import count_pdf
from dashboard.count_forms import USUAL_REASONS, NewCount, Reasons
from dashboard.counts import count_within, counts_within
from dashboard.doors import Entered, door
from dashboard.session import background
from devices import ledger
from devices.access.people import stations_of
from devices.desk.counts import actions, reading, rules
from devices.desk.counts.models import Count
from devices.desk.counts.reading import Picture
from devices.errors import Refused
from devices.roles import Act

MOST_COUNTS = 100


@require_safe
@door(Act.COUNT_CAMERAS)
def counts(request: Entered) -> HttpResponseBase:
    return _list(request, NewCount(stations=stations_of(request.reach)))


@require_POST
@door(Act.COUNT_CAMERAS)
def start(request: Entered) -> HttpResponseBase:
    """A count of a station begins."""
    form = NewCount(request.POST, stations=stations_of(request.reach))
    if form.is_valid():
        try:
            count = actions.start(form.cleaned_data["station"], by=request.user, now=now())
        except Refused as refused:
            form.add_error("station", str(refused))
        else:
            return HttpResponseRedirect(reverse("count", args=[count.pk]))
    return _list(request, form, status=422)


@ensure_csrf_cookie
@require_safe
@door(Act.COUNT_CAMERAS)
def count(request: Entered, pk: int) -> HttpResponseBase:
    """One count: scanned at while it is open, what it found afterwards."""
    found = _count(request, pk)
    return render(request, "dashboard/count.html", _shown(found))


@require_safe
@background
@door(Act.COUNT_CAMERAS)
def count_now(request: Entered, pk: int) -> HttpResponseBase:
    """Its lists as they are now, for the page that shows them. Asking for them is not use."""
    found = _count(request, pk)
    response = render(request, "dashboard/_count.html", _shown(found))
    response["Cache-Control"] = "no-store"
    return response


@require_POST
@door(Act.COUNT_CAMERAS)
def pause(request: Entered, pk: int) -> HttpResponseBase:
    """Nobody counts for now."""
    return _done(request, _count(request, pk), actions.pause)


@require_POST
@door(Act.COUNT_CAMERAS)
def resume(request: Entered, pk: int) -> HttpResponseBase:
    """The count goes on."""
    return _done(request, _count(request, pk), actions.resume)


@require_http_methods(["GET", "POST"])
@door(Act.COUNT_CAMERAS)
def close(request: Entered, pk: int) -> HttpResponseBase:
    """Why each missing camera is missing; then the count is over, and stays as it is."""
    found = _count(request, pk)
    if found.closed_at is not None:
        return HttpResponseRedirect(reverse("count", args=[pk]))
    shown = reading.picture(found, now())
    if request.method == "GET":
        return _close_page(request, found, shown, Reasons(missing=shown.missing))
    form = Reasons(request.POST, missing=shown.missing)
    if not form.is_valid():
        return _close_page(request, found, shown, form, status=422)
    try:
        actions.close(found, form.cleaned_data, by=request.user, now=now())
    except Refused as refused:
        messages.error(request, str(refused))
        return HttpResponseRedirect(reverse("close_count", args=[pk]))
    return HttpResponseRedirect(reverse("count", args=[pk]))


@require_safe
@door(Act.COUNT_CAMERAS)
def count_file(request: Entered, pk: int) -> HttpResponseBase:
    """Its lists as a file. That somebody took it is written down."""
    found, at = _count(request, pk), now()
    with transaction.atomic():
        ledger.record("exported count", found, by=request.user, now=at)
    code = slugify(found.station.code)
    name = f"count-{code}-{localtime(found.started_at):%Y%m%d-%H%M}.pdf"
    return HttpResponse(
        count_pdf.drawn(found, reading.picture(found, at), at),
        content_type="application/pdf",
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "Cache-Control": "no-store",
        },
    )


def _list(request: Entered, form: NewCount, status: int = 200) -> HttpResponseBase:
    rows = list(counts_within(request.reach)[:MOST_COUNTS])
    told = [(one, _result(one)) for one in rows]
    going_on = sum(one.closed_at is None for one in rows)
    context = {"counts": told, "going_on": going_on, "form": form}
    return render(request, "dashboard/counts.html", context, status=status)


def _result(one: Count) -> str:
    if one.closed_at is None:
        return "Paused." if one.paused_at else "Going on."
    return rules.says(reading.thawed(one.result).tally, closed=True)


def _shown(found: Count) -> dict[str, Any]:
    at = now()
    shown = reading.picture(found, at)
    return {
        "count": found,
        "shown": shown,
        "sentence": rules.says(shown.tally, closed=found.closed_at is not None),
        "lists": [
            (standing.value, title, shown.of(standing)) for standing, title in _titles(found)
        ],
        "at": at,
        "csrf_cookie": settings.CSRF_COOKIE_NAME,
    }


def _titles(found: Count) -> list[tuple[rules.Standing, str]]:
    """While it goes on, what is not scanned yet is not missing yet."""
    titles = dict(count_pdf.LISTS)
    if found.closed_at is None:
        titles[rules.Standing.MISSING] = "Not scanned yet, and not heard"
        titles[rules.Standing.SEEN] = "Not scanned yet, but heard by the system"
    return list(titles.items())


def _close_page(
    request: Entered, found: Count, shown: Picture, form: Reasons, status: int = 200
) -> HttpResponseBase:
    context = {
        "count": found,
        "shown": shown,
        "says": {one.camera: one.says for one in shown.lines},
        "form": form,
        "missing": [(form[one.camera], one.says) for one in shown.of(rules.Standing.MISSING)],
        "usual": USUAL_REASONS,
    }
    return render(request, "dashboard/count_close.html", context, status=status)


def _done(request: Entered, found: Count, act: Any) -> HttpResponseBase:
    try:
        act(found, by=request.user, now=now())
    except Refused as refused:
        messages.error(request, str(refused))
    return HttpResponseRedirect(reverse("count", args=[found.pk]))


def _count(request: Entered, pk: int) -> Count:
    found = count_within(request.reach, pk)
    if found is None:
        raise Http404(pk)
    return found
