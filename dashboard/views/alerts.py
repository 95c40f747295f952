"""What somebody must know and do now, and the rules behind it."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.db.models import Count, Q
from django.http import Http404, HttpResponseBase, HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.timezone import now
from django.views.decorators.http import require_POST

from dashboard import alert_forms as forms
from dashboard.alert_lists import listed
from dashboard.bells import unlooked, within
from dashboard.doors import Entered, door
from dashboard.session import background
from devices.access.people import Visible, reach_of, stations_of
from devices.alerts import actions, replays, sending, services
from devices.alerts.actions import InForce
from devices.alerts.catalogue import CATALOGUE
from devices.alerts.models import Alert, Channel, ChannelKind, Notice, Quiet, RuleChange
from devices.errors import Refused
from devices.roles import Act

REPLAYED = timedelta(days=7)
NOISIEST = timedelta(days=30)
MOST_AT_ONCE = 300


@door(Act.VIEW_READINESS)
def alerts(request: Entered) -> HttpResponseBase:
    return render(request, "dashboard/alerts.html", _page(request))


@background
@door(Act.VIEW_READINESS)
def alerts_now(request: Entered) -> HttpResponseBase:
    """What changes while one looks, for alerts.js to put in place."""
    response = render(request, "dashboard/_alerts_now.html", _page(request))
    response["Cache-Control"] = "no-store"
    return response


def _page(request: Entered) -> dict[str, Any]:
    at = now()
    handles = reach_of(request.user, Act.HANDLE_ALERTS)
    return {
        "listed": listed(request.user, request.reach),
        "quiets": _quiets(request.reach, at),
        "handles": handles is not None,
        "maintenance": forms.Maintenance(stations=stations_of(handles)) if handles else None,
        "rules_link": reach_of(request.user, Act.EDIT_ALERT_RULES) is not None,
        "unlooked": unlooked(at),
        "at": at,
    }


def _quiets(reach: Visible, at: datetime) -> list[Quiet]:
    rows = Quiet.objects.filter(ended_at=None, ends_at__gt=at)
    if reach.stations is not None:
        rows = rows.filter(Q(station__in=reach.stations) | Q(alert__in=within(reach)))
    return list(rows.select_related("alert", "station", "dock", "by"))


# --- Acts --------------------------------------------------------------------------------


@require_POST
@door(Act.HANDLE_ALERTS)
def acknowledge(request: Entered) -> HttpResponseBase:
    """Somebody has one or several alerts in hand."""
    return _taken(request, actions.acknowledge)


@require_POST
@door(Act.HANDLE_ALERTS)
def take_over(request: Entered) -> HttpResponseBase:
    """Somebody has in hand from now on what was in somebody else's."""
    return _taken(request, actions.take_over)


def _taken(request: Entered, take: Callable[..., int]) -> HttpResponseBase:
    rows = _named(request)
    note = forms.clean_words(request.POST.get("note", ""))
    try:
        news = take(rows, note=note, by=request.user, now=now())
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, f"You have {news} alert{'s' if news > 1 else ''} in hand.")
    return HttpResponseRedirect(reverse("alerts"))


@require_POST
@door(Act.HANDLE_ALERTS)
def silence(request: Entered) -> HttpResponseBase:
    """No notices of these for a while."""
    form = forms.Silence(request.POST)
    if not form.is_valid():
        messages.error(request, forms.first_fault(form))
        return HttpResponseRedirect(reverse("alerts"))
    at, asked = now(), form.cleaned_data
    try:
        for one in _named(request):
            actions.silence(
                one, until=at + asked["hours"], reason=asked["reason"], by=request.user, now=at
            )
    except Refused as refused:
        messages.error(request, str(refused))
    return HttpResponseRedirect(reverse("alerts"))


def _named(request: Entered) -> list[Alert]:
    """The alerts the form names; one that is out of reach does not exist for this person."""
    ids = _whole_numbers(request.POST)
    rows = list(within(request.reach).filter(pk__in=ids))
    if not ids or len(rows) != len(ids):
        raise Http404
    return rows


def _whole_numbers(posted: QueryDict) -> set[int]:
    said = posted.getlist("alert")
    if len(said) > MOST_AT_ONCE or not all(
        one.isascii() and one.isdigit() and len(one) < 19 for one in said
    ):
        raise Http404
    return {int(one) for one in said}


@require_POST
@door(Act.HANDLE_ALERTS)
def maintain(request: Entered) -> HttpResponseBase:
    """Work is planned at a station or a dock."""
    form = forms.Maintenance(request.POST, stations=stations_of(request.reach))
    if not form.is_valid():
        messages.error(request, forms.first_fault(form))
    else:
        try:
            actions.maintain(
                form.cleaned_data["station"],
                form.dock,
                form.span,
                reason=form.cleaned_data["reason"],
                by=request.user,
                now=now(),
            )
        except Refused as refused:
            messages.error(request, str(refused))
    return HttpResponseRedirect(f"{reverse('alerts')}#quiet")


