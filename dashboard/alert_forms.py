"""What people fill in about alerts."""

from datetime import timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from devices.alerts import sending, services
from devices.alerts.actions import InForce, Listener, Span
from devices.alerts.catalogue import SEVERITIES
from devices.alerts.models import ChannelKind, Severity
from devices.alerts.rules import Terms
from devices.errors import Refused
from devices.inventory.models import Dock, Station

NO_MOMENT = {"invalid": "Write a day and a time, such as 2026-11-24T06:55."}
HOURS = [(1, "1 hour"), (4, "4 hours"), (8, "a shift"), (24, "a day"), (168, "a week")]


def clean_words(said: str) -> str:
    """What somebody typed, without what a text column cannot hold."""
    return said.replace("\0", "").strip()[:200]


def first_fault(form: forms.BaseForm) -> str:
    return " ".join(map(str, next(iter(form.errors.values()))))


class _Reasoned(forms.Form):
    reason = forms.CharField(
        max_length=200,
        label="Reason",
        error_messages={"required": "Say why; it is shown to everybody who misses the notices."},
    )


class Silence(_Reasoned):
    """How long nobody is told of an alert, and why."""

    hours = forms.TypedChoiceField(
        label="For",
        choices=HOURS,
        coerce=lambda value: timedelta(hours=int(value)),
        error_messages={
            "required": "Choose for how long.",
            "invalid_choice": "Choose for how long.",
        },
    )


class Maintenance(_Reasoned):
    """Where work is done, from when until when, and what."""

    station = forms.ModelChoiceField(
        queryset=Station.objects.none(),
        to_field_name="code",
        error_messages={"required": "Choose a station.", "invalid_choice": "Choose a station."},
    )
    dock_code = forms.CharField(required=False, max_length=20, label="Dock (empty: all of it)")
    begins_at = forms.DateTimeField(
        label="From",
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}),
        error_messages={
            "required": "Say when the work begins.",
            "invalid": "Write a day and a time.",
        },
    )
    ends_at = forms.DateTimeField(
        label="To",
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}),
        error_messages={
            "required": "Say when the work ends.",
            "invalid": "Write a day and a time.",
        },
    )

    field_order = ["station", "dock_code", "begins_at", "ends_at", "reason"]
    dock: Dock | None = None

    def __init__(self, *args: Any, stations: QuerySet[Station], **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})
        field = self.fields["station"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = stations

    def clean(self) -> dict[str, Any]:
        code = self.cleaned_data.get("dock_code", "").upper()
        station = self.cleaned_data.get("station")
        if code and station:
            self.dock = Dock.objects.filter(code=code, station=station).first()
            if self.dock is None:
                raise ValidationError(f"There is no dock {code} at {station}.")
        return self.cleaned_data

    @property
    def span(self) -> Span:
        return Span(self.cleaned_data["begins_at"], self.cleaned_data["ends_at"])


class RuleTerms(forms.Form):
    """How a rule should be; minutes as people write them."""

    enabled = forms.BooleanField(required=False, label="This rule is on")
    severity = forms.ChoiceField(label="How grave", choices=Severity.choices)
    opens_min = forms.FloatField(label="Calls after (minutes)", min_value=0, max_value=10_080)
    clears_min = forms.FloatField(label="Over after (minutes)", min_value=0, max_value=10_080)

    def __init__(self, *args: Any, held: InForce, **kwargs: Any) -> None:
        initial = {
            "enabled": held.enabled,
            "severity": held.terms.severity,
            "opens_min": f"{held.terms.opens_after.total_seconds() / 60:g}",
            "clears_min": f"{held.terms.clears_after.total_seconds() / 60:g}",
            "limit": held.limit,
        }
        super().__init__(*args, **{"label_suffix": "", "initial": initial, **kwargs})
        self.held = held
        if bounds := held.rule.limit:
            self.fields["limit"] = forms.FloatField(
                label=f"{bounds.label} ({bounds.unit})",
                min_value=bounds.lowest,
                max_value=bounds.highest,
            )

    def wanted(self) -> InForce:
        asked = self.cleaned_data
        terms = Terms(
            asked["severity"],
            timedelta(minutes=asked["opens_min"]),
            timedelta(minutes=asked["clears_min"]),
        )
        return InForce(self.held.rule, terms, asked.get("limit"), asked["enabled"])


class NewChannel(forms.Form):
    """An address, and what it wants to hear."""

    kind = forms.ChoiceField(label="How", choices=ChannelKind.choices)
    address = forms.CharField(
        max_length=300,
        label="Address",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        help_text=(
            "An e-mail address, or where a webhook listens (https://…), or that of a service: "
            "slack://TokenA/TokenB/TokenC, twilio://SID:Token@+18605550100/+18605550123, "
            "pover://User@Token. A service's address is a secret and is never shown again."
        ),
        error_messages={
            "required": "Say where notices should go.",
            "max_length": "An address has at most 300 characters.",
        },
    )
    name = forms.CharField(
        max_length=60,
        required=False,
        label="Name",
        help_text="Of a chat, phone or pager: who reads there, such as “night desk”.",
        error_messages={"max_length": "A name has at most 60 characters."},
    )
    station = forms.ModelChoiceField(
        queryset=Station.objects.all(),
        to_field_name="code",
        required=False,
        label="Of",
        empty_label="Every station",
    )
    least = forms.ChoiceField(
        label="From",
        choices=[(one, f"{one.capitalize()} on") for one in SEVERITIES],
        initial="major",
    )
    escalations_only = forms.BooleanField(required=False, label="Only what nobody took")
    digest = forms.BooleanField(required=False, label="One summary at the end of each shift")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})

    def clean_name(self) -> str:
        name = clean_words(self.cleaned_data["name"])
        if "://" in name:
            raise ValidationError("Write a name here: everybody who may come here reads it.")
        return name

    def clean(self) -> dict[str, Any]:
        kind, address = self.cleaned_data.get("kind"), self.cleaned_data.get("address")
        if kind == ChannelKind.CHAT and not self.cleaned_data.get("name", "unsaid"):
            self.add_error("name", "Give it a name: the address itself is never shown.")
        if kind and address:
            try:
                self.cleaned_data["address"] = sending.checked_address(ChannelKind(kind), address)
            except Refused as refused:
                self.add_error("address", str(refused))
        return self.cleaned_data

    def without_secrets(self) -> "NewChannel":
        """This form, to be shown again: what may be a secret has to be typed once more."""
        typed = self.data.get("address", "").strip().lower()
        shown_anyway = "://" not in typed or typed.startswith("https://")
        if typed and (self.data.get("kind") == ChannelKind.CHAT or not shown_anyway):
            name = "" if "name" in self.errors else self.data.get("name", "")
            self.data = {**dict(self.data.items()), "address": "", "name": name}
            if "address" not in self.errors:
                self.add_error("address", "Type it once more; it is kept nowhere.")
        return self

    def listener(self) -> Listener:
        """What was asked for, once the form is valid."""
        asked = self.cleaned_data
        kind, address, secret = ChannelKind(asked["kind"]), asked["address"], ""
        if kind == ChannelKind.CHAT:
            secret = address
            address = f"{services.service_of(secret)} · {asked['name']}"
        return Listener(
            kind=kind,
            address=address,
            station=asked["station"],
            least=asked["least"],
            escalations_only=asked["escalations_only"],
            digest=asked["digest"],
            secret=secret,
        )
