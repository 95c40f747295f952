"""A person found out who has the camera, says so, and the record is made to say it too."""

from dataclasses import dataclass, replace
from enum import StrEnum

from django.db import transaction

from devices import feed, ledger
from devices.custody import actions as custody
from devices.custody.actions import Held, Told
from devices.custody.desks.actions import subject
from devices.custody.models import FOR_A_SHIFT, Custody
from devices.desk.by_hand.actions import Hand, as_it_is
from devices.desk.models import DeskConflict
from devices.errors import Refused
from devices.inventory.models import Camera, Officer
from devices.policy import Policy


class Has(StrEnum):
    """Who has the camera, as somebody found out."""

    AS_RECORDED = "as_recorded"
    OFFICER = "officer"
    NOBODY = "nobody"  # it is in


@dataclass(frozen=True)
class Finding:
    """What was found out. ``officer`` is who has it, where an officer does. ``on_record`` is the
    custody that stood there when they looked; None: nobody held it."""

    has: Has
    how: str
    officer: Officer | None = None
    on_record: int | None = None


@transaction.atomic
def settle(conflict: DeskConflict, finding: Finding, *, told: Told, policy: Policy) -> None:
    """The conflict is settled in these words, and the camera is with whom they say it is.

    In one transaction: what the record is made to say, refused, leaves the conflict open. Refuses
    one that is settled, without a sentence, to move a camera where none is named, and what was
    found out beside a record that has changed since.
    """
    how = finding.how.strip()[: custody.LONGEST_REASON]
    if not how:
        raise Refused("Say in a sentence what you found out; it stays with it.")
    row = DeskConflict.objects.select_for_update(of=("self",)).get(pk=conflict.pk)
    if row.settled_at is not None:
        raise Refused("Somebody settled it already.")
    _make_so(row, finding, replace(told, reason=how), policy)
    DeskConflict.objects.filter(pk=row.pk).update(
        settled_at=told.now, settled_by=told.by, settled_how=how
    )
    ledger.record(
        "desk conflict settled",
        row.camera or subject(row.request.desk),
        by=told.by,
        now=told.now,
        conflict=row.pk,
        has=finding.has.value,
        officer=finding.officer.badge_number if finding.officer else "",
        reason=how,
    )
    feed.touch([row.camera_id] if row.camera_id else [])


def _make_so(row: DeskConflict, finding: Finding, told: Told, policy: Policy) -> None:
    camera = row.camera
    if camera is None:
        if finding.has is not Has.AS_RECORDED:
            raise Refused("Which camera it was is not known: do that on its page, and say so here.")
        return
    held = _as_looked_at(camera, finding)
    match finding.has:
        case Has.OFFICER:
            if finding.officer is None:
                raise Refused("Say which officer has it.")
            if held is None or held.officer_id != finding.officer.pk:
                _give(camera, finding.officer, held, told, policy)
        case Has.NOBODY:
            if held is not None and held.kind in FOR_A_SHIFT:
                custody.check_in(camera, told=told)


def _as_looked_at(camera: Camera, finding: Finding) -> Custody | None:
    """Who holds the camera, its row locked, if that is what they saw who settle it."""
    Camera.objects.select_for_update(no_key=True).get(pk=camera.pk)
    held = custody.open_custody(camera)
    if finding.on_record != (held.pk if held else None):
        now = str(Held(camera, held)) if held else f"Nobody holds {camera}."
        raise Refused(f"The record has changed since you looked. {now} Look who has it now.")
    return held


def _give(
    camera: Camera, officer: Officer, held: Custody | None, told: Told, policy: Policy
) -> None:
    """For a shift, or on loan: whose own camera it is, is decided elsewhere."""
    assert told.by is not None
    hand = Hand(told.by, told.now, policy, reason=told.reason, via=told.via)
    terms, seen = as_it_is(camera, officer, hand)
    act = custody.check_out if held is None else custody.transfer
    act(camera, officer, terms, told=seen)
