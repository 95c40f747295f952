"""A normal week of West Hartford, lived through inside Django on an empty database of its own:
`main("7", "0")`, so many days from the morning of Monday (0), its board looked at each second."""

import gc
import json
import sys
from collections import Counter
from datetime import datetime, timedelta
from time import perf_counter

from django.core.management import call_command
from django.db import connection
from django.utils.timezone import get_default_timezone

from devices.alerts.models import Alert
from tests.week.department import set_up
from tests.week.living import Living, Pace
from tests.week.probe import Wrong

MOST_NAMED = 10
HALF_A_DAY = timedelta(hours=12)
SECOND = timedelta(seconds=1)
PACE = Pace(usual=30 * SECOND, closely=SECOND, glance=SECOND)


def main(days: str, first: str) -> str:
    """Says, as JSON, what happened, and every alert and everything said that was not so."""
    call_command("migrate", verbosity=0)
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit TO off")  # nobody asks here how long it takes
    monday = datetime(2026, 11, 16, 5, tzinfo=get_default_timezone())
    begins, begun = monday + timedelta(days=float(first)), perf_counter()
    ends = begins + timedelta(days=float(days))
    made = Living(set_up(begins), begins, pace=PACE)
    changes = made.plan_rounds(ends)
    gc.freeze()  # what stands all week need not be looked at again and again
    while made.now < ends:
        made.live(min(made.now + HALF_A_DAY, ends))
        told = f"until {made.now:%a %H:%M}: {made.probe.found.glances:,} glances at the board"
        false = f"{sum(made.probe.found.false_ready.values()):g} false-ready minutes"
        print(f"{told}, {false}, {perf_counter() - begun:.0f} s", file=sys.stderr, flush=True)
    found = made.probe.found
    fired = Alert.objects.filter(fired_at__isnull=False).order_by("fired_at")
    said = {
        "changes": len(changes),
        **{word: made.counts[word] for word in ("docked", "undocked", "reports", "refused")},
        "desks": dict(made.desks.counts.most_common()),
        "glances": found.glances,
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
