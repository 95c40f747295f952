from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Cast

from devices.roster.rules import Hours, Span, day


class ShiftKind(models.Model):
    """A shift as it comes round every day: Day, 07:00 to 15:00 by the department's clocks.

    One that ends at or before it begins ends on the next day. ``reserve`` is how many spares a
    shift of this kind needs beside its people, until somebody says otherwise of that shift.
    """

    code = models.CharField(max_length=20, unique=True)
    name = models.CharField(max_length=60)
    begins = models.TimeField()
    ends = models.TimeField()
    reserve = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["begins", "code"]

    def __str__(self) -> str:
        return self.name

    @property
    def hours(self) -> Hours:
        return Hours(self.begins, self.ends)


class ShiftQuerySet(models.QuerySet[Any]):
    def at_stations(self, station_ids: Collection[int] | None) -> "ShiftQuerySet":
        """Those of these stations; None means every station."""
        return self if station_ids is None else self.filter(station__in=station_ids)

    def around(self, now: datetime) -> "ShiftQuerySet":
        """Shifts that have begun and not ended."""
        return self.filter(begins_at__lte=now, ends_at__gt=now)

    def coming(self, now: datetime) -> "ShiftQuerySet":
        """Shifts that have not begun, the next one first."""
        return self.filter(begins_at__gt=now).order_by("begins_at", "station")


class Shift(models.Model):
    """One shift at one station: its two instants, and the spares it needs beside its people.

    ``on`` is the day on which it begins. The handover (`Policy.handover`) comes on top of
    ``ends_at``, so that the shifts of a day never overlap.
    """

    station = models.ForeignKey("devices.Station", models.PROTECT, related_name="shifts")
    kind = models.ForeignKey(ShiftKind, models.PROTECT, related_name="shifts")
    on = models.DateField()
    begins_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    reserve = models.PositiveSmallIntegerField(default=0)

    objects = models.Manager.from_queryset(ShiftQuerySet)()

    class Meta:
        ordering = ["begins_at", "station"]
        constraints = [
            models.UniqueConstraint(
                fields=["station", "kind", "on"], name="one_shift_per_station_kind_and_day"
            ),
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("begins_at")), name="a_shift_ends_after_it_begins"
            ),
        ]
        indexes = [models.Index(fields=["begins_at", "station"], name="shifts_by_time")]

    def __str__(self) -> str:
        return f"{self.kind} of {day(self.on)}"

    @property
    def span(self) -> Span:
        return Span(self.begins_at, self.ends_at)


class DutySource(models.TextChoices):
    IMPORTED = "imported", "Imported"
    PATTERN = "pattern", "From the pattern"
    BY_HAND = "by_hand", "By hand"


def takes_a_camera(now: datetime, duty: str = "") -> Q:
    """Duties that a camera is needed for: whoever has left or is suspended takes none, as
    readiness counts. Of a shift that is over nobody knows who had, and all count.

    ``duty`` leads to the duty from the rows that are asked for.
    """
    here = {f"{duty}officer__active": True, f"{duty}officer__suspended_because": ""}
    return Q(**here) | Q(**{f"{duty}shift__ends_at__lte": now})


class TimeRange(Func):
    function = "TSTZRANGE"


class DateRange(Func):
    function = "DATERANGE"


class OnlyNumber(Func):
    """A range of one number: so that GiST compares plain numbers without an extension."""

    function = "INT8RANGE"


def _the_same(column: str) -> tuple[Any, str]:
    number = Cast(column, models.BigIntegerField())
    return OnlyNumber(number, number, Value("[]")), RangeOperators.OVERLAPS


class Duty(models.Model):
    """One officer's time on one shift; longer than the shift when it was extended."""

    shift = models.ForeignKey(Shift, models.CASCADE, related_name="duties")
    officer = models.ForeignKey("devices.Officer", models.PROTECT, related_name="duties")
    unit = models.CharField(max_length=60, blank=True)
    begins_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    source = models.CharField(max_length=10, choices=DutySource)

    class Meta:
        ordering = ["begins_at", "officer"]
        constraints = [
            models.UniqueConstraint(fields=["shift", "officer"], name="one_duty_per_shift"),
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("begins_at")), name="a_duty_ends_after_it_begins"
            ),
            ExclusionConstraint(
                name="no_officer_on_two_duties_at_once",
                expressions=[
                    _the_same("officer"),
                    (TimeRange("begins_at", "ends_at"), RangeOperators.OVERLAPS),
                ],
            ),
        ]
        # The board asks for the last one of each officer who is out: years of them are kept.
        indexes = [models.Index(fields=["officer", "begins_at"], name="duties_of_an_officer")]

    def __str__(self) -> str:
        return f"{self.officer} on {self.shift}"

    @property
    def span(self) -> Span:
        return Span(self.begins_at, self.ends_at)

    def barred(self, now: datetime) -> str:
        """Why its officer takes no camera for it: has left, is suspended. As `takes_a_camera`."""
        if self.shift.ends_at <= now:
            return ""
        if not self.officer.active:
            return "has left"
        return "is suspended" if self.officer.suspended_because else ""


class TakenOff(models.Model):
    """An officer was taken off a shift by hand: no rotation puts them on it again."""

    shift = models.ForeignKey(Shift, models.CASCADE, related_name="taken_off")
    officer = models.ForeignKey("devices.Officer", models.CASCADE, related_name="taken_off")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["shift", "officer"], name="taken_off_once_per_shift")
        ]

    def __str__(self) -> str:
        return f"{self.officer} off {self.shift}"


class Pattern(models.Model):
    """Days on and off in turn: 5 on, 2 off, 4 on, 2 off."""

    name = models.CharField(max_length=20, unique=True)
    days = ArrayField(models.PositiveSmallIntegerField())

    def __str__(self) -> str:
        return self.name


