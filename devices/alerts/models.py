from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Case, Count, F, Q, When

from devices.alerts.texts import Turn, turns

PERSON = settings.AUTH_USER_MODEL
# Of what is shown: it is wrong, or comes and goes and may be well at this very moment.
LASTING = Q(cleared_at=None) | Q(flapping=True)
# Of what is shown: somebody must act on it. It is wrong, its own cause, nobody's and not silenced.
CALLING = Q(LASTING, cause=None, suppressed_why="", acknowledged_at=None)

# How many others it calls for now, of each that is asked for.
EXPLAINS = Count(
    "effects",
    filter=Q(effects__resolved_at=None) & (Q(effects__cleared_at=None) | Q(effects__flapping=True)),
)


class Severity(models.TextChoices):
    MINOR = "minor", "Minor"
    MAJOR = "major", "Major"
    CRITICAL = "critical", "Critical"


class AlertQuerySet(models.QuerySet[Any]):
    def at_stations(self, station_ids: Collection[int] | None) -> "AlertQuerySet":
        """Those of these stations (None: every one), and those of no station: they concern all."""
        if station_ids is None:
            return self
        return self.filter(Q(station__in=station_ids) | Q(station=None))

    def shown(self) -> "AlertQuerySet":
        """What is or was wrong and has not been settled; not what may still turn out well."""
        return self.filter(resolved_at=None).exclude(fired_at=None)

    def calling(self) -> "AlertQuerySet":
        """What somebody must act on: wrong, its own cause, not silenced, not acknowledged."""
        return self.shown().filter(CALLING)

    def locked(self) -> "AlertQuerySet":
        """Locked in one order, whoever does it: of two who want the same none waits for the other
        while that waits for them."""
        return self.order_by("pk").select_for_update(of=("self",))

    def urgent_first(self) -> "AlertQuerySet":
        """What calls, then what is in hand or silenced, then what is over; of each the gravest
        first, then what has lasted longest."""
        turn = Case(When(CALLING, then=0), When(LASTING, then=1), default=2)
        grave = Case(*(When(severity=one, then=n) for n, one in enumerate(Severity.values)))
        return self.order_by(turn, grave.desc(), "began_at", "pk")


class Alert(models.Model):
    """One thing wrong with one subject under one rule, from its first sign to its settling.

    Firing or cleared, acknowledged or not, suppressed or not: three answers that do not depend
    on each other. ``fired_at`` None: bad, but not yet for long enough. ``subject`` is its kind
    and key (``camera:417``); ``place`` is what notices are gathered by; ``turns`` are the
    moments at which it lately fired or cleared.
    """

    rule = models.CharField(max_length=40)
    subject = models.CharField(max_length=60)
    name = models.CharField(max_length=80)
    words = models.CharField(max_length=300)
    value = models.CharField(max_length=60, blank=True)
    limit = models.CharField(max_length=60, blank=True)
    severity = models.CharField(max_length=10, choices=Severity)
    station = models.ForeignKey("devices.Station", models.CASCADE, null=True, related_name="+")
    place = models.CharField(max_length=80, blank=True)
    address = models.CharField(max_length=120, blank=True)

    began_at = models.DateTimeField()
    fired_at = models.DateTimeField(null=True)
    better_at = models.DateTimeField(null=True)
    cleared_at = models.DateTimeField(null=True)
    seen_at = models.DateTimeField()
    times = models.PositiveIntegerField(default=1)
    turns = ArrayField(models.DateTimeField(), default=list)
    flapping = models.BooleanField(default=False)

    cause = models.ForeignKey("self", models.SET_NULL, null=True, related_name="effects")
    suppressed_why = models.CharField(max_length=250, blank=True)
    suppressed_until = models.DateTimeField(null=True)

    acknowledged_at = models.DateTimeField(null=True)
    acknowledged_by = models.ForeignKey(PERSON, models.PROTECT, null=True, related_name="+")
    note = models.CharField(max_length=200, blank=True)
    told_at = models.DateTimeField(null=True)
    escalated_at = models.DateTimeField(null=True)
    resolved_at = models.DateTimeField(null=True)

    objects = models.Manager.from_queryset(AlertQuerySet)()

    class Meta:
        ordering = ["-fired_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["rule", "subject"],
                condition=Q(resolved_at=None),
                name="one_open_alert_per_rule_and_subject",
            )
        ]
        indexes = [models.Index(fields=["-fired_at"], name="alerts_by_time")]

    def __str__(self) -> str:
        return f"{self.rule} of {self.name}"

    @property
    def firing(self) -> bool:
        return self.fired_at is not None and self.cleared_at is None

    @property
    def lasting(self) -> bool:
        """The same as the selection `LASTING`, of a row that is shown."""
        return self.cleared_at is None or self.flapping

    @property
    def calling(self) -> bool:
        """The same as the selection `calling`, of a row that is shown."""
        free = self.cause_id is None and not self.suppressed_why and self.acknowledged_at is None
        return self.lasting and free

    @property
    def untaken(self) -> bool:
        """It calls, and nobody took it for so long that it was escalated."""
        return self.escalated_at is not None and self.calling

    @property
    def timeline(self) -> list[Turn]:
        """How it came and went within the last hour."""
        return turns(self.turns, wrong_now=self.firing)


