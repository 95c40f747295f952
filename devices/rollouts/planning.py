"""Which camera goes in which wave, and which has no turn at all. Pure."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from devices.releases.versions import why_ordered
from devices.rollouts.drafts import Step
from devices.rollouts.rules import PUT_ASIDE


@dataclass(frozen=True, slots=True)
class Target:
    """What a release is, as far as it matters whether a camera may be brought to it.

    ``ordered``: a confirmed order says that cameras may go back to it; ``order_ended`` is why one
    that did counts no more. ``profile`` is the name of the profile that it is a version of,
    ``hardware`` the revisions that it is for (none: any).
    """

    version: str
    sha256: str
    from_versions: Collection[str] = ()
    ordered: bool = False
    order_ended: str = ""
    profile: str = ""
    hardware: Collection[str] = ()

    def runs_on(self, version: str, digest: str) -> bool:
        """Whether a camera that says so runs it; not every camera says a digest."""
        return version == self.version and digest in ("", self.sha256)


@dataclass(frozen=True, slots=True)
class Matched:
    """A camera that a rollout's filter describes.

    ``shift`` is the kind of shift its officer is on, None where nobody is. ``profile`` is the name
    of the one it should run, empty if nobody said. ``put_aside`` is why no rollout takes it.
    ``bench``: it is tagged so, and no officer goes out with it. ``hardware`` is the revision that
    its update client told, empty if it told none.
    """

    camera_id: int
    name: str
    station_id: int
    shift: int | None = None
    version: str = ""
    digest: str = ""
    service_state: str = "in_service"
    profile: str = ""
    put_aside: str = ""
    bench: bool = False
    hardware: str = ""


def why_skipped(camera: Matched, target: Target) -> str:
    """The sentence why this camera has no turn; empty if it has one.

    One that has not said what it runs has one: it is asked again before anything is offered.
    """
    runs = camera.version
    if target.runs_on(runs, camera.digest):
        return f"It runs {runs} already."
    if camera.put_aside:
        return f"{PUT_ASIDE}{camera.put_aside}"
    if camera.service_state in ("lost", "retired"):
        return f"It is {camera.service_state}."
    if target.profile and (why := why_not_profile(camera.profile, target.profile)):
        return why
    return why_not_on(camera.hardware, target) or why_not_from(runs, target)


def why_not_profile(should_run: str, brings: str) -> str:
    """The sentence why a camera is not brought a profile, by the names of both; one of which nobody
    said what it should run (empty) may be brought any."""
    return f"It should run the profile {should_run}." if should_run not in ("", brings) else ""


def why_not_on(hardware: str, target: Target) -> str:
    """The sentence why no camera of this hardware revision may be brought to the target. Of one
    that told none its client asks the image, as it always does."""
    if not hardware or not target.hardware or hardware in target.hardware:
        return ""
    return f"Its hardware is {hardware}; {target.version} is for {_list(target.hardware)}."


def why_not_from(version: str, target: Target) -> str:
    """The sentence why no camera that runs this version may be brought to the target.

    What a release may come from is said of the way up: who goes back by an order runs what did not
    exist then.
    """
    if not version:
        return ""
    if why := why_ordered(target.version, version, profile=bool(target.profile)):
        no_order = target.order_ended or "no signed order says to bring it there"
        return "" if target.ordered else f"It runs {version}; {why}, and {no_order}."
    if target.from_versions and version not in target.from_versions:
        return (
            f"It runs {version}; {target.version} may come only from {_list(target.from_versions)}."
        )
    return ""


def _list(several: Collection[str]) -> str:
    return ", ".join(sorted(several)[:5])


def waves(cameras: Iterable[Matched], steps: Sequence[Step]) -> list[list[Matched]]:
    """The cameras of each wave, so that no shift and no station carries one wave alone.

    Every station's every shift gives each wave its share: a wave that goes wrong takes from each
    of them as little as it can. Waves of so many cameras take those on the bench before any
    officer's.
    """
    spread = _bench_first(_spread(cameras), max((step.count or 0 for step in steps), default=0))
    found, done = [], 0
    for step in steps:
        upto = max(done, step.cameras(len(spread)))
        found.append(spread[done:upto])
        done = upto
    return found


def _bench_first(spread: Sequence[Matched], counted: int) -> list[Matched]:
    """The same with those on the bench in front, as far as waves of a number of cameras go."""
    bench = [one for one in spread if one.bench][:counted]
    taken = {one.camera_id for one in bench}
    return [*bench, *(one for one in spread if one.camera_id not in taken)]


def _spread(cameras: Iterable[Matched]) -> list[Matched]:
    """So ordered that any first part holds its share of every station and shift."""
    groups: dict[tuple[int, int], list[Matched]] = defaultdict(list)
    for camera in cameras:
        groups[camera.station_id, camera.shift or 0].append(camera)
    placed = [
        ((place + 0.5) / len(group), key, camera)
        for key, group in groups.items()
        for place, camera in enumerate(group)
    ]
    placed.sort(key=lambda one: one[:2])
    return [camera for _, _, camera in placed]
