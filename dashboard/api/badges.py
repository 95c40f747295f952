"""Whose badge number is shown beside a camera: never to IT, else as far as officers may be seen."""

from django.db.models import Case, F, Q, QuerySet, Value, When

from devices.access.people import Visible
from devices.inventory.models import Camera


def among(shown: Visible) -> Q:
    """The cameras whose wearers are shown."""
    if shown.officer_id is not None:
        return Q(officer=shown.officer_id)
    return Q(pk__isnull=False) if shown.stations is None else Q(station__in=shown.stations)


def with_badges(cameras: QuerySet[Camera], shown: Visible) -> QuerySet[Camera]:
    """Each camera with its wearer's badge number, and whether that is among what is shown.

    The database leaves out the others, so that not even an ETag can tell of them.
    """
    return cameras.annotate(
        badge_shown=Case(When(among(shown), then=Value(value=True)), default=Value(value=False)),
        badge=Case(When(among(shown), then=F("officer__badge_number"))),
    )


def worn_by(cameras: QuerySet[Camera], badge: str, shown: Visible) -> QuerySet[Camera]:
    """The cameras of one officer, among those whose wearers are shown."""
    return cameras.filter(among(shown), officer__badge_number=badge)
