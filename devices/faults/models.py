from datetime import datetime
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Case, F, OuterRef, Q, Subquery, When
from django.db.models.functions import Greatest

from devices.access.people import Visible
from devices.faults.rules import mend_within
from devices.lifecycle import Lifecycle
from devices.policy import Policy


class Severity(models.TextChoices):
    """Frozen into a fault when it is opened. A critical one blocks issue."""

    MINOR = "minor", "Minor"
    MAJOR = "major", "Major"
    CRITICAL = "critical", "Critical"


class FaultState(models.TextChoices):
    OPEN = "open", "Open"
    ACKNOWLEDGED = "acknowledged", "Acknowledged"
    IN_REPAIR = "in_repair", "In repair"
    RESOLVED = "resolved", "Resolved"


FAULT = Lifecycle(
    field="state",
    moves={
        FaultState.OPEN: {FaultState.ACKNOWLEDGED, FaultState.IN_REPAIR, FaultState.RESOLVED},
        FaultState.ACKNOWLEDGED: {FaultState.IN_REPAIR, FaultState.RESOLVED},
        FaultState.IN_REPAIR: {FaultState.ACKNOWLEDGED, FaultState.RESOLVED},
        FaultState.RESOLVED: set(),
    },
)


class FaultSource(models.TextChoices):
    CAMERA = "camera", "The camera itself"
    TEST = "test", "Pre-shift test"
    OFFICER = "officer", "Officer"
    QUARTERMASTER = "quartermaster", "Quartermaster"
    COMMANDER = "commander", "Commander"
    IT = "it", "IT"


class Resolution(models.TextChoices):
    REPAIRED = "repaired", "Repaired"
    REPLACED = "replaced", "Replaced"
    NO_FAULT = "no_fault", "No fault found"
    WENT_AWAY = "went_away", "Went away by itself"
    GRAVER = "graver", "Told again as critical"


class Confirmation(models.TextChoices):
    """How an officer said that a test was made. A scan shows that the thing was in hand."""

    TAP = "tap", "By a tap"
    BADGE = "badge", "By scanning a badge"
    CAMERA = "camera", "By scanning the camera"


class OfCameras(models.QuerySet[Any]):
    """Rows that belong to a camera."""

    def within(self, reach: Visible) -> Self:
        """Those of the cameras that somebody's reach shows."""
        if reach.officer_id is not None:
            return self.filter(camera__in=reach.cameras())
        return self if reach.stations is None else self.filter(camera__station__in=reach.stations)


class FaultQuerySet(OfCameras):
    def unresolved(self) -> "FaultQuerySet":
        return self.exclude(state=FaultState.RESOLVED)

    def critical(self) -> "FaultQuerySet":
        """Those that block issue until IT clears them."""
        return self.unresolved().filter(severity=Severity.CRITICAL)

    def overdue(self, now: datetime) -> "FaultQuerySet":
        """Nobody acknowledged them in time."""
        return self.filter(state=FaultState.OPEN, acknowledge_by__lte=now)

    def timed(self) -> "FaultQuerySet":
        """Each with ``away_since``, when its camera left for the repair that it is in, and
        ``mending_since``, from when on the time to mend it counts: it was told, or its camera last
        came back from a repair that it left for since."""
        repairs = Repair.objects.filter(camera=OuterRef("camera"))
        back = repairs.filter(sent_at__gte=OuterRef("opened_at"), returned_at__isnull=False)
        last_back = back.order_by("-returned_at").values("returned_at")[:1]
        timed: FaultQuerySet = self.annotate(
            away_since=Subquery(repairs.filter(returned_at=None).values("sent_at")[:1]),
            mending_since=Greatest("opened_at", Subquery(last_back)),
        )
        return timed

    def unmended(self, policy: Policy, now: datetime) -> "FaultQuerySet":
        """Somebody has seen them and nobody mended or cleared them in time; as
        `rules.next_step`."""
        late = Q()
        for grave in Severity.values:
            late |= Q(severity=grave, mending_since__lte=now - mend_within(grave, policy))
        return self.timed().filter(late, state=FaultState.ACKNOWLEDGED)

    def urgent_first(self, policy: Policy) -> "FaultQuerySet":
        """What nobody has seen, then what waits for mending, of both the first due first; then what
        is away, and what is over; all `timed`."""
        open_, seen = Q(state=FaultState.OPEN), Q(state=FaultState.ACKNOWLEDGED)
        turn = Case(
            When(open_, then=0),
            When(seen, then=1),
            When(state=FaultState.IN_REPAIR, then=2),
            default=3,
        )
        mend_by = Case(
            *(
                When(severity=grave, then=F("mending_since") + mend_within(grave, policy))
                for grave in Severity.values
            )
        )
        by = Case(When(open_, then="acknowledge_by"), When(seen, then=mend_by), default="opened_at")
        return self.timed().order_by(turn, F("resolved_at").desc(nulls_last=True), by, "pk")


class RepairQuerySet(OfCameras):
    def late(self, policy: Policy, now: datetime) -> "RepairQuerySet":
        """Away for longer than a repair may take."""
        return self.filter(returned_at=None, sent_at__lte=now - policy.repair_at_most)


