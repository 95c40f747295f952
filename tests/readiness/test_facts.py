"""What is read of cameras, and that the database judges them as the rule does."""

import random
from collections import Counter
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from devices.battery.models import Battery
from devices.custody.models import Custody
from devices.faults.models import Fault, FaultState, Severity
from devices.health.models import CameraHealth, DockHealth, Hearing
from devices.inventory.models import Camera, CameraModel, Officer, ServiceState
from devices.policy import Policy
from devices.readiness import facts
from devices.readiness.rules import Fit, Need
from devices.recalls.models import Recall, Recalled
from devices.roster.models import Reservation, Shift, ShiftKind, StandIn
from tests import rows

pytestmark = pytest.mark.django_db

POLICY = Policy()


def known(camera: Camera, now: datetime) -> facts.Known:
    return dict(facts.read([camera.pk], now=now))[camera.pk]


def said(camera: Camera, now: datetime, need: Need | None = None) -> list[str]:
    return [one.sentence for one in known(camera, now).judged(need, POLICY, now).reasons]


def a_fault(camera: Camera, now: datetime, **fields: Any) -> Fault:
    told = {"code": "lens_cracked", "severity": Severity.CRITICAL, "source": "officer", **fields}
    return Fault.objects.create(camera=camera, opened_at=now, acknowledge_by=now, **told)


def test_a_camera_that_sits_charged_and_emptied_is_ready(noon):
    camera = rows.a_camera(417, rows.a_station(), noon, health={"storage_free_mb": 60_000})

    assert said(camera, noon) == []


@pytest.mark.parametrize(
    ("fields", "health", "sentence"),
    [
        ({"service_state": ServiceState.LOST}, {}, "C0417 is lost."),
        ({}, None, "C0417 never spoke."),
        ({}, {"hearing": Hearing.SILENT}, "C0417 is not known: it is silent in its dock."),
        ({}, {"docked": False}, "C0417 is out."),
        ({}, {"mode": "recording"}, "C0417 is recording."),
        ({}, {"faults": ["lens_fault", "battery_low"]}, "C0417 has a critical fault: lens fault."),
        ({}, {"battery_percent": 40}, "C0417 has 4.3 h of battery; the shift needs 8.8 h."),
        ({}, {"clock_wrong": True}, "C0417's clock is wrong."),
        (
            {},
            {"offload": "failed", "clips_waiting": 2, "storage_free_mb": 800},
            "C0417 is not emptied and has 0.8 GB free.",
        ),
    ],
)
def test_each_fact_is_read_from_where_it_is_kept(
    noon: datetime, fields: dict[str, Any], health: dict[str, Any] | None, sentence: str
):
    camera = rows.a_camera(417, rows.a_station(), noon, health=health, **fields)

    assert sentence in said(camera, noon)


def test_what_the_model_should_run_is_what_is_asked_of_a_camera(noon):
    model = CameraModel.objects.create(
        maker="Example", name="X", firmware_version="5.0", profile_version="9"
    )
    health = {"firmware_version": "4.2.1", "profile_version": ""}
    camera = rows.a_camera(417, rows.a_station(), noon, model=model, health=health)

    assert said(camera, noon)[-2:] == [
        "C0417 runs firmware 4.2.1; approved is 5.0.",
        "C0417 does not say which profile it runs; approved is 9.",
    ]


def test_a_fault_that_somebody_told_is_as_old_as_that_and_not_as_the_cameras_last_word(noon):
    camera = rows.a_camera(417, rows.a_station(), noon, health={"faults": ["lens_fault"]})
    first, second = (noon - timedelta(hours=n) for n in (5, 3))
    assert [one.as_of for one in known(camera, noon).judged(None, POLICY, noon).reasons] == [noon]

    a_fault(camera, second)
    a_fault(camera, first, code="button")
    a_fault(camera, first - timedelta(hours=9), code="microphone", state=FaultState.RESOLVED)

    told = known(camera, noon).judged(None, POLICY, noon).reasons
    assert {one.as_of for one in told if "fault" in one.sentence} == {first}


def test_a_camera_whose_place_nobody_told_is_not_said_to_be_nowhere(noon):
    camera = rows.a_camera(417, rows.a_station(), noon, health={"docked": None})

    (told, *_) = known(camera, noon).judged(None, POLICY, noon).reasons
    assert (told.says, told.sentence) == (
        "has no known place",
        "Nobody has said where C0417 is.",
    )


