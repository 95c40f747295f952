"""What is done about faults: tested, told, acknowledged, repaired, cleared; each act once."""

from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models.functions import Coalesce
from django.utils.timezone import localtime

from devices import feed, ledger
from devices.access.people import reach_of
from devices.errors import Refused
from devices.faults import reading, rows, rules
from devices.faults.models import (
    FAULT,
    Confirmation,
    Fault,
    FaultSource,
    FaultState,
    PreShiftTest,
    Repair,
    Resolution,
    Severity,
)
from devices.health.models import CameraHealth, Hearing
from devices.inventory import actions as inventory
from devices.inventory.models import Camera, Officer, ServiceState
from devices.policy import Policy
from devices.roles import Act

LONGEST_WORDS = 400


@dataclass(frozen=True)
class Confirming:
    """Who says that a camera was tested, and how they said it; ``key`` is the form's own."""

    officer: Officer | None
    how: Confirmation
    key: UUID
    note: str = ""


@transaction.atomic
def test_camera(
    camera: Camera, said: Confirming, *, by: User, now: datetime, policy: Policy
) -> PreShiftTest:
    """The camera's facts of this moment are judged for what is left of its officer's duty, and kept
    with who confirmed them.

    Each check that fails opens a fault. The same form sent twice is one test. Refuses a camera
    that is not in service.
    """
    _lock(camera)
    again: PreShiftTest | None = PreShiftTest.objects.filter(key=said.key).first()
    if again is not None:
        _refuse_foreign(again.camera_id, camera)
        return again
    if camera.service_state != ServiceState.IN_SERVICE:
        state = camera.get_service_state_display().lower()
        raise Refused(f"{camera} is {state}; only a camera in service is tested for a shift.")
    known = reading.known([camera.pk])[camera.pk]
    wears_it = said.officer.pk if said.officer else camera.officer_id
    duty = reading.on_duty(wears_it, now=now, policy=policy)
    checks = rules.test(known.facts, policy, now, duty)
    test = PreShiftTest.objects.create(
        key=said.key,
        camera=camera,
        officer=said.officer,
        at=now,
        by=by,
        confirmed=said.how,
        passed=rules.passed(checks),
        checks=[one.frozen() for one in checks],
        facts=known.frozen,
        note=_words(said.note),
        duty_begins_at=duty.begins_at if duty else None,
        duty_ends_at=duty.ends_at if duty else None,
    )
    why = " ".join(one.sentence for one in checks if one.passed is not True)
    told = New(camera, FaultSource.TEST, why, known.frozen, by, said.officer, test)
    codes = rules.faults_of(checks, known.facts)
    opened = _open([(told, code) for code in codes], now, policy)
    ledger.record(
        f"pre-shift test {'passed' if test.passed else 'failed'}",
        camera,
        by=by,
        now=now,
        test=test.pk,
        confirmed=said.how.value,
        officer=str(said.officer) if said.officer else None,
        reason=why,
        faults=[one.pk for one in opened],
    )
    _tell(opened, by, now)
    feed.touch([camera.pk])
    return test


@dataclass(frozen=True)
class Telling:
    """What somebody says is wrong; ``must_not_be_issued`` makes it critical whatever its code."""

    code: str
    words: str
    source: FaultSource
    key: UUID
    officer: Officer | None = None
    must_not_be_issued: bool = False


@transaction.atomic
def report_malfunction(
    camera: Camera, said: Telling, *, by: User, now: datetime, policy: Policy
) -> Fault:
    """Somebody told that this is wrong with the camera; the clock of its severity runs.

    What is open and graver than it was told is told anew: the lesser record keeps its severity
    and ends. Refuses what no person tells, something else without words, a second report of what
    is open as gravely, and a retired camera.
    """
    _lock(camera)
    again: Fault | None = Fault.objects.filter(key=said.key).first()
    if again is not None:
        _refuse_foreign(again.camera_id, camera)
        return again
    if said.code not in {one.code for one in rules.TOLD_BY_PEOPLE}:
        raise Refused("Choose what is wrong.")
    if camera.service_state == ServiceState.RETIRED:
        raise Refused(f"{camera} is retired.")
    words = _words(said.words)
    if said.code == "other" and not words:
        raise Refused("Say in a few words what is wrong.")
    known = reading.known([camera.pk])[camera.pk]
    told = New(camera, said.source, words, known.frozen, by, said.officer, key=said.key)
    severity = Severity.CRITICAL if said.must_not_be_issued else None
    _end_lesser(camera, said.code, severity, by, now)
    opened = _open([(told, said.code)], now, policy, severity)
    if not opened:
        raise _already_open(camera, said.code)
    _tell(opened, by, now)
    return opened[0]


