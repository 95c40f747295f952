"""What a process of ours must be told to work on the suite's own database and Redis."""

import os
from urllib.parse import quote, urlsplit

from django.conf import settings
from django.db import connection


def of_the_suite(database: str = "") -> dict[str, str]:
    """The environment of a real process that shares the running test's stores, or that works on
    another ``database`` beside."""
    name = quote(database or connection.settings_dict["NAME"], safe="")
    return {
        **os.environ,
        "DATABASE_URL": urlsplit(settings.DATABASE_URL)._replace(path=f"/{name}").geturl(),
        "REDIS_URL": settings.REDIS_URL,
        "VAR_DIR": str(settings.VAR_DIR),
        "LOG_LEVEL": "WARNING",
    }
