from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from devices.inventory.models import CameraModel
from devices.inventory.tags import LONGEST_TAG
from devices.lifecycle import Lifecycle


class Certificate(models.Model):
    """Whose signature the department believes: a certificate as PEM, public by nature."""

    name = models.CharField(max_length=60, unique=True)
    pem = models.TextField()
    fingerprint = models.CharField(max_length=64, unique=True)  # SHA-256 of the DER, in hex
    ends_at = models.DateTimeField()
    added_at = models.DateTimeField()
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class ReleaseKind(models.TextChoices):
    FIRMWARE = "firmware", "Firmware"
    PROFILE = "profile", "Device profile"


class ReleaseState(models.TextChoices):
    """What is refused is not kept, so there is no such state."""

    RECEIVED = "received", "Being verified"
    VERIFIED = "verified", "Waiting for approval"
    APPROVED = "approved", "Approved"
    RECALLED = "recalled", "Recalled"


RELEASE = Lifecycle(
    field="state",
    moves={
        ReleaseState.RECEIVED: {ReleaseState.VERIFIED},
        ReleaseState.VERIFIED: {ReleaseState.APPROVED, ReleaseState.RECALLED},
        ReleaseState.APPROVED: {ReleaseState.RECALLED},
        ReleaseState.RECALLED: set(),
    },
)


class Urgency(models.TextChoices):
    """How grave what it mends is: the patching clock runs from its approval (field.md)."""

    CRITICAL = "critical", "Critical: 15 days"
    HIGH = "high", "High: 30 days"
    MEDIUM = "medium", "Medium: 60 days"
    LOW = "low", "Low: 90 days"


