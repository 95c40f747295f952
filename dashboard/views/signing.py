"""Signing in and out, and how the pages look."""

from typing import Any

from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView, LogoutView
from django.core.exceptions import NON_FIELD_ERRORS
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from dashboard import first_run, looks, navigation, witness
from dashboard.doors import signed_in
from devices import ledger


class SignIn(LoginView):
    """Asks for name and password; then leads to the first page the person's roles open."""

    template_name = "dashboard/sign_in.html"
    redirect_authenticated_user = True

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated and first_run.wanted():
            return HttpResponseRedirect(reverse("first_run"))
        return super().dispatch(request, *args, **kwargs)

    @transaction.atomic
    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        response = super().form_valid(form)
        with ledger.acting(witness.circumstances_of(self.request)):  # the session is a new one
            witness.signed_in(form.get_user())
        return response

    def form_invalid(self, form: AuthenticationForm) -> HttpResponse:
        if form.has_error(NON_FIELD_ERRORS):
            name = form.cleaned_data["username"]
            witness.failed_to_sign_in(name, witness.source_of(self.request))
        return super().form_invalid(form)

    def get_success_url(self) -> str:
        """Who merely opened the address has not asked for the board, nor may everybody see it."""
        asked = self.get_redirect_url()
        return self.get_default_redirect_url() if asked in ("", reverse("board")) else asked

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
