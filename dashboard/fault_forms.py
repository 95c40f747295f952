"""What people fill in about tests, malfunctions and repairs. Lengths are judged by the actions."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.core.validators import ProhibitNullCharactersValidator

from dashboard import scans
from devices.faults import rules
from devices.faults.models import FaultSource, FaultState, Resolution, Severity
from devices.inventory.models import Station

ROOMY = forms.Textarea(attrs={"rows": 3, "maxlength": 400})
CLEARED_BY_PEOPLE = [Resolution.REPAIRED, Resolution.REPLACED, Resolution.NO_FAULT]
WHEN = {"invalid": "Write a day and a time, such as 2026-11-24T06:55."}


class Words(forms.CharField):
    """Words of a person, in any script; nothing is required here, so the action can say why."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            **{"required": False, "validators": [ProhibitNullCharactersValidator()], **options}
        )


class Keyed(forms.Form):
    """A form that does its work once, however often it is sent."""

    key = forms.UUIDField(
        widget=forms.HiddenInput,
        initial=uuid4,
        error_messages=dict.fromkeys(("required", "invalid"), "Load the page and send it again."),
    )

    @property
    def own_key(self) -> UUID:
        found = self.cleaned_data["key"]
        assert isinstance(found, UUID)
        return found

    @property
    def faults(self) -> str:
        """What is wrong with it, in one line."""
        return " ".join(str(said) for found in self.errors.values() for said in found)


class Confirm(Keyed):
    """An officer says that the camera was tested: by a tap, or by a scan."""

    scan = forms.CharField(
        required=False,
        max_length=scans.LONGEST,
        label="Scan the camera or your badge",
        error_messages={"max_length": "That is no code of ours: it is too long."},
        validators=[ProhibitNullCharactersValidator()],
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    note = Words(label="Note", widget=forms.TextInput(attrs={"maxlength": 400}))


class Report(Keyed):
    """What somebody says is wrong with a camera."""

    code = forms.ChoiceField(
        label="What is wrong",
        choices=[(one.code, one.words) for one in rules.TOLD_BY_PEOPLE],
        widget=forms.RadioSelect,
        error_messages=dict.fromkeys(("required", "invalid_choice"), "Choose what is wrong."),
    )
    words = Words(label="In your words", widget=ROOMY)
    must_not_be_issued = forms.BooleanField(
        required=False, label="It must not be issued until IT has cleared it"
    )


class Promise(forms.Form):
    """Which spare is promised, for which shift, as the page offered it."""

    shift = forms.IntegerField(min_value=1, max_value=2**63 - 1)
    camera = forms.IntegerField(min_value=1, max_value=2**63 - 1)


class Clear(forms.Form):
    """How a fault ended."""

    resolution = forms.ChoiceField(
        label="How it ended",
        choices=[(one.value, one.label) for one in CLEARED_BY_PEOPLE],
        error_messages=dict.fromkeys(
            ("required", "invalid_choice"),
            "Choose whether it was repaired or replaced, or no fault was found.",
        ),
    )
    words = Words(label="What was done, or how you know", widget=ROOMY)


class SendAway(Keyed):
    """What CJIS MA-2 wants written down before a camera leaves."""

    maintainer = Words(label="Who repairs it")
    rma_number = Words(label="RMA number")
    reason = Words(label="What is to be repaired")
    sanitised_at = forms.DateTimeField(
        required=False,
        label="Sanitised at",
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        error_messages=WHEN,
    )
    sanitised_how = Words(label="How it was sanitised")
    cannot_sanitise = Words(label="Or: why it cannot be sanitised")


class TakeBack(forms.Form):
    """What CJIS MA-2 wants written down when it returns."""

    work_done = Words(label="What was done to it")
    parts_replaced = Words(label="Parts replaced, with their serial numbers")
    checked_after = Words(label="How it was checked afterwards")


class FaultFilter(forms.Form):
    """The list's filters; what is asked wrongly is not asked."""

    state = forms.ChoiceField(
        required=False,
        label="State",
        choices=[("", "All that are not over"), *FaultState.choices],
    )
    severity = forms.ChoiceField(
        required=False, label="Severity", choices=[("", "Any"), *Severity.choices]
    )
    source = forms.ChoiceField(
        required=False, label="Told by", choices=[("", "Anybody"), *FaultSource.choices]
    )
    station = forms.ChoiceField(required=False, label="Station")

    def __init__(self, *args: Any, stations: Iterable[Station], **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})
        field = self.fields["station"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", "Every station"), *((one.code, one.name) for one in stations)]
        self.full_clean()

    def asked(self) -> dict[str, str]:
        """What was asked, as far as it could be understood."""
        return {name: value for name, value in self.cleaned_data.items() if value}
