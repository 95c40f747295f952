"""What every import has in common, whichever room's rows they are."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.db import connection, transaction

from devices import feed, ledger
from devices.errors import Refused
from devices.inventory.imports import reading
from devices.inventory.imports.judging import Plan, judge
from devices.inventory.imports.reading import Source, Table
from devices.inventory.imports.sheet import Known, Sheet

ONE_IMPORT_AT_A_TIME = 0x1309_0417  # an advisory lock's number; any that nobody else uses
MOST_TOLD = 500  # changes an entry of the ledger tells one by one; past it, their number


@dataclass(frozen=True)
class Import:
    """A kind of file: how it is read, what is there to compare it with, and how it is written.

    ``known`` is told the table and the importer's stations (None: every one); ``write`` the
    plan, who imports and when, and is called within the transaction that judged it. ``then`` is
    called after it, with who and when: what a room above does because of it. ``names_officers``:
    whether whoever imports may know whose a badge is.
    """

    kind: StrEnum
    sheet: Sheet
    known: Callable[[Table, Collection[int] | None], Known]
    write: Callable[[Plan, Any, datetime], None]
    then: Callable[[Any, datetime], None] | None = None
    names_officers: bool = True


def plan(what: Import, source: Source, *, stations: Collection[int] | None = None) -> Plan:
    """What importing this would do now. ``stations``: the importer's; None is every one.

    Refuses, in a sentence, what cannot be read at all.
    """
    try:
        table = reading.read(source, what.sheet)
    except reading.Unreadable as reason:
        raise NotReadable(str(reason)) from None
    known = replace(what.known(table, stations), names_officers=what.names_officers)
    return judge(what.kind, what.sheet, table, known)


@transaction.atomic
def apply(
    what: Import,
    source: Source,
    *,
    by: Any,
    now: datetime,
    expected: str | None = None,
    stations: Collection[int] | None = None,
) -> Plan:
    """Import all of it. Refuses it, changing nothing, with any error in it.

    ``expected`` is the digest of the plan that was shown; if the file or what it is compared
    with has changed since, nothing is done. Importing the same again changes nothing.
    """
    take_turns()
    found = plan(what, source, stations=stations)
    if found.errors:
        raise Erroneous(found)
    if expected is not None and found.digest != expected:
        raise Refused("The file or the inventory has changed since the preview; look again.")
    if found.changes:
        what.write(found, by, now)
        _tell(what.sheet, found, by=by, now=now)
        if what.then is not None:
            what.then(by, now)
        feed.touch_all()
    return found


def take_turns() -> None:
    """Nobody imports until this transaction ends but who calls this; waits for who does by now."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ONE_IMPORT_AT_A_TIME])


class NotReadable(Refused):
    """What was given is no file or message of this kind at all."""


class Erroneous(Refused):
    """Some rows cannot be taken, so none was; ``plan`` has them all, the message the first."""

    def __init__(self, found: Plan) -> None:
        first = found.errors[0]
        super().__init__(f"{found.sentence} Line {first.line}: {first.sentence}")
        self.plan = found


def _tell(sheet: Sheet, found: Plan, *, by: Any, now: datetime) -> None:
    changes = [[*map(str, one.key), *one.by_endings(sheet.secret)] for one in found.changed]
    off = [[*map(str, one.key)] for one in found.removed]
    gone: dict[str, Any] = {"taken_off": len(off), "off": off[:MOST_TOLD]} if off else {}
    ledger.record(
        "imported",
        found.kind.value,
        by=by,
        now=now,
        added=len(found.added),
        changed=len(found.changed),
        keys=[[*map(str, one.key)] for one in found.added[:MOST_TOLD]],
        changes=changes[:MOST_TOLD],
        digest=found.digest,
        **gone,
    )
