"""Doing what a scan was judged to mean, by the verbs of custody and of faults.

Where several make one act, the one that may refuse comes first, and those after it never do: so
what is refused has changed nothing.
"""

from dataclasses import replace

from devices import planned
from devices.access.people import reference
from devices.custody import actions as custody
from devices.custody.actions import Terms, Told
from devices.custody.models import CustodyEvent, CustodyKind, CustodyVerb, DeskKind, Via
from devices.desk import answering, recommending, rules
from devices.desk.answering import UNKNOWN
from devices.desk.asking import Asking, Seen
from devices.desk.models import DeskRequest
from devices.desk.rules import Act, Judgement
from devices.desk.seeing import Bearer, Sight
from devices.errors import Refused
from devices.faults.actions import Confirming, Telling, report_malfunction, test_camera
from devices.faults.models import Confirmation, FaultSource
from devices.inventory import codes
from devices.inventory.models import Camera
from devices.roster.roll_call import actions as roll_call

KEPT = {
    Act.FAULT: "The fault of {camera} stays on record; its page closes it. {before}",
    Act.TEST: "The test of {camera} stays on record. {before}",
}
BEFORE = "To take back what was done before it, press Undo beside that line."
GIVING = frozenset({Act.ISSUE, Act.TAKE, Act.TRANSFER})
GIVEN = frozenset({CustodyVerb.CHECKED_OUT, CustodyVerb.TRANSFERRED, CustodyVerb.TAKEN})


def do(asking: Asking, seen: Seen, judgement: Judgement) -> CustodyEvent | None:
    """What the judgement orders; None when custody stays as it is."""
    match judgement.act:
        case Act.UNDO:
            return _undo(asking)
        case Act.FAULT:
            _fault(asking, judgement)
        case Act.TEST:
            _test(asking, judgement)
    camera = seen.sight(judgement.camera.name) if judgement.camera else None
    if camera is None or judgement.act not in (rules.CHANGES | {Act.HOLD}):
        return None
    told = _told(asking, camera, judgement)
    if judgement.act is Act.HOLD:
        custody.locate(camera.row, told=told)
        return None
    bearer = seen.bearer(judgement.officer.badge) if judgement.officer else None
    if judgement.act in GIVING and bearer is not None:
        return _give(asking, seen, judgement, (camera, bearer, told))
    back = custody.found if judgement.act is Act.FOUND else custody.check_in
    return back(camera.row, told=told)


def _give(
    asking: Asking, seen: Seen, judgement: Judgement, what: tuple[Sight, Bearer, Told]
) -> CustodyEvent:
    camera, bearer, told = what
    promises = roll_call.promised_now(bearer.row, now=asking.now, policy=asking.policy)
    if judgement.act is Act.TAKE:
        event = custody.take(camera.row, bearer.row, told=told)
    else:
        give = custody.transfer if judgement.act is Act.TRANSFER else custody.check_out
        terms = _terms(asking, seen, bearer, camera, extra=judgement.extra)
        event = give(camera.row, bearer.row, terms, told=told)
    roll_call.settle_promises(promises, camera.row, by=asking.by, now=asking.now)
    recommending.let_go(camera.row.pk)
    return event


def _terms(asking: Asking, seen: Seen, bearer: Bearer, camera: Sight, *, extra: bool) -> Terms:
    """A loan where the officer has another camera of their own, else for the shift; due at its end.

    Whatever keeps the own one from them: it stands in for it on the bench, or in another's hand.
    """
    own = seen.own(bearer)
    loan = own is not None and own is not camera and not asking.desk.station.pool
    due_at = seen.duty_ends_at + asking.policy.handover
    return Terms(
        CustodyKind.LOAN if loan else CustodyKind.SHIFT,
        own.row if own is not None and loan else None,
        due_at,
        extra,
    )


