"""The kinds of parameters there are. Each says in one sentence what it takes, and what the schema
says of it is what it takes."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.utils.timezone import now
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema_field

PLAIN = r"[^\u0000-\u001f\u007f-\u009f]{1,40}"
plain = RegexValidator(rf"\A{PLAIN}\Z", "must be 1 to 40 characters of plain text")


class TextField(forms.CharField):
    default_validators = [plain]

    def __init__(self, **options: Any) -> None:
        super().__init__(**options, strip=False)


class WholeField(forms.CharField):
    """A percentage, in digits alone."""

    def clean(self, value: Any) -> int | None:
        if value is None:
            return None
        if not re.fullmatch(r"[0-9]{1,3}", value) or int(value) > 100:
            raise ValidationError("must be a whole number from 0 to 100")
        return int(value)


LARGEST = 2**53  # what every program reads exactly


class NumberField(forms.CharField):
    """The number of something that was written down."""

    def clean(self, value: Any) -> int | None:
        if value is None:
            return None
        digits = re.fullmatch(r"[0-9]{1,16}", value)
        if not digits or not 1 <= int(value) <= LARGEST:
            raise ValidationError(f"must be a whole number from 1 to {LARGEST}")
        return int(value)


CAMERA = "[Cc]?[0-9]{1,9}"


class CameraField(forms.CharField):
    """A camera by its number (417) or name (C0417)."""

    def clean(self, value: Any) -> int | None:
        if value is None and self.required:
            raise ValidationError("must be given")
        if value is None:
            return None
        if not re.fullmatch(CAMERA, value):
            raise ValidationError("must be a camera's number or name, such as C0417")
        return int(value.lstrip("Cc"))


class MomentField(forms.CharField):
    """An instant; without an offset nobody knows which one."""

    def clean(self, value: Any) -> datetime | None:
        if value is None and self.required:
            raise ValidationError("must be given")
        if value is None:
            return None
        try:
            return _moment(value)
        except (ValueError, OverflowError):
            raise ValidationError(
                "must be a time with its offset, such as 2026-11-24T06:55:00Z (a + is written %2B)"
            ) from None


class PastField(MomentField):
    """An instant that has been."""

    def clean(self, value: Any) -> datetime | None:
        said = super().clean(value)
        if said is not None and said > now():
            raise ValidationError("must not lie in the future")
        return said


def _moment(value: str) -> datetime:
    said = datetime.fromisoformat(value) if len(value) <= 40 else None
    if said is None or said.tzinfo is None:
        raise ValueError
    return said.astimezone(UTC)


class ChoiceField(forms.CharField):
    """One of a few words, which the refusal lists."""

    def __init__(self, *, words: dict[str, Any], **options: Any) -> None:
        self.words = words
        super().__init__(**options)

    def clean(self, value: Any) -> Any:
        if value is None:
            return None
        if value not in self.words:
            raise ValidationError(f"must be one of {', '.join(self.words)}")
        return self.words[value]


class Text(filters.CharFilter):
    field_class = TextField


class Camera(filters.Filter):
    field_class = CameraField


class Number(filters.Filter):
    field_class = NumberField


class Percent(filters.Filter):
    field_class = WholeField


class Moment(filters.Filter):
    field_class = MomentField


class Past(filters.Filter):
    field_class = PastField


class Choice(filters.Filter):
    field_class = ChoiceField


def text(field: str, help_text: str, **options: Any) -> Any:
    described = Text(field_name=field, help_text=help_text, **options)
    schema = {"type": "string", "pattern": f"^{PLAIN}$", "description": help_text}
    return extend_schema_field(schema)(described)


def camera(field: str, help_text: str, **options: Any) -> Any:
    described = Camera(field_name=field, help_text=help_text, **options)
    schema = {"type": "string", "pattern": f"^{CAMERA}$", "description": help_text}
    return extend_schema_field(schema)(described)


def number(field: str, help_text: str, **options: Any) -> Any:
    described = Number(field_name=field, help_text=help_text, **options)
    schema = {"type": "integer", "minimum": 1, "maximum": LARGEST, "description": help_text}
    return extend_schema_field(schema)(described)


def percent(field: str, help_text: str, lookup: str) -> Any:
    described = Percent(field_name=field, lookup_expr=lookup, help_text=help_text)
    schema = {"type": "integer", "minimum": 0, "maximum": 100, "description": help_text}
    return extend_schema_field(schema)(described)


def moment(field: str, help_text: str, lookup: str = "exact", **options: Any) -> Any:
    described = Moment(field_name=field, lookup_expr=lookup, help_text=help_text, **options)
    schema = {"type": "string", "format": "date-time", "description": help_text}
    return extend_schema_field(schema)(described)


def past(field: str, help_text: str, lookup: str = "exact", **options: Any) -> Any:
    told = {"lookup_expr": lookup, "help_text": help_text, **options}
    described = Past(field_name=field, required=True, **told)
    schema = {"type": "string", "format": "date-time", "description": help_text}
    return extend_schema_field(schema)(described)


def choice(field: str, help_text: str, among: Iterable[str]) -> Any:
    words = {str(word): str(word) for word in among}
    described = Choice(field_name=field, words=words, help_text=help_text)
    schema = {"type": "string", "enum": [*words], "description": help_text}
    return extend_schema_field(schema)(described)


def flag(field: str, help_text: str, lookup: str = "exact") -> Any:
    words = {"true": True, "false": False}
    described = Choice(field_name=field, lookup_expr=lookup, words=words, help_text=help_text)
    schema = {"type": "boolean", "description": help_text}
    return extend_schema_field(schema)(described)
