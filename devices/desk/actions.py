"""One scan: taken once, judged, done, and answered; the same again gets the same answer.

The scan's own row comes first in its transaction, so that a second sending waits for the first
and then reads its answer. Then the desk's row, so that a desk's scans are served one after
the other; then cameras, by their ids.
"""

from dataclasses import replace
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.db import connection, transaction

from devices import planned
from devices.custody.actions import Held, HoldsAnother
from devices.custody.models import Desk, DeskKind
from devices.desk import answering, doing, rules, seeing
from devices.desk.answering import CONFLICT, OFFLINE
from devices.desk.asking import Asking, KeyUsed, Seen, Sent, about, scanned_by, see
from devices.desk.kiosk.rules import at_kiosk
from devices.desk.models import DeskConflict, DeskRequest
from devices.desk.rules import Act, Code, Context, Judgement
from devices.errors import Refused
from devices.policy import Policy

GIVEN = frozenset({Act.ISSUE, Act.TAKE})
IS_HERE = frozenset({Act.HOLD, Act.REPEAT, Act.FOUND})  # what a return can turn out to be


@transaction.atomic
def scan(
    sent: Sent, desk: Desk, *, by: User | None, now: datetime, policy: Policy
) -> dict[str, Any]:
    """What this scan did, once: the answer that the desk is given, now and whenever it asks again.

    Refuses (`KeyUsed`) a name that came with another scan before.
    """
    with planned.statements():
        if _claimed(sent, desk, by, now):
            asking = Asking(sent, taking_turns(desk), by, now, policy, scanned_by(sent, desk, by))
            answer = _answered(asking)
        else:
            answer = _answered_before(sent, desk, now)
    return answering.named(answer)


def _answered(asking: Asking) -> dict[str, Any]:
    """What it did, kept with it: the first time that it comes."""
    seen = see(asking)
    scanned = seeing.scanned(seen.named, seen.cameras, seen.officers, asking.sent.scanned_at)
    judgement = rules.judge(seen.context, scanned, seen.last)
    if asking.desk.kind == DeskKind.KIOSK:
        judgement = at_kiosk(judgement, scanned)
    answer, changed = _done(asking, seen, judgement)
    answer |= answering.unknown(asking, answer["message"])
    _keep(asking, seen, answer, changed=changed)
    return answer


def _claimed(sent: Sent, desk: Desk, by: User | None, now: datetime) -> bool:
    """Whether this scan is new; waits for whoever brings the same at this moment."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO devices_deskrequest (event_id, desk_id, by_id, seq, asked, raw,"
            " scanned_at, received_at, clock_offset_ms, result, answer)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, '', '{}')"
            " ON CONFLICT (event_id) DO NOTHING",
            [
                sent.event_id,
                desk.pk,
                by.pk if by else None,
                sent.seq,
                sent.digest,
                storable(sent.raw),
                sent.scanned_at,
                now,
                round((now - sent.sent_at).total_seconds() * 1000),
            ],
        )
        return bool(cursor.rowcount)


def storable(raw: str) -> str:
    """What was scanned, without what a text column cannot hold."""
    return "".join(one if one.isprintable() else "\ufffd" for one in raw[: seeing.LONGEST])


def _answered_before(sent: Sent, desk: Desk, now: datetime) -> dict[str, Any]:
    """The same answer. If it was lost on its way, and the clerk was told otherwise meanwhile, that
    is for a person to settle."""
    known = DeskRequest.objects.select_for_update(no_key=True).get(pk=sent.event_id)
    if known.asked != sent.digest or known.desk_id != desk.pk:
        raise KeyUsed
    answer: dict[str, Any] = known.answer
    if known.result == CONFLICT or not _at_odds(sent.told, known.result):
        return answer
    answer |= answering.conflict(_for_a_person(sent, desk, answer["message"], now))
    DeskRequest.objects.filter(pk=known.pk).update(result=CONFLICT, answer=answer)
    return answer


def _at_odds(told: str, result: str) -> bool:
    """Whether what the clerk was told cannot stand beside what came of it. That a camera is in
    already, or was lost and is found, can stand beside a return."""
    is_here = told == Act.RETURN and result in IS_HERE
    return told not in ("", result) and not is_here


def _for_a_person(sent: Sent, desk: Desk, says: str, now: datetime) -> DeskConflict:
    """Kept for a person to settle, even if no camera can be named; the record stays as it is."""
    camera, officer = about(sent)
    return DeskConflict.objects.create(
        request_id=sent.event_id,
        camera_id=camera,
        officer_id=officer,
        told=sent.told,
        sentence=f"{desk} told {sent.told} while cut off. {says}"[:300],
        at=now,
    )


def taking_turns(desk: Desk) -> Desk:
    """The desk, locked until this transaction ends: its scans are served one after the other."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT FROM devices_desk WHERE id = %s FOR NO KEY UPDATE", [desk.pk])
    return desk


