"""Batteries of one model that lose much within a week, and those that only wear."""

from datetime import timedelta

import pytest

from devices.alerts import actions
from devices.alerts.catalogue import Pace
from devices.alerts.models import Alert
from devices.battery.models import BatteryMonth
from devices.health.models import CameraHealth
from tests.rows import a_camera, a_model, a_reading, a_station

pytestmark = pytest.mark.django_db

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


@pytest.fixture
def cameras(noon):
    """Four of one model and three of another, each as its battery says now."""
    station = a_station()
    models = [a_model()] * 4 + [a_model(radio=False)] * 3
    return [
        a_camera(number, station, noon, model=model, health={"battery_health_percent": 96})
        for number, model in enumerate(models, 1)
    ]


def said(camera, at, percent):
    """The camera said so then; what it said last stands in its health."""
    a_reading(camera, at, battery_health_percent=percent)
    CameraHealth.objects.filter(camera=camera).update(battery_health_percent=percent)


def look(at):
    for minute in (0, 10):
        actions.sweep(now=at + minute * MINUTE, pace=Pace.SLOW)
    return [one.words for one in Alert.objects.calling()]


def test_three_of_a_model_that_lost_much_within_a_week_call(cameras, noon):
    for camera in cameras[:3]:
        said(camera, noon - 6 * DAY, 81)
    for camera in cameras[:2]:
        said(camera, noon, 69)
    assert look(noon) == []

    said(cameras[2], noon, 69)

    assert look(noon) == ["3 cameras of model Example R2 lost much of their battery."]
    alert = Alert.objects.get()
    assert (alert.value, alert.limit) == ("3 cameras", "3 cameras")
    assert alert.address == f"/cameras/?model={cameras[0].model_id}"


@pytest.mark.parametrize(
    ("days", "before", "now"),
    [
        (8, 81, 69),  # it took longer than a week
        (6, 79, 69),  # worn: it had lost most of that already
        (6, 96, 71),
        (60, 80, 69),
    ],
)
def test_what_wears_or_falls_less_does_not_call(cameras, noon, days, before, now):
    for camera in cameras:
        said(camera, noon - days * DAY, before)
        said(camera, noon, now)
        BatteryMonth.objects.create(
            camera=camera,
            month=(noon - 60 * DAY).date().replace(day=1),
            capacity_percent=95,
            hours_seen=100,
        )

    assert look(noon) == []


def test_two_of_one_model_and_two_of_another_are_no_lot(cameras, noon):
    for camera in (*cameras[:2], *cameras[-2:]):
        said(camera, noon - DAY, 95)
        said(camera, noon, 40)

    assert look(noon) == []


def test_it_is_over_a_day_after_the_cameras_are_pulled(cameras, noon):
    for camera in cameras[:3]:
        said(camera, noon - DAY, 95)
        said(camera, noon, 40)
    assert look(noon)

    cameras[0].service_state = "in_repair"
    cameras[0].save()

    assert look(noon + timedelta(hours=23))
    assert look(noon + timedelta(hours=23) + DAY) == []


def test_it_is_the_stations_where_cameras_fell_and_of_several_it_is_of_none(cameras, noon):
    """That its model stands elsewhere too says nothing of the cameras there."""
    north = a_station("N", "North")
    cameras[3].station = north
    cameras[3].save()
    for camera in cameras[:3]:
        said(camera, noon - DAY, 95)
        said(camera, noon, 40)
    assert look(noon)
    assert Alert.objects.get().station == cameras[0].station

    said(cameras[3], noon - DAY, 95)
    said(cameras[3], noon, 40)
    look(noon + 20 * MINUTE)

    assert Alert.objects.get().station is None
