"""What people fill in about certificates and device profiles."""

import re
from typing import Any

from django import forms
from django.core.validators import ProhibitNullCharactersValidator

from devices.errors import Refused
from devices.inventory.models import Camera, CameraModel, Station
from devices.inventory.tags import LONGEST_TAG
from devices.releases.certificates.parsing import LONGEST
from devices.releases.models import Profile
from devices.releases.profiles import schema
from devices.releases.profiles.actions import LONGEST_NAME, LONGEST_NOTE, MOST_UNIT, Target

_NUMBER = re.compile(r"C?([0-9]{1,9})")
_PLAIN = [ProhibitNullCharactersValidator()]


class NewCertificate(forms.Form):
    """A certificate, and what it is called."""

    name = forms.CharField(
        max_length=60,
        label="Whose it is",
        validators=_PLAIN,
        error_messages={"required": "Say whose certificate it is."},
    )
    pem = forms.CharField(
        max_length=LONGEST,
        label="The certificate as PEM",
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false", "class": "mono"}),
        validators=_PLAIN,
        error_messages={"required": "Paste the certificate: -----BEGIN CERTIFICATE----- …"},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})


class ProfileSettings(forms.Form):
    """A profile's settings, as fields or as JSON: whichever the button says."""

    name = forms.CharField(max_length=LONGEST_NAME, label="Name", required=False)
    note = forms.CharField(
        max_length=LONGEST_NOTE, label="What for", required=False, validators=_PLAIN
    )
    based_on = forms.IntegerField(min_value=0, max_value=2**31, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})
        for one in schema.SETTINGS:
            self.fields[one.name] = _field(one)

    @property
    def settings(self) -> list[tuple[schema.Setting, forms.BoundField]]:
        """The fields of the settings, in the table's order."""
        return [(one, self[one.name]) for one in schema.SETTINGS]

    def chosen(self) -> dict[str, Any]:
        return {one.name: self.cleaned_data[one.name] for one in schema.SETTINGS}


def _field(one: schema.Setting) -> forms.Field:
    if one.yes_or_no:
        return forms.BooleanField(label=one.label, required=False)
    if one.among:
        said = {"required": one.wrong(None) or "", "invalid_choice": one.wrong(None) or ""}
        choices = [(each, each) for each in one.among]
        return forms.ChoiceField(label=one.label, choices=choices, error_messages=said)
    errors = ("required", "invalid", "min_value", "max_value")
    return forms.IntegerField(
        label=one.label,
        min_value=one.lowest,
        max_value=one.highest,
        error_messages=dict.fromkeys(errors, one.wrong(None) or ""),
    )


class NewAssignment(forms.Form):
    """Which profile one camera, tag, unit, station or model should run."""

    profile = forms.ModelChoiceField(
        queryset=Profile.objects.all(),
        label="Profile",
        error_messages={
            "required": "Choose a profile.",
            "invalid_choice": "There is no such profile.",
        },
    )
    model = forms.ModelChoiceField(
        queryset=CameraModel.objects.all(), label="Model", required=False, empty_label="none"
    )
    station = forms.ModelChoiceField(
        queryset=Station.objects.all(), label="Station", required=False, empty_label="none"
    )
    unit = forms.CharField(max_length=MOST_UNIT, label="Unit", required=False, validators=_PLAIN)
    tag = forms.CharField(max_length=LONGEST_TAG, label="Tag", required=False, validators=_PLAIN)
    camera = forms.CharField(max_length=12, label="Camera", required=False, validators=_PLAIN)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})

    def clean_camera(self) -> Camera | None:
        said = self.cleaned_data["camera"].strip()
        if not said:
            return None
        number = _NUMBER.fullmatch(said.upper())
        row: Camera | None = (
            Camera.objects.filter(number=int(number[1])).first() if number else None
        )
        if row is None:
            raise forms.ValidationError("There is no such camera; write its number, as C0417.")
        return row

    def clean(self) -> dict[str, Any]:
        said = self.cleaned_data
        if not self.errors:
            try:
                said["target"] = Target(
                    said["camera"],
                    said["tag"].strip().lower(),
                    said["unit"].strip(),
                    said["station"],
                    said["model"],
                )
            except Refused as refused:
                raise forms.ValidationError(str(refused)) from None
        return said