def _end_lesser(
    camera: Camera, code: str, severity: Severity | None, by: User, now: datetime
) -> None:
    """An open fault of this code that is not critical makes way for one that is."""
    there = Fault.objects.unresolved().filter(camera=camera, code=code)
    lesser = there.exclude(severity=Severity.CRITICAL).select_related("camera").first()
    if lesser is None or severity is not Severity.CRITICAL:
        return
    words = "It was told again, as one with which the camera must not be issued."
    over = {"resolution": Resolution.GRAVER, "resolution_words": words}
    told = _told(by, camera, now)
    FAULT.move(lesser, FaultState.RESOLVED, resolved_at=now, resolved_by=by, **over, **told)
    _record("fault told as critical", lesser, by, now, reason=words)


@transaction.atomic
def acknowledge(fault: Fault, *, by: User, now: datetime) -> None:
    """This person has seen the fault and answers for it. Refuses when somebody already does."""
    waiting = Fault.objects.filter(pk=fault.pk, state=FaultState.OPEN)
    claimed = waiting.update(
        state=FaultState.ACKNOWLEDGED,
        acknowledged_at=now,
        acknowledged_by=by,
        **_told(by, fault.camera, now),
    )
    fault.refresh_from_db()
    if not claimed:
        raise Refused(_who_was_first(fault))
    _record("fault acknowledged", fault, by, now)


@transaction.atomic
def see(fault: Fault, *, by: User, now: datetime) -> None:
    """This commander knows of the fault, whoever answers for it. Refuses who does not command its
    camera, a commander when one is known to have known, and a fault that is over."""
    told = _told(by, fault.camera, now)
    if not told:
        raise Refused(f"Only a commander of {fault.camera} says that a commander knows.")
    untold = Fault.objects.unresolved().filter(pk=fault.pk, told_at=None)
    seen = untold.update(**told)
    fault.refresh_from_db()
    if not seen:
        over = fault.state == FaultState.RESOLVED
        raise Refused(f"{fault} is resolved already." if over else "A commander knew of it before.")
    _record("fault seen by a commander", fault, by, now)


@dataclass(frozen=True)
class Leaving:
    """What is written down when a camera leaves the house (CJIS MA-2).

    Either it was sanitised, at ``sanitised_at`` in the way of ``sanitised_how``, or
    ``cannot_sanitise`` says why that could not be done.
    """

    maintainer: str
    reason: str
    rma_number: str = ""
    sanitised_at: datetime | None = None
    sanitised_how: str = ""
    cannot_sanitise: str = ""


