"""What a scan means: the state table of the desk, row by row, without a database."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from devices.desk.rules import (
    IDLE,
    Act,
    Camera,
    Card,
    Code,
    Context,
    Kind,
    Last,
    Officer,
    Order,
    Scanned,
    judge,
)
from devices.desk.texts import TEXTS

AT = datetime(2030, 1, 1, 7, tzinfo=UTC)
NOTHING = Last()
BEFORE = AT - timedelta(seconds=2)

O = Officer("1017")  # noqa: E741 (as desk.md calls an officer)
OTHER = Officer("1031")
HOLDING = replace(O, holds=("C0532",))
LEFT = Officer("1044", left=True)
SUSPENDED = Officer("1045", suspended=True)
SUPERVISOR = Officer("2001", supervisor=True)

FREE = Camera("C0531")
MINE = Camera("C0531", holder="1017", custody="shift")
THEIRS = Camera("C0531", holder="1031", custody="shift")
OWN = Camera("C0417", holder="1017", custody="personal")
ANOTHERS = Camera("C0417", holder="1031", custody="personal")
A_LEAVERS = replace(ANOTHERS, holder_left=True)
OF_A_SUSPENDED = replace(ANOTHERS, holder_suspended=True)
LOW = replace(FREE, soft=True)
BROKEN = replace(FREE, critical=True)
BARRED = replace(FREE, hard=True)
LOST = replace(FREE, lost=True)

OFFICER = Context(O, at=BEFORE)
CAMERA = Context(camera=FREE, at=BEFORE)
REASON, TRANSFER = Card(Order.REASON, "SHORT"), Card(Order.TRANSFER)


def stuck(camera, officer=O, **said):
    """Officer and camera were scanned and refused."""
    return Context(officer, camera, at=BEFORE, **said)


def scanned(thing, at=AT):
    match thing:
        case Camera():
            return Scanned(Kind.CAMERA, at, camera=thing)
        case Officer():
            return Scanned(Kind.BADGE, at, officer=thing)
        case Card():
            return Scanned(Kind.CARD, at, card=thing)
    return Scanned(Kind.UNKNOWN, at)


def verdict(context, thing, last=NOTHING, at=AT):
    found = judge(context, scanned(thing, at), last)
    assert (found.act, found.code) in TEXTS, "there is no sentence for it"
    return found


# state, what is scanned: what happens, why, and whether officer and camera count afterwards
TABLE = [
    # idle
    (IDLE, O, Act.SHOW, Code.BADGE, "officer"),
    (IDLE, LEFT, Act.REFUSE, Code.LEFT, ""),
    (IDLE, SUSPENDED, Act.REFUSE, Code.SUSPENDED, ""),
    (IDLE, FREE, Act.HOLD, Code.IN, "camera"),
    (IDLE, LOW, Act.HOLD, Code.IN_UNFIT, "camera"),
    (IDLE, BROKEN, Act.HOLD, Code.IN_UNFIT, "camera"),
    (IDLE, BARRED, Act.HOLD, Code.IN_UNFIT, "camera"),
    (IDLE, MINE, Act.RETURN, Code.DONE, ""),
    (IDLE, replace(MINE, custody="loan"), Act.RETURN, Code.DONE, ""),
    (IDLE, replace(MINE, hard=True, critical=True, soft=True), Act.RETURN, Code.DONE, ""),
    (IDLE, replace(MINE, holder_left=True), Act.RETURN, Code.DONE, ""),
    (IDLE, OWN, Act.HOLD, Code.OWN, "camera"),
    (IDLE, OF_A_SUSPENDED, Act.HOLD, Code.KEEP, ""),
    (IDLE, replace(MINE, holder_suspended=True), Act.RETURN, Code.DONE, ""),
    (IDLE, replace(A_LEAVERS, holder_suspended=True), Act.RETURN, Code.TAKEN_BACK, ""),
    (IDLE, A_LEAVERS, Act.RETURN, Code.TAKEN_BACK, ""),
    (IDLE, LOST, Act.FOUND, Code.LOST, ""),
    (IDLE, replace(MINE, lost=True), Act.FOUND, Code.LOST, ""),
    (IDLE, None, Act.ERROR, Code.UNKNOWN, ""),
    # an officer stands there
    (OFFICER, O, Act.REPEAT, Code.AGAIN, "officer"),
    (OFFICER, OTHER, Act.SHOW, Code.BADGE, "officer"),
    (OFFICER, LEFT, Act.REFUSE, Code.LEFT, ""),
    (OFFICER, FREE, Act.ISSUE, Code.DONE, ""),
    (OFFICER, MINE, Act.RETURN, Code.SWAPPED, "officer"),
    (OFFICER, replace(MINE, hard=True), Act.RETURN, Code.SWAPPED, "officer"),
    (OFFICER, THEIRS, Act.REFUSE, Code.HELD, "officer camera"),
    (OFFICER, OWN, Act.TAKE, Code.DONE, ""),
    (OFFICER, ANOTHERS, Act.REFUSE, Code.ANOTHERS, "officer camera"),
    (OFFICER, LOW, Act.REFUSE, Code.SOFT, "officer camera"),
    (OFFICER, replace(OWN, soft=True), Act.REFUSE, Code.SOFT, "officer camera"),
    (OFFICER, replace(FREE, kept_for="1031"), Act.REFUSE, Code.SOFT, "officer camera"),
    (OFFICER, replace(FREE, kept_for="1017"), Act.ISSUE, Code.DONE, ""),
    (OFFICER, BROKEN, Act.REFUSE, Code.CRITICAL, "officer camera"),
    (OFFICER, BARRED, Act.REFUSE, Code.HARD, "officer"),
    (OFFICER, LOST, Act.FOUND, Code.LOST, ""),
    (OFFICER, None, Act.ERROR, Code.UNKNOWN, "officer"),
    (Context(HOLDING, at=BEFORE), FREE, Act.REFUSE, Code.SECOND, "officer camera"),
    (Context(HOLDING, at=BEFORE), OWN, Act.TAKE, Code.DONE, ""),
    # and was stopped since
    (Context(LEFT, at=BEFORE), FREE, Act.REFUSE, Code.LEFT, ""),
    (Context(SUSPENDED, at=BEFORE), FREE, Act.REFUSE, Code.SUSPENDED, ""),
    (Context(replace(O, suspended=True), at=BEFORE), MINE, Act.RETURN, Code.DONE, ""),
    (Context(replace(O, left=True), at=BEFORE), MINE, Act.RETURN, Code.DONE, ""),
    (Context(SUSPENDED, at=BEFORE), THEIRS, Act.RETURN, Code.DONE, ""),
    (Context(LEFT, at=BEFORE), A_LEAVERS, Act.RETURN, Code.TAKEN_BACK, ""),
    # a camera waits for a badge
    (CAMERA, O, Act.ISSUE, Code.DONE, ""),
    (CAMERA, LEFT, Act.REFUSE, Code.LEFT, ""),
    (CAMERA, SUSPENDED, Act.REFUSE, Code.SUSPENDED, ""),
    (CAMERA, HOLDING, Act.REFUSE, Code.SECOND, "officer camera"),
    (CAMERA, replace(FREE, name="C0532"), Act.HOLD, Code.IN, "camera"),
    (CAMERA, replace(THEIRS, name="C0532"), Act.RETURN, Code.DONE, ""),
    (CAMERA, None, Act.ERROR, Code.UNKNOWN, "camera"),
    (Context(camera=LOW, at=BEFORE), O, Act.REFUSE, Code.SOFT, "officer camera"),
    (Context(camera=BROKEN, at=BEFORE), O, Act.REFUSE, Code.CRITICAL, "officer camera"),
    (Context(camera=BARRED, at=BEFORE), O, Act.REFUSE, Code.HARD, "officer"),
    (Context(camera=OWN, at=BEFORE), O, Act.TAKE, Code.DONE, ""),
    (
        Context(camera=OF_A_SUSPENDED, at=BEFORE),
        replace(OTHER, suspended=True),
        Act.REFUSE,
        Code.SUSPENDED,
        "",
    ),
    # somebody's own came back, and the next officer steps up
    (Context(camera=OF_A_SUSPENDED, at=BEFORE), O, Act.SHOW, Code.BADGE, "officer"),
    (Context(camera=OWN, at=BEFORE), OTHER, Act.SHOW, Code.BADGE, "officer"),
    (Context(camera=OWN, at=BEFORE), SUSPENDED, Act.REFUSE, Code.SUSPENDED, ""),
    # both were scanned and refused
    (stuck(LOW), REASON, Act.ISSUE, Code.OVERRIDDEN, ""),
    (stuck(replace(OWN, soft=True)), REASON, Act.TAKE, Code.OVERRIDDEN, ""),
    (stuck(FREE, HOLDING), REASON, Act.ISSUE, Code.OVERRIDDEN, ""),
    (stuck(BROKEN), REASON, Act.ARM, Code.WANTS_SUPERVISOR, "officer camera"),
    (stuck(BROKEN, reason="SHORT"), SUPERVISOR, Act.ISSUE, Code.OVERRIDDEN, ""),
    (stuck(BROKEN, reason="SHORT"), OTHER, Act.REFUSE, Code.NO_SUPERVISOR, "officer camera"),
    (
        stuck(BROKEN, reason="SHORT"),
        replace(SUPERVISOR, suspended=True),
        Act.REFUSE,
        Code.NO_SUPERVISOR,
        "officer camera",
    ),
    (
        stuck(BROKEN, SUPERVISOR, reason="SHORT"),
        SUPERVISOR,
        Act.REFUSE,
        Code.ONESELF,
        "officer camera",
    ),
    (stuck(BROKEN), SUPERVISOR, Act.SHOW, Code.BADGE, "officer"),
    (stuck(THEIRS), REASON, Act.REFUSE, Code.HELD, "officer camera"),
    (stuck(THEIRS), TRANSFER, Act.ARM, Code.WANTS_REASON, "officer camera"),
    (stuck(THEIRS, transfer=True), REASON, Act.TRANSFER, Code.DONE, ""),
    (stuck(ANOTHERS, transfer=True), REASON, Act.TRANSFER, Code.DONE, ""),
    (
        stuck(replace(THEIRS, critical=True), transfer=True),
        REASON,
        Act.ARM,
        Code.WANTS_SUPERVISOR,
        "officer camera",
    ),
    (stuck(replace(THEIRS, hard=True), transfer=True), REASON, Act.REFUSE, Code.HARD, "officer"),
    (stuck(FREE, HOLDING), TRANSFER, Act.ERROR, Code.NOTHING_ASKED, "officer camera"),
    (stuck(LOW), O, Act.SHOW, Code.BADGE, "officer"),
    # cards
    (IDLE, REASON, Act.ERROR, Code.NOTHING_ASKED, ""),
    (OFFICER, TRANSFER, Act.ERROR, Code.NOTHING_ASKED, "officer"),
    (stuck(LOW), Card(Order.CANCEL), Act.CLEAR, Code.CANCELLED, ""),
    (stuck(LOW), Card(Order.UNDO), Act.UNDO, Code.UNDO, ""),
    (OFFICER, Card(Order.INFO), Act.ARM, Code.WANTS_CAMERA, "officer"),
    (replace(OFFICER, info=True), THEIRS, Act.INFO, Code.INFO, "officer"),
    (Context(info=True, at=BEFORE), THEIRS, Act.INFO, Code.INFO, ""),
    (Context(info=True, at=BEFORE), LOST, Act.INFO, Code.INFO, ""),
    (IDLE, Card(Order.FAULT, "lens"), Act.ERROR, Code.NO_CAMERA, ""),
]


@pytest.mark.parametrize(("context", "thing", "act", "code", "counts"), TABLE)
def test_the_table(context, thing, act, code, counts):
    found = verdict(context, thing)

    assert (found.act, found.code) == (act, code)
    then = [name for name in ("officer", "camera") if getattr(found.then, name)]
    assert " ".join(then) == counts


@pytest.mark.parametrize("context", [OFFICER, CAMERA, stuck(LOW, reason="SHORT", transfer=True)])
@pytest.mark.parametrize("thing", [FREE, O, REASON, None])
def test_after_a_quarter_of_a_minute_the_desk_is_idle(context, thing):
    late = BEFORE + timedelta(seconds=15, microseconds=1)

    assert verdict(context, thing, at=late) == verdict(IDLE, thing, at=late)


@pytest.mark.parametrize("away", [timedelta(days=1), timedelta(days=-1)])
def test_a_clock_that_was_set_makes_nothing_from_before_count(away):
    changed = Last("C0531", BEFORE, BEFORE)

    assert verdict(OFFICER, FREE, at=AT + away).act is Act.HOLD
    assert verdict(IDLE, MINE, changed, at=AT + away).act is Act.RETURN
    assert verdict(IDLE, Card(Order.FAULT, "lens"), changed, at=AT + away).act is Act.ERROR


@pytest.mark.parametrize(
    ("last", "act"),
    [
        (Last("C0531", BEFORE, AT - timedelta(seconds=10)), Act.REPEAT),
        (Last("C0531", BEFORE, AT - timedelta(seconds=11)), Act.RETURN),
        (Last("C0531", BEFORE), Act.RETURN),  # it was scanned and nothing changed
        (Last("C0532", BEFORE, BEFORE), Act.RETURN),  # another was scanned in between
        (Last(), Act.RETURN),
    ],
)
def test_a_bounced_scan_never_toggles(last, act):
    assert verdict(IDLE, MINE, last).act is act


def test_a_bounced_scan_of_a_lost_camera_finds_it_once():
    assert verdict(IDLE, LOST, Last("C0531", BEFORE, BEFORE)).act is Act.REPEAT


@pytest.mark.parametrize(
    ("after_s", "act"), [(0, Act.REPEAT), (2.9, Act.REPEAT), (3, Act.SHOW), (-2.9, Act.REPEAT)]
)
def test_a_badge_read_twice_is_one(after_s, act):
    assert verdict(OFFICER, O, at=BEFORE + timedelta(seconds=after_s)).act is act


@pytest.mark.parametrize(("after_s", "act"), [(0, Act.FAULT), (8, Act.FAULT), (8.1, Act.ERROR)])
def test_a_fault_card_is_about_the_camera_just_before(after_s, act):
    last = Last("C0531", AT - timedelta(seconds=after_s))

    found = verdict(IDLE, Card(Order.FAULT, "lens"), last)

    assert found.act is act
    if act is Act.FAULT:
        assert (found.camera.name, found.reason) == ("C0531", "lens")


def test_what_is_given_against_a_rule_keeps_why_and_who_answers_for_it():
    found = verdict(stuck(BROKEN, HOLDING, reason="SHORT"), SUPERVISOR)

    assert (found.reason, found.authority, found.extra) == ("SHORT", "2001", True)
    assert (found.officer, found.camera) == (HOLDING, BROKEN)


def contexts_of_a_return(camera):
    """Whatever may have been scanned before, but the card of another officer: that asks for what
    they hold."""
    holder = Officer(camera.holder, left=camera.holder_left)
    bearers = [holder, replace(holder, holds=(camera.name,)), replace(holder, suspended=True)]
    bearers += [replace(holder, left=True), replace(O, left=True), replace(OTHER, suspended=True)]
    other = replace(FREE, name="C0532")
    yield IDLE
    for waiting in (other, replace(other, soft=True), camera):
        yield Context(camera=waiting, at=BEFORE)
    for bearer in bearers:
        if camera.personal and not bearer.stopped:
            continue  # whose own camera comes back has left
        yield Context(bearer, at=BEFORE)
        for transfer, reason in product((False, True), ("", "SHORT")):
            yield Context(bearer, other, transfer=transfer, reason=reason, at=BEFORE)


@pytest.mark.parametrize(
    "camera", [MINE, replace(MINE, custody="loan"), A_LEAVERS, replace(MINE, lost=True)]
)
@pytest.mark.parametrize("hard", [True, False])
@pytest.mark.parametrize("critical", [True, False])
@pytest.mark.parametrize("soft", [True, False])
def test_nothing_ever_blocks_a_return(camera, hard, critical, soft):
    unfit = replace(camera, hard=hard, critical=critical, soft=soft)

    acts = {verdict(context, unfit).act for context in contexts_of_a_return(camera)}

    assert acts == {Act.FOUND if camera.lost else Act.RETURN}
