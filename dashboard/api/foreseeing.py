"""Dry runs through the API: what a rollout would do to the coming shifts, and nothing is done."""

from typing import Any

from django.http import Http404
from rest_framework.request import Request
from rest_framework.response import Response

from dashboard import rollouts
from dashboard.api import rollout_serializers as drawn
from dashboard.api.acting import Saying
from dashboard.api.desk import LongJson
from dashboard.api.fields import Row
from dashboard.api.resources import Resource, numbered
from dashboard.api.rollout_acts import Wrong, draft_of, release_of, unfit
from dashboard.api.views import camera_number
from dashboard.present import present
from devices.access.people import Visible
from devices.inventory import codes
from devices.rollouts.dry_run import DryRun, ShiftRun
from devices.rollouts.foreseeing import dry_run, dry_run_of
from devices.rollouts.models import Rollout

_NOTHING_LEFT = DryRun((), (), None, ())


class Foreseen(Resource):
    """What is left of a rollout, played forward on the roster of two weeks; of one that has
    ended, nothing."""

    queryset = Rollout.objects.none()
    serializer_class = drawn.DryRunSerializer
    filter_backends = ()
    pagination_class = None

    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        pk, at = numbered(self.kwargs["rollout"]), present()
        one = Rollout.objects.select_related("release").filter(pk=pk).first()
        if one is None:
            raise Http404
        ended = one.state in rollouts.ENDED
        run = _NOTHING_LEFT if ended else dry_run(one, now=at.now, policy=at.policy)
        row = told(run, self.reach)
        if self.answer(request, [row]):
            return Response(status=304, headers=self.headers_out)
        return Response(self.get_serializer(row).data, headers=self.headers_out)


class ForeseenDraft(Saying):
    """What a rollout would do if it were drafted so and started now. Nothing is kept."""

    parser_classes = (LongJson,)
    asks = drawn.NewRolloutSerializer
    serializer_class = drawn.DryRunSerializer

    def post(self, request: Request) -> Response:
        said, at = self.understood(request), present()
        try:
            release, draft = release_of(said), draft_of(said)
        except Wrong as wrong:
            raise unfit(wrong) from None
        run = dry_run_of(release, draft, now=at.now, policy=at.policy)
        return self.answered(dict(drawn.DryRunSerializer(told(run, self.reach)).data))


def told(run: DryRun, reach: Visible) -> Row:
    """A dry run as far as this reach goes: others' shifts and cameras are not told."""
    found = rollouts.foreseen(run, reach)
    return {
        "sentence": found.says,
        "done_at": run.done_at,
        "waves": [
            {
                "number": one.number,
                "cameras": one.cameras,
                "opens_at": one.opens_at,
                "done_at": one.done_at,
            }
            for one in run.waves
        ],
        "shifts": [_shift(one) for one in sorted(found.shifts, key=lambda one: one.begins_at)],
        "lowest": _shift(found.shifts[0]) if found.shifts else None,
        "never": _within(run, reach),
    }


def _shift(one: ShiftRun) -> Row:
    return {
        "shift": one.name,
        "station": one.station,
        "begins_at": one.begins_at,
        "margin_without": one.margin_without,
        "margin": one.margin,
    }


def _within(run: DryRun, reach: Visible) -> list[str]:
    """Those of the cameras without a turn that may be seen: one statement, by number."""
    numbers = [camera_number(name) for name in run.never]
    rows = reach.cameras().filter(number__in=numbers).order_by("number")
    return [codes.name(number) for number in rows.values_list("number", flat=True)]
