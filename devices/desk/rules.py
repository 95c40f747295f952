"""What a scan at a desk means. Pure: the server judges by it, and the page previews by it.

`dashboard/static/dashboard/desk/judge.js` says the same to the browser; a test holds the two to
each other over every case of `tests/desk/vectors.py`. Sentences are in `texts.py`.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

REPEAT_WITHIN = timedelta(seconds=10)  # desk.md: a bounced scan never returns what it issued
SAME_BADGE_WITHIN = timedelta(seconds=3)
FAULT_CARD_WITHIN = timedelta(seconds=8)  # desk.md: applies to the return just made
TEST_CARD_WITHIN = timedelta(seconds=15)  # the officer is still there, camera in hand
WAITS = timedelta(seconds=15)  # for the second scan; then the desk is idle again
# By these the page previews: it is drawn with them and has none of its own.
TIMES = {
    "repeat": REPEAT_WITHIN,
    "same_badge": SAME_BADGE_WITHIN,
    "fault_card": FAULT_CARD_WITHIN,
    "test_card": TEST_CARD_WITHIN,
    "waits": WAITS,
}


class Act(StrEnum):
    """What happens because of a scan."""

    SHOW = "shown"  # an officer's card
    HOLD = "held"  # a camera waits for a badge
    ISSUE = "issued"
    TAKE = "taken"  # an officer's own camera goes out; whose it is does not change
    RETURN = "returned"
    TRANSFER = "transferred"
    FOUND = "found"
    FAULT = "fault"
    TEST = "tested"  # the officer confirms the pre-shift test of what they were just given
    UNDO = "undone"
    INFO = "info"
    ARM = "armed"  # a card waits for what it is about
    CLEAR = "cleared"
    REPEAT = "repeat"  # the same again: nothing
    REFUSE = "refused"
    ERROR = "error"


CHANGES = frozenset({Act.ISSUE, Act.TAKE, Act.RETURN, Act.TRANSFER, Act.FOUND})


class Code(StrEnum):
    """Why: what the sentence is about."""

    DONE = "done"
    OVERRIDDEN = "overridden"
    SWAPPED = "swapped"  # one given back while the officer stands there
    TAKEN_BACK = "taken_back"  # an own camera, of somebody who has left
    OWN = "own"  # somebody's own camera, scanned alone
    KEEP = "keep"  # the same, while they are suspended: it stays theirs and stays here
    IN = "in"  # nobody holds it, and it is ready
    IN_UNFIT = "in_unfit"
    BADGE = "badge"
    AGAIN = "again"
    HELD = "held"
    FIRST = "first"  # another desk gave it out just now
    ANOTHERS = "anothers"  # somebody else's own camera
    SECOND = "second"
    SOFT = "soft"
    CRITICAL = "critical"
    HARD = "hard"
    LOST = "lost"
    LEFT = "left"
    SUSPENDED = "suspended"
    NO_SUPERVISOR = "no_supervisor"
    ONESELF = "oneself"  # who takes it answers for it to somebody else
    WANTS_REASON = "wants_reason"
    WANTS_SUPERVISOR = "wants_supervisor"
    WANTS_CAMERA = "wants_camera"
    NOTHING_ASKED = "nothing_asked"
    NOT_GIVEN = "not_given"  # a test card with nobody given a camera before it
    NO_CAMERA = "no_camera"  # a fault card with no camera before it
    UNKNOWN = "unknown"
    UNKNOWN_CARD = "unknown_card"
    NO_SUCH = "no_such"  # a whole label of a camera that nobody has brought
    BAY = "bay"
    CUT = "cut"  # looks like a label, and is not a whole one
    TWO = "two"  # typed by hand: a camera's number and a badge
    SEE_DESK = "see_desk"  # what a kiosk does not do
    UNDO = "undo"
    CANCELLED = "cancelled"
    INFO = "info"


class Kind(StrEnum):
    CAMERA = "camera"
    BADGE = "badge"
    CARD = "card"
    UNKNOWN = "unknown"


class Order(StrEnum):
    """What a card on the desk orders; a reason or a fault has more words (`Card.word`)."""

    CANCEL = "cancel"
    UNDO = "undo"
    INFO = "info"
    TRANSFER = "transfer"
    REASON = "reason"
    FAULT = "fault"
    TEST = "test"


@dataclass(frozen=True, slots=True)
class Camera:
    """What a desk sees of a camera. ``holder`` is a badge number, ``custody`` how it is held.

    ``hard`` stands against any issue; ``critical`` wants a supervisor, ``soft`` a reason.
    ``kept_for`` is whom it is kept for, a badge number: to anybody else that is as ``soft``.
    ``holder_left``, ``holder_suspended``: so is whoever holds it.
    """

    name: str
    holder: str = ""
    custody: str = ""  # personal, shift, loan
    holder_left: bool = False
    holder_suspended: bool = False
    hard: bool = False
    critical: bool = False
    soft: bool = False
    kept_for: str = ""
    lost: bool = False

    def wants_reason(self, badge: str) -> bool:
        """Whether it goes out with this officer only for a reason."""
        return self.soft or self.kept_for not in ("", badge)

    @property
    def personal(self) -> bool:
        return self.custody == "personal"

    @property
    def comes_back(self) -> bool:
        """Whether a scan of it alone says that it is back."""
        return bool(self.holder) and (not self.personal or self.holder_left)

    @property
    def unfit(self) -> bool:
        return self.hard or self.critical or self.soft


@dataclass(frozen=True, slots=True)
class Officer:
    """What a desk sees of an officer. ``holds`` are cameras for a shift or on loan, by name."""

    badge: str
    left: bool = False
    suspended: bool = False
    supervisor: bool = False
    holds: tuple[str, ...] = ()

    @property
    def stopped(self) -> bool:
        """Whether they are given nothing; what is out comes back all the same."""
        return self.left or self.suspended


@dataclass(frozen=True, slots=True)
class Card:
    order: Order
    word: str = ""


@dataclass(frozen=True, slots=True)
class Context:
    """What was scanned before and still counts. Both of officer and camera: it was refused."""

    officer: Officer | None = None
    camera: Camera | None = None
    info: bool = False
    transfer: bool = False
    reason: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Last:
    """The camera that was last scanned at this desk, with nothing scanned in between.

    ``changed_at``: when a scan of it last changed who holds it, if that was one of these scans.
    """

    camera: str = ""
    at: datetime | None = None
    changed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Scanned:
    """One scan: which kind of thing, and that thing as it is now; ``looks``: what a code that names
    nothing looks like."""

    kind: Kind
    at: datetime
    camera: Camera | None = None
    officer: Officer | None = None
    card: Card | None = None
    looks: Code = Code.UNKNOWN


@dataclass(frozen=True, slots=True)
class Judgement:
    """What is to be done, why, about which two, and what counts afterwards."""

    act: Act
    code: Code
    then: Context
    camera: Camera | None = None
    officer: Officer | None = None
    reason: str = ""
    authority: str = ""  # a supervisor's badge number
    extra: bool = False  # a second camera of the same officer


IDLE = Context()


def judge(context: Context, scanned: Scanned, last: Last) -> Judgement:
    """What this scan means at a desk where ``context`` was scanned before."""
    before = IDLE if _over(context, scanned.at) else context
    match scanned.kind:
        case Kind.CAMERA if scanned.camera:
            return _camera(before, scanned.camera, scanned.at, last)
        case Kind.BADGE if scanned.officer:
            return _badge(before, scanned.officer, scanned.at)
        case Kind.CARD if scanned.card:
            return _card(before, scanned.card, scanned.at, last)
    return Judgement(Act.ERROR, scanned.looks, before)


def _over(context: Context, at: datetime) -> bool:
    return context.at is not None and not _within(WAITS, context.at, at)


def _within(span: timedelta, before: datetime, at: datetime) -> bool:
    """Whether two moments of a desk's clock are that near. Either way: a clock that was set back
    must not make what was long ago look like just now for ever."""
    return abs(at - before) <= span


def _camera(context: Context, camera: Camera, at: datetime, last: Last) -> Judgement:
    if context.info:
        return Judgement(Act.INFO, Code.INFO, replace(context, info=False), camera)
    if _repeated(camera, at, last):
        return Judgement(Act.REPEAT, Code.AGAIN, context, camera)
    if camera.lost:
        return Judgement(Act.FOUND, Code.LOST, IDLE, camera)
    officer = context.officer
    if officer is None or (officer.stopped and camera.comes_back):
        return _alone(camera, at)
    return pair(officer, camera, Context(officer, at=at), returning=True)


def _alone(camera: Camera, at: datetime) -> Judgement:
    """A camera without a badge before it: it comes back, or waits for a badge."""
    if camera.comes_back:
        code = Code.TAKEN_BACK if camera.personal else Code.DONE
        return Judgement(Act.RETURN, code, IDLE, camera)
    if camera.personal and camera.holder_suspended:
        return Judgement(Act.HOLD, Code.KEEP, IDLE, camera)  # no badge takes it out
    then = Context(camera=camera, at=at)
    if camera.personal:
        return Judgement(Act.HOLD, Code.OWN, then, camera)
    fit = not (camera.unfit or camera.kept_for)
    return Judgement(Act.HOLD, Code.IN if fit else Code.IN_UNFIT, then, camera)


def in_already(judgement: Judgement, at: datetime) -> Judgement:
    """The judgement of a camera whose return was told before: if nobody has it for a shift by now
    it is in, whoever stands there, and goes to nobody."""
    camera, officer = judgement.camera, judgement.officer
    if camera is None or officer is None or camera.lost or camera.comes_back:
        return judgement
    return replace(_alone(camera, at), then=Context(officer, at=at))


def _repeated(camera: Camera, at: datetime, last: Last) -> bool:
    return (
        last.camera == camera.name
        and last.changed_at is not None
        and _within(REPEAT_WITHIN, last.changed_at, at)
    )


def pair(
    officer: Officer,
    camera: Camera,
    said: Context,
    *,
    returning: bool = False,
    authority: str = "",
) -> Judgement:
    """What becomes of this officer and this camera, given what was said for it.

    ``returning``: the camera was scanned just now, so that what the officer holds comes back.
    ``authority``: the badge of a supervisor who answers for it.
    """
    if officer.stopped:
        return _gets_none(officer, camera)
    own = camera.personal and camera.holder == officer.badge
    here = Context(officer, at=said.at)
    if returning and camera.holder == officer.badge and not own:
        return Judgement(Act.RETURN, Code.SWAPPED, here, camera, officer)
    if camera.hard:
        return Judgement(Act.REFUSE, Code.HARD, here, camera, officer)
    stuck = replace(said, officer=officer, camera=camera)
    return _wanting(officer, camera, stuck, own=own, supervised=bool(authority)) or _granted(
        officer, camera, said, authority
    )


def _gets_none(officer: Officer, camera: Camera | None) -> Judgement:
    """Somebody who has left or is suspended is given nothing, this camera or any."""
    code = Code.LEFT if officer.left else Code.SUSPENDED
    return Judgement(Act.REFUSE, code, IDLE, camera, officer)


def _wanting(
    officer: Officer, camera: Camera, stuck: Context, *, own: bool, supervised: bool
) -> Judgement | None:
    """What has to be said before this camera goes out with this officer; None when all is."""
    if camera.holder and not own and not (stuck.transfer and stuck.reason):
        code = Code.ANOTHERS if camera.personal else Code.HELD
        return Judgement(Act.REFUSE, code, stuck, camera, officer)
    if stuck.reason:
        if camera.critical and not supervised:
            return Judgement(Act.ARM, Code.WANTS_SUPERVISOR, stuck, camera, officer)
        return None
    if camera.critical or camera.wants_reason(officer.badge):
        code = Code.CRITICAL if camera.critical else Code.SOFT
        return Judgement(Act.REFUSE, code, stuck, camera, officer)
    if officer.holds and not own:
        return Judgement(Act.REFUSE, Code.SECOND, stuck, camera, officer)
    return None


def _granted(officer: Officer, camera: Camera, said: Context, authority: str) -> Judgement:
    own = camera.holder == officer.badge
    another = bool(camera.holder) and not own
    act = Act.TAKE if own else Act.TRANSFER if another else Act.ISSUE
    return Judgement(
        act,
        Code.OVERRIDDEN if said.reason and not another else Code.DONE,
        IDLE,
        camera,
        officer,
        reason=said.reason,
        authority=authority,
        extra=bool(officer.holds) and not own,
    )


def _badge(context: Context, officer: Officer, at: datetime) -> Judgement:
    if context.officer and context.camera and context.reason and context.camera.critical:
        return _supervised(context, officer)
    waiting = context.camera if not context.officer else None
    if waiting and not (waiting.personal and waiting.holder != officer.badge):
        return pair(officer, waiting, Context(officer, at=at))  # another's own came back: no pair
    if officer.stopped:
        return _gets_none(officer, None)
    same = context.officer is not None and context.officer.badge == officer.badge
    again = context.at is not None and abs(at - context.at) < SAME_BADGE_WITHIN
    if same and not context.camera and again:
        return Judgement(Act.REPEAT, Code.AGAIN, context, None, officer)
    return Judgement(Act.SHOW, Code.BADGE, Context(officer, at=at), None, officer)


def _supervised(context: Context, supervisor: Officer) -> Judgement:
    """A critical fault stands against the camera, a reason was given: who answers for it?"""
    officer, camera = context.officer, context.camera
    assert officer is not None
    assert camera is not None
    if supervisor.stopped or not supervisor.supervisor:
        return Judgement(Act.REFUSE, Code.NO_SUPERVISOR, context, camera, officer)
    if supervisor.badge == officer.badge:
        return Judgement(Act.REFUSE, Code.ONESELF, context, camera, officer)
    return pair(officer, camera, context, authority=supervisor.badge)


def _card(context: Context, card: Card, at: datetime, last: Last) -> Judgement:
    match card.order:
        case Order.CANCEL:
            return Judgement(Act.CLEAR, Code.CANCELLED, IDLE)
        case Order.UNDO:
            return Judgement(Act.UNDO, Code.UNDO, IDLE)
        case Order.INFO:
            return Judgement(Act.ARM, Code.WANTS_CAMERA, replace(context, info=True, at=at))
        case Order.FAULT:
            return _fault(context, card, at, last)
        case Order.TEST:
            return _test(context, at, last)
    return _said(context, card, at)


def _fault(context: Context, card: Card, at: datetime, last: Last) -> Judgement:
    """About the camera that was scanned just before."""
    if not last.camera or last.at is None or not _within(FAULT_CARD_WITHIN, last.at, at):
        return Judgement(Act.ERROR, Code.NO_CAMERA, context)
    camera = Camera(last.camera)
    return Judgement(Act.FAULT, Code.DONE, context, camera, context.officer, card.word)


def _test(context: Context, at: datetime, last: Last) -> Judgement:
    """About the camera that just changed hands; whether it was given out the server knows."""
    changed_at = last.changed_at
    if not last.camera or changed_at is None or not _within(TEST_CARD_WITHIN, changed_at, at):
        return Judgement(Act.ERROR, Code.NOT_GIVEN, context)
    return Judgement(Act.TEST, Code.DONE, context, Camera(last.camera), context.officer)


def _said(context: Context, card: Card, at: datetime) -> Judgement:
    """A transfer or a reason: about the pair that was just refused."""
    officer, camera = context.officer, context.camera
    if not (officer and camera):
        return Judgement(Act.ERROR, Code.NOTHING_ASKED, context)
    if card.order is Order.TRANSFER:
        if not camera.holder or camera.holder == officer.badge:
            return Judgement(Act.ERROR, Code.NOTHING_ASKED, context)
        then = replace(context, transfer=True, at=at)
        return Judgement(Act.ARM, Code.WANTS_REASON, then, camera, officer)
    return pair(officer, camera, replace(context, reason=card.word, at=at))