class Profile(models.Model):
    """A named set of camera settings, in versions."""

    name = models.SlugField(max_length=30, unique=True)
    words = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class ProfileVersion(models.Model):
    """One version of a profile. Rows are never changed: a database trigger sees to it.

    ``chosen`` are the settings; ``digest`` is SHA-256 over them as canonical JSON, which is what
    a camera is sent.
    """

    profile = models.ForeignKey(Profile, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    chosen = models.JSONField()
    digest = models.CharField(max_length=64)
    note = models.CharField(max_length=200, blank=True)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        ordering = ["profile", "-number"]
        constraints = [
            models.UniqueConstraint(
                fields=["profile", "number"], name="one_version_of_a_number_per_profile"
            )
        ]

    def __str__(self) -> str:
        return f"{self.profile}-{self.number}"


# What was recalled before anybody approved it came to no camera: who mistyped it may begin anew.
_HOLDING = ~Q(state="recalled", approved_at=None)


class ReleaseQuerySet(models.QuerySet["Release"]):
    def holding(self) -> "ReleaseQuerySet":
        """Those that keep their version and their content for themselves."""
        return self.filter(_HOLDING)

    def fitting(self, model: CameraModel) -> "ReleaseQuerySet":
        """Those that cameras of this model may be brought to: of profiles every one."""
        named = Release.fits.through.objects.filter(cameramodel=model)
        return self.filter(Q(kind=ReleaseKind.PROFILE) | Q(pk__in=named.values("release")))


class Release(models.Model):
    """Something to install, whole and verified: its bytes stand in storage under ``key``.

    ``fits`` are the camera models and ``hardware`` their revisions, ``from_versions`` those it may
    come from (none: any). A profile is for every model, one that comes later too, and lists none.
    A version is one content for ever, and a content is one version: a detached signature vouches
    for bytes alone, and an old image is not a new one by another name. What was recalled before
    anybody approved it holds neither any more.
    ``signature`` is a detached one, empty where the file carries its own. ``tried_at`` is when it
    was last begun to verify a release that is received: those that were not tried come before it.
    Since ``image_removed_at`` its bytes are gone, and the row says what it was.
    """

    kind = models.CharField(max_length=8, choices=ReleaseKind)
    version = models.CharField(max_length=40)
    fits = models.ManyToManyField("devices.CameraModel", related_name="releases")
    hardware = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    from_versions = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    notes = models.TextField(blank=True)
    urgency = models.CharField(max_length=8, choices=Urgency, default=Urgency.LOW)
    minimum_battery_percent = models.PositiveSmallIntegerField(default=30)
    profile_version = models.OneToOneField(
        ProfileVersion, models.PROTECT, null=True, blank=True, related_name="release"
    )
    file_name = models.CharField(max_length=100)
    key = models.CharField(max_length=100, unique=True)
    size = models.BigIntegerField()
    sha1 = models.CharField(max_length=40)
    md5 = models.CharField(max_length=32)
    sha256 = models.CharField(max_length=64)
    signature = models.BinaryField(default=b"")
    signed_by = models.ForeignKey(Certificate, models.PROTECT, null=True, blank=True)
    state = models.CharField(max_length=9, choices=ReleaseState, default=ReleaseState.RECEIVED)
    tried_at = models.DateTimeField(null=True, blank=True)
    uploaded_at = models.DateTimeField()
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    approved_at = models.DateTimeField(null=True, blank=True)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    recalled_at = models.DateTimeField(null=True, blank=True)
    recalled_because = models.CharField(max_length=200, blank=True)
    image_removed_at = models.DateTimeField(null=True, blank=True)

    objects = ReleaseQuerySet.as_manager()

    class Meta:
        ordering = ["-uploaded_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "version"],
                condition=_HOLDING,
                name="one_content_per_kind_and_version",
            ),
            models.UniqueConstraint(
                fields=["sha256"],
                condition=Q(kind="firmware") & _HOLDING,
                name="one_version_per_firmware_content",
            ),
            models.CheckConstraint(
                condition=Q(approved_by=None) | ~Q(approved_by=F("uploaded_by")),
                name="nobody_approves_their_own_release",
            ),
            models.CheckConstraint(
                condition=Q(kind="firmware", profile_version=None)
                | Q(kind="profile", profile_version__isnull=False),
                name="a_profile_release_is_of_a_profile",
            ),
            models.CheckConstraint(
                condition=Q(image_removed_at=None) | Q(state="recalled"),
                name="only_a_recalled_release_loses_its_image",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.version}"


class Assignment(models.Model):
    """Which profile a camera should run: by itself, a tag, its unit, its station or its model.

    The narrowest that is there counts: camera, tag, unit, station, model; of several tags the
    first by alphabet. Exactly one is set.
    """

    profile = models.ForeignKey(Profile, models.PROTECT, related_name="assignments")
    camera = models.OneToOneField(
        "devices.Camera", models.CASCADE, null=True, blank=True, related_name="+"
    )
    tag = models.CharField(max_length=LONGEST_TAG, blank=True, db_default="")
    unit = models.CharField(max_length=60, blank=True)
    station = models.OneToOneField(
        "devices.Station", models.CASCADE, null=True, blank=True, related_name="+"
    )
    model = models.OneToOneField(
        "devices.CameraModel", models.CASCADE, null=True, blank=True, related_name="+"
    )
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["unit"], condition=~Q(unit=""), name="one_profile_per_unit"
            ),
            models.UniqueConstraint(
                fields=["tag"], condition=~Q(tag=""), name="one_profile_per_tag"
            ),
            models.CheckConstraint(
                condition=(
                    Q(camera__isnull=False, tag="", unit="", station=None, model=None)
                    | (Q(camera=None, unit="", station=None, model=None) & ~Q(tag=""))
                    | (Q(camera=None, tag="", station=None, model=None) & ~Q(unit=""))
                    | Q(camera=None, tag="", unit="", station__isnull=False, model=None)
                    | Q(camera=None, tag="", unit="", station=None, model__isnull=False)
                ),
                name="a_profile_is_assigned_to_one_thing",
            ),
        ]

    def __str__(self) -> str:
        named = self.camera or self.tag or self.unit or self.station or self.model
        return f"{self.profile} for {named}"


class RollbackOrder(models.Model):
    """A signed order to go back to an older version: two people, a reason, a detached signature.

    Without one the server offers no camera an older version than it runs.
    """

    release = models.ForeignKey(Release, models.PROTECT, related_name="rollback_orders")
    reason = models.CharField(max_length=200)
    signature = models.BinaryField()
    signed_by = models.ForeignKey(Certificate, models.PROTECT, related_name="+")
    ordered_at = models.DateTimeField()
    ordered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    confirmed_at = models.DateTimeField(null=True, blank=True)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(confirmed_by=None) | ~Q(confirmed_by=F("ordered_by")),
                name="nobody_confirms_their_own_order",
            )
        ]

    def __str__(self) -> str:
        return f"back to {self.release}"
