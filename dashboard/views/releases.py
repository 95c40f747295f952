"""Releases: what there is, bringing one, and the two people that each needs."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.db.models import Prefetch, QuerySet
from django.http import Http404, HttpResponseBase, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.timezone import now
from django.views.decorators.http import require_POST

from dashboard import arriving, rollouts
from dashboard.arriving import ASKED, Came, Failed, Line
from dashboard.doors import Entered, door
from dashboard.forms import Reason
from dashboard.session import background
from devices.access.people import reach_of
from devices.errors import Refused
from devices.inventory.models import CameraModel
from devices.ledger import LedgerEntry, LedgerHead
from devices.releases import actions, reading, rules
from devices.releases.models import Release, ReleaseState, RollbackOrder, Urgency
from devices.releases.receiving.actions import Conflict
from devices.releases.storage import Full
from devices.roles import Act
from devices.rollouts import images

MOST_SHOWN = 200
MOST_REFUSED = 5
LATELY = 20_000  # entries of the ledger that are looked through for what was refused
LARGEST_SIGNATURE = 64 * 1024


@door(Act.VIEW_RELEASES)
def releases(request: Entered) -> HttpResponseBase:
    rows = Release.objects.prefetch_related("fits").select_related("uploaded_by", "approved_by")
    shown = list(rows[:MOST_SHOWN])
    waiting = [one for one in shown if one.state == ReleaseState.VERIFIED]
    may_upload = _may(request, Act.UPLOAD_RELEASE)
    context = {
        "releases": shown,
        "waiting": waiting,
        "behind": sum(one.behind for one in reading.behind(request.reach.cameras(), now())),
        "refused": _refused_lately() if may_upload else [],
        "may_upload": may_upload,
        "may_make": _may(request, Act.MAKE_ROLLOUT),
        "models": CameraModel.objects.all(),
        "urgencies": Urgency.choices,
        "most_gb": rules.LARGEST // 1024**3,
    }
    return render(request, "dashboard/releases.html", context)


def _refused_lately() -> list[LedgerEntry]:
    head = LedgerHead.objects.values_list("seq", flat=True).first() or 0
    rows = LedgerEntry.objects.filter(seq__gt=head - LATELY, verb="release refused")
    return list(rows.order_by("-seq")[:MOST_REFUSED])


@door(Act.VIEW_RELEASES)
def release(request: Entered, pk: int) -> HttpResponseBase:
    one = _release(pk)
    return render(request, "dashboard/release.html", _told(request, one))


def _told(request: Entered, one: Release) -> dict[str, Any]:
    mine = one.uploaded_by_id == request.user.pk
    may = _may(request, Act.APPROVE_RELEASE)
    in_time = None
    if one.approved_at is not None:
        by = rules.patch_by(one.urgency, one.approved_at)
        in_time = (by, rules.days_left(by, now()))
    return {
        "release": one,
        "orders": one.rollback_orders.select_related("ordered_by", "confirmed_by", "signed_by"),
        "in_time": in_time,
        "behind": _behind_of(request, one),
        "may_approve": may and one.state == ReleaseState.VERIFIED,
        "mine": mine,
        "rollouts": rollouts.of_release(one) if _may(request, Act.VIEW_ROLLOUTS) else [],
        "may_make": _may(request, Act.MAKE_ROLLOUT),
        "may_recall": may and one.state in (ReleaseState.VERIFIED, ReleaseState.APPROVED),
        "may_remove": may and one.state == ReleaseState.RECALLED and not one.image_removed_at,
        "may_order": _may(request, Act.ORDER_ROLLBACK) and one.state == ReleaseState.APPROVED,
        "order_text": rules.order_text(one.kind, one.version, one.sha256, "…"),
        "profile": one.profile_version.profile if one.profile_version else None,
        "profile_changes": rollouts.profile_changes(one),
    }


def _behind_of(request: Entered, one: Release) -> reading.Behind | None:
    found = reading.behind(request.reach.cameras(), now())
    return next((each for each in found if each.release == one), None)


@door(Act.VIEW_RELEASES)
def behind(request: Entered) -> HttpResponseBase:
    """Who is behind, and how many days are left."""
    rows = reading.behind(request.reach.cameras(), now())
    context = {
        "rows": rows,
        "may_make": _may(request, Act.MAKE_ROLLOUT),
        "late": [one for one in rows if one.days_left <= 0 and one.behind],
        "all": sum(one.behind for one in rows),
    }
    return render(request, "dashboard/behind.html", context)


# --- Bringing one ------------------------------------------------------------------------


@require_POST
@door(Act.UPLOAD_RELEASE)
def check(request: Entered) -> HttpResponseBase:
    """Whether a release told so could be received; asked before a byte of it is sent."""
    text = request.body
    return _answer(lambda: arriving.refuse_line(text, None))


@require_POST
@door(Act.UPLOAD_RELEASE)
def upload(request: Entered) -> HttpResponseBase:
    """What `fleet/arriving.py` asks of a file that comes in."""
    match getattr(request, "scope", {}).get(ASKED):
        case Line(text, size):
            return _answer(lambda: arriving.refuse_line(text, size))
        case Came(text, received):
            return _answer(lambda: _receive(request, text, received))
        case Failed(status, says):
            return JsonResponse({"says": says}, status=status)
    return JsonResponse({})


def _receive(request: Entered, text: bytes, received: Any) -> dict[str, str]:
    made = arriving.take(text, received, request.user, now())
    return {"key": made.key, "address": reverse("release", args=[made.pk])}


def _answer(act: Callable[[], dict[str, str] | None]) -> HttpResponseBase:
    try:
        said = act() or {}
    except Conflict as conflict:
        return JsonResponse({"says": str(conflict)}, status=409)
    except Full as full:
        return JsonResponse({"says": str(full)}, status=507)
    except Refused as refused:
        return JsonResponse({"says": str(refused)}, status=422)
    return JsonResponse(said)


@background
@door(Act.UPLOAD_RELEASE)
def upload_state(request: Entered) -> HttpResponseBase:
    """What became of an upload, by its key: for the page that sent it."""
    key = request.GET.get("key", "")[:32]
    row, reason = arriving.became(key) if key.isalnum() and key.isascii() else (None, None)
    if row is not None:
        address = reverse("release", args=[row.pk])
        return _no_store(JsonResponse({"state": row.state, "address": address}))
    said = {"state": "refused", "says": reason} if reason else {"state": "unknown"}
    return _no_store(JsonResponse(said))


def _no_store(response: HttpResponseBase) -> HttpResponseBase:
    response["Cache-Control"] = "no-store"
    return response


# --- Two people --------------------------------------------------------------------------


@require_POST
@door(Act.APPROVE_RELEASE)
def approve(request: Entered, pk: int) -> HttpResponseBase:
    one = _release(pk)
    return acted(
        request,
        lambda: actions.approve(one, by=request.user, now=now()),
        f"{one} is approved. Its patching clock runs from now.",
        reverse("release", args=[pk]),
    )


@require_POST
@door(Act.APPROVE_RELEASE)
def recall(request: Entered, pk: int) -> HttpResponseBase:
    one = _release(pk)
    return acted(
        request,
        lambda: actions.recall(one, reason_in(request), by=request.user, now=now()),
        f"{one} is recalled. No camera is brought to it any more.",
        reverse("release", args=[pk]),
    )


@require_POST
@door(Act.APPROVE_RELEASE)
def remove_image(request: Entered, pk: int) -> HttpResponseBase:
    one = _release(pk)
    return acted(
        request,
        lambda: images.remove_image(one, by=request.user, now=now()),
        f"The image of {one} is removed. What it was stays.",
        reverse("release", args=[pk]),
    )


@require_POST
@door(Act.ORDER_ROLLBACK)
def order_rollback(request: Entered, pk: int) -> HttpResponseBase:
    one = _release(pk)
    return acted(
        request,
        lambda: actions.order_rollback(
            one, reason_in(request), _signature(request), by=request.user, now=now()
        ),
        "The order is signed. Another person must confirm it.",
        reverse("release", args=[pk]),
    )


@require_POST
@door(Act.ORDER_ROLLBACK)
def confirm_rollback(request: Entered, pk: int) -> HttpResponseBase:
    order = RollbackOrder.objects.select_related("release").filter(pk=known(pk)).first()
    if order is None:
        raise Http404(pk)
    return acted(
        request,
        lambda: actions.confirm_rollback(order, by=request.user, now=now()),
        f"Confirmed: cameras may go back to {order.release}.",
        reverse("release", args=[order.release_id]),
    )


def acted(request: Entered, act: Callable[[], object], done: str, address: str) -> HttpResponseBase:
    """Do it, say so or why not, and go on at this address."""
    try:
        act()
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, done)
    return HttpResponseRedirect(address)


def reason_in(request: Entered) -> str:
    form = Reason(request.POST)
    if not form.is_valid():
        raise Refused(" ".join(map(str, form.errors["reason"])))
    return str(form.cleaned_data["reason"])


def _signature(request: Entered) -> bytes:
    sent = request.FILES.get("signature")
    if not isinstance(sent, UploadedFile):
        raise Refused("Choose the file with the signature of the order's text.")
    if (sent.size or 0) > LARGEST_SIGNATURE:
        raise Refused("A signature has at most 64 KB.")
    return bytes(sent.read())


def _release(pk: int) -> Release:
    rows: QuerySet[Release] = Release.objects.select_related(
        "uploaded_by", "approved_by", "signed_by", "profile_version__profile"
    ).prefetch_related(Prefetch("fits"))
    row = rows.filter(pk=known(pk)).first()
    if row is None:
        raise Http404(pk)
    return row


def known(pk: int) -> int:
    """A number that fits its column; a larger one names nothing."""
    if pk >= 2**63:
        raise Http404(pk)
    return pk


def _may(request: Entered, act: Act) -> bool:
    return reach_of(request.user, act) is not None
