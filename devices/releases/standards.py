"""Which version cameras of a model should run, and which others count as good beside it."""

from collections.abc import Collection, Sequence

from django.db.models import Q, QuerySet

from devices import feed
from devices.inventory import actions as inventory
from devices.inventory.models import CameraModel
from devices.releases.models import (
    Assignment,
    ProfileVersion,
    Release,
    ReleaseKind,
    ReleaseState,
)
from devices.releases.profiles import schema
from devices.releases.reading import models_of
from devices.releases.versions import why_ordered

_CONFIRMED = Q(rollback_orders__confirmed_at__isnull=False)


def locked_models(release: Release) -> list[CameraModel]:
    """The models that it is for, each act in turn on them: before the ledger, which whoever has
    them waits for."""
    return _locked(models_of(release))


def every_model_locked() -> list[CameraModel]:
    """The same of all there are: whichever a profile is assigned to, or taken away from."""
    return _locked(CameraModel.objects.all())


def _locked(rows: QuerySet[CameraModel]) -> list[CameraModel]:
    return list(rows.order_by("pk").select_for_update(no_key=True))


def whose_standard(release: Release, models: Sequence[CameraModel]) -> list[CameraModel]:
    """Whose standard it can be: a profile's, of the models that it is assigned to as such."""
    if release.profile_version is None:
        return list(models)
    assigned = Assignment.objects.filter(
        profile=release.profile_version.profile_id, model__isnull=False
    )
    ids = set(assigned.values_list("model", flat=True))
    return [model for model in models if model.pk in ids]


def fall_back(model: CameraModel, recalled: Release) -> None:
    """Where this was what cameras of the model should run, the latest other approved one is.

    Of a profile its own latest version: another profile is not what was there before. Where it
    has none, or is not assigned to the model any more, nobody says what they should run.
    """
    if standard_of(model, recalled.kind) != recalled.version:
        return
    rows = _approved(model, recalled.kind)
    if recalled.profile_version is not None:
        profile = recalled.profile_version.profile_id
        assigned = Assignment.objects.filter(profile=profile, model=model).exists()
        own = rows.filter(profile_version__profile=profile)
        earlier = own.order_by("-profile_version__number").first() if assigned else None
        want(model, recalled.kind, earlier.version if earlier else "", ())
    elif (earlier := rows.order_by("-approved_at").first()) is not None:
        want(model, recalled.kind, earlier.version, ())


def forget_profile(model: CameraModel) -> None:
    """Nobody says any more which profile cameras of this locked model should run.

    What is no version of a profile of ours came with the inventory, and stays.
    """
    ours = Release.objects.filter(kind=ReleaseKind.PROFILE, version=model.profile_version)
    if ours.exists():
        want(model, ReleaseKind.PROFILE, "", ())


def retell(models: Sequence[CameraModel], kind: str) -> None:
    """Each model counts as good what is approved for it and certainly not older than its standard.

    A version that was ordered back counts although it is older. One with which a camera may miss a
    light bar counts only as long as somebody assigns its profile to what such a camera may be. Such
    a version that nobody assigns is refused, and each that is recalled: no camera is good with one
    because nobody says what it should run, and none should run it.
    """
    profile = kind == ReleaseKind.PROFILE
    assigned = _assigned() if profile else set()
    recalled = _recalled_profiles() if profile else set()
    for model in models:
        rows = _approved(model, kind)
        approved = {one.version: one for one in rows.select_related("profile_version")}
        refused = recalled | {
            version
            for version, one in approved.items()
            if not _may_be_run(one.profile_version, model, assigned)
        }
        standard = standard_of(model, kind)
        standard = "" if standard in refused else standard
        ordered = set(rows.filter(_CONFIRMED).values_list("version", flat=True))
        accepted = {
            version
            for version in approved.keys() - refused
            if version in ordered or not why_ordered_after(version, standard, kind)
        }
        want(model, kind, standard, accepted - {standard})
        if profile:
            inventory.refuse_profiles(model, refused)
    if models:
        feed.touch_all()


def _recalled_profiles() -> set[str]:
    rows = Release.objects.filter(kind=ReleaseKind.PROFILE, state=ReleaseState.RECALLED)
    return set(rows.values_list("version", flat=True))


def _approved(model: CameraModel, kind: str) -> QuerySet[Release]:
    return Release.objects.fitting(model).filter(kind=kind, state=ReleaseState.APPROVED)


def _assigned() -> set[tuple[int, int | None]]:
    """Each profile that is assigned with the model it is for, None: with cameras of any."""
    return set(Assignment.objects.values_list("profile", "model"))


def _may_be_run(
    profile: ProfileVersion | None, model: CameraModel, assigned: Collection[tuple[int, int | None]]
) -> bool:
    """Whether it defeats no light bar, or somebody wants just that of cameras of this model.

    A tag, a unit, a station and a single camera may be of any: who they are for changes with no
    word to here.
    """
    if profile is None or not schema.defeats(profile.chosen):
        return True
    return not {(profile.profile_id, None), (profile.profile_id, model.pk)}.isdisjoint(assigned)


def why_ordered_after(version: str, standard: str, kind: str) -> str:
    """Why this may follow the standard by an order alone; where none is said anything may."""
    profile = kind == ReleaseKind.PROFILE
    return why_ordered(version, standard, profile=profile) if standard else ""


def standard_of(model: CameraModel, kind: str) -> str:
    """Which version cameras of this model should run; empty if nobody said."""
    return model.firmware_version if kind == ReleaseKind.FIRMWARE else model.profile_version


def want(model: CameraModel, kind: str, version: str, accepted: Collection[str]) -> None:
    """Cameras of this model should run ``version``; meanwhile these others count as well."""
    if kind == ReleaseKind.FIRMWARE:
        inventory.want_firmware(model, version, accepted)
    else:
        inventory.want_profile(model, version, accepted)
    model.refresh_from_db()
