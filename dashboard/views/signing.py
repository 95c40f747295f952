"""Signing in and out, and how the pages look."""

from typing import Any

from django.contrib.auth.views import LoginView, LogoutView
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from dashboard import first_run, looks, navigation
from dashboard.doors import signed_in


class SignIn(LoginView):
    """Asks for name and password; then leads to the first page the person's roles open."""

    template_name = "dashboard/sign_in.html"
    redirect_authenticated_user = True

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated and first_run.wanted():
            return HttpResponseRedirect(reverse("first_run"))
        return super().dispatch(request, *args, **kwargs)

    def get_default_redirect_url(self) -> str:
        return navigation.home_of(self.request.user)


class SignOut(LogoutView):
    next_page = "sign_in"


@signed_in
def welcome(request: HttpRequest) -> HttpResponseBase:
    """Where somebody goes whose roles open no page yet."""
    return render(request, "dashboard/welcome.html")


@require_POST
def look(request: HttpRequest) -> HttpResponse:
    """Remember theme and density, then show the page they were chosen on."""
    back = request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(back, {request.get_host()}, request.is_secure()):
        back = "/"
    response = HttpResponseRedirect(back)
    looks.remember(response, theme=request.POST.get("theme"), density=request.POST.get("density"))
    return response
