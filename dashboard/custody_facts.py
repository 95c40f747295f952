"""What pages say of custody: one sentence, then each custody with everything that happened to it.

Badge numbers stand there for those who may see them; for anybody else it was "an officer".
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.utils.timezone import localtime

from devices.access.people import Visible
from devices.board.cards import Asked
from devices.custody import history
from devices.custody.history import Aside, Happened, Record
from devices.custody.holders import Holder, Tally
from devices.custody.models import Custody, CustodyEvent, CustodyKind, CustodyVerb, Via
from devices.custody.moments import Answer, Known
from devices.custody.rules import is_overdue
from devices.inventory.models import Camera, Officer

SOMEBODY = "an officer"
BEGAN = {
    CustodyVerb.CHECKED_OUT: "Checked out",
    CustodyVerb.CHECKED_IN: "Their own again: it was checked in",
    CustodyVerb.TRANSFERRED: "Taken over from another officer",
    CustodyVerb.ASSIGNED: "Given as own camera",
    CustodyVerb.UNDONE: "Theirs again: what ended it was undone",
    CustodyVerb.CORRECTED: "Made so by a correction",
    CustodyVerb.FOUND: "Their own again: it was found",
}
ENDED = {
    CustodyVerb.CHECKED_OUT: "Checked out to another",
    CustodyVerb.CHECKED_IN: "Checked in",
    CustodyVerb.TRANSFERRED: "Handed over to",
    CustodyVerb.ASSIGNED: "Given to another as own camera",
    CustodyVerb.TAKEN_BACK: "Taken back",
    CustodyVerb.UNDONE: "Undone",
    CustodyVerb.CORRECTED: "Ended by a correction",
    CustodyVerb.FOUND: "Found",
}
KINDS = {
    CustodyKind.PERSONAL: "as their own camera",
    CustodyKind.SHIFT: "for the shift",
    CustodyKind.LOAN: "on loan",
}


@dataclass(frozen=True)
class Names:
    """Whose badge numbers are shown to whoever looks; None: nobody's."""

    shown: Visible | None

    def may(self, officer: Officer | None, camera: Camera) -> bool:
        """Whether this officer, who had to do with this camera, is shown by badge number."""
        if self.shown is None or officer is None:
            return False
        if self.shown.officer_id is not None:
            return officer.pk == self.shown.officer_id
        stations = self.shown.stations
        return stations is None or bool({officer.station_id, camera.station_id} & stations)

    def of(self, officer: Officer | None, camera: Camera) -> str:
        """How this officer is called here; empty for nobody."""
        if officer is None:
            return ""
        return str(officer) if self.may(officer, camera) else SOMEBODY

    def badge(self, said: str, event: CustodyEvent) -> str:
        """How a badge number that stands in an event is called here."""
        if not said:
            return "nobody"
        if event.officer is not None and event.officer.badge_number == said:
            return self.of(event.officer, event.camera)
        shown = self.shown
        if shown is None or shown.officer_id is not None:
            return SOMEBODY
        here = shown.stations is None or event.camera.station_id in shown.stations
        return said if here else SOMEBODY


@dataclass(frozen=True)
class Said:
    """One event as a page tells it."""

    event: CustodyEvent
    words: str
    who: str = ""
    by: str = ""
    authority: str = ""
    where: str = ""
    undone: "Said | None" = None
    entry: int | None = None

    @property
    def late(self) -> bool:
        """Whether it reached us well after it was scanned."""
        scanned = self.event.scanned_at
        return scanned is not None and abs(self.event.at - scanned) > timedelta(seconds=60)

    @property
    def snapshot(self) -> dict[str, Any]:
        found: dict[str, Any] = self.event.snapshot
        return found

    @property
    def heard_at(self) -> datetime | None:
        """When the camera had last been heard, as the snapshot says."""
        return _moment(self.event.snapshot.get("heard_at"))

    @property
    def frozen_at(self) -> datetime:
        """Of which moment the snapshot is."""
        return history.frozen_at(self.event)

    @property
    def on_its_own(self) -> bool:
        """Whether it froze what the camera was like and neither began nor ended a custody."""
        return self.event.verb == CustodyVerb.TAKEN and bool(self.event.snapshot)


@dataclass(frozen=True)
class Corrected:
    """A correction: what it says was so."""

    said: Said
    who: str
    opened_at: datetime | None
    closed_at: datetime | None

    @property
    def sentence(self) -> str:
        """Beside the record, which stays as it is."""
        if self.who == "nobody":
            return f"Nobody held it from {day(self.opened_at)} to {until(self.closed_at)}."
        span = f"from {day(self.opened_at)} to {until(self.closed_at)}"
        return f"{_capital(self.who)} held it {span}."


