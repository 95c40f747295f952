"""Statements that the database plans once a connection, and not each time that they are asked.

For what is asked often, finds its rows by keys, and takes as long to plan as to run. The plan fits
any values: a statement whose best plan depends on them is asked in `each_time`, such as one that
finds what is to come by its time, in a table that keeps what is over. The values are the
database's to fit in: of what type each is has to follow from the statement, or from a cast.
"""

from contextlib import AbstractContextManager
from typing import Any

from django.db import connection


def statements() -> AbstractContextManager[None]:
    """Whatever is asked in here is planned once."""
    return _planned(once=True)


def each_time() -> AbstractContextManager[None]:
    """Whatever is asked in here is planned each time, in the middle of what is planned once too."""
    return _planned(once=False)


def _planned(*, once: bool) -> AbstractContextManager[None]:
    planned: AbstractContextManager[None] = connection.planned(once)  # type: ignore[attr-defined]
    return planned


def select(sql: str, **values: Any) -> list[tuple[Any, ...]]:
    """The rows of one statement that is planned once."""
    with cursor() as asked:
        asked.execute(sql, values)
        found: list[tuple[Any, ...]] = asked.fetchall()
        return found


def cursor(*, binary: bool = False) -> Any:
    """What it asks is planned once; ``binary`` answers in the database's own form."""
    return connection.planned_cursor(binary=binary)  # type: ignore[attr-defined]
