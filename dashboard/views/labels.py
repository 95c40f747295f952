"""Labels to print: chosen on a page that shows the first sheet, taken as a PDF."""

from django.db import transaction
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.safestring import mark_safe
from django.utils.timezone import now
from django.views.decorators.gzip import gzip_page

from dashboard.doors import Entered, door
from dashboard.labels import paper
from dashboard.labels.asked import COOKIE, Asked
from dashboard.labels.layout import Label
from devices import ledger
from devices.errors import Refused
from devices.roles import Act


@gzip_page
@door(Act.PRINT_LABELS)
def page(request: Entered) -> HttpResponseBase:
    """What would be printed, and the first sheet as it would come out."""
    form = _asked(request)
    return _page(request, form, _found(form))


@door(Act.PRINT_LABELS)
def download(request: Entered) -> HttpResponseBase:
    """The labels as a PDF; else the page, which says why not. That it was taken is written down."""
    form = _asked(request)
    labels = _found(form)
    if not labels:
        return _page(request, form, labels)
    stock = form.setting.stock
    with transaction.atomic():
        ledger.record(
            "printed labels",
            "labels",
            by=request.user,
            now=now(),
            what=form.cleaned_data["what"],
            stock=stock.key,
            labels=len(labels),
        )
    response = HttpResponse(
        paper.pdf(labels, form.setting),
        content_type="application/pdf",
        headers={
            "Content-Disposition": f'attachment; filename="labels-{stock.key}.pdf"',
            "Cache-Control": "no-store",
        },
    )
    form.remember(response)
    return response


def _asked(request: Entered) -> Asked:
    kept = request.COOKIES.get(COOKIE, "")
    return Asked(request.GET.dict(), reach=request.reach, kept=kept)


def _found(form: Asked) -> list[Label]:
    """The labels; none, and the reason in the form, where there is one."""
    if not form.is_valid():
        return []
    try:
        return form.labels()
    except Refused as refused:
        form.add_error(None, str(refused))
        return []


def _page(request: Entered, form: Asked, labels: list[Label]) -> HttpResponseBase:
    context = {"form": form, "labels": labels}
    if labels:
        setting = form.setting
        context |= {
            "stock": setting.stock,
            "sheets": setting.sheets(len(labels)),
            "first": setting.used + 1,
            "picture": mark_safe(paper.picture(labels, setting)),  # noqa: S308
        }
    status = 422 if request.GET and not labels else 200
    response = render(request, "dashboard/labels.html", context, status=status)
    if labels:
        form.remember(response)
    return response