class Looked(models.Model):
    """When everything of one pace was last looked at: how old it is that nothing more is wrong."""

    pace = models.CharField(max_length=10, primary_key=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.pace} at {self.at}"


class RuleChange(models.Model):
    """What somebody decided of one rule; the newest row of a rule is in force, none is edited."""

    rule = models.CharField(max_length=40)
    enabled = models.BooleanField(default=True)
    severity = models.CharField(max_length=10, choices=Severity)
    opens_after = models.DurationField()
    clears_after = models.DurationField()
    limit = models.FloatField(null=True)
    reason = models.CharField(max_length=200)
    at = models.DateTimeField()
    by = models.ForeignKey(PERSON, models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["rule", "-id"], name="changes_of_a_rule")]

    def __str__(self) -> str:
        return f"{self.rule} as of {self.at}"


class QuietKind(models.TextChoices):
    SILENCE = "silence", "Silence"
    MAINTENANCE = "maintenance", "Maintenance"


class QuietQuerySet(models.QuerySet[Any]):
    def in_force(self, now: datetime) -> "QuietQuerySet":
        return self.filter(begins_at__lte=now, ends_at__gt=now, ended_at=None)


class Quiet(models.Model):
    """No notices for a while, with a reason and always an end; what happens is still recorded.

    A silence is for one alert that is firing. Maintenance is for a station or a dock, and for
    what begins inside it there is no word of its end either.
    """

    kind = models.CharField(max_length=12, choices=QuietKind)
    alert = models.ForeignKey(Alert, models.CASCADE, null=True, related_name="quiets")
    station = models.ForeignKey("devices.Station", models.CASCADE, null=True, related_name="+")
    dock = models.ForeignKey("devices.Dock", models.CASCADE, null=True, related_name="+")
    reason = models.CharField(max_length=200)
    begins_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    by = models.ForeignKey(PERSON, models.PROTECT, null=True, related_name="+")
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(PERSON, models.PROTECT, null=True, related_name="+")

    objects = models.Manager.from_queryset(QuietQuerySet)()

    class Meta:
        ordering = ["ends_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("begins_at")), name="a_quiet_ends_after_it_begins"
            ),
            models.CheckConstraint(
                condition=(
                    Q(kind="silence", alert__isnull=False, station=None, dock=None)
                    | Q(kind="maintenance", alert=None, station__isnull=False)
                ),
                name="a_quiet_is_for_one_alert_or_one_place",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.reason}"


class ChannelKind(models.TextChoices):
    MAIL = "mail", "E-mail"
    WEBHOOK = "webhook", "Webhook"
    CHAT = "chat", "Chat, text message or pager"


class Channel(models.Model):
    """Where notices go. ``salt`` makes the key a webhook is signed with; the key is not stored.

    A chat's address is a secret: ``address`` is the name that people see, and what it stands for
    is ``sealed`` until the channel ends.
    """

    kind = models.CharField(max_length=10, choices=ChannelKind)
    address = models.CharField(max_length=300)
    station = models.ForeignKey("devices.Station", models.CASCADE, null=True, related_name="+")
    least = models.CharField(max_length=10, choices=Severity, default=Severity.MAJOR)
    escalations_only = models.BooleanField(default=False)
    digest = models.BooleanField(default=False)
    salt = models.CharField(max_length=40, blank=True)
    sealed = models.TextField(blank=True)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(PERSON, models.PROTECT, null=True, related_name="+")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["kind", "address"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "address", "station"],
                condition=Q(ended_at=None),
                nulls_distinct=False,
                name="one_channel_per_address_and_station",
            ),
            models.CheckConstraint(
                condition=(
                    Q(kind="chat", ended_at=None, sealed__gt="")
                    | Q(~Q(kind="chat") | Q(ended_at__isnull=False), sealed="")
                ),
                name="a_chat_is_sealed_until_it_ends_and_nothing_else_is",
            ),
        ]

    def __str__(self) -> str:
        return self.address


class Notice(models.Model):
    """One message to one channel, or to one person: written with the change it tells of, sent
    afterwards, a person's to the address that is theirs by then.

    ``once`` makes a repeated sweep write it once.
    """

    channel = models.ForeignKey(Channel, models.CASCADE, null=True, related_name="notices")
    person = models.ForeignKey(PERSON, models.CASCADE, null=True, related_name="notices")
    once = models.CharField(max_length=120)
    title = models.CharField(max_length=200)
    body = models.TextField()
    made_at = models.DateTimeField()
    due_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField(null=True)
    given_up_at = models.DateTimeField(null=True)
    fault = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["-made_at"]
        constraints = [
            models.UniqueConstraint(fields=["channel", "once"], name="one_notice_per_occasion"),
            models.UniqueConstraint(
                fields=["person", "once"], name="one_notice_per_person_and_occasion"
            ),
            models.CheckConstraint(
                condition=Q(channel__isnull=False, person=None)
                | Q(channel=None, person__isnull=False),
                name="a_notice_goes_to_a_channel_or_a_person",
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_at"],
                condition=Q(sent_at=None, given_up_at=None),
                name="notices_to_send",
            )
        ]

    def __str__(self) -> str:
        return self.title
