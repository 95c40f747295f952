"""What the fleet does with what devices say, whichever door it came through."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from operator import attrgetter
from random import Random
from typing import Any

from django.db import transaction

from devices.access import actions as access
from devices.access.models import QuarantineKind
from devices.gateway.reading import Message
from devices.gateway.senders import Sender
from devices.health import actions as health
from devices.health import rows, rules
from devices.health.actions import DockTold, DockWord, Word
from devices.health.rows import Row
from devices.health.rules import Arrival, Place
from devices.policy import Policy
from devices.releases import reading as releases
from devices.releases.reading import Bearer, Desired
from devices.releases.versions import why_ordered
from devices.wire import (
    Answer,
    BayEvent,
    CameraOrders,
    Orders,
    RefusalCode,
    Report,
    Result,
    Verdict,
)

JITTER = 0.1  # of the report interval, either way, so that docks do not come back in step

_VERDICTS = {result: Verdict(result=result) for result in Result}


@dataclass(frozen=True, slots=True)
class Knock:
    """One message from one proven sender."""

    sender: Sender
    message: Message


@transaction.atomic
def receive(
    knocks: Sequence[Knock], *, now: datetime, policy: Policy, chance: Random
) -> list[Answer]:
    """Act on these messages in one transaction; answer each. Nothing is stored unless all is.

    An answer may be sent only after this has returned, which is after the commit.
    """
    group = _Group(now, policy)
    told = _docks_told(knocks, now, policy)
    group.meet(rows.lock_cameras(_serials(knocks)))
    drafts = [group.sort(knock, one) for knock, one in zip(knocks, told, strict=True)]
    group.record()
    group.look_up_profiles()
    group.quarantine()
    return [_answer(draft, group, policy, chance) for draft in drafts]


def _docks_told(knocks: Sequence[Knock], now: datetime, policy: Policy) -> list[DockTold]:
    """For each knock what became of its events; a camera has none, and is taken to speak now."""
    words = [
        DockWord(
            knock.sender.dock_id,
            knock.message.sent_at,
            [one for one in knock.message.events if isinstance(one, BayEvent)],
        )
        for knock in knocks
        if knock.sender.dock_id is not None
    ]
    told = iter(health.record_docks(words, now=now, policy=policy))
    return [DockTold([], now) if k.sender.dock_id is None else next(told) for k in knocks]


def _serials(knocks: Sequence[Knock]) -> set[str]:
    return {
        record.serial.upper()
        for knock in knocks
        for record in (*knock.message.reports, *knock.message.events)
        if not isinstance(record, Verdict)
    }


@dataclass(slots=True)
class _Draft:
    """An answer in the making; a report stands as (camera id, place among its arrivals)."""

    message: Message
    reports: list[Verdict | tuple[int, int]] = field(default_factory=list)
    events: list[Verdict] = field(default_factory=list)


class _Group:
    """Everything that is written together, gathered camera by camera."""

    def __init__(self, now: datetime, policy: Policy) -> None:
        self.now, self.policy = now, policy
        self.rows: dict[str, Row] = {}
        self.words: dict[int, Word] = {}
        self.results: dict[int, list[Result]] = {}
        self.strangers: dict[tuple[QuarantineKind, int | None, int | None], set[str]] = {}
        self.profiles: Mapping[int, Desired] = {}

    def meet(self, found: dict[str, Row]) -> None:
        self.rows = found

    def sort(self, knock: Knock, told: DockTold) -> _Draft:
        """Give every record of a message its verdict, or its place in line for one.

        Events first: a camera that came into the dock in this message may then be spoken for.
        """
        draft, results = _Draft(knock.message), iter(told.results)
        for event in knock.message.events:
            if isinstance(event, Verdict):
                draft.events.append(event)
            elif knock.sender.dock_id is None:
                draft.events.append(_refused(RefusalCode.NOT_YOURS, "Only a dock has bays."))
            else:
                draft.events.append(self._event(knock, event, next(results), told.sent))
        for report in knock.message.reports:
            draft.reports.append(
                report if isinstance(report, Verdict) else self._report(knock, report, told.sent)
            )
        return draft

    def _event(self, knock: Knock, event: BayEvent, result: Result, sent: datetime) -> Verdict:
        row = self._allowed(knock.sender, event.serial, event.bay)
        if isinstance(row, Verdict):
            return row
        if result is Result.STORED:
            placed = rules.moment(event.device_time, None, knock.message.sent_at, sent, self.policy)
            bay_id = knock.sender.bays[event.bay] if event.kind == "docked" else None
            count = (event.boot, event.sequence)
            claim = Place(placed.at, bay_id is not None, bay_id, knock.sender.dock_id, count)
            self._word(row).claims.append(claim)
        return _VERDICTS[result]

    def _report(self, knock: Knock, report: Report, sent: datetime) -> Verdict | tuple[int, int]:
        row = self._allowed(knock.sender, report.serial, report.bay)
        if isinstance(row, Verdict):
            return row
        placed = rules.moment(
            report.device_time,
            report.clock_offset_s,
            knock.message.sent_at,
            sent,
            self.policy,
        )
        bay_id = knock.sender.bays[report.bay] if report.bay and report.docked else None
        arrivals = self._word(row).arrivals
        arrivals.append(Arrival(report, *placed, bay_id, knock.sender.dock_id))
        return (row.camera_id, len(arrivals) - 1)

    def _allowed(self, sender: Sender, serial: str, bay: int | None) -> Row | Verdict:
        """The camera this sender may speak for, or why not."""
        row = self.rows.get(serial.upper())
        if sender.camera_id is not None:
            if row is None or row.camera_id != sender.camera_id or bay is not None:
                self._strange(QuarantineKind.FOREIGN_SERIAL, sender, serial)
                return _refused(RefusalCode.NOT_YOURS, "This token speaks for one camera only.")
            return row
        if row is None:
            self._strange(QuarantineKind.UNKNOWN_SERIAL, sender, serial)
            return _refused(RefusalCode.UNKNOWN_SERIAL, "No camera with this serial is enrolled.")
        if bay is not None and bay not in sender.bays:
            return _refused(RefusalCode.UNKNOWN_BAY, "This dock has no such bay.")
        if row.station_id != sender.station_id and row.dock_id != sender.dock_id:
            self._strange(QuarantineKind.OTHER_STATION, sender, serial)
            return _refused(RefusalCode.NOT_YOURS, "The camera belongs to another station.")
        return row

    def _strange(self, kind: QuarantineKind, sender: Sender, serial: str) -> None:
        self.strangers.setdefault((kind, sender.dock_id, sender.camera_id), set()).add(serial)

    def _word(self, row: Row) -> Word:
        word = self.words.get(row.camera_id)
        if word is None:
            word = self.words[row.camera_id] = Word(row)
        return word

    def record(self) -> None:
        words = [self.words[camera_id] for camera_id in sorted(self.words)]
        if words:
            told = health.record_reports(words, now=self.now, policy=self.policy)
            pairs = zip(words, told, strict=True)
            self.results = {word.row.camera_id: results for word, results in pairs}

    def look_up_profiles(self) -> None:
        """Which profile each camera that reported should run: one statement for all of them."""
        told = (word.row for word in self.words.values() if word.arrivals)
        self.profiles = releases.desired_of(
            [
                Bearer(row.camera_id, row.tags, row.unit, row.station_id, row.model_id)
                for row in told
            ]
        )

    def quarantine(self) -> None:
        for (kind, dock_id, camera_id), serials in self.strangers.items():
            access.quarantine(
                kind, sorted(serials), dock_id=dock_id, camera_id=camera_id, now=self.now
            )


def _refused(code: RefusalCode, reason: str) -> Verdict:
    return Verdict(result=Result.REFUSED, code=code, reason=reason)


def _answer(draft: _Draft, group: _Group, policy: Policy, chance: Random) -> Answer:
    reports = tuple(
        one if isinstance(one, Verdict) else _VERDICTS[group.results[one[0]][one[1]]]
        for one in draft.reports
    )
    every = policy.report_every.total_seconds()
    named = {one[0] for one in draft.reports if not isinstance(one, Verdict)}
    orders = (
        camera_orders(group.words[one], group.profiles.get(one), policy, group.now)
        for one in sorted(named)
    )
    return Answer(
        id=draft.message.id,
        received_at=group.now,
        reports=reports,
        events=tuple(draft.events),
        orders=Orders(
            next_contact_s=round(every * chance.uniform(1 - JITTER, 1 + JITTER), 1),
            report_every_s=int(every),
            cameras=tuple(one for one in orders if one is not None),
        ),
    )


def camera_orders(
    word: Word, profile: Desired | None, policy: Policy, now: datetime
) -> CameraOrders | None:
    """What this camera should do that differs from what it just said; None when nothing does.

    ``profile`` is what was assigned to it; without that its model's counts. Nothing is installed
    on a camera that is held as evidence, and none is told to go back: that is a signed order's.
    """
    said, row = max(word.arrivals, key=attrgetter("order")).report, word.row
    every = rules.report_every(said.mode, policy)
    changes: dict[str, Any] = {}
    if every != policy.report_every:
        changes["report_every_s"] = int(every.total_seconds())
    if not row.pinned:
        changes.update(_versions(said, row, profile))
    if row.locate_asked_at is not None and now - row.locate_asked_at <= rules.LOCATE_WITHIN:
        changes["locate"] = row.locate_number
    return CameraOrders(serial=said.serial, **changes) if changes else None


def _versions(said: Report, row: Row, profile: Desired | None) -> Iterator[tuple[str, str]]:
    firmware, settings = said.firmware_version, said.profile_version or ""
    if row.firmware_version not in ("", firmware) and not why_ordered(
        row.firmware_version, firmware
    ):
        yield "firmware_version", row.firmware_version
    wanted = profile.version if profile else row.profile_version
    if wanted not in ("", settings) and not why_ordered(wanted, settings, profile=True):
        yield "profile_version", wanted