def test_a_dock_that_is_down_is_the_cause_though_nobody_announces_silence(noon):
    """The sweep is dead: what is stored of the dock and of its camera is from before."""
    dock = rows.a_dock("D03", rows.a_station())
    went = noon - timedelta(minutes=6)
    DockHealth.objects.create(dock=dock, hearing=Hearing.HEARD, heard_at=went)
    health = {"bay": dock.bays.first(), "heard_at": went, "storage_free_mb": 60_000}
    camera = rows.a_camera(417, dock.station, noon, health=health)

    assert said(camera, noon) == ["C0417 is not known: its dock is silent."]

    DockHealth.objects.update(heard_at=noon)

    assert said(camera, noon) == ["C0417 is not known: it is silent in its dock."]


def test_an_open_critical_fault_stands_against_a_camera_until_it_is_resolved(noon):
    camera = rows.a_camera(417, rows.a_station(), noon, health={"faults": ["lens_fault"]})
    fault = a_fault(camera, noon)
    a_fault(camera, noon, code="scratched", severity=Severity.MINOR)

    assert said(camera, noon) == [
        "C0417 has a critical fault: lens cracked.",
        "C0417 has a critical fault: lens fault.",
    ]

    Fault.objects.filter(pk=fault.pk).update(state=FaultState.RESOLVED)
    CameraHealth.objects.update(faults=[])

    assert said(camera, noon) == []


def test_a_dock_that_is_down_is_the_reason_for_its_cameras(noon):
    station = rows.a_station()
    dock = rows.a_dock("D01", station)
    health = {"bay": dock.bays.get(position=1), "hearing": Hearing.SILENT}
    camera = rows.a_camera(417, station, noon, health=health)
    DockHealth.objects.create(dock=dock, hearing=Hearing.SILENT, heard_at=noon)

    assert said(camera, noon) == ["C0417 is not known: its dock is silent."]


def test_a_camera_whose_bay_another_took_is_not_known(noon):
    station = rows.a_station()
    bay = rows.a_dock("D01", station).bays.get(position=1)
    first = rows.a_camera(1, station, noon, health={"bay": bay})
    later = {"bay": bay, "placed_at": noon + timedelta(minutes=1)}
    rows.a_camera(2, station, noon, health=later)

    assert said(first, noon) == ["Another camera is in the bay where C0001 was last seen."]


def test_hours_are_those_when_the_shift_begins_if_it_stays_in_its_bay(noon):
    charging = {"battery_percent": 60, "battery_state": "charging"}
    camera = rows.a_camera(417, rows.a_station(), noon, health=charging)
    soon = Need(noon + timedelta(minutes=10), timedelta(hours=8))
    later = Need(noon + timedelta(hours=5), timedelta(hours=8))

    assert said(camera, noon, soon)
    assert said(camera, noon, later) == []
    ready_at = known(camera, noon).charged_at(None, POLICY)
    assert ready_at is not None
    assert noon < ready_at < noon + timedelta(hours=5)


def test_hours_follow_from_what_a_camera_has_shown(noon):
    camera = rows.a_camera(417, rows.a_station(), noon, health={})
    before = known(camera, noon).hours()
    Battery.objects.create(camera=camera, buffering_percent_h=12, buffering_hours_seen=90)

    after = known(camera, noon).hours()

    assert before is not None
    assert after is not None
    assert before.hours > 10
    assert after.hours == pytest.approx(8, abs=0.4)


def test_what_a_forecast_was_off_by_is_doubt_where_the_camera_has_shown_it(noon):
    camera = rows.a_camera(417, rows.a_station(), noon, health={"battery_percent": 90})
    assert said(camera, noon) == []

    Battery.objects.create(camera=camera, error_share=0.3, buffering_hours_seen=90)

    assert said(camera, noon) == [
        "C0417 has about 9.8 h of battery, but it may be 6.8 h; the shift lasts 8.0 h."
    ]


