"""The kinds of values in an answer, and where in a row they are read from."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from rest_framework import serializers

from devices.inventory import codes

Row = dict[str, Any]
# By a clock, however wrong: no computer's counts from an earlier year, and none goes this far.
EARLIEST, LATEST = datetime(1900, 1, 1, tzinfo=UTC), datetime(3000, 1, 1, tzinfo=UTC)


class Moment(serializers.DateTimeField):
    """An instant in UTC, to the microsecond."""

    def to_representation(self, value: datetime) -> str:
        return f"{value.astimezone(UTC).replace(tzinfo=None).isoformat()}Z"


class ByDeskClock(serializers.DateTimeField):
    """A moment by a desk's clock, which may be wrong by years: a flat battery says 1970. What no
    clock says is refused, for it could be neither kept nor counted with."""

    def to_internal_value(self, value: Any) -> Any:
        at = super().to_internal_value(value)
        if not EARLIEST <= at < LATEST:
            raise serializers.ValidationError(f"is not of the years {EARLIEST.year} to 2999")
        return at


class CameraName(serializers.CharField):
    """C0417, from 417."""

    def to_representation(self, value: int) -> str:  # type: ignore[override]
        return codes.name(value)


class Badge(serializers.CharField):
    """A badge number, left out of a row that does not hold one to show."""

    def get_attribute(self, row: Row) -> Any:
        if self.source not in row:
            raise serializers.SkipField
        return row[self.source]


class Known(serializers.CharField):
    """A text that is null while nobody has said it."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options, allow_null=True)

    def to_representation(self, value: str) -> str | None:  # type: ignore[override]
        return value or None


class KnownWord(serializers.ChoiceField):
    """One of a few words, null while nobody has said it."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options, allow_null=True)

    def to_representation(self, value: str) -> str | None:  # type: ignore[override]
        return value or None


class Part(serializers.Serializer[Any]):
    """A part of the row it stands in; null where the row has no such part."""

    present: str

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"source": "*", "allow_null": True, **options})

    def to_representation(self, row: Row) -> Any:
        return None if row[self.present] is None else super().to_representation(row)


def columns(serializer: serializers.Serializer[Any]) -> Iterator[str]:
    """The columns that a serializer's fields are read from."""
    for field in serializer.fields.values():
        if isinstance(field, Part):
            yield from columns(field)
        elif isinstance(field.source, str) and field.source != "*":
            yield field.source
