"""A camera's tile: which facts it shows, in which words, and its drawing, once per face.

A tile depends on its face alone and the face only on what can be seen. So a report that
changes nothing visible changes no tile, and the page and every open board share a drawing.
"""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import lru_cache

from django.template.loader import get_template
from django.utils.safestring import SafeString, mark_safe
from django.utils.timezone import localtime

from dashboard import holders
from devices.board.cards import Card
from devices.board.rules import Bucket
from devices.inventory.models import PUBLIC_WITHIN
from devices.readiness.rules import Blocker, Fit, Reason

LOW_PERCENT = 20  # worth a second look before it goes out for a shift
WHOLE_FROM_HOURS = 10  # more than any shift: half an hour is no matter, and two marks find room
LEVELS = 20  # steps in which the level along a tile's edge is drawn: 5 % each

EMPTY_BAY = SafeString('<span class="tile vacant">Empty</span>')
OTHERS_CAMERA = SafeString('<span class="tile vacant">Another station\'s</span>')

IN_USE = (Bucket.DOCKED, Bucket.OUT, Bucket.RECORDING)
WORDS = {
    Bucket.DOCKED: "Docked",
    Bucket.CHARGING: "Charging",
    Bucket.OUT: "Out",
    Bucket.RECORDING: "Recording",
    Bucket.UNKNOWN: "Unknown",
    Bucket.REPAIR: "In repair",
    Bucket.LOST: "Lost",
}
# What a camera in its dock lacks, where a tile has room for a word.
SHORT = {
    Blocker.HELD: "Evidence",
    Blocker.RECALLED: "Recalled",
    Blocker.FAULT: "Fault",
    Blocker.STORAGE: "Off-load",
    Blocker.UPDATING: "Updating",
    Blocker.FIRMWARE: "Firmware",
    Blocker.PROFILE: "Profile",
    Blocker.CLOCK: "Clock",
    Blocker.BATTERY: "Battery",
}


class Look(StrEnum):
    """How a tile says whether its camera is ready, as a class of `board.css`."""

    NOTHING = ""
    READY = "ready"
    NOT_READY = "not-ready"
    NOT_KNOWN = "not-known"


@dataclass(frozen=True, slots=True)
class Face:
    """All that a tile shows of a camera, and nothing else."""

    number: int
    name: str
    bucket: Bucket
    standing: str
    look: Look
    word: str
    charge: str
    level: int
    low: bool
    stale: bool
    age_from: datetime | None
    marks: tuple[str, ...]
    why: tuple[str, ...]
    find: str

    @property
    def icon(self) -> str:
        """A camera that is not ready bears a warning; any other, where it is."""
        named = {Look.NOT_READY: "warning", Look.NOT_KNOWN: "unknown"}
        return named.get(self.look, self.bucket.value)


def face(card: Card, *, badges: bool) -> Face:
    """What this card looks like to somebody who may, or may not, see badge numbers."""
    badge = card.worn_by if badges else None
    owner = card.badge if badges and card.badge != badge else None
    percent = card.facts.battery_percent
    return Face(
        number=card.number,
        name=card.name,
        bucket=card.bucket,
        standing=(card.standing or ""),
        look=_look(card),
        word=_word(card),
        charge=_charge(card),
        level=-1 if percent is None else round(percent * LEVELS / 100),
        low=percent is not None and percent < LOW_PERCENT and card.bucket in IN_USE,
        stale=card.bucket is Bucket.UNKNOWN or _said_before_it_left(card),
        age_from=_age_from(card),
        marks=tuple(_marks(card)),
        why=tuple(_why(card, badge)),
        find=" ".join(filter(None, (card.name, card.serial, card.home_dock, badge, owner))).lower(),
    )


@lru_cache(maxsize=4096)
def draw(shown: Face) -> SafeString:
    """The tile's HTML; ``data-face`` tells two drawings apart without comparing them."""
    digest = f"{zlib.crc32(repr(shown).encode()):08x}"
    drawn = get_template("dashboard/_tile.html").render({"face": shown, "digest": digest})
    return mark_safe(drawn.strip())  # noqa: S308 (the template escapes)


def _word(card: Card) -> str:
    if card.facts.service_state == "out_of_service":
        return "Out of service"
    match _look(card):
        case Look.READY:
            return "Ready"
        case Look.NOT_READY:
            return SHORT.get(_against(card)[0].blocker, "Not ready")
        case Look.NOT_KNOWN:
            return "Unknown"
    return WORDS[card.bucket]


def _look(card: Card) -> Look:
    """A camera that only has to charge on looks like that: nobody need do anything about it."""
    if card.standing in (None, Fit.YES):
        return Look.READY if card.standing else Look.NOTHING
    against = _against(card)
    if card.bucket is Bucket.UNKNOWN or (against and against[0].fit is Fit.UNKNOWN):
        return Look.NOT_KNOWN
    return Look.NOT_READY if against else Look.NOTHING


def _against(card: Card) -> list[Reason]:
    """What stands against a camera beside a battery that is being charged; the certain first."""
    charges = card.bucket is Bucket.CHARGING
    reasons = card.readiness.reasons
    told = [one for one in reasons if not (charges and one.blocker is Blocker.BATTERY)]
    return sorted(told, key=lambda one: one.fit is Fit.UNKNOWN)


def _charge(card: Card) -> str:
    """Hours are what a shift needs; a percentage only where the model's hours are unknown."""
    percent = card.facts.battery_percent
    if percent is None:
        return ""
    hours = hours_left(card)
    if hours is None:
        return f"{percent} %"
    whole = hours >= WHOLE_FROM_HOURS or card.bucket is Bucket.UNKNOWN
    return f"{hours:.0f} h" if whole else f"{hours:.1f} h"


