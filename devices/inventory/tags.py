"""Words that people sort cameras by, such as bench or k9: small letters, digits and hyphens."""

import re
from collections.abc import Collection, Iterable

BENCH = "bench"  # of cameras that no officer takes out: what is new is tried on them first
MOST_TAGS = 10  # of a camera
LONGEST_TAG = 30
MEANT = "small letters, digits and hyphens"

_TAG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*", re.ASCII)
_GAP = re.compile(r"[\s,;]+")


def written(text: str) -> list[str]:
    """The tags in what somebody wrote, with spaces or commas between them: in small letters, each
    once, in their order. They may still be none (`wrong`)."""
    return sorted({one for one in _GAP.split(text.lower()) if one})


def wrong(tags: Collection[str]) -> str:
    """The sentence why a camera cannot have these tags; empty if it can."""
    if len(tags) > MOST_TAGS:
        return f"A camera has at most {MOST_TAGS} tags."
    return not_tags(tags)


def not_tags(words: Iterable[str]) -> str:
    """The sentence that names a word among these that is no tag; empty if all are."""
    strange = next((one for one in words if not _is_tag(one)), None)
    if strange is None:
        return ""
    return f"A tag is up to {LONGEST_TAG} {MEANT}, not {strange[:40]!r}."


def _is_tag(word: str) -> bool:
    return len(word) <= LONGEST_TAG and _TAG.fullmatch(word) is not None
