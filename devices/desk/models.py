from django.conf import settings
from django.db import models
from django.db.models import Q


class DeskRequest(models.Model):
    """One scan and what it was answered, kept so that it may come again and do nothing.

    ``event_id`` is the desk's own name of it; ``asked`` stands for what was sent with it.
    ``changed_at`` is when this scan, or the one it repeats, last changed ``camera``'s custody,
    by the desk's clock, as is ``scanned_at``; ``clock_offset_ms`` is how far that is behind ours.
    ``by`` nobody: at a kiosk, an officer who does not sign in.
    """

    event_id = models.UUIDField(primary_key=True)
    desk = models.ForeignKey("devices.Desk", models.PROTECT, related_name="requests")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    seq = models.BigIntegerField()
    asked = models.CharField(max_length=64)
    raw = models.CharField(max_length=120)
    scanned_at = models.DateTimeField()
    received_at = models.DateTimeField()
    clock_offset_ms = models.BigIntegerField(default=0)
    camera = models.ForeignKey("devices.Camera", models.PROTECT, null=True, related_name="+")
    changed_at = models.DateTimeField(null=True)
    result = models.CharField(max_length=12, blank=True)
    answer = models.JSONField(default=dict)

    class Meta:
        indexes = [models.Index(fields=["desk", "-received_at"], name="requests_of_a_desk")]

    def __str__(self) -> str:
        return f"{self.raw} at {self.desk}"


class DeskConflict(models.Model):
    """What a desk told an officer while it was cut off, and the record says otherwise.

    Somebody finds out who has the camera and says so; nothing is guessed. ``camera`` is None where
    what was scanned names none, or none any more.
    """

    request = models.OneToOneField(DeskRequest, models.PROTECT, related_name="conflict")
    camera = models.ForeignKey("devices.Camera", models.PROTECT, null=True, related_name="+")
    officer = models.ForeignKey("devices.Officer", models.PROTECT, null=True, related_name="+")
    told = models.CharField(max_length=12)
    sentence = models.CharField(max_length=300)
    at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    settled_how = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["-at"]
        indexes = [
            models.Index(fields=["at"], condition=Q(settled_at=None), name="open_desk_conflicts")
        ]

    def __str__(self) -> str:
        return self.sentence


class DeskClosing(models.Model):
    """What a shift at a desk came to, when somebody closed it. Rows are never changed or removed: a
    trigger sees to it.

    ``since`` is the closing before it, or the desk's first scan; ``last_event`` the last event of
    custody it counts, so that a scan under way counts in the next. What was undone is not counted.
    ``out`` and ``overdue`` are of the desk's station, at that moment.
    """

    desk = models.ForeignKey("devices.Desk", models.PROTECT, related_name="closings")
    after = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="followed_by"
    )
    since = models.DateTimeField()
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    last_event = models.BigIntegerField(default=0)
    issued = models.PositiveIntegerField()
    returned = models.PositiveIntegerField()
    out = models.PositiveIntegerField()
    overdue = models.PositiveIntegerField()
    settled = models.PositiveIntegerField()

    class Meta:
        ordering = ["-at"]
        constraints = [
            models.UniqueConstraint(
                fields=["desk"], condition=Q(after=None), name="one_first_closing_per_desk"
            )
        ]
        indexes = [models.Index(fields=["desk", "-at"], name="closings_of_a_desk")]

    def __str__(self) -> str:
        return f"{self.desk} closed"
