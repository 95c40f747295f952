"""The first page of an empty installation: its administrator. Gone once there is a user."""

from django.contrib.auth import login
from django.contrib.auth.models import User
from django.db import connection, transaction
from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.timezone import now
from django.views.decorators.cache import never_cache

from dashboard import first_run
from dashboard.forms import FirstRun
from devices.access import actions as access
from devices.errors import Refused
from devices.roles import Role

ONE_AT_A_TIME = 4_170_001  # an advisory lock: of two people at once, one is first


@never_cache
def begin(request: HttpRequest) -> HttpResponseBase:
    if not first_run.wanted():
        raise Http404
    first_run.code()
    form = FirstRun(request.POST or None, label_suffix="")
    if request.method == "POST" and form.is_valid():
        try:
            user = _administrator(form)
        except Refused as refused:
            form.add_error(None, str(refused))
        else:
            login(request, user, backend="django.contrib.auth.backends.ModelBackend")
            return HttpResponseRedirect(reverse("import"))
    status = 422 if form.errors else 200
    return render(
        request,
        "dashboard/first_run.html",
        {"form": form, "code_file": first_run.code_file()},
        status=status,
    )


@transaction.atomic
def _administrator(form: FirstRun) -> User:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ONE_AT_A_TIME])
    if not first_run.wanted():
        raise Http404
    at, said = now(), form.cleaned_data
    user = access.create_user(said["username"], said["password"], by=None, now=at)
    for role in (Role.ADMINISTRATOR, *([Role.IT] if said["also_it"] else [])):
        access.grant(user, role, by=user, now=at)
    transaction.on_commit(first_run.forget_code)
    return user
