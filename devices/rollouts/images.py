"""When nothing brings a release any more, so that its bytes may go."""

from datetime import datetime
from typing import Any

from devices.errors import NotNow
from devices.releases import actions as releases
from devices.releases.models import Release
from devices.rollouts.courses.actions import UNDER_WAY
from devices.rollouts.models import Deployment, Rollout
from devices.rollouts.rules import ACTIVE


def remove_image(release: Release, *, by: Any, now: datetime) -> None:
    """The image of a recalled release is gone. Refuses while a rollout of it is under way, or a
    camera is still at it: none of a recalled release starts again."""
    under_way = Rollout.objects.filter(release=release, state__in=UNDER_WAY).first()
    if under_way is not None:
        raise NotNow(f"{under_way} is under way with {release}: abort it first.")
    at_it = Deployment.objects.filter(rollout__release=release, state__in=sorted(ACTIVE)).first()
    if at_it is not None:
        raise NotNow(f"{at_it.camera} is still being updated to {release}: let it end.")
    releases.remove_image(release, by=by, now=now)
