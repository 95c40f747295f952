"""Officers by badge number: what each holds and held, and those who should hold nothing first."""

from collections.abc import Callable
from datetime import datetime
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.timezone import now
from django.views.decorators.http import require_POST

from dashboard.custody_facts import Names, officer_sentence, officers_sentence
from dashboard.custody_forms import HistoryFilter, OfficerFilter
from dashboard.doors import Entered, door
from dashboard.forms import Reason
from dashboard.present import present
from dashboard.views.custody import export_of, pages
from devices.access.people import reach_of
from devices.board.cards import Asked
from devices.custody import holders
from devices.errors import Refused
from devices.inventory import actions as inventory
from devices.inventory.models import Officer
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
    suspending = reach_of(request.user, Act.SUSPEND_OFFICER)
    context = {
        "officer": one,
        "holder": held,
        "sentence": officer_sentence(held, asked),
        "reason": Reason(label_suffix=""),
        "may_suspend": one.active
        and suspending is not None
        and suspending.covers(one.station_id, one.pk),
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


def late_by(asked: Asked) -> datetime:
    """What was due by then is overdue."""
    return asked.now - asked.policy.overdue_after


def _change(
    request: Entered, badge: str, change: Callable[..., None], done: str
) -> HttpResponseBase:
    one, form = _one(request, badge), Reason(request.POST)
    if form.is_valid():
        try:
            change(one, form.cleaned_data["reason"], by=request.user, now=now())
        except Refused as refused:
            messages.error(request, str(refused))
        else:
            messages.success(request, f"{one} is {done}.")
    else:
        messages.error(request, "Say why in a few words; it stays with the officer.")
    return HttpResponseRedirect(reverse("officer", args=[one.badge_number]))


def _one(request: Entered, badge: str) -> Officer:
    rows = holders.officers_in(request.reach).select_related("station")
    found: Officer = get_object_or_404(rows, badge_number=badge.replace("\0", "")[:20])
    return found
