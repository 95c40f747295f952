"""How many queries a page asks. Runs inside Django."""

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext


def main(path: str, cookie: str) -> str:
    """The number on the second visit: the first also notes that a session is used."""
    client = Client(headers={"Host": "localhost"})
    name, _, value = cookie.partition("=")
    client.cookies[name] = value
    client.get(path)
    with CaptureQueriesContext(connection) as asked:
        client.get(path)
    return f"{len(asked)}"
