"""Every page's door: who is signed in, what they may do here, and how far that reaches.

Nobody signed in goes to the sign-in page; a role that may not gets 403; a thing outside the
person's stations does not exist for them (404, by reading only what ``request.reach`` shows).
"""

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import Concatenate, ParamSpec
from urllib.parse import urlsplit

from django.contrib.auth.models import User
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.urls import Resolver404, resolve, reverse

from devices.access.people import Visible, reach_of
from devices.roles import Act

P = ParamSpec("P")


class Entered(HttpRequest):
    """A request whose sender is signed in and may do what the page is for."""

    user: User
    reach: Visible


View = Callable[Concatenate[Entered, P], HttpResponseBase]
Guarded = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def door(act: Act) -> Callable[[View[P]], Guarded[P]]:
    """Let in people whose roles allow ``act``; the view gets how far it reaches as ``reach``."""

    def hang(view: View[P]) -> Guarded[P]:
        @wraps(view)
        def enter(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path(), reverse("sign_in"))
            reach = reach_of(request.user, act)
            if reach is None:
                raise PermissionDenied(f"Your role does not let you {act.value}.")
            request.reach = reach  # type: ignore[attr-defined]
            return view(request, *args, **kwargs)  # type: ignore[arg-type]

        enter.act = act  # type: ignore[attr-defined]
        return enter

    return hang


def leads_to(user: User, address: str) -> bool:
    """Whether this address of ours lets this person in: a link that ends at 403 is none."""
    act = _act_of(urlsplit(address).path)
    return act is not None and reach_of(user, act) is not None


@lru_cache(4096)  # of cameras mostly, again and again
def _act_of(path: str) -> Act | None:
    try:
        return getattr(resolve(path).func, "act", None)
    except Resolver404:
        return None


def signed_in(view: Guarded[P]) -> Guarded[P]:
    """Let in anybody who is signed in: for what every person may do."""

    @wraps(view)
    def enter(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path(), reverse("sign_in"))
        return view(request, *args, **kwargs)

    enter.act = None  # type: ignore[attr-defined]
    return enter
