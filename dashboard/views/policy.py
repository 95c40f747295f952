"""The department's numbers: what they are, what others would do to tonight, who decided them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.forms import BoundField
from django.http import HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.timezone import now
from django.views.decorators.http import require_POST

from dashboard.doors import Entered, door
from dashboard.forms import PolicyNumbers
from devices.access.people import reach_of
from devices.department import actions, current
from devices.department.models import PolicyVersion
from devices.department.rules import DECIDABLE, Decidable, in_unit, to_keep, with_decided
from devices.desk import limits
from devices.errors import Refused
from devices.policy import Policy
from devices.readiness import what_if
from devices.roles import Act

MOST_VERSIONS = 50


@dataclass(frozen=True)
class Number:
    """One number as the page shows it."""

    one: Decidable
    value: int
    default: int
    field: BoundField

    @property
    def differs(self) -> bool:
        return self.value != self.default


@dataclass(frozen=True)
class Change:
    """One number before and after a decision, in its unit."""

    label: str
    before: int
    after: int
    unit: str


@dataclass(frozen=True)
class Version:
    """One decision and what it changed."""

    row: PolicyVersion
    changes: list[Change]


@door(Act.VIEW_READINESS)
def policy(request: Entered) -> HttpResponseBase:
    return _page(request)


@require_POST
@door(Act.DECIDE_POLICY)
def preview(request: Entered) -> HttpResponseBase:
    """What these numbers would do to the coming shifts. Nothing is decided."""
    form = PolicyNumbers(request.POST)
    if not form.is_valid():
        return _page(request, form, status=422)
    return _preview(request, form)


@require_POST
@door(Act.DECIDE_POLICY)
def decide(request: Entered) -> HttpResponseBase:
    """The numbers are as previewed; a policy that leaves no camera ready is asked for twice."""
    form = PolicyNumbers(request.POST)
    if not form.is_valid():
        return _page(request, form, status=422)
    before, at = current.as_decided(), now()
    written = form.written(before)
    if not form.cleaned_data["sure"]:
        effect = what_if.effect(request.reach, before, _after(before, written), at)
        if effect.none_ready:
            return _preview(request, form, status=422)
    try:
        version = actions.decide(
            written,
            reason=form.cleaned_data["reason"],
            based_on=form.cleaned_data["based_on"],
            by=request.user,
            now=at,
        )
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, f"Version {version.number} is in force.")
    return HttpResponseRedirect(reverse("policy"))


def _page(
    request: Entered, form: PolicyNumbers | None = None, status: int = 200
) -> HttpResponseBase:
    in_force = current.as_decided()
    versions = list(PolicyVersion.objects.select_related("decided_by")[: MOST_VERSIONS + 1])
    shown = form or PolicyNumbers(initial=_as_written(in_force, versions))
    numbers = list(_numbers(in_force, shown))
    return render(
        request,
        "dashboard/policy.html",
        {
            "form": shown,
            "numbers": numbers,
            "differing": [one for one in numbers if one.differs],
            "versions": list(_versions(versions))[:MOST_VERSIONS],
            "may_decide": reach_of(request.user, Act.DECIDE_POLICY) is not None,
        },
        status=status,
    )


def _preview(request: Entered, form: PolicyNumbers, status: int = 200) -> HttpResponseBase:
    before = current.as_decided()
    written = form.written(before)
    if not written:
        messages.error(request, "Nothing would change: every number is as it is in force.")
        return HttpResponseRedirect(reverse("policy"))
    after, at = _after(before, written), now()
    return render(
        request,
        "dashboard/policy_preview.html",
        {
            "form": form,
            "changes": list(_changes(before, after)),
            "effect": what_if.effect(request.reach, before, after, at),
            "late": list(limits.late(written, request.reach, before, after, at)),
            "from_now_on": limits.holds_from_now_on(written),
            "unsure": status == 422,
        },
        status=status,
    )


def _after(before: Policy, written: dict[str, int]) -> Policy:
    known = {one.name: one for one in DECIDABLE}
    return with_decided(before, {name: to_keep(known[name], n) for name, n in written.items()})


def _as_written(in_force: Policy, versions: list[PolicyVersion]) -> dict[str, Any]:
    numbers = {one.name: in_unit(one, in_force) for one in DECIDABLE}
    return {**numbers, "based_on": versions[0].number if versions else 0}


def _numbers(in_force: Policy, form: PolicyNumbers) -> Iterator[Number]:
    for one in DECIDABLE:
        default = in_unit(one, settings.POLICY)
        yield Number(one, in_unit(one, in_force), default, form[one.name])


def _versions(rows: list[PolicyVersion]) -> Iterator[Version]:
    """Each with what it changed; the oldest is compared with the defaults."""
    earlier = [with_decided(settings.POLICY, row.decided) for row in rows[1:]]
    for row, before in zip(rows, [*earlier, settings.POLICY], strict=False):
        yield Version(row, list(_changes(before, with_decided(settings.POLICY, row.decided))))


def _changes(before: Policy, after: Policy) -> Iterator[Change]:
    for one in DECIDABLE:
        was, would = in_unit(one, before), in_unit(one, after)
        if was != would:
            yield Change(one.label, was, would, one.unit.value)
