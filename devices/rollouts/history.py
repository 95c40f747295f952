"""What became of a camera's updates, and what its clients said meanwhile."""

from collections import defaultdict
from collections.abc import Collection

from django.db.models import F, Window
from django.db.models.functions import RowNumber

from devices.health.models import CameraAttributes
from devices.inventory.models import Camera
from devices.rollouts.models import Deployment, DeploymentWord, PutAside

MOST_UPDATES = 50  # of one camera, newest first: some five years of them


def words_of(deployment_ids: Collection[int], most: int) -> dict[int, list[DeploymentWord]]:
    """The last words of each of these turns, in the order they were said: one statement."""
    found: dict[int, list[DeploymentWord]] = defaultdict(list)
    if not deployment_ids:
        return found
    newest = Window(RowNumber(), partition_by=F("deployment_id"), order_by=F("id").desc())
    rows = DeploymentWord.objects.filter(deployment__in=deployment_ids)
    for word in rows.annotate(nth=newest).filter(nth__lte=most).order_by("id"):
        found[word.deployment_id].append(word)
    return found


def updates_of(camera: Camera, most: int = MOST_UPDATES) -> list[Deployment]:
    """The camera's turns, newest first."""
    rows = Deployment.objects.filter(camera=camera).select_related("rollout__release", "wave")
    return list(rows.order_by("-id")[:most])


def attributes_of(camera: Camera) -> CameraAttributes | None:
    """What its update client told of the camera itself, its hardware with it; None if nothing."""
    one: CameraAttributes | None = CameraAttributes.objects.filter(camera=camera).first()
    return one


def put_aside_now(camera: Camera) -> PutAside | None:
    """That no rollout takes it, and since when; None if they do."""
    rows = PutAside.objects.filter(camera=camera, ended_at=None).select_related("by", "camera")
    one: PutAside | None = rows.first()
    return one


def put_aside_before(camera: Camera, most: int = 10) -> list[PutAside]:
    """When it was put aside before, newest first."""
    rows = PutAside.objects.filter(camera=camera, ended_at__isnull=False).select_related("by")
    return list(rows.order_by("-at")[:most])
