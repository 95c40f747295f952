"""What the dock wall is made of: docks as mounted, and the sentence about their bays."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby

from django.utils.safestring import SafeString

from dashboard import tiles
from devices.board.cards import Card
from devices.board.wall import BayPlace


@dataclass(frozen=True)
class Hanging:
    """One bay on the wall. ``label`` is its position, or its vehicle; ``name`` as people say it."""

    key: str
    name: str
    column: str
    label: str
    tile: SafeString


@dataclass(frozen=True)
class DockRow:
    code: str
    place: str
    silent: bool
    bays: list[Hanging]


@dataclass(frozen=True)
class WallOfStation:
    name: str
    docks: list[DockRow]
    vehicles: list[Hanging]


@dataclass(frozen=True)
class Summary:
    """The sentence above the wall."""

    bays: int
    taken: int
    elsewhere: list[Card]
    displaced: list[Card]

    @property
    def empty(self) -> int:
        return self.bays - self.taken


def summary(claims: Mapping[int, list[Card | None]]) -> Summary:
    """Counts the bays; names cameras in another's bay and those that lost theirs to another."""
    first = [claimants[0] for claimants in claims.values() if claimants]
    rest = [card for claimants in claims.values() for card in claimants[1:]]
    return Summary(
        bays=len(claims),
        taken=len(first),
        elsewhere=_by_number(card for card in first if card and card.elsewhere),
        displaced=_by_number(card for card in rest if card),
    )


def stations(
    bays: Iterable[BayPlace], claims: Mapping[int, list[Card | None]], *, badges: bool
) -> list[WallOfStation]:
    """The bays by station and dock, each with the camera that is in it now."""
    in_order = sorted(bays, key=lambda bay: (bay.station_code, bay.dock, bay.position))
    return [
        _station(name, list(group), claims, badges)
        for name, group in groupby(in_order, key=lambda bay: bay.station)
    ]


def _station(
    name: str, bays: list[BayPlace], claims: Mapping[int, list[Card | None]], badges: bool
) -> WallOfStation:
    def hang(bay: BayPlace) -> Hanging:
        column = f"p{(bay.position - 1) % 8 + 1}" if bay.kind == "multi" else ""
        label = str(bay.position) if bay.kind == "multi" else bay.dock
        name = f"{bay.dock}-{bay.position}"
        return Hanging(f"b{bay.id}", name, column, label, _tile(claims.get(bay.id, []), badges))

    walls = groupby((bay for bay in bays if bay.kind == "multi"), key=lambda bay: bay.dock)
    return WallOfStation(
        name=name,
        docks=[_dock([*group], hang) for _, group in walls],
        vehicles=[hang(bay) for bay in bays if bay.kind != "multi"],
    )


def _dock(bays: list[BayPlace], hang: Callable[[BayPlace], Hanging]) -> DockRow:
    first = bays[0]
    return DockRow(
        first.dock, first.place, first.dock_hearing == "silent", [hang(bay) for bay in bays]
    )


def _tile(claimants: list[Card | None], badges: bool) -> SafeString:
    if not claimants:
        return tiles.EMPTY_BAY
    card = claimants[0]
    if card is None:
        return tiles.OTHERS_CAMERA
    return tiles.draw(tiles.face(card, badges=badges))


def _by_number(cards: Iterable[Card]) -> list[Card]:
    return sorted(cards, key=lambda card: card.number)
