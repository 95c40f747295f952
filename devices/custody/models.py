from collections.abc import Collection
from datetime import datetime

from django.conf import settings
from django.contrib.auth.models import User
from django.db import models
from django.db.models import F, OuterRef, Q, Subquery
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast

from devices.access.people import Visible
from devices.policy import Policy


class DeskKind(models.TextChoices):
    DESK = "desk", "Desk"
    KIOSK = "kiosk", "Kiosk"


class Desk(models.Model):
    """A place where cameras are given out. ``scanner`` is what its scanner was found to send."""

    station = models.ForeignKey("devices.Station", models.PROTECT, related_name="desks")
    name = models.CharField(max_length=40)
    kind = models.CharField(max_length=5, choices=DeskKind, default=DeskKind.DESK)
    scanner = models.JSONField(default=dict, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["station", "name"]
        constraints = [
            models.UniqueConstraint(
                fields=["station", "name"],
                condition=Q(ended_at=None),
                name="one_desk_of_a_name_per_station",
            )
        ]

    def __str__(self) -> str:
        return self.name


class CustodyKind(models.TextChoices):
    """``PERSONAL``: standing issue. ``LOAN``: a spare standing in for the officer's own."""

    PERSONAL = "personal", "Own camera"
    SHIFT = "shift", "For the shift"
    LOAN = "loan", "On loan"


FOR_A_SHIFT = (CustodyKind.SHIFT, CustodyKind.LOAN)


class CustodyQuerySet(models.QuerySet["Custody"]):
    def open(self) -> "CustodyQuerySet":
        return self.filter(closed_at=None)

    def for_a_shift(self) -> "CustodyQuerySet":
        return self.filter(kind__in=FOR_A_SHIFT)

    def overdue(self, policy: Policy, now: datetime) -> "CustodyQuerySet":
        """Still out, longer past when they were due than the department allows; as
        `rules.is_overdue`."""
        return self.filter(closed_at=None, due_at__lte=now - policy.overdue_after)

    def missing(self, policy: Policy, now: datetime) -> "CustodyQuerySet":
        """Overdue for so long that nobody waits for them any more; as `rules.standing`."""
        return self.overdue(policy, now).filter(due_at__lte=now - policy.missing_after)

    def at(self, moment: datetime) -> "CustodyQuerySet":
        """Those that were open at this moment."""
        return self.filter(Q(closed_at=None) | Q(closed_at__gt=moment), opened_at__lte=moment)

    def at_stations(self, station_ids: Collection[int] | None) -> "CustodyQuerySet":
        """Of cameras of these stations; None means every station."""
        return self if station_ids is None else self.filter(camera__station__in=station_ids)

    def within(self, reach: Visible) -> "CustodyQuerySet":
        """Those that somebody's reach shows: of a camera or an officer of their stations, or their
        own."""
        if reach.officer_id is not None:
            return self.filter(officer=reach.officer_id)
        return self if reach.stations is None else self.filter(_of(reach.stations))


def _of(stations: Collection[int]) -> Q:
    return Q(camera__station__in=stations) | Q(officer__station__in=stations)


class Custody(models.Model):
    """One interval in which one officer answers for one camera.

    ``loan_of`` is the officer's own camera that a loan stands in for. ``extra``: a second
    camera of the same officer, given for a reason. A row is closed once and else never changed:
    a database trigger sees to it. No two of a camera overlap: a constraint sees to it
    (`one_holder_at_any_moment`, in SQL of its own).
    """

    camera = models.ForeignKey("devices.Camera", models.PROTECT, related_name="custodies")
    officer = models.ForeignKey("devices.Officer", models.PROTECT, related_name="custodies")
    kind = models.CharField(max_length=8, choices=CustodyKind)
    loan_of = models.ForeignKey(
        "devices.Camera", models.PROTECT, null=True, blank=True, related_name="+"
    )
    extra = models.BooleanField(default=False)
    opened_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    objects = models.Manager.from_queryset(CustodyQuerySet)()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["camera"], condition=Q(closed_at=None), name="one_open_custody_per_camera"
            ),
            models.UniqueConstraint(
                fields=["officer"],
                condition=Q(closed_at=None, kind__in=("shift", "loan"), extra=False),
                name="one_shift_custody_per_officer",
            ),
            models.CheckConstraint(
                condition=Q(closed_at=None) | Q(closed_at__gte=F("opened_at")),
                name="a_custody_closes_after_it_opens",
            ),
            models.CheckConstraint(
                condition=Q(kind="loan") | Q(loan_of=None), name="only_a_loan_stands_in"
            ),
        ]
        indexes = [
            models.Index(fields=["camera", "-opened_at"], name="custodies_of_a_camera"),
            models.Index(fields=["officer", "-opened_at"], name="custodies_of_an_officer"),
            models.Index(fields=["due_at"], condition=Q(closed_at=None), name="custodies_due"),
            models.Index(fields=["-opened_at", "-id"], name="custodies_by_time"),
            models.Index(
                fields=["camera"],
                condition=Q(closed_at=None, kind__in=("shift", "loan")),
                name="custodies_for_a_shift",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.camera} with {self.officer}"


class CustodyVerb(models.TextChoices):
    CHECKED_OUT = "checked_out", "Checked out"
    CHECKED_IN = "checked_in", "Checked in"
    TRANSFERRED = "transferred", "Transferred"
    TAKEN = "taken", "Taken on duty"  # an own camera: whose it is does not change
    ASSIGNED = "assigned", "Given as own camera"
    TAKEN_BACK = "taken_back", "Taken back"
    UNDONE = "undone", "Undone"
    CORRECTED = "corrected", "Corrected"
    REPORTED_LOST = "reported_lost", "Reported lost"
    FOUND = "found", "Found"
    EXTENDED = "extended", "Due later"
    LOCATED = "located", "Location corrected"  # in already, at another station than on record


class Via(models.TextChoices):
    """How an act came to us."""

    DESK = "desk", "At a desk"
    KIOSK = "kiosk", "At a kiosk"
    PAGE = "page", "On a page"
    DOCK = "dock", "By docking"
    IMPORT = "import", "By import"
    API = "api", "By a program"


class CustodyEventQuerySet(models.QuerySet["CustodyEvent"]):
    def beside(self) -> "CustodyEventQuerySet":
        """What began and ended no custody and answers nothing: taken on duty, lost, located."""
        return self.filter(opened=None, closed=None, about=None)

    def corrections(self) -> "CustodyEventQuerySet":
        return self.filter(verb=CustodyVerb.CORRECTED, about__isnull=False)

    def named(self) -> "CustodyEventQuerySet":
        """Each with its ``scanner``, in the same statement."""
        number = Cast(KeyTextTransform("scanned_by", OuterRef("says")), models.IntegerField())
        name = {"scanner": Subquery(User.objects.filter(pk=number).values("username"))}
        return self.annotate(**name)

    def within(self, reach: Visible) -> "CustodyEventQuerySet":
        """Those that somebody's reach shows, as their custodies are."""
        if reach.officer_id is not None:
            return self.filter(officer=reach.officer_id)
        return self if reach.stations is None else self.filter(_of(reach.stations))


class CustodyEvent(models.Model):
    """What happened to a camera's custody. Rows are never changed or removed: a trigger sees to it.

    ``closed`` is the custody it ended and ``opened`` the one it began; an undoing or a
    correction points at what it is ``about``. ``scanned_at`` is by the desk's clock, ``at`` when it
    was received. ``snapshot`` is the camera's readiness at that moment, with every reason, or at
    that of its ``as_of``, where an undoing or a correction carried it over to the custody it began;
    ``says`` what a correction says was so, or at which station the record had the camera
    (``was_station``) that was scanned at another one (``station``). ``scanned_by`` in it is who
    is said to have worked the desk as it was scanned, where somebody else's session sent it
    (``by``): the account's number, or None where nobody knows. ``scanner`` is its user name now,
    where rows were read ``named``.
    """

    scanner: str | None

    verb = models.CharField(max_length=14, choices=CustodyVerb)
    via = models.CharField(max_length=6, choices=Via)
    at = models.DateTimeField()
    scanned_at = models.DateTimeField(null=True, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    desk = models.ForeignKey(Desk, models.PROTECT, null=True, blank=True, related_name="+")
    bay = models.ForeignKey("devices.Bay", models.PROTECT, null=True, blank=True, related_name="+")
    scan = models.UUIDField(null=True, blank=True)
    camera = models.ForeignKey("devices.Camera", models.PROTECT, related_name="custody_events")
    officer = models.ForeignKey(
        "devices.Officer", models.PROTECT, null=True, blank=True, related_name="custody_events"
    )
    closed = models.ForeignKey(
        Custody, models.PROTECT, null=True, blank=True, related_name="closing_events"
    )
    opened = models.ForeignKey(
        Custody, models.PROTECT, null=True, blank=True, related_name="opening_events"
    )
    about = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="answered_by"
    )
    reason = models.CharField(max_length=200, blank=True)
    authority = models.CharField(max_length=20, blank=True)
    provisional = models.BooleanField(default=False)
    snapshot = models.JSONField(default=dict, blank=True)
    says = models.JSONField(default=dict, blank=True)

    objects = models.Manager.from_queryset(CustodyEventQuerySet)()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=(
                    Q(via="desk", desk__isnull=False, by__isnull=False)
                    | Q(via="kiosk", desk__isnull=False)
                    | Q(via__in=("page", "api"), by__isnull=False)
                    | Q(via__in=("dock", "import"))
                ),
                name="an_act_has_somebody_and_a_place",
            ),
            models.UniqueConstraint(
                fields=["scan", "camera"],
                condition=Q(scan__isnull=False),
                name="one_event_per_scan",
            ),
            models.UniqueConstraint(
                fields=["about"], condition=Q(verb="undone"), name="undone_once"
            ),
        ]
        indexes = [
            models.Index(fields=["camera", "-id"], name="custody_events_of_a_camera"),
            models.Index(fields=["officer", "-id"], name="custody_events_of_an_officer"),
            models.Index(fields=["at"], name="custody_events_by_time"),
            models.Index(
                fields=["camera", "at"],
                condition=Q(opened=None, closed=None),
                name="custody_events_beside",
            ),
            models.Index(
                fields=["camera"],
                condition=Q(about__isnull=False),
                name="custody_events_that_answer",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_verb_display()}: {self.camera}"
