"""What cameras say and fetch of an update moves their turn: each time one transaction.

A camera's turn is locked first, then the camera's row, then the ledger's head.
"""

from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, F, Q, Subquery

from devices.errors import Refused
from devices.health.models import CameraHealth
from devices.inventory.models import Camera, ServiceState, UpdateStage
from devices.releases.models import ReleaseState
from devices.rollouts.models import UNFIT, Deployment, DeploymentWord, Rollout
from devices.rollouts.rules import ACTIVE, FINAL, LASTS, Course, Event, Turn, moved
from devices.rollouts.turns import actions as turns
from devices.rollouts.words import Word, meaning, meaning_of_cancel

MOST_WORDS = 1_000  # entries of feedback that are kept of one offer, besides those that move it
MOST_DETAILS = 50  # texts in one entry; of one that moves it the last, which say why
LONGEST_DETAIL = 500
# Who took too long may go on fetching for so long. The largest image, 2 GB, takes 3.8 h at a
# twentieth of a bay's 25 Mbit/s; who needs longer does not come to an end.
FETCHES_FOR = timedelta(hours=4)


class NotOffered(Refused):
    """The update is not, or no longer, this camera's to begin."""


class Over(Refused):
    """The camera's turn came to its end."""


class TooMuch(Refused):
    """More was said of one offer than is kept."""


def active_for(camera_ids: Collection[int]) -> dict[int, Deployment]:
    """The turn under way of each of these cameras, with its rollout and release."""
    rows = Deployment.objects.filter(camera__in=camera_ids, state__in=ACTIVE)
    return {one.camera_id: one for one in rows.select_related("camera", "rollout__release")}


@transaction.atomic
def hear(deployment_id: int, word: Word, *, now: datetime, of_cancel: bool = False) -> Turn:
    """Keep what the camera said of its update, and do what it means; the state it led to.

    Late, reordered and repeated words are normal and change nothing. Refuses what is not offered
    (`NotOffered`), what ended (`Over`), and after a thousand words of one offer, or with more than
    fifty details, what moves nothing (`TooMuch`): a client that talks too much is still heard when
    it begins, fails or stops.
    Installing begins only while it still may (`NotOffered`): what is refused then, the sweep tells
    to stop.
    """
    turn = _locked(deployment_id)
    if turn.state in FINAL:
        raise Over(f"The update of {turn.camera} has ended: {turn.get_state_display().lower()}.")
    if not may_begin(turn) or (of_cancel and turn.state != Turn.CANCELLING):
        raise NotOffered(f"Nothing of this is asked of {turn.camera} now.")
    event = meaning_of_cancel(word) if of_cancel else meaning(word, fetched=turn.fetched)
    if event is Event.PROCEEDING and turn.state == Turn.CANCELLING and not _has_begun(turn):
        raise NotOffered(f"{turn.camera} was told to stop; it may not install now.")
    moves = event is not None and moved(Turn(turn.state), event) != turn.state
    if not moves:
        _refuse_too_much(turn, word)
    _keep(turn, word, now)
    if event is not None:
        _move(turn, event, now, because=_because(word) if event is Event.SAID_FAILURE else "")
    return Turn(turn.state)


@transaction.atomic
def fetching(deployment_id: int, now: datetime) -> Turn:
    """The camera asks for the release's bytes. Refuses an update that is not offered to it."""
    turn = _locked(deployment_id)
    if not may_fetch(turn, now):
        raise NotOffered(f"Nothing is offered to {turn.camera} now.")
    if not turn.fetched:
        Deployment.objects.filter(pk=turn.pk).update(fetched=True)
    _move(turn, Event.DOWNLOADING, now)
    return Turn(turn.state)


def may_begin(turn: Deployment) -> bool:
    """Whether it has begun, or may: it is offered, its rollout runs, no desk took the camera."""
    if turn.state == Turn.OFFERED:
        running = turn.rollout.state == Course.RUNNING
        return running and turn.camera.update_stage != UpdateStage.NONE
    return turn.state in ACTIVE


def may_fetch(turn: Deployment, now: datetime) -> bool:
    """Whether the bytes may be had: an update under way keeps them though its rollout is paused,
    and for some hours though it took too long, because a client that is cut off fails its update.
    Nobody who took too long gets on with what was recalled."""
    return may_begin(turn) or (turn.state == Turn.TIMED_OUT and _still_fetches(turn, now))