def test_a_promise_stands_against_everybody_else_for_its_shift_alone(noon):
    station = rows.a_station()
    spare = rows.a_camera(417, station, noon, health={})
    officer = Officer.objects.create(badge_number="1017", station=station)
    kind = ShiftKind.objects.create(code="E", name="Evening", begins="15:00", ends="23:00")
    begins_at, ends_at = noon + timedelta(hours=3), noon + timedelta(hours=11)
    shift = Shift.objects.create(
        station=station, kind=kind, on=noon.date(), begins_at=begins_at, ends_at=ends_at
    )
    promise = StandIn.objects.create(shift=shift, officer=officer, camera=spare, offered_at=noon)
    evening = Need(begins_at, timedelta(hours=8))

    assert said(spare, noon, evening) == ["C0417 is promised to another officer for that time."]
    assert said(spare, noon, Need(begins_at, timedelta(hours=8), badge="1017")) == []
    assert said(spare, noon, Need(noon, timedelta(hours=3))) == []
    assert said(spare, noon) == []

    StandIn.objects.filter(pk=promise.pk).update(ended_at=noon)

    assert said(spare, noon, evening) == []


def test_a_reservation_stands_against_everybody_else_as_a_promise_does(noon):
    station = rows.a_station()
    court, parade = (rows.a_camera(n, station, noon, health={}) for n in (417, 418))
    officer = Officer.objects.create(badge_number="1017", station=station)
    span = {"begins_at": noon + timedelta(hours=3), "ends_at": noon + timedelta(hours=6)}
    told = {"reason": "x", "made_at": noon, **span}
    kept = Reservation.objects.create(camera=court, officer=officer, **told)
    Reservation.objects.create(camera=parade, title="Parade", **told)

    def need(badge="", **fields):
        return Need(noon + timedelta(hours=2), timedelta(hours=8), badge, **fields)

    assert said(court, noon, need()) == ["C0417 is promised to another officer for that time."]
    assert said(court, noon, need("1017")) == []
    assert said(parade, noon, need("1017")) == ["C0418 is reserved for Parade then."]
    assert said(parade, noon, Need(noon, timedelta(hours=2))) == []
    assert said(parade, noon) == []

    Reservation.objects.filter(pk=kept.pk).update(ended_at=noon)

    assert said(court, noon, need()) == []


@pytest.mark.parametrize("cameras", [20, 200])
def test_any_number_of_cameras_costs_two_queries(noon, django_assert_num_queries, cameras):
    fleet = rows.a_fleet(noon, cameras=cameras)

    with django_assert_num_queries(2):
        found = dict(facts.read(fleet.camera_ids, now=noon))
        fits = [one.judged(None, POLICY, noon).fit for one in found.values()]

    assert len(fits) == cameras


def test_the_database_judges_every_camera_as_the_rule_does(noon):
    _every_kind_of_camera(noon)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")  # as the database does by itself where rows stay
    read = dict(facts.read(None, now=noon))

    by_rule = {one.number: one.judged(None, POLICY, noon).fit for one in read.values()}

    assert facts.fits(policy=POLICY, now=noon) == by_rule
    assert min(Counter(by_rule.values()).values()) > 50
    assert set(by_rule.values()) == set(Fit)


