"""What each thing looks like in the API. Rows come as plain values, read in one query by the
columns that these fields name as their source."""

from typing import Any

from rest_framework import serializers
from rest_framework.fields import SkipField

from dashboard.api.fields import Badge, CameraName, Known, KnownWord, Moment, Part
from devices.board.rules import Bucket
from devices.custody import moments
from devices.custody.models import CustodyKind, CustodyVerb, Via
from devices.faults.models import Confirmation, FaultSource, FaultState, Resolution, Severity
from devices.health.intervals import STATES
from devices.health.models import Hearing
from devices.inventory.models import Credential, CredentialKind, DockKind, ServiceState
from devices.readiness.rules import Blocker, Fit
from devices.readiness.silence import Cause
from devices.roster.models import DutySource
from devices.wire import BatteryState, Mode, Offload


class StationSerializer(serializers.Serializer[Any]):
    code = serializers.CharField()
    name = serializers.CharField()
    pool = serializers.BooleanField(help_text="Whether any officer takes any camera that is ready.")


class BaySerializer(serializers.Serializer[Any]):
    position = serializers.IntegerField(help_text="Counted from 1 as mounted.")
    mac = Known(help_text="Where a bay has a network identity of its own.")
    home_of = serializers.CharField(
        allow_null=True, help_text="The camera whose home this bay is, if you may see it."
    )
    occupied = serializers.BooleanField(help_text="Whether a camera was last seen here.")
    camera = serializers.CharField(
        allow_null=True, help_text="The camera last seen here, if you may see it."
    )


class DockSerializer(serializers.Serializer[Any]):
    code = serializers.CharField()
    station = serializers.CharField(source="station__code")
    kind = serializers.ChoiceField(DockKind.choices)
    place = serializers.CharField()
    maker = serializers.CharField()
    model = serializers.CharField()
    serial = serializers.CharField()
    hearing = serializers.ChoiceField(Hearing.choices)
    heard_at = Moment(source="health__heard_at", allow_null=True)
    bays = BaySerializer(many=True)


class ModelPart(Part):
    present = "model__maker"

    maker = serializers.CharField(source="model__maker")
    name = serializers.CharField(source="model__name")
    radio = serializers.BooleanField(
        source="model__radio", help_text="Whether it speaks for itself away from a dock."
    )


class HomePart(Part):
    present = "home_bay__position"

    dock = serializers.CharField(source="home_bay__dock__code")
    position = serializers.IntegerField(source="home_bay__position")


class PlacePart(Part):
    present = "health__bay__position"

    dock = serializers.CharField(source="health__bay__dock__code")
    position = serializers.IntegerField(source="health__bay__position")


class PositionPart(Part):
    present = "health__latitude"

    latitude = serializers.FloatField(source="health__latitude")
    longitude = serializers.FloatField(source="health__longitude")
    accuracy_m = serializers.FloatField(source="health__accuracy_m", allow_null=True)


class HealthPart(Part):
    """What the camera last said, and when; what it never said is null."""

    present = "hearing"

    hearing = serializers.ChoiceField(Hearing.choices)
    heard_at = Moment(
        source="health__heard_at", allow_null=True, help_text="When anything last came."
    )
    measured_at = Moment(
        source="health__measured_at", allow_null=True, help_text="When what follows was true."
    )
    received_at = Moment(source="health__received_at", allow_null=True)
    device_time = Moment(
        source="health__device_time", allow_null=True, help_text="The camera's own clock."
    )
    clock_offset_s = serializers.FloatField(source="health__clock_offset_s", allow_null=True)
    clock_wrong = serializers.BooleanField()
    mode = KnownWord(choices=[mode.value for mode in Mode], source="health__mode")
    battery_percent = serializers.IntegerField(source="health__battery_percent", allow_null=True)
    battery_state = KnownWord(
        choices=[state.value for state in BatteryState], source="health__battery_state"
    )
    battery_health_percent = serializers.IntegerField(
        source="health__battery_health_percent", allow_null=True
    )
    storage_used_mb = serializers.IntegerField(source="health__storage_used_mb", allow_null=True)
    storage_free_mb = serializers.IntegerField(source="health__storage_free_mb", allow_null=True)
    clips_waiting = serializers.IntegerField(source="health__clips_waiting", allow_null=True)
    bytes_waiting = serializers.IntegerField(source="health__bytes_waiting", allow_null=True)
    offload = KnownWord(choices=[state.value for state in Offload], source="health__offload")
    firmware_version = Known(source="health__firmware_version")
    firmware_digest = Known(source="health__firmware_digest")
    profile_version = Known(source="health__profile_version")
    profile_digest = Known(source="health__profile_digest")
    temperature_c = serializers.FloatField(source="health__temperature_c", allow_null=True)
    faults = serializers.ListField(
        child=serializers.CharField(), source="health__faults", allow_null=True
    )
    position = PositionPart()


