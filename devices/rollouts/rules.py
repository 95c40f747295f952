"""When a rollout goes on, stops or ends, and what a camera's turn does at each word. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from enum import StrEnum

# --- One camera's turn -------------------------------------------------------------------------


class Turn(StrEnum):
    """The values of ``models.DeploymentState``."""

    PLANNED = "planned"
    OFFERED = "offered"
    DOWNLOADING = "downloading"
    INSTALLING = "installing"
    AWAITING_PROOF = "awaiting_proof"
    CANCELLING = "cancelling"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    SKIPPED = "skipped"
    CANCELLED = "cancelled"
    TIMED_OUT = "timed_out"


ACTIVE = frozenset(
    {Turn.OFFERED, Turn.DOWNLOADING, Turn.INSTALLING, Turn.AWAITING_PROOF, Turn.CANCELLING}
)
BEFORE_INSTALL = frozenset({Turn.OFFERED, Turn.DOWNLOADING})
FINAL = frozenset({Turn.SUCCEEDED, Turn.FAILED, Turn.SKIPPED, Turn.CANCELLED, Turn.TIMED_OUT})


class Event(StrEnum):
    """What can happen to a camera's turn: what the server does, what a client or camera says."""

    OFFER = "offer"  # permission to install was granted
    TAKE_BACK = "take_back"  # before it installs: it was scanned out, its rollout paused
    CANCEL = "cancel"  # a person ends it, or it takes too long
    PUT_ASIDE = "put_aside"  # no update should begin on the camera
    DOWNLOADING = "downloading"
    DOWNLOADED = "downloaded"
    PROCEEDING = "proceeding"  # it installs
    SAID_SUCCESS = "said_success"
    SAID_FAILURE = "said_failure"
    SAID_CANCELLED = "said_cancelled"  # or agreed to a cancel
    REFUSED_CANCEL = "refused_cancel"
    PROVEN = "proven"  # it reports the release, after its boot
    PROVEN_OTHERWISE = "proven_otherwise"  # it booted, and reports another version
    OVERDUE = "overdue"
    GIVE_UP = "give_up"  # this was the last of its attempts
    SKIP = "skip"  # it may not come to the release, or cannot be had: it is in a drawer
    FOUND = "found"  # it runs the release, and did not have it from here
    RETRY = "retry"  # another attempt: by itself, because a person wants it, or what kept it ended


