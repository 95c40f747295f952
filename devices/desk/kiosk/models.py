from datetime import datetime

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from devices.access.models import PairedToken


class KioskToken(PairedToken):
    """First the link that a kiosk is opened with, once; from then on what its browser keeps."""

    desk = models.ForeignKey("devices.Desk", models.CASCADE, related_name="tokens")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["desk"],
                condition=Q(revoked_at=None),
                name="one_token_in_force_per_kiosk",
            ),
            models.CheckConstraint(
                condition=Q(opened_at__isnull=False) | Q(ends_at__isnull=False),
                name="a_kiosks_link_ends",
            ),
        ]


class VisitQuerySet(models.QuerySet["KioskVisit"]):
    def offering(self, now: datetime) -> "VisitQuerySet":
        """Those whose offer of a camera still stands."""
        return self.filter(offer_ends_at__gt=now, settled_at=None, camera__isnull=False)


class KioskVisit(models.Model):
    """An officer's badge at a kiosk, by the scan of it, and the camera that was offered for it.

    ``proven_at``: who they are was believed, at once or by their PIN. ``bay`` is where the camera
    stood then. ``settled_at``: it left that, or was scanned, and the record says so; past
    ``offer_ends_at`` nothing happened.
    """

    scan = models.UUIDField(primary_key=True)
    desk = models.ForeignKey("devices.Desk", models.PROTECT, related_name="visits")
    officer = models.ForeignKey("devices.Officer", models.PROTECT, related_name="+")
    at = models.DateTimeField()
    proven_at = models.DateTimeField(null=True)
    camera = models.ForeignKey("devices.Camera", models.PROTECT, null=True, related_name="+")
    bay = models.ForeignKey("devices.Bay", models.SET_NULL, null=True, related_name="+")
    offer_ends_at = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(null=True)

    objects = models.Manager.from_queryset(VisitQuerySet)()

    class Meta:
        indexes = [
            models.Index(fields=["desk", "-at"], name="visits_of_a_kiosk"),
            models.Index(
                fields=["offer_ends_at"],
                condition=Q(settled_at=None, camera__isnull=False),
                name="offers_of_kiosks",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.officer} at {self.desk}"


class KioskPin(models.Model):
    """What an officer types at a kiosk, kept as its Argon2 hash. ``wrong_at`` are the latest wrong
    ones; ``locked_at`` is the kiosk where the last of them was typed."""

    officer = models.OneToOneField(
        "devices.Officer", models.CASCADE, primary_key=True, related_name="kiosk_pin"
    )
    digest = models.CharField(max_length=128)
    set_at = models.DateTimeField()
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    wrong_at = ArrayField(models.DateTimeField(), default=list)
    locked_until = models.DateTimeField(null=True)
    locked_at = models.ForeignKey("devices.Desk", models.SET_NULL, null=True, related_name="+")

    def __str__(self) -> str:
        return f"PIN of {self.officer}"
