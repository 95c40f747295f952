"""What a rollout's page says first, its bar, and why it waits: plain values, no database."""

from datetime import timedelta

import pytest

from dashboard import rollout_words as words
from devices.releases.models import Release
from devices.rollouts.dry_run import DryRun, ShiftRun, WaveRun
from devices.rollouts.models import Rollout
from devices.rollouts.reading import Lowest, Progress
from devices.rollouts.rules import Tally, Turn
from devices.rollouts.steps import WaveStands


def a_wave(number=1, opened_at=None, done_at=None, last_end_at=None, moved_at=None, **by_state):
    counted = {Turn(state): count for state, count in by_state.items()}
    tally = Tally(counted, last_end_at, moved_at)
    return WaveStands(number, number, opened_at, done_at, tally)


def progress(*waves, **fields):
    release = Release(kind="firmware", version="4.3.0")
    told = {"name": "Spring", "state": "running", "soak": timedelta(hours=24), **fields}
    return Progress(Rollout(release=release, **told), waves)


def said(noon, one, **rest):
    return words.sentence(one, now=noon, **rest)


def test_it_says_what_is_under_way(noon):
    one = progress(a_wave(opened_at=noon, succeeded=12, installing=2, offered=1, planned=5))

    assert said(noon, one) == (
        "Spring is running: 12 of 20 cameras run 4.3.0. 3 cameras are under way, wave 1 of 1."
    )


def test_it_says_until_when_a_wave_soaks(noon):
    first = a_wave(1, opened_at=noon, last_end_at=noon, succeeded=2)

    # Noon in UTC is 07:00 where the fleet is.
    assert said(noon, progress(first, a_wave(2, planned=3))).endswith(
        "Wave 1 is done and soaks; wave 2 opens at Wed 07:00."
    )
    assert "it is finished at" in said(noon, progress(first))


def test_it_says_why_nothing_is_under_way(noon):
    one = progress(a_wave(opened_at=noon, planned=3), windows=[["22:00", "05:00"]])
    waits = [("It is out of its dock.", "It is not emptied."), ("It is out of its dock.",), ()]

    assert "Nothing is under way in wave 1 of 1; of 2 cameras: it is out of its dock." in said(
        noon, one, waits=waits
    )
    assert "waits for its window, 22:00 to 05:00." in said(noon, one, windows_open=False)
    assert said(noon, one).endswith("Nothing is under way in wave 1 of 1.")


OUT, SILENT = ("It is out of its dock.",), ("It is silent in its dock.",)
ON_DUTY, LATER = ("Its officer is on duty.",), ("Its wave is not open yet.",)
UNSAID = ("It has not said what it runs.",)


@pytest.mark.parametrize(
    ("moved", "wave", "waits", "says"),
    [
        (72, {"planned": 2}, [SILENT, OUT], "1 camera is silent in its dock, 1 camera is out of "),
        (
            72,
            {"planned": 2},
            [OUT, OUT],
            "Nothing has moved for 3 days: 2 cameras are out of their",
        ),
        (47, {"planned": 1}, [OUT], "Nothing has moved for a day: 1 camera is out of its dock."),
        (24, {"planned": 1}, [("It is next.",)], "Nothing has moved for a day."),
        (72, {"planned": 1}, [ON_DUTY, LATER], "1 camera waits because its officer is on duty."),
        (72, {"planned": 2}, [ON_DUTY] * 2, "2 cameras wait because their officer is on duty."),
        (72, {"planned": 2}, [UNSAID] * 2, "2 cameras have not said what they run."),
        (72, {"offered": 1}, [LATER], "3 days: 1 camera does not fetch what is offered."),
        (23, {"planned": 1}, [OUT], ""),
        (72, {"planned": 1, "downloading": 1}, [OUT], ""),
        (72, {"planned": 1, "installing": 1}, [OUT], ""),
        (72, {"succeeded": 2}, [], ""),  # it soaks
    ],
)
def test_it_says_when_nothing_has_moved_for_a_day(noon, moved, wave, waits, says):
    then = noon - timedelta(hours=moved)
    several = [a_wave(opened_at=then, **wave), a_wave(2, planned=9)]

    found = words.still(progress(*several, started_at=then), waits, now=noon)

    assert says in found if says else not found


def test_any_move_is_one_and_a_pause_is_no_standing_still(noon):
    long_ago, lately = noon - timedelta(days=9), noon - timedelta(hours=2)
    moving = a_wave(opened_at=long_ago, moved_at=lately, succeeded=1, planned=1)
    still = a_wave(opened_at=long_ago, planned=1)

    assert progress(moving, started_at=long_ago).still_since(noon) is None
    assert progress(still, started_at=lately).still_since(noon) is None
    assert progress(still, started_at=long_ago).still_since(noon) == long_ago
    assert progress(still, started_at=long_ago, state="paused").still_since(noon) is None


@pytest.mark.parametrize(
    ("state", "says"),
    [
        ("draft", "is a draft. Another person approves it"),
        ("approved", "is approved. Nothing is offered before"),
        ("paused", "is paused: 3 cameras failed; 2 are allowed. 1 of 5 cameras run 4.3.0, 3 fail"),
        ("finished", "is finished: 1 of 5 cameras run"),
        ("aborted", "was aborted: 1 of 5 cameras run"),
    ],
)
def test_every_state_has_its_sentence(noon, state, says):
    wave = a_wave(succeeded=1, failed=2, timed_out=1, installing=1)
    because = "3 cameras failed; 2 are allowed"

    sentence = said(noon, progress(wave, state=state, paused_because=because))

    assert says in sentence
    assert sentence.endswith(("by itself.", ".")), sentence


