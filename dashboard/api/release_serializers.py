"""Uploads, certificates, rollback orders and profiles in the API, and what is said to make them."""

import binascii
from base64 import b64decode
from typing import Any

from rest_framework import serializers

from dashboard.api.acting import WhySerializer
from dashboard.api.desk import Closed
from dashboard.api.fields import CameraName, Known, Moment
from dashboard.api.parameters import CAMERA, LARGEST
from dashboard.api.rollout_serializers import ModelSerializer, ReleaseSerializer
from devices.inventory.tags import LONGEST_TAG
from devices.releases.certificates.parsing import LONGEST as LONGEST_CERTIFICATE
from devices.releases.models import ReleaseState, Urgency
from devices.releases.profiles import schema
from devices.releases.profiles.actions import LONGEST_NAME, LONGEST_NOTE
from devices.releases.profiles.schema import Setting
from devices.releases.receiving.signatures import LONGEST

MOST_VERSIONS = 2**31 - 2  # what the column takes as the next one
REFUSED = "refused"
_BASE64 = "^[A-Za-z0-9+/]+={0,2}$"


def _bytes(said: str) -> bytes:
    try:
        return b64decode(said, validate=True)
    except (binascii.Error, ValueError):
        raise serializers.ValidationError("is no base64") from None


class OrderTextSerializer(serializers.Serializer[Any]):
    text = serializers.CharField(
        help_text="What is signed, to the byte: UTF-8, each line ended by a line feed."
    )