class Rotation(models.Model):
    """An officer's standing place in the roster: which shift, in which pattern, since when.

    The pattern begins on ``first_on`` and goes on until ``last_on``, that day included.
    """

    officer = models.ForeignKey("devices.Officer", models.CASCADE, related_name="rotations")
    kind = models.ForeignKey(ShiftKind, models.PROTECT, related_name="+")
    pattern = models.ForeignKey(Pattern, models.PROTECT, related_name="+")
    first_on = models.DateField()
    last_on = models.DateField(null=True, blank=True)
    unit = models.CharField(max_length=60, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(last_on=None) | Q(last_on__gte=F("first_on")),
                name="a_rotation_ends_after_it_begins",
            ),
            ExclusionConstraint(
                name="no_officer_in_two_rotations_at_once",
                expressions=[
                    _the_same("officer"),
                    (DateRange("first_on", "last_on", Value("[]")), RangeOperators.OVERLAPS),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.officer}: {self.kind}, {self.pattern}"


class StandIn(models.Model):
    """A spare promised to an officer for one shift, because the officer's own camera is not fit.

    It is a reservation: nobody else's readiness counts this camera for that shift. Who has it
    in hand is custody's to say; it ends when the camera is handed out (``handed_at``). ``fault``
    is what made the officer's own camera unfit, if it was a fault.
    """

    shift = models.ForeignKey(Shift, models.CASCADE, related_name="stand_ins")
    officer = models.ForeignKey("devices.Officer", models.PROTECT, related_name="stand_ins")
    camera = models.ForeignKey("devices.Camera", models.PROTECT, related_name="stand_ins")
    offered_at = models.DateTimeField()
    offered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    ended_at = models.DateTimeField(null=True, blank=True)
    handed_at = models.DateTimeField(null=True, blank=True)
    fault = models.ForeignKey(
        "devices.Fault", models.PROTECT, null=True, blank=True, related_name="stand_ins"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["shift", "officer"],
                condition=Q(ended_at=None),
                name="one_open_stand_in_per_officer_and_shift",
            ),
            models.UniqueConstraint(
                fields=["shift", "camera"],
                condition=Q(ended_at=None),
                name="one_open_stand_in_per_camera_and_shift",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.camera} for {self.officer}"


class Reservation(models.Model):
    """A camera kept for one officer, or for an event by its ``title``, from one moment to another.

    To readiness it is a promise like a stand-in's: nobody else's need counts this camera then.
    """

    camera = models.ForeignKey("devices.Camera", models.PROTECT, related_name="reservations")
    officer = models.ForeignKey(
        "devices.Officer", models.PROTECT, null=True, blank=True, related_name="reservations"
    )
    title = models.CharField(max_length=60, blank=True)
    begins_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    reason = models.CharField(max_length=200)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["begins_at", "camera"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("begins_at")), name="a_reservation_ends_after_it_begins"
            ),
            models.CheckConstraint(
                condition=Q(officer__isnull=False, title="") | Q(officer=None, title__gt=""),
                name="a_reservation_is_for_an_officer_or_an_event",
            ),
            ExclusionConstraint(
                name="no_camera_reserved_twice_at_once",
                expressions=[
                    _the_same("camera"),
                    (TimeRange("begins_at", "ends_at"), RangeOperators.OVERLAPS),
                ],
                condition=Q(ended_at=None),
            ),
        ]
        indexes = [
            models.Index(
                fields=["ends_at"], condition=Q(ended_at=None), name="reservations_to_come"
            )
        ]

    def __str__(self) -> str:
        return f"{self.camera} for {self.officer or self.title}"

    @property
    def span(self) -> Span:
        return Span(self.begins_at, self.ends_at)


class InHand(models.Model):
    """Somebody deals with an officer's camera that is not ready for a shift, and how.

    It ends with the shift; a later word about the same ``cause`` takes its place. Other trouble of
    the same officer is in nobody's hand by it; an empty cause is whatever there is.
    """

    shift = models.ForeignKey(Shift, models.CASCADE, related_name="in_hand")
    officer = models.ForeignKey("devices.Officer", models.PROTECT, related_name="+")
    cause = models.CharField(max_length=60, blank=True)
    words = models.CharField(max_length=200)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["shift", "officer", "cause"],
                name="one_word_in_hand_per_shift_officer_and_cause",
            )
        ]

    def __str__(self) -> str:
        return self.words


class Outcome(models.Model):
    """How a shift stood when it began: kept once, so that weeks can be compared.

    ``reasons`` counts the cameras each thing stood against, by blocker.
    """

    shift = models.OneToOneField(Shift, models.CASCADE, related_name="outcome", primary_key=True)
    at = models.DateTimeField()
    rostered = models.PositiveSmallIntegerField()
    ready = models.PositiveSmallIntegerField()
    unknown = models.PositiveSmallIntegerField()
    spares = models.PositiveSmallIntegerField()
    need = models.PositiveSmallIntegerField()
    reasons = models.JSONField(default=dict)

    class Meta:
        indexes = [models.Index(fields=["at"], name="outcomes_by_time")]

    def __str__(self) -> str:
        return f"{self.shift}: {self.ready} of {self.rostered} ready"


class Inspection(models.Model):
    """A commander looked at a shift's readiness and said so. ``found`` is what the screen said.

    Rows are never changed or removed: a trigger sees to it.
    """

    shift = models.ForeignKey(Shift, models.PROTECT, related_name="inspections")
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    found = models.JSONField()

    class Meta:
        ordering = ["-at"]

    def __str__(self) -> str:
        return f"{self.shift}, inspected {self.at:%H:%M}"
