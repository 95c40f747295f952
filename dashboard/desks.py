"""Which desks a person may work at."""

from django.db.models import QuerySet

from devices.access.people import Visible
from devices.custody.models import Desk, DeskKind
from devices.desk.models import DeskConflict


def open_desks(reach: Visible) -> QuerySet[Desk]:
    """The desks within reach that have not ended, by station and name. Nobody works a kiosk."""
    rows = Desk.objects.filter(kind=DeskKind.DESK, ended_at=None).select_related("station")
    if reach.officer_id is not None:
        return rows.none()
    return rows if reach.stations is None else rows.filter(station__in=reach.stations)


def open_desk(pk: int, reach: Visible) -> Desk | None:
    """The desk of this number, if somebody with this reach may work there."""
    return open_desks(reach).order_by().filter(pk=pk).first()


def unsettled(reach: Visible) -> int:
    """How many things that desks within reach told are still to be settled."""
    rows = DeskConflict.objects.filter(settled_at=None)
    if reach.stations is not None:
        rows = rows.filter(request__desk__station__in=reach.stations)
    return rows.count()
