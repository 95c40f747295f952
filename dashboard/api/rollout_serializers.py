"""What rollouts, turns and releases look like in the API, and what is said to make a rollout."""

from typing import Any

from rest_framework import serializers

from dashboard.api.desk import Closed
from dashboard.api.fields import CameraName, Known, Moment, Part
from dashboard.api.parameters import CAMERA
from devices.inventory.tags import LONGEST_TAG
from devices.releases.models import ReleaseKind, ReleaseState, Urgency
from devices.rollouts import drafts
from devices.rollouts.drafts import (
    MOST_AT_ONCE,
    MOST_CAMERAS,
    MOST_MBIT,
    MOST_NAMED,
    USUAL_CAPS,
    USUAL_TERMS,
)
from devices.rollouts.reading import MOST_SHOWN
from devices.rollouts.rules import Course, Turn

LARGEST = 2**53  # what every program reads exactly
COURSES = [one.value for one in Course]
TURNS = [one.value for one in Turn]
LONGEST_SOAK_MIN = int(drafts.LONGEST_SOAK.total_seconds() // 60)
_TIME = "^([01][0-9]|2[0-3]):[0-5][0-9]$"


class ReleasePart(Part):
    present = "release__id"

    id = serializers.IntegerField(source="release__id")
    kind = serializers.ChoiceField(ReleaseKind.choices, source="release__kind")
    version = serializers.CharField(source="release__version")


class WaveSerializer(serializers.Serializer[Any]):
    number = serializers.IntegerField(help_text="Counted from 1.")
    percent = serializers.IntegerField(
        allow_null=True, help_text="How far it brings the rollout, or null: see count."
    )
    count = serializers.IntegerField(
        allow_null=True, help_text="So many of its cameras in all, or null: see percent."
    )
    opened_at = Moment(allow_null=True)
    done_at = Moment(allow_null=True)
    by_state = serializers.DictField(child=serializers.IntegerField())


class RolloutSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    name = serializers.CharField()
    release = ReleasePart()
    state = serializers.ChoiceField(COURSES)
    made_at = Moment()
    made_by = serializers.IntegerField(
        source="made_by_id", allow_null=True, help_text="The account; another one approves."
    )
    changed_by = serializers.IntegerField(
        source="changed_by_id",
        allow_null=True,
        help_text="Who changed the draft last, and does not approve it either; null: nobody did.",
    )
    approved_by = serializers.IntegerField(source="approved_by_id", allow_null=True)
    started_at = Moment(allow_null=True)
    ended_at = Moment(allow_null=True)
    paused_because = Known(help_text="Why it is paused; null while it is not.")
    rollback_order = serializers.IntegerField(
        source="order_id", allow_null=True, help_text="The order by which it may go back."
    )
    repairs_of = serializers.IntegerField(
        source="repairs_of_id",
        allow_null=True,
        help_text="The rollout whose work it mends, begun by the fleet; null of people's own.",
    )
    cameras = serializers.IntegerField(help_text="That have a turn; those skipped are left out.")
    succeeded = serializers.IntegerField(help_text="That reported the release after their boot.")
    failed = serializers.IntegerField(help_text="Timed out among them.")
    under_way = serializers.IntegerField()
    percent = serializers.IntegerField(help_text="Succeeded, rounded down: 100 is all of them.")
    by_state = serializers.DictField(child=serializers.IntegerField())
    waves = WaveSerializer(many=True)


class WantedSerializer(Closed):
    """Which cameras, of the models that the release is for; what is left out is any."""

    models = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=LARGEST),
        required=False,
        max_length=MOST_NAMED,
        help_text="By the ids in a release's fits.",
    )
    stations = serializers.ListField(
        child=serializers.CharField(max_length=20),
        required=False,
        max_length=MOST_NAMED,
        help_text="By their codes.",
    )
    cameras = serializers.ListField(
        child=serializers.RegexField(f"^{CAMERA}$"),
        required=False,
        max_length=MOST_NAMED,
        help_text="C0417 or 417.",
    )
    versions = serializers.ListField(
        child=serializers.CharField(max_length=40, allow_blank=True),
        required=False,
        max_length=MOST_NAMED,
        help_text="What they say they run now, of firmware or of a profile as the release is; "
        "empty is what never said.",
    )
    units = serializers.ListField(
        child=serializers.CharField(max_length=60, allow_blank=True),
        required=False,
        max_length=MOST_NAMED,
        help_text="Their officers'; empty is those of none.",
    )
    tags = serializers.ListField(
        child=serializers.CharField(max_length=LONGEST_TAG),
        required=False,
        max_length=MOST_NAMED,
        help_text="They have one of these.",
    )


