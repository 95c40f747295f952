"""What people fill in about an officer. A form turns text into values, or says what is wrong."""

from typing import Any

from django import forms
from django.core.validators import ProhibitNullCharactersValidator
from django.db.models import QuerySet

from dashboard.forms import Reason
from devices.inventory.models import Credential, CredentialKind

LONGEST_READ = 200  # a reader may type an address that ends in the code


class WhyOfOfficer(Reason):
    """Why something is done about an officer."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        required = "Say why in a few words; it stays with the officer."
        self.fields["reason"].error_messages["required"] = required


class NewBadge(forms.Form):
    """A badge, scanned into the field as its reader types it."""

    value = forms.CharField(
        max_length=LONGEST_READ,
        label="Scan the badge",
        validators=[ProhibitNullCharactersValidator()],
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": "Scan the badge into the field."},
    )
    kind = forms.ChoiceField(choices=CredentialKind.choices, label="What it is")


class EndedBadge(WhyOfOfficer):
    """Which of an officer's badges names nobody any more, and why."""

    credential = forms.ModelChoiceField(
        queryset=Credential.objects.none(),
        error_messages={
            "required": "Say which badge.",
            "invalid_choice": "The officer has this badge no more.",
        },
    )

    def __init__(self, *args: Any, badges: QuerySet[Credential], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["credential"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = badges.select_related("officer")
