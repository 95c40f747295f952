"""What all open boards of a process show: read together, drawn once, handed out by reach."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace

from django.template.loader import render_to_string

from dashboard import boards, tiles, walls
from dashboard.counting import counter, needed_by
from dashboard.present import present
from devices.access.people import Visible
from devices.board import cards, notices, wall
from devices.board.cards import Card
from devices.board.notices import Quarantine
from devices.readiness.shifts import Wanted

MOST_TILES = 160  # of a page: 18 docks of 8 and a dozen vehicles fit


@dataclass(frozen=True)
class Look:
    """What one board shows: cameras or, on the dock wall, bays; to whom; whether it has them."""

    reach: Visible
    badges: bool
    may_settle: bool
    showing: frozenset[int]
    wall: bool = False
    painted: bool = False


@dataclass
class Changes:
    """What one board has to be told; ``others``: cameras came or went, the page is out of date."""

    tiles: dict[str, str] = field(default_factory=dict)
    counts: str | None = None
    others: bool = False

    def __bool__(self) -> bool:
        return bool(self.tiles or self.counts or self.others)


@dataclass
class Scope:
    """All that one reach covers; ``ids`` None if that is more than a page."""

    ids: frozenset[int] | None
    quarantined: list[Quarantine]
    needed: Wanted | None
    others: bool


class Picture:
    """Remembers what is shown, so that only what looks different is drawn and sent.

    ``drawings`` counts the tiles that were drawn; ``readings`` how often cards were read.
    """

    def __init__(self) -> None:
        self.drawings = 0
        self.readings = 0
        self._cards: dict[int, Card] = {}
        self._drawn: dict[tuple[int, bool], tuple[tiles.Face, str]] = {}
        self._scopes: dict[Visible, Scope] = {}
        self._said: dict[tuple[Visible, bool], str] = {}
        self._bays: dict[int, list[int]] = {}

    def look_again(self, looks: list[Look], stale: Collection[int] | None) -> list[Changes]:
        """Read the stale cameras, or all of them (None), and say what each board must be told."""
        moved = self._read_bays(looks)
        if stale is None:
            self._read_all(looks)
        else:
            self._read(({*stale} & self._cards.keys()) | (self._claimants() - self._cards.keys()))
        redrawn = {badges: self._redraw(looks, badges) for badges in (True, False)}
        sentences = self._sentences(looks)
        return [self._for(look, redrawn[look.badges], moved, sentences) for look in looks]

    # ---- reading

    def _read_all(self, looks: list[Look]) -> None:
        every: dict[int, Card] = {}
        asked = present()
        for reach in {look.reach for look in looks}:
            many = counter.many(reach, MOST_TILES)
            whole = None if many else cards.all_cards(reach, MOST_TILES, asked)
            every |= {card.id: card for card in whole or ()}
            self._scopes[reach] = self._scope(reach, whole)
        self.readings += 1
        self._cards = every
        shown = {camera for look in looks if not look.wall for camera in look.showing}
        self._read((shown | self._claimants()) - every.keys())

    def _scope(self, reach: Visible, whole: list[Card] | None) -> Scope:
        ids = None if whole is None else frozenset(card.id for card in whole)
        before = self._scopes.get(reach)
        others = before is not None and before.ids != ids
        needed = None if whole is None else needed_by(reach, present().now)
        return Scope(ids, notices.quarantine(reach), needed, others)

    def _read(self, camera_ids: Collection[int]) -> None:
        if not camera_ids:
            return
        self.readings += 1
        found = {card.id: card for card in cards.cards(Visible(), camera_ids, present())}
        for camera_id in camera_ids:
            self._cards.pop(camera_id, None)
        self._cards |= found

    def _read_bays(self, looks: list[Look]) -> set[int]:
        """The bays that other cameras claim than before."""
        shown = {bay for look in looks if look.wall for bay in look.showing}
        before, self._bays = self._bays, wall.claims(shown) if shown else {}
        return {bay for bay in shown if before.get(bay) != self._bays.get(bay)}

    def _claimants(self) -> set[int]:
        return {camera_id for claimants in self._bays.values() for camera_id in claimants}

    # ---- drawing

    def _redraw(self, looks: list[Look], badges: bool) -> set[int]:
        """The cameras that look different to those who may, or may not, see badges."""
        if not any(look.badges is badges for look in looks):
            return set()
        return {card.id for card in self._cards.values() if self._draw(card, badges)}

    def _draw(self, card: Card, badges: bool) -> bool:
        face = tiles.face(card, badges=badges)
        known = self._drawn.get((card.id, badges))
        if known is not None and known[0] == face:
            return False
        self.drawings += 1
        self._drawn[card.id, badges] = (face, tiles.draw(face))
        return True

    def _sentences(self, looks: list[Look]) -> dict[tuple[Visible, bool], tuple[str, bool]]:
        """What stands above the tiles for each reach, and whether it is new."""
        wanted = {(look.reach, look.may_settle) for look in looks if not look.wall}
        said = {key: self._sentence(*key) for key in wanted}
        told = {key: (html, html != self._said.get(key)) for key, html in said.items()}
        self._said |= said
        return told

    def _sentence(self, reach: Visible, may_settle: bool) -> str:
        scope = self._scopes[reach]
        summary = self._summary(reach, scope)
        summary = replace(summary, quarantined=scope.quarantined)
        return render_to_string(
            "dashboard/_counts.html", {"summary": summary, "may_settle": may_settle}
        )

    def _summary(self, reach: Visible, scope: Scope) -> boards.Summary:
        if scope.ids is None:
            return boards.summary_of(counter.counts(reach))
        here = [card for card in self._within(scope.ids) if _covered(reach, card)]
        return boards.summary_of_cards(here, scope.needed)

    def _within(self, camera_ids: Iterable[int]) -> Iterable[Card]:
        return (self._cards[one] for one in camera_ids if one in self._cards)

    # ---- handing out

    def _for(
        self,
        look: Look,
        redrawn: set[int],
        moved: set[int],
        sentences: dict[tuple[Visible, bool], tuple[str, bool]],
    ) -> Changes:
        if look.wall:
            return self._for_wall(look, redrawn, moved)
        html, new = sentences[look.reach, look.may_settle]
        return Changes(
            tiles=self._tiles(look, look.showing if not look.painted else redrawn & look.showing),
            counts=html if new or not look.painted else None,
            others=look.painted and self._scopes[look.reach].others,
        )

    def _tiles(self, look: Look, camera_ids: Iterable[int]) -> dict[str, str]:
        return {
            f"c{card.id}": self._drawn[card.id, look.badges][1]
            for card in self._within(camera_ids)
            if _covered(look.reach, card)
        }

    def _for_wall(self, look: Look, redrawn: set[int], moved: set[int]) -> Changes:
        changed = {
            bay
            for bay in look.showing
            if not look.painted or bay in moved or redrawn.intersection(self._bays.get(bay, ()))
        }
        if not changed:
            return Changes()
        hangs = {bay: self.claimants(look, bay) for bay in look.showing}
        return Changes(
            {f"b{bay}": self._in_bay(look, hangs[bay]) for bay in changed},
            render_to_string("dashboard/_bays.html", {"summary": walls.summary(hangs)}),
        )

    def claimants(self, look: Look, bay: int) -> list[Card | None]:
        """The cameras that claim a bay, the one in it first; None for one out of reach."""
        found = self._within(self._bays.get(bay, ()))
        return [card if _covered(look.reach, card) else None for card in found]

    def _in_bay(self, look: Look, claimants: list[Card | None]) -> str:
        if not claimants:
            return tiles.EMPTY_BAY
        card = claimants[0]
        return tiles.OTHERS_CAMERA if card is None else self._drawn[card.id, look.badges][1]


def _covered(reach: Visible, card: Card) -> bool:
    return reach.covers(card.station_id, card.officer_id, card.holder_id)
