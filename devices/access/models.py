from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q


class Posting(models.Model):
    """A station in which a person's role holds."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="postings")
    station = models.ForeignKey("devices.Station", models.CASCADE, related_name="postings")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "station"], name="one_posting_per_station")
        ]

    def __str__(self) -> str:
        return f"{self.user} at {self.station}"


class TokenQuerySet(models.QuerySet[Any]):
    def valid(self, now: datetime) -> "TokenQuerySet":
        """Neither revoked nor past its end."""
        return self.filter(Q(ends_at=None) | Q(ends_at__gt=now), revoked_at=None)


class Token(models.Model):
    """What every token has. ``key_id`` is public and finds the row; ``digest`` is SHA-256."""

    key_id = models.CharField(max_length=8, unique=True)
    digest = models.CharField(max_length=64)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    ends_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = models.Manager.from_queryset(TokenQuerySet)()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.key_id


class DeviceToken(Token):
    """What a dock or a camera proves itself with."""

    dock = models.ForeignKey(
        "devices.Dock", models.CASCADE, null=True, blank=True, related_name="tokens"
    )
    camera = models.ForeignKey(
        "devices.Camera", models.CASCADE, null=True, blank=True, related_name="tokens"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(dock=None, camera__isnull=False) | Q(dock__isnull=False, camera=None),
                name="a_token_is_for_one_device",
            )
        ]


class ApiToken(Token):
    """A person's key for programs. It can do what its owner can, within its scopes."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="api_tokens")
    label = models.CharField(max_length=60)
    scopes = models.JSONField(default=list)
    last_used_at = models.DateTimeField(null=True, blank=True)


class ScreenTheme(models.TextChoices):
    """``CLOCK``: light by day, dark by night, by the department's clock."""

    CLOCK = "clock", "By the time of day"
    LIGHT = "light", "Light"
    DARK = "dark", "Dark"


class Screen(models.Model):
    """A screen on a wall: nobody's session, an identity of its own that reads one page.

    It shows these stations, and with none nothing. ``seen_at`` is when it last listened.
    """

    name = models.CharField(max_length=60, unique=True)
    stations = models.ManyToManyField("devices.Station", related_name="screens")
    theme = models.CharField(max_length=5, choices=ScreenTheme, default=ScreenTheme.CLOCK)
    made_at = models.DateTimeField()
    seen_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class PairedToken(Token):
    """First the link that pairs a browser, once; from then on what that browser keeps.

    Opening the link changes key and digest, so that the link opens nothing a second time.
    """

    opened_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True


class ScreenToken(PairedToken):
    """A wall screen's."""

    screen = models.ForeignKey(Screen, models.CASCADE, related_name="tokens")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["screen"],
                condition=Q(revoked_at=None),
                name="one_token_in_force_per_screen",
            ),
            models.CheckConstraint(
                condition=Q(opened_at__isnull=False) | Q(ends_at__isnull=False),
                name="a_link_that_waits_has_an_end",
            ),
        ]


class QuarantineKind(models.TextChoices):
    UNKNOWN_SERIAL = "unknown_serial", "Serial number nobody enrolled"
    OTHER_STATION = "other_station", "Camera of another station"
    FOREIGN_SERIAL = "foreign_serial", "One token, two serial numbers"


class Quarantined(models.Model):
    """A device that spoke and was not believed. A person decides; nothing enrols itself."""

    kind = models.CharField(max_length=20, choices=QuarantineKind)
    serial = models.CharField(max_length=40)
    dock = models.ForeignKey(
        "devices.Dock", models.CASCADE, null=True, blank=True, related_name="quarantined"
    )
    camera = models.ForeignKey(
        "devices.Camera", models.CASCADE, null=True, blank=True, related_name="+"
    )
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    times = models.PositiveIntegerField(default=1)
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    note = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "serial", "dock", "camera"],
                condition=Q(settled_at=None),
                nulls_distinct=False,
                name="one_open_quarantine_per_serial_and_sender",
            )
        ]

    def __str__(self) -> str:
        return f"{self.serial}: {self.get_kind_display()}"