@dataclass(frozen=True)
class Line:
    """One custody, or what happened while nobody held the camera (``custody`` is None)."""

    at: datetime
    custody: Custody | None = None
    who: str = ""
    linked: bool = False
    camera_linked: bool = False
    overdue: bool = False
    events: Sequence[Said] = ()
    corrections: Sequence[Corrected] = ()
    provisional: bool = False
    readiness: Said | None = None
    earlier_duties: int = 0  # that are left out of its events

    @property
    def began(self) -> Said | None:
        """What opened it, with the readiness of that moment."""
        if self.custody is None:
            return None
        return next((one for one in self.events if one.event.opened_id == self.custody.pk), None)


@dataclass(frozen=True)
class Drawing:
    """Who looks, when and by which numbers; ``entries`` are the ledger's numbers of events, where
    they are shown, ``cameras`` those whose pages may be opened, ``moment`` the one that is asked
    about, where it is one, and ``most_duties`` how many of an own camera's are told; None: all."""

    names: Names
    asked: Asked
    cameras: Visible | None = None
    entries: dict[int, int] = field(default_factory=dict)
    moment: datetime | None = None
    most_duties: int | None = None

    def lines(self, found: Iterable[Record | Aside]) -> list[Line]:
        return [
            self.line(one) if isinstance(one, Record) else Line(one.at, events=[self._aside(one)])
            for one in found
        ]

    def line(self, record: Record) -> Line:
        custody = record.custody
        due, ended = custody.due_at, custody.closed_at
        events = [self._happened(one, custody) for one in self._shown(record.events)]
        frozen = record.readiness(self.moment)
        return Line(
            at=custody.opened_at,
            custody=custody,
            who=self.names.of(custody.officer, custody.camera),
            linked=self.names.may(custody.officer, custody.camera),
            camera_linked=self.cameras is not None and self.cameras.includes(custody.camera),
            overdue=ended is None and is_overdue(due, self.asked.policy, self.asked.now),
            events=events,
            corrections=[self.corrected(one) for one in record.corrections],
            provisional=any(one.event.provisional for one in record.events),
            readiness=self.said(frozen, frozen.get_verb_display()) if frozen else None,
            earlier_duties=len(record.events) - len(events),
        )

    def _shown(self, happened: Sequence[Happened]) -> Sequence[Happened]:
        if self.most_duties is None:
            return happened
        duties = [one.event.pk for one in happened if one.event.verb == CustodyVerb.TAKEN]
        earlier = set(duties[: -self.most_duties])
        return [one for one in happened if one.event.pk not in earlier]

    def corrected(self, event: CustodyEvent) -> Corrected:
        says = event.says
        return Corrected(
            self.said(event, "Corrected"),
            self.names.badge(says.get("officer", ""), event),
            _moment(says.get("opened_at")),
            _moment(says.get("closed_at")),
        )

    def said(self, event: CustodyEvent, words: str, undone: "Said | None" = None) -> Said:
        return Said(
            event,
            f"{words} ({moved(event)})" if "was_station" in event.says else words,
            who=self.names.of(event.officer, event.camera),
            by=by(event),
            authority=self.names.badge(event.authority, event) if event.authority else "",
            where=where(event),
            undone=undone,
            entry=self.entries.get(event.pk),
        )

    def _happened(self, one: Happened, custody: Custody) -> Said:
        event, verb = one.event, CustodyVerb(one.event.verb)
        words = verb.label
        if event.opened_id == custody.pk:
            words = BEGAN.get(verb, verb.label)
        elif event.closed_id == custody.pk:
            words = ENDED.get(verb, verb.label)
            if verb is CustodyVerb.TRANSFERRED:
                words = f"{words} {self.names.of(event.officer, event.camera)}"
        undone = self.said(one.undone_by, "Undone") if one.undone_by else None
        return self.said(event, words, undone)

    def _aside(self, one: Aside) -> Said:
        return self.said(one.event, one.event.get_verb_display())


def by(event: CustodyEvent) -> str:
    """Who did it; and who is said to have scanned it, where somebody else's session sent that."""
    who = str(event.by) if event.by else "the fleet"
    if "scanned_by" not in event.says:
        return who
    account = event.says["scanned_by"]
    if account is None:
        return f"{who} (who scanned it is not known)"
    return f"{who} (said to be scanned by {event.scanner or f'user {account}'})"


def moved(event: CustodyEvent) -> str:
    """Where a camera was that the record had at another station."""
    return f"at {event.says['station']}, on record at {event.says['was_station']}"


def where(event: CustodyEvent) -> str:
    """Where an act was done, or how it came to us."""
    if event.desk is not None:
        return str(event.desk)
    if event.bay is not None:
        return f"bay {event.bay}"
    return Via(event.via).label.lower()


