from django.conf import settings
from django.db import models
from django.db.models import Q

from devices.recalls.rules import LONGEST_NAME, LONGEST_PART, LONGEST_REASON


class RecallQuerySet(models.QuerySet["Recall"]):
    def open(self) -> "RecallQuerySet":
        return self.filter(ended_at=None)


class Recall(models.Model):
    """Cameras that must come in: those of ``model``, ``lot`` and ``firmware_version``.

    What is empty of the three is any; not all of them are. A lot is kept in capitals.
    """

    name = models.CharField(max_length=LONGEST_NAME)
    reason = models.CharField(max_length=LONGEST_REASON)
    model = models.ForeignKey(
        "devices.CameraModel", models.PROTECT, null=True, blank=True, related_name="recalls"
    )
    lot = models.CharField(max_length=LONGEST_PART, blank=True)
    firmware_version = models.CharField(max_length=LONGEST_PART, blank=True)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    ended_because = models.CharField(max_length=LONGEST_REASON, blank=True)

    objects = models.Manager.from_queryset(RecallQuerySet)()

    class Meta:
        ordering = ["-made_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(model__isnull=False) | Q(lot__gt="") | Q(firmware_version__gt=""),
                name="a_recall_says_which_cameras",
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None, ended_because="")
                | Q(ended_at__isnull=False, ended_because__gt=""),
                name="a_recall_ends_for_a_reason",
            ),
            models.UniqueConstraint(
                fields=["model", "lot", "firmware_version"],
                condition=Q(ended_at=None),
                nulls_distinct=False,
                name="one_open_recall_of_the_same_cameras",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def by_update(self) -> bool:
        """Whether another version cures it, so that a camera need not be taken out of service."""
        return bool(self.firmware_version)

    @property
    def covers(self) -> str:
        """Which cameras, in words: Kestrel One, lot 2291, firmware 3.8.2."""
        parts = [
            str(self.model) if self.model else "",
            f"lot {self.lot}" if self.lot else "",
            f"firmware {self.firmware_version}" if self.firmware_version else "",
        ]
        return ", ".join(filter(None, parts))


class Recalled(models.Model):
    """One camera of a recall, since when it is in it, and when it came in.

    ``cleared_at``: somebody found that this one is all right.
    """

    recall = models.ForeignKey(Recall, models.CASCADE, related_name="cameras")
    camera = models.ForeignKey("devices.Camera", models.CASCADE, related_name="recalls")
    joined_at = models.DateTimeField()
    came_in_at = models.DateTimeField(null=True, blank=True)
    cleared_at = models.DateTimeField(null=True, blank=True)
    cleared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    cleared_because = models.CharField(max_length=LONGEST_REASON, blank=True)

    class Meta:
        ordering = ["recall", "camera"]
        constraints = [
            models.UniqueConstraint(fields=["recall", "camera"], name="recalled_once"),
            models.CheckConstraint(
                condition=Q(cleared_at=None, cleared_because="")
                | Q(cleared_at__isnull=False, cleared_because__gt=""),
                name="a_camera_is_cleared_for_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.camera} in {self.recall}"
