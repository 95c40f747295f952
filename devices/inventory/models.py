from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Upper

from devices.inventory import codes
from devices.inventory.tags import LONGEST_TAG
from devices.lifecycle import Lifecycle

# field.md: Connecticut wants a critical incident's footage public within 96 hours.
PUBLIC_WITHIN = timedelta(hours=96)


class UpdateStage(models.TextChoices):
    """How far an update of a camera is; what both a desk and a rollout guard."""

    NONE = "", "None"
    OFFERED = "offered", "Offered"
    INSTALLING = "installing", "Installing"


class ServiceState(models.TextChoices):
    IN_SERVICE = "in_service", "In service"
    OUT_OF_SERVICE = "out_of_service", "Out of service"
    IN_REPAIR = "in_repair", "In repair"
    LOST = "lost", "Lost"
    RETIRED = "retired", "Retired"


SERVICE = Lifecycle(
    field="service_state",
    moves={
        ServiceState.IN_SERVICE: {
            ServiceState.OUT_OF_SERVICE,
            ServiceState.IN_REPAIR,
            ServiceState.LOST,
            ServiceState.RETIRED,
        },
        ServiceState.OUT_OF_SERVICE: {
            ServiceState.IN_SERVICE,
            ServiceState.IN_REPAIR,
            ServiceState.LOST,
            ServiceState.RETIRED,
        },
        ServiceState.IN_REPAIR: {ServiceState.IN_SERVICE, ServiceState.RETIRED},
        ServiceState.LOST: {ServiceState.IN_SERVICE, ServiceState.RETIRED},
        ServiceState.RETIRED: set(),
    },
)


class AtStations(models.QuerySet[Any]):
    """Rows that belong to a station."""

    def at_stations(self, station_ids: Collection[int] | None) -> "AtStations":
        """Those of these stations; None means every station."""
        if station_ids is None:
            return self
        return self.filter(station__in=station_ids)


class Station(models.Model):
    """A building with docks. In a ``pool`` any officer is given any camera that is ready."""

    code = models.CharField(max_length=20, unique=True)
    name = models.CharField(max_length=100)
    pool = models.BooleanField(default=False)

    class Meta:
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name


class DockKind(models.TextChoices):
    MULTI = "multi", "Dock"
    SINGLE = "single", "Single dock"
    VEHICLE = "vehicle", "Vehicle"


class Dock(models.Model):
    """Charges cameras and takes their recordings off; on the wall, on a desk or in a cruiser."""

    code = models.CharField(max_length=20, unique=True)
    station = models.ForeignKey(Station, models.PROTECT, related_name="docks")
    kind = models.CharField(max_length=10, choices=DockKind, default=DockKind.MULTI)
    place = models.CharField(max_length=100, blank=True)
    maker = models.CharField(max_length=60, blank=True)
    model = models.CharField(max_length=60, blank=True)
    serial = models.CharField(max_length=40, blank=True)

    objects = models.Manager.from_queryset(AtStations)()

    class Meta:
        ordering = ["code"]
        constraints = [
            models.UniqueConstraint(
                Upper("serial"), condition=~Q(serial=""), name="one_dock_per_serial"
            )
        ]

    def __str__(self) -> str:
        return self.code


class Bay(models.Model):
    """One slot of a dock, counted from 1 as mounted. At some makers it has the network identity."""

    dock = models.ForeignKey(Dock, models.CASCADE, related_name="bays")
    position = models.PositiveSmallIntegerField()
    mac = models.CharField(max_length=17, blank=True)

    class Meta:
        ordering = ["dock", "position"]
        constraints = [
            models.UniqueConstraint(fields=["dock", "position"], name="one_bay_per_position"),
            models.UniqueConstraint(fields=["mac"], condition=~Q(mac=""), name="one_bay_per_mac"),
        ]

    def __str__(self) -> str:
        return f"{self.dock}-{self.position}"


class CameraModel(models.Model):
    """A kind of camera: what it can do, and what the department wants it to run."""

    maker = models.CharField(max_length=60)
    name = models.CharField(max_length=60)
    radio = models.BooleanField(default=False, help_text="Speaks for itself when away from a dock.")
    battery_hours = models.FloatField(null=True, blank=True, help_text="Buffering, when new.")
    storage_gb = models.PositiveIntegerField(null=True, blank=True)
    firmware_version = models.CharField(max_length=40, blank=True)
    profile_version = models.CharField(max_length=40, blank=True)
    # Besides the one above: what else is approved, while a rollout is under way.
    firmware_accepted = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    profile_accepted = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    # What no camera of it is good with where nobody says what it should run.
    profile_refused = ArrayField(models.CharField(max_length=40), default=list, blank=True)

    class Meta:
        ordering = ["maker", "name"]
        constraints = [
            models.UniqueConstraint(
                Upper("maker"), Upper("name"), name="one_model_per_maker_and_name"
            )
        ]

    def __str__(self) -> str:
        return f"{self.maker} {self.name}"


