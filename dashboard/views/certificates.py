"""Whose signatures the department believes."""

from django.http import Http404, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.timezone import now
from django.views.decorators.http import require_POST

from dashboard.doors import Entered, door
from dashboard.release_forms import NewCertificate
from dashboard.views.releases import acted, known
from devices.access.people import reach_of
from devices.errors import Refused
from devices.releases.certificates import actions
from devices.releases.models import Certificate
from devices.roles import Act


@door(Act.VIEW_RELEASES)
def certificates(request: Entered) -> HttpResponseBase:
    return _page(request, NewCertificate())


@require_POST
@door(Act.MANAGE_CERTIFICATES)
def add(request: Entered) -> HttpResponseBase:
    form = NewCertificate(request.POST)
    if form.is_valid():
        said = form.cleaned_data
        try:
            actions.add_certificate(said["name"], said["pem"], by=request.user, now=now())
        except Refused as refused:
            form.add_error("pem", str(refused))
        else:
            return acted(
                request,
                lambda: None,
                "Added. What it stands behind is believed from now on.",
                reverse("certificates"),
            )
    return _page(request, form, status=422)


@require_POST
@door(Act.MANAGE_CERTIFICATES)
def withdraw(request: Entered, pk: int) -> HttpResponseBase:
    row = Certificate.objects.filter(pk=known(pk)).first()
    if row is None:
        raise Http404(pk)
    return acted(
        request,
        lambda: actions.withdraw_certificate(row, by=request.user, now=now()),
        f"{row} is withdrawn. Nothing it stands behind is believed any more.",
        reverse("certificates"),
    )


def _page(request: Entered, form: NewCertificate, *, status: int = 200) -> HttpResponseBase:
    rows = list(Certificate.objects.select_related("added_by"))
    at = now()
    context = {
        "certificates": rows,
        "believed": [one for one in rows if one.withdrawn_at is None and one.ends_at > at],
        "form": form,
        "at": at,
        "may_manage": reach_of(request.user, Act.MANAGE_CERTIFICATES) is not None,
    }
    return render(request, "dashboard/certificates.html", context, status=status)
