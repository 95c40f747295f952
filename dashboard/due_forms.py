"""What people fill in about what is due, what is reserved, and what a desk told."""

from typing import Any

from django import forms
from django.core.validators import ProhibitNullCharactersValidator
from django.db.models import QuerySet

from devices.desk.settling.actions import Finding, Has
from devices.inventory.models import CameraModel, Officer, Station
from devices.roster.reservations.actions import Reserving
from devices.roster.reservations.rules import LONGEST_REASON, LONGEST_TITLE, MOST_AT_ONCE
from devices.roster.rules import Span

AS_A_MOMENT = "Write a day and a time, such as 2026-11-24T17:00."
LOCAL = "%Y-%m-%dT%H:%M"
LARGEST_ID = 2**63 - 1


class Words(forms.CharField):
    """Words of a person in one line; the action says what is missing."""

    def __init__(self, longest: int = LONGEST_REASON, **options: Any) -> None:
        said = {"max_length": f"At most {longest} characters."}
        super().__init__(
            max_length=longest,
            required=False,
            error_messages=said,
            validators=[ProhibitNullCharactersValidator()],
            **options,
        )


class Moment(forms.DateTimeField):
    """A day and a time by the department's clock."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format=LOCAL),
            error_messages=dict.fromkeys(("required", "invalid"), AS_A_MOMENT),
            **options,
        )


class Badge(forms.CharField):
    """An officer, by badge number."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            max_length=20,
            required=False,
            validators=[ProhibitNullCharactersValidator()],
            error_messages={"max_length": "No officer has this badge number."},
            widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
            **options,
        )

    def clean(self, value: Any) -> Officer | None:
        badge = super().clean(value).strip()
        if not badge:
            return None
        found: Officer | None = Officer.objects.filter(badge_number=badge).first()
        if found is None:
            raise forms.ValidationError("No officer has this badge number.")
        return found


class DueLater(forms.Form):
    """When a camera that is out is due instead, and why."""

    until = Moment(label="Due instead")
    reason = Words(label="Reason")


class Reserve(forms.Form):
    """How many spares of what kind are wanted, from when to when, for whom, and why."""

    station = forms.ModelChoiceField(
        queryset=Station.objects.none(),
        to_field_name="code",
        empty_label=None,
        error_messages=dict.fromkeys(("required", "invalid_choice"), "Choose a station."),
    )
    model = forms.ModelChoiceField(
        queryset=CameraModel.objects.all(),
        required=False,
        empty_label="Any model",
        error_messages={"invalid_choice": "Choose a model."},
    )
    number = forms.IntegerField(
        min_value=1,
        max_value=MOST_AT_ONCE,
        label="Cameras",
        initial=1,
        error_messages=dict.fromkeys(
            ("required", "invalid", "min_value", "max_value"),
            f"A number from 1 to {MOST_AT_ONCE}.",
        ),
    )
    begins = Moment(label="From")
    ends = Moment(label="To")
    title = Words(LONGEST_TITLE, label="Event")
    officer = Badge(label="or officer's badge")
    reason = Words(label="Reason")

    def __init__(self, *args: Any, stations: QuerySet[Station], **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})
        field = self.fields["station"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = stations

    @property
    def wanted(self) -> Reserving:
        said = self.cleaned_data
        return Reserving(
            Span(said["begins"], said["ends"]), said["officer"], said["title"], said["reason"]
        )


class Chosen(forms.Form):
    """The cameras that somebody chose of those offered."""

    cameras = forms.TypedMultipleChoiceField(required=False, coerce=int)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["cameras"]
        assert isinstance(field, forms.TypedMultipleChoiceField)
        field.choices = [(one, one) for one in self._sent()]

    def _sent(self) -> list[str]:
        """What was sent that can be a camera's id at all."""
        sent = self.data.getlist("cameras") if hasattr(self.data, "getlist") else []
        return [one for one in sent if one.isascii() and one.isdigit() and int(one) <= LARGEST_ID]


class Settle(forms.Form):
    """Who has the camera, as somebody found out, and how."""

    has = forms.ChoiceField(
        choices=[(one.value, one.value) for one in Has],
        error_messages=dict.fromkeys(("required", "invalid_choice"), "Say who has it."),
    )
    officer = Badge(label="Officer's badge")
    how = Words(label="What you found out")
    on_record = forms.IntegerField(
        min_value=1, max_value=LARGEST_ID, required=False, widget=forms.HiddenInput
    )

    @property
    def finding(self) -> Finding:
        said = self.cleaned_data
        return Finding(Has(said["has"]), said["how"], said["officer"], said["on_record"])


class Close(forms.Form):
    """What the desk's browser still keeps, and which closing it knows as the last."""

    pending = forms.IntegerField(min_value=0, max_value=10**6)
    failed = forms.IntegerField(min_value=0, max_value=10**6)
    after = forms.IntegerField(min_value=1, max_value=LARGEST_ID, required=False)


class Summary(forms.Form):
    """Where an officer wants the summary of a shift; empty is nowhere."""

    email = forms.EmailField(
        required=False,
        max_length=254,
        label="E-mail",
        error_messages=dict.fromkeys(
            ("invalid", "max_length"), "That is no e-mail address; leave it empty for no summary."
        ),
    )
