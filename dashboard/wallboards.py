"""What a wall screen says: ready now against the need, where every camera is, what comes, what is
wrong. No officer is named, by number neither: strangers pass by a wall.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from itertools import groupby
from typing import Any

from django.db.models import Case, When
from django.template.loader import get_template, render_to_string
from django.templatetags.static import static

from dashboard import boards, margins, shifts
from dashboard.bells import unlooked, within
from dashboard.boards import Summary
from dashboard.counting import counter, needed_by
from dashboard.picture import MOST_TILES
from dashboard.shifts import Turn
from devices.access.people import Visible
from devices.alerts.catalogue import CATALOGUE, SEVERITIES
from devices.alerts.models import EXPLAINS, LASTING, Alert
from devices.alerts.texts import together
from devices.board import cards
from devices.board.cards import Asked
from devices.inventory.models import Station

TURNS = 3
MOST_WRONG = 4  # lines that fit below the buckets at their size
MOST_ALERTS = 500
FRAMES = ("screen_base", "wallboard")
OF_THE_PAGE = ("dashboard/wallboard.js", "dashboard/wallboard.css", "dashboard/look.css")


@dataclass(frozen=True)
class Wrong:
    """One thing that is wrong, however many alerts it is."""

    severity: str
    words: str
    since: datetime
    explains: int
    in_hand: bool


@dataclass(frozen=True)
class Wallboard:
    """All that one drawing says. ``more`` is what is wrong beside the worst, ``silenced`` what is
    wrong besides and nobody is told of, ``unlooked`` that nobody looks what is."""

    summary: Summary
    turns: list[Turn]
    wrong: list[Wrong]
    more: int
    silenced: int
    unlooked: str

    @property
    def next(self) -> Turn | None:
        """The shift that comes first: what is ready is ready for it."""
        return self.turns[0] if self.turns else None


def read(reach: Visible, asked: Asked) -> Wallboard:
    """Everything within this reach, in a number of queries that does not grow."""
    wrong, silenced = _wrong(within(reach).shown().filter(LASTING, cause=None))
    stale = unlooked(asked.now)
    fit = MOST_WRONG // 2 if stale else MOST_WRONG  # what it says takes a line of its own
    found = shifts.turns(reach, now=asked.now, policy=asked.policy)
    return Wallboard(
        summary=_summary(reach, asked),
        turns=[turn for turn in found if not turn.under_way][:TURNS],
        wrong=wrong[:fit],
        more=max(0, len(wrong) - fit),
        silenced=len(silenced),
        unlooked=stale,
    )


def draw(board: Wallboard) -> str:
    """As the page and its socket show it."""
    turns = [(one, margins.bar(one)) for one in board.turns]
    return render_to_string("dashboard/_wallboard.html", {"board": board, "turns": turns})


@cache
def release() -> str:
    """Differs when the page itself does, so that a screen that hangs for years loads it anew."""
    frames: list[Any] = [get_template(f"dashboard/{name}.html") for name in FRAMES]
    parts = [*(frame.template.source for frame in frames), *map(static, OF_THE_PAGE)]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:12]


def places(reach: Visible) -> str:
    """The stations that are shown, as the screen names them."""
    rows = Station.objects.filter(pk__in=reach.stations or ()).order_by("name")
    return ", ".join(rows.values_list("name", flat=True))


def _summary(reach: Visible, asked: Asked) -> Summary:
    """Of these very cameras; of a fleet too large for one board, as it was last counted."""
    many = counter.many(reach, MOST_TILES)
    whole = None if many else cards.all_cards(reach, MOST_TILES, asked)
    if whole is None:
        return boards.summary_of(counter.counts(reach))
    return boards.summary_of_cards(whole, needed_by(reach, asked.now))


def _wrong(alerts: Any) -> tuple[list[Wrong], list[Wrong]]:
    """What people are told of and what is silenced, each by rule and place, the gravest first,
    then the oldest."""
    gravity = Case(*(When(severity=one, then=n) for n, one in enumerate(SEVERITIES)))
    gravest = alerts.annotate(explains=EXPLAINS).order_by(
        "suppressed_why", gravity.desc(), "began_at"
    )
    rows = gravest.select_related("station")[:MOST_ALERTS]
    return (
        _grouped([one for one in rows if not one.suppressed_why]),
        _grouped([one for one in rows if one.suppressed_why]),
    )


def _grouped(rows: Iterable[Alert]) -> list[Wrong]:
    in_order = sorted(rows, key=_cause)
    found = [_one(list(some)) for _, some in groupby(in_order, key=_cause)]
    return sorted(found, key=lambda one: (-SEVERITIES.index(one.severity), one.since))


def _cause(one: Alert) -> tuple[str, str]:
    return one.rule, one.place or str(one.station or "")


def _one(alerts: list[Alert]) -> Wrong:
    first = min(alerts, key=lambda one: one.began_at)
    rule = CATALOGUE[first.rule]
    alone = f"{rule.label}: {first.name}"
    return Wrong(
        severity=max((one.severity for one in alerts), key=SEVERITIES.index),
        words=alone if len(alerts) == 1 else together(len(alerts), rule.many, _cause(first)[1]),
        since=first.began_at,
        explains=sum(one.explains for one in alerts),  # type: ignore[attr-defined]
        in_hand=all(one.acknowledged_at is not None for one in alerts),
    )
