"""Rollouts through the API: every act of their pages, each done once whatever is asked again."""

from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from typing import Any

from django.contrib.auth.models import User
from django.http import Http404
from rest_framework import serializers
from rest_framework.exceptions import APIException

from dashboard.api import rollout_serializers as drawn
from dashboard.api.acting import Asked, NothingSerializer, Once, WhySerializer
from dashboard.api.desk import Closed, LongJson
from dashboard.api.parameters import CAMERA
from dashboard.api.problems import Fault, Unfit
from dashboard.api.resources import numbered
from dashboard.api.rollouts import whole
from dashboard.api.views import camera_number
from devices.board.cards import Asked as At
from devices.errors import Refused
from devices.inventory import codes
from devices.inventory.models import Camera, Station
from devices.once.actions import Answer
from devices.releases.models import Release
from devices.rollouts import reading
from devices.rollouts.courses import actions as courses
from devices.rollouts.drafts import (
    MOST_NAMED,
    USUAL_STEPS,
    Caps,
    Draft,
    Step,
    refusals,
)
from devices.rollouts.models import Rollout
from devices.rollouts.rules import Terms

Act = Callable[[], Answer]


class RetrySerializer(Closed):
    cameras = serializers.ListField(
        child=serializers.RegexField(f"^{CAMERA}$"),
        required=False,
        min_length=1,
        max_length=MOST_NAMED,
        help_text="These of the failed ones, as C0417 or 417; without it, all.",
    )


