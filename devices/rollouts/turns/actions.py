"""One event happens to many turns: each moves as `rules.moved` says, or stays as it is.

Turns are locked first, by their ids, then the cameras' rows, then the ledger's head: the same
order as where one camera speaks. Never for their keys: whoever holds the ledger's head and wrote
what refers to one of them would wait for it at its commit, while its owner waits for the head.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Greatest

from devices import feed, ledger
from devices.inventory.models import Camera, UpdateStage
from devices.ledger import Said
from devices.releases.models import Release, ReleaseKind
from devices.rollouts.models import Deployment
from devices.rollouts.rules import ACTIVE, FINAL, LASTS, Event, Turn, moved

LONGEST_REASON = 300
_VERSION = Release.objects.filter(rollouts=OuterRef("rollout")).values("version")


def move_all(
    rows: QuerySet[Deployment],
    event: Event,
    *,
    by: Any,
    now: datetime,
    reasons: Mapping[int, str] | str = "",
    each: bool = False,
) -> dict[int, Turn]:
    """This event happened to each of these turns; says, by id, where those that moved are now.

    ``reasons`` are by turn, or one for all. Within the caller's transaction. Every camera whose
    turn was or is under way has its entry in the ledger, and with ``each`` every other one; else
    what was only planned has the one entry of whoever called.
    """
    locked = _locked(rows)
    became = {turn.pk: moved(Turn(turn.state), event) for turn in locked}
    moving = [turn for turn in locked if became[turn.pk] != turn.state]
    if not moving:
        return {}
    by_move: dict[tuple[str, Turn], list[Deployment]] = defaultdict(list)
    for turn in moving:
        by_move[turn.state, became[turn.pk]].append(turn)
    for (before, to), turns in by_move.items():
        _write(turns, before, to, event, now, reasons)
    _show(moving, became, event, by)
    told = moving if each else _under_way(moving, became)
    acts = [_entry(turn, became[turn.pk], reasons) for turn in told]
    ledger.record_all(acts, by=by, now=now)
    return {turn.pk: became[turn.pk] for turn in moving}


def count_as_failed(turn_ids: Collection[int], *, now: datetime) -> None:
    """Those of these turns that were tried have failed, though they come to no other state: they
    left their cameras with something else. Whenever one failed before, it was then."""
    tried = Deployment.objects.filter(pk__in=turn_ids, attempts__gt=0, failed_at=None)
    tried.update(failed_at=now)


def _locked(rows: QuerySet[Deployment]) -> list[Deployment]:
    """With their cameras' names; the release is told once by each rollout."""
    locked = rows.order_by("pk").select_for_update(no_key=True, of=("self",))
    return list(locked.select_related("camera", "rollout__release"))


def _write(
    turns: Collection[Deployment],
    before: str,
    to: Turn,
    event: Event,
    now: datetime,
    reasons: Mapping[int, str] | str,
) -> None:
    lasts = LASTS.get(to)
    told: dict[str, Any] = {
        "state": to,
        "since": now,
        "by": now + lasts if lasts else None,
        "ended_at": now if to in FINAL else None,
    }
    said = _reason(turns, reasons)
    # What it failed of last, or was told to stop for, stays to be read.
    if said or not (event is Event.RETRY or to is Turn.CANCELLED):
        told["reason"] = said
    if to is Turn.AWAITING_PROOF:
        told["installed_at"] = now
    if to in (Turn.FAILED, Turn.TIMED_OUT):
        told["failed_at"] = now
    if event in (Event.PROVEN, Event.FOUND):
        told["failed_at"] = None
    if event is Event.FOUND:
        told["from_version"] = Subquery(_VERSION)
    if to is Turn.PLANNED:
        told |= dict.fromkeys(("begin_by", "back_by", "progress_percent"))
        told["fetched"] = False
    if event is Event.TAKE_BACK:
        told["attempts"] = Greatest(F("attempts") - 1, 0)  # no fault of the camera's
    ids = [turn.pk for turn in turns]
    Deployment.objects.filter(pk__in=ids, state=before).update(**told)


def _reason(turns: Collection[Deployment], reasons: Mapping[int, str] | str) -> Any:
    if isinstance(reasons, str):
        return reasons[:LONGEST_REASON]
    said = {turn.pk: reasons.get(turn.pk, "")[:LONGEST_REASON] for turn in turns}
    if len(set(said.values())) == 1:
        return next(iter(said.values()))
    return Case(*(When(pk=pk, then=Value(text)) for pk, text in said.items()), default=Value(""))


def _show(
    moving: Collection[Deployment], became: Mapping[int, Turn], event: Event, by: Any
) -> None:
    """The rows that desks guard. What ended, or was taken back, is a camera like any other; but
    one that installed and is not heard of may write still, until it starts anew, or a person has
    seen to it and wants it tried again."""
    ended = [one for one in moving if one.state in ACTIVE and became[one.pk] not in ACTIVE]
    writes = [one.camera_id for one in ended if event is Event.OVERDUE and may_write(one)]
    seen_to = [one.camera_id for one in moving if event is Event.RETRY and by is not None]
    others = Deployment.objects.filter(camera=OuterRef("pk"), state__in=ACTIVE)
    rows = Camera.objects.filter(
        Q(pk__in=[one.camera_id for one in ended]) | Q(~Exists(others), pk__in=seen_to)
    )
    _free(rows.exclude(pk__in=writes, update_stage=UpdateStage.INSTALLING))
    feed.touch([one.camera_id for one in moving])


def free_all(camera_ids: Collection[int], *, now: datetime) -> None:
    """These cameras, whose turn ended while they installed, are like any other. Within the
    caller's transaction."""
    freed = _free(Camera.objects.filter(pk__in=camera_ids, update_stage=UpdateStage.INSTALLING))
    cameras = Camera.objects.filter(pk__in=freed).order_by("pk")
    ledger.record_all([Said("update over", camera, {}) for camera in cameras], by=None, now=now)
    feed.touch(freed)


def may_write(turn: Deployment) -> bool:
    """Whether an update that is in this state, and not heard of in time, may be writing still.
    What was never fetched writes nothing."""
    firmware = turn.rollout.release.kind == ReleaseKind.FIRMWARE
    return firmware and turn.fetched and turn.state in (Turn.INSTALLING, Turn.CANCELLING)


def _free(cameras: QuerySet[Camera]) -> list[int]:
    """Those of these cameras that are shown as being updated are so no more; says which."""
    shown = cameras.exclude(update_stage=UpdateStage.NONE).order_by("pk")
    ids = list(shown.select_for_update(no_key=True).values_list("pk", flat=True))
    if ids:
        rows = Camera.objects.filter(pk__in=ids)
        rows.update(update_stage=UpdateStage.NONE, updating_until=None)
    return ids


def _under_way(moving: Collection[Deployment], became: Mapping[int, Turn]) -> list[Deployment]:
    return [one for one in moving if one.state in ACTIVE or became[one.pk] in ACTIVE]


def _entry(turn: Deployment, to: Turn, reasons: Mapping[int, str] | str) -> Said:
    because = reasons if isinstance(reasons, str) else reasons.get(turn.pk, "")
    facts: dict[str, Any] = {
        "deployment": turn.pk,
        "rollout": turn.rollout.name,
        "release": str(turn.rollout.release),
        "before": turn.state,
    }
    if because:
        facts["reason"] = because[:LONGEST_REASON]
    return Said(f"update {to.value.replace('_', ' ')}", turn.camera, facts)
