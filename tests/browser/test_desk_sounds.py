"""What a desk says to who does not look: each sound is known by its rhythm alone."""

from collections.abc import Iterator
from itertools import combinations

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.bench import bench, module

TOLD_APART_S = 0.05  # the least that a note has to begin later, or last longer, to be heard so

Notes = list[list[float]]  # each begins, lasts, hertz, how loud


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context()
    yield bench(context)
    context.close()


def alike(one: Notes, other: Notes) -> bool:
    """Whether they are the same to somebody who cannot tell one pitch from another."""
    return len(one) == len(other) and all(
        abs(a[part] - b[part]) < TOLD_APART_S
        for a, b in zip(one, other, strict=True)
        for part in (0, 1)
    )


def test_no_two_sounds_have_one_rhythm(page: Page) -> None:
    sounds: dict[str, Notes] = module(page, "sounds.js", "({ SOUNDS }) => SOUNDS")

    same = [
        (one, other)
        for one, other in combinations(sorted(sounds), 2)
        if alike(sounds[one], sounds[other])
    ]

    assert set(sounds) == {"badge", "out", "back", "repeat", "refused", "error", "pending"}
    assert same == []