def _still_fetches(turn: Deployment, now: datetime) -> bool:
    recalled = turn.rollout.release.state == ReleaseState.RECALLED
    lately = turn.ended_at is not None and now - turn.ended_at < FETCHES_FOR
    return turn.fetched and lately and not recalled


def _locked(deployment_id: int) -> Deployment:
    rows = Deployment.objects.select_for_update(no_key=True, of=("self",))
    turn: Deployment = rows.select_related("camera", "rollout__release").get(pk=deployment_id)
    return turn


def _refuse_too_much(turn: Deployment, word: Word) -> None:
    if turn.said >= MOST_WORDS:
        raise TooMuch(f"{MOST_WORDS} entries of one offer are kept.")
    if len(word.details) > MOST_DETAILS:
        raise TooMuch(f"{MOST_DETAILS} details of one entry are kept.")


def _keep(turn: Deployment, word: Word, now: datetime) -> None:
    DeploymentWord.objects.create(
        deployment=turn,
        at=now,
        execution=word.execution,
        finished=word.finished,
        code=word.code,
        details=[one[:LONGEST_DETAIL] for one in word.details[-MOST_DETAILS:]],
    )
    told = {} if word.progress is None else {"progress_percent": word.progress}
    Deployment.objects.filter(pk=turn.pk).update(said=F("said") + 1, **told)


def _because(word: Word) -> str:
    last = next(filter(None, reversed(word.details)), "no reason")
    return f"The camera says that it failed: {last}"


def _move(turn: Deployment, event: Event, now: datetime, because: str = "") -> None:
    """The turn after this event; the camera's row, the ledger and the boards with it."""
    to = moved(Turn(turn.state), event)
    if to == turn.state:
        return
    if to in (Turn.INSTALLING, Turn.AWAITING_PROOF):
        _begin(turn, event, to, now)
    turns.move_all(Deployment.objects.filter(pk=turn.pk), event, by=None, now=now, reasons=because)
    turn.state = to


def _has_begun(turn: Deployment) -> bool:
    """Whether it installed when it was told to stop; what downloaded then must not begin."""
    return Camera.objects.filter(pk=turn.camera_id, update_stage=UpdateStage.INSTALLING).exists()


def _begin(turn: Deployment, event: Event, to: Turn, now: datetime) -> None:
    """On the row that desks guard: installing begins only on a camera that is still offered to,
    and could be offered to now. The start it is at by now is not the one that proves it.

    What has begun without asking, or cannot be held, is shown as it is.
    """
    offered = Camera.objects.filter(pk=turn.camera_id, update_stage=UpdateStage.OFFERED)
    if event is Event.PROCEEDING:
        if turn.begin_by is not None and now > turn.begin_by:
            raise NotOffered(f"{turn.camera} would not be back in time; it may not install now.")
        offered = offered.filter(_may_install(turn))
    until = turn.back_by or now + LASTS[to]
    begun = offered.update(update_stage=UpdateStage.INSTALLING, updating_until=until)
    if not begun and event is Event.PROCEEDING:
        raise NotOffered(f"{turn.camera} is not to be had any more; it may not install now.")
    if begun and to is Turn.INSTALLING:
        boot = CameraHealth.objects.filter(camera=turn.camera_id).values("boot")
        Deployment.objects.filter(pk=turn.pk).update(boot=Subquery(boot))


def _may_install(turn: Deployment) -> Q:
    """As far as is known the camera is fit for it, and nobody keeps it for something else; its
    rollout runs, its release was not recalled, and the order by which it may go back, if there is
    one, counts. Asked when the turn is locked: who pauses takes
    it back first."""
    unfit = Deployment.objects.filter(UNFIT, pk=turn.pk)
    runs = Rollout.objects.filter(
        Q(order=None) | Q(order__signed_by__withdrawn_at=None),
        pk=turn.rollout_id,
        state=Course.RUNNING,
    )
    return Q(
        ~Exists(unfit),
        Exists(runs.exclude(release__state=ReleaseState.RECALLED)),
        service_state=ServiceState.IN_SERVICE,
        held_at=None,
    )
