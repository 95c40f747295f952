"""The demonstration's shifts have a past: planned by the roster's own verbs, kept like others."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db.models import Count
from django.utils.timezone import localtime

from devices.access.people import Visible
from devices.battery.models import Forecast
from devices.ledger import breaks
from devices.management.commands import demo
from devices.policy import Policy
from devices.readiness import trends
from devices.readiness.rules import hours, needed
from devices.roster.models import Outcome

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "at",
    [
        pytest.param(datetime(2026, 11, 30, 17, tzinfo=UTC), id="noon"),
        pytest.param(datetime(2026, 12, 1, 0, 40, tzinfo=UTC), id="an evening of UTC's next day"),
        pytest.param(datetime(2026, 3, 9, 5, tzinfo=UTC), id="after clocks changed"),
    ],
)
def test_the_demo_begins_with_weeks_to_look_back_on(tmp_path, settings, at):
    settings.VAR_DIR = tmp_path

    demo.fill(at)

    rows = list(Outcome.objects.select_related("shift").annotate(on=Count("shift__duties")))
    today = localtime(at).date()
    assert {one.shift.on for one in rows} >= {today - timedelta(days=n) for n in range(1, 40)}
    assert all(one.shift.begins_at < at for one in rows)
    for one in rows:
        assert one.rostered == one.on > 0
        assert one.need == one.rostered + one.shift.reserve
        assert one.rostered - one.ready <= sum(one.reasons.values())
        assert one.unknown <= one.rostered - one.ready
    span = trends.Weeks(Visible(), today - timedelta(days=40), today, at)
    told = trends.began(span)
    assert sum(one.kept for one in told) == len(rows)
    margins = [one.margin for one in told if one.margin is not None]
    assert min(margins) <= 0 < max(margins), "whether one was short depends on the day"
    assert sum(one.short for one in told) < len(rows) / 3
    reasons = {one.reason for one in trends.reasons(span)}
    assert "battery" in reasons
    assert reasons & {"silent", "storage"}, "which mishaps the weeks hold depends on the day"
    assert not list(breaks())
    limit = hours(needed(timedelta(hours=8), Policy()))
    short = Forecast.objects.filter(hours__lt=limit, for_at__lt=at - timedelta(hours=1)).count()
    assert sum(one.reasons.get("battery", 0) for one in rows) == short