@transaction.atomic
def send_to_repair(
    camera: Camera, leaving: Leaving, *, fault: Fault | None, key: UUID, by: User, now: datetime
) -> Repair:
    """The camera is away for repair, and with it every fault it has; ``by`` approved it.

    Refuses without maintainer and reason, without a statement on sanitising, and a camera that
    is away already or cannot go to repair from where it is.
    """
    _lock(camera)
    again: Repair | None = Repair.objects.filter(key=key).first()
    if again is not None:
        _refuse_foreign(again.camera_id, camera)
        return again
    said = _leaving(leaving, now)
    refuse_if_away(camera)
    if camera.service_state != ServiceState.IN_REPAIR:
        inventory.change_service(camera, ServiceState.IN_REPAIR, reason=said.reason, by=by, now=now)
    repair = Repair.objects.create(
        key=key,
        camera=camera,
        fault=fault,
        maintainer=said.maintainer,
        rma_number=said.rma_number,
        reason=said.reason,
        approved_by=by,
        sanitised_at=said.sanitised_at,
        sanitised_by=by if said.sanitised_at else None,
        sanitised_how=said.sanitised_how,
        cannot_sanitise=said.cannot_sanitise,
        sent_at=now,
    )
    Fault.objects.filter(
        camera=camera, state__in=[FaultState.OPEN, FaultState.ACKNOWLEDGED]
    ).update(
        state=FaultState.IN_REPAIR,
        acknowledged_at=Coalesce("acknowledged_at", now),
        acknowledged_by=Coalesce("acknowledged_by", by.pk),
        **_told(by, camera, now),
    )
    ledger.record("repair begun", camera, by=by, now=now, repair=repair.pk, **_written(said))
    feed.touch([camera.pk])
    return repair


@dataclass(frozen=True)
class Returning:
    """What is written down when a camera comes back: CJIS MA-2 wants it checked after."""

    work_done: str
    parts_replaced: str
    checked_after: str


@transaction.atomic
def take_back(repair: Repair, returning: Returning, *, by: User, now: datetime) -> None:
    """The camera is back and in service; its faults wait to be cleared, which blocks issue still.

    Refuses when it is back already, and without what was done and how it was checked.
    """
    camera = repair.camera
    _lock(camera)
    said = Returning(
        _words(returning.work_done),
        _words(returning.parts_replaced),
        _words(returning.checked_after, 200),
    )
    if not said.work_done:
        raise Refused("Say what was done to it.")
    if not said.checked_after:
        raise Refused("Say how it was checked after the repair.")
    away = Repair.objects.filter(pk=repair.pk, returned_at=None)
    if not away.update(
        returned_at=now,
        returned_to=by,
        work_done=said.work_done,
        parts_replaced=said.parts_replaced,
        checked_after=said.checked_after,
    ):
        raise Refused(f"{camera} is back from this repair already.")
    repair.refresh_from_db()
    if camera.service_state == ServiceState.IN_REPAIR:
        reason = f"back from {repair.maintainer}: {said.work_done}"
        inventory.change_service(camera, ServiceState.IN_SERVICE, reason=reason, by=by, now=now)
    Fault.objects.filter(camera=camera, state=FaultState.IN_REPAIR).update(
        state=FaultState.ACKNOWLEDGED
    )
    ledger.record(
        "repair ended",
        camera,
        by=by,
        now=now,
        repair=repair.pk,
        reason=said.work_done,
        parts_replaced=said.parts_replaced,
        checked_after=said.checked_after,
    )
    feed.touch([camera.pk])


@transaction.atomic
def resolve(fault: Fault, resolution: Resolution, *, words: str, by: User, now: datetime) -> None:
    """The fault is over: repaired, replaced, or none was found. What stays is the record.

    Refuses without words, a critical one to anybody but IT, one whose camera is away, and one
    that the camera still reports: it would open again at once.
    """
    words = _words(words)
    if resolution not in (Resolution.REPAIRED, Resolution.REPLACED, Resolution.NO_FAULT):
        raise Refused("Choose whether it was repaired or replaced, or no fault was found.")
    if not words:
        raise Refused("Say what was done, or how you know that nothing is wrong.")
    camera = fault.camera
    _lock(camera)
    _refuse_unless_it(fault, by)
    refuse_if_away(camera)
    if resolution != Resolution.REPLACED:
        _refuse_if_reported(fault)
    FAULT.move(
        fault,
        FaultState.RESOLVED,
        resolved_at=now,
        resolved_by=by,
        resolution=resolution,
        resolution_words=words,
        **_told(by, camera, now),
    )
    _record("fault cleared", fault, by, now, resolution=resolution.value, reason=words)


# The two sweeps

MOST_OPEN = 32  # of one camera: what it says may be nonsense, and must not fill the table


