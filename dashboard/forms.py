"""What people fill in. A form turns text into values, or says in a sentence what is wrong."""

from functools import partial
from typing import Any

from django import forms
from django.core.validators import ProhibitNullCharactersValidator
from django.db.models import QuerySet

from dashboard import first_run
from dashboard.tiles import WORDS
from devices.access.models import ScreenTheme
from devices.access.scopes import Scope
from devices.board.table import Order, Wanted
from devices.department.rules import DECIDABLE, Decidable, in_unit, wrong
from devices.health.models import Hearing
from devices.inventory.actions import VERBS
from devices.inventory.models import CameraModel, ServiceState, Station
from devices.inventory.tags import LONGEST_TAG, MOST_TAGS, written
from devices.policy import Policy

STANDINGS = [("personal", "Personal"), ("spare", "Spare")]
ANY = ("", "Any")
LONGEST_TAGS = 2 * MOST_TAGS * LONGEST_TAG  # as written, with what stands between them
# To repair leads another way: what leaves must be sanitised, and a statement says so.
BY_HAND = [state for state in VERBS if state != ServiceState.IN_REPAIR]


class CameraFilter(forms.Form):
    """The table's filters. What is asked wrongly is not asked, and said beside its field."""

    q = forms.CharField(required=False, max_length=40, label="Search")
    bucket = forms.ChoiceField(
        required=False,
        label="State",
        choices=[("", "Any state"), *((one.value, word) for one, word in WORDS.items())],
    )
    station = forms.ChoiceField(required=False, label="Station")
    model = forms.TypedChoiceField(required=False, label="Model", coerce=int, empty_value=None)
    firmware = forms.CharField(required=False, max_length=40, label="Firmware")
    service = forms.ChoiceField(
        required=False, label="Service state", choices=[ANY, *ServiceState.choices]
    )
    dock = forms.CharField(required=False, max_length=20, label="Dock")
    standing = forms.ChoiceField(
        required=False, label="Spare or personal", choices=[("", "Both"), *STANDINGS]
    )
    hearing = forms.ChoiceField(required=False, label="Hearing", choices=[ANY, *Hearing.choices])
    tag = forms.CharField(required=False, max_length=LONGEST_TAG, label="Tag")
    battery_below = forms.IntegerField(
        required=False, min_value=1, max_value=100, label="Battery below (%)"
    )
    sort = forms.ChoiceField(required=False, choices=[(one.value, one.value) for one in Order])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})
        stations = [("", "Every station"), *Station.objects.values_list("code", "name")]
        models = [(one.pk, str(one)) for one in CameraModel.objects.all()]
        self._offer("station", stations)
        self._offer("model", [("", "Any model"), *models])

    def _offer(self, name: str, choices: list[Any]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices

    def clean_tag(self) -> str:
        return str(self.cleaned_data["tag"]).lower()

    def wanted(self, *, badges: bool) -> Wanted:
        """What was asked, as far as it could be understood."""
        self.full_clean()
        asked = self.cleaned_data
        said = {name: asked[name] for name in Wanted.__dataclass_fields__ if name in asked}
        return Wanted(text=asked.get("q", ""), badges=badges, **said)


class Span(forms.Form):
    """From and to, as the department's clock says them."""

    since = forms.DateTimeField(
        required=False,
        label="From",
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}),
        error_messages={"invalid": "Write a day and a time, such as 2026-11-24T06:55."},
    )
    until = forms.DateTimeField(
        required=False,
        label="To",
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}),
        error_messages={"invalid": "Write a day and a time, such as 2026-11-24T15:00."},
    )


class Reason(forms.Form):
    """Why somebody does something to a camera; kept beside it and in the ledger."""

    reason = forms.CharField(
        max_length=200,
        label="Reason",
        validators=[ProhibitNullCharactersValidator()],
        error_messages={"required": "Say why in a few words; it stays with the camera."},
    )


class ServiceChange(Reason):
    """Where a camera is brought, and why."""

    to = forms.ChoiceField(
        choices=[(state.value, state.label) for state in BY_HAND],
        error_messages={"required": "Choose what to do.", "invalid_choice": "Choose what to do."},
    )


