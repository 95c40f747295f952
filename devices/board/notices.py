"""What the board says above the cameras: devices that spoke and were not believed."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Max, Q, QuerySet

from devices.access.models import Quarantined, QuarantineKind
from devices.access.people import Visible


@dataclass(frozen=True)
class Quarantine:
    """Open quarantine of one kind: how many serial numbers, where one last spoke, when."""

    kind: QuarantineKind
    serials: int
    dock: str | None
    last_at: datetime

    @property
    def sentence(self) -> str:
        many = self.serials != 1
        count = f"{self.serials} serial number{'s' if many else ''}"
        what = {
            QuarantineKind.UNKNOWN_SERIAL: f"{count} nobody enrolled spoke",
            QuarantineKind.OTHER_STATION: f"{count} of another station spoke",
            QuarantineKind.FOREIGN_SERIAL: f"{count} spoke with another camera's token",
        }[self.kind]
        return f"{what} at {self.dock}." if self.dock else f"{what}."


def quarantine(reach: Visible) -> list[Quarantine]:
    """What waits for a person's decision within reach, by kind."""
    if reach.officer_id is not None:
        return []
    rows = (
        within(reach)
        .values("kind")
        .annotate(serials=Count("serial", distinct=True), last_at=Max("last_at"))
        .annotate(dock=Max("dock__code"))
        .order_by("kind")
    )
    return [
        Quarantine(QuarantineKind(row["kind"]), row["serials"], row["dock"], row["last_at"])
        for row in rows
    ]


def within(reach: Visible, *, settled: bool = False) -> QuerySet[Quarantined]:
    """What waits within reach, or what was settled."""
    found = Quarantined.objects.filter(settled_at__isnull=not settled)
    if reach.stations is None:
        return found
    there = Q(dock__station__in=reach.stations) | Q(camera__station__in=reach.stations)
    return found.filter(there)
