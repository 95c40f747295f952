"""What the database refuses of a roster, said in sentences: two people may act at one moment."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import IntegrityError, transaction

from devices.errors import NotNow

AT_ONCE = "Somebody changed the roster at the same moment; look again."

SENTENCES = {
    "no_officer_on_two_duties_at_once": "An officer would be on two shifts at once; look again.",
    "one_duty_per_shift": "The officer is on this shift already; look again.",
    "a_duty_ends_after_it_begins": "A duty ends after it begins.",
    "no_officer_in_two_rotations_at_once": (
        "An officer would be in two rotations at once; look again."
    ),
    "one_shift_per_station_kind_and_day": AT_ONCE,
    "one_open_stand_in_per_officer_and_shift": (
        "The officer has a spare for this shift already; end that first."
    ),
    "one_open_stand_in_per_camera_and_shift": (
        "The camera is promised to another officer for this shift; choose another spare."
    ),
    "no_camera_reserved_twice_at_once": "Somebody reserved one of these cameras; look again.",
}


@contextmanager
def in_sentences() -> Iterator[None]:
    """What the constraints refuse within becomes NotNow, and nothing within is kept."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        name = getattr(getattr(error.__cause__, "diag", None), "constraint_name", None)
        raise NotNow(SENTENCES.get(name or "", AT_ONCE)) from error
