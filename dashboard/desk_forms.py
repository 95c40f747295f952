"""What people fill in about desks."""

from typing import Any

from django import forms
from django.db.models import QuerySet

from dashboard.station_choice import AtStation
from devices.inventory.models import Officer


def _typed_unseen() -> forms.PasswordInput:
    return forms.PasswordInput(attrs={"inputmode": "numeric", "autocomplete": "new-password"})


class NewDesk(AtStation):
    """A desk: its name and its station."""

    name = forms.CharField(
        max_length=40, label="Name", error_messages={"required": "A desk has a name."}
    )


class OwnPin(forms.Form):
    """A PIN for kiosks, typed twice."""

    pin = forms.CharField(max_length=20, label="PIN", widget=_typed_unseen())
    again = forms.CharField(max_length=20, label="PIN again", widget=_typed_unseen())

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})

    def clean_again(self) -> str:
        again: str = self.cleaned_data["again"]
        if again != self.cleaned_data.get("pin"):
            raise forms.ValidationError("The two are not the same.")
        return again


class NewPin(OwnPin):
    """A PIN for an officer, by their badge number."""

    officer = forms.ModelChoiceField(
        queryset=Officer.objects.none(),
        to_field_name="badge_number",
        label="Badge number",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"invalid_choice": "No officer of your stations has this badge number."},
    )
    field_order = ("officer", "pin", "again")

    def __init__(self, *args: Any, officers: QuerySet[Officer], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["officer"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = officers
