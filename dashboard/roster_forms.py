"""What people fill in to set the roster."""

from datetime import date, datetime, time
from typing import Any

from django import forms
from django.utils.timezone import get_default_timezone

from devices.errors import Refused
from devices.roster import rules
from devices.roster.actions import LONGEST_CODE, LONGEST_NAME, LONGEST_UNIT, MOST_RESERVE
from devices.roster.models import ShiftKind
from devices.roster.rules import Hours, Span

WRITTEN = "%Y-%m-%dT%H:%M"
AS_A_DAY = "Write a day such as 2026-11-24."
AS_A_TIME = "Write a time such as 07:00."
AS_A_MOMENT = "Write a day and a time, such as 2026-11-24T17:00."
FIRST, LAST = date(1990, 1, 1), date(2100, 12, 31)


class Jump(forms.Form):
    """The week to look at: any day of it."""

    on = forms.DateField(
        required=False,
        label="Week of",
        widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={"invalid": "Write a day such as 2026-11-24; this week is shown."},
    )

    def clean_on(self) -> date | None:
        on: date | None = self.cleaned_data["on"]
        if on is not None and not FIRST <= on <= LAST:
            raise forms.ValidationError("That day lies too far away; this week is shown.")
        return on


class KindOfShift(forms.Form):
    """A shift as it comes round every day."""

    code = forms.CharField(max_length=LONGEST_CODE, label="Code")
    name = forms.CharField(max_length=LONGEST_NAME, label="Name")
    begins = forms.TimeField(
        label="Begins",
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        error_messages={"invalid": AS_A_TIME},
    )
    ends = forms.TimeField(
        label="Ends",
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        error_messages={"invalid": AS_A_TIME},
    )
    reserve = forms.IntegerField(min_value=0, max_value=MOST_RESERVE, label="Reserve")
    sure = forms.BooleanField(required=False, widget=forms.HiddenInput)

    def clean_code(self) -> str:
        code = str(self.cleaned_data["code"]).strip().upper()
        if not code.replace("-", "").replace("_", "").isalnum() or not code.isascii():
            raise forms.ValidationError("A code holds letters, digits, hyphens and underscores.")
        return code

    def hours(self) -> Hours:
        begins, ends = self.cleaned_data["begins"], self.cleaned_data["ends"]
        return Hours(_to_the_minute(begins), _to_the_minute(ends))


class Reserve(forms.Form):
    """How many spares a shift needs beside its people."""

    reserve = forms.IntegerField(
        min_value=0,
        max_value=MOST_RESERVE,
        label="Reserve",
        error_messages={
            "invalid": "Write a whole number of cameras.",
            "required": "Write a whole number of cameras.",
        },
    )


class Moment(forms.Field):
    """A day and a time as the department's clocks show them, to the minute."""

    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format=WRITTEN)

    def to_python(self, value: Any) -> datetime | None:
        if not value:
            return None
        try:
            said = datetime.strptime(str(value)[:16], WRITTEN)  # noqa: DTZ007  clocks show no zone
        except ValueError:
            raise forms.ValidationError(AS_A_MOMENT) from None
        if not FIRST <= said.date() <= LAST:
            raise forms.ValidationError(AS_A_MOMENT)
        return said


def _day(label: str, **options: Any) -> forms.DateField:
    return forms.DateField(
        label=label,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": AS_A_DAY, "required": AS_A_DAY},
        validators=[_within_reason],
        **options,
    )


def _within_reason(on: date) -> None:
    if not FIRST <= on <= LAST:
        raise forms.ValidationError(AS_A_DAY)


class EndedRotation(forms.Form):
    """The last day of the rotation that began on ``first_on``."""

    first_on = forms.DateField(widget=forms.HiddenInput)
    last_on = _day("Last day", required=False)


class NewRotation(forms.Form):
    """Another standing place in the roster."""

    shift = forms.ModelChoiceField(
        ShiftKind.objects.all(),
        to_field_name="code",
        label="Shift",
        error_messages=dict.fromkeys(("required", "invalid_choice"), "Choose a shift."),
    )
    pattern = forms.CharField(
        max_length=20, label="Pattern", error_messages={"required": "Write a pattern."}
    )
    first_on = _day("First day on")
    last_on = _day("Last day", required=False)
    unit = forms.CharField(max_length=LONGEST_UNIT, required=False, label="Unit")


class DutyHours(forms.Form):
    """From when to when an officer is on. What is left as it was stays the instant it was.

    A time that clocks skip is refused; ``notes`` say which is meant of one that they show twice.
    """

    begins_at = Moment(label="Begins", error_messages={"required": AS_A_MOMENT})
    ends_at = Moment(label="Ends", error_messages={"required": AS_A_MOMENT})

    def span(self, before: Span) -> Span:
        begins_at, ends_at = self.cleaned_data["begins_at"], self.cleaned_data["ends_at"]
        return Span(_instant(begins_at, before.begins_at), _instant(ends_at, before.ends_at))

    def notes(self, before: Span) -> list[str]:
        was = {"begins_at": before.begins_at, "ends_at": before.ends_at}
        new = [
            self.cleaned_data[name]
            for name, at in was.items()
            if self.cleaned_data[name] != _written(at)
        ]
        zone = get_default_timezone()
        return [*filter(None, (rules.shown_twice(one.date(), one.time(), zone) for one in new))]


def shown(at: datetime) -> datetime:
    """What the department's clocks show."""
    return at.astimezone(get_default_timezone()).replace(tzinfo=None)


def _instant(said: datetime, before: datetime) -> datetime:
    if said == _written(before):
        return before
    zone = get_default_timezone()
    if fault := rules.skipped(said.date(), said.time(), zone):
        raise Refused(fault)
    return rules.instant(said.date(), said.time(), zone)


def _written(at: datetime) -> datetime:
    """As the form shows it, to the minute."""
    return shown(at).replace(second=0, microsecond=0)


def _to_the_minute(at: time) -> time:
    return at.replace(second=0, microsecond=0)