class Officer(models.Model):
    """Who wears a camera. Shown by badge number; who someone is, is another system's business."""

    badge_number = models.CharField(max_length=20, unique=True)
    station = models.ForeignKey(Station, models.PROTECT, related_name="officers")
    unit = models.CharField(max_length=60, blank=True)
    active = models.BooleanField(default=True)
    suspended_because = models.CharField(max_length=200, blank=True)
    user = models.OneToOneField(
        "auth.User", models.SET_NULL, null=True, blank=True, related_name="officer"
    )

    objects = models.Manager.from_queryset(AtStations)()

    class Meta:
        ordering = ["badge_number"]

    def __str__(self) -> str:
        return self.badge_number


class CredentialKind(models.TextChoices):
    BADGE = "badge", "Badge"
    RFID = "rfid", "RFID card"
    CODE = "code", "Code"


class Credential(models.Model):
    """Names an officer when scanned. It identifies; it does not authenticate.

    ``by_hand``: somebody added it beside the file of officers, which says nothing about it.
    """

    officer = models.ForeignKey(Officer, models.CASCADE, related_name="credentials")
    kind = models.CharField(max_length=10, choices=CredentialKind, default=CredentialKind.BADGE)
    value = models.CharField(max_length=64, unique=True)
    by_hand = models.BooleanField(default=False, db_default=False)

    def __str__(self) -> str:
        return f"{self.kind} of {self.officer}"

    @property
    def ending(self) -> str:
        return codes.ending(self.value)


class EndedCredential(models.Model):
    """A badge that was taken away: no file brings it back, only somebody who adds it by hand.

    ``bare`` is its value without leading zeros.
    """

    bare = models.CharField(max_length=64, unique=True)
    ended_at = models.DateTimeField()

    def __str__(self) -> str:
        return codes.ending(self.bare)


class Camera(models.Model):
    """One body-worn camera, with what CJIS CM-8 wants known of it.

    ``held_for``: it holds evidence of a critical incident, and stays as it is since ``held_at``.
    ``lot``: which it was made in, as its maker calls it, for the day that lot is recalled.
    ``tags`` are words that people sort cameras by, as `tags` has them.
    """

    number = models.PositiveIntegerField(unique=True)
    serial = models.CharField(max_length=40)
    asset_tag = models.CharField(max_length=40, blank=True)
    model = models.ForeignKey(CameraModel, models.PROTECT, related_name="cameras")
    lot = models.CharField(max_length=40, blank=True, db_default="")
    supplier = models.CharField(max_length=100, blank=True)
    installed_on = models.DateField(null=True, blank=True)
    station = models.ForeignKey(Station, models.PROTECT, related_name="cameras")
    home_bay = models.ForeignKey(
        Bay, models.SET_NULL, null=True, blank=True, related_name="home_of"
    )
    officer = models.ForeignKey(
        Officer, models.PROTECT, null=True, blank=True, related_name="cameras"
    )
    service_state = models.CharField(
        max_length=20, choices=ServiceState, default=ServiceState.IN_SERVICE
    )
    service_note = models.CharField(max_length=200, blank=True)
    update_stage = models.CharField(max_length=10, choices=UpdateStage, blank=True, default="")
    updating_until = models.DateTimeField(null=True, blank=True)
    held_for = models.CharField(max_length=200, blank=True, db_default="")
    held_at = models.DateTimeField(null=True, blank=True)
    tags = ArrayField(
        models.CharField(max_length=LONGEST_TAG), default=list, db_default=[], blank=True
    )
    enrolled_at = models.DateTimeField()

    objects = models.Manager.from_queryset(AtStations)()

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(Upper("serial"), name="one_camera_per_serial"),
            models.UniqueConstraint(
                Upper("asset_tag"), condition=~Q(asset_tag=""), name="one_camera_per_asset_tag"
            ),
            models.UniqueConstraint(fields=["home_bay"], name="one_camera_at_home_in_a_bay"),
            models.CheckConstraint(
                condition=Q(held_for="", held_at=None) | Q(held_for__gt="", held_at__isnull=False),
                name="a_hold_has_its_reason_and_moment",
            ),
        ]
        indexes = [
            models.Index(fields=["station", "number"], name="camera_by_station"),
            models.Index(
                fields=["service_state"], condition=Q(service_state="lost"), name="lost_cameras"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """How people say it: C0417."""
        return codes.name(self.number)

    @property
    def public_by(self) -> datetime | None:
        """When its footage has to be public at the latest, while it is held."""
        return self.held_at + PUBLIC_WITHIN if self.held_at else None

    @property
    def label(self) -> str:
        """What its label says: the name and a check character."""
        return codes.label(self.number)


class ServiceChange(models.Model):
    """A camera went from one state of service to another. Rows are never changed."""

    camera = models.ForeignKey(Camera, models.CASCADE, related_name="service_changes")
    before = models.CharField(max_length=20, choices=ServiceState)
    after = models.CharField(max_length=20, choices=ServiceState)
    reason = models.CharField(max_length=200)
    at = models.DateTimeField()
    by = models.ForeignKey("auth.User", models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["-at"]
        indexes = [models.Index(fields=["camera", "-at"], name="service_changes_of_a_camera")]

    def __str__(self) -> str:
        return f"{self.camera}: {self.before} to {self.after}"


class CameraCode(models.Model):
    """Another code that names a camera when scanned: the maker's barcode, an RFID tag."""

    camera = models.ForeignKey(Camera, models.CASCADE, related_name="codes")
    value = models.CharField(max_length=64, unique=True)

    def __str__(self) -> str:
        return f"code of {self.camera}"