class ReasonSerializer(serializers.Serializer[Any]):
    blocker = serializers.ChoiceField([one.value for one in Blocker])
    fit = serializers.ChoiceField([Fit.NO.value, Fit.UNKNOWN.value])
    value = serializers.CharField(help_text="What is so.")
    limit = serializers.CharField(help_text="What would have to be.")
    sentence = serializers.CharField()
    as_of = Moment(allow_null=True, help_text="When that was so.")


class ReadinessSerializer(serializers.Serializer[Any]):
    """Whether it could go out now for a usual shift of eight hours, and every reason why not."""

    fit = serializers.ChoiceField([one.value for one in Fit])
    reasons = ReasonSerializer(many=True)


class EvidenceSerializer(serializers.Serializer[Any]):
    words = serializers.CharField()
    at = Moment(allow_null=True)


class SilenceReasonSerializer(serializers.Serializer[Any]):
    """Why nothing is heard of it."""

    cause = serializers.ChoiceField([one.value for one in Cause])
    expected = serializers.BooleanField(help_text="Whether nobody need do anything about it.")
    sentence = serializers.CharField()
    since = Moment(allow_null=True)
    dock = serializers.CharField(help_text="The dock that is down, the same for all its bays.")
    evidence = EvidenceSerializer(many=True)


class BatterySerializer(serializers.Serializer[Any]):
    """What is in the battery in hours of duty, by what it has shown of itself so far."""

    hours = serializers.FloatField(help_text="Hours of duty in it when it last spoke.")
    hours_low = serializers.FloatField(help_text="In four of five cases at least this,")
    hours_high = serializers.FloatField(help_text="and at most this.")
    full_hours = serializers.FloatField(help_text="Hours of duty when full.")
    capacity_percent = serializers.FloatField(
        allow_null=True, help_text="Of a new battery's; null until it has been out long enough."
    )
    hours_seen = serializers.FloatField(
        help_text="Hours of duty that its own figures rest on; 0 is: they are its model's."
    )
    enough_at = Moment(
        allow_null=True,
        help_text="When it has enough for a usual shift if it goes on charging; null is never.",
    )


