"""What a client says of an update, in the words of DDI, and what it means for its turn. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from devices.rollouts.rules import Event


class Execution(StrEnum):
    CLOSED = "closed"
    PROCEEDING = "proceeding"
    CANCELED = "canceled"
    SCHEDULED = "scheduled"
    REJECTED = "rejected"
    RESUMED = "resumed"
    DOWNLOADED = "downloaded"
    DOWNLOAD = "download"


class Finished(StrEnum):
    SUCCESS = "success"
    FAILURE = "failure"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Word:
    """One entry of feedback. ``progress`` is in percent, where the client said it so."""

    execution: Execution
    finished: Finished = Finished.NONE
    code: int | None = None
    progress: int | None = None
    details: tuple[str, ...] = ()


_PROGRESS: Mapping[Execution, Event] = {
    Execution.PROCEEDING: Event.PROCEEDING,
    Execution.RESUMED: Event.PROCEEDING,
    Execution.DOWNLOAD: Event.DOWNLOADING,
    Execution.DOWNLOADED: Event.DOWNLOADED,
    Execution.CANCELED: Event.SAID_CANCELLED,
}


def meaning(word: Word, *, fetched: bool) -> Event | None:
    """What this word of an update does to its turn; None for what is only kept.

    A success without the bytes is none: SWUpdate says so of an update it was told to skip, and of
    one it never had when it is started with ``-c 2``.
    """
    if word.execution is not Execution.CLOSED:
        return _PROGRESS.get(word.execution)
    if word.finished is Finished.FAILURE:
        return Event.SAID_FAILURE
    return Event.SAID_SUCCESS if fetched else None


def meaning_of_cancel(word: Word) -> Event | None:
    """The same of a word that answers a cancel: closed agrees, a failure or a refusal goes on."""
    match word.execution, word.finished:
        case Execution.REJECTED, _:
            return Event.REFUSED_CANCEL
        case Execution.CLOSED, Finished.FAILURE:
            return Event.REFUSED_CANCEL
        case ((Execution.CLOSED | Execution.CANCELED), _):
            return Event.SAID_CANCELLED
    return None