def hours_left(card: Card) -> float | None:
    """Hours of duty that remain, by what this camera has shown; none known of its model, none."""
    lasts = card.known.hours() if card.known.model_hours or card.known.learned else None
    return lasts.hours if lasts else None


def _said_before_it_left(card: Card) -> bool:
    """Away without a word since, it has drained by as much as nobody knows."""
    known = card.known
    if known.docked is not False or known.measured_at is None or known.moved_at is None:
        return False
    return known.measured_at < known.moved_at


def _age_from(card: Card) -> datetime | None:
    """The moment whose age matters: none for a camera that sits and speaks on time."""
    if card.bucket in (Bucket.REPAIR, Bucket.LOST):
        return None
    if card.bucket is Bucket.OUT and not card.facts.radio:
        return card.since
    if card.facts.hearing in ("late", "silent"):
        return card.heard_at
    return card.since if card.bucket is Bucket.OUT else None


def _marks(card: Card) -> Iterator[str]:
    if card.bucket is Bucket.UNKNOWN:
        return
    said = {one.blocker for one in _against(card)[:1]}  # the tile's word is it already
    if card.faults and Blocker.FAULT not in said:
        yield "fault"
    if card.known.offload == "failed":
        yield "waiting"
    if Blocker.CLOCK not in said and _clock_wrong(card):
        yield "clock"
    if card.elsewhere:
        yield "elsewhere"
    if card.known.held_at and Blocker.HELD not in said:
        yield "held"
    if card.known.recalled and _word(card) != SHORT[Blocker.RECALLED]:
        yield "recall"
    yield from _held_marks(card)


def _held_marks(card: Card) -> Iterator[str]:
    """Who answers for it, where that is not as usual."""
    if card.taken:
        yield "taken"
    elif card.custody and card.custody.kind == "loan":
        yield "loan"


def _why(card: Card, badge: str | None) -> Iterator[str]:
    yield _where(card)
    if card.known.held_at:
        public_by = _clock(card.known.held_at + PUBLIC_WITHIN)
        yield f"Held as evidence since {_clock(card.known.held_at)}; public by {public_by}."
    if card.known.recalled and card.standing is None:
        yield f"Recalled: {card.known.recalled}."
    if held := holders.says(card, badges=badge is not None):
        yield held
    yield from _whether_ready(card)
    percent, hours = card.facts.battery_percent, hours_left(card)
    if percent is not None:
        before = " when it left" if _said_before_it_left(card) else ""
        about = f", about {hours:.1f} h" if hours is not None else ""
        yield f"Battery {percent} %{about}{before}."
    if card.faults:
        yield f"Fault: {', '.join(card.faults).replace('_', ' ')}."
    if clips := card.known.clips_waiting:
        waiting = f"{clips} clip{'s wait' if clips > 1 else ' waits'}"
        failed = "; it failed" if card.known.offload == "failed" else ""
        yield f"{waiting} to be off-loaded{failed}."
    if _clock_wrong(card) and card.standing is not Fit.NO:
        yield "Its clock is wrong."
    yield " · ".join(filter(None, (card.serial, card.home, f"badge {badge}" if badge else None)))


def _clock_wrong(card: Card) -> bool:
    reasons = card.readiness.reasons
    return any(one.blocker is Blocker.CLOCK and one.fit is Fit.NO for one in reasons)


def _whether_ready(card: Card) -> Iterator[str]:
    """Every reason; a silent camera's first is told by where it is."""
    if card.standing is Fit.YES:
        yield "Ready for a usual shift."
    elif card.standing is not None:
        told = TOLD_BY_PLACE if card.bucket is Bucket.UNKNOWN else frozenset()
        yield from (one.sentence for one in card.readiness.reasons if one.blocker not in told)


TOLD_BY_PLACE = frozenset({Blocker.NEVER_HEARD, Blocker.SILENT, Blocker.DISPLACED})


def _where(card: Card) -> str:  # noqa: C901, PLR0911 (one sentence for each)
    facts = card.facts
    match card.bucket:
        case Bucket.LOST:
            return "Lost."
        case Bucket.REPAIR:
            return "In repair." if facts.service_state == "in_repair" else "Out of service."
        case Bucket.UNKNOWN if facts.docked is None or facts.hearing == "never":
            return "Never heard."
        case Bucket.UNKNOWN if facts.displaced:
            return f"Last seen in {card.elsewhere or card.home}, where another camera is now."
        case Bucket.UNKNOWN:
            return f"{_why_silent(card)} Last heard {_clock(card.heard_at)}."
        case Bucket.OUT | Bucket.RECORDING if not facts.docked:
            return _away(card)
        case Bucket.CHARGING if not card.elsewhere:
            return "Charging in its own bay."
        case _ if card.elsewhere:
            return f"{WORDS[card.bucket]} in {card.elsewhere}, not its own bay."
        case _:
            return f"{WORDS[card.bucket]} in its own bay."


def _away(card: Card) -> str:
    said = f"{WORDS[card.bucket]} since {_clock(card.since)}."
    if not card.facts.radio:
        return f"{said} {_why_silent(card)}"
    if card.facts.hearing == "silent":
        return f"{said} {_why_silent(card)} Last heard {_clock(card.heard_at)}."
    if card.facts.hearing == "late":
        return f"{said} Last heard {_clock(card.heard_at)}."
    return said


def _why_silent(card: Card) -> str:
    return card.silent.sentence if card.silent else ""


def _clock(moment: datetime | None) -> str:
    return "an unknown time" if moment is None else localtime(moment).strftime("%d %b %H:%M")
