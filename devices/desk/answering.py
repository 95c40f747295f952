"""What a desk is answered: the sentence, the officer's card, which camera to take."""

from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.utils.timezone import localtime

from devices.custody.actions import Held, HoldsAnother, since
from devices.custody.models import Custody, CustodyEvent, CustodyVerb
from devices.custody.rules import UNDO_WITHIN, is_overdue
from devices.desk import recommending, seeing
from devices.desk.asking import Asking, Seen
from devices.desk.cards import REASONS
from devices.desk.models import DeskConflict
from devices.desk.rules import REPEAT_WITHIN, Act, Code, Context, Judgement
from devices.desk.seeing import Bearer, Sight
from devices.desk.texts import TEXTS
from devices.errors import Refused
from devices.faults.models import PreShiftTest
from devices.faults.rules import CATALOGUE
from devices.inventory import codes

GIVEN_OUT = (CustodyVerb.CHECKED_OUT, CustodyVerb.TRANSFERRED)
CONFLICT = "conflict"  # the result of what was told and cannot stand
UNKNOWN = "Who scanned it is not known"
OFFLINE = "OFFLINE"  # the reason of what a desk did while it was cut off
_BY_NUMBER = frozenset({Code.NO_SUCH, Code.TWO})
_ADVISED = frozenset({Act.SHOW, Act.REFUSE})


def why(judgement: Judgement) -> str:
    """The reason that was given, in words."""
    if judgement.reason == OFFLINE:
        return "given out while the desk was cut off"
    return REASONS.get(judgement.reason, judgement.reason)


def answer(
    asking: Asking, seen: Seen, judgement: Judgement, event: CustodyEvent | None
) -> dict[str, Any]:
    """What became of a scan, as it is sent and kept."""
    if judgement.code is Code.HELD and _just_now(asking, seen, judgement):
        judgement = replace(judgement, code=Code.FIRST)
    undone = event if judgement.act is Act.UNDO else None
    camera, officer = judgement.camera, judgement.officer
    custody = (event.opened or event.closed) if event else None
    undo = event.at + UNDO_WITHIN if event and undone is None else None
    bearer = seen.bearer(officer.badge) if officer else None
    shown = bearer if judgement.act in _ADVISED or judgement.code is Code.SWAPPED else None
    return {
        "event_id": str(asking.sent.event_id),
        "result": judgement.act.value,
        "code": judgement.code.value,
        "message": sentence(asking, seen, judgement, event),
        "camera": undone.camera.name if undone else camera.name if camera else None,
        "officer": officer.badge if officer else None,
        "custody": custody.pk if custody else None,
        "undo_until": undo.isoformat() if undo else None,
        "server_time": asking.now.isoformat(),
        "context": context(judgement.then),
        "card": card(shown, seen, asking) if shown else None,
        "take": take(asking, seen, shown) if shown and not shown.seen.stopped else None,
        "conflict": None,
        "scanned_by": asking.scanned_by.account if asking.scanned_by else None,
    }


def refused(asking: Asking, seen: Seen, judgement: Judgement, said: Refused) -> dict[str, Any]:
    """A verb said no: nothing changed, and the sentence says why."""
    told = answer(asking, seen, judgement, None)
    return told | {"result": Act.REFUSE.value, "message": str(said)}


def late(
    asking: Asking, seen: Seen, judgement: Judgement, first: Held | HoldsAnother
) -> dict[str, Any]:
    """Somebody else was first; the officer's card stays, with another camera to take."""
    code = Code.FIRST if isinstance(first, Held) else Code.SECOND
    bearer = seen.bearer(judgement.officer.badge) if judgement.officer else None
    then = Context(bearer.seen if bearer else None, at=asking.sent.scanned_at)
    told = refused(asking, seen, judgement, first)
    if (custody := first.custody) is not None and (given := _given(custody)) is not None:
        told["message"] = (
            f"{custody.camera} was issued {_ago(given, asking)} ago at {given.desk} to"
            f" {custody.officer}. Take another camera."
            if isinstance(first, Held)
            else f"{custody.officer} was given {custody.camera} {_ago(given, asking)} ago at"
            f" {given.desk}: scan it to return it, or a reason card."
        )
    return told | {
        "code": code.value,
        "context": context(then),
        "card": card(bearer, seen, asking) if bearer else None,
        "take": take(asking, seen, bearer) if bearer else None,
    }


