from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from devices.lifecycle import Lifecycle
from devices.rollouts.drafts import Caps
from devices.rollouts.rules import ACTIVE, Course, Terms, Turn
from devices.wire import Offload


def _choices(enum: type[Course] | type[Turn]) -> list[tuple[str, str]]:
    return [(one.value, one.value.replace("_", " ").capitalize()) for one in enum]


# Turns whose camera, as far as is known, is away, records, is not emptied or lacks charge: no such
# camera begins to install.
UNFIT = (
    Q(camera__health__docked=False)
    | Q(camera__health__mode="recording")
    | Q(camera__health__clips_waiting__gt=0)
    | Q(camera__health__offload__in=sorted({*Offload} - {Offload.COMPLETE}))
    | Q(camera__health__battery_percent__lt=F("rollout__release__minimum_battery_percent"))
)

_ACTIVE = sorted(one.value for one in ACTIVE)
ROLLOUT = Lifecycle(
    field="state",
    moves={
        Course.DRAFT: {Course.APPROVED, Course.ABORTED},
        Course.APPROVED: {Course.RUNNING, Course.ABORTED},
        Course.RUNNING: {Course.PAUSED, Course.FINISHED, Course.ABORTED},
        Course.PAUSED: {Course.RUNNING, Course.ABORTED},
        Course.FINISHED: set(),
        Course.ABORTED: set(),
    },
)


