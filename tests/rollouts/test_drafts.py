"""What a draft may say. Pure."""

from dataclasses import replace
from datetime import timedelta

import pytest

from devices.rollouts import standing
from devices.rollouts.drafts import LONGEST_DOWNLOAD, Caps, Draft, Step, refusals, too_slow
from devices.rollouts.planning import Matched, Target, waves, why_skipped
from devices.rollouts.rules import Terms

P, C = (lambda n: Step(percent=n)), (lambda n: Step(count=n))


def test_the_usual_draft_is_right():
    assert list(refusals(Draft("Spring"))) == []


@pytest.mark.parametrize(
    ("said", "refused"),
    [
        ({"name": " "}, "Give it a name"),
        ({"name": "x" * 61}, "Give it a name"),
        ({"wanted": {"colour": [1]}}, "not chosen by 'colour'"),
        ({"wanted": {"models": ["1"]}}, "Models are a list of ids"),
        ({"wanted": {"units": "K9"}}, "Units are a list of texts"),
        ({"wanted": {"cameras": [True]}}, "Cameras are a list of ids"),
        ({"steps": []}, "from 1 to 20 waves"),
        ({"steps": [Step(5, 5), P(100)]}, "say one of them"),
        ({"steps": [Step(), P(100)]}, "say one of them"),
        ({"steps": [P(0), P(100)]}, "from 1 to 100 percent"),
        ({"steps": [C(0), P(100)]}, "at least 1"),
        ({"steps": [P(10), C(2), P(100)]}, "come before"),
        ({"steps": [P(50), P(10), P(100)]}, "goes further"),
        ({"steps": [C(5), C(5), P(100)]}, "goes further"),
        ({"steps": [C(2), P(50)]}, "The last wave is the rest"),
        ({"windows": ["22:00"]}, "two times of the day"),
        ({"windows": [["22:00", "24:00"]]}, "such as 22:00"),
        ({"windows": [["22:00", "22:00"]]}, "no time at all"),
        ({"terms": Terms(success_percent=0)}, "must succeed"),
        ({"terms": Terms(soak=timedelta(days=31))}, "at most 30 days"),
        ({"terms": Terms(most_failures=-1)}, "How many may fail"),
        ({"terms": Terms(most_failures_percent=101)}, "share that may fail"),
        ({"caps": Caps(most_per_dock=0)}, "in a dock"),
        ({"caps": Caps(most_mbit_each=0)}, "speed of each download"),
        ({"wanted": {"tags": ["Bench"]}}, "not 'Bench'"),
    ],
)
def test_a_draft_that_cannot_be(said, refused):
    assert refused in " ".join(refusals(Draft(**{"name": "Spring", **said})))


@pytest.mark.parametrize(
    ("megabytes", "mbit", "says"),
    [
        (900, 25, ""),
        (900, 6, ""),
        (900, 5, "At 5 Mbit/s its 900 MB take 24 min to download"),
        (900, 1, "Let each have 6 Mbit/s."),
    ],
)
def test_a_camera_is_not_kept_for_a_download_that_takes_too_long(megabytes, mbit, says):
    found = "".join(too_slow(megabytes * 1_000_000, Caps(most_mbit_each=mbit)))

    assert says in found if says else not found


def test_steps_are_cumulative_and_a_share_is_rounded_up():
    cameras = [Matched(n, f"C{n:04d}", 1) for n in range(140)]

    sizes = [len(one) for one in waves(cameras, (C(2), P(10), P(50), P(100)))]

    assert sizes == [2, 12, 56, 70]