class Tags(forms.Form):
    """A camera's tags as somebody writes them, with spaces or commas between them."""

    tags = forms.CharField(
        required=False,
        max_length=LONGEST_TAGS,
        label="Tags",
        error_messages={"max_length": f"A camera has at most {MOST_TAGS} tags."},
    )

    def clean_tags(self) -> list[str]:
        return written(self.cleaned_data["tags"])


class PolicyNumbers(forms.Form):
    """The department's numbers as somebody would have them, each in its unit, and why."""

    reason = forms.CharField(
        max_length=200,
        label="Reason",
        validators=[ProhibitNullCharactersValidator()],
        error_messages={"required": "Say why in a few words; it stays with the decision."},
    )
    based_on = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    sure = forms.BooleanField(required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})
        for one in DECIDABLE:
            said = f"{one.label} is a whole number of {one.unit.value}"
            between = f"{said}, {one.bounds}." if one.or_none else f"{said} {one.bounds}."
            errors = ("required", "invalid", "min_value", "max_value")
            self.fields[one.name] = forms.IntegerField(
                label=one.label,
                min_value=0 if one.or_none else one.lowest,
                max_value=one.highest,
                validators=[partial(_within, one, between)],
                error_messages=dict.fromkeys(errors, between),
            )

    def written(self, before: Policy) -> dict[str, int]:
        """The numbers that would change."""
        return {
            one.name: self.cleaned_data[one.name]
            for one in DECIDABLE
            if self.cleaned_data[one.name] != in_unit(one, before)
        }


def _within(one: Decidable, between: str, written: int) -> None:
    if wrong(one, written):
        raise forms.ValidationError(between)


class Note(forms.Form):
    """What became of a serial number that was not believed."""

    note = forms.CharField(
        max_length=200,
        label="What was done",
        error_messages={"required": "Say in a few words what was done about it."},
    )


class NewScreen(forms.Form):
    """Where a wall screen hangs, what it shows, and whether it darkens at night."""

    name = forms.CharField(
        max_length=60,
        label="What it is called",
        validators=[ProhibitNullCharactersValidator()],
        error_messages={"required": "Say what the screen is called: where it hangs."},
    )
    stations = forms.ModelMultipleChoiceField(
        queryset=Station.objects.none(),
        label="Stations it shows",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one station that the screen shows."},
    )
    theme = forms.ChoiceField(choices=ScreenTheme.choices, label="Light or dark")

    def __init__(self, *args: Any, stations: QuerySet[Station], **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})
        field = self.fields["stations"]
        assert isinstance(field, forms.ModelMultipleChoiceField)
        field.queryset = stations


class FirstRun(forms.Form):
    """The first user of an empty installation, and the proof that it is theirs."""

    code = forms.CharField(max_length=40, label="Set-up code")
    username = forms.CharField(max_length=150, label="Your name for signing in")
    password = forms.CharField(
        max_length=200, label="Password", widget=forms.PasswordInput, strip=False
    )
    again = forms.CharField(
        max_length=200, label="The same again", widget=forms.PasswordInput, strip=False
    )
    also_it = forms.BooleanField(required=False, initial=True)

    def clean_code(self) -> str:
        typed = str(self.cleaned_data["code"])
        if not first_run.is_code(typed):
            raise forms.ValidationError("This is not the set-up code of this installation.")
        return typed

    def clean_again(self) -> str:
        again = str(self.cleaned_data["again"])
        if again != self.cleaned_data.get("password"):
            raise forms.ValidationError("The two passwords differ.")
        return again


class NewApiToken(forms.Form):
    """What a program may do in somebody's name, and for how long."""

    label = forms.CharField(
        max_length=60,
        label="What it is for",
        error_messages={"required": "Say what the token is for."},
    )
    scopes = forms.MultipleChoiceField(
        label="What it may read or do",
        choices=[(one.value, one.label) for one in Scope],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one thing it may do."},
    )
    days = forms.TypedChoiceField(
        label="Ends after",
        coerce=int,
        choices=[(30, "30 days"), (90, "90 days"), (365, "a year")],
        initial=90,
    )
