"""A custody as a row of a file: one row for each, with its begin, its end and what was said since.

Times are ISO 8601 by the department's clocks, with their offset.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from django.utils.timezone import localtime

from dashboard.custody_facts import Line, Said

HEAD = (
    "Custody", "Camera", "Officer", "Held as", "Instead of", "Second camera", "Began", "Due",
    "Ended", "Began by", "Began with", "Began at", "Scanned", "Reason", "Authority", "Provisional",
    "Readiness at", "Readiness then", "Why not ready", "Ended with", "Ended by", "Ended at",
    "Meanwhile", "Undone", "Corrections",
)  # fmt: skip


def rows_of(lines: Iterable[Line]) -> Iterator[list[Any]]:
    return (_custody(line) if line.custody else _aside(line) for line in lines)


def _custody(line: Line) -> list[Any]:
    one, began = line.custody, line.began
    assert one is not None
    ended = next((said for said in line.events if said.event.closed_id == one.pk), None)
    meanwhile = [said for said in line.events if said not in (began, ended)]
    event = began.event if began else None
    then = line.readiness
    reasons = then.snapshot.get("reasons", []) if then else []
    return [
        one.pk,
        one.camera,
        line.who,
        one.get_kind_display(),
        one.loan_of,
        "yes" if one.extra else "",
        iso(one.opened_at),
        iso(one.due_at),
        iso(one.closed_at),
        *(_act(began) if began else ("", "", "")),
        iso(event.scanned_at) if event else "",
        event.reason if event else "",
        began.authority if began else "",
        "yes" if line.provisional else "",
        iso(then.frozen_at) if then else "",
        then.snapshot.get("fit", "") if then else "",
        " ".join(str(reason.get("sentence", "")) for reason in reasons),
        *(_ended(ended) if ended else ("", "", "")),
        "; ".join(_told(said) for said in meanwhile),
        "; ".join(_told(said.undone) for said in line.events if said.undone),
        "; ".join(f"{_told(said.said)}: {said.sentence}" for said in line.corrections),
    ]


def _aside(line: Line) -> list[Any]:
    (said,) = line.events
    row: list[Any] = [""] * len(HEAD)
    row[HEAD.index("Camera")] = said.event.camera
    row[HEAD.index("Meanwhile")] = _told(said)
    return row


def _act(said: Said) -> tuple[str, str, str]:
    return said.by, said.words, said.where


def _ended(said: Said) -> tuple[str, str, str]:
    return said.words, said.by, said.where


def _told(said: Said) -> str:
    reason = f" ({said.event.reason})" if said.event.reason else ""
    return f"{said.words} {iso(said.event.at)} by {said.by}{reason}"


def iso(at: datetime | None) -> str:
    return localtime(at).isoformat(timespec="seconds") if at else ""