def _undo(asking: Asking) -> CustodyEvent:
    """The scan that is named, or else the desk's last act, is taken back."""
    events = CustodyEvent.objects.filter(desk=asking.desk).select_related(
        "camera", "officer", "desk", "opened", "closed__officer", "closed__loan_of"
    )
    if asking.sent.undo is not None:
        events = events.filter(scan=asking.sent.undo)
    elif (kept := _stays_on_record(asking)) is not None:
        raise Refused(kept)
    with planned.each_time():  # a desk of few acts among many is looked for otherwise
        last = events.exclude(verb=CustodyVerb.LOCATED).order_by("-id").first()
    if last is None or last.verb == CustodyVerb.UNDONE:
        raise Refused("There is nothing to undo at this desk.")
    event = custody.undo(last, told=_asked(asking))
    if last.officer is not None:
        roll_call.renew_promise(
            last.officer, last.camera, handed_at=last.at, by=asking.by, now=asking.now
        )
    return event


def _stays_on_record(asking: Asking) -> str | None:
    """Why the last scan of this desk cannot be taken back, if it told of a fault or a test. The act
    of custody before it is not what somebody means by that."""
    did = {*rules.CHANGES, Act.UNDO, *KEPT}
    before = DeskRequest.objects.filter(desk=asking.desk, result__in=did)
    last = before.exclude(event_id=asking.sent.event_id).order_by("-received_at", "-seq").first()
    if last is None or last.result not in KEPT:
        return None
    return KEPT[Act(last.result)].format(camera=last.camera, before=BEFORE)


def _fault(asking: Asking, judgement: Judgement) -> None:
    """A fault of the camera that was scanned just before; it stays on record whoever had it."""
    assert judgement.camera is not None
    assert asking.by is not None  # a kiosk takes no such card
    camera = Camera.objects.get(number=_number(judgement.camera.name))
    event = _last_in_hand(camera)
    telling = Telling(
        code=judgement.reason,
        words=f"Told at {asking.desk}{_scanned_by(asking)}",
        source=FaultSource.QUARTERMASTER,
        key=asking.sent.event_id,
        officer=event.officer if event else None,
    )
    report_malfunction(camera, telling, by=asking.by, now=asking.now, policy=asking.policy)


def _test(asking: Asking, judgement: Judgement) -> None:
    """The pre-shift test of the camera that was just given out, confirmed by who took it: their
    badge was scanned for it. Refuses a camera that came back."""
    assert judgement.camera is not None
    assert asking.by is not None  # a kiosk takes no such card
    camera = Camera.objects.get(number=_number(judgement.camera.name))
    event = _last_in_hand(camera)
    if event is None or event.verb not in GIVEN:
        raise Refused(f"{camera} was not given out just now: scan badge and camera first.")
    words = f"At {asking.desk}, by its card{_scanned_by(asking)}"
    said = Confirming(event.officer, Confirmation.BADGE, asking.sent.event_id, words)
    test_camera(camera, said, by=asking.by, now=asking.now, policy=asking.policy)


def _last_in_hand(camera: Camera) -> CustodyEvent | None:
    """The last event that says who had it; that it was seen at another station says nothing."""
    events = CustodyEvent.objects.filter(camera=camera).exclude(verb=CustodyVerb.LOCATED)
    return events.select_related("officer").order_by("-id").first()


def _scanned_by(asking: Asking) -> str:
    if asking.scanned_by is None:
        return ""
    user = asking.scanned_by.user
    return f", said to be scanned by {reference(user)}" if user else f", {UNKNOWN.lower()}"


def _via(asking: Asking) -> Via:
    return Via.KIOSK if asking.desk.kind == DeskKind.KIOSK else Via.DESK


def _number(name: str) -> int:
    return int(name.removeprefix(codes.CAMERA))


def _told(asking: Asking, camera: Sight, judgement: Judgement) -> Told:
    return replace(
        _asked(asking),
        reason=answering.why(judgement),
        authority=judgement.authority,
        snapshot=camera.snapshot(),
    )


def _asked(asking: Asking) -> Told:
    """Who told what happened, when and where."""
    return Told(
        by=asking.by,
        now=asking.now,
        via=_via(asking),
        desk=asking.desk,
        scan=asking.sent.event_id,
        scanned_at=asking.at,
        provisional=bool(asking.sent.told),
        scanned_by=asking.scanned_by,
    )