class Rollout(models.Model):
    """A release on its way to every camera that ``wanted`` describes.

    ``wanted`` is a saved query: {"models": [ids], "stations": [ids], "versions": [texts],
    "units": [texts], "tags": [texts], "cameras": [ids]}; an empty list means any, and of tags a
    camera needs one. Cameras that come to match join the last wave while it runs. ``windows`` are
    spans of the day, [["22:00", "05:00"]]; none is always. ``repairs_of`` is the rollout whose work
    it mends: the fleet began it by itself, for cameras that drifted from what that one brought.
    """

    name = models.CharField(max_length=60)
    release = models.ForeignKey("devices.Release", models.PROTECT, related_name="rollouts")
    order = models.ForeignKey(
        "devices.RollbackOrder", models.PROTECT, null=True, blank=True, related_name="rollouts"
    )
    repairs_of = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="repairs"
    )
    state = models.CharField(max_length=8, choices=_choices(Course), default=Course.DRAFT)
    wanted = models.JSONField(default=dict)
    windows = models.JSONField(default=list)
    success_percent = models.PositiveSmallIntegerField(default=95)
    soak = models.DurationField()
    most_failures = models.PositiveIntegerField(default=2)
    most_failures_percent = models.PositiveSmallIntegerField(default=5)
    most_per_dock = models.PositiveSmallIntegerField(default=2)
    most_per_station = models.PositiveSmallIntegerField(default=8)
    most_at_once = models.PositiveSmallIntegerField(default=16)
    most_mbit_each = models.PositiveSmallIntegerField(default=25)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    # Whose words the draft has been since it was made, if it was changed.
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    started_at = models.DateTimeField(null=True, blank=True)
    paused_because = models.CharField(max_length=200, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    # A person has looked at what failed until then, and goes on in spite of it.
    forgiven_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-made_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(approved_by=None)
                | (~Q(approved_by=F("made_by")) & ~Q(approved_by=F("changed_by"))),
                name="nobody_approves_their_own_rollout",
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def terms(self) -> Terms:
        """When its next wave opens and when all stops."""
        return Terms(
            self.success_percent,
            self.soak,
            self.most_failures,
            self.most_failures_percent,
            shown_before=self.repairs_of_id is not None,
        )

    @property
    def caps(self) -> Caps:
        """How many at once, and how fast."""
        return Caps(
            self.most_per_dock, self.most_per_station, self.most_at_once, self.most_mbit_each
        )


class Wave(models.Model):
    """One step of a rollout, counted from 1: so many of its cameras, or so much of the fleet."""

    rollout = models.ForeignKey(Rollout, models.CASCADE, related_name="waves")
    number = models.PositiveSmallIntegerField()
    percent = models.PositiveSmallIntegerField(null=True, blank=True)
    count = models.PositiveIntegerField(null=True, blank=True)
    opened_at = models.DateTimeField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["rollout", "number"]
        constraints = [
            models.UniqueConstraint(fields=["rollout", "number"], name="one_wave_of_a_number"),
            models.CheckConstraint(
                condition=Q(percent=None, count__isnull=False)
                | Q(percent__isnull=False, count=None),
                name="a_wave_is_a_share_or_a_number",
            ),
        ]

    def __str__(self) -> str:
        return f"wave {self.number} of {self.rollout}"


class Deployment(models.Model):
    """One camera's turn in a rollout.

    ``offer`` is the number of its latest offer, one of its own for each: a client that keeps what
    it did last would take the next attempt for one that it has done.
    ``by`` is the deadline of its state. ``back_by`` is when the camera is reckoned to be ready
    again, while it is permitted to install, and ``begin_by`` until when that must have begun for
    it; ``offered_at`` is when that was granted,
    ``from_version`` what it ran then, ``boot`` the start it was at when installing began (until
    then: when it was offered). ``attempts`` counts the turns that began; ``failed_at`` is when the
    last of them failed, until another succeeds. ``fetched``: whether it ever asked for the bytes;
    a success without them counts for nothing.
    """

    rollout = models.ForeignKey(Rollout, models.PROTECT, related_name="deployments")
    wave = models.ForeignKey(Wave, models.PROTECT, related_name="deployments")
    camera = models.ForeignKey("devices.Camera", models.PROTECT, related_name="deployments")
    state = models.CharField(max_length=14, choices=_choices(Turn), default=Turn.PLANNED)
    since = models.DateTimeField()
    by = models.DateTimeField(null=True, blank=True)
    back_by = models.DateTimeField(null=True, blank=True)
    begin_by = models.DateTimeField(null=True, blank=True)
    offered_at = models.DateTimeField(null=True, blank=True)
    offer = models.PositiveIntegerField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    failed_at = models.DateTimeField(null=True, blank=True)
    fetched = models.BooleanField(default=False)
    from_version = models.CharField(max_length=40, blank=True)
    boot = models.IntegerField(null=True, blank=True)
    progress_percent = models.PositiveSmallIntegerField(null=True, blank=True)
    reason = models.CharField(max_length=300, blank=True)
    installed_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    said = models.PositiveIntegerField(default=0)  # entries of feedback kept of its offer

    class Meta:
        ordering = ["rollout", "camera"]
        constraints = [
            models.UniqueConstraint(fields=["rollout", "camera"], name="one_turn_per_rollout"),
            models.UniqueConstraint(fields=["offer"], name="one_turn_per_offer"),
            models.UniqueConstraint(
                fields=["camera"],
                condition=Q(state__in=_ACTIVE),
                name="one_active_deployment_per_camera",
            ),
        ]
        indexes = [
            models.Index(
                fields=["by"],
                condition=Q(state__in=_ACTIVE),
                name="deployments_with_a_deadline",
            ),
            models.Index(fields=["rollout", "state"], name="deployments_by_state"),
        ]

    def __str__(self) -> str:
        return f"{self.rollout} on {self.camera}"


class DeploymentWord(models.Model):
    """What a client said of a deployment, as it said it; or what the server did. Append-only."""

    deployment = models.ForeignKey(Deployment, models.CASCADE, related_name="words")
    at = models.DateTimeField()
    execution = models.CharField(max_length=12)
    finished = models.CharField(max_length=8, blank=True)
    code = models.IntegerField(null=True, blank=True)
    details = ArrayField(models.CharField(max_length=500), default=list, blank=True)

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["deployment", "id"], name="words_of_a_deployment")]

    def __str__(self) -> str:
        return f"{self.execution} {self.finished}".strip()


class PutAside(models.Model):
    """A camera no rollout takes: it failed three times, or somebody exempted it, until it ends."""

    camera = models.ForeignKey("devices.Camera", models.CASCADE, related_name="put_aside")
    reason = models.CharField(max_length=200)
    at = models.DateTimeField()
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["camera"], condition=Q(ended_at=None), name="put_aside_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.camera}: {self.reason}"