_T, _E = Turn, Event
# What is not here changes nothing: late and repeated words of a client are normal.
MOVES: Mapping[tuple[Turn, Event], Turn] = {
    (_T.PLANNED, _E.OFFER): _T.OFFERED,
    (_T.PLANNED, _E.CANCEL): _T.CANCELLED,
    (_T.PLANNED, _E.PUT_ASIDE): _T.SKIPPED,
    (_T.PLANNED, _E.SKIP): _T.SKIPPED,
    (_T.PLANNED, _E.FOUND): _T.SKIPPED,  # somebody updated it by another way
    (_T.OFFERED, _E.TAKE_BACK): _T.PLANNED,
    (_T.OFFERED, _E.CANCEL): _T.CANCELLED,
    (_T.OFFERED, _E.PUT_ASIDE): _T.SKIPPED,
    (_T.OFFERED, _E.DOWNLOADING): _T.DOWNLOADING,
    (_T.OFFERED, _E.DOWNLOADED): _T.DOWNLOADING,
    (_T.OFFERED, _E.PROCEEDING): _T.INSTALLING,
    (_T.OFFERED, _E.SAID_FAILURE): _T.FAILED,
    (_T.OFFERED, _E.SAID_CANCELLED): _T.CANCELLED,
    (_T.OFFERED, _E.OVERDUE): _T.PLANNED,  # nobody fetched it: another attempt
    (_T.OFFERED, _E.GIVE_UP): _T.TIMED_OUT,
    (_T.OFFERED, _E.FOUND): _T.SKIPPED,
    (_T.DOWNLOADING, _E.TAKE_BACK): _T.CANCELLING,
    (_T.DOWNLOADING, _E.CANCEL): _T.CANCELLING,
    (_T.DOWNLOADING, _E.PUT_ASIDE): _T.CANCELLING,
    (_T.DOWNLOADING, _E.PROCEEDING): _T.INSTALLING,
    (_T.DOWNLOADING, _E.SAID_SUCCESS): _T.AWAITING_PROOF,
    (_T.DOWNLOADING, _E.SAID_FAILURE): _T.FAILED,
    (_T.DOWNLOADING, _E.SAID_CANCELLED): _T.CANCELLED,
    (_T.DOWNLOADING, _E.PROVEN): _T.SUCCEEDED,
    (_T.DOWNLOADING, _E.OVERDUE): _T.TIMED_OUT,
    (_T.DOWNLOADING, _E.FOUND): _T.SKIPPED,
    (_T.INSTALLING, _E.CANCEL): _T.CANCELLING,
    (_T.INSTALLING, _E.SAID_SUCCESS): _T.AWAITING_PROOF,
    (_T.INSTALLING, _E.SAID_FAILURE): _T.FAILED,
    (_T.INSTALLING, _E.SAID_CANCELLED): _T.CANCELLED,
    (_T.INSTALLING, _E.PROVEN): _T.SUCCEEDED,
    (_T.INSTALLING, _E.PROVEN_OTHERWISE): _T.FAILED,
    (_T.INSTALLING, _E.OVERDUE): _T.TIMED_OUT,
    (_T.INSTALLING, _E.FOUND): _T.SKIPPED,  # what was never fetched writes nothing
    (_T.AWAITING_PROOF, _E.SAID_FAILURE): _T.FAILED,
    (_T.AWAITING_PROOF, _E.PROVEN): _T.SUCCEEDED,
    (_T.AWAITING_PROOF, _E.PROVEN_OTHERWISE): _T.FAILED,
    (_T.AWAITING_PROOF, _E.OVERDUE): _T.TIMED_OUT,
    (_T.CANCELLING, _E.SAID_CANCELLED): _T.CANCELLED,
    (_T.CANCELLING, _E.SAID_SUCCESS): _T.AWAITING_PROOF,
    (_T.CANCELLING, _E.SAID_FAILURE): _T.FAILED,
    (_T.CANCELLING, _E.REFUSED_CANCEL): _T.INSTALLING,
    (_T.CANCELLING, _E.PROVEN): _T.SUCCEEDED,
    (_T.CANCELLING, _E.OVERDUE): _T.CANCELLED,  # it was told to stop and is not heard of
    # A camera that says the release after all has it, whatever was believed of it.
    (_T.FAILED, _E.PROVEN): _T.SUCCEEDED,
    (_T.TIMED_OUT, _E.PROVEN): _T.SUCCEEDED,
    (_T.CANCELLED, _E.PROVEN): _T.SUCCEEDED,
    (_T.FAILED, _E.RETRY): _T.PLANNED,
    (_T.TIMED_OUT, _E.RETRY): _T.PLANNED,
    (_T.CANCELLED, _E.RETRY): _T.PLANNED,
    (_T.CANCELLED, _E.GIVE_UP): _T.FAILED,
    (_T.CANCELLED, _E.PUT_ASIDE): _T.SKIPPED,
    (_T.SKIPPED, _E.RETRY): _T.PLANNED,  # what kept it holds no more
}


def moved(state: Turn, event: Event) -> Turn:
    """The state after this event; the same where it means nothing there."""
    return MOVES.get((state, event), state)


# How long each state may last, and no state lasts for ever. An offer is found within two polls of a
# minute, and permission to install counts from it: it does not stand for long. Downloads: 900 MB at
# the 25 Mbit/s of a bay are 5 min, at a tenth of it 50; field.md's install takes 8 to 15 min, its
# reboot 90 s.
LASTS: Mapping[Turn, timedelta] = {
    Turn.OFFERED: timedelta(minutes=10),
    Turn.DOWNLOADING: timedelta(hours=2),
    Turn.INSTALLING: timedelta(minutes=45),
    Turn.AWAITING_PROOF: timedelta(minutes=30),
    Turn.CANCELLING: timedelta(minutes=30),
}
MOST_ATTEMPTS = 3  # then the camera is put aside
# A camera that nobody heard for so long is in a drawer: no rollout waits for it, nor for one that
# is heard and sat in no dock for as long, or did not say what it runs.
GIVEN_UP_AFTER = timedelta(days=7)
# How the reason begins of a turn that was skipped because of what its camera runs, because it
# does not say that, because it could not be offered for too long, and of one whose camera was put
# aside.
NEEDS_NOTHING = "It runs "
UNSAID = "It did not say "
IN_VAIN = "It could not be updated for "
PUT_ASIDE = "It is put aside: "


# --- Whether a rollout goes on -----------------------------------------------------------------


class Course(StrEnum):
    """The values of ``models.RolloutState``."""

    DRAFT = "draft"
    APPROVED = "approved"
    RUNNING = "running"
    PAUSED = "paused"
    FINISHED = "finished"
    ABORTED = "aborted"


@dataclass(frozen=True, slots=True)
class Terms:
    """When the next wave opens and when all stops.

    ``success_percent`` of a wave's cameras that came to an end, and ``soak`` since the last of
    them; more than ``most_failures``, or ``most_failures_percent`` of at least ``counted_from``
    that came to an end, pauses. ``shown_before``: that the release works was shown by another
    rollout, whose work this one repairs.
    """

    success_percent: int = 95
    soak: timedelta = timedelta(hours=24)
    most_failures: int = 2
    most_failures_percent: int = 5
    counted_from: int = 20
    shown_before: bool = False