def present_sentence(camera: Camera, custody: Custody | None, names: Names, asked: Asked) -> str:
    """Who answers for a camera now."""
    if custody is None:
        return f"Nobody holds {camera}."
    who = _capital(names.of(custody.officer, camera))
    kind = KINDS[CustodyKind(custody.kind)]
    loan = f" instead of {custody.loan_of}" if custody.loan_of else ""
    since = day(custody.opened_at, asked.now)
    return f"{who} holds {camera} {kind}{loan} since {since}{_due(custody, asked)}."


def _due(custody: Custody, asked: Asked) -> str:
    if custody.due_at is None:
        return ""
    late = is_overdue(custody.due_at, asked.policy, asked.now)
    return f", {'overdue since' if late else 'due'} {day(custody.due_at, asked.now)}"


def officers_sentence(told: Tally) -> str:
    """How many hold what, and first of all who should not."""
    holding = f"{told.holding} of {told.officers} officers hold a camera for a shift"
    overdue = f", {told.overdue} overdue" if told.overdue else ""
    if not told.gone:
        return f"{holding}{overdue}."
    who = "1 officer who has" if told.gone == 1 else f"{told.gone} officers who have"
    still = "holds" if told.gone == 1 else "hold"
    suspended = "is" if told.gone == 1 else "are"
    return f"{who} left or {suspended} suspended still {still} a camera. {holding}{overdue}."


def officer_sentence(one: Holder, asked: Asked) -> str:
    """What an officer holds now, and what stops them."""
    officer = one.officer
    told = [f"{officer} {_standing(officer)}" if _standing(officer) else ""]
    held = [_held(custody, asked) for custody in one.for_a_shift]
    told.append(f"{officer} holds {' and '.join(held)}." if held else "")
    own = [str(custody.camera) for custody in one.own]
    told.append(f"Their own camera is {' and '.join(own)}." if own else "")
    if not held and not own:
        told.append(f"{officer} holds no camera.")
    return " ".join(filter(None, told))


def _standing(officer: Officer) -> str:
    if not officer.active:
        return "has left."
    because = officer.suspended_because
    return f"is suspended: {because.rstrip('.')}." if because else ""


def _held(custody: Custody, asked: Asked) -> str:
    kind = "" if custody.kind == CustodyKind.SHIFT else f" {KINDS[CustodyKind(custody.kind)]}"
    since = day(custody.opened_at, asked.now)
    return f"{custody.camera}{kind} since {since}{_due(custody, asked)}"


def moment_sentence(asked: Camera | Officer, answer: Answer, names: Names) -> str:
    """The answer to: who held it then, or what did they hold.

    Who may read of themselves alone is told of themselves alone.
    """
    at = day(answer.at)
    if isinstance(asked, Officer):
        return _what_they_held(asked, answer, at)
    alone = names.shown is not None and names.shown.officer_id is not None
    match answer.known:
        case Known.NOBODY if alone:
            return f"You did not hold {asked} at {at}.{_but(answer)}"
        case Known.HELD:
            custody = answer.records[0].custody
            who = _capital(names.of(custody.officer, asked))
            kind = KINDS[CustodyKind(custody.kind)]
            return f"{who} held {asked} at {at}, {kind}.{_but(answer)}"
        case Known.NOBODY:
            return f"Nobody held {asked} at {at}.{_but(answer)}"
    return f"Who held {asked} at {at} is not known. {_why(answer, asked)}{_but(answer)}"


def _what_they_held(officer: Officer, answer: Answer, at: str) -> str:
    match answer.known:
        case Known.HELD:
            held = [one.custody for one in answer.records]
            told = [f"{one.camera} ({KINDS[CustodyKind(one.kind)]})" for one in held]
            return f"{officer} held {' and '.join(told)} at {at}.{_but(answer)}"
        case Known.NOBODY:
            return f"{officer} held no camera at {at}.{_but(answer)}"
    return f"What {officer} held at {at} is not known. {_why(answer)}{_but(answer)}"


def _why(answer: Answer, camera: Camera | None = None) -> str:
    if camera is not None and answer.at < camera.enrolled_at:
        return f"{camera} was enrolled at {day(camera.enrolled_at)}."
    if answer.since is None:
        return "Custody has not been kept yet."
    return f"Custody is kept since {day(answer.since)}."


def _but(answer: Answer) -> str:
    if not answer.corrections:
        return ""
    number = len(answer.corrections)
    return " A correction concerns it." if number == 1 else f" {number} corrections concern it."


def day(at: datetime | None, now: datetime | None = None) -> str:
    """A moment by the department's clocks; the day is left out when it is today."""
    if at is None:
        return "an unknown time"
    local = localtime(at)
    if now is not None and local.date() == localtime(now).date():
        return f"{local:%H:%M}"
    return f"{local:%Y-%m-%d %H:%M}"


def until(at: datetime | None) -> str:
    return day(at) if at else "now, and still does"


def _moment(said: Any) -> datetime | None:
    return datetime.fromisoformat(said) if said else None


def _capital(said: str) -> str:
    return said[:1].upper() + said[1:]