class NewOrderSerializer(WhySerializer):
    signature = serializers.RegexField(
        _BASE64,
        max_length=-(-LONGEST // 3) * 4,
        help_text="Of that text with this reason: detached CMS in DER, as base64.",
    )

    def validate_signature(self, said: str) -> bytes:
        return _bytes(said)


class CertificateSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    name = serializers.CharField()
    fingerprint = serializers.CharField(help_text="SHA-256 of it.")
    ends_at = Moment()
    added_at = Moment()
    added_by = serializers.IntegerField(source="added_by_id", allow_null=True)
    withdrawn_at = Moment(allow_null=True, help_text="null while it is believed.")


class NewCertificateSerializer(Closed):
    name = serializers.CharField(max_length=60, help_text="Whose it is.")
    certificate = serializers.RegexField(
        _BASE64, max_length=LONGEST_CERTIFICATE, help_text="In DER, as base64."
    )

    def validate_certificate(self, said: str) -> bytes:
        return _bytes(said)


class OrderSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    release = serializers.IntegerField(
        source="release_id", help_text="The release that cameras go back to."
    )
    reason = serializers.CharField()
    signed_by = serializers.CharField(
        source="signed_by__name", help_text="The certificate that stands behind it."
    )
    ordered_at = Moment()
    ordered_by = serializers.IntegerField(
        source="ordered_by_id", allow_null=True, help_text="The account; another one confirms."
    )
    confirmed_at = Moment(allow_null=True, help_text="null: it counts for nothing yet.")
    confirmed_by = serializers.IntegerField(source="confirmed_by_id", allow_null=True)
    signer_withdrawn_at = Moment(
        source="signed_by__withdrawn_at",
        allow_null=True,
        help_text="Since when it counts no more, because its certificate was withdrawn.",
    )


class TargetSerializer(Closed):
    """Exactly one of whose cameras are meant."""

    camera = serializers.RegexField(f"^{CAMERA}$", required=False, help_text="C0417 or 417.")
    tag = serializers.CharField(
        max_length=LONGEST_TAG, required=False, help_text="Of cameras, such as k9."
    )
    unit = serializers.CharField(max_length=60, required=False)
    station = serializers.CharField(max_length=20, required=False, help_text="Its code.")
    model = serializers.IntegerField(
        min_value=1, max_value=LARGEST, required=False, help_text="By its id in a release's fits."
    )


class AssignSerializer(TargetSerializer):
    """A profile, and exactly one of whose cameras should run it."""

    profile = serializers.CharField(max_length=LONGEST_NAME, help_text="Its name.")


class AssignedSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    profile = serializers.CharField()
    to = serializers.CharField(help_text="Whose cameras should run it, in words.")
    at = Moment()


class SettingsSerializer(Closed):
    """All settings of a profile: none left out, none beside them."""

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        return {one.name: _field(one) for one in schema.SETTINGS}

    def to_internal_value(self, data: Any) -> Any:
        """By the schema of profiles alone, which takes a text for no number."""
        self.refuse_strange(data)
        if wrong := {name: [sentence] for name, sentence in schema.wrongs(data)}:
            raise serializers.ValidationError(wrong)
        return dict(data)


def _field(one: Setting) -> serializers.Field[Any, Any, Any, Any]:
    told = f"{one.label}{f' ({one.unit})' if one.unit else ''}. {one.why}"
    if one.yes_or_no:
        return serializers.BooleanField(help_text=told)
    if one.among:
        return serializers.ChoiceField(one.among, help_text=told)
    return serializers.IntegerField(min_value=one.lowest, max_value=one.highest, help_text=told)


class NewVersionSerializer(Closed):
    """The next version of a profile."""

    settings = SettingsSerializer()
    based_on = serializers.IntegerField(
        min_value=0,
        max_value=MOST_VERSIONS,
        help_text="The number of the version that was edited; 0 makes a profile that is new.",
    )
    note = serializers.CharField(
        max_length=LONGEST_NOTE, required=False, allow_blank=True, help_text="Why; it stays."
    )


class VersionSerializer(serializers.Serializer[Any]):
    number = serializers.IntegerField()
    version = serializers.CharField(source="release__version", help_text="As cameras report it.")
    release = serializers.IntegerField(
        source="release__id", help_text="By this id it is approved, recalled and rolled out."
    )
    state = serializers.ChoiceField(ReleaseState.choices, source="release__state")
    settings = serializers.DictField(source="chosen", help_text="By their names.")
    defeats = serializers.ListField(
        child=serializers.CharField(),
        help_text="Why cameras with it may miss a light bar, a sentence each; none is good.",
    )
    sha256 = serializers.CharField(source="digest", help_text="Of the settings as sent.")
    note = serializers.CharField()
    made_at = Moment()
    made_by = serializers.IntegerField(
        source="made_by_id", allow_null=True, help_text="The account; another one approves."
    )


class AssignmentSerializer(serializers.Serializer[Any]):
    """To what a profile is assigned: one of the five, the others are null."""

    camera = CameraName(source="camera__number", allow_null=True)
    tag = Known()
    unit = Known()
    station = serializers.CharField(source="station__code", allow_null=True)
    model = serializers.IntegerField(source="model_id", allow_null=True)
    at = Moment()


class ProfileSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    versions = VersionSerializer(many=True, help_text="The newest first.")
    assigned = AssignmentSerializer(
        many=True, help_text="Single cameras as far as you may see them. The narrowest counts."
    )


class UploadedSerializer(serializers.Serializer[Any]):
    key = serializers.CharField(help_text="By this `releases/uploads/{key}/` says what it became.")
    release = ReleaseSerializer()


class BecameSerializer(serializers.Serializer[Any]):
    state = serializers.ChoiceField([*ReleaseState.values, REFUSED])
    release = serializers.IntegerField(allow_null=True, help_text="null: nothing of it was kept.")
    reason = serializers.CharField(allow_null=True, help_text="Why it was refused.")


class RunsSerializer(serializers.Serializer[Any]):
    model = ModelSerializer()
    firmware_version = Known(help_text="What they say they run; null: they never said.")
    cameras = serializers.IntegerField()


class LateSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField(help_text="The release.")
    version = serializers.CharField()
    urgency = serializers.ChoiceField(Urgency.choices)
    by = Moment(help_text="Until when every camera of its models should run it.")
    days_left = serializers.IntegerField(help_text="Whole days; past it, how many late, negative.")
    cameras = serializers.IntegerField(help_text="In service, of its models.")
    behind = serializers.IntegerField(help_text="Of these due for it first.")
    sooner = serializers.IntegerField(help_text="These lack it too, and another one before it.")
    runs = RunsSerializer(many=True, help_text="What those that are behind run.")


class BehindSerializer(serializers.Serializer[Any]):
    cameras = serializers.IntegerField(help_text="That are behind, each counted once.")
    releases = LateSerializer(many=True, help_text="By their day, the earliest first.")


class DriftedSerializer(serializers.Serializer[Any]):
    camera = CameraName(source="number")
    station = serializers.CharField(source="station__code")
    drifted = serializers.BooleanField(
        allow_null=True, help_text="null: it never said what it runs."
    )
    profile_version = Known(help_text="What it says it runs.")
    wanted = serializers.CharField(help_text="What it should run.")
    release = serializers.IntegerField(help_text="The same, by its id.")
    through = serializers.ChoiceField(
        ["camera", "tag", "unit", "station", "model"], help_text="By which assignment."
    )
    other_content = serializers.BooleanField(help_text="It runs something else by the same name.")
    since = Moment(allow_null=True, help_text="As far as its reports tell; null is not known.")
    said_at = Moment(allow_null=True)
    defeats = serializers.ListField(
        child=serializers.CharField(),
        help_text="Why with what it should run it may miss a light bar; none is good.",
    )
    defeats_now = serializers.ListField(
        child=serializers.CharField(), help_text="The same with what it says it runs."
    )
    outlook = serializers.CharField(
        allow_null=True, help_text="What becomes of it; null for one that never said what it runs."
    )
