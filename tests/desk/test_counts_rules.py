"""What a count makes of each camera, as a table."""

from dataclasses import replace

import pytest

from devices.desk.counts.rules import (
    Counted,
    Standing,
    says,
    sentence,
    standing,
    tally,
    unexplained,
)

HERE = Counted("C0417", place="D01-1")


@pytest.mark.parametrize(
    ("so", "where"),
    [
        ({}, Standing.MISSING),
        ({"heard": "The system hears it."}, Standing.SEEN),
        ({"scanned": True}, Standing.FOUND),
        ({"scanned": True, "heard": "The system hears it."}, Standing.FOUND),
        ({"scanned": True, "holder": "1031"}, Standing.CONTRADICTION),
        ({"scanned": True, "was_out": "1031"}, Standing.FOUND),
        ({"scanned": True, "was_out": "1031", "holder": "1031"}, Standing.CONTRADICTION),
        ({"scanned": True, "carrier": "1017"}, Standing.FOUND),
        ({"holder": "1031"}, Standing.OUT),
        ({"carrier": "1017"}, Standing.OUT),
        ({"was_out": "1031"}, Standing.OUT),
        ({"was_out": "1031", "heard": "The system hears it."}, Standing.OUT),
        ({"scanned": True, "expected": False}, Standing.UNEXPECTED),
        ({"scanned": True, "expected": False, "holder": "1031"}, Standing.UNEXPECTED),
    ],
)
def test_each_camera_stands_in_one_list(so, where):
    assert standing(replace(HERE, **so)) is where


@pytest.mark.parametrize(
    ("so", "words"),
    [
        ({}, "At the start it was in D01-1."),
        ({"place": ""}, "It was in no bay."),
        ({"scanned": True, "holder": "1031"}, "It is here, and by the record 1031 has it"),
        ({"scanned": True, "holder": "1031"}, "return it at the desk"),
        ({"was_out": "1031", "holder": "1031"}, "With 1031."),
        ({"was_out": "1031"}, "has come back since: scan it"),
        ({"was_out": "1031", "holder": "1044"}, "is with 1044 now"),
        ({"holder": "1044"}, "With 1044, who took it after the start."),
        ({"scanned": True, "expected": False, "station": "North"}, "It belongs to North."),
        ({"scanned": True, "expected": False, "service": "lost"}, "It is lost."),
        ({"scanned": True, "expected": False}, "was not here when the count began"),
    ],
)
def test_each_camera_says_why_it_stands_there(so, words):
    assert words in sentence(replace(HERE, **so))


def test_the_lists_add_up():
    count = tally([Standing.FOUND, Standing.FOUND, Standing.CONTRADICTION, Standing.MISSING])

    assert (count.here, count.looked_for, count.unscanned) == (3, 4, 1)
    assert says(count, closed=False) == (
        "3 of 4 cameras found, 1 not scanned yet, 1 recorded as out."
    )
    assert says(count, closed=True) == "3 of 4 cameras found, 1 missing, 1 recorded as out."


def test_what_the_system_hears_is_still_to_be_scanned():
    count = tally([Standing.FOUND, Standing.SEEN, Standing.MISSING])

    assert says(count, closed=False) == (
        "1 of 3 cameras found, 2 not scanned yet (1 of them heard by the system)."
    )
    assert says(count, closed=True) == (
        "1 of 3 cameras found, 1 missing, 1 seen by the system alone."
    )


def test_a_reason_of_blanks_is_none():
    assert unexplained(["C0002", "C0001"], {"C0001": "  ", "C0003": "lost"}) == ["C0001", "C0002"]
