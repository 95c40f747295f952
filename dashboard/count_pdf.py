"""What a count found, as a file to print and sign."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from django.utils.timezone import localtime
from reportlab.platypus import Flowable, KeepTogether, Spacer, Table

from dashboard import paper
from dashboard.lettering import UNDRAWABLE, drawable
from dashboard.paper import BOLD, HEAD, MISSING, PLAIN, RULE, SAYS, SECTION, TITLE, words
from devices.desk.counts.models import Count
from devices.desk.counts.reading import Line, Picture
from devices.desk.counts.rules import Standing, says

# Each list: its title, and which column it has beside the camera.
LISTS = (
    (Standing.MISSING, "Missing"),
    (Standing.CONTRADICTION, "Here, and recorded as out"),
    (Standing.UNEXPECTED, "Unexpected"),
    (Standing.SEEN, "Seen by the system, not by hand"),
    (Standing.OUT, "With officers, not looked for"),
    (Standing.FOUND, "Found"),
)
_WIDTHS = (60, 200, 110, 170)


def drawn(count: Count, shown: Picture, now: datetime) -> bytes:
    """The lists of a count as a PDF; of one that is not closed, as they are now."""
    foot = f"Count {count.pk}, {count.station}"
    as_of = count.closed_at or now
    return paper.printed(paper.Named(foot, foot, as_of), partial(_story, count, shown))


def _story(count: Count, shown: Picture) -> list[Flowable]:
    said = [says(shown.tally, closed=count.closed_at is not None), _when(count)]
    story: list[Flowable] = [
        words(f"Count {count.pk}: {count.station}", TITLE),
        words(" ".join(said), SAYS),
    ]
    for standing, title in LISTS:
        lines = shown.of(standing)
        story += [words(f"{title}: {len(lines)}", SECTION), *_lines(lines)]
    end: list[Flowable] = [
        Spacer(0, 30),
        words("Counted by ______________________________ at __________", PLAIN),
    ]
    if any(UNDRAWABLE in drawable(one) for one in _named_by_people(count, shown)):
        end += [Spacer(0, 12), words(MISSING, HEAD)]
    return [*story, KeepTogether(end)]


def _when(count: Count) -> str:
    begun = f"Begun {localtime(count.started_at):%Y-%m-%d %H:%M} by {count.started_by}"
    if count.closed_at is None:
        return f"{begun}; not closed."
    return f"{begun}, closed {localtime(count.closed_at):%Y-%m-%d %H:%M} by {count.closed_by}."


def _named_by_people(count: Count, shown: Picture) -> Iterator[str]:
    yield str(count.station)
    for line in shown.lines:
        yield from (line.says, line.reason)


def _lines(lines: Sequence[Line]) -> list[Flowable]:
    """Each camera, what is said of it, when it was scanned, and why it is missing."""
    if not lines:
        return [words("None.", PLAIN)]
    rows = [
        [
            words(one.camera, BOLD),
            words(one.says, PLAIN),
            words(_scanned(one), PLAIN),
            words(one.reason, PLAIN),
        ]
        for one in lines
    ]
    style: list[tuple[Any, ...]] = [
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LINEBELOW", (0, 0), (-1, -1), 0.5, RULE),
        ("LEFTPADDING", (0, 0), (-1, -1), 3),
        ("RIGHTPADDING", (0, 0), (-1, -1), 3),
    ]
    return [Table(rows, colWidths=_WIDTHS, hAlign="LEFT", style=style)]


def _scanned(one: Line) -> str:
    at = datetime.fromisoformat(one.scanned_at) if one.scanned_at else None
    return f"Scanned {localtime(at):%Y-%m-%d %H:%M:%S}" if at else ""