def named(answer: dict[str, Any]) -> dict[str, Any]:
    """As it is sent: with the user name of who is said to have scanned it, where that is not who
    sent it. What is kept has the number alone: names may have to be forgotten."""
    number = answer.get("scanned_by")
    if not isinstance(number, int):
        return answer
    whose = User.objects.filter(pk=number).first()
    name = str(whose) if whose else f"user {number}"
    return answer | {"message": f"{answer['message']} Said to be scanned by {name}."}


def unknown(asking: Asking, message: str) -> dict[str, Any]:
    """How an answer differs where somebody else scanned it, and nobody knows who."""
    whose = asking.scanned_by
    return {"message": f"{message} {UNKNOWN}."} if whose and whose.user is None else {}


def conflict(kept: DeskConflict) -> dict[str, Any]:
    """What the desk told cannot stand: how its answer differs, once somebody has to settle it."""
    return {
        "result": CONFLICT,
        "message": kept.sentence,
        "camera": kept.camera.name if kept.camera else None,
        "officer": kept.officer.badge_number if kept.officer else None,
        "conflict": kept.pk,
    }


def context(then: Context) -> dict[str, Any]:
    """What counts afterwards, by names."""
    return {
        "officer": then.officer.badge if then.officer else None,
        "camera": then.camera.name if then.camera else None,
        "info": then.info,
        "transfer": then.transfer,
        "reason": then.reason,
        "at": then.at.isoformat() if then.at else None,
    }


def card(bearer: Bearer, seen: Seen, asking: Asking) -> dict[str, Any]:
    """The officer's card: what they hold, their own camera, and what stops them."""
    own = seen.own(bearer)
    return {
        "badge": bearer.seen.badge,
        "unit": bearer.row.unit,
        "left": bearer.seen.left,
        "suspended": bearer.seen.suspended,
        "holds": [held(one, asking) for one in bearer.holds],
        "own": own
        and {
            "camera": own.row.name,
            "place": own.place,
            "ready": _to_take(own, bearer),
            "says": own.says if own.seen.holder in ("", bearer.seen.badge) else _with(own),
        },
    }


def held(custody: Custody, asking: Asking) -> dict[str, Any]:
    return {
        "camera": custody.camera.name,
        "custody": str(custody.kind),
        "since": custody.opened_at.isoformat(),
        "due_at": custody.due_at.isoformat() if custody.due_at else None,
        "overdue": is_overdue(custody.due_at, asking.policy, asking.now),
    }


def take(asking: Asking, seen: Seen, bearer: Bearer) -> dict[str, Any] | None:
    """The camera to take and two others; None when none is ready."""
    own = seen.own(bearer)
    fit = own is not None and _to_take(own, bearer)
    wanted = recommending.Wanted(seen.lasts, bearer.seen.badge)
    spares = [] if fit else recommending.best(asking.desk, wanted, asking.policy, asking.now)
    advice = recommending.advise(asking.desk, own if fit else None, spares)
    if advice.best is None:
        return None
    return asdict(advice.best) | {"alternates": [asdict(one) for one in advice.alternates]}


def _to_take(own: Sight, bearer: Bearer) -> bool:
    """Whether an officer's own camera can go out with them now."""
    return own.seen.holder in ("", bearer.seen.badge) and not own.seen.unfit


def _with(own: Sight) -> str:
    return f"{own.row.name} is with {own.seen.holder}."


def sentence(
    asking: Asking, seen: Seen, judgement: Judgement, event: CustodyEvent | None = None
) -> str:
    """What happened and why, with names filled in."""
    camera = seen.sight(judgement.camera.name) if judgement.camera else None
    template = TEXTS[judgement.act, judgement.code]
    return template.format_map(_Words(_words(asking, seen, judgement, camera, event))).strip()


