import pytest

from devices.releases.versions import is_older

IN_ORDER = [
    "0.9",
    "1.0.0-alpha",
    "1.0.0-alpha.1",
    "1.0.0-alpha.beta",
    "1.0.0-rc.1",
    "1.0.0-rc.2",
    "1.0.0-rc.11",
    "1.0.0",
    "1.0.0.1",
    "1.2",
    "1.10.0",
    "v2",
    "2.0.1",
    "10",
]


def test_versions_come_one_after_the_other():
    for place, version in enumerate(IN_ORDER):
        for other_place, other in enumerate(IN_ORDER):
            assert is_older(version, than=other) == (place < other_place), (version, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("1.0", "1.0.0"), ("v4.2", "4.2"), ("4.2.1+build7", "4.2.1+build9"), ("4.2", "4.2")],
)
def test_some_are_one_version_written_in_two_ways(one, other):
    assert not is_older(one, than=other)
    assert not is_older(other, than=one)


@pytest.mark.parametrize(
    ("one", "other"),
    [("unknown", "1.0"), ("", "1.0"), ("2024a", "2025b"), ("1.0", "patrol-7"), ("1..0", "2.0")],
)
def test_of_what_cannot_be_compared_neither_is_older(one, other):
    assert not is_older(one, than=other)
    assert not is_older(other, than=one)


def test_versions_of_a_profile_are_compared_within_its_name():
    assert is_older("patrol-7", than="patrol-10")
    assert not is_older("patrol-7", than="traffic-10")
    assert not is_older("traffic-10", than="patrol-7")
