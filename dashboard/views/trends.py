"""Weeks looked back upon: how shifts began, why cameras were not ready, which models fail."""

import csv
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from io import StringIO
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.db import transaction
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.timezone import localtime, make_aware, now
from django.views.decorators.gzip import gzip_page

from dashboard import trend_charts
from dashboard.doors import Entered, door
from dashboard.trend_charts import REASONS
from dashboard.views.cameras import safe
from devices import ledger
from devices.access.people import Visible, stations_of
from devices.faults import rates
from devices.readiness import trends
from devices.readiness.trends import Began, Kept, Weeks
from devices.roles import Act

CHOICES = {4: "4 weeks", 8: "8 weeks", 13: "A quarter", 26: "Half a year", 52: "A year"}
USUAL = 8
HEADS = ("Station", "Day", "Shift", "Began", "Rostered", "Ready", "Not known", "Spares", "Needed")


class _Asked(forms.Form):
    """Which weeks, of which station. What is asked wrongly is not asked."""

    weeks = forms.TypedChoiceField(
        required=False, coerce=int, empty_value=None, choices=list(CHOICES.items()), label="Weeks"
    )
    station = forms.ChoiceField(required=False, label="Station")

    def __init__(self, *args: Any, reach: Visible, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})
        own = stations_of(reach)
        field = self.fields["station"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", "Every station"), *own.values_list("code", "name")]
        self.full_clean()

    @property
    def chosen(self) -> tuple[int, str]:
        return self.cleaned_data.get("weeks") or USUAL, self.cleaned_data.get("station", "")


@gzip_page
@door(Act.VIEW_READINESS)
def page(request: Entered) -> HttpResponseBase:
    asked, at = _Asked(request.GET, reach=request.reach), now()
    weeks, station = asked.chosen
    span = _span(request.reach, weeks, station, at)
    rows = trends.began(span)
    by_week = trend_charts.week_rows(rows, span.first, span.last)
    since = make_aware(datetime.combine(span.first, datetime.min.time()))
    context = {
        "strips": trend_charts.strips(rows, span.first, span.last),
        "weeks": by_week,
        "reasons": trend_charts.reason_rows(trends.reasons(span), by_week),
        "rates": trend_charts.rate_chart(
            rates.rates(request.reach, since=since, until=at, station=station)
        ),
        "said": _said(rows),
        "choices": CHOICES,
        "chosen_weeks": weeks,
        "station": station,
        "stations": asked.fields["station"].choices,  # type: ignore[attr-defined]
        "query": urlencode({"weeks": weeks, "station": station}),
        "at": at,
    }
    return render(request, "dashboard/trends.html", context)


@door(Act.VIEW_READINESS)
def page_csv(request: Entered) -> HttpResponseBase:
    """Each shift of these weeks as a row, those without a record with empty cells."""
    at = now()
    weeks, station = _Asked(request.GET, reach=request.reach).chosen
    span = _span(request.reach, weeks, station, at)
    with transaction.atomic():
        asked = {"weeks": weeks, "station": station}
        ledger.record("exported trends", "trends", by=request.user, now=at, asked=asked)
    response = HttpResponse("".join(_lines(span)), content_type="text/csv; charset=utf-8")
    name = f"shifts-{localtime(at):%Y%m%d-%H%M}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "no-store"
    return response


def _span(reach: Visible, weeks: int, station: str, at: datetime) -> Weeks:
    """So many weeks, this one included, from a Monday on."""
    today = localtime(at).date()
    first = trend_charts.monday(today) - timedelta(weeks=weeks - 1)
    return Weeks(reach, first, today, at, station)


def _said(rows: list[Began]) -> dict[str, Any]:
    """The sentence: how many began with enough, and which was the worst."""
    short = [one for one in rows if one.margin is not None and one.margin < 0]
    return {
        "kept": sum(one.kept for one in rows),
        "short": sum(one.short for one in rows),
        "unkept": sum(one.shifts - one.kept for one in rows),
        "worst": min(short, key=lambda one: (one.margin, _turned(one.on)), default=None),
    }


def _turned(on: date) -> int:
    """So that of two equally bad days the later comes first."""
    return -on.toordinal()


def _lines(span: Weeks) -> Iterator[str]:
    yield "\ufeff" + _line([*HEADS, "Margin", *REASONS.values()])
    for one in trends.kept(span):
        yield _line(_cells(one))


def _cells(one: Kept) -> list[object]:
    counted = one.reasons
    why = [None if counted is None else counted.get(reason, 0) for reason in REASONS]
    numbers = (one.rostered, one.ready, one.unknown, one.spares, one.need, one.margin)
    began = localtime(one.begins_at).isoformat(timespec="minutes")
    return [safe(one.station), one.on, safe(one.kind), began, *numbers, *why]


def _line(cells: list[object]) -> str:
    line = StringIO()
    csv.writer(line).writerow(["" if cell is None else cell for cell in cells])
    return line.getvalue()
