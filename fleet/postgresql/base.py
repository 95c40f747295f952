from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, tzinfo
from typing import Any

import psycopg
from django.db.backends.postgresql import base, operations
from psycopg.adapt import AdaptersMap
from psycopg.pq import Format
from psycopg.types.datetime import TimestamptzLoader

# Of what is planned once, the plan that fits any values: a statement for which that is a bad plan
# is not to be planned once.
_ONE_PLAN = "-c plan_cache_mode=force_generic_plan"
# Each has a name of its own, and is never asked twice.
_OF_ITS_OWN = ("SAVEPOINT", "RELEASE", "ROLLBACK")


class _Times(TimestamptzLoader):
    """Times come as psycopg itself reads them: compiled, and already in UTC as the session is.

    Django's reader, in Python, sets the zone once more; it took half of all reading.
    """

    timezone: tzinfo = UTC  # which Django compares with its own, to see whether to use another


class _Planned(psycopg.Cursor[Any]):
    def execute(self, query: Any, params: Any = None, **how: Any) -> Any:
        how.setdefault("prepare", not (isinstance(query, str) and query.startswith(_OF_ITS_OWN)))
        return super().execute(query, params, **how)


class _Operations(operations.DatabaseOperations):
    def last_executed_query(self, cursor: Any, sql: Any, params: Any) -> Any:
        """For logs and tests; of a planned statement psycopg keeps no text."""
        if isinstance(cursor, _Planned):
            return self.compose_sql(sql, params)
        return super().last_executed_query(cursor, sql, params)


class DatabaseWrapper(base.DatabaseWrapper):
    ops_class = _Operations
    _planning = False

    def get_connection_params(self) -> dict[str, Any]:
        params = super().get_connection_params()
        adapters = AdaptersMap(params["context"])
        adapters.register_loader("timestamptz", _Times)
        options = f"{params.get('options', '')} {_ONE_PLAN}".strip()
        return {**params, "context": adapters, "options": options, "prepare_threshold": 0}

    def create_cursor(self, name: str | None = None) -> Any:
        if self._planning and name is None:
            return _Planned(self.connection)
        return super().create_cursor(name)

    @contextmanager
    def planned(self) -> Iterator[None]:
        """What is asked in here is planned once a connection by the database, and not each time."""
        before, self._planning = self._planning, True
        try:
            yield
        finally:
            self._planning = before

    def planned_cursor(self, *, binary: bool = False) -> Any:
        """A cursor whose statements are; ``binary`` answers in the database's own form."""
        with self.planned():
            cursor = self.cursor()
        cursor.cursor.format = Format.BINARY if binary else Format.TEXT
        return cursor
