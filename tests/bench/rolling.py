"""Rollouts over a fleet that stands, inside Django: what starting, sweeping and foreseeing take."""

import json
from collections.abc import Callable
from datetime import timedelta
from statistics import median
from time import perf_counter

from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import now

from devices.health.models import CameraHealth
from devices.inventory.models import Camera, CameraModel
from devices.policy import Policy
from devices.releases.models import Release
from devices.rollouts import sweeping
from devices.rollouts.courses import actions as courses
from devices.rollouts.drafts import Draft, Step
from devices.rollouts.foreseeing import dry_run
from devices.rollouts.models import Rollout
from devices.rollouts.rules import Terms

STEPS = (Step(percent=50), Step(percent=100))


def main(rollouts: str, runs: str) -> str:
    """Says, as JSON, of each what it was, its median in milliseconds, and how many queries."""
    people = [User.objects.create_user(f"roller {n}") for n in (1, 2)]
    made = _drafted(int(rollouts), people)
    _sweep()  # as a worker that has swept before
    told = [["a dry run", *_measured(lambda: dry_run(made[0], now=now(), policy=Policy()), 1)]]
    began = perf_counter()
    for one in made:
        courses.start(one, by=people[0], now=now())
    told.append(["the start", (perf_counter() - began) * 1000, 0])
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    told.append(["a sweep that offers", *_measured(_sweep, 1)])
    told.append(["a sweep with nothing new", *_measured(_sweep, int(runs))])
    told.append(["a look for cameras that join", *_measured(lambda: sweeping.join(now=now()), 1)])
    return json.dumps(told)


def _drafted(rollouts: int, people: list[User]) -> list[Rollout]:
    """Each for its share of the fleet; the cameras spoke a moment ago."""
    CameraHealth.objects.update(heard_at=now(), received_at=now())
    models = list(CameraModel.objects.all())
    cameras = list(Camera.objects.order_by("pk").values_list("pk", flat=True))
    made = []
    for n in range(rollouts):
        release = Release.objects.create(
            kind="firmware", version=f"9.0.{n}", file_name=f"{n}.swu", key=f"bench-{n}", size=1,
            sha1="", md5="", sha256=f"{n}", state="approved", uploaded_at=now(),
        )  # fmt: skip
        release.fits.set(models)
        wanted = {"cameras": cameras[n::rollouts]} if rollouts > 1 else {}
        draft = Draft(f"Rollout {n}", wanted, STEPS, (), Terms(soak=timedelta(hours=1)))
        one = courses.make(release, draft, by=people[0], now=now())
        courses.approve(one, by=people[1], now=now())
        made.append(Rollout.objects.get(pk=one.pk))
    return made


def _sweep() -> int:
    return sweeping.sweep(now=now(), policy=Policy())


def _measured(act: Callable[[], object], runs: int) -> tuple[float, int]:
    with CaptureQueriesContext(connection) as asked:
        began = perf_counter()
        act()
        first = (perf_counter() - began) * 1000
    took = [first] if runs == 1 else [_ms(act) for _ in range(runs)]
    return (median(took), len(asked))


def _ms(act: Callable[[], object]) -> float:
    began = perf_counter()
    act()
    return (perf_counter() - began) * 1000
