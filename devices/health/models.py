from datetime import datetime

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import F, Q

from devices.wire import BatteryState, Mode, Offload


def _choices(enum: type[Mode] | type[BatteryState] | type[Offload]) -> list[tuple[str, str]]:
    return [(member.value, member.value.capitalize()) for member in enum]


class Hearing(models.TextChoices):
    """The one stored status, because going silent must be announced."""

    NEVER = "never", "Never heard"
    HEARD = "heard", "Heard"
    LATE = "late", "Late"
    SILENT = "silent", "Silent"


class Contact(models.Model):
    """What is known of any device that speaks: which records came, when, when the next is due.

    ``received`` are the sequences of ``boot`` that came, as first, last, first, last…
    """

    boot = models.IntegerField(null=True)
    received = ArrayField(models.BigIntegerField(), default=list)
    heard_at = models.DateTimeField(null=True)
    hearing = models.CharField(max_length=10, choices=Hearing, default=Hearing.NEVER)
    expected_by = models.DateTimeField(null=True)

    class Meta:
        abstract = True


class HealthQuerySet(models.QuerySet["CameraHealth"]):
    def overdue(self, now: datetime) -> "HealthQuerySet":
        """Cameras whose next word was due by now."""
        return self.filter(expected_by__lte=now)


class CameraHealth(Contact):
    """A camera's latest word: the report with the greatest (boot, sequence), whatever came when.

    ``received_at`` is when that report came, ``heard_at`` when anything last came. ``docked``,
    ``bay`` and ``placed_at`` are the later of what it says and of what a dock last saw of it,
    ``seen_…`` (at a dock's own ``seen_boot`` and ``seen_sequence``). ``moved_at``: since when it is
    where it is, which ``placed_at`` is the latest word of. ``profile_since``: since when
    it has said the profile that it says; None: since before that was kept. ``locate_…``: how
    often, and when last, somebody asked it to blink and beep.
    """

    camera = models.OneToOneField(
        "devices.Camera", models.CASCADE, related_name="health", primary_key=True
    )
    sequence = models.BigIntegerField(null=True)
    received_at = models.DateTimeField(null=True)
    measured_at = models.DateTimeField(null=True)
    device_time = models.DateTimeField(null=True)
    clock_offset_s = models.FloatField(null=True)
    clock_wrong = models.BooleanField(default=False)

    mode = models.CharField(max_length=10, choices=_choices(Mode), blank=True)
    battery_percent = models.SmallIntegerField(null=True)
    battery_state = models.CharField(max_length=12, choices=_choices(BatteryState), blank=True)
    battery_health_percent = models.SmallIntegerField(null=True)
    storage_used_mb = models.IntegerField(null=True)
    storage_free_mb = models.IntegerField(null=True)
    clips_waiting = models.BigIntegerField(null=True)
    bytes_waiting = models.BigIntegerField(null=True)
    offload = models.CharField(max_length=12, choices=_choices(Offload), blank=True)
    firmware_version = models.CharField(max_length=40, blank=True)
    firmware_digest = models.CharField(max_length=64, blank=True)
    profile_version = models.CharField(max_length=40, blank=True)
    profile_digest = models.CharField(max_length=64, blank=True)
    profile_since = models.DateTimeField(null=True)
    temperature_c = models.FloatField(null=True)
    faults = ArrayField(models.CharField(max_length=32), default=list)
    latitude = models.FloatField(null=True)
    longitude = models.FloatField(null=True)
    accuracy_m = models.FloatField(null=True)

    docked = models.BooleanField(null=True)
    bay = models.ForeignKey(
        "devices.Bay", models.SET_NULL, null=True, blank=True, related_name="claimed_by"
    )
    placed_at = models.DateTimeField(null=True)
    moved_at = models.DateTimeField(null=True)
    seen_docked = models.BooleanField(null=True)
    seen_bay = models.ForeignKey(
        "devices.Bay", models.SET_NULL, null=True, related_name="+", db_index=False
    )
    seen_at = models.DateTimeField(null=True)
    seen_boot = models.IntegerField(null=True)
    seen_sequence = models.BigIntegerField(null=True)
    since = models.DateTimeField(null=True)
    reading_at = models.DateTimeField(null=True)
    locate_number = models.IntegerField(default=0, db_default=0)
    locate_asked_at = models.DateTimeField(null=True)

    objects = HealthQuerySet.as_manager()

    # No index on anything that a report changes: the row is then rewritten in place (HOT), and
    # the sweep's scan of 100,000 narrow rows costs less than their index would.

    def __str__(self) -> str:
        return f"health of {self.camera}"


class DockHealth(Contact):
    """When a dock last spoke, and how far its clock is behind ours."""

    dock = models.OneToOneField(
        "devices.Dock", models.CASCADE, related_name="health", primary_key=True
    )
    clock_behind_s = models.FloatField(null=True)

    def __str__(self) -> str:
        return f"health of {self.dock}"


class EarlierBoot(models.Model):
    """Which reports of an earlier start of a device came; late ones still count once."""

    camera = models.ForeignKey("devices.Camera", models.CASCADE, null=True, related_name="+")
    dock = models.ForeignKey("devices.Dock", models.CASCADE, null=True, related_name="+")
    boot = models.IntegerField()
    received = ArrayField(models.BigIntegerField(), default=list)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["camera", "boot"], condition=Q(dock=None), name="one_row_per_camera_boot"
            ),
            models.UniqueConstraint(
                fields=["dock", "boot"], condition=Q(camera=None), name="one_row_per_dock_boot"
            ),
        ]

    def __str__(self) -> str:
        return f"boot {self.boot}"


