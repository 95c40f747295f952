"""Which counts a person may look at and work on."""

from django.db.models import QuerySet

from devices.access.people import Visible
from devices.desk.counts.models import Count


def counts_within(reach: Visible) -> QuerySet[Count]:
    """The counts of stations within reach, the newest first."""
    rows = Count.objects.select_related("station", "started_by", "closed_by")
    if reach.officer_id is not None:
        return rows.none()
    return rows if reach.stations is None else rows.filter(station__in=reach.stations)


def count_within(reach: Visible, pk: int) -> Count | None:
    """The count of this number, if somebody with this reach may see it."""
    return counts_within(reach).filter(pk=pk).first() if pk < 2**63 else None