def test_no_wave_is_carried_by_one_station_or_shift_alone():
    cameras = [
        Matched(n, f"C{n:04d}", station_id=n % 2, shift=n // 2 % 3 + 1 if n < 90 else None)
        for n in range(120)
    ]

    first, second, _ = waves(cameras, (P(10), P(50), P(100)))

    for wave in (first, second):
        groups = [(one.station_id, one.shift) for one in wave]
        assert len(set(groups)) == 8
        assert max(groups.count(one) for one in groups) <= len(wave) / 4


@pytest.mark.parametrize(
    ("steps", "bench", "first"),
    [
        ((C(2), P(50), P(100)), {7, 8}, [{7, 8}, 3]),
        ((C(2), P(50), P(100)), {5, 7, 8}, [{5, 7}, 3]),  # the third is as any other
        ((C(2), P(50), P(100)), {8}, [{0, 8}, 3]),
        ((C(1), C(3), P(100)), {7, 8}, [{7}, 2]),
        ((P(20), P(100)), {7, 8}, [{0, 1}, 8]),
    ],
)
def test_waves_of_so_many_cameras_take_those_on_the_bench_first(steps, bench, first):
    cameras = [Matched(n, f"C{n:04d}", 1, bench=n in bench) for n in range(10)]

    found = waves(cameras, steps)

    assert [{one.camera_id for one in found[0]}, len(found[1])] == first
    assert sorted(one.camera_id for wave in found for one in wave) == list(range(10))


AIM = Target("4.3.0", "ab" * 32, from_versions=("4.2.0", "4.2.1"))


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"version": "4.2.1"}, ""),
        ({"version": ""}, ""),
        ({"version": "4.3.0"}, "It runs 4.3.0 already."),
        ({"version": "4.3.0", "digest": "ab" * 32}, "It runs 4.3.0 already."),
        ({"version": "4.2.1", "put_aside": "Brick."}, "It is put aside: Brick."),
        ({"version": "4.2.1", "service_state": "lost"}, "It is lost."),
        ({"version": "4.1.0"}, "It runs 4.1.0; 4.3.0 may come only from 4.2.0, 4.2.1."),
        (
            {"version": "4.4.0"},
            "It runs 4.4.0; 4.3.0 is older, and no signed order says to bring it there.",
        ),
        (
            {"version": "factory"},
            "It runs factory; nobody can tell whether 4.3.0 is newer, and no signed order says to "
            "bring it there.",
        ),
    ],
)
def test_who_has_no_turn(said, why):
    assert why_skipped(Matched(1, "C0001", 1, **said), AIM) == why


def test_the_same_version_with_other_bytes_is_brought_to_ours():
    other = Matched(1, "C0001", 1, version="4.3.0", digest="cd" * 32)

    assert why_skipped(other, Target("4.3.0", "ab" * 32)) == ""


@pytest.mark.parametrize("runs", ["4.4.0", "V4.4.0", "factory"])
def test_an_older_version_and_one_that_could_be_need_an_order(runs):
    camera = Matched(1, "C0001", 1, version=runs)

    assert why_skipped(camera, Target("4.3.0", "ab" * 32))
    assert why_skipped(camera, Target("4.3.0", "ab" * 32, ordered=True)) == ""


@pytest.mark.parametrize(
    ("runs", "why"),
    [
        ("4.4.0", ""),
        ("factory", ""),
        ("4.1.0", "It runs 4.1.0; 4.3.0 may come only from 4.2.0, 4.2.1."),
    ],
)
def test_who_goes_back_by_an_order_comes_from_any_version(runs, why):
    camera = Matched(1, "C0001", 1, version=runs)

    assert why_skipped(camera, replace(AIM, ordered=True)) == why


def test_a_camera_that_should_run_another_profile_keeps_it():
    camera = Matched(1, "C0001", 1, version="training-2", profile="training")

    assert why_skipped(camera, Target("patrol-7", "", profile="patrol")) == (
        "It should run the profile training."
    )


def test_a_camera_is_reckoned_to_be_away_as_long_as_a_draft_lets_it_download():
    quick = standing.Installs({(1, "firmware"): timedelta(minutes=9)})

    assert quick.takes(1, "firmware") == LONGEST_DOWNLOAD
    assert quick.takes(2, "firmware") > LONGEST_DOWNLOAD  # as usual
