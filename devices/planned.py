"""Statements that the database plans once a connection, and not each time that they are asked.

For what is asked often, of a few rows, and takes as long to plan as to run. The plan is one that
fits any values, so a statement whose best plan depends on them is not for it; and the values are
the database's to fit in: of what type each is has to follow from the statement, or from a cast.
"""

from contextlib import AbstractContextManager
from typing import Any

from django.db import connection


def statements() -> AbstractContextManager[None]:
    """Whatever is asked in here is planned so."""
    planned: AbstractContextManager[None] = connection.planned()  # type: ignore[attr-defined]
    return planned


def select(sql: str, **values: Any) -> list[tuple[Any, ...]]:
    """The rows of one statement that is planned so."""
    with cursor() as asked:
        asked.execute(sql, values)
        found: list[tuple[Any, ...]] = asked.fetchall()
        return found


def cursor(*, binary: bool = False) -> Any:
    """What it asks is planned so; ``binary`` answers in the database's own form."""
    return connection.planned_cursor(binary=binary)  # type: ignore[attr-defined]
