"""When a camera of a recall counts as in, and what no recall can be. No database."""

from datetime import timedelta

import pytest

from dashboard import recall_words
from devices.recalls.models import Recall
from devices.recalls.reading import Tally
from devices.recalls.rules import Seen, Wanted, is_in, refusals
from tests.conftest import NOON

HERE, AWAY, UNKNOWN = True, False, None


@pytest.mark.parametrize(
    ("service_state", "docked", "issued", "was_in", "now_in"),
    [
        ("in_service", HERE, False, False, False),  # the sweep takes it out of service first
        ("in_service", AWAY, False, True, False),  # somebody put it back and it went out again
        ("out_of_service", HERE, False, False, True),
        ("out_of_service", AWAY, False, False, False),  # taken out by hand while it is away
        ("out_of_service", UNKNOWN, False, False, False),
        ("out_of_service", HERE, True, False, False),  # the desk has not had it back yet
        ("out_of_service", AWAY, False, True, True),  # taken out of its bay to be sent away
        ("in_repair", AWAY, False, False, True),
        ("retired", UNKNOWN, False, False, True),
        ("lost", UNKNOWN, False, False, False),
        ("lost", UNKNOWN, False, True, False),
    ],
)
def test_a_camera_that_is_wanted_itself_is_in_once_it_is_out_of_service_here(
    service_state, docked, issued, was_in, now_in
):
    assert is_in(Seen(service_state, docked, issued, "4.2.1", was_in), "") is now_in


@pytest.mark.parametrize(
    ("service_state", "version", "now_in"),
    [
        ("in_service", "4.2.1", False),
        ("in_service", "4.3.0", True),
        ("in_service", "", False),
        ("in_repair", "4.2.1", False),
        ("out_of_service", "4.2.1", False),
        ("retired", "4.2.1", True),
    ],
)
def test_another_version_alone_cures_a_recalled_one(service_state, version, now_in):
    assert is_in(Seen(service_state, HERE, False, version, was_in=False), "4.2.1") is now_in


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        (Wanted("", "They swell.", 1), "Give it a name"),
        (Wanted("Batteries", "", 1), "Say why"),
        (Wanted("Batteries", "They swell."), "Say which cameras"),
        (Wanted("Batteries", "They swell.", None, "A" * 41), "at most 40"),
        (Wanted("Batteries", "They swell.", None, "", "4" * 41), "at most 40"),
    ],
)
def test_what_no_recall_can_be_is_said_in_a_sentence(wanted, said):
    (found,) = refusals(wanted)

    assert said in found


@pytest.mark.parametrize("wanted", [Wanted("a", "b", 1), Wanted("a", "b", None, "L"),
                                    Wanted("a", "b", None, "", "4.2.1")])  # fmt: skip
def test_any_one_of_the_three_says_which_cameras(wanted):
    assert list(refusals(wanted)) == []


BATTERIES = Recall(name="Batteries", lot="A")
FIRMWARE = Recall(name="Firmware", firmware_version="4.2.1")
ENDED = Recall(name="Batteries", lot="A", ended_at=NOON)


@pytest.mark.parametrize(
    ("recall", "tally", "sentence"),
    [
        (BATTERIES, Tally(14, 38), "Batteries: 38 of 52 are in; 14 still out."),
        (BATTERIES, Tally(1, 1), "Batteries: 1 of 2 is in; 1 still out."),
        (BATTERIES, Tally(0, 52, 3), "Batteries: All 52 are in."),
        (BATTERIES, Tally(0, 1), "Batteries: The one camera is in."),
        (BATTERIES, Tally(0, 0, 2), "Batteries: no camera is left in it."),
        (FIRMWARE, Tally(14, 38), "Firmware: 38 of 52 run another version; 14 still run 4.2.1."),
        (FIRMWARE, Tally(0, 52), "Firmware: All 52 run another version."),
        (ENDED, Tally(14, 38), "Batteries has ended: 38 of 52 came in."),
    ],
)
def test_the_sentence_counts_down_to_zero(recall, tally, sentence):
    assert recall_words.sentence(recall, tally) == sentence


def test_the_shape_falls_with_each_that_came_in():
    began = NOON - timedelta(hours=10)
    recall = Recall(name="Batteries", lot="A", made_at=began)
    came = [began + timedelta(hours=5), began + timedelta(hours=5), began - timedelta(hours=1)]

    shape = recall_words.course(recall, Tally(1, 3), came, NOON)

    assert shape == "0,100 0,0 0,0 0,25 500,25 500,75 1000,75 1000,100"
    assert recall_words.course(recall, Tally(4, 0), [], NOON) == ""


def test_a_single_camera_is_seen_at_either_end_of_the_bar():
    for tally in (Tally(1, 2989), Tally(2989, 1)):
        parts = recall_words.bar(BATTERIES, tally)

        assert sum(part.width for part in parts) == recall_words.BAR
        assert min(part.width for part in parts) >= recall_words.SEEN