@require_POST
@door(Act.HANDLE_ALERTS)
def end_quiet(request: Entered, pk: int) -> HttpResponseBase:
    found = [one for one in _quiets(request.reach, now()) if one.pk == pk]
    if not found:
        raise Http404
    try:
        actions.end_quiet(found[0], by=request.user, now=now())
    except Refused as refused:
        messages.error(request, str(refused))
    return HttpResponseRedirect(f"{reverse('alerts')}#quiet")


# --- Rules -------------------------------------------------------------------------------


@door(Act.VIEW_READINESS)
def rules(request: Entered) -> HttpResponseBase:
    """Every rule, how it stands, and how noisy it was."""
    found = list(actions.in_force().values())
    return render(
        request,
        "dashboard/alert_rules.html",
        {
            "rules": found,
            "changed": sum(not one.as_delivered for one in found),
            "noise": _noise(now()),
            "edits": reach_of(request.user, Act.EDIT_ALERT_RULES) is not None,
        },
    )


def _noise(at: datetime) -> dict[str, int]:
    """How many alerts each rule opened in the last month; the ten noisiest are to be reviewed."""
    rows = Alert.objects.filter(fired_at__gte=at - NOISIEST).values("rule")
    return {row["rule"]: row["n"] for row in rows.annotate(n=Count("pk"))}


@door(Act.EDIT_ALERT_RULES)
def rule(request: Entered, code: str) -> HttpResponseBase:
    """One rule: changed only after looking at what the change would have done last week."""
    if code not in CATALOGUE:
        raise Http404(code)
    held = actions.in_force()[code]
    posted = request.method == "POST"
    form = forms.RuleTerms(request.POST if posted else None, held=held)
    wanted = form.wanted() if posted and form.is_valid() else None
    if wanted and "decide" in request.POST and _decided(request, wanted):
        return HttpResponseRedirect(reverse("alert_rules"))
    at = now()
    since = at - REPLAYED
    status = 422 if posted and wanted is None else 200
    return render(
        request,
        "dashboard/alert_rule.html",
        {
            "held": held,
            "form": form,
            "wanted": wanted,
            "unkept": replays.why_not(code, since=since, until=at),
            "was": replays.replay(held, since=since, until=at),
            "would": replays.replay(wanted, since=since, until=at) if wanted else None,
            "changes": RuleChange.objects.filter(rule=code).select_related("by")[:20],
        },
        status=status,
    )


def _decided(request: Entered, wanted: InForce) -> bool:
    reason = forms.clean_words(request.POST.get("reason", ""))
    try:
        actions.change_rule(wanted, reason=reason, by=request.user, now=now())
    except Refused as refused:
        messages.error(request, str(refused))
        return False
    messages.success(request, f"From now on: {wanted.rule.label}.")
    return True


# --- Where notices go --------------------------------------------------------------------


@door(Act.EDIT_ALERT_RULES)
def channels(request: Entered) -> HttpResponseBase:
    """Addresses, what they want to hear, and how the last notices fared."""
    form = forms.NewChannel(request.POST if request.method == "POST" else None)
    key = _add(request, form) if form.is_bound and form.is_valid() else None
    rows = list(Channel.objects.filter(ended_at=None).select_related("station"))
    return render(
        request,
        "dashboard/alert_channels.html",
        {
            "channels": [(one, sending.unreadable(one)) for one in rows],
            "groups": services.GROUPS,
            "notices": Notice.objects.filter(person=None).select_related("channel")[:30],
            "form": form.without_secrets() if key is None else forms.NewChannel(),
            "key": key,
        },
        status=422 if form.is_bound and form.errors else 200,
    )


def _add(request: Entered, form: forms.NewChannel) -> str | None:
    """The key a webhook is signed with, to be shown this once; empty for what has none, and
    None if nothing was added.
    """
    listener, salt = form.listener(), sending.new_salt()
    try:
        actions.add_channel(listener, salt=salt, by=request.user, now=now())
    except Refused as refused:
        messages.error(request, str(refused))
        return None
    messages.success(request, f"Notices go to {listener.address}.")
    return sending.key(salt) if listener.kind == ChannelKind.WEBHOOK else ""


@require_POST
@door(Act.EDIT_ALERT_RULES)
def end_channel(request: Entered, pk: int) -> HttpResponseBase:
    channel = get_object_or_404(Channel, pk=pk)
    try:
        actions.end_channel(channel, by=request.user, now=now())
    except Refused as refused:
        messages.error(request, str(refused))
    return HttpResponseRedirect(reverse("alert_channels"))
