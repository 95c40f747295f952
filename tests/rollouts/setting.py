"""A small department with docked cameras, and rollouts of a release to them."""

from datetime import datetime, timedelta
from typing import Any

from devices.inventory.models import Camera, Station
from devices.releases.models import Certificate, Release
from devices.rollouts.courses import actions as courses
from devices.rollouts.drafts import Caps, Draft, Step
from devices.rollouts.models import Deployment, Rollout
from devices.rollouts.rules import Terms, Turn
from tests.ddi.offers import a_release
from tests.rows import a_camera, a_dock, a_model, a_station

AT_ONCE = (Step(percent=100),)
NO_WAIT = Terms(soak=timedelta(0))


def docked(
    count: int, now: datetime, station: Station | None = None, first: int = 1
) -> list[Camera]:
    """So many spares, charged and emptied, in docks of eight bays; they run 4.2.1."""
    here = station or a_station()
    made = []
    for place in range(count):
        if place % 8 == 0:
            bays = list(a_dock(f"{here.code}{first + place}", here).bays.all())
        bay = bays[place % 8]
        made.append(a_camera(first + place, here, now, home_bay=bay, health={"bay": bay}))
    return made


def firmware(version: str = "4.3.0", **fields: Any) -> Release:
    """An approved release for the usual model."""
    release = a_release(version=version, **fields)
    release.fits.set([a_model()])
    return release


def ordered_back(release: Release, now: datetime) -> Certificate:
    """A confirmed order to go back to it; whose certificate signed it."""
    signer = Certificate.objects.create(
        name="Maker", fingerprint="0", ends_at=now + timedelta(days=30), added_at=now
    )
    release.rollback_orders.create(
        reason="It loses clips.", signature=b"0", signed_by=signer, ordered_at=now, confirmed_at=now
    )
    return signer


def drafted(by: Any, now: datetime, release: Release | None = None, **said: Any) -> Rollout:
    draft = Draft(**{"name": "Spring", "steps": AT_ONCE, "terms": NO_WAIT, **said})
    return courses.make(release or firmware(), draft, by=by, now=now)


def started(
    by: Any, other: Any, now: datetime, release: Release | None = None, **said: Any
) -> Rollout:
    rollout = drafted(by, now, release, **said)
    courses.approve(rollout, by=other, now=now)
    courses.start(rollout, by=by, now=now)
    return rollout


def states(rollout: Rollout) -> dict[str, str]:
    """Each camera's turn."""
    rows = rollout.deployments.select_related("camera").order_by("camera__number")
    return {turn.camera.name: turn.state for turn in rows}


def put(rollout: Rollout, state: Turn, *cameras: Camera, **fields: Any) -> None:
    """As if these cameras' turns had come to this."""
    if state in (Turn.FAILED, Turn.TIMED_OUT):
        fields = {"failed_at": fields.get("ended_at"), **fields}
    rows = Deployment.objects.filter(rollout=rollout)
    rows = rows.filter(camera__in=cameras) if cameras else rows
    rows.update(state=state, **fields)


FEW = Caps(most_per_dock=1, most_per_station=2, most_at_once=2)
