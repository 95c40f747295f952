from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from django.db.backends.postgresql import base, operations
from psycopg.adapt import AdaptersMap
from psycopg.pq import Format
from psycopg.types.datetime import TimestamptzLoader

# What is planned once has the plan that fits any values. Django's own statements come with their
# values in them, so nothing else is meant but triggers and checks of foreign keys, by their keys.
_ONE_PLAN = "-c plan_cache_mode=force_generic_plan"
# A statement counts anew for each combination of its values' types, as short and long ids are.
_MOST_PLANNED = 400
# Each has a name of its own, and is never asked twice.
_OF_ITS_OWN = ("SAVEPOINT", "RELEASE", "ROLLBACK")


class _Planned(psycopg.Cursor[Any]):
    def execute(self, query: Any, params: Any = None, **how: Any) -> Any:
        if isinstance(query, str) and query.startswith(_OF_ITS_OWN):
            return super().execute(query, params, **how)
        # Only while it runs: else psycopg keeps the text of every other statement too, and lets
        # all plans go at each rollback to a savepoint.
        self.connection.prepare_threshold = 0
        try:
            return super().execute(query, params, **how)
        finally:
            self.connection.prepare_threshold = None


class _Operations(operations.DatabaseOperations):
    def last_executed_query(self, cursor: Any, sql: Any, params: Any) -> Any:
        """For logs and tests; what psycopg keeps of a planned statement lacks its values."""
        if not isinstance(cursor, _Planned):
            return super().last_executed_query(cursor, sql, params)
        try:
            return self.compose_sql(sql, params)
        except psycopg.DataError:
            return None


class DatabaseWrapper(base.DatabaseWrapper):
    ops_class = _Operations
    _planning = False

    def get_connection_params(self) -> dict[str, Any]:
        params = super().get_connection_params()
        adapters = AdaptersMap(params["context"])
        # Compiled, and in UTC as the session is; Django's reads in Python and sets the zone again.
        adapters.register_loader("timestamptz", TimestamptzLoader)
        options = f"{params.get('options', '')} {_ONE_PLAN}".strip()
        return {**params, "context": adapters, "options": options}

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        connection = super().get_new_connection(conn_params)
        connection.prepared_max = _MOST_PLANNED
        return connection

    def create_cursor(self, name: str | None = None) -> Any:
        """As Django's, which would ask whether the reader of times has the zone of its own."""
        if name is not None:
            held: Any = base.ServerSideCursor  # its stubs say nothing of what it is made of
            return held(
                self.connection, name, scrollable=False, withhold=self.connection.autocommit
            )
        return _Planned(self.connection) if self._planning else self.connection.cursor()

    @contextmanager
    def planned(self, once: bool = True) -> Iterator[None]:
        """What is asked in here the database plans once a connection, or else each time."""
        before, self._planning = self._planning, once
        try:
            yield
        finally:
            self._planning = before

    def planned_cursor(self, *, binary: bool = False) -> Any:
        """A cursor whose statements are planned once; ``binary`` answers in the database's form."""
        with self.planned():
            cursor = self.cursor()
        cursor.cursor.format = Format.BINARY if binary else Format.TEXT
        return cursor
