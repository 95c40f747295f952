"""A label that is read wrongly names no camera, never another one."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.inventory.codes import label, name, number_on

NUMBERS = [*range(1, 2000), *range(9_990, 10_100), *range(99_900, 100_100), 7_805, 999_999_999]
CHARACTERS = string.digits + string.ascii_uppercase
numbers = st.integers(1, 999_999_999)


def test_people_say_the_name_and_a_scanner_reads_the_label():
    assert (name(417), label(417), label(12345)) == ("C0417", "C0417A", "C12345V")


@given(numbers)
def test_every_label_is_read_back_in_capitals_or_not(number):
    assert number_on(label(number)) == number
    assert number_on(label(number).lower()) == number


def test_every_single_wrong_character_is_found():
    wrong = (
        said[:place] + character + said[place + 1 :]
        for said in map(label, NUMBERS)
        for place in range(len(said))
        for character in CHARACTERS
        if character != said[place]
    )

    assert [code for code in wrong if number_on(code) is not None] == []


def test_every_swap_of_two_neighbours_is_found():
    swapped = (
        said[:place] + said[place + 1] + said[place] + said[place + 2 :]
        for said in map(label, NUMBERS)
        for place in range(len(said) - 1)
        if said[place] != said[place + 1]
    )

    assert [code for code in swapped if number_on(code) is not None] == []


@given(numbers, numbers)
def test_two_labels_run_together_are_none_even_if_one_was_cut(one, other):
    first, second = label(one), label(other)

    ends_early = [first + second[:end] for end in range(1, len(second) + 1)]
    begins_late = [first[begin:] + second for begin in range(1, len(first))]

    assert {number_on(code) for code in (*ends_early, *begins_late)} == {None}


@given(numbers)
def test_a_label_that_was_cut_short_is_none(number):
    said = label(number)

    assert [number_on(said[:end]) for end in range(len(said))] == [None] * len(said)
    assert [number_on(said[begin:]) for begin in range(1, len(said))] == [None] * (len(said) - 1)


@pytest.mark.parametrize(
    "junk",
    [
        *("", "C", "A", "CA", "C417A", "C00417A", " C0417A", "C0417A\n", "C0417A\0"),
        *("C٠٤١٧A", "С0417A", "\ud800", "CC0417A", "C-417A", "C+417A", "C4 17A"),  # noqa: RUF001
        "C" + "9" * 5000 + "A",
    ],
)
def test_what_never_was_a_label_is_none(junk):
    assert number_on(junk) is None


@given(st.text(max_size=20))
def test_any_text_is_read_without_complaint(text):
    found = number_on(text)

    assert found is None or label(found) == text.upper()