@transaction.atomic
def follow_cameras(*, now: datetime, policy: Policy) -> int:
    """There is an open fault for whatever a camera reports, and it says when the camera stopped.

    A lesser one is over when the camera has said so for `Policy.fault_quiet_for`; a critical one
    waits for IT. Safe to run twice, late, or in two workers: the index takes one open fault
    per camera and code, and a row is claimed by the UPDATE that moves it. Says how many opened.
    """
    reported = rows.reported(passing=rules.PASSING, most_open=MOST_OPEN)
    opened = _open_reported(reported, now, policy) if reported else []
    changed = rows.note_quiet()
    over = rows.end_quiet(now=now, quiet_for=policy.fault_quiet_for)
    _tell(opened, None, now)
    for fault in _by_id(over):
        _record("fault cleared", fault, None, now, resolution=fault.resolution)
    feed.touch(changed | {one.camera_id for one in opened})
    return len(opened)


@transaction.atomic
def escalate_overdue(*, now: datetime) -> int:
    """Every fault that nobody acknowledged in time is escalated, once. Says how many were."""
    late = rows.escalate(now)
    for fault in _by_id(late):
        _record("fault escalated", fault, None, now, due=fault.acknowledge_by.isoformat())
    return len(late)


def _open_reported(
    reported: Collection[tuple[int, str]], now: datetime, policy: Policy
) -> list[Fault]:
    """Open what the facts that are frozen with it still say."""
    cameras = Camera.objects.in_bulk({camera_id for camera_id, _ in reported})
    found = reading.known(cameras.keys())
    told = [
        (New(cameras[pk], FaultSource.CAMERA, frozen=found[pk].frozen), code)
        for pk, code in reported
        if code in (found[pk].facts.reported or ())
    ]
    return _open(told, now, policy)


# What the verbs above are made of


@dataclass(frozen=True)
class New:
    """Who tells of a fault and what was known then."""

    camera: Camera
    source: FaultSource
    words: str = ""
    frozen: dict[str, Any] = field(default_factory=dict)
    by: User | None = None
    officer: Officer | None = None
    test: PreShiftTest | None = None
    key: UUID | None = None


def _open(
    told: Iterable[tuple[New, str]],
    now: datetime,
    policy: Policy,
    severity: Severity | None = None,
) -> list[Fault]:
    """Open these, in an order that two processes share; what is open already stays as it is."""
    keys = []
    new = []
    for one, code in sorted(told, key=lambda pair: (pair[0].camera.pk, pair[1])):
        grave = severity or Severity(rules.code_of(code).severity)
        keys.append(one.key or uuid4())
        new.append(
            Fault(
                key=keys[-1],
                camera=one.camera,
                code=code,
                severity=grave,
                source=one.source,
                words=one.words[:LONGEST_WORDS],
                facts=one.frozen,
                officer=one.officer,
                test=one.test,
                opened_at=now,
                opened_by=one.by,
                told_at=now if _commands(one.by, one.camera) else None,
                acknowledge_by=now + rules.acknowledge_within(grave, policy),
            )
        )
    Fault.objects.bulk_create(new, ignore_conflicts=True)
    return list(Fault.objects.filter(key__in=keys).select_related("camera").order_by("pk"))


def _tell(opened: Iterable[Fault], by: User | None, now: datetime) -> None:
    for fault in opened:
        told = {"severity": fault.severity, "source": fault.source, "reason": fault.words}
        _record("fault opened", fault, by, now, **told)


def _record(verb: str, fault: Fault, by: User | None, now: datetime, **facts: Any) -> None:
    ledger.record(verb, fault.camera, by=by, now=now, fault=fault.pk, code=fault.code, **facts)
    feed.touch([fault.camera_id])


def _by_id(fault_ids: Collection[int]) -> Iterable[Fault]:
    return Fault.objects.filter(pk__in=fault_ids).select_related("camera").order_by("pk")


def _commands(person: User | None, camera: Camera) -> bool:
    """Whether this person is the camera's supervisor: who inspects the shifts of its station."""
    reach = reach_of(person, Act.INSPECT) if person else None
    return reach is not None and reach.includes(camera)


