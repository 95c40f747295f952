"""What a count shows: every camera in its list, in a number of statements that does not grow."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.db.models.functions import Upper

from devices.custody.models import FOR_A_SHIFT, Custody
from devices.desk import seeing
from devices.desk.counts import rules
from devices.desk.counts.models import Count, CountExpected, CountScan
from devices.desk.counts.rules import Counted, Standing, Tally
from devices.health.models import CameraHealth, Hearing
from devices.inventory.models import Camera, CameraCode, DockKind, ServiceState

LOOKED_FOR = (ServiceState.IN_SERVICE, ServiceState.OUT_OF_SERVICE)
HEARD = (Hearing.HEARD, Hearing.LATE)


@dataclass(frozen=True)
class Line:
    """One camera of a count, as a page and a sheet show it. ``reason`` is why it is missing."""

    camera: str
    standing: str
    says: str
    scanned_at: str = ""
    reason: str = ""


@dataclass(frozen=True)
class Picture:
    """A count as it stands: how many in each list, and each camera."""

    tally: Tally
    lines: Sequence[Line]

    def of(self, standing: Standing) -> list[Line]:
        return [one for one in self.lines if one.standing == standing]

    @property
    def missing(self) -> list[str]:
        return [one.camera for one in self.of(Standing.MISSING)]


def picture(count: Count, now: datetime) -> Picture:
    """What the count shows now; of a closed one what it found, as it was frozen."""
    if count.closed_at is not None:
        return thawed(count.result)
    expected = {
        one.camera_id: one for one in count.expected.select_related("camera__station", "officer")
    }
    scans = {one.camera_id: one for one in count.scans.select_related("camera__station", "station")}
    seen = _present(expected.keys() | scans.keys())
    counted = [
        _counted(count, (expected.get(pk), scans.get(pk)), seen, now)
        for pk in expected.keys() | scans.keys()
    ]
    at = {scan.camera.name: scan.at.isoformat() for scan in scans.values()}
    return drawn(counted, at)


def drawn(counted: Iterable[Counted], at: Mapping[str, str]) -> Picture:
    """The lists, what needs somebody first; in each the cameras by name."""
    lines = [
        Line(one.name, rules.standing(one).value, rules.sentence(one), at.get(one.name, ""))
        for one in counted
    ]
    lines.sort(key=lambda one: (rules.ORDER.index(Standing(one.standing)), one.camera))
    return Picture(rules.tally([Standing(one.standing) for one in lines]), lines)


def frozen(shown: Picture, reasons: Mapping[str, str]) -> dict[str, Any]:
    """The lists as they are kept for good, with why each missing one is missing."""
    missing = set(shown.missing)
    return {
        "tally": asdict(shown.tally),
        "lines": [
            asdict(one) | {"reason": reasons[one.camera] if one.camera in missing else ""}
            for one in shown.lines
        ],
    }


def thawed(result: Mapping[str, Any]) -> Picture:
    """The lists of a closed count."""
    return Picture(Tally(**result["tally"]), [Line(**one) for one in result["lines"]])


# --- Each camera ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Present:
    """What is known now of the cameras of a count."""

    held: Mapping[int, Custody]
    health: Mapping[int, CameraHealth]


def _present(ids: Collection[int]) -> Present:
    held = Custody.objects.open().filter(camera__in=ids).select_related("officer")
    health = CameraHealth.objects.filter(camera__in=ids).select_related("bay__dock")
    return Present({one.camera_id: one for one in held}, {one.camera_id: one for one in health})


def _counted(
    count: Count, rows: tuple[CountExpected | None, CountScan | None], seen: Present, now: datetime
) -> Counted:
    expected, scan = rows
    row = expected or scan
    assert row is not None
    camera: Camera = row.camera
    held, health = seen.held.get(camera.pk), seen.health.get(camera.pk)
    for_a_shift = held is not None and held.kind in FOR_A_SHIFT
    return Counted(
        name=camera.name,
        expected=expected is not None,
        scanned=scan is not None,
        place=expected.place if expected else "",
        was_out=str(expected.officer) if expected and expected.out else "",
        holder=str(held.officer) if held and for_a_shift else "",
        carrier=str(held.officer) if held and not for_a_shift and away(health) else "",
        heard=_heard(health, now),
        station=camera.station.name if camera.station_id != count.station_id else "",
        service="" if camera.service_state in LOOKED_FOR else _service(camera),
    )


def away(health: CameraHealth | None) -> bool:
    """Whether it is out of the building: in no bay, or on a cruiser's charger, which is not the
    station."""
    if health is None or health.docked is None:
        return False
    in_a_vehicle = health.bay is not None and health.bay.dock.kind == DockKind.VEHICLE
    return not health.docked or in_a_vehicle


def _service(camera: Camera) -> str:
    return ServiceState(camera.service_state).label.lower()


def _heard(health: CameraHealth | None, now: datetime) -> str:
    """How the system knows of it: in which bay or out of one, and how long ago it spoke."""
    if health is None or health.hearing not in HEARD or health.heard_at is None:
        return ""
    where = f"in {health.bay}" if health.docked and health.bay else "out of any bay"
    return f"The system hears it {where}, {_age(now - health.heard_at)} ago."


def _age(span: Any) -> str:
    seconds = max(0, int(span.total_seconds()))
    return f"{seconds} s" if seconds < 120 else f"{seconds // 60} min"


# --- Codes -------------------------------------------------------------------------------------


def cameras_on(raws: Mapping[str, bool]) -> dict[str, Camera]:
    """The cameras that these codes name (each typed by hand or not); three statements at most."""
    code_of = {raw: seeing.code_in(raw) for raw in raws}
    number_of = {
        raw: number
        for raw, code in code_of.items()
        if (number := seeing.number_in(code, typed=raws[raw])) is not None
    }
    others = {code for raw, code in code_of.items() if code and raw not in number_of}
    by_number = _by(Camera.objects.filter(number__in=set(number_of.values())), "number")
    by_alias = _aliases(others) if others else {}
    found = {raw: by_number.get(number) for raw, number in number_of.items()}
    found |= {raw: by_alias.get(code_of[raw]) for raw in raws if raw not in number_of}
    return {raw: camera for raw, camera in found.items() if camera is not None}


def _by(rows: Any, name: str) -> dict[Any, Camera]:
    return {getattr(one, name): one for one in rows}


def _aliases(wanted: Collection[str]) -> dict[str, Camera]:
    named = Camera.objects.annotate(upper=Upper("serial"), tag=Upper("asset_tag"))
    found: dict[str, Camera] = {}
    for one in named.filter(Q(upper__in=wanted) | Q(tag__in=wanted)):
        found |= {one.upper: one, one.tag: one}
    forms = {form for code in wanted for form in (code, code.lower())}
    for kept in CameraCode.objects.filter(value__in=forms).select_related("camera"):
        found[kept.value.upper()] = kept.camera
    return found