class _Words(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return "?"


def _words(
    asking: Asking,
    seen: Seen,
    judgement: Judgement,
    camera: Sight | None,
    event: CustodyEvent | None,
) -> Mapping[str, str]:
    bearer = seen.bearer(judgement.officer.badge) if judgement.officer else None
    custody = camera.custody if camera else None
    given = _given(custody) if custody and judgement.code in (Code.HELD, Code.FIRST) else None
    holds = bearer.seen.holds if bearer else ()
    return {
        "camera": judgement.camera.name if judgement.camera else "",
        "officer": bearer.seen.badge if bearer else "",
        "holder": custody.officer.badge_number if custody else "nobody",
        "since": _time(custody.opened_at, asking.now) if custody else "",
        "given_at": f", issued at {given.desk}" if given else "",
        "ago": _ago(given, asking) if given else "",
        "desk": str(given.desk) if given else "",
        "already": _already(asking, seen, camera) if judgement.act is Act.REPEAT else "",
        "reasons": camera.says if camera else "",
        "holds": ", ".join(holds),
        "holding": f"Holds {', '.join(holds)}: scan it to return it." if holds else "",
        "why": why(judgement).lower(),
        "fault": CATALOGUE[judgement.reason].words.lower() if judgement.act is Act.FAULT else "",
        "undone": _undone(event) if event else "",
        "test": _test(asking) if judgement.act is Act.TEST else "",
        "who": _who(custody),
        "bay": _bay(asking) if judgement.code is Code.BAY else "",
        "named": _number(asking) if judgement.code in _BY_NUMBER else "",
    }


def _given(custody: Custody) -> CustodyEvent | None:
    """How it was given out, if a desk did that; by an undoing somebody has it again, and nobody
    gave it out."""
    events = custody.opening_events.filter(desk__isnull=False, verb__in=GIVEN_OUT)
    events = events.select_related("desk")
    return events.order_by("id").first()


def _just_now(asking: Asking, seen: Seen, judgement: Judgement) -> bool:
    """Whether another desk was first by so little that nobody here can know of it."""
    camera = seen.sight(judgement.camera.name) if judgement.camera else None
    given = _given(camera.custody) if camera and camera.custody else None
    if given is None or given.desk_id == asking.desk.pk:
        return False
    return asking.now - given.at <= REPEAT_WITHIN


def _ago(given: CustodyEvent, asking: Asking) -> str:
    return f"{max(0, round((asking.now - given.at).total_seconds()))} s"


def _already(asking: Asking, seen: Seen, camera: Sight | None) -> str:
    """What the scan that this one repeats did, and how long ago by the desk's clock. Of an own
    camera that is not told: taken and returned look alike. The page says the same."""
    changed_at = seen.last.changed_at
    if camera is None or changed_at is None or camera.seen.lost or camera.seen.personal:
        return ""
    ago = round(abs((asking.sent.scanned_at - changed_at).total_seconds()))
    did = f"Given to {camera.seen.holder}" if camera.seen.holder else "Returned"
    return f"{did} {ago} s ago."


def _bay(asking: Asking) -> str:
    bay = seeing.bay_on(asking.sent.raw)
    return f", {bay}" if bay else ""


def _number(asking: Asking) -> str:
    number = seeing.number_in(seeing.code_in(asking.sent.raw), typed=True)
    return codes.name(number) if number is not None else ""


def _who(custody: Custody | None) -> str:
    if custody is None:
        return "nobody holds it."
    return f"{custody.officer} holds it {since(custody)} ({custody.get_kind_display().lower()})."


def _test(asking: Asking) -> str:
    """What became of the pre-shift test that this scan confirmed, and what to do if it failed."""
    test = PreShiftTest.objects.filter(key=asking.sent.event_id).select_related("officer").first()
    if test is None:
        return "not tested."
    whose = f"tested by {test.officer}" if test.officer else "tested"
    if test.passed:
        return f"{whose}, passed."
    lacks = " ".join(one["sentence"] for one in test.checks if one["passed"] is not True)
    return f"{whose}, failed. {lacks} Scan it to return it, and take another."


def _undone(event: CustodyEvent) -> str:
    about = event.about
    what = about.get_verb_display().lower() if about else ""
    whose = f" with {event.opened.officer}" if event.opened else ""
    return f"{event.camera} was {what}; now it is {'held' + whose if event.opened else 'in'}."


def _time(at: datetime, now: datetime) -> str:
    local = localtime(at)
    return f"{local:%H:%M}" if localtime(now).date() == local.date() else f"{local:%d %b %H:%M}"
