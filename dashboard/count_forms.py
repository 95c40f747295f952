"""What people fill in about counts."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.validators import ProhibitNullCharactersValidator

from dashboard.station_choice import AtStation
from devices.desk.counts.actions import LONGEST_REASON

# What is usually said, offered while typing; anything else may be said as well.
USUAL_REASONS = (
    "With an officer who is off duty",
    "At another station",
    "In a vehicle",
    "At the maker for repair",
    "Held as evidence",
    "Nobody knows: reported lost",
)


class NewCount(AtStation):
    """Which station is counted."""


class Reasons(forms.Form):
    """Why each missing camera is missing."""

    def __init__(self, *args: Any, missing: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})
        for camera in missing:
            self.fields[camera] = forms.CharField(
                label=camera,
                max_length=LONGEST_REASON,
                validators=[ProhibitNullCharactersValidator()],
                error_messages={"required": f"Say why {camera} was not found."},
                widget=forms.TextInput(attrs={"list": "usual-reasons", "autocomplete": "off"}),
            )