class Wrong(Refused):
    """A draft that cannot be, and each reason why with where it stands."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__(" ".join(fault.detail for fault in faults))
        self.faults = faults


class _OnRollouts(Once):
    """An act that answers with the rollout as it then is."""

    serializer_class: Any = drawn.RolloutPlanSerializer

    def rollout(self) -> Rollout:
        pk = numbered(self.kwargs["rollout"])
        found: Rollout | None = Rollout.objects.select_related("release").filter(pk=pk).first()
        if found is None:
            raise Http404
        return found

    def problem(self, refused: Refused) -> APIException:
        if isinstance(refused, Wrong):
            return unfit(refused)
        return super().problem(refused)


class Make(_OnRollouts):
    """There is a draft of a rollout, for another person to approve."""

    parser_classes = (LongJson,)
    asks = drawn.NewRolloutSerializer

    def act(self, said: Asked, by: User, at: At) -> Act:
        def make() -> Answer:
            release, draft = release_of(said), draft_of(said)
            return whole(courses.make(release, draft, by=by, now=at.now))

        return make


class Change(_OnRollouts):
    """A draft is this instead, all of it; its release stays. What is approved cannot change."""

    parser_classes = (LongJson,)
    asks = drawn.DraftSerializer

    def act(self, said: Asked, by: User, at: At) -> Act:
        rollout = self.rollout()

        def change() -> Answer:
            courses.change(rollout, draft_of(said), by=by, now=at.now)
            return whole(rollout)

        return change


class Approve(_OnRollouts):
    """It may start. 403 for whoever made it or changed it last: another person approves."""

    asks = NothingSerializer

    def act(self, said: Asked, by: User, at: At) -> Act:
        rollout = self.rollout()

        def approve() -> Answer:
            courses.approve(rollout, by=by, now=at.now)
            return whole(rollout)

        return approve


class Start(_OnRollouts):
    """Every camera that it describes has its turn planned, or is skipped with the reason."""

    asks = NothingSerializer

    def act(self, said: Asked, by: User, at: At) -> Act:
        rollout = self.rollout()

        def start() -> Answer:
            courses.start(rollout, by=by, now=at.now)
            return whole(rollout)

        return start


class Resume(_OnRollouts):
    """A paused one goes on; the failures so far are forgiven."""

    asks = NothingSerializer

    def act(self, said: Asked, by: User, at: At) -> Act:
        rollout = self.rollout()

        def resume() -> Answer:
            courses.resume(rollout, by=by, now=at.now)
            return whole(rollout)

        return resume


class _Stop(_OnRollouts):
    """Whoever answers for a station may stop what brings its cameras anything, and that alone."""

    asks = WhySerializer

    def act(self, said: Asked, by: User, at: At) -> Act:
        rollout = self.rollout()
        if not reading.concerns(self.reach, rollout):
            raise Http404

        def stop() -> Answer:
            self.stop(rollout, said["reason"], by, at)
            return whole(rollout)

        return stop

    def stop(self, rollout: Rollout, reason: str, by: User, at: At) -> None:
        raise NotImplementedError


class Pause(_Stop):
    """Nothing more begins: offers are taken back, downloads are told to stop; what installs ends
    by itself."""

    def stop(self, rollout: Rollout, reason: str, by: User, at: At) -> None:
        courses.pause(rollout, reason, by=by, now=at.now)


class Abort(_Stop):
    """It ends: what is planned is cancelled, what began is told to stop."""

    def stop(self, rollout: Rollout, reason: str, by: User, at: At) -> None:
        courses.abort(rollout, reason, by=by, now=at.now)


class RetryFailed(_OnRollouts):
    """The cameras that failed have another turn, or these of them."""

    asks = RetrySerializer
    serializer_class = drawn.TriedAgainSerializer

    def act(self, said: Asked, by: User, at: At) -> Act:
        rollout = self.rollout()

        def retry() -> Answer:
            wanted = said.get("cameras")
            ids = None if wanted is None else cameras_of(wanted, "/cameras")
            again = courses.retry_failed(rollout, ids, by=by, now=at.now)
            return {"cameras": again, "rollout": whole(rollout)}

        return retry


def unfit(wrong: Wrong) -> Unfit:
    """The problem that names everything wrong with a draft."""
    return Unfit(422, "No rollout can be so.", wrong.faults)


def release_of(said: Asked) -> Release:
    """The release that was named; refuses (`Wrong`) one that is none."""
    release: Release | None = Release.objects.filter(pk=said["release"]).first()
    if release is None:
        raise Wrong([Fault("/release", "There is no such release.")])
    return release


def draft_of(said: Asked) -> Draft:
    """What was said, as a draft; refuses (`Wrong`) names of nothing, and what cannot be."""
    wanted = dict(said.get("wanted", {}))
    if "stations" in wanted:
        wanted["stations"] = stations_of(wanted["stations"], "/wanted/stations")
    if "cameras" in wanted:
        wanted["cameras"] = cameras_of(wanted["cameras"], "/wanted/cameras")
    steps = [Step(one.get("percent"), one.get("count")) for one in said.get("waves", ())]
    draft = Draft(
        said["name"],
        wanted,
        steps or USUAL_STEPS,
        said.get("windows", ()),
        Terms(
            said["success_percent"],
            timedelta(minutes=said["soak_minutes"]),
            said["most_failures"],
            said["most_failures_percent"],
        ),
        Caps(**{name: said[name] for name in Caps.__dataclass_fields__}),
    )
    wrong = [Fault("/body", sentence) for sentence in dict.fromkeys(refusals(draft))]
    if wrong:
        raise Wrong(wrong)
    return draft


def stations_of(wanted: Iterable[str], where: str) -> list[int]:
    """The stations with these codes; refuses one that is none."""
    asked = dict.fromkeys(wanted)
    known = dict(Station.objects.filter(code__in=asked).values_list("code", "pk"))
    return _all_of(asked, known, where, "station")


def cameras_of(wanted: Iterable[str], where: str) -> list[int]:
    """The cameras with these names; refuses one that is none."""
    asked = {codes.name(number): number for number in map(camera_number, wanted)}
    rows = Camera.objects.filter(number__in=asked.values()).values_list("number", "pk")
    return _all_of(asked, {codes.name(number): pk for number, pk in rows}, where, "camera")


def _all_of(asked: Iterable[str], known: dict[str, int], where: str, what: str) -> list[int]:
    missing = sum(name not in known for name in asked)
    if missing:
        said = f"{missing} of these names no {what}."
        raise Wrong([Fault(where, said)])
    return [known[name] for name in asked]
