"""What a desk keeps by itself, so that it can judge for a quarter of an hour without the server."""

from datetime import datetime, timedelta
from typing import Any

from devices.custody.models import Desk
from devices.desk import recommending, seeing
from devices.desk.closing import actions as closing
from devices.desk.recommending import Wanted
from devices.inventory.models import Camera, CameraCode, Credential, ServiceState
from devices.policy import Policy
from devices.readiness.rules import USUAL_SHIFT

USABLE_FOR = timedelta(minutes=15)  # desk.md: older than this nothing is issued from it


def of(desk: Desk, *, policy: Policy, now: datetime) -> dict[str, Any]:
    """The station's cameras and officers as the judgement sees them, and whom to give what; a
    fixed number of statements."""
    rows = Camera.objects.filter(station=desk.station).exclude(service_state=ServiceState.RETIRED)
    need = seeing.need_at_desk(now, USUAL_SHIFT)
    sights = seeing.cameras(list(rows.values_list("pk", flat=True)), need, policy, now)
    bearers = seeing.officers_of(desk.station_id)
    codes = _codes(sights)
    credentials: dict[int, list[str]] = {}
    told = Credential.objects.filter(officer__in=bearers).values_list("officer", "value")
    for officer, value in told:
        credentials.setdefault(officer, []).append(value.upper())
    best = recommending.ranked(desk, Wanted(USUAL_SHIFT), policy, now)
    return {
        "at": now.isoformat(),
        "desk": {
            "id": desk.pk,
            "name": desk.name,
            "station": desk.station.name,
            "pool": desk.station.pool,
        },
        "cameras": [
            _camera(one, codes.get(pk, [])) for pk, one in sorted(sights.items(), key=_by_number)
        ],
        "officers": [
            {
                "badge": one.seen.badge,
                "credentials": sorted(credentials.get(pk, [])),
                "unit": one.row.unit,
                "left": one.seen.left,
                "suspended": one.seen.suspended,
                "supervisor": one.seen.supervisor,
                "holds": list(one.seen.holds),
                "own": sights[one.own].row.name if one.own in sights and one.own else None,
            }
            for pk, one in sorted(bearers.items(), key=lambda item: item[1].seen.badge)
        ],
        "order": [one.name for one in best],
        "conflicts": closing.unsettled(desk),
    }


def _by_number(item: tuple[int, seeing.Sight]) -> int:
    return item[1].row.number


def _codes(sights: dict[int, seeing.Sight]) -> dict[int, list[str]]:
    """What each camera's codes read as, its label first."""
    found = {
        pk: [one.row.label, one.row.serial.upper(), *filter(None, [one.row.asset_tag.upper()])]
        for pk, one in sights.items()
    }
    for pk, value in CameraCode.objects.filter(camera__in=sights).values_list("camera", "value"):
        found[pk].append(value.upper())
    return found


def _camera(one: seeing.Sight, codes: list[str]) -> dict[str, Any]:
    seen, custody = one.seen, one.custody
    return {
        "name": seen.name,
        "codes": codes,
        "place": one.place,
        "holder": seen.holder,
        "custody": seen.custody,
        "holder_left": seen.holder_left,
        "holder_suspended": seen.holder_suspended,
        "hard": seen.hard,
        "critical": seen.critical,
        "soft": seen.soft,
        "kept_for": seen.kept_for,
        "lost": seen.lost,
        "says": one.says,
        "why": one.why,
        "since": custody.opened_at.isoformat() if custody else None,
    }