@dataclass(frozen=True, slots=True)
class Tally:
    """A wave's cameras by state, counted from rows; ``last_end_at`` is when one last ended, and
    ``last_move_at`` when one last went on: it fetched, installed or came to an end.

    ``tried_again`` have failed and were not shown to work since, though they have another turn or
    came to be skipped; ``had_turns`` of the skipped were offered it in vain, or put aside;
    ``forgiven`` of its failures came before a person said to go on in spite of them.
    """

    by_state: Mapping[Turn, int] = field(default_factory=dict)
    last_end_at: datetime | None = None
    last_move_at: datetime | None = None
    tried_again: int = 0
    had_turns: int = 0
    forgiven: int = 0

    def count(self, *states: Turn) -> int:
        return sum(self.by_state.get(one, 0) for one in states)

    @property
    def failed(self) -> int:
        """Silence past its time is a failure, and stays one until a later attempt succeeds."""
        return self.count(Turn.FAILED, Turn.TIMED_OUT) + self.tried_again

    @property
    def counted(self) -> int:
        """The failures that nobody has forgiven."""
        return self.failed - self.forgiven

    @property
    def ended(self) -> int:
        """Those that count: they succeeded, or failed and were not forgiven."""
        return self.count(Turn.SUCCEEDED) + self.counted

    @property
    def to_do(self) -> int:
        """Whoever was cancelled has another turn, or has failed, as soon as that is looked at."""
        return self.count(Turn.PLANNED, Turn.CANCELLED, *ACTIVE)

    @property
    def was_for(self) -> int:
        """Those that the release was for, whatever became of it: not who runs it already, may not
        come to it, or was not to be had."""
        return sum(self.by_state.values()) - self.count(Turn.SKIPPED) + self.had_turns


def stops(waves: Iterable[Tally], terms: Terms) -> str:
    """The sentence why a rollout must pause now; empty while it may go on."""
    every = list(waves)
    failed = sum(one.counted for one in every)
    ended = sum(one.ended for one in every)
    if failed > terms.most_failures:
        return f"{_cameras(failed)} failed; {terms.most_failures} are allowed."
    if ended >= terms.counted_from and failed * 100 > ended * terms.most_failures_percent:
        share = failed * 100 / ended
        return f"{share:.1f} % of {ended} failed; {terms.most_failures_percent} % are allowed."
    return ""


def _cameras(count: int) -> str:
    return "1 camera" if count == 1 else f"{count} cameras"


def wave_done(tally: Tally, terms: Terms, now: datetime) -> bool:
    """Whether the next wave may open: nothing to do is left, enough succeeded, and it soaked."""
    if tally.to_do:
        return False
    if tally.count(Turn.SUCCEEDED) * 100 < tally.ended * terms.success_percent:
        return False
    return tally.last_end_at is None or now - tally.last_end_at >= terms.soak


def shown(waves: Iterable[Tally]) -> bool:
    """Whether one of these cameras has shown that the release works; where nobody needed it,
    there was nothing to show."""
    every = list(waves)
    return any(one.count(Turn.SUCCEEDED) for one in every) or not any(one.was_for for one in every)


def in_window(windows: Iterable[Sequence[str]], at: time) -> bool:
    """Whether this time of the department's day is in one of them; without any it always is.

    A window that ends before it begins goes over midnight.
    """
    spans = [(time.fromisoformat(begins), time.fromisoformat(ends)) for begins, ends in windows]
    return not spans or any(
        begins <= at < ends if begins <= ends else at >= begins or at < ends
        for begins, ends in spans
    )


def longest_of(windows: Iterable[Sequence[str]]) -> timedelta | None:
    """For how long one of these windows is open without a gap, at the longest: those that touch or
    overlap are one, over midnight too, and without any gap it is a day. None without any."""
    once = sorted(map(_span, windows))
    longest = begins = ends = timedelta(0)
    for opens, closes in [*once, *((opens + _DAY, closes + _DAY) for opens, closes in once)]:
        if opens > ends:
            begins = opens
        ends = max(ends, closes)
        longest = max(longest, ends - begins)
    return min(longest, _DAY) if once else None


_DAY = timedelta(days=1)


def _span(window: Sequence[str]) -> tuple[timedelta, timedelta]:
    """When it opens and closes, since midnight."""
    opens, closes = (_since_midnight(time.fromisoformat(one)) for one in window)
    return opens, opens + (closes - opens) % _DAY


def _since_midnight(at: time) -> timedelta:
    return timedelta(
        hours=at.hour, minutes=at.minute, seconds=at.second, microseconds=at.microsecond
    )
