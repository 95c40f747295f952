"""What a board page is made of: strips of tiles by station and dock, and the sentence above."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import groupby
from typing import Protocol, TypeVar
from urllib.parse import urlencode

from django.utils.safestring import SafeString

from dashboard import tiles
from dashboard.counting import Counted
from devices.board.cards import Card, Wanted, tally, tally_standing
from devices.board.notices import Quarantine
from devices.board.rules import Bucket
from devices.readiness.rules import Fit
from devices.readiness.shifts import Wanted as Needed

# In the order people say them.
SAID = {
    Bucket.DOCKED: "docked",
    Bucket.CHARGING: "charging",
    Bucket.OUT: "out",
    Bucket.RECORDING: "recording",
    Bucket.UNKNOWN: "unknown",
    Bucket.REPAIR: "in repair",
    Bucket.LOST: "lost",
}
BAYS_A_ROW = 8
OTHER_DOCKS = {"vehicle": "Vehicles", "single": "Single docks"}
LABEL_ICONS = {"Vehicles": "vehicle", "Single docks": "docks", "No home bay": "camera"}


class Hung(Protocol):
    """What has its place on a board: a camera of today, or as it once stood."""

    @property
    def id(self) -> int: ...
    @property
    def station(self) -> str: ...
    @property
    def home_dock(self) -> str | None: ...
    @property
    def home_kind(self) -> str | None: ...
    @property
    def home_place(self) -> str | None: ...
    @property
    def home_position(self) -> int | None: ...


H = TypeVar("H", bound=Hung)
Drawn = tuple[SafeString, bool]  # a tile, and whether it is shown


@dataclass(frozen=True)
class Slot:
    """A camera's place on the board. ``column`` is its bay's class, empty where bays have none."""

    key: str
    column: str
    tile: SafeString
    shown: bool


@dataclass(frozen=True)
class Strip:
    """A dock and the cameras at home in it."""

    label: str
    place: str
    slots: list[Slot]

    @property
    def icon(self) -> str:
        """Stands for a label that is too long for the margin."""
        return LABEL_ICONS.get(self.label, "")

    @property
    def shown(self) -> bool:
        return any(slot.shown for slot in self.slots)


@dataclass(frozen=True)
class StationRow:
    name: str
    strips: list[Strip]

    @property
    def shown(self) -> bool:
        return any(strip.shown for strip in self.strips)


@dataclass(frozen=True)
class Part:
    """One part of the sentence: a number, and the list of exactly what it counts."""

    bucket: Bucket
    number: int
    word: str

    @property
    def query(self) -> str:
        return urlencode({"bucket": self.bucket.value})


@dataclass(frozen=True)
class SilentDock:
    code: str
    since: datetime
    unknown: int


@dataclass(frozen=True)
class Summary:
    """The sentence above the tiles, and what explains it."""

    total: int
    ready: int
    parts: list[Part]
    needed: Needed | None = None
    silent_docks: list[SilentDock] = field(default_factory=list)
    quarantined: list[Quarantine] = field(default_factory=list)
    as_of: datetime | None = None

    @property
    def said(self) -> list[Part]:
        """What the sentence names: what there is."""
        return [part for part in self.parts if part.number]

    @property
    def short(self) -> int:
        """How many ready cameras the next shift is short of, as things are now."""
        return max(0, self.needed.cameras - self.ready) if self.needed else 0


def rows(cards: Iterable[Card], wanted: Wanted, *, badges: bool) -> list[StationRow]:
    """The tiles of today's cards as they hang; the wanted are shown."""
    every = wanted == Wanted(badges=wanted.badges)

    def drawn(card: Card) -> Drawn:
        return tiles.draw(tiles.face(card, badges=badges)), every or shows(card, wanted)

    return hang(cards, drawn)


def hang(cards: Iterable[H], drawn: Callable[[H], Drawn]) -> list[StationRow]:
    """Tiles as they hang: by station, docks in order, cameras in their home bays."""
    return [
        StationRow(name, [_strip(list(group), drawn) for _, group in groupby(within, key=_label)])
        for name, within in groupby(cards, key=lambda card: card.station)
    ]


def summary_of_cards(cards: Sequence[Card], needed: Needed | None) -> Summary:
    """The sentence about these very cards."""
    return replace(summary(tally(cards), tally_standing(cards), cards), needed=needed)


def summary(
    counts: Mapping[Bucket, int], standing: Mapping[Fit, int], cards: Iterable[Card] = ()
) -> Summary:
    """The sentence; silent docks are named where their cameras were read."""
    return Summary(
        total=sum(counts.values()),
        ready=standing[Fit.YES],
        parts=[Part(bucket, counts[bucket], word) for bucket, word in SAID.items()],
        silent_docks=_silent_docks(cards),
    )


def summary_of(counted: Counted, cards: Iterable[Card] = ()) -> Summary:
    """The sentence about a fleet too large for one page, and when it was counted."""
    said = summary(counted.counts, counted.standing, cards)
    return replace(said, as_of=counted.at, needed=counted.needed)


def shows(card: Card, wanted: Wanted) -> bool:
    """Whether a filter lets this card through; board.js asks the same of a tile."""
    find = tiles.face(card, badges=wanted.badges).find
    return (
        wanted.bucket in (None, card.bucket)
        and wanted.ready in (None, card.standing)
        and wanted.text.lower() in find
        and wanted.station in ("", card.station_code)
        and wanted.dock in ("", card.home_dock)
    )


def _label(card: Hung) -> str:
    if card.home_dock is None:
        return "No home bay"
    return OTHER_DOCKS.get(card.home_kind or "", card.home_dock)


def _strip(cards: list[H], drawn: Callable[[H], Drawn]) -> Strip:
    first = cards[0]
    in_bays = first.home_kind == "multi"
    return Strip(
        label=_label(first),
        place=(first.home_place or "") if in_bays else "",
        slots=[_slot(card, *drawn(card), in_bays=in_bays) for card in cards],
    )


def _slot(card: Hung, tile: SafeString, shown: bool, *, in_bays: bool) -> Slot:
    position = card.home_position or 1
    column = f"p{(position - 1) % BAYS_A_ROW + 1}" if in_bays else ""
    return Slot(key=f"c{card.id}", column=column, tile=tile, shown=shown)


def _silent_docks(cards: Iterable[Card]) -> list[SilentDock]:
    silent: dict[str, SilentDock] = {}
    for card in cards:
        since = card.home_dock_silent_since
        if card.home_dock and since and card.bucket is Bucket.UNKNOWN:
            known = silent.get(card.home_dock)
            unknown = 1 + (known.unknown if known else 0)
            silent[card.home_dock] = SilentDock(card.home_dock, since, unknown)
    return [silent[code] for code in sorted(silent)]
