"""What is a person's own: who they are here, and the tokens of their programs."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.timezone import now
from django.views.decorators.http import require_POST

from dashboard.desk_forms import OwnPin
from dashboard.doors import Entered, door, signed_in
from dashboard.due_forms import Summary
from dashboard.forms import NewApiToken
from devices.access import actions as access
from devices.access.models import ApiToken
from devices.access.people import reach_of, standing_of
from devices.errors import Refused
from devices.inventory.models import SERVICE, Officer, ServiceState, Station
from devices.roles import Act

MOST_TOKENS = 50


@signed_in
def me(request: HttpRequest) -> HttpResponseBase:
    return _page(request, NewApiToken())


@require_POST
@door(Act.USE_API)
def make_token(request: Entered) -> HttpResponseBase:
    """A key for this person's programs; the plaintext is in this one answer alone."""
    form = NewApiToken(request.POST)
    if not form.is_valid():
        return _page(request, form, status=422)
    said, at = form.cleaned_data, now()
    try:
        token = access.make_api_token(
            request.user,
            label=said["label"],
            scopes=said["scopes"],
            by=request.user,
            now=at,
            ends_at=at + timedelta(days=said["days"]),
        )
    except Refused as refused:
        messages.error(request, str(refused))
        return HttpResponseRedirect(reverse("me"))
    return _page(request, NewApiToken(), token=token)


@require_POST
@signed_in
def revoke_token(request: HttpRequest, key_id: str) -> HttpResponseBase:
    """Everybody may take back what is theirs, even when their role has gone."""
    token = get_object_or_404(ApiToken, key_id=key_id, user=request.user)
    try:
        access.revoke_api_token(token, by=request.user, now=now())
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, f"The token {token.label} opens nothing from now on.")
    return HttpResponseRedirect(reverse("me"))


@require_POST
@signed_in
def summary(request: HttpRequest) -> HttpResponseBase:
    """Where an officer wants the summary of their cameras after each shift."""
    user, form = request.user, Summary(request.POST, label_suffix="")
    assert isinstance(user, User)  # the door let nobody else in
    if not form.is_valid():
        return _page(request, NewApiToken(), summary=form, status=422)
    email = form.cleaned_data["email"]
    access.want_summary(user, email, now=now())
    said = f"Summaries go to {email}." if email else "You get no summary."
    messages.success(request, said)
    return HttpResponseRedirect(reverse("me"))


def _page(
    request: HttpRequest,
    form: NewApiToken,
    *,
    token: str = "",
    summary: Summary | None = None,
    status: int = 200,
) -> HttpResponseBase:
    user: Any = request.user
    form.label_suffix = ""
    officer = Officer.objects.filter(user=user.pk, active=True).exists()
    context = {"form": form, "token": token, "at": now(), **_standing(user)}
    context |= {"officer": officer, "pin_form": OwnPin()}
    own = reach_of(user, Act.REPORT_LOST)
    if own is not None and own.officer_id is not None:
        context["cameras"] = [
            (one, ServiceState.LOST in SERVICE.moves[ServiceState(one.service_state)])
            for one in own.cameras().order_by("number")
        ]
    if standing_of(user).officer_id is not None:
        context["summary"] = summary or Summary(initial={"email": user.email}, label_suffix="")
    response = render(request, "dashboard/me.html", context, status=status)
    response["Cache-Control"] = "no-store"
    return response


def _standing(user: User) -> dict[str, Any]:
    standing = standing_of(user)
    return {
        "roles": sorted(role.value for role in standing.roles),
        "stations": list(Station.objects.filter(pk__in=standing.stations)),
        "may_use_api": reach_of(user, Act.USE_API) is not None,
        "tokens": list(ApiToken.objects.filter(user=user).order_by("-made_at")[:MOST_TOKENS]),
    }
