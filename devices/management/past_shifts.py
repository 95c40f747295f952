"""How the demonstration's shifts began before today.

Who was on comes from the same rotations as today's roster, by the same filling; what stood
against cameras comes from the batteries that `past` tells of and the simulator's own rates of
mishaps. What would have left other traces, a lost camera or a fault that people report, is left
out: nobody finds a record that contradicts another.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from django.conf import settings
from django.db.models import Count
from django.utils.timezone import localtime

from devices.inventory.models import Camera, Station
from devices.management.past import DAYS, Past
from devices.policy import Policy
from devices.readiness.outcomes import LATEST
from devices.readiness.rules import Blocker, Fit, hours, needed
from devices.roster.filling import actions as filling
from devices.roster.models import Duty, Outcome, Rotation, Shift, ShiftKind
from devices.simulator import recordings

MONTH = timedelta(days=30)
# A simulated mishap, and what then stands against the camera: a fact against it, or nothing known.
AGAINST = {
    "hung": (Blocker.SILENT, Fit.UNKNOWN),
    "bay_contact": (Blocker.SILENT, Fit.UNKNOWN),
    "offload": (Blocker.STORAGE, Fit.NO),
    "clock": (Blocker.CLOCK, Fit.NO),
}


@dataclass(frozen=True)
class Mishap:
    began_at: datetime
    ended_at: datetime
    blocker: Blocker
    fit: Fit


def plan(now: datetime) -> None:
    """The shifts of the last weeks are there, with the people whom their rotations gave."""
    began = localtime(now) - timedelta(days=DAYS)
    first, last = began.date(), localtime(now).date()  # what is over of today as well
    at = began.replace(hour=0, minute=0, second=0, microsecond=0)
    stations = Station.objects.in_bulk()
    kinds = ShiftKind.objects.in_bulk()
    worked = defaultdict(list)
    for station, kind in Rotation.objects.values_list("officer__station", "kind").distinct():
        worked[station].append(kinds[kind])
    for station, found in sorted(worked.items()):
        filling.plan_shifts(stations[station], first, last, by=None, now=at, kinds=found)
        filling.fill(stations[station], first, last, by=None, now=at)


def outcomes(told: Past, policy: Policy) -> list[Outcome]:
    """How each of them began; those that began just now are left to the fleet itself."""
    return list(_Outcomes(told, policy).all())


class _Outcomes:
    def __init__(self, told: Past, policy: Policy) -> None:
        self.now, self.numbers, self.policy = told.now, told.numbers, policy
        self.chance = Random(f"{settings.TIME_ZONE} shifts")  # noqa: S311 (a story)
        self.lasts = {(one.camera_id, localtime(one.for_at).date()): one for one in told.forecasts}
        self.own: dict[int, int] = {}
        self.spares = defaultdict(list)
        for pk, officer, station in Camera.objects.order_by("pk").values_list(
            "pk", "officer", "station"
        ):
            if officer is None:
                self.spares[station].append(pk)
            else:
                self.own[officer] = pk
        every = [*self.own.values(), *(pk for some in self.spares.values() for pk in some)]
        self.mishaps = {pk: list(self._of_camera()) for pk in every}

    def all(self) -> Iterator[Outcome]:
        on: dict[int, list[tuple[int, datetime, datetime]]] = defaultdict(list)
        rows = Duty.objects.filter(begins_at__lt=self.now)
        for shift, officer, begins_at, ends_at in rows.values_list(
            "shift", "officer", "begins_at", "ends_at"
        ):
            on[shift].append((officer, begins_at, ends_at))
        begun = Shift.objects.filter(begins_at__lt=self.now - LATEST, outcome=None)
        for shift in begun.annotate(people=Count("duties")).exclude(people=0):
            yield self._outcome(shift, on[shift.pk])

    def _outcome(self, shift: Shift, on: list[tuple[int, datetime, datetime]]) -> Outcome:
        judged = [
            self._against(self.own.get(officer), begins, ends) for officer, begins, ends in on
        ]
        spares = [
            self._against(pk, shift.begins_at, shift.ends_at)
            for pk in self.spares[shift.station_id]
        ]
        reasons = Counter(name for against in judged for name in against)
        return Outcome(
            shift=shift,
            at=shift.begins_at,
            rostered=len(judged),
            ready=sum(not against for against in judged),
            unknown=sum(bool(against) and Fit.NO not in against.values() for against in judged),
            spares=sum(not against for against in spares),
            need=len(judged) + shift.reserve,
            reasons=dict(reasons),
        )

    def _against(
        self, camera: int | None, begins_at: datetime, ends_at: datetime
    ) -> dict[str, Fit]:
        """Everything that stood against this camera then."""
        if camera is None:
            return {"no_camera": Fit.NO}
        found = {
            one.blocker.value: one.fit
            for one in self.mishaps[camera]
            if one.began_at <= begins_at < one.ended_at
        }
        lasts = self.lasts.get((camera, localtime(begins_at).date()))
        if lasts and lasts.hours < hours(needed(ends_at - begins_at, self.policy)):
            found[Blocker.BATTERY.value] = Fit.NO
        return found

    def _of_camera(self) -> Iterator[Mishap]:
        """What befell one camera in these weeks, at the simulator's rates."""
        span = timedelta(days=DAYS)
        for kind, (blocker, fit) in AGAINST.items():
            numbers = self.numbers.faults[kind]
            usual = numbers.per_140_a_month / 140 * (span / MONTH)
            for _ in range(recordings.poisson(self.chance, usual)):
                began_at = self.now - span * self.chance.random()
                mended = timedelta(hours=numbers.mended_after_h)
                yield Mishap(began_at, began_at + mended, blocker, fit)
