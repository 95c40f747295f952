"""One way to move a row from state to state, decided by the database rather than by memory."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Model

from devices.errors import NotNow


@dataclass(frozen=True)
class Lifecycle:
    """The states one column may hold, and the moves between them."""

    field: str
    moves: Mapping[str, Collection[str]]

    def move(self, row: Model, to: str, **changes: Any) -> None:
        """Move ``row`` to ``to``, or refuse (`NotNow`) if it is not in a state that leads there.

        The check and the write are one UPDATE, so two people pressing the same
        button at the same moment cannot both succeed.
        """
        sources = [state for state, targets in self.moves.items() if to in targets]
        rows = type(row)._default_manager.filter(pk=row.pk, **{f"{self.field}__in": sources})
        if not rows.update(**{self.field: to}, **changes):
            row.refresh_from_db(fields=[self.field])
            here, there = self._label(row, getattr(row, self.field)), self._label(row, to)
            raise NotNow(f"{row} is {here}; it cannot become {there}.")
        row.refresh_from_db(fields=[self.field, *changes])

    def _label(self, row: Model, state: str) -> str:
        choices = row._meta.get_field(self.field).choices  # type: ignore[union-attr]
        return str(dict(choices or ()).get(state, state)).lower()