class PreShiftTest(models.Model):
    """A camera's facts at one moment, judged, and the officer who confirmed them.

    ``facts`` is what was known of the camera, ``checks`` what was asked of it: name, whether it
    passed (None: not known), value, limit and sentence. ``key`` is of the form that was sent:
    the same form makes one row. ``duty_…``: what it was judged for, None a usual shift. Rows are
    never changed or removed: a trigger refuses both.
    """

    key = models.UUIDField(unique=True, null=True, editable=False)
    camera = models.ForeignKey("devices.Camera", models.PROTECT, related_name="tests")
    officer = models.ForeignKey(
        "devices.Officer", models.PROTECT, null=True, blank=True, related_name="tests"
    )
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    confirmed = models.CharField(max_length=10, choices=Confirmation, default=Confirmation.TAP)
    passed = models.BooleanField()
    checks = models.JSONField()
    facts = models.JSONField()
    note = models.CharField(max_length=400, blank=True)
    duty_begins_at = models.DateTimeField(null=True)
    duty_ends_at = models.DateTimeField(null=True)

    objects = models.Manager.from_queryset(OfCameras)()

    class Meta:
        ordering = ["-at"]
        indexes = [
            models.Index(fields=["camera", "-at"], name="tests_of_a_camera"),
            models.Index(fields=["at", "id"], name="tests_by_time"),
        ]

    def __str__(self) -> str:
        return f"test of {self.camera}, {'passed' if self.passed else 'failed'}"


class Fault(models.Model):
    """Something wrong with one camera: told, acknowledged, resolved, each with its time.

    ``facts`` is what was known of the camera when it was opened. ``told_at`` is when a commander
    knew of it: they told it, acted on it or said so; None: nobody can prove that one did.
    ``quiet_since``: the camera that told it has spoken since and no longer said so. What was told
    is never changed, nor anything once it is resolved: a trigger refuses it.
    """

    key = models.UUIDField(unique=True, null=True, editable=False)
    camera = models.ForeignKey("devices.Camera", models.PROTECT, related_name="fault_records")
    code = models.CharField(max_length=32)
    severity = models.CharField(max_length=10, choices=Severity)
    state = models.CharField(max_length=15, choices=FaultState, default=FaultState.OPEN)
    source = models.CharField(max_length=15, choices=FaultSource)
    words = models.CharField(max_length=400, blank=True)
    facts = models.JSONField(default=dict)
    officer = models.ForeignKey(
        "devices.Officer", models.PROTECT, null=True, blank=True, related_name="fault_records"
    )
    test = models.ForeignKey(
        PreShiftTest, models.PROTECT, null=True, blank=True, related_name="fault_records"
    )
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    told_at = models.DateTimeField(null=True, blank=True)
    acknowledge_by = models.DateTimeField()
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    acknowledged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    escalated_at = models.DateTimeField(null=True, blank=True)
    quiet_since = models.DateTimeField(null=True, blank=True)
    resolved_at = models.DateTimeField(null=True, blank=True)
    resolved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    resolution = models.CharField(max_length=10, choices=Resolution, blank=True)
    resolution_words = models.CharField(max_length=400, blank=True)

    objects = models.Manager.from_queryset(FaultQuerySet)()

    class Meta:
        ordering = ["-opened_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["camera", "code"],
                condition=~Q(state="resolved"),
                name="one_open_fault_per_camera_and_code",
            )
        ]
        indexes = [models.Index(fields=["opened_at"], name="faults_by_time")]

    def __str__(self) -> str:
        return f"{self.code.replace('_', ' ')} of {self.camera}"


class Repair(models.Model):
    """A camera away at its maker or a workshop, with what CJIS MA-2 wants written down.

    Nothing leaves unsanitised: ``sanitised_at`` comes before ``sent_at``, or ``cannot_sanitise``
    says why it could not be done; ``approved_by`` let it go. What was said when it left is
    never changed, nor anything once it is back: a trigger refuses it.
    """

    key = models.UUIDField(unique=True, null=True, editable=False)
    camera = models.ForeignKey("devices.Camera", models.PROTECT, related_name="repairs")
    fault = models.ForeignKey(Fault, models.PROTECT, null=True, blank=True, related_name="repairs")
    maintainer = models.CharField(max_length=100)
    rma_number = models.CharField(max_length=60, blank=True)
    reason = models.CharField(max_length=400)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    sanitised_at = models.DateTimeField(null=True, blank=True)
    sanitised_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    sanitised_how = models.CharField(max_length=100, blank=True)
    cannot_sanitise = models.CharField(max_length=200, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    returned_at = models.DateTimeField(null=True, blank=True)
    returned_to = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    work_done = models.CharField(max_length=400, blank=True)
    parts_replaced = models.CharField(max_length=400, blank=True)
    checked_after = models.CharField(max_length=200, blank=True)

    objects = models.Manager.from_queryset(RepairQuerySet)()

    class Meta:
        ordering = ["-sent_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["camera"],
                condition=Q(returned_at=None),
                name="one_open_repair_per_camera",
            ),
            models.CheckConstraint(
                condition=Q(returned_at=None) | Q(returned_at__gte=F("sent_at")),
                name="nothing_returns_before_it_left",
            ),
            models.CheckConstraint(
                condition=Q(sent_at=None) | Q(sanitised_at__isnull=False) | ~Q(cannot_sanitise=""),
                name="nothing_leaves_unsanitised_unsaid",
            ),
        ]

    def __str__(self) -> str:
        return f"repair of {self.camera}"