@pytest.mark.parametrize(
    ("under_way", "says"),
    [
        ({"installing": 1}, ["1 camera that began ends by itself."]),
        ({"installing": 1, "awaiting_proof": 1}, ["2 cameras that began end by themselves."]),
        ({"cancelling": 1}, ["1 camera is told to stop."]),
        (
            {"installing": 1, "cancelling": 2},
            ["1 camera that began ends by itself.", "2 cameras are told to stop."],
        ),
        ({"planned": 2}, []),
    ],
)
def test_a_pause_says_what_becomes_of_those_that_began(noon, under_way, says):
    one = progress(a_wave(succeeded=9, **under_way), state="paused", paused_because="Look")

    assert said(noon, one) == " ".join(
        [
            "Spring is paused: Look.",
            f"9 of {9 + sum(under_way.values())} cameras run 4.3.0.",
            *says,
        ]
    )


def test_the_bar_has_every_camera_once_and_shows_the_few(noon):
    one = progress(a_wave(succeeded=996, failed=1, planned=3, skipped=50))

    found = {each.group.key: (each.count, each.width) for each in words.bar(one)}

    assert found["succeeded"] == (996, 996)
    assert found["failed"][0] == 1
    assert found["failed"][1] > 0
    assert found["skipped"] == (50, 0)
    assert sum(width for _, width in found.values()) <= words.BAR
    assert words.bar_says(words.bar(one)) == "996 run it, 1 failed, 3 wait, 50 left out"
    assert words.bar(progress(a_wave())) == []


def test_reasons_are_counted_without_naming_cameras_that_one_may_not_see():
    shift = "C0004 is needed for the Evening shift at Tue 07:40."
    other = "C0017 is needed for the Evening shift at Tue 07:40."
    low = [(f"Its battery is at {n} %; the update needs 30 %.",) for n in (9, 12, 20)]
    full = [(f"2 cameras are being updated in D0{n}.",) for n in range(4)]
    line = [
        (f"Updates in D0{n} may take 100 Mbit/s; {90 + n} are given already.",) for n in range(5)
    ]
    waits = [(shift,), (other,), ("It is next.",), *[("Its wave is not open yet.",)] * 9]

    assert words.summary([*waits, *low, *full, *line]) == [
        (5, "Updates in its dock may take 100 Mbit/s, and it would be more."),
        (4, "2 cameras are being updated in its dock."),
        (3, "Its battery is below 30 %."),
        (2, "It is needed for the Evening shift at Tue 07:40."),
        (9, "Its wave is not open yet."),
    ]


def test_the_tightest_shift_is_said_in_words(noon):
    assert words.lowest(Lowest("Evening", "HQ", noon, 3)) == (
        "Evening at HQ, Tue 07:00, has 3 to spare."
    )
    assert words.lowest(Lowest("Evening", "HQ", noon, -2)).endswith("lacks 2.")
    assert "none can be short" in words.lowest(None)


def test_a_dry_run_is_said_in_words(noon):
    tight = ShiftRun("Evening", "HQ", noon, 3, 1)
    waves = [WaveRun(1, 2, noon, noon), WaveRun(2, 138, noon, noon)]

    assert words.foreseen(DryRun(waves, [tight], noon, []), tight) == (
        "Started now, all 140 cameras are done by Tue 01 Jan 07:00. The tightest shift, Evening at "
        "HQ on Tue 07:00, has 1 to spare, 3 without the rollout."
    )
    late = words.foreseen(DryRun(waves, [], None, ["C0001"]), None)
    assert late.startswith("In two weeks 1 of 140 cameras would not have its turn.")
    assert "a wave soaks for longer" in words.foreseen(DryRun(waves, [], None, []), None)
    assert words.foreseen(DryRun([], [], None, []), None) == "No camera would have its turn."


def test_a_dry_run_of_one_under_way_is_of_what_is_left_of_it(noon):
    def says(*waves, done_at=noon, never=()):
        return words.foreseen(DryRun(waves, [], done_at, never, under_way=True), None)

    over, one, many = (WaveRun(1, left, noon, noon) for left in (0, 1, 138))

    assert says(over, many).startswith(
        "Going on from here, the 138 cameras that are left are done by Tue 01 Jan 07:00. No shift"
    )
    assert says(over, one).startswith(
        "Going on from here, the one camera that is left is done by Tue 01 Jan 07:00."
    )
    assert says(many, done_at=None, never=["C0001"]).startswith("In two weeks 1 of 138 cameras")
    assert says(over) == "No camera is left."


def test_every_turn_has_a_word_and_a_group():
    for turn in Turn:
        assert words.words_of(turn)
        assert turn in words.group_of(turn).turns


def test_of_windows_that_are_too_short_it_says_so():
    waves = [WaveRun(1, 2, None, None)]
    run = DryRun(waves, [], None, ["C0001"], timedelta(minutes=62, seconds=30))

    assert words.foreseen(run, None).startswith(
        "In two weeks 1 of 2 cameras would not have its turn. No window is open for the 63 min "
        "that an update may keep a camera: where a shift that needs it begins as the window "
        "closes, it is never offered. No shift is planned"
    )
