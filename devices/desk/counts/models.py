from django.conf import settings
from django.db import models
from django.db.models import Q

PERSON = settings.AUTH_USER_MODEL


class Count(models.Model):
    """One physical count of a station, from its start until somebody closes it.

    ``result`` is what it found, frozen at its close: a trigger keeps the row as it is from then on.
    """

    station = models.ForeignKey("devices.Station", models.PROTECT, related_name="counts")
    started_at = models.DateTimeField()
    started_by = models.ForeignKey(PERSON, models.PROTECT, related_name="+")
    paused_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(PERSON, models.PROTECT, null=True, blank=True, related_name="+")
    result = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ["-started_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["station"],
                condition=Q(closed_at=None),
                name="one_open_count_per_station",
            ),
            models.CheckConstraint(
                condition=Q(closed_at=None, closed_by=None)
                | Q(closed_at__isnull=False, closed_by__isnull=False),
                name="somebody_closes_a_count",
            ),
        ]

    def __str__(self) -> str:
        return f"count {self.pk}"


class CountExpected(models.Model):
    """A camera that a count looks for, as it was when the count began. Rows are never changed.

    ``officer`` held it then; ``out``: out of the building with them, so it is not looked for.
    """

    count = models.ForeignKey(Count, models.PROTECT, related_name="expected")
    camera = models.ForeignKey("devices.Camera", models.PROTECT, related_name="+")
    place = models.CharField(max_length=40, blank=True)
    service_state = models.CharField(max_length=20)
    officer = models.ForeignKey("devices.Officer", models.PROTECT, null=True, related_name="+")
    out = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["count", "camera"], name="expected_once_in_a_count")
        ]

    def __str__(self) -> str:
        return f"{self.camera} in {self.count}"


class CountScan(models.Model):
    """A camera that somebody had in front of them. The first scan counts; rows are never changed.

    ``station`` is where the camera belonged at that moment; ``officer`` who had it by the record.
    """

    event_id = models.UUIDField(primary_key=True)
    count = models.ForeignKey(Count, models.PROTECT, related_name="scans")
    camera = models.ForeignKey("devices.Camera", models.PROTECT, related_name="+")
    raw = models.CharField(max_length=120)
    at = models.DateTimeField()
    by = models.ForeignKey(PERSON, models.PROTECT, related_name="+")
    station = models.ForeignKey("devices.Station", models.PROTECT, related_name="+")
    officer = models.ForeignKey("devices.Officer", models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["count", "camera"], name="scanned_once_in_a_count")
        ]

    def __str__(self) -> str:
        return f"{self.camera} in {self.count}"
