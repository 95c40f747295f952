"""What a shift came to in cameras: for each officer their own, for a station without a name.

One summary per officer and shift in place of a mail for each camera, once what was not brought
back is overdue. It goes to the officer's user, if that has an address; the station's summary
(`notices.sum_up`) counts everybody's and names cameras only, since nobody knows who reads it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from devices.access.people import Visible
from devices.alerts import actions
from devices.alerts.models import Notice
from devices.alerts.texts import Held, Text, in_cameras, own_summary
from devices.custody.models import FOR_A_SHIFT, Custody, CustodyEvent, CustodyVerb
from devices.custody.rules import is_overdue
from devices.desk import overdue
from devices.desk.closing.actions import ISSUED, RETURNED
from devices.policy import Policy
from devices.roster.models import Duty, Shift

TOLD_WITHIN = timedelta(hours=1)  # a worker away for longer leaves the summary out


@dataclass
class _Own:
    """What one officer was given, gave back and still has."""

    issued: list[Held] = field(default_factory=list)
    returned: list[Held] = field(default_factory=list)
    out: list[Held] = field(default_factory=list)

    @property
    def nothing(self) -> bool:
        return not (self.issued or self.returned or self.out)


@transaction.atomic
def write(*, now: datetime, policy: Policy) -> int:
    """Write the summaries of duties that ended, to those who want them; says how many."""
    wait = policy.handover + policy.overdue_after
    duties = list(
        Duty.objects.filter(ends_at__lte=now - wait, ends_at__gt=now - wait - TOLD_WITHIN)
        .filter(officer__user__is_active=True, officer__user__email__gt="")
        .select_related("shift__kind", "officer")
    )
    told = set(
        Notice.objects.filter(
            person__in=[one.officer.user_id for one in duties],
            once__in=[_once(one) for one in duties],
        ).values_list("person", "once")
    )
    due = [one for one in duties if (one.officer.user_id, _once(one)) not in told]
    own = _own(due, policy, now) if due else {}
    made = [_notice(one, own[one.pk], now) for one in due if not own[one.pk].nothing]
    return len(actions.write_notices(made))


def _once(duty: Duty) -> str:
    return f"own:{duty.shift_id}"


def _own(duties: list[Duty], policy: Policy, now: datetime) -> Mapping[int, _Own]:
    """By duty; three statements, however many they are.

    A camera is taken for a duty as long before it as a pre-shift test made then counts for it. What
    was undone was not issued or returned, nor was what its undoing began and ended.
    """
    by_officer = {one.officer_id: one for one in duties}
    found = {one.pk: _Own() for one in duties}
    before = policy.test_counts_for
    first = min(one.begins_at for one in duties) - before
    whose = Q(opened__officer__in=by_officer) | Q(closed__officer__in=by_officer)
    events = CustodyEvent.objects.filter(whose, at__gte=first, at__lte=now)
    stand = events.exclude(verb=CustodyVerb.UNDONE).exclude(answered_by__verb=CustodyVerb.UNDONE)
    for event in stand.select_related("camera", "opened", "closed").order_by("id"):
        _note(event, by_officer, found, before)
    held = Custody.objects.open().for_a_shift().filter(officer__in=by_officer)
    for one in held.select_related("camera").order_by("due_at"):
        late = is_overdue(one.due_at, policy, now)
        found[by_officer[one.officer_id].pk].out.append(Held(one.camera.name, one.due_at, late))
    for own in overdue.not_docked(Visible(), policy=policy, now=now):
        if duty := by_officer.get(own.officer_id):
            found[duty.pk].out.append(Held(own.name, own.due_at, overdue=True))
    return found


def _note(
    event: CustodyEvent,
    duties: Mapping[int, Duty],
    found: Mapping[int, _Own],
    before: timedelta,
) -> None:
    """Whoever was given it and whoever gave it back, which a transfer tells of at once."""
    for custody, of in ((event.opened, "issued"), (event.closed, "returned")):
        duty = duties.get(custody.officer_id) if custody else None
        if custody is None or duty is None or custody.kind not in FOR_A_SHIFT:
            continue
        if event.at >= duty.begins_at - before:
            getattr(found[duty.pk], of).append(Held(event.camera.name, event.at))


def _notice(duty: Duty, own: _Own, now: datetime) -> Notice:
    text = _text(duty, own)
    return Notice(
        person_id=duty.officer.user_id,
        once=_once(duty),
        title=text.title,
        body=text.body,
        made_at=now,
        due_at=now,
    )


def _text(duty: Duty, own: _Own) -> Text:
    return own_summary(
        str(duty.shift),
        own.issued,
        own.returned,
        own.out,
        link=f"{settings.ADDRESS}/overdue/",
        zone=ZoneInfo(settings.TIME_ZONE),
    )


def of_station(shift: Shift, *, policy: Policy, now: datetime) -> list[str]:
    """What the shift came to at its station, in lines that name no officer."""
    during = CustodyEvent.objects.filter(
        at__gte=shift.begins_at, at__lt=shift.ends_at, camera__station=shift.station
    )
    stand = during.exclude(answered_by__verb="undone")
    out = Custody.objects.open().for_a_shift().filter(camera__station=shift.station)
    late = out.overdue(policy, now).select_related("camera").order_by("due_at")
    return in_cameras(
        issued=stand.filter(verb__in=ISSUED).count(),
        returned=stand.filter(verb__in=RETURNED).count(),
        out=out.count(),
        late=[Held(one.camera.name, one.due_at, overdue=True) for one in late],
        zone=ZoneInfo(settings.TIME_ZONE),
    )
