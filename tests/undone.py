"""Work on the database that is taken back."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction


@contextmanager
def undone() -> Iterator[None]:
    """Whatever is done inside is gone afterwards."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
