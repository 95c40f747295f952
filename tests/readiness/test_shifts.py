"""A shift judged: its people, their cameras, what to do, the spares and the margin."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from devices.access.people import Visible
from devices.battery.models import Battery
from devices.faults.models import Fault
from devices.health.models import DockHealth, Hearing
from devices.inventory.models import Camera, CameraModel, Officer, Station
from devices.policy import Policy
from devices.readiness import outcomes, shifts
from devices.readiness.margin import Post, Remedy, ShiftReadiness
from devices.readiness.rules import Blocker
from devices.roster.models import Shift, ShiftKind, StandIn
from tests import rows

pytestmark = pytest.mark.django_db

POLICY = Policy()
HOUR = timedelta(hours=1)
FLAT = {"battery_percent": 50, "battery_state": "discharging"}


@pytest.fixture
def station() -> Station:
    return rows.a_station()


@pytest.fixture
def evening(station: Station, noon: datetime) -> Shift:
    """From 15:00 to 23:00, seen at noon."""
    return a_shift(station, noon + 3 * HOUR)


def a_shift(
    station: Station, begins_at: datetime, *, name: str = "Evening", **fields: Any
) -> Shift:
    kind, _ = ShiftKind.objects.get_or_create(
        code=name, defaults={"name": name, "begins": "15:00", "ends": "23:00"}
    )
    shift: Shift = Shift.objects.create(
        station=station,
        kind=kind,
        on=begins_at.date(),
        begins_at=begins_at,
        ends_at=begins_at + 8 * HOUR,
        **fields,
    )
    return shift


def on(shift: Shift, badge: int, now: datetime, health: Any = None, **fields: Any) -> Camera | None:
    """An officer on the shift and their own camera of that number; none without ``health``."""
    officer, new = Officer.objects.get_or_create(
        badge_number=str(badge), defaults={"station": shift.station, "unit": "Patrol 3"}
    )
    rows.a_duty(shift, officer, **fields)
    if health is None or not new:
        return None
    return rows.a_camera(badge, shift.station, now, officer=officer, health=health)


def a_spare(number: int, station: Station, now: datetime, **health: Any) -> Camera:
    return rows.a_camera(number, station, now, health=health)


def judged(shift: Shift, now: datetime, policy: Policy = POLICY) -> ShiftReadiness:
    (found,) = shifts.named([shift.pk], now=now, policy=policy)
    return found


def only(found: ShiftReadiness) -> Post:
    (post,) = found.posts
    return post


def todo(post: Post) -> list[Remedy]:
    return [one.remedy for one in post.todo]


def test_the_sentence_says_who_is_ready_what_is_lacking_and_what_is_to_spare(
    evening: Shift, station: Station, noon: datetime
):
    for badge in range(401, 415):
        on(evening, badge, noon, {})
    on(evening, 417, noon, {"battery_percent": 54, "battery_state": "discharging"})
    on(evening, 418, noon, {"offload": "failed", "clips_waiting": 3, "storage_free_mb": 900})
    for number in range(801, 805):
        a_spare(number, station, noon)

    found = judged(evening, noon)

    assert (found.rostered, found.ready, found.margin) == (16, 14, 2)
    assert found.sentence == (
        "Evening shift: 16 rostered, 14 ready. C0418 is not emptied. C0417 lacks 2.9 h."
        " 4 spares ready."
    )


@pytest.mark.parametrize(
    ("healths", "sentence"),
    [
        ([], "Evening shift: nobody is rostered. No spare is ready."),
        ([{}], "Evening shift: 1 rostered, all ready. No spare is ready."),
        (
            [None],
            "Evening shift: 1 rostered, none ready. 1 officer has no camera. No spare is ready."
            " 1 short of the 1 it needs.",
        ),
        (
            [{"docked": False, "placed_at": None}] * 6,
            "Evening shift: 6 rostered, none ready. C0001 is out. C0002 is out. C0003 is out."
            " 3 more are not ready. No spare is ready. 6 short of the 6 it needs.",
        ),
    ],
)
def test_the_sentence_is_plain_at_the_edges(
    evening: Shift, noon: datetime, healths: list[Any], sentence: str
):
    for badge, health in enumerate(healths, 1):
        on(evening, badge, noon, health)

    assert judged(evening, noon).sentence == sentence


def test_reserve_is_part_of_what_a_shift_needs(station: Station, noon: datetime):
    shift = a_shift(station, noon + HOUR, reserve=2)
    on(shift, 1, noon, {})
    a_spare(801, station, noon)

    found = judged(shift, noon)

    assert (found.need, found.margin) == (3, -1)
    assert found.sentence.endswith("1 spare ready. 1 short of the 3 it needs.")


def test_an_extension_needs_hours_for_all_of_it(evening: Shift, noon: datetime):
    on(evening, 1, noon, {}, ends_at=evening.ends_at + 4 * HOUR)

    post = only(judged(evening, noon))

    assert post.reason is not None
    assert post.reason.limit == "12.8 h"


def test_a_double_shift_needs_hours_for_both(station: Station, evening: Shift, noon: datetime):
    night = a_shift(station, evening.ends_at, name="Night")
    on(evening, 1, noon, {})
    on(night, 1, noon)

    found = {one.shift.name: only(one) for one in shifts.coming(Visible(), now=noon, policy=POLICY)}

    assert found["Evening"].double
    assert found["Night"].double
    assert {one.on_from for one in found.values()} == {evening.begins_at}
    assert [found[name].reason.limit for name in ("Evening", "Night")] == ["16.8 h"] * 2  # type: ignore[union-attr]


def test_the_second_half_of_a_double_is_judged_by_what_is_left_of_the_first(
    station: Station, noon: datetime
):
    day, evening = (
        a_shift(station, noon - 5 * HOUR, name="Day"),
        a_shift(station, noon + 3 * HOUR),
    )
    left = noon - 5 * HOUR
    gone = {"docked": False, "placed_at": left, "measured_at": left, "heard_at": left}
    on(day, 1, noon, gone)
    on(evening, 1, noon)

    post = only(judged(evening, noon))

    assert post.gone
    assert post.reason is not None
    assert (post.reason.blocker, post.reason.limit) == (Blocker.BATTERY, "16.8 h")


def test_who_went_out_before_the_shift_is_not_missed(evening: Shift, noon: datetime):
    at = evening.begins_at - timedelta(minutes=5)
    left = at - timedelta(minutes=5)
    on(evening, 1, at, {"docked": False, "placed_at": left, "measured_at": left})

    found = judged(evening, at)

    assert (found.ready, found.gone) == (1, 1)


class TestWhatItDrainsBeforeItsDuty:
    """Out of its bay and on ahead of the duty, with a last word from its bay: no radio."""

    def out_since(self, at: datetime, shift: Shift, **health: Any) -> None:
        said_at = at - timedelta(minutes=1)
        told = {"docked": False, "placed_at": at, "measured_at": said_at, "heard_at": said_at}
        on(shift, 1, said_at, {**told, "battery_percent": 82, **health})
        Camera.objects.update(model=rows.a_model(radio=False))

    @pytest.mark.parametrize("minutes", [0, 5, 60, 114, 115, 116, 240])
    def test_it_lacks_what_it_drains_until_then(self, evening: Shift, noon: datetime, minutes: int):
        """8.9 h at 13:04, as much as an evening needs; at 15:00 two hours of them are gone."""
        left_at = noon + timedelta(minutes=65)
        self.out_since(left_at, evening)

        post = only(judged(evening, left_at + timedelta(minutes=minutes)))

        assert post.judged is not None
        assert post.judged.camera.known.hours().hours == pytest.approx(8.9, abs=0.1)  # type: ignore[union-attr]
        assert post.judged.hours == pytest.approx(7.0, abs=0.1)
        assert (post.gone, post.ready) == (True, False)
        assert post.reason is not None
        assert post.reason.blocker is Blocker.BATTERY

    def test_one_with_enough_for_that_too_is_ready(self, evening: Shift, noon: datetime):
        self.out_since(noon + HOUR, evening, battery_percent=100)

        assert only(judged(evening, noon + 2 * HOUR)).ready

    @pytest.mark.parametrize(
        ("others", "sentence"),
        [
            (0, "all ready. 1 is out and cannot be heard: it was ready on leaving."),
            (1, "all ready. 2 are out and cannot be heard: they were ready on leaving."),
        ],
    )
    def test_of_one_that_nobody_hears_no_more_is_said_than_how_it_left(
        self, evening: Shift, noon: datetime, others: int, sentence: str
    ):
        at = evening.begins_at
        for badge in range(2, 2 + others):
            on(evening, badge, at, {"docked": False, "placed_at": at, "measured_at": at - MINUTE})
        on(evening, 9, at, {})
        self.out_since(at, evening, battery_percent=100)
        Camera.objects.filter(number=9).update(model=rows.a_model(radio=True))

        found = judged(evening, at)

        assert found.unheard == 1 + others
        assert sentence in found.sentence

    @pytest.mark.parametrize(
        "told",
        [
            {"docked": True, "placed_at": None},  # back in its bay it can be heard
            {"battery_percent": 60},  # it was not ready on leaving
        ],
    )
    def test_who_is_heard_or_not_ready_is_not_among_them(
        self, evening: Shift, noon: datetime, told: dict[str, Any]
    ):
        self.out_since(evening.begins_at, evening, **{"battery_percent": 100, **told})

        assert judged(evening, evening.begins_at).unheard == 0

    def test_one_with_a_radio_is_judged_by_what_it_says_out_there(
        self, evening: Shift, noon: datetime
    ):
        self.out_since(evening.begins_at, evening, battery_percent=100)
        Camera.objects.update(model=rows.a_model(radio=True))

        found = judged(evening, evening.begins_at)

        assert (found.ready, found.unheard) == (1, 0)

    def test_one_that_records_until_then_drains_as_fast(self, evening: Shift, noon: datetime):
        at = noon + 2 * HOUR
        told = {"battery_percent": 100, "measured_at": at, "heard_at": at, "mode": "recording"}
        self.out_since(at, evening, **told)
        Camera.objects.update(model=rows.a_model())

        post = only(judged(evening, at))

        assert post.judged is not None
        assert post.judged.hours == pytest.approx(10.9 - 12 / 6.5, abs=0.3)

    def test_one_on_its_cruisers_charger_neither_drains_nor_gains(
        self, station: Station, noon: datetime
    ):
        day = a_shift(station, noon - 4 * HOUR, name="Day")
        said_at = noon - timedelta(minutes=4)
        told = {"mode": "buffering", "battery_percent": 50, "battery_state": "charging"}
        on(day, 1, said_at, {**told, "heard_at": said_at})

        post = only(judged(day, noon))

        assert post.judged is not None
        assert post.judged.hours == post.judged.camera.known.hours().hours  # type: ignore[union-attr]

    def test_out_on_todays_duty_it_is_not_out_for_tomorrows(self, station: Station, noon: datetime):
        today = a_shift(station, noon - 4 * HOUR, name="Day")
        tomorrow = a_shift(station, noon + 20 * HOUR, name="Tomorrow")
        self.out_since(today.begins_at, today, battery_percent=100)
        on(tomorrow, 1, noon)

        found = judged(tomorrow, noon, replace(POLICY, test_counts_for=timedelta(hours=24)))

        assert (found.gone, found.due) == (0, 1)


def test_one_whose_radio_falls_silent_on_the_street_is_unknown(evening: Shift, noon: datetime):
    at = evening.begins_at + HOUR
    out = {"docked": False, "placed_at": evening.begins_at, "mode": "buffering"}
    on(evening, 1, at, out)
    assert only(judged(evening, at)).ready

    post = only(judged(evening, at + timedelta(minutes=6)))

    assert (post.gone, post.ready) == (True, False)
    assert post.says == "C0001 is out of reach."
    assert [(one.blocker, one.fit) for one in post.judged.readiness.reasons] == [  # type: ignore[union-attr]
        (Blocker.SILENT, "unknown")
    ]
    assert todo(post)[0] is Remedy.CALL_UNIT


@pytest.mark.parametrize("radio", [True, False])
@pytest.mark.parametrize("spare", [True, False])
def test_one_that_will_not_last_on_the_street_is_called_in_before_a_spare_is_offered(
    evening: Shift, station: Station, noon: datetime, *, radio: bool, spare: bool
):
    at = evening.begins_at + HOUR
    left = at - (timedelta(minutes=1) if radio else HOUR)
    out = {"docked": False, "placed_at": evening.begins_at, "moved_at": evening.begins_at}
    told = {"battery_percent": 40, "measured_at": left, "heard_at": left}
    on(evening, 1, at, {**out, **told, "mode": "buffering", "battery_state": "discharging"})
    Camera.objects.update(model=rows.a_model(radio=radio))
    if spare:
        a_spare(801, station, at)

    post = only(judged(evening, at))

    assert (post.gone, post.ready) == (True, False)
    assert todo(post) == [
        Remedy.CALL_UNIT,
        Remedy.OFFER_SPARE if spare else Remedy.ASK_ELSEWHERE,
    ]
    assert post.todo[0].sentence == f"Call Patrol 3 in: {post.says}"
    assert post.says.startswith("C0001 lacks ")


@pytest.mark.parametrize("spare", [True, False])
def test_nobody_is_called_in_for_a_battery_that_is_not_known(
    evening: Shift, station: Station, noon: datetime, *, spare: bool
):
    at = evening.begins_at + HOUR
    out = {"docked": False, "placed_at": evening.begins_at, "mode": "buffering"}
    on(evening, 1, at, {**out, "battery_percent": None})
    if spare:
        a_spare(801, station, at)

    post = only(judged(evening, at))

    assert post.gone
    assert post.says == "C0001 has an unknown battery."
    assert todo(post) == [Remedy.OFFER_SPARE if spare else Remedy.ASK_ELSEWHERE]


def test_one_that_may_not_last_on_the_street_is_called_in(evening: Shift, noon: datetime):
    at = evening.begins_at + HOUR
    out = {"docked": False, "placed_at": evening.begins_at, "mode": "buffering"}
    camera = on(evening, 1, at, {**out, "battery_percent": 98})
    seen = {"buffering_percent_h": 7.0, "duty_percent_h": 8.0, "buffering_hours_seen": 1000.0}
    Battery.objects.create(camera=camera, error_share=0.6, **seen)

    post = only(judged(evening, at))

    assert todo(post)[0] is Remedy.CALL_UNIT
    assert post.todo[0].sentence == "Call Patrol 3 in: C0001 may not last."


def test_one_that_charges_in_its_cruiser_is_left_there(evening: Shift, noon: datetime):
    at = evening.begins_at + HOUR
    said_at = at - timedelta(minutes=1)
    told = {"mode": "buffering", "battery_percent": 40, "battery_state": "charging"}
    on(evening, 1, said_at, {**told, "heard_at": said_at})

    post = only(judged(evening, at))

    assert post.gone
    assert post.todo[-1].sentence == "Leave C0001 in its bay: it charges."


def test_a_camera_out_since_yesterday_is_called_in(evening: Shift, noon: datetime):
    on(evening, 1, noon, {"docked": False, "placed_at": noon - 20 * HOUR})

    post = only(judged(evening, noon))

    assert todo(post) == [Remedy.CALL_UNIT, Remedy.ASK_ELSEWHERE]
    assert post.todo[0].sentence == "Call Patrol 3: C0001 is out."
    assert post.todo[0].by == evening.begins_at - POLICY.overdue_after


def test_one_that_speaks_from_a_car_since_yesterday_has_not_gone_out_for_this(
    evening: Shift, noon: datetime
):
    at = evening.begins_at - 2 * HOUR
    asleep = {"docked": False, "mode": "sleep", "battery_state": "discharging"}
    on(evening, 1, at, {**asleep, "battery_percent": 95, "moved_at": at - 20 * HOUR})

    post = only(judged(evening, at))

    assert (post.gone, post.ready) == (False, False)
    assert post.reason is not None
    assert (post.reason.blocker, post.reason.as_of) == (Blocker.AWAY, at - 20 * HOUR)


MINUTE = timedelta(minutes=1)
UNLOADED = {"offload": "failed", "clips_waiting": 3}


@pytest.mark.parametrize(
    ("health", "remedy", "takes"),
    [
        ({**UNLOADED, "storage_free_mb": 900}, "off_load", timedelta(seconds=1152)),
        ({"firmware_version": "4.1.7"}, "update", timedelta(seconds=1278)),
        ({"hearing": Hearing.SILENT}, "seat_again", 3 * MINUTE),
        ({"clock_wrong": True}, "set_clock", 3 * MINUTE),
        ({"docked": False, "placed_at": None}, "call_unit", 30 * MINUTE),
        (
            {**UNLOADED, "storage_free_mb": 900, "clock_wrong": True},
            "off_load",
            timedelta(seconds=1152) + 3 * MINUTE,
        ),
    ],
)
def test_what_there_is_time_for_comes_first_and_the_spare_where_there_is_none(
    evening: Shift,
    station: Station,
    noon: datetime,
    health: dict[str, Any],
    remedy: str,
    takes: timedelta,
):
    CameraModel.objects.filter(pk=rows.a_model().pk).update(firmware_version="4.2.1")
    last = evening.begins_at - takes
    on(evening, 1, last, {"measured_at": last, **health})
    a_spare(801, station, last)

    in_time, late = (only(judged(evening, last + late)) for late in (0 * MINUTE, 1 * MINUTE))

    assert [one.value for one in todo(in_time)] == [remedy, "offer_spare"]
    assert in_time.todo[0].by == last
    assert [one.value for one in todo(late)] == ["offer_spare", remedy]
    assert late.todo[0].by == evening.begins_at - 2 * MINUTE


def test_a_charge_begins_early_enough_to_last_for_the_shift(evening: Shift, noon: datetime):
    on(evening, 1, noon, FLAT)

    post = only(judged(evening, noon))

    (charge,) = [one for one in post.todo if one.remedy is Remedy.CHARGE]
    docked = post.judged.camera.known.docked_at(noon)  # type: ignore[union-attr]
    charged_at = docked.charged_at(post.judged.need, POLICY)  # type: ignore[union-attr]
    assert charged_at is not None
    assert charge.by == evening.begins_at - (charged_at - noon)
    assert noon < charge.by < evening.begins_at - HOUR


def test_what_nothing_mends_for_this_shift_leaves_the_spare(
    evening: Shift, station: Station, noon: datetime
):
    on(evening, 1, noon, {"clock_wrong": True, "faults": ["lens_fault"]})
    a_spare(801, station, noon)

    assert todo(only(judged(evening, noon)))[0] is Remedy.OFFER_SPARE


def test_an_update_that_is_not_back_in_time_can_be_waited_for_no_more(
    evening: Shift, station: Station, noon: datetime
):
    on(evening, 1, noon, {"clock_wrong": True})
    installs = {"update_stage": "installing", "updating_until": noon - HOUR / 2}
    Camera.objects.update(**installs)
    a_spare(801, station, noon)

    post = only(judged(evening, noon))

    assert todo(post) == [Remedy.OFFER_SPARE, Remedy.UPDATE]
    assert post.todo[1].by == evening.begins_at


def test_what_has_to_begin_first_stands_first(evening: Shift, station: Station, noon: datetime):
    on(evening, 1, noon, {"faults": ["lens_fault"]})
    on(evening, 2, noon, {"clock_wrong": True})
    on(evening, 3, noon, {"docked": False, "placed_at": None})
    on(evening, 4, noon, {})
    on(evening, 5, noon, {**UNLOADED, "storage_free_mb": 900})
    a_spare(801, station, noon)

    found = judged(evening, noon)

    assert [one.duty.badge for one in found.posts] == ["3", "5", "2", "1", "4"]
    moments = [one.todo[0].by for one in found.exceptions]
    assert moments == sorted(moments)


def test_the_best_spare_is_offered_and_none_to_two(
    evening: Shift, station: Station, noon: datetime
):
    on(evening, 1, noon, FLAT)
    on(evening, 2, noon, None)
    a_spare(801, station, noon, battery_percent=93)
    a_spare(802, station, noon, battery_health_percent=97)
    a_spare(803, station, noon, battery_health_percent=99)
    a_spare(804, station, noon, **FLAT)

    found = judged(evening, noon)

    offered = [post.todo[0].spare.camera.name for post in found.exceptions]  # type: ignore[union-attr]
    assert offered == ["C0803", "C0802"]
    assert [one.camera.name for one in found.spares] == ["C0803", "C0802", "C0801"]
    assert [one.camera.name for one in found.unfit_spares] == ["C0804"]


def test_the_nearest_of_equal_spares_is_offered(evening: Shift, station: Station, noon: datetime):
    near, far = rows.a_dock("D01", station), rows.a_dock("D02", station)
    own = on(evening, 1, noon, FLAT)
    Camera.objects.filter(pk=own.pk).update(home_bay=near.bays.get(position=1))  # type: ignore[union-attr]
    a_spare(801, station, noon, bay=far.bays.get(position=2))
    a_spare(802, station, noon, bay=near.bays.get(position=2))

    post = only(judged(evening, noon))

    assert post.todo[0].sentence == "Offer spare C0802 in D01-2: 10.9 h."


def test_a_promised_spare_stands_in_and_is_nobody_elses(
    evening: Shift, station: Station, noon: datetime
):
    on(evening, 1, noon, FLAT)
    on(evening, 2, noon, None)
    spare = a_spare(801, station, noon)
    StandIn.objects.create(
        shift=evening,
        officer=Officer.objects.get(badge_number="1"),
        camera=spare,
        offered_at=noon,
    )

    found = judged(evening, noon)

    ready, waiting = found.posts[1], found.posts[0]
    assert (ready.stands_in, ready.ready) == (True, True)
    assert todo(waiting) == [Remedy.ASK_ELSEWHERE]
    assert found.spares == ()


def test_a_spare_promised_for_the_next_shift_is_free_for_this_one(
    evening: Shift, station: Station, noon: datetime
):
    night = a_shift(station, evening.ends_at, name="Night")
    on(night, 1, noon, None)
    StandIn.objects.create(
        shift=night,
        officer=Officer.objects.get(badge_number="1"),
        camera=a_spare(801, station, noon),
        offered_at=noon,
    )

    assert len(judged(evening, noon).spares) == 1
    assert judged(night, noon).spares == ()


@pytest.mark.parametrize(
    ("health", "remedies", "sentence"),
    [
        ({"hearing": Hearing.SILENT}, ["seat_again"], "Take C0001 out of D01-1 and put it back."),
        (
            {"offload": "failed", "clips_waiting": 1, "storage_free_mb": 5},
            ["off_load"],
            "Off-load C0001: C0001 is not emptied and has 0.0 GB free.",
        ),
        (
            {"clock_wrong": True},
            ["set_clock"],
            "Put C0001 into another bay: its dock sets the clock.",
        ),
        (FLAT, ["ask_elsewhere", "charge"], "C0001 does not charge in D01-1: put it into"),
        (
            {"faults": ["lens_fault"]},
            ["ask_elsewhere", "repair"],
            "Send C0001 to repair: lens fault.",
        ),
        ({"hearing": Hearing.NEVER}, ["ask_elsewhere", "find"], "Find C0001 and put it into a bay"),
    ],
)
def test_each_exception_says_what_to_do(
    evening: Shift,
    station: Station,
    noon: datetime,
    health: dict[str, Any],
    remedies: list[str],
    sentence: str,
):
    dock = rows.a_dock("D01", station)
    on(evening, 1, noon, {"bay": dock.bays.get(position=1), **health})

    post = only(judged(evening, noon))

    assert [one.value for one in todo(post)][: len(remedies)] == remedies
    assert any(one.sentence.startswith(sentence) for one in post.todo)


@pytest.mark.parametrize("hearing", [Hearing.SILENT, Hearing.HEARD])  # announced, or not yet
def test_a_silent_dock_is_one_thing_to_look_at(
    evening: Shift, station: Station, noon: datetime, hearing: Hearing
):
    dock, said_at = rows.a_dock("D01", station), noon - 10 * MINUTE
    DockHealth.objects.create(dock=dock, hearing=hearing, heard_at=said_at)
    told = {"hearing": hearing, "heard_at": said_at, "measured_at": said_at}
    on(evening, 1, noon, {"bay": dock.bays.get(position=1), **told})

    post = only(judged(evening, noon))

    assert post.todo[0].sentence == "Look at D01: it is silent, and C0001 with it."


def test_the_margin_is_foretold_for_the_shifts_begin(
    evening: Shift, station: Station, noon: datetime
):
    charging = {"battery_percent": 70, "battery_state": "charging"}
    on(evening, 1, noon, charging)
    later = a_shift(station, noon + 6 * HOUR, name="Late")
    on(later, 2, noon, charging)

    found = judged(later, noon)

    assert (found.margin_now, found.margin) == (-1, 0)
    assert found.posts[0].judged is not None
    ready_at = found.posts[0].judged.charged_at
    assert ready_at is not None
    assert noon < ready_at < later.begins_at


def test_an_officer_with_two_cameras_takes_the_better(evening: Shift, station: Station, noon):
    own = on(evening, 1, noon, FLAT)
    rows.a_camera(2, station, noon, officer=own.officer, health={})  # type: ignore[union-attr]

    post = only(judged(evening, noon))

    assert post.judged is not None
    assert post.judged.camera.name == "C0002"


def test_no_sentence_names_an_officer(evening: Shift, station: Station, noon: datetime):
    on(evening, 90417, noon, None)
    on(evening, 90418, noon, FLAT)
    a_spare(801, station, noon)

    found = judged(evening, noon)

    said = [found.sentence, *(one.sentence for post in found.posts for one in post.todo)]
    assert not any("90417" in one for one in said)


def test_three_shifts_of_each_station_within_reach(station: Station, noon: datetime):
    north = rows.a_station("N", "North")
    for place in (station, north):
        for n in range(5):
            a_shift(place, noon + (1 + 8 * n) * HOUR, name=f"S{n}")
    begun = a_shift(station, noon - HOUR, name="Day")

    every = shifts.coming(Visible(), now=noon, policy=POLICY)
    own = shifts.coming(Visible(frozenset({north.pk})), now=noon, policy=POLICY)
    now = shifts.under_way(Visible(), now=noon, policy=POLICY)

    assert [(one.shift.name, one.shift.station) for one in every] == [
        (f"S{n}", name) for n in range(3) for name in ("Headquarters", "North")
    ]
    assert {one.shift.station for one in own} == {"North"}
    assert [one.shift.id for one in now] == [begun.pk]


def test_what_begins_at_one_moment_is_one_of_the_three(station: Station, noon: datetime):
    for n in range(4):
        for name in ("Patrol", "Traffic"):
            a_shift(station, noon + (1 + 8 * n) * HOUR, name=f"{name}{n}")

    found = shifts.coming(Visible(), now=noon, policy=POLICY)

    assert [one.shift.name for one in found] == [
        f"{name}{n}" for n in range(3) for name in ("Patrol", "Traffic")
    ]


@pytest.mark.parametrize("people", [2, 20])
def test_any_number_of_people_costs_four_queries(
    station: Station,
    noon: datetime,
    django_assert_num_queries,  # type: ignore[no-untyped-def]
    people: int,
):
    for n in range(3):
        shift = a_shift(station, noon + (1 + 8 * n) * HOUR, name=f"S{n}")
        for badge in range(people):
            on(shift, 100 * n + badge + 1, noon, {})
    assert not Fault.objects.exists()

    with django_assert_num_queries(4):
        found = shifts.coming(Visible(), now=noon, policy=POLICY)

    assert [one.ready for one in found] == [people] * 3


def test_without_a_shift_there_is_nothing_to_judge(noon: datetime):
    assert shifts.coming(Visible(), now=noon, policy=POLICY) == []


OUT = {"docked": False, "battery_state": "full", "mode": "off"}


class TestDueBack:
    """An officer is out now and on again tomorrow: the camera is docked and charged between."""

    @pytest.fixture
    def tomorrow(self, station: Station, noon: datetime) -> Shift:
        return a_shift(station, noon + 20 * HOUR, name="Day")

    @pytest.fixture
    def today(self, station: Station, noon: datetime) -> Shift:
        """From 08:00 to 16:00."""
        return a_shift(station, noon - 4 * HOUR, name="Day")

    def out_today(self, today: Shift, tomorrow: Shift, noon: datetime, **health: Any) -> None:
        left_at = noon - 4 * HOUR
        told = {**OUT, "placed_at": left_at, "measured_at": left_at, "heard_at": left_at}
        on(today, 417, noon, {**told, **health})
        on(tomorrow, 417, noon)

    def test_it_is_not_ready_and_yet_counts_as_foretold(
        self, today: Shift, tomorrow: Shift, noon: datetime
    ):
        self.out_today(today, tomorrow, noon)

        found = judged(tomorrow, noon)

        assert (found.ready, found.due, found.margin, found.margin_now) == (0, 1, 0, -1)
        assert found.exceptions == ()
        assert only(found).todo == ()
        assert found.sentence == (
            "Day shift: 1 rostered, none ready, 1 due back before it. No spare is ready."
        )

    def test_its_hours_are_those_of_the_charge_it_will_have(
        self, today: Shift, tomorrow: Shift, noon: datetime
    ):
        self.out_today(today, tomorrow, noon)

        judgement = only(judged(tomorrow, noon)).judged

        assert judgement is not None
        assert judgement.hours == judgement.camera.known.figures.full_hours
        assert judgement.camera.known.docked is False

    @pytest.mark.parametrize("minutes", [1, 14])
    def test_it_may_come_back_within_the_handover(
        self, today: Shift, tomorrow: Shift, noon: datetime, minutes: int
    ):
        self.out_today(today, tomorrow, noon)

        assert judged(tomorrow, today.ends_at + timedelta(minutes=minutes)).due == 1

    def test_one_that_did_not_come_back_is_an_exception(
        self, today: Shift, tomorrow: Shift, noon: datetime
    ):
        self.out_today(today, tomorrow, noon)

        found = judged(tomorrow, today.ends_at + POLICY.handover)

        assert (found.due, found.margin) == (0, -1)
        assert only(found).reason.blocker is Blocker.AWAY  # type: ignore[union-attr]

    def test_one_that_will_not_be_charged_by_then_is_an_exception(
        self, station: Station, today: Shift, noon: datetime
    ):
        soon = a_shift(station, today.ends_at + HOUR, name="Late")
        self.out_today(today, soon, noon)

        assert judged(soon, noon).due == 0

    def test_one_with_another_fault_is_an_exception(
        self, today: Shift, tomorrow: Shift, noon: datetime
    ):
        self.out_today(today, tomorrow, noon, clock_wrong=True)

        found = judged(tomorrow, noon)

        assert found.due == 0
        assert {reason.blocker for reason in only(found).judged.readiness.reasons} == {  # type: ignore[union-attr]
            Blocker.AWAY,
            Blocker.CLOCK,
        }

    def test_the_shift_alone_finds_the_duty_that_began_earlier_in_its_day(
        self, station: Station, tomorrow: Shift, noon: datetime
    ):
        early = a_shift(station, tomorrow.begins_at - timedelta(hours=24, minutes=15), name="Early")
        self.out_today(early, tomorrow, noon)

        assert judged(tomorrow, noon).due == 1


def test_a_camera_awake_on_its_cruisers_charger_is_on_duty_with_its_officer(
    station: Station, noon: datetime
):
    day = a_shift(station, noon - 4 * HOUR, name="Day")
    on(day, 417, noon, {"mode": "recording", "battery_percent": 70})

    found = judged(day, noon)

    assert (found.ready, found.gone) == (1, 1)


def test_a_spare_that_is_out_until_the_shift_begins_is_none_of_its_spares(
    evening: Shift, station: Station, noon: datetime
):
    night = a_shift(station, evening.ends_at, name="Night")
    on(evening, 417, noon, {"battery_percent": 10, "battery_state": "discharging"})
    spare = a_spare(801, station, noon)
    officer = Officer.objects.get()
    StandIn.objects.create(shift=evening, officer=officer, camera=spare, offered_at=noon)

    found = judged(night, noon)

    assert found.spares == ()
    (unfit,) = found.unfit_spares
    assert unfit.readiness.reasons[0].blocker is Blocker.RESERVED


class TestShiftsThatOverlap:
    """A day from 13:00 to 21:00 and a power shift from 17:00 to 01:00, seen at noon."""

    @pytest.fixture
    def day(self, station: Station, noon: datetime) -> Shift:
        return a_shift(station, noon + HOUR, name="Day")

    @pytest.fixture
    def power(self, station: Station, noon: datetime) -> Shift:
        return a_shift(station, noon + 5 * HOUR, name="Power")

    def lacking(self, shift: Shift, *badges: int, now: datetime) -> None:
        for badge in badges:
            on(shift, badge, now)

    def spares(self, shift: Shift, count: int, now: datetime) -> None:
        for number in range(801, 801 + count):
            a_spare(number, shift.station, now)

    def test_no_spare_is_counted_or_offered_twice(self, day: Shift, power: Shift, noon: datetime):
        self.lacking(day, 1, 2, 3, 4, now=noon)
        self.lacking(power, 5, 6, 7, 8, now=noon)
        self.spares(day, 4, noon)

        first, second = shifts.coming(Visible(), now=noon, policy=POLICY)

        assert (first.margin, second.margin) == (0, -4)
        assert first.sentence.endswith("4 officers have no camera. 4 spares ready.")
        assert second.sentence.endswith(
            "No spare is left: an overlapping shift needs 4. 4 short of the 4 it needs."
        )
        assert {todo(post)[0] for post in first.posts} == {Remedy.OFFER_SPARE}
        assert {todo(post)[0] for post in second.posts} == {Remedy.ASK_ELSEWHERE}

    def test_what_the_first_does_not_take_is_the_others(
        self, day: Shift, power: Shift, noon: datetime
    ):
        Shift.objects.filter(pk=day.pk).update(reserve=1)
        self.lacking(day, 1, now=noon)
        self.lacking(power, 5, now=noon)
        self.spares(day, 4, noon)

        first, second = shifts.coming(Visible(), now=noon, policy=POLICY)

        assert (len(first.spares), len(second.spares), second.margin) == (4, 2, 1)
        offered = {one.posts[0].todo[0].spare.camera.id for one in (first, second)}  # type: ignore[union-attr]
        assert len(offered) == 2

    @pytest.mark.parametrize("at", [0, 2])
    def test_a_shift_by_itself_says_the_same(
        self, day: Shift, power: Shift, noon: datetime, at: int
    ):
        self.lacking(day, 1, 2, now=noon)
        self.lacking(power, 5, now=noon)
        now = noon + at * HOUR  # before the day begins, and in it
        self.spares(day, 2, now)

        found = judged(power, now)

        assert (found.shift.name, found.spares, found.margin) == ("Power", (), -1)
        (ahead,) = shifts.coming(Visible(), now=now, policy=POLICY)[-1:]
        assert ahead.sentence == found.sentence

    def test_who_counts_alone_counts_the_same(self, day: Shift, power: Shift, noon: datetime):
        self.lacking(day, 1, 2, now=noon)
        self.spares(day, 3, noon)

        found = shifts.beginning(Visible(), noon + 6 * HOUR, now=noon, policy=POLICY)

        assert [len(one.spares) for one in found] == [3, 1]

    @pytest.mark.parametrize("hours", [8, 7.75])
    def test_shifts_that_follow_or_only_hand_over_have_all_of_them(
        self, day: Shift, noon: datetime, hours: float
    ):
        late = a_shift(day.station, day.begins_at + hours * HOUR, name="Late")
        self.lacking(day, 1, 2, now=noon)
        self.lacking(late, 3, 4, now=noon)
        self.spares(day, 2, noon)

        found = shifts.coming(Visible(), now=noon, policy=POLICY)

        assert [(len(one.spares), one.margin) for one in found] == [(2, 0)] * 2

    def test_another_stations_shift_takes_none_of_them(self, day: Shift, noon: datetime):
        north = a_shift(rows.a_station("N", "North"), day.begins_at, name="North")
        self.lacking(day, 1, now=noon)
        self.lacking(north, 2, now=noon)
        a_spare(801, day.station, noon)
        a_spare(901, north.station, noon)

        found = shifts.coming(Visible(), now=noon, policy=POLICY)

        assert [one.margin for one in found] == [0, 0]


class TestPool:
    """A station whose officers take whatever camera is ready."""

    @pytest.fixture
    def pool(self, evening: Shift, station: Station) -> Shift:
        station.pool = True
        station.save()
        return evening

    def cameras(self, station: Station, count: int, now: datetime) -> None:
        for number in range(801, 801 + count):
            a_spare(number, station, now)

    def test_who_has_no_camera_takes_any_and_what_is_left_is_to_spare(
        self, pool: Shift, station: Station, noon: datetime
    ):
        for badge in (1, 2, 3):
            on(pool, badge, noon)
        on(pool, 4, noon, {})
        self.cameras(station, 4, noon)

        found = judged(pool, noon)

        assert (found.ready, found.margin, len(found.from_pool)) == (4, 1, 3)
        assert found.sentence == (
            "Evening shift: 4 rostered, all ready. 3 take any camera of the pool. 1 spare ready."
        )
        assert {one.duty.badge for one in found.posts if one.takes_any} == {"1", "2", "3"}
        assert not StandIn.objects.exists()

    def test_who_comes_on_last_is_left_without(self, pool: Shift, station: Station, noon: datetime):
        on(pool, 1, noon, begins_at=pool.begins_at + HOUR)
        on(pool, 3, noon)
        on(pool, 2, noon)
        self.cameras(station, 2, noon)

        found = judged(pool, noon)

        (without,) = found.exceptions
        assert without.duty.badge == "1"
        assert without.says == "No camera is left for an officer."
        assert todo(without) == [Remedy.ASK_ELSEWHERE]
        assert "2 ready. 2 take any camera of the pool. No camera is left for 1 officer." in (
            found.sentence
        )

    def test_a_long_duty_takes_one_that_lasts(self, pool: Shift, station: Station, noon: datetime):
        on(pool, 1, noon, ends_at=pool.ends_at + HOUR)
        a_spare(801, station, noon, battery_percent=83, battery_state="discharging")
        a_spare(802, station, noon)

        found = judged(pool, noon)

        assert only(found).judged.camera.name == "C0802"  # type: ignore[union-attr]
        assert [one.camera.name for one in found.spares] == ["C0801"]

    def test_one_that_is_promised_is_taken_by_whom_it_is_promised_to(
        self, pool: Shift, station: Station, noon: datetime
    ):
        on(pool, 1, noon)
        on(pool, 2, noon)
        spare = a_spare(801, station, noon)
        officer = Officer.objects.get(badge_number="2")
        StandIn.objects.create(shift=pool, officer=officer, camera=spare, offered_at=noon)

        found = judged(pool, noon)

        assert [(one.duty.badge, one.ready) for one in found.posts] == [("1", False), ("2", True)]

    def test_two_shifts_at_once_take_none_twice(
        self, pool: Shift, station: Station, noon: datetime
    ):
        late = a_shift(station, pool.begins_at + 2 * HOUR, name="Late")
        on(pool, 1, noon)
        on(late, 2, noon)
        self.cameras(station, 1, noon)

        found = shifts.coming(Visible(), now=noon, policy=POLICY)

        assert [one.ready for one in found] == [1, 0]

    def test_where_each_has_their_own_nobody_takes_any(
        self, evening: Shift, station: Station, noon: datetime
    ):
        on(evening, 1, noon)
        self.cameras(station, 1, noon)

        found = judged(evening, noon)

        assert (found.ready, len(found.spares), found.from_pool) == (0, 1, frozenset())


class TestWhoHasLeftOrIsSuspended:
    """They are on the roster still, and take no camera."""

    @pytest.fixture
    def three(self, evening: Shift, noon: datetime) -> Shift:
        on(evening, 1, noon, {})
        on(evening, 2, noon, FLAT)
        on(evening, 3, noon)
        Officer.objects.filter(badge_number="2").update(active=False)
        Officer.objects.filter(badge_number="3").update(suspended_because="Inquiry 26-1")
        return evening

    def test_they_are_needed_for_nothing_and_offered_nothing(
        self, three: Shift, station: Station, noon: datetime
    ):
        a_spare(801, station, noon)

        found = judged(three, noon)

        assert (found.rostered, found.ready, found.need, found.margin) == (1, 1, 1, 1)
        assert found.sentence == (
            "Evening shift: 1 rostered, all ready."
            " 2 more are rostered who have left or are suspended. 1 spare ready."
        )
        assert [(one.says, one.todo) for one in found.exceptions] == [
            ("An officer who is on it has left.", ()),
            ("An officer who is on it is suspended.", ()),
        ]
        assert shifts.wanted_next(Visible(), now=noon).cameras == 1  # type: ignore[union-attr]

    def test_their_own_camera_is_not_called_ready(self, evening: Shift, noon: datetime):
        on(evening, 1, noon, {})
        Officer.objects.update(active=False)

        found = judged(evening, noon)

        assert (found.ready, found.margin) == (0, 0)
        assert found.sentence == (
            "Evening shift: nobody on it can be on duty."
            " 1 is rostered who has left or is suspended. No spare is ready."
        )

    def test_they_take_none_of_a_pool_nor_of_what_another_shift_needs(
        self, three: Shift, station: Station, noon: datetime
    ):
        Station.objects.update(pool=True)
        late = a_shift(station, three.begins_at + HOUR, name="Late")
        on(late, 4, noon)
        a_spare(801, station, noon)

        first, second = shifts.coming(Visible(), now=noon, policy=POLICY)

        assert (first.from_pool, first.margin) == (frozenset(), 1)
        assert (second.ready, second.margin) == (1, 0)

    def test_how_it_began_is_kept_without_them(self, three: Shift, noon: datetime):
        kept = outcomes.outcome(judged(three, noon), noon)

        assert (kept.rostered, kept.ready, kept.need, kept.reasons) == (1, 1, 1, {})