# --- Doing it --------------------------------------------------------------------------------


def _done(asking: Asking, seen: Seen, judgement: Judgement) -> tuple[dict[str, Any], bool]:
    """The answer, and whether custody changed. What somebody else did first is a refusal."""
    judgement = _as_told(judgement, asking.sent)
    if _at_odds(asking.sent.told, judgement.act):
        return _conflict(asking, seen, judgement), False
    try:
        event = doing.do(asking, seen, judgement)  # a verb that refuses has done nothing
    except Refused as refused:
        return _in_vain(asking, seen, judgement, refused), False
    return answering.answer(asking, seen, judgement, event), event is not None


def _in_vain(asking: Asking, seen: Seen, judgement: Judgement, refused: Refused) -> dict[str, Any]:
    """A verb said no to what was judged right: somebody else was first, or it cannot be."""
    if asking.sent.told:
        return _conflict(asking, seen, judgement, str(refused))
    if isinstance(refused, Held | HoldsAnother):
        return answering.late(asking, seen, judgement, refused)
    return answering.refused(asking, seen, judgement, refused)


def _as_told(judgement: Judgement, sent: Sent) -> Judgement:
    """The judgement where the desk was cut off, as far as what it told can stand."""
    if sent.told in GIVEN and judgement.code is Code.SOFT:
        return _went_out(judgement)
    if sent.told == Act.RETURN:
        return rules.in_already(judgement, sent.scanned_at)
    return judgement


def _went_out(judgement: Judgement) -> Judgement:
    """The officer went out with it, ready or not: that is what is recorded. Not if it would be
    their second one: which of the two they have, somebody has to find out."""
    officer, camera = judgement.officer, judgement.camera
    assert officer is not None
    assert camera is not None
    given = rules.pair(officer, camera, Context(reason=OFFLINE))
    return replace(judgement, code=Code.SECOND) if given.extra else given


def _conflict(asking: Asking, seen: Seen, judgement: Judgement, why: str = "") -> dict[str, Any]:
    """What was told cannot stand: somebody has to settle it."""
    said = why or answering.sentence(asking, seen, judgement)
    kept = _for_a_person(asking.sent, asking.desk, said, asking.now)
    return answering.answer(asking, seen, judgement, None) | answering.conflict(kept)


def _keep(asking: Asking, seen: Seen, answer: dict[str, Any], *, changed: bool) -> None:
    """The answer beside the scan, and what the next scan must know of this one."""
    sent, camera = asking.sent, seen.named.camera
    again = answer["result"] == Act.REPEAT
    changed_at = sent.scanned_at if changed else seen.last.changed_at if again else None
    about = answer["camera"] if answer["result"] != Act.UNDO else None
    DeskRequest.objects.filter(pk=sent.event_id).update(
        camera=_camera_of(seen, camera, about),
        changed_at=changed_at,
        result=answer["result"],
        answer=answer,
    )


def _camera_of(seen: Seen, scanned: int | None, about: str | None) -> int | None:
    """The camera this scan was about, so that the next scan of it may be known as a repeat, and a
    second fault card is about it too."""
    if scanned is not None:
        return scanned
    if about == seen.last.camera:
        return seen.last_id
    sight = seen.sight(about) if about else None
    return sight.row.pk if sight else None