class StepSerializer(Closed):
    """How far a wave brings the rollout: so many of its cameras in all, or so much of them."""

    percent = serializers.IntegerField(required=False, min_value=1, max_value=100)
    count = serializers.IntegerField(required=False, min_value=1, max_value=MOST_CAMERAS)


class DraftSerializer(Closed):
    """A rollout as somebody wants it; what is left out is as usual."""

    name = serializers.CharField(max_length=drafts.LONGEST_NAME)
    wanted = WantedSerializer(required=False)
    waves = serializers.ListField(
        child=StepSerializer(),
        required=False,
        min_length=1,
        max_length=drafts.MOST_WAVES,
        help_text="Cumulative: 2 cameras, 10 %, 50 %, 100 % are four. The last is 100 %.",
    )
    windows = serializers.ListField(
        child=serializers.ListField(
            child=serializers.RegexField(_TIME), min_length=2, max_length=2
        ),
        required=False,
        max_length=drafts.MOST_WINDOWS,
        help_text="Spans of the department's day, [from, to]; none is always.",
    )
    success_percent = serializers.IntegerField(
        min_value=1, max_value=100, default=USUAL_TERMS.success_percent
    )
    soak_minutes = serializers.IntegerField(
        min_value=0,
        max_value=LONGEST_SOAK_MIN,
        default=int(USUAL_TERMS.soak.total_seconds() // 60),
        help_text="The wait after a wave's last camera.",
    )
    most_failures = serializers.IntegerField(
        min_value=0, max_value=MOST_CAMERAS, default=USUAL_TERMS.most_failures
    )
    most_failures_percent = serializers.IntegerField(
        min_value=0, max_value=100, default=USUAL_TERMS.most_failures_percent
    )
    most_per_dock = serializers.IntegerField(
        min_value=1, max_value=MOST_AT_ONCE, default=USUAL_CAPS.most_per_dock
    )
    most_per_station = serializers.IntegerField(
        min_value=1, max_value=MOST_AT_ONCE, default=USUAL_CAPS.most_per_station
    )
    most_at_once = serializers.IntegerField(
        min_value=1, max_value=MOST_AT_ONCE, default=USUAL_CAPS.most_at_once
    )
    most_mbit_each = serializers.IntegerField(
        min_value=1,
        max_value=MOST_MBIT,
        default=USUAL_CAPS.most_mbit_each,
        help_text="How fast each camera may download, in Mbit/s.",
    )


class NewRolloutSerializer(DraftSerializer):
    release = serializers.IntegerField(min_value=1, max_value=LARGEST, help_text="By its id.")


class ChosenSerializer(serializers.Serializer[Any]):
    """Which cameras, of the models that the release is for; an empty list is any."""

    models = serializers.ListField(child=serializers.IntegerField())
    stations = serializers.ListField(child=serializers.CharField())
    cameras = serializers.ListField(child=serializers.CharField())
    versions = serializers.ListField(child=serializers.CharField())
    units = serializers.ListField(child=serializers.CharField())
    tags = serializers.ListField(child=serializers.CharField())


class RolloutPlanSerializer(RolloutSerializer):
    """A rollout with everything that was said of it before it started."""

    wanted = ChosenSerializer()
    windows = serializers.ListField(child=serializers.ListField(child=serializers.CharField()))
    success_percent = serializers.IntegerField()
    soak_minutes = serializers.IntegerField(source="soak")
    most_failures = serializers.IntegerField()
    most_failures_percent = serializers.IntegerField()
    most_per_dock = serializers.IntegerField()
    most_per_station = serializers.IntegerField()
    most_at_once = serializers.IntegerField()
    most_mbit_each = serializers.IntegerField()


class LowestSerializer(serializers.Serializer[Any]):
    shift = serializers.CharField()
    station = serializers.CharField()
    begins_at = Moment()
    margin = serializers.IntegerField(help_text="Ready cameras beyond its need; may be negative.")


class WaveForeseenSerializer(serializers.Serializer[Any]):
    number = serializers.IntegerField(help_text="Counted from 1.")
    cameras = serializers.IntegerField(help_text="That would have their turn in it.")
    opens_at = Moment(
        allow_null=True,
        help_text="Of a rollout under way, when it opened if it has; null: not in two weeks.",
    )
    done_at = Moment(
        allow_null=True,
        help_text="All of it, and soaked, or when it was; null: not in two weeks.",
    )


class ShiftForeseenSerializer(serializers.Serializer[Any]):
    shift = serializers.CharField()
    station = serializers.CharField()
    begins_at = Moment()
    margin_without = serializers.IntegerField(
        help_text="Ready cameras beyond its need without the rollout; may be negative."
    )
    margin = serializers.IntegerField(help_text="The same with it.")


class DryRunSerializer(serializers.Serializer[Any]):
    """What a rollout would do, if everybody came and went as rostered and nothing failed."""

    sentence = serializers.CharField()
    done_at = Moment(
        allow_null=True, help_text="When the last camera would be done; null: not in two weeks."
    )
    waves = WaveForeseenSerializer(many=True)
    shifts = ShiftForeseenSerializer(
        many=True, help_text="The coming shifts of two weeks that you may see, by time."
    )
    lowest = ShiftForeseenSerializer(
        allow_null=True, help_text="Of those, the one with the least to spare; null without any."
    )
    never = serializers.ListField(
        child=serializers.CharField(),
        help_text="The cameras that you may see and that would not have their turn in two weeks.",
    )


class KeptSerializer(serializers.Serializer[Any]):
    cameras = serializers.IntegerField(help_text="How many of those that you may see.")
    because = serializers.CharField()


class StillSerializer(serializers.Serializer[Any]):
    since = Moment(help_text="When a camera last went on, or a wave opened.")
    keeps = KeptSerializer(many=True, help_text="What keeps the cameras of open waves, most first.")


class OneRolloutSerializer(RolloutPlanSerializer):
    still = StillSerializer(
        allow_null=True,
        help_text="Nothing has moved for a day although cameras wait; null while it moves.",
    )
    windows_open = serializers.BooleanField(help_text="Whether it may offer now.")
    lowest = LowestSerializer(
        allow_null=True, help_text="Of the coming shifts that you may see; null without any."
    )


class TurnSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    camera = CameraName(source="camera__number")
    station = serializers.CharField(source="camera__station__code")
    wave = serializers.IntegerField(source="wave__number")
    state = serializers.ChoiceField(TURNS)
    since = Moment()
    by = Moment(allow_null=True, help_text="The deadline of its state.")
    back_by = Moment(allow_null=True, help_text="When it is reckoned ready again.")
    attempts = serializers.IntegerField()
    from_version = Known(help_text="What it said it ran.")
    progress_percent = serializers.IntegerField(allow_null=True, help_text="As its client said.")
    reason = Known(help_text="Why it failed, was skipped or cancelled.")
    installed_at = Moment(allow_null=True)
    ended_at = Moment(allow_null=True)


class WaitingTurnSerializer(TurnSerializer):
    waits = serializers.ListField(
        child=serializers.CharField(),
        allow_null=True,
        help_text="Why it is not offered now. null: it is not planned, its rollout is not under "
        f"way, or {MOST_SHOWN} others come before it.",
    )


class RolloutNamePart(Part):
    present = "rollout__id"

    id = serializers.IntegerField(source="rollout__id")
    name = serializers.CharField(source="rollout__name")
    kind = serializers.ChoiceField(ReleaseKind.choices, source="rollout__release__kind")
    version = serializers.CharField(source="rollout__release__version")


class CameraTurnSerializer(TurnSerializer):
    rollout = RolloutNamePart()


class TriedAgainSerializer(serializers.Serializer[Any]):
    cameras = serializers.IntegerField(help_text="How many have another turn.")
    rollout = RolloutPlanSerializer()


class AsideSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    camera = CameraName(source="camera__number")
    station = serializers.CharField(source="camera__station__code")
    reason = serializers.CharField()
    at = Moment()
    by = serializers.IntegerField(
        source="by_id", allow_null=True, help_text="The account; null is the fleet itself."
    )
    ended_at = Moment(allow_null=True, help_text="null while no rollout takes it.")


class ModelSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    maker = serializers.CharField()
    name = serializers.CharField()


class ReleaseSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    kind = serializers.ChoiceField(ReleaseKind.choices)
    version = serializers.CharField()
    state = serializers.ChoiceField(ReleaseState.choices)
    fits = ModelSerializer(many=True, help_text="The camera models it is for; a profile, all.")
    hardware = serializers.ListField(
        child=serializers.CharField(), help_text="Revisions; none: any."
    )
    from_versions = serializers.ListField(
        child=serializers.CharField(), help_text="What it may come from; none: any."
    )
    urgency = serializers.ChoiceField(Urgency.choices)
    minimum_battery_percent = serializers.IntegerField()
    notes = serializers.CharField()
    file_name = serializers.CharField()
    size = serializers.IntegerField(help_text="In bytes.")
    sha256 = serializers.CharField()
    signed_by = serializers.CharField(
        source="signed_by__name",
        allow_null=True,
        help_text="The certificate that stands behind it.",
    )
    uploaded_at = Moment()
    uploaded_by = serializers.IntegerField(
        source="uploaded_by_id", allow_null=True, help_text="The account; another one approves."
    )
    approved_at = Moment(allow_null=True)
    approved_by = serializers.IntegerField(source="approved_by_id", allow_null=True)
    recalled_at = Moment(allow_null=True)
    recalled_because = Known()
    image_removed_at = Moment(
        allow_null=True, help_text="Since when its bytes are gone; null: they are there."
    )
