"""Desks that fight over a few cameras, from several processes. Runs inside Django."""

import json

from django.contrib.auth.models import User
from django.utils.timezone import now

from devices.inventory.models import CameraModel, Station
from tests.desk.racing import contest, overlaps, present, racers, replayed
from tests.rows import a_camera, a_dock, a_station

CAMERAS = 8
STATION = "RACES"


def main(what: str, *words: str) -> str:
    """``made``, then ``race FIRST LAST SCANS`` in each process, then ``judged``: as JSON."""
    return json.dumps({"made": _made, "race": _race, "judged": _judged}[what](*words))


def _made() -> int:
    station = a_station(STATION, "Races")
    bays = a_dock("RACES", station, bays=CAMERAS).bays.all()
    lasting = CameraModel.objects.create(maker="Example", name="Races", battery_hours=16)
    for number, bay in enumerate(bays, 9001):
        a_camera(number, station, now(), home_bay=bay, health={"bay": bay}, model=lasting)
    return CAMERAS


def _race(first: str, last: str, scans: str) -> dict[str, object]:
    station, by = Station.objects.get(code=STATION), User.objects.filter(groups__name__gt="")[0]
    running = racers(station, by, range(int(first), int(last)), now())
    found = contest(running, list(station.cameras.all()), int(scans))
    return {
        "results": found.results,
        "strays": found.strays[:5],
        "exceptions": found.exceptions[:5],
        "failed": len(found.exceptions),
        "unsaid": len(found.strays),
    }


def _judged() -> dict[str, int]:
    return {"overlaps": overlaps(), "untrue": int(replayed() != present())}
