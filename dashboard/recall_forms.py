"""What people fill in to recall cameras: which, what to call it, and why."""

from typing import Any

from django import forms
from django.core.validators import ProhibitNullCharactersValidator

from devices.health.models import CameraHealth
from devices.inventory.models import Camera, CameraModel
from devices.recalls.actions import tidied
from devices.recalls.rules import (
    LONGEST_NAME,
    LONGEST_PART,
    LONGEST_REASON,
    Wanted,
    refusals,
)

MOST_KNOWN = 12
_PLAIN = [ProhibitNullCharactersValidator()]


def _text(label: str, longest: int, **fields: Any) -> forms.CharField:
    return forms.CharField(label=label, max_length=longest, validators=_PLAIN, **fields)


class WantedRecall(forms.Form):
    """A recall as somebody wants it; `wanted` is what it says."""

    name = _text(
        "What to call it",
        LONGEST_NAME,
        error_messages={"required": "Give it a name, such as Swollen batteries."},
    )
    reason = _text(
        "Why",
        LONGEST_REASON,
        error_messages={"required": "Say why in a few words; every desk reads it."},
    )
    model = forms.ModelChoiceField(
        queryset=CameraModel.objects.none(),
        required=False,
        empty_label="Any model",
        label="Model",
        error_messages={"invalid_choice": "There is no such model."},
    )
    lot = _text("Lot", LONGEST_PART, required=False)
    firmware_version = _text("Firmware version", LONGEST_PART, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})
        field = self.fields["model"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = CameraModel.objects.all()

    def clean(self) -> dict[str, Any]:
        if not self.errors:
            for wrong in refusals(self.wanted):
                self.add_error(None, wrong)
        return self.cleaned_data

    @property
    def wanted(self) -> Wanted:
        """What was filled in, once it is valid."""
        said = self.cleaned_data
        model: CameraModel | None = said["model"]
        return tidied(
            Wanted(
                said["name"],
                said["reason"],
                model.pk if model else None,
                said["lot"],
                said["firmware_version"],
            )
        )


def lots_known() -> list[str]:
    """Lots that cameras are of, as a hint."""
    rows = Camera.objects.exclude(lot="").order_by("lot").values_list("lot", flat=True)
    return list(rows.distinct()[:MOST_KNOWN])


def versions_known() -> list[str]:
    """What cameras say they run, as a hint."""
    rows = CameraHealth.objects.exclude(firmware_version="").order_by("firmware_version")
    return list(rows.values_list("firmware_version", flat=True).distinct()[:MOST_KNOWN])
