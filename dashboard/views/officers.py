"""Officers by badge number: what each holds and held, and those who should hold nothing first."""

from collections.abc import Callable
from datetime import datetime
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.http import HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.timezone import now
from django.views.decorators.http import require_POST

from dashboard.custody_facts import Names, officer_sentence, officers_sentence
from dashboard.custody_forms import HistoryFilter, OfficerFilter
from dashboard.doors import Entered, door
from dashboard.officer_forms import EndedBadge, NewBadge, WhyOfOfficer
from dashboard.present import present
from dashboard.views.custody import export_of, pages
from devices.access.people import reach_of
from devices.board.cards import Asked
from devices.custody import holders
from devices.desk import enrolling
from devices.errors import Refused
from devices.inventory import actions as inventory
from devices.inventory.models import CredentialKind, Officer
from devices.roles import Act

PAGE = 100


@door(Act.VIEW_OFFICERS)
def officers(request: Entered) -> HttpResponseBase:
    """Who holds what; whoever has left or is suspended and still holds a camera stands on top."""
    now_asked, form = present(), OfficerFilter(request.GET, label_suffix="")
    late = late_by(now_asked)
    form.full_clean()
    asked = {name: said for name, said in form.cleaned_data.items() if said}
    after = request.GET.get("after", "")[:20].replace("\0", "")
    rows, more = holders.listed(
        request.reach,
        late,
        who=asked.get("who", ""),
        text=asked.get("q", ""),
        after=after,
        size=PAGE,
    )
    following = {**asked, "after": rows[-1].officer.badge_number} if more else {}
    context = {
        "form": form,
        "filtered": bool(asked),
        "sentence": officers_sentence(holders.tally(request.reach, late)),
        "gone": holders.gone(request.reach, late),
        "rows": rows,
        "first": urlencode(asked) if after else None,
        "next": urlencode(following) if more else None,
        "at": now_asked.now,
    }
    return render(request, "dashboard/officers.html", context)


@door(Act.VIEW_OFFICERS)
def officer(request: Entered, badge: str) -> HttpResponseBase:
    """What this officer holds, what stops them, and everything they ever held."""
    one, asked = _one(request, badge), present()
    held = holders.holder(one, late_by(asked))
    shown = reach_of(request.user, Act.VIEW_OFFICERS)
    form = HistoryFilter(request.GET, reach=request.reach, shown=None)
    may_enrol = _may(request, Act.ENROL_BADGE, one)
    context = {
        "officer": one,
        "holder": held,
        "sentence": officer_sentence(held, asked),
        "reason": WhyOfOfficer(label_suffix=""),
        "may_suspend": one.active and _may(request, Act.SUSPEND_OFFICER, one),
        "may_enrol": may_enrol,
        "badges": list(one.credentials.order_by("pk")) if may_enrol else [],
        "new_badge": NewBadge(auto_id="new_%s", label_suffix=""),
        **pages(request, form, form.wanted(officer=one), Names(shown), asked),
        "export": export_of(request, officer=one.badge_number),
    }
    return render(request, "dashboard/officer.html", context)


@require_POST
@door(Act.SUSPEND_OFFICER)
def suspend(request: Entered, badge: str) -> HttpResponseBase:
    """The officer is given no camera while this lasts; what they hold is to be taken back."""
    return _change(request, badge, inventory.suspend, "suspended")


@require_POST
@door(Act.SUSPEND_OFFICER)
def let_back(request: Entered, badge: str) -> HttpResponseBase:
    """The officer is given cameras again."""
    return _change(request, badge, inventory.let_back, "let back")


@require_POST
@door(Act.ENROL_BADGE)
def add_badge(request: Entered, badge: str) -> HttpResponseBase:
    """What was scanned into the form names the officer from now on."""
    one, form = _one(request, badge), NewBadge(request.POST)

    def add() -> str:
        said = form.cleaned_data
        made = enrolling.enrol(
            one, said["value"], CredentialKind(said["kind"]), by=request.user, now=now()
        )
        return f"{made.get_kind_display()} {made.ending} names {one} from now on."

    return _answered(request, one, form, add)


@require_POST
@door(Act.ENROL_BADGE)
def end_badge(request: Entered, badge: str) -> HttpResponseBase:
    """One of the officer's badges names nobody from now on."""
    one = _one(request, badge)
    form = EndedBadge(request.POST, badges=one.credentials.all())

    def end() -> str:
        gone = form.cleaned_data["credential"]
        said = f"{gone.get_kind_display()} {gone.ending} names nobody any more."
        inventory.end_credential(gone, form.cleaned_data["reason"], by=request.user, now=now())
        return said

    return _answered(request, one, form, end)


def late_by(asked: Asked) -> datetime:
    """What was due by then is overdue."""
    return asked.now - asked.policy.overdue_after


def _change(
    request: Entered, badge: str, change: Callable[..., None], done: str
) -> HttpResponseBase:
    one, form = _one(request, badge), WhyOfOfficer(request.POST)

    def act() -> str:
        change(one, form.cleaned_data["reason"], by=request.user, now=now())
        return f"{one} is {done}."

    return _answered(request, one, form, act)


def _answered(
    request: Entered, one: Officer, form: forms.Form, act: Callable[[], str]
) -> HttpResponseBase:
    """Do it and say so, or say why not; then the officer's page."""
    if form.is_valid():
        try:
            messages.success(request, act())
        except Refused as refused:
            messages.error(request, str(refused))
    else:
        first = next(iter(form.errors.values()))
        messages.error(request, " ".join(map(str, first)))
    return HttpResponseRedirect(reverse("officer", args=[one.badge_number]))


def _may(request: Entered, act: Act, one: Officer) -> bool:
    reach = reach_of(request.user, act)
    return reach is not None and reach.covers(one.station_id, one.pk)


def _one(request: Entered, badge: str) -> Officer:
    rows = holders.officers_in(request.reach).select_related("station")
    found: Officer = get_object_or_404(rows, badge_number=badge.replace("\0", "")[:20])
    return found
