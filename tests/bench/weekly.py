"""A normal week of West Hartford, lived through inside Django on an empty database of its own:
`main("7", "0")`, so many days from the morning of Monday (0) on, each second around a change."""

import json
import sys
from collections import Counter
from datetime import datetime, timedelta
from time import perf_counter

from django.core.management import call_command
from django.utils.timezone import get_default_timezone

from devices.alerts.models import Alert
from tests.week.department import set_up
from tests.week.living import Living, Pace
from tests.week.probe import Wrong

MOST_NAMED = 10
PACE = Pace(usual=timedelta(seconds=30), closely=timedelta(seconds=1))


def main(days: str, first: str) -> str:
    """Says, as JSON, what happened, and every alert and everything said that was not so."""
    call_command("migrate", verbosity=0)
    begins = datetime(2026, 11, 16 + int(first), 5, tzinfo=get_default_timezone())
    ends, begun = begins + timedelta(days=int(days)), perf_counter()
    made = Living(set_up(begins), begins, pace=PACE)
    changes = made.plan_rounds(ends)
    for day in range(1, int(days) + 1):
        made.live(begins + timedelta(days=day))
        told = f"{day} of {days} days, {made.probe.found.looks:,} looks"
        print(f"{told}, {perf_counter() - begun:.0f} s", file=sys.stderr, flush=True)
    found = made.probe.found
    fired = Alert.objects.filter(fired_at__isnull=False).order_by("fired_at")
    said = {
        "changes": len(changes),
        **{word: made.counts[word] for word in ("docked", "undocked", "reports", "refused")},
        "desks": dict(made.desks.counts.most_common()),
        "looks": found.looks,
        "judged": found.judged,
        "ready": found.ready,
        "alerts": [f"{one.fired_at:%a %H:%M} {one.words}" for one in fired],
        "false_ready": _named(found.false_ready, found.since),
        "fell_short": _named(found.fell_short, found.since),
        "false_unknown": _named(found.false_unknown, found.since),
        "misplaced": _named(found.misplaced, found.since),
        "took_s": perf_counter() - begun,
    }
    return json.dumps(said)


def _named(wrong: Counter[Wrong], since: dict[Wrong, datetime]) -> tuple[float, list[str]]:
    """Minutes in all, and what was wrong for longest."""
    most = wrong.most_common(MOST_NAMED)
    names = [f"{since[one]:%a %H:%M} {one} for {minutes:g} min" for one, minutes in most]
    return sum(wrong.values()), names
