"""The verbs of recalls: make one, clear a camera of it, end it; and the sweep that follows it."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from devices import feed, ledger
from devices.errors import NotNow, Refused
from devices.inventory import actions as inventory
from devices.inventory import codes
from devices.inventory.models import Camera, ServiceState
from devices.recalls import reading
from devices.recalls.models import Recall, Recalled
from devices.recalls.reading import Back, Joining
from devices.recalls.rules import LONGEST_NAME, LONGEST_REASON, Wanted, is_in, refusals

MOST_TOLD = 500  # cameras an entry of the ledger names; past it, their number


@transaction.atomic
def make(wanted: Wanted, *, by: Any, now: datetime) -> Recall:
    """These cameras are recalled from now on: no desk gives one out, and none is ready.

    One of a recalled version stays in service, or no rollout could cure it: it counts as in once
    it says that it runs another. Any other is taken out of service by the sweep as soon as it is
    back in a bay. Whoever holds one keeps it until then: a return is never refused.

    Refuses without a name, a reason, or a model, lot or version; of which there is no camera; and
    a second one of the same while one is open.
    """
    wanted = tidied(wanted)
    if wrong := " ".join(refusals(wanted)):
        raise Refused(wrong)
    recall = _made(wanted, by, now)
    joined = _join([recall.pk], now)
    if not joined:
        raise Refused(f"There is no camera of {recall.covers}: nothing was recalled.")
    ledger.record(
        "recalled cameras",
        _subject(recall),
        by=by,
        now=now,
        number=recall.pk,
        covers=recall.covers,
        reason=recall.reason,
        **_told(joined),
    )
    return recall


def tidied(wanted: Wanted) -> Wanted:
    """The same without stray spaces, its lot in capitals."""
    return Wanted(
        _said(wanted.name, LONGEST_NAME),
        _said(wanted.reason, LONGEST_REASON),
        wanted.model_id,
        wanted.lot.strip().upper(),
        wanted.firmware_version.strip(),
    )


def _made(wanted: Wanted, by: Any, now: datetime) -> Recall:
    try:
        with transaction.atomic():
            made: Recall = Recall.objects.create(
                name=wanted.name,
                reason=wanted.reason,
                model_id=wanted.model_id,
                lot=wanted.lot,
                firmware_version=wanted.firmware_version,
                made_at=now,
                made_by=by,
            )
    except IntegrityError:
        raise NotNow("These very cameras are recalled already: end that recall first.") from None
    return made


@transaction.atomic
def end(recall: Recall, reason: str, *, by: Any, now: datetime) -> None:
    """No camera is recalled by it any more. Those out of service stay so until somebody puts each
    back: that a recall is over says nothing of one camera.

    Wants a reason. Refuses one that has ended.
    """
    reason = _why(reason)
    still = Recall.objects.open().filter(pk=recall.pk)
    if not still.update(ended_at=now, ended_by=by, ended_because=reason):
        raise NotNow(f"{recall} has ended already.")
    recall.ended_at, recall.ended_by, recall.ended_because = now, by, reason
    tally = reading.tallies([recall.pk])[recall.pk]
    ledger.record(
        "recall ended",
        _subject(recall),
        by=by,
        now=now,
        number=recall.pk,
        reason=reason,
        out=tally.out,
        came_in=tally.came_in,
        cleared=tally.cleared,
    )
    feed.touch(list(recall.cameras.values_list("camera_id", flat=True)))


@transaction.atomic
def clear(recall: Recall, camera: Camera, reason: str, *, by: Any, now: datetime) -> None:
    """This camera is all right: the recall stands against it no more, and does not take it out of
    service again. If it is out of service it stays so until somebody puts it back.

    Wants a reason. Refuses a camera that is not in the recall or was cleared, and a recall that
    has ended.
    """
    reason = _why(reason)
    still = Recall.objects.open().select_for_update(no_key=True).filter(pk=recall.pk)
    if still.first() is None:
        raise NotNow(f"{recall} has ended already.")
    rows = Recalled.objects.filter(recall=recall, camera=camera, cleared_at=None)
    if not rows.update(cleared_at=now, cleared_by=by, cleared_because=reason):
        raise NotNow(f"{camera} is not in {recall}, or was cleared already.")
    ledger.record("cleared of a recall", camera, by=by, now=now, recall=recall.name, reason=reason)
    feed.touch([camera.pk])


# --- The sweep -----------------------------------------------------------------------------------


def sweep(*, now: datetime) -> int:
    """What is covered by an open recall is in it, what is back in a bay is out of service, and
    who came in is written down; says how many cameras that changed.

    Safe to run twice, late, or in two workers.
    """
    if not Recall.objects.open().exists():
        return 0
    followed = _follow(now)
    return followed + sum(_take_out(one, now) for one in reading.back()) + _mark(now)


@transaction.atomic
def _follow(now: datetime) -> int:
    """Cameras that came to be covered join; those that the inventory now knows otherwise leave."""
    locked = Recall.objects.open().select_for_update(no_key=True).order_by("pk")
    recalls = {one.pk: one for one in locked}
    joined, strayed = _join(recalls, now), reading.strayed(recalls)
    for pk, several in _by_recall(joined).items():
        said = _told(several)
        ledger.record("joined a recall", _subject(recalls[pk]), by=None, now=now, **said)
    for pk, several in _by_recall(strayed).items():
        cameras = [one.camera_id for one in several]
        Recalled.objects.filter(recall=pk, camera__in=cameras, cleared_at=None).delete()
        said = _told(several)
        ledger.record("left a recall", _subject(recalls[pk]), by=None, now=now, **said)
    feed.touch([one.camera_id for one in strayed])
    return len(joined) + len(strayed)


def _join(recall_ids: Collection[int], now: datetime) -> list[Joining]:
    """Whatever these recalls cover is in them."""
    found = reading.missing(recall_ids)
    Recalled.objects.bulk_create(
        Recalled(recall_id=one.recall_id, camera_id=one.camera_id, joined_at=now) for one in found
    )
    feed.touch([one.camera_id for one in found])
    return found


@transaction.atomic
def _take_out(one: Back, now: datetime) -> bool:
    """Whether it was still so once nobody else could change it: a desk takes turns by the row."""
    camera = Camera.objects.select_for_update(no_key=True).get(pk=one.camera_id)
    if one not in reading.back(one.camera_id):
        return False
    reason = f"Recall {one.recall}: {one.reason}"
    to = ServiceState.OUT_OF_SERVICE
    inventory.change_service(camera, to, reason=reason, by=None, now=now)
    return True


@transaction.atomic
def _mark(now: datetime) -> int:
    """Each camera counts as in, or as out, as the rule says of it now."""
    moved = [one for one in reading.doubtful() if is_in(one.seen, one.version) != one.seen.was_in]
    came, went = ([one.id for one in moved if one.seen.was_in == was] for was in (False, True))
    Recalled.objects.filter(pk__in=came, came_in_at=None).update(came_in_at=now)
    Recalled.objects.filter(pk__in=went).update(came_in_at=None)
    feed.touch([one.camera_id for one in moved])
    return len(moved)


def _by_recall(several: Iterable[Joining]) -> dict[int, list[Joining]]:
    found: dict[int, list[Joining]] = defaultdict(list)
    for one in several:
        found[one.recall_id].append(one)
    return found


def _told(several: Collection[Joining]) -> dict[str, Any]:
    names = [codes.name(one.number) for one in several]
    return {"cameras": len(names), "named": names[:MOST_TOLD]}


def _subject(recall: Recall) -> str:
    return f"recall {recall.name}"


def _why(reason: str) -> str:
    said = _said(reason, LONGEST_REASON)
    if not said:
        raise Refused("Say why in a few words; it stays with the recall.")
    return said


def _said(text: str, longest: int) -> str:
    return " ".join(text.split())[:longest]
