"""Whose badge number is shown beside a camera: never to IT, else as far as officers may be seen."""

from typing import Any

from django.db.models import Case, F, Q, QuerySet, Value, When

from dashboard.api.fields import Row
from devices.access.people import Visible
from devices.inventory.models import Camera


def among(shown: Visible, of: str = "") -> Q:
    """The cameras whose wearers are shown; ``of`` leads to the camera of other rows."""
    if shown.officer_id is not None:
        return Q(**{f"{of}officer": shown.officer_id})
    if shown.stations is None:
        return Q(pk__isnull=False)
    return Q(**{f"{of}station__in": shown.stations})


def with_badges(rows: QuerySet[Any], shown: Visible, of: str = "") -> QuerySet[Any]:
    """Each row with its officer's badge number, and whether that is among what is shown.

    The database leaves out the others, so that not even an ETag can tell of them.
    """
    return marked(rows, among(shown, of))


def whose(shown: Visible) -> Q:
    """The rows of custody whose officers are shown: of their stations, their cameras', or their
    own."""
    if shown.officer_id is not None:
        return Q(officer=shown.officer_id)
    if shown.stations is None:
        return Q(pk__isnull=False)
    return Q(camera__station__in=shown.stations) | Q(officer__station__in=shown.stations)


def marked(rows: QuerySet[Any], seen: Q) -> QuerySet[Any]:
    """Each row with its officer's badge number where that is among what is ``seen``."""
    found: QuerySet[Any] = rows.annotate(
        badge_shown=Case(When(seen, then=Value(value=True)), default=Value(value=False)),
        badge=Case(When(seen, then=F("officer__badge_number"))),
    )
    return found


def leave_out(rows: list[Row]) -> None:
    """Take the badge number away where it is not among what is shown."""
    for row in rows:
        if not row.pop("badge_shown", False):
            row.pop("badge", None)


def worn_by(cameras: QuerySet[Camera], badge: str, shown: Visible) -> QuerySet[Camera]:
    """The cameras of one officer, among those whose wearers are shown."""
    return cameras.filter(among(shown), officer__badge_number=badge)
