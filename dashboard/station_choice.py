"""Forms that are about one station."""

from typing import Any

from django import forms
from django.db.models import QuerySet

from devices.inventory.models import Station


class AtStation(forms.Form):
    """One of the stations within somebody's reach."""

    station = forms.ModelChoiceField(
        queryset=Station.objects.none(),
        to_field_name="code",
        empty_label=None,
        error_messages={"required": "Choose a station.", "invalid_choice": "Choose a station."},
    )

    def __init__(self, *args: Any, stations: QuerySet[Station], **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})
        field = self.fields["station"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = stations
