import pytest

from devices.releases.versions import Age, age, is_older, why_ordered

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
    "1.20241129093000123456789",
    "1.20241201093000123456789",
    "v2",
    "2.0.1",
    "V4.1.0",
    "v4.3.0",
    "10",
    "2024112901",
    "2024120101",
]


def test_versions_come_one_after_the_other():
    for place, version in enumerate(IN_ORDER):
        for other_place, other in enumerate(IN_ORDER):
            wanted = Age.OLDER if place < other_place else Age.NEWER
            wanted = Age.SAME if place == other_place else wanted
            assert age(version, other) is wanted, (version, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("1.0", "1.0.0"), ("v4.2", "4.2"), ("V4.2", "v4.2"), ("4.2", "4.2"), ("2024a", "2024a")],
)
def test_some_are_one_version_written_in_two_ways(one, other):
    assert age(one, other) is age(other, one) is Age.SAME


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("unknown", "1.0"),
        ("", "1.0"),
        ("2024a", "2025b"),
        ("1.0", "patrol-7"),
        ("1..0", "2.0"),
        ("4.2.1+build7", "4.2.1+build9"),
        ("4.2.1", "4.2.1+build9"),
        ("4.2.1~rc1", "4.2.1"),
        ("patrol-7", "traffic-10"),
        ("\u0664.2", "4.1"),
        ("9" * 41, "1"),
    ],
)
def test_what_cannot_be_compared_is_neither_older_nor_newer_nor_the_same(one, other):
    assert age(one, other) is age(other, one) is Age.UNKNOWN
    assert not is_older(one, than=other)
    assert not is_older(other, than=one)


def test_versions_of_a_name_are_compared_within_it():
    assert is_older("patrol-7", than="patrol-10")
    assert not is_older("patrol-10", than="patrol-7")


@pytest.mark.parametrize(
    ("version", "runs", "why"),
    [
        ("4.3.0", "4.2.1", ""),
        ("4.3.0", "4.3.0", ""),
        ("V4.1.0", "V4.3.0", "V4.1.0 is older"),
        ("2024112901", "2024120101", "2024112901 is older"),
        ("2025b", "2024a", "nobody can tell whether 2025b is newer"),
        ("4.3.0", "factory", "nobody can tell whether 4.3.0 is newer"),
        ("4.3.0+b", "4.3.0+a", "nobody can tell whether 4.3.0+b is newer"),
    ],
)
def test_what_is_not_certainly_newer_wants_an_order(version, runs, why):
    assert why_ordered(version, runs) == why


@pytest.mark.parametrize(
    ("runs", "why"),
    [
        ("patrol-6", ""),
        ("patrol-8", "patrol-7 is older"),
        ("Patrol-8", "patrol-7 is older"),
        ("traffic-9", ""),
        ("7", ""),
        ("v2-3", ""),
    ],
)
def test_whoever_runs_another_profile_changes_it_and_does_not_go_back(runs, why):
    assert why_ordered("patrol-7", runs, profile=True) == why