def _every_kind_of_camera(now: datetime, cameras: int = 4000) -> None:
    """Cameras of which each fact is as it should be four times out of five, else anything."""
    chance = random.Random(5)

    def usually(value: Any, *others: Any) -> Any:
        return value if chance.random() < 0.85 else chance.choice(others)

    station = rows.a_station()
    docks = [rows.a_dock(f"D{n:03d}", station) for n in range(40)]
    bays = [bay for dock in docks for bay in dock.bays.all()]
    DockHealth.objects.bulk_create(
        DockHealth(dock=dock, heard_at=now, hearing=usually(Hearing.HEARD, Hearing.SILENT))
        for dock in docks
    )
    models = CameraModel.objects.bulk_create(
        CameraModel(
            maker="Example",
            name=f"M{n}",
            radio=n % 2 == 0,
            battery_hours=(12.0, 15.0, None, 0)[n % 4],
            firmware_version=("4.2.1", "")[n % 5 == 0],
            profile_version=("7", "")[n % 3 == 0],
            firmware_accepted=([], ["4.1.7"])[n % 4 == 1],
            profile_accepted=([], ["6", "5"])[n % 7 == 1],
            profile_refused=([], ["6", "5"])[n % 2],
        )
        for n in range(15)
    )
    made = Camera.objects.bulk_create(
        Camera(
            number=n,
            serial=f"S{n}",
            model=chance.choice(models),
            station=station,
            enrolled_at=now,
            service_state=usually("in_service", "lost", "in_repair", "out_of_service"),
            lot="kt-2291" if n % 40 == 0 else "",
            held_for="" if free else "Incident 26-1",
            held_at=None if free else now,
            update_stage=usually("", "offered", "installing"),
            updating_until=usually(now + timedelta(hours=1), now, None),
        )
        for n in range(cameras)
        for free in (chance.random() < 0.95,)
    )
    officers = Officer.objects.bulk_create(
        Officer(badge_number=str(n), station=station) for n in range(200)
    )
    Custody.objects.bulk_create(
        Custody(camera=camera, officer=officer, kind="shift", opened_at=now)
        for officer, camera in zip(officers, chance.sample(made, 200), strict=True)
    )
    _recalls(made, now)
    CameraHealth.objects.bulk_create(
        CameraHealth(camera=camera, **_told(chance, usually, bays, now))
        for camera in made
        if chance.random() < 0.98
    )
    learned = [one for one in made if chance.random() < 0.6]
    Battery.objects.bulk_create(Battery(camera=one, **_learned(chance)) for one in learned)
    told = {"title": "Parade", "reason": "x", "begins_at": now, "made_at": now}
    Reservation.objects.bulk_create(
        Reservation(camera=one, ends_at=now + timedelta(hours=8), **told) for one in made[::9]
    )
    for camera in chance.sample(made, 100):
        a_fault(
            camera,
            now,
            severity=chance.choice(Severity.values),
            state=chance.choice(FaultState.values),
        )


def _recalls(cameras: list[Camera], now: datetime) -> None:
    """Of a lot, of which one camera in five is cleared, of a version, and one that is over."""
    told = {"reason": "x", "made_at": now}
    lot = Recall.objects.create(name="Lot", lot="KT-2291", **told)
    Recall.objects.create(name="Version", firmware_version="4.1.7", **told)
    over = {"ended_at": now, "ended_because": "x"}
    Recall.objects.create(name="Model", model=cameras[0].model, **told, **over)
    cleared = {"cleared_at": now, "cleared_because": "x"}
    Recalled.objects.bulk_create(
        Recalled(recall=lot, camera=one, joined_at=now, **(cleared if place % 5 == 0 else {}))
        for place, one in enumerate(one for one in cameras if one.lot)
    )


def _told(chance: random.Random, usually: Any, bays: list[Any], now: datetime) -> dict[str, Any]:
    docked = usually(True, False, None)
    return rows.heard(
        now,
        heard_at=usually(now, now - timedelta(minutes=4), now - timedelta(minutes=6), None),
        received_at=usually(now, None),
        hearing=usually("heard", "late", "silent", "never"),
        docked=docked,
        bay=usually(None, *bays) if docked else None,
        placed_at=now - timedelta(minutes=chance.randint(1, 99)),
        mode=usually("off", "recording", "buffering", "sleep", ""),
        battery_percent=chance.choice([None, 100, 100, 100, 97, 93, 88, 80, 60, 0]),
        battery_health_percent=chance.choice([None, 100, 96, 90, 70, 45]),
        offload=usually("complete", "failed", "queued", ""),
        clips_waiting=usually(0, 3, None),
        storage_free_mb=usually(60_000, 4499, 4500, 100, None),
        firmware_version=usually("4.2.1", "4.1.7", ""),
        profile_version=usually("7", "6", ""),
        clock_wrong=usually(False, True),
        faults=usually([], ["battery_low"], ["lens_fault"], ["battery_low", "button_fault"]),
    )


def _learned(chance: random.Random) -> dict[str, Any]:
    def maybe(low: float, high: float) -> float | None:
        return chance.choice([None, chance.uniform(low, high)])

    return {
        "buffering_percent_h": maybe(5, 12),
        "buffering_hours_seen": chance.choice([0, chance.uniform(0, 90)]),
        "recording_percent_h": maybe(9, 20),
        "recording_hours_seen": chance.choice([0, chance.uniform(0, 9)]),
        "duty_percent_h": maybe(6, 12),
        "capacity_percent": maybe(60, 100),
        "error_share": maybe(0.02, 0.4),
    }