def _told(by: User, camera: Camera, now: datetime) -> dict[str, Any]:
    """What becomes of ``told_at`` when this person acts on a fault of the camera: the first act of
    a commander is when a commander knew."""
    return {"told_at": Coalesce("told_at", now)} if _commands(by, camera) else {}


def _lock(camera: Camera) -> None:
    """One act at a time on a camera; its reports, which lock their own row, go on meanwhile."""
    rows_of_camera = Camera.objects.select_for_update(no_key=True)
    camera.service_state = rows_of_camera.values_list("service_state", flat=True).get(pk=camera.pk)


def _refuse_foreign(camera_id: int, camera: Camera) -> None:
    """A form that made something before made it of this camera, or is no form of ours."""
    if camera_id != camera.pk:
        raise Refused("This form was used already; load the page and look again.")


def _words(text: str, longest: int = LONGEST_WORDS) -> str:
    said = rules.said(text)
    if len(said) > longest:
        raise Refused(f"That is {len(said)} characters; {longest} are kept. Say it shorter.")
    if "\0" in said:
        raise Refused("Null characters are not allowed.")
    return said


def _already_open(camera: Camera, code: str) -> Refused:
    there = Fault.objects.unresolved().get(camera=camera, code=code)
    what, when = rules.code_of(code).words.lower(), localtime(there.opened_at)
    return Refused(f"{camera} already has this fault open: {what}, told {when:%d %b %H:%M}.")


def _who_was_first(fault: Fault) -> str:
    if fault.state == FaultState.RESOLVED:
        return f"{fault} is resolved already."
    who = fault.acknowledged_by or "The fleet"
    when = f"{localtime(fault.acknowledged_at):%d %b %H:%M}" if fault.acknowledged_at else "before"
    return f"{who} acknowledged it already, {when}."


def _leaving(leaving: Leaving, now: datetime) -> Leaving:
    """What is written down, trimmed; refused as long as anything is missing."""
    said = Leaving(
        maintainer=_words(leaving.maintainer, 100),
        reason=_words(leaving.reason, inventory.LONGEST_REASON),
        rma_number=_words(leaving.rma_number, 60),
        sanitised_at=leaving.sanitised_at,
        sanitised_how=_words(leaving.sanitised_how, 100),
        cannot_sanitise=_words(leaving.cannot_sanitise, 200),
    )
    missing = [] if said.maintainer else ["Say who repairs it."]
    missing += [] if said.reason else ["Say what is to be repaired."]
    missing += rules.sanitised_refused(
        sanitised_at=said.sanitised_at,
        how=said.sanitised_how,
        cannot=said.cannot_sanitise,
        now=now,
    )
    if missing:
        raise Refused(" ".join(missing))
    return said


def _written(said: Leaving) -> dict[str, Any]:
    at = said.sanitised_at
    return {**asdict(said), "sanitised_at": at.isoformat() if at else None}


def refuse_if_away(camera: Camera) -> None:
    """Refuse what cannot be done to a camera that is at its maker's."""
    away = Repair.objects.filter(camera=camera, returned_at=None).first()
    if away:
        since = f" since {localtime(away.sent_at):%d %b}" if away.sent_at else ""
        raise Refused(f"{camera} is away at {away.maintainer}{since}; take it back first.")


def _refuse_unless_it(fault: Fault, by: User) -> None:
    if not rules.only_it_clears(fault.severity):
        return
    reach = reach_of(by, Act.CLEAR_CRITICAL)
    if reach is None or not reach.includes(fault.camera):
        raise Refused(f"{fault} is critical: only IT clears it.")


def _refuse_if_reported(fault: Fault) -> None:
    says = CameraHealth.objects.filter(
        camera=fault.camera_id,
        faults__contains=[fault.code],
        hearing__in=[Hearing.HEARD, Hearing.LATE],
    )
    if says.exists():
        what = rules.code_of(fault.code).words.lower()
        raise Refused(f"{fault.camera} still reports it ({what}); it would open again at once.")