class Reading(models.Model):
    """One moment of a camera's history: kept when something changed, and now and then."""

    camera = models.ForeignKey("devices.Camera", models.CASCADE, related_name="readings")
    at = models.DateTimeField()
    received_at = models.DateTimeField()
    device_time = models.DateTimeField()
    clock_wrong = models.BooleanField()
    boot = models.IntegerField()
    sequence = models.BigIntegerField()
    mode = models.CharField(max_length=10)
    docked = models.BooleanField()
    battery_percent = models.SmallIntegerField()
    battery_state = models.CharField(max_length=12)
    battery_health_percent = models.SmallIntegerField(null=True)
    storage_free_mb = models.IntegerField()
    bytes_waiting = models.BigIntegerField()
    offload = models.CharField(max_length=12)
    firmware_version = models.CharField(max_length=40)
    temperature_c = models.FloatField(null=True)
    faults = ArrayField(models.CharField(max_length=32), default=list)

    class Meta:
        indexes = [
            models.Index(fields=["camera", "-at"], name="readings_of_a_camera"),
            BrinIndex(fields=["at"], name="readings_by_time"),
            BrinIndex(fields=["received_at"], name="readings_by_arrival"),
        ]

    def __str__(self) -> str:
        return f"{self.camera_id} at {self.at}"

    @property
    def free_gb(self) -> str:
        return f"{self.storage_free_mb / 1000:.1f}"


class ReadingDay(models.Model):
    """What remains of a camera's day when its readings are let go."""

    camera = models.ForeignKey("devices.Camera", models.CASCADE, related_name="days")
    day = models.DateField()
    readings = models.IntegerField()
    battery_lowest = models.SmallIntegerField()
    battery_highest = models.SmallIntegerField()
    recording_minutes = models.IntegerField()
    docked_minutes = models.IntegerField()
    temperature_highest = models.FloatField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["camera", "day"], name="one_row_per_camera_and_day")
        ]

    def __str__(self) -> str:
        return f"{self.camera_id} on {self.day}"


class Placement(models.Model):
    """A camera came to a bay or left it: where the hardware was, when, and who said so."""

    camera = models.ForeignKey("devices.Camera", models.CASCADE, related_name="placements")
    docked = models.BooleanField()
    bay = models.ForeignKey("devices.Bay", models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()
    received_at = models.DateTimeField()
    said_by = models.ForeignKey("devices.Dock", models.SET_NULL, null=True, related_name="+")

    class Meta:
        indexes = [
            models.Index(fields=["camera", "-at"], name="placements_of_a_camera"),
            BrinIndex(fields=["received_at"], name="placements_by_arrival"),
        ]

    def __str__(self) -> str:
        return f"{self.camera_id} {'in' if self.docked else 'out'} at {self.at}"


class Silence(models.Model):
    """A span in which a camera that should have spoken did not.

    It starts at the last word, is noticed later (``detected_at``) and ends at the next word.
    """

    camera = models.ForeignKey("devices.Camera", models.CASCADE, related_name="silences")
    began_at = models.DateTimeField()
    detected_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["camera"], condition=Q(ended_at=None), name="one_open_silence_per_camera"
            )
        ]

    def __str__(self) -> str:
        return f"{self.camera_id} from {self.began_at}"


class DockSilence(models.Model):
    """A span in which a dock did not speak, from its last word to its next; noticed later."""

    dock = models.ForeignKey("devices.Dock", models.CASCADE, related_name="silences")
    began_at = models.DateTimeField()
    detected_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["dock"], condition=Q(ended_at=None), name="one_open_silence_per_dock"
            )
        ]

    def __str__(self) -> str:
        return f"{self.dock_id} from {self.began_at}"


class Interval(models.Model):
    """What one camera was doing from one moment to another, and how that is known.

    Made from readings, placements, silences and changes of service, and made again where late
    ones come in; it stays when they are let go. ``state`` is one of ``intervals.STATES``;
    ``until_at`` None: it still is. ``heard``: the camera said so itself; else somebody else did,
    or nobody (unknown). It ends at the last evidence; ``detected_at`` is when it was first seen.
    """

    camera = models.ForeignKey("devices.Camera", models.CASCADE, related_name="intervals")
    state = models.CharField(max_length=12)
    from_at = models.DateTimeField()
    until_at = models.DateTimeField(null=True)
    heard = models.BooleanField()
    place = models.CharField(max_length=24, blank=True)
    cause = models.CharField(max_length=12)
    detected_at = models.DateTimeField()

    class Meta:
        ordering = ["from_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["camera"], condition=Q(until_at=None), name="one_open_interval_per_camera"
            ),
            models.CheckConstraint(
                condition=Q(until_at=None) | Q(until_at__gt=F("from_at")),
                name="an_interval_ends_after_it_begins",
            ),
        ]
        indexes = [models.Index(fields=["camera", "-from_at"], name="intervals_of_a_camera")]

    def __str__(self) -> str:
        return f"{self.camera_id} {self.state} from {self.from_at}"


class HistoryMark(models.Model):
    """The one row that says up to when what came in has been made into intervals."""

    folded_until = models.DateTimeField()

    def __str__(self) -> str:
        return f"history until {self.folded_until}"


class CameraAttributes(models.Model):
    """What a camera's update client says of the camera: names and values, as it said them."""

    camera = models.OneToOneField(
        "devices.Camera", models.CASCADE, related_name="attributes", primary_key=True
    )
    told = models.JSONField(default=dict)
    told_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"attributes of {self.camera}"
