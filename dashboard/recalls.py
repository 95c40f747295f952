"""What the pages of recalls show, put together from what the rooms say."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import User
from django.db.models import F, QuerySet

from dashboard import recall_words
from dashboard.recall_words import Part
from devices.access.people import Visible, reach_of
from devices.custody.models import CustodyKind
from devices.recalls import reading
from devices.recalls.models import Recall
from devices.recalls.reading import RecalledCamera, Tally
from devices.recalls.rules import Stand
from devices.roles import Act

MOST_LISTED = 100
MOST_SHOWN = 2000  # of a recall's cameras; the file has every one
MOST_WATCHED = 500  # that a page names to be told of; it is read anew every ten seconds anyway
KINDS = {kind.value: kind.label for kind in CustodyKind}


def read() -> QuerySet[Recall]:
    """Recalls with everything that a page says of them."""
    rows: QuerySet[Recall] = Recall.objects.select_related("model", "made_by", "ended_by")
    return rows


@dataclass(frozen=True)
class Listed:
    """A recall as the list shows it."""

    recall: Recall
    tally: Tally
    parts: Sequence[Part]

    @property
    def sentence(self) -> str:
        return recall_words.sentence(self.recall, self.tally)

    @property
    def says(self) -> str:
        return recall_words.bar_says(self.parts)


def listed() -> list[Listed]:
    """The open ones first, then those that ended last: two statements."""
    rows = list(read().order_by(F("ended_at").desc(nulls_first=True), "-made_at")[:MOST_LISTED])
    tallies = reading.tallies([one.pk for one in rows])
    return [_listed(one, tallies[one.pk]) for one in rows]


def one_listed(recall: Recall) -> Listed:
    return _listed(recall, reading.tallies([recall.pk])[recall.pk])


def _listed(recall: Recall, tally: Tally) -> Listed:
    return Listed(recall, tally, recall_words.bar(recall, tally))


@dataclass(frozen=True)
class Line:
    """A camera of a recall, for who looks: ``holder`` is empty where that is not theirs to see."""

    row: RecalledCamera
    where: str
    holder: str
    held: str
    held_since: datetime | None


def lines(user: User, recall: Recall, reach: Visible, most: int | None = None) -> list[Line]:
    """The recall's cameras within reach, those still out first, with their holders' badge numbers
    for whoever may see those; one statement."""
    officers = reach_of(user, Act.VIEW_OFFICERS)
    return [_line(one, officers) for one in reading.cameras(recall.pk, reach, most=most)]


def _line(one: RecalledCamera, officers: Visible | None) -> Line:
    shown = officers is not None and officers.covers(one.station_id, one.holder_id)
    return Line(
        one,
        recall_words.where(one),
        one.badge if shown else "",
        KINDS.get(one.custody, ""),
        one.held_since,
    )


def by_stand(several: Sequence[Line]) -> dict[Stand, list[Line]]:
    """The same by where they stand."""
    return {stand: [one for one in several if one.row.stand is stand] for stand in Stand}