class CustodySerializer(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(CustodyKind.choices)
    loan_of = serializers.CharField(
        allow_null=True, help_text="The officer's own camera that a loan stands in for."
    )


class CameraSerializer(serializers.Serializer[Any]):
    number = serializers.IntegerField()
    name = CameraName(source="number", help_text="How people say it.")
    serial = serializers.CharField()
    asset_tag = serializers.CharField()
    model = ModelPart()
    lot = Known(help_text="Which it was made in, as its maker calls it.")
    supplier = serializers.CharField()
    installed_on = serializers.DateField(allow_null=True)
    enrolled_at = Moment()
    station = serializers.CharField(source="station__code")
    service_state = serializers.ChoiceField(ServiceState.choices)
    service_note = serializers.CharField()
    tags = serializers.ListField(
        child=serializers.CharField(), help_text="Words that people sort cameras by."
    )
    bucket = serializers.ChoiceField(
        [bucket.value for bucket in Bucket],
        allow_null=True,
        help_text="Where the board shows it; null for a retired camera, which it does not show.",
    )
    officer = Badge(
        source="badge",
        required=False,
        allow_null=True,
        help_text="Badge number of who wears it; null is nobody, absent is not yours to see.",
    )
    held_for = Known(help_text="Of what it is evidence; null: it is not held.")
    held_at = Moment(allow_null=True, help_text="Since when it is held as evidence.")
    public_by = Moment(
        allow_null=True, help_text="When its footage has to be public, 96 hours after that."
    )
    holder = Badge(
        required=False,
        allow_null=True,
        help_text="Badge number of who answers for it now; null is nobody, absent is not yours"
        " to see.",
    )
    custody = CustodySerializer(
        allow_null=True, help_text="How it is held now; null: nobody answers for it."
    )
    home_bay = HomePart(help_text="Where it belongs.")
    docked = serializers.BooleanField(
        source="health__docked", allow_null=True, help_text="null is unknown."
    )
    bay = PlacePart(help_text="The bay it was last seen in.")
    placed_at = Moment(source="health__placed_at", allow_null=True)
    health = HealthPart(allow_null=False)
    readiness = ReadinessSerializer(allow_null=True, help_text="null for a retired camera.")
    why_silent = SilenceReasonSerializer(
        allow_null=True, help_text="null while it speaks as its place demands."
    )
    battery = BatterySerializer(
        allow_null=True, help_text="null for a camera that never said how full it is."
    )


class PastSerializer(serializers.Serializer[Any]):
    number = serializers.IntegerField()
    name = CameraName(source="number", help_text="How people say it.")
    station = serializers.CharField(source="station__code", help_text="Where it belongs today.")
    home_bay = HomePart(help_text="Where it belongs today.")
    state = serializers.ChoiceField(
        sorted(STATES), help_text="What it did; unknown is what nothing proves."
    )
    since = Moment(allow_null=True, help_text="From when on; null where no history reaches.")
    until = Moment(allow_null=True, help_text="null: it still is, or no history reaches there.")
    heard = serializers.BooleanField(help_text="Whether it said so itself.")
    cause = KnownWord(
        choices=["report", "placement", "silence", "service"],
        help_text="What proves it; null where no history reaches.",
    )
    place = Known(help_text="The bay it sat in.")
    detected_at = Moment(allow_null=True, help_text="When the fleet first saw it.")
    battery_percent = serializers.IntegerField(
        allow_null=True, help_text="null without a reading near enough to prove it."
    )
    battery_at = Moment(allow_null=True)
    silent_dock = Known(
        help_text="Of one of which nothing is known: the dock it was last seen in, if that was"
        " silent then."
    )


class OfficerSerializer(serializers.Serializer[Any]):
    badge_number = serializers.CharField()
    station = serializers.CharField(source="station__code")
    unit = serializers.CharField()
    active = serializers.BooleanField()


class Ending(serializers.CharField):
    """The last characters of a code, by which people know it."""

    def to_representation(self, value: str) -> str:
        return Credential(value=value).ending


class CredentialSerializer(serializers.Serializer[Any]):
    """A badge, card or code that names an officer; its value stays here."""

    id = serializers.IntegerField()
    kind = serializers.ChoiceField(CredentialKind.choices)
    ending = Ending(source="value", help_text="Its last characters, after an ellipsis.")


class ReadingSerializer(serializers.Serializer[Any]):
    at = Moment(help_text="When it was true, by our clock.")
    received_at = Moment()
    device_time = Moment(help_text="The camera's own clock.")
    clock_wrong = serializers.BooleanField()
    boot = serializers.IntegerField()
    sequence = serializers.IntegerField()
    mode = serializers.ChoiceField([mode.value for mode in Mode])
    docked = serializers.BooleanField()
    battery_percent = serializers.IntegerField()
    battery_state = serializers.ChoiceField([state.value for state in BatteryState])
    storage_free_mb = serializers.IntegerField()
    bytes_waiting = serializers.IntegerField()
    offload = serializers.ChoiceField([state.value for state in Offload])
    firmware_version = serializers.CharField()
    temperature_c = serializers.FloatField(allow_null=True)
    faults = serializers.ListField(child=serializers.CharField())


class BayPart(Part):
    present = "bay__position"

    dock = serializers.CharField(source="bay__dock__code")
    position = serializers.IntegerField(source="bay__position")


class PlacementSerializer(serializers.Serializer[Any]):
    at = Moment(help_text="When it happened, by our clock.")
    received_at = Moment()
    docked = serializers.BooleanField(help_text="true: it came to the bay; false: it left.")
    bay = BayPart()
    said_by = serializers.CharField(
        source="said_by__code", allow_null=True, help_text="The dock that said so."
    )


class SilenceSerializer(serializers.Serializer[Any]):
    began_at = Moment(help_text="Its last word before.")
    detected_at = Moment(help_text="When the fleet noticed.")
    ended_at = Moment(allow_null=True, help_text="null while it lasts.")


class CheckSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    passed = serializers.BooleanField(allow_null=True, help_text="null: not known, so not passed.")
    value = serializers.CharField()
    limit = serializers.CharField()
    sentence = serializers.CharField()


class TestSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    camera = CameraName(source="camera__number")
    station = serializers.CharField(source="camera__station__code")
    at = Moment()
    passed = serializers.BooleanField()
    confirmed = serializers.ChoiceField(Confirmation.choices, help_text="How an officer said so.")
    officer = Badge(
        source="badge",
        required=False,
        allow_null=True,
        help_text="Badge number of who confirmed it; null is nobody's, absent is not yours to see.",
    )
    note = serializers.CharField()
    checks = CheckSerializer(many=True)
    facts = serializers.JSONField(help_text="What was known of the camera then.")


class CameraFaultSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    camera = CameraName(source="camera__number")
    station = serializers.CharField(source="camera__station__code")
    code = serializers.CharField()
    severity = serializers.ChoiceField(Severity.choices)
    state = serializers.ChoiceField(FaultState.choices)
    told_by = serializers.ChoiceField(FaultSource.choices, source="source")
    words = serializers.CharField(help_text="Of who told it.")
    officer = Badge(
        source="badge",
        required=False,
        allow_null=True,
        help_text="Badge number of who told it; null is no officer, absent is not yours to see.",
    )
    test = serializers.IntegerField(
        source="test_id", allow_null=True, help_text="The pre-shift test that found it."
    )
    opened_at = Moment()
    told_at = Moment(
        allow_null=True,
        help_text="When a commander knew of it: they told it, acted on it or said so.",
    )
    acknowledge_by = Moment()
    acknowledged_at = Moment(allow_null=True)
    escalated_at = Moment(allow_null=True)
    quiet_since = Moment(allow_null=True, help_text="Since when its camera no longer reports it.")
    resolved_at = Moment(allow_null=True)
    resolution = KnownWord(choices=Resolution.choices)
    resolution_words = serializers.CharField()
    facts = serializers.JSONField(help_text="What was known of the camera when it was opened.")


class RosteredSerializer(serializers.Serializer[Any]):
    """One officer's time on a shift."""

    badge_number = serializers.CharField(source="officer__badge_number")
    unit = serializers.CharField()
    begins_at = Moment()
    ends_at = Moment(help_text="Later than the shift's where it was extended.")
    origin = serializers.ChoiceField(DutySource.choices, source="source")


class ShiftSerializer(serializers.Serializer[Any]):
    station = serializers.CharField(source="station__code")
    kind = serializers.CharField(source="kind__code")
    name = serializers.CharField(source="kind__name")
    date = serializers.DateField(source="on", help_text="The day on which it begins.")
    begins_at = Moment()
    ends_at = Moment()
    rostered = serializers.IntegerField(help_text="Who is on and takes a camera.")
    barred = serializers.IntegerField(
        help_text="Who is on beside them and takes none: has left or is suspended. Of a shift that"
        " is over, nobody."
    )
    reserve = serializers.IntegerField(help_text="Spares it needs beside its people.")
    need = serializers.IntegerField(help_text="Rostered and reserve: how many ready cameras.")
    duties = RosteredSerializer(
        many=True, required=False, help_text="Who is on; absent where it is not yours to see."
    )


_DAY = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
_TIME = "^([01]?[0-9]|2[0-3]):[0-5][0-9]$"


class DutySerializer(serializers.Serializer[Any]):
    """A row of the roster, as the CSV file has it. What is left out is the shift's own."""

    date = serializers.RegexField(_DAY, help_text="The day on which the shift begins.")
    shift = serializers.CharField(help_text="The code of its kind.")
    station = serializers.CharField(help_text="The code of its station.")
    badge_number = serializers.CharField()
    unit = serializers.CharField(required=False, allow_null=True)
    begins = serializers.RegexField(
        _TIME, required=False, allow_null=True, help_text="By the department's clocks."
    )
    ends = serializers.RegexField(
        _TIME, required=False, allow_null=True, help_text="The first such time after it begins."
    )


class DutiesSerializer(serializers.Serializer[Any]):
    duties = serializers.ListField(child=DutySerializer(), min_length=1)


class RowChangeSerializer(serializers.Serializer[Any]):
    pointer = serializers.CharField(
        help_text="Where it was sent: /duties/0, or /line/2; empty of who was not sent."
    )
    what = serializers.ChoiceField(["added", "changed", "taken off"])
    date = serializers.CharField()
    shift = serializers.CharField()
    station = serializers.CharField()
    badge_number = serializers.CharField()
    said = serializers.ListField(
        child=serializers.CharField(), help_text="Of a change: what was and what will be."
    )


class RowFaultSerializer(serializers.Serializer[Any]):
    pointer = serializers.CharField(help_text="Where it was sent: /duties/0/date, or /line/2/date.")
    detail = serializers.CharField()


class PlanSerializer(serializers.Serializer[Any]):
    """What bringing these rows does. With one fault nothing is done."""

    sentence = serializers.CharField()
    digest = serializers.CharField(help_text="Stands for exactly these changes.")
    added = serializers.IntegerField()
    changed = serializers.IntegerField()
    taken_off = serializers.IntegerField(help_text="With `whole` alone.")
    unchanged = serializers.IntegerField()
    notes = serializers.ListField(
        child=serializers.CharField(), help_text="What is right and yet worth knowing."
    )
    changes = RowChangeSerializer(many=True)
    faults = RowFaultSerializer(many=True)


class CustodyRecordSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    camera = CameraName(source="camera__number")
    station = serializers.CharField(source="camera__station__code")
    officer = Badge(
        source="badge", required=False, help_text="Badge number; absent is not yours to see."
    )
    kind = serializers.ChoiceField(CustodyKind.choices)
    loan_of = CameraName(
        source="loan_of__number",
        allow_null=True,
        help_text="The officer's own camera that a loan stands in for.",
    )
    extra = serializers.BooleanField(help_text="A second camera of the same officer.")
    opened_at = Moment()
    due_at = Moment(allow_null=True)
    closed_at = Moment(allow_null=True, help_text="null while it lasts.")


class ScannedBy(serializers.IntegerField):
    """Absent is not null here: that nobody knows who scanned it has to be said."""

    def get_attribute(self, instance: Any) -> Any:
        if self.field_name not in instance:
            raise SkipField
        return super().get_attribute(instance)


class SaidSerializer(serializers.Serializer[Any]):
    """What a correction says was so, until when it is due by an extension, where it was, or who
    scanned it."""

    custody = serializers.IntegerField(required=False, help_text="Absent where it was elsewhere.")
    officer = serializers.CharField(
        required=False, help_text="Badge number, empty for nobody; absent is not yours to see."
    )
    opened_at = Moment(required=False)
    closed_at = Moment(required=False, allow_null=True, help_text="null: still.")
    due_at = Moment(required=False, help_text="Of an extension.")
    station = serializers.CharField(
        required=False, help_text="Code of the station at whose desk it was scanned, and"
    )
    was_station = serializers.CharField(
        required=False, help_text="of the other one where the record had it."
    )
    scanned_by = ScannedBy(
        required=False,
        allow_null=True,
        help_text="The account that is said to have worked the desk as it was scanned, where"
        " another sent it; null: nobody knows.",
    )


class CustodyEventSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    verb = serializers.ChoiceField(CustodyVerb.choices)
    via = serializers.ChoiceField(Via.choices)
    at = Moment(help_text="When it was received.")
    scanned_at = Moment(allow_null=True, help_text="By the desk's clock.")
    by = serializers.IntegerField(
        source="by_id", allow_null=True, help_text="The account that did it; null is the fleet."
    )
    camera = CameraName(source="camera__number")
    station = serializers.CharField(source="camera__station__code")
    officer = Badge(
        source="badge",
        required=False,
        allow_null=True,
        help_text="Badge number of whom it concerns; absent is not yours to see.",
    )
    opened = serializers.IntegerField(
        source="opened_id", allow_null=True, help_text="The custody it began."
    )
    closed = serializers.IntegerField(
        source="closed_id", allow_null=True, help_text="The custody it ended."
    )
    about = serializers.IntegerField(
        source="about_id", allow_null=True, help_text="The event it undoes or corrects."
    )
    desk = serializers.CharField(source="desk__name", allow_null=True)
    reason = serializers.CharField()
    authority = Badge(
        source="supervisor",
        required=False,
        help_text="Badge of the supervisor who allowed it; absent is not yours to see.",
    )
    provisional = serializers.BooleanField(help_text="Done while its desk was cut off.")
    snapshot = serializers.JSONField(help_text="The camera's readiness then, with every reason.")
    says = SaidSerializer(
        allow_null=True, help_text="Of a correction, an extension, or a location corrected."
    )


class SwappedSerializer(serializers.Serializer[Any]):
    """Both events of a swap."""

    returned = CustodyEventSerializer(help_text="Of the camera that came in.")
    given = CustodyEventSerializer(help_text="Of the camera that went out.")


class FrozenSerializer(serializers.Serializer[Any]):
    at = Moment(help_text="Of which moment it is.")
    event = serializers.IntegerField(help_text="The event that has it.")
    snapshot = serializers.JSONField(help_text="The camera's readiness, with every reason.")


class CustodyAtSerializer(serializers.Serializer[Any]):
    """Who held a camera at a moment, by the record, and what is said of it since."""

    camera = serializers.CharField()
    at = Moment()
    known = serializers.ChoiceField(
        [one.value for one in moments.Known],
        help_text="unknown: before the camera was enrolled, or custody was kept.",
    )
    since = Moment(allow_null=True, help_text="When what is known begins, where nothing is.")
    sentence = serializers.CharField()
    custody = CustodyRecordSerializer(allow_null=True)
    event = CustodyEventSerializer(allow_null=True, help_text="What began that custody.")
    readiness = FrozenSerializer(
        allow_null=True,
        help_text="What the camera was like when that officer last got it, or took it on duty,"
        " before that moment; null: it was not recorded.",
    )
    ledger = serializers.IntegerField(
        allow_null=True, help_text="The number of that event's entry in the ledger."
    )
    corrections = CustodyEventSerializer(many=True, help_text="All that concern the moment.")


class FaultSerializer(serializers.Serializer[Any]):
    pointer = serializers.CharField(help_text="Where: /query/NAME, /query, /body, or a row of it.")
    detail = serializers.CharField()


class ProblemSerializer(serializers.Serializer[Any]):
    """Why there is no answer: RFC 9457."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    request_id = serializers.CharField()
    faults = FaultSerializer(many=True, required=False)
