"""How many cameras a dock, a station and the lines carry, by plain values."""

from dataclasses import replace

import pytest

from devices.policy import Policy
from devices.rollouts.drafts import Caps
from devices.rollouts.room import Room, Spot, speed

POLICY = Policy()
MANY = Caps(99, 99, 99)
HERE = Spot(rollout_id=1, station_id=1, dock_id=3, dock="D03")
BESIDE = Spot(rollout_id=2, station_id=1, dock_id=4, dock="D04")
FAR = Spot(rollout_id=2, station_id=2, dock_id=5, dock="D05")


def why_full(*taken: tuple[Spot, int, int], caps: Caps = MANY, **decided: int) -> str:
    """Why one more must wait here, after so many cameras there at so many Mbit/s each."""
    room = Room(replace(POLICY, **decided))
    for spot, cameras, mbit in taken:
        room.take(spot, mbit, cameras)
    return room.why_full(HERE, caps)


@pytest.mark.parametrize(
    ("caps", "full"),
    [
        (Caps(1, 9, 9), "1 camera is being updated in D03."),
        (Caps(9, 1, 9), "1 camera is being updated at its station."),
        (Caps(9, 9, 1), "1 camera is being updated; no more may be at once."),
        (Caps(2, 2, 2), ""),
    ],
)
def test_docks_and_stations_carry_so_many_cameras_at_once(caps, full):
    assert why_full((HERE, 1, 25), caps=caps) == full


@pytest.mark.parametrize(
    ("taken", "decided", "full"),
    [
        ([(HERE, 3, 25)], {}, ""),
        ([(HERE, 4, 25)], {}, "Updates in D03 may take 100 Mbit/s; 100 are given already."),
        ([(HERE, 3, 30)], {}, "Updates in D03 may take 100 Mbit/s; 90 are given already."),
        ([(HERE, 4, 25)], {"update_mbit_per_dock": 125}, ""),
        ([(BESIDE, 4, 25)], {}, ""),
        (
            [(BESIDE, 4, 25), (HERE, 3, 30)],
            {"update_mbit_per_dock": 500},
            "Updates at its station may take 200 Mbit/s; 190 are given already.",
        ),
        ([(FAR, 20, 10)], {}, ""),
        (
            [(FAR, 20, 24)],
            {},
            "All updates together may take 500 Mbit/s; 480 are given already.",
        ),
        ([(Spot(2, 1), 9, 25)], {"update_mbit_per_station": 250}, ""),
        ([(FAR, 35, 5)], {}, ""),
        ([(FAR, 20, 5), (HERE, 16, 5)], {}, "All rollouts may update 36 cameras at once."),
        ([(FAR, 1, 5)], {"updates_at_once": 1}, "All rollouts may update 1 camera at once."),
    ],
)
def test_lines_carry_the_downloads_of_all_rollouts(taken, decided, full):
    assert why_full(*taken, **decided) == full


def test_other_rollouts_take_room_at_the_same_dock_but_have_a_number_of_their_own():
    other = HERE._replace(rollout_id=2)

    assert why_full((other, 1, 1), caps=Caps(1, 9, 9)) == "1 camera is being updated in D03."
    assert why_full((other, 1, 1), caps=Caps(9, 9, 1)) == ""


def test_no_camera_has_more_than_its_lines_and_so_one_always_has_room():
    thin = replace(POLICY, update_mbit_per_station=10)

    assert speed(25, POLICY) == 25
    assert speed(1000, POLICY) == POLICY.update_mbit_per_dock
    assert speed(25, thin) == 10
    room = Room(thin)
    assert room.why_full(HERE, MANY) == ""
    room.take(HERE, 25)
    assert room.why_full(HERE, MANY).startswith("Updates at its station may take 10 Mbit/s; 10")


@pytest.mark.parametrize(("mbit", "full"), [(25, False), (40, True)])
def test_a_rollout_that_may_take_no_more_need_not_look_further(mbit, full):
    room = Room(replace(POLICY, update_mbit_in_all=100))
    room.take(FAR, 25, 3)

    assert room.is_full(1, replace(MANY, most_mbit_each=mbit)) is full
    assert room.is_full(2, Caps(most_at_once=3))
    other = Room(replace(POLICY, updates_at_once=4))
    other.take(FAR, 5, 4)
    assert other.is_full(1, MANY)  # by what another rollout is updating
