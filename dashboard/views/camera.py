"""One camera: what is known of it now, who said so and when, and what it was doing before."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.models import User
from django.db import transaction
from django.http import Http404, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.timezone import now
from django.views.decorators.http import require_POST

from dashboard import camera_facts, charts, fault_facts, finding, holders
from dashboard.camera_facts import Subject
from dashboard.charts import Window
from dashboard.doors import Entered, door
from dashboard.forms import BY_HAND, ServiceChange, Span
from dashboard.present import present
from dashboard.session import background
from dashboard.views import batteries, camera_updates, custody
from devices import ledger
from devices.access.people import Visible, reach_of
from devices.board import cards
from devices.department import current
from devices.desk.by_hand import actions as by_hand
from devices.desk.by_hand.actions import Hand
from devices.errors import Refused
from devices.faults import actions as faults
from devices.faults.models import Fault, Repair
from devices.health import history
from devices.health.models import CameraHealth, Reading
from devices.health.timeline import State, spans
from devices.inventory import actions as inventory
from devices.inventory.models import SERVICE, Camera, ServiceState
from devices.inventory.tags import MOST_TAGS
from devices.ledger import LedgerEntry
from devices.recalls import reading as recalls
from devices.releases import reading
from devices.roles import Act
from devices.rollouts.repairs.finding import outlook

REPORTS = 25
ENTRIES = 20
GAPS = 20
REPAIRS = 5


@dataclass(frozen=True)
class Reports:
    """Some reports that were kept, newest first, and where the older ones begin."""

    form: Span
    rows: list[Reading]
    older: str
    newest: str


@door(Act.VIEW_CAMERA)
def camera(request: Entered, number: int) -> HttpResponseBase:
    at = now()
    one = subject(request.reach, number)
    window = _window(request.GET.get("window", ""))
    return render(
        request,
        "dashboard/camera.html",
        {
            **_present(request, one, at),
            **_past(one, window, at),
            "battery_now": batteries.of_camera(one, at),
            **_profile(one.camera, at),
            "window": window,
            "windows": list(Window),
            "states": list(State)[:-1],
            "reports": _reports(request, one.camera),
            "gaps": _gaps(one.health),
            **_finding(request, one),
            "may_hold": _may(request.user, Act.HOLD_EVIDENCE, one.camera)
            and one.camera.service_state != ServiceState.RETIRED,
            "codes": list(one.camera.codes.values_list("value", flat=True)),
            "may_tag": _may(request.user, Act.IMPORT_INVENTORY, one.camera),
            "most_tags": MOST_TAGS,
            "may_token": _may(request.user, Act.REVOKE_DEVICE, one.camera)
            and one.camera.model.radio,
            "entries": _entries(request.user, one.camera, at),
            **_troubles(request.user, one.camera, at),
            **custody.card(request, one.camera),
            **camera_updates.card(request.user, one.camera),
        },
    )


@background
@door(Act.VIEW_CAMERA)
def camera_now(request: Entered, number: int) -> HttpResponseBase:
    """What changes while one looks, for part.js to put in place."""
    one = subject(request.reach, number)
    response = render(request, "dashboard/_camera_now.html", _present(request, one, now()))
    response["Cache-Control"] = "no-store"
    return response


@require_POST
@door(Act.CHANGE_SERVICE)
def change_service(request: Entered, number: int) -> HttpResponseBase:
    """Out of service, lost, and back: with a reason that stays with the camera."""
    row = get_object_or_404(request.reach.cameras(), number=number)
    form = ServiceChange(request.POST)
    if form.is_valid():
        _change(request, row, form)
    else:
        first = next(iter(form.errors.values()))
        messages.error(request, " ".join(map(str, first)))
    return HttpResponseRedirect(reverse("camera", args=[row.number]))


def _change(request: Entered, row: Camera, form: ServiceChange) -> None:
    to = ServiceState(form.cleaned_data["to"])
    reason = form.cleaned_data["reason"]
    asked = present()
    try:
        faults.refuse_if_away(row)
        _refuse_if_recalled(row, to)
        if to == ServiceState.LOST:  # an act of custody too
            by_hand.report_lost(row, Hand(request.user, asked.now, asked.policy, reason))
        else:
            inventory.change_service(row, to, reason=reason, by=request.user, now=asked.now)
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, f"{row} is {to.label.lower()}.")


def _refuse_if_recalled(row: Camera, to: ServiceState) -> None:
    """What the recall would take out of service again in seconds is not put back."""
    if to == ServiceState.IN_SERVICE and (recall := recalls.kept_out_by(row.pk)):
        raise Refused(f"{row} is recalled: {recall}. Clear it on the recall's page first.")


def subject(reach: Visible, number: int) -> Subject:
    """The camera of this number; outside ``reach`` there is none (404)."""
    rows = reach.cameras().select_related(
        "model", "station", "officer", "home_bay__dock", "health__bay__dock"
    )
    one = rows.filter(number=number).first()
    if one is None:
        raise Http404(number)
    card = next(iter(cards.cards(reach, [one.pk], present())), None)
    return Subject(
        camera=one,
        health=_health_of(one),
        bucket=card.bucket if card else None,
        displaced=bool(card and card.facts.displaced),
        card=card,
    )


def _present(request: Entered, one: Subject, at: datetime) -> dict[str, Any]:
    policy = current.policy()
    officers = reach_of(request.user, Act.VIEW_OFFICERS)
    sees = officers is not None and officers.includes(one.camera)
    return {
        "one": one,
        "camera": one.camera,
        "sentence": camera_facts.sentence(one),
        "readiness": one.card.readiness if one.card and one.card.standing else None,
        "silent": one.card.silent if one.card else None,
        "facts": camera_facts.facts(one, now=at, policy=policy),
        "clock": camera_facts.wrong_clock(one.health, policy),
        "sees_officer": sees,
        "held": holders.says(one.card, badges=sees) if one.card else "",
        "at": at,
    }


def _finding(request: Entered, one: Subject) -> dict[str, Any]:
    """Where it is, and whether it can be made to show itself."""
    if one.card is None:
        return {"found": None}
    docked = one.card.facts.docked
    last_bay = history.last_bay(one.camera.pk) if docked is False else ""
    officers = reach_of(request.user, Act.VIEW_OFFICERS)
    sees = officers is not None and officers.includes(one.camera)
    return {
        "found": finding.find(one.card, badges=sees, last_bay=last_bay),
        "may_locate": _may(request.user, Act.LOCATE_CAMERA, one.camera)
        and one.card.heard_at is not None
        and bool(docked or one.camera.model.radio),
    }


def _past(one: Subject, window: Window, at: datetime) -> dict[str, Any]:
    """The battery and the states of a window, from five queries however long it is."""
    zone, policy, since = ZoneInfo(settings.TIME_ZONE), current.policy(), at - window.length
    health = one.health or CameraHealth(camera=one.camera)
    evidence = history.evidence(health, since=since, until=at, policy=policy)
    found = spans(evidence, since=since, until=at, policy=policy)
    noticed = history.noticed(one.camera.pk, since=since, until=at)
    taken = history.samples(one.camera.pk, since=since, until=at, every=window.slot)
    return {
        "battery": charts.battery(taken, found, window=window, until=at, zone=zone),
        "timeline": charts.timeline(found, noticed, window=window, until=at, zone=zone),
    }


def _reports(request: Entered, one: Camera) -> Reports:
    form = Span(request.GET, label_suffix="")
    form.full_clean()
    asked = form.cleaned_data
    rows = history.readings(one.pk, since=asked.get("since"), until=asked.get("until"))
    page = list(history.older(rows, request.GET.get("before", ""))[: REPORTS + 1])
    kept = {key: request.GET[key] for key in ("since", "until", "window") if request.GET.get(key)}
    older = ""
    if len(page) > REPORTS:
        last = page[REPORTS - 1]
        older = urlencode({**kept, "before": history.place_of(last)})
    newest = urlencode(kept) if request.GET.get("before") else ""
    return Reports(form, page[:REPORTS], older, newest)


def _profile(one: Camera, at: datetime) -> dict[str, Any]:
    """What it should run and runs, and what becomes of it where the two differ."""
    rows = reading.running(Camera.objects.filter(pk=one.pk))
    drifted = [row for row in rows if row.drifted]
    return {
        "running": next(iter(rows), None),
        "outlook": outlook(drifted, now=at).get(one.pk, ""),
    }


def _gaps(health: CameraHealth | None) -> dict[str, Any]:
    found = history.missing_reports(health) if health else []
    return {
        "rows": found[:GAPS],
        "more": max(0, len(found) - GAPS),
        "count": sum(g.count for g in found),
    }


def _entries(user: User, one: Camera, at: datetime) -> list[LedgerEntry] | None:
    """The acts done to this camera; None for somebody who may not read the ledger.

    That somebody read them is an entry too.
    """
    reach = reach_of(user, Act.READ_LEDGER)
    if reach is None or not reach.includes(one):
        return None
    with transaction.atomic():
        ledger.record("read the ledger", "ledger", by=user, now=at, about=str(one))
    rows = LedgerEntry.objects.filter(subject=str(one)).select_related("actor")
    return list(rows.order_by("-seq")[:ENTRIES])


def _moves(user: User, one: Camera, away: Repair | None) -> list[ServiceState]:
    """The states this person may bring the camera to from where it is; away, it is taken back."""
    if away or not _may(user, Act.CHANGE_SERVICE, one):
        return []
    there = SERVICE.moves[one.service_state]
    return [state for state in BY_HAND if state in there]


def _troubles(user: User, one: Camera, at: datetime) -> dict[str, Any]:
    """What is wrong with it, whether it was tested, its repairs, and what may be done about it."""
    policy = current.policy()
    rows = Fault.objects.unresolved().filter(camera=one).urgent_first(policy)
    repairs = list(one.repairs.order_by("-sent_at")[:REPAIRS])
    away = next((repair for repair in repairs if repair.returned_at is None), None)
    return {
        "troubles": [fault_facts.line(fault, policy, at) for fault in rows],
        "last_test": one.tests.order_by("-at").first(),
        "repairs": repairs,
        "moves": _moves(user, one, away),
        "may_test": _may(user, Act.TEST_CAMERA, one)
        and one.service_state == ServiceState.IN_SERVICE,
        "may_report": _may(user, Act.OPEN_FAULT, one) and one.service_state != ServiceState.RETIRED,
        "may_send": _may(user, Act.REPAIR_CAMERA, one)
        and away is None
        and ServiceState.IN_REPAIR in (one.service_state, *SERVICE.moves[one.service_state]),
        "may_read_repairs": _may(user, Act.VIEW_READINESS, one),
    }


def _may(user: User, act: Act, one: Camera) -> bool:
    reach = reach_of(user, act)
    return reach is not None and reach.includes(one)


def _health_of(one: Camera) -> CameraHealth | None:
    return getattr(one, "health", None)


def _window(asked: str) -> Window:
    return Window(asked) if asked in [window.value for window in Window] else Window.DAY
