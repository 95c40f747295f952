"""A code that is scanned names one thing, whatever it is called there. Pure.

A desk takes it for one of its cards, for a label, then for a badge or credential (as it is, with
one hyphen for what parts it, then without leading zeros), then for a camera's serial number, asset
tag or code (`desk.seeing.named`).
What two things claim would open the wrong one; so no two may, in whatever column and whatever
capitals. What a card or a bay's label says names nobody and no camera.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from devices.inventory import codes


class What(StrEnum):
    OFFICER = "officer"
    CAMERA = "camera"
    BAY = "bay"
    CARD = "card"


@dataclass(frozen=True, slots=True)
class Name:
    """A code, whose it is (a badge number, or the number of a camera or bay), and where it is
    written down.

    ``line`` is of the file that says so; 0 is none. ``new``: it is not so yet. ``station`` is
    empty where it is not known.
    """

    code: str
    what: What
    whose: str
    column: str = ""
    station: str = ""
    line: int = 0
    new: bool = False

    @property
    def owner(self) -> str:
        """As people call it: officer 1031."""
        match self.what:
            case What.BAY:
                return "a bay"
            case What.CARD:
                return "a desk's card"
        return f"{self.what} {self.whose}"


def clashes(names: Iterable[Name]) -> Iterator[list[Name]]:
    """Names of several owners that a scan could not tell apart."""
    read_as: dict[tuple[str, str], list[Name]] = defaultdict(list)
    for name in names:
        for one in (name, *_as_printed(name)):
            for reading in _readings(one):
                read_as[reading].append(one)
    for (among, _), claimed in read_as.items():
        if len({one.owner if among else one.what for one in claimed}) > 1:
            yield claimed


def _as_printed(name: Name) -> Iterator[Name]:
    """A whole label is its camera's or bay's, whether or not there is one of that number yet; a
    card is the desks', whether or not they have it."""
    for what, kind in ((What.CAMERA, codes.CAMERA), (What.BAY, codes.BAY)):
        number = codes.number_on(name.code, kind)
        if number is not None:
            yield Name(name.code, what, str(number))
    if codes.is_card(name.code):
        yield Name(name.code, What.CARD, "")


def _readings(name: Name) -> Iterator[tuple[str, str]]:
    """What it is told apart by: among its own kind, and from the other. Of officers leading zeros
    do not count, nor which sign parts a badge; a camera's code is tried as a badge without them
    before it is the camera's."""
    badge, bare = codes.badge(name.code), codes.bare(name.code)
    if name.what is What.OFFICER:
        yield name.what, bare
        yield "", badge
    else:
        yield name.what, name.code.upper()
        yield from (("", each) for each in {badge, bare})
