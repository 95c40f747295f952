"""Dry runs through the API: when it would be done, what shifts would have, and that nothing is."""

from datetime import datetime, timedelta

import pytest
from django.utils.timezone import now

from devices.access.scopes import Scope
from devices.inventory.models import Camera, Officer
from devices.ledger import LedgerEntry
from devices.roles import Role
from devices.rollouts.courses import actions as courses
from devices.rollouts.models import Rollout
from tests.api.callers import browser, program, refused, token_of
from tests.rollouts.setting import docked, drafted, firmware, started
from tests.rollouts.test_reading import a_shift
from tests.rows import NO_ROW, a_duty, a_station, person

pytestmark = pytest.mark.django_db
ALL = "/api/v1/rollouts/"


@pytest.fixture(autouse=True)
def _a_store_of_its_own(settings, tmp_path):
    settings.VAR_DIR = tmp_path


@pytest.fixture
def cameras(db):
    """Three at headquarters, and one of the north's; a shift begins while two are away."""
    north = a_station("N", "North")
    found = [*docked(3, now()), *docked(1, now(), north, first=9)]
    a_shift(found[0].station, now() + timedelta(hours=1))
    a_shift(north, now() + timedelta(hours=1, minutes=1), reserve=1)
    return found


def play(client, said):
    return client.post(f"{ALL}dry-run/", said, content_type="application/json")


def test_it_says_when_each_wave_is_done_and_what_shifts_would_have(
    one, it, cameras, django_assert_max_num_queries
):
    rollout = drafted(it, now())

    with django_assert_max_num_queries(21):
        told = one.get(f"{ALL}{rollout.pk}/dry-run/").json()

    (wave,) = told["waves"]
    assert (wave["number"], wave["cameras"]) == (1, 4)
    assert datetime.fromisoformat(wave["opens_at"]) <= datetime.fromisoformat(told["done_at"])
    margins = [(one["station"], one["margin_without"], one["margin"]) for one in told["shifts"]]
    assert margins == [("Headquarters", 3, 1), ("North", 0, 0)]
    assert (told["lowest"]["station"], told["never"]) == ("North", [])
    assert told["sentence"].startswith("Started now, all 4 cameras are done by ")


def test_a_camera_that_is_always_needed_would_never_have_its_turn(one, it, cameras):
    (worn,) = docked(1, now(), a_station("S", "South"), first=20)
    officer = Officer.objects.create(badge_number="1017", station=worn.station)
    Camera.objects.filter(pk=worn.pk).update(officer=officer)
    for day in range(15):
        shift = a_shift(worn.station, now() + timedelta(days=day, minutes=30))
        a_duty(shift, officer, ends_at=shift.begins_at + timedelta(hours=23))
    rollout = drafted(it, now(), wanted={"cameras": [worn.pk]})
    far = browser(person(Role.QUARTERMASTER, cameras[3].station))

    told = one.get(f"{ALL}{rollout.pk}/dry-run/").json()

    assert (told["done_at"], told["never"]) == (None, ["C0020"])
    assert far.get(f"{ALL}{rollout.pk}/dry-run/").json()["never"] == []


def test_of_a_draft_that_nobody_keeps_it_says_the_same(one, it, cameras):
    rollout = drafted(it, now())
    said = {"release": rollout.release_id, "name": "Spring", "waves": [{"percent": 100}]}

    kept = one.get(f"{ALL}{rollout.pk}/dry-run/").json()
    told = play(one, {**said, "soak_minutes": 0}).json()

    assert [each["cameras"] for each in told["waves"]] == [4]
    assert (told["shifts"], told["never"]) == (kept["shifts"], kept["never"])
    assert Rollout.objects.count() == 1
    assert LedgerEntry.objects.exclude(verb="rollout drafted").count() == 0


@pytest.mark.parametrize(
    ("said", "pointer"),
    [
        ({"release": NO_ROW}, "/release"),
        ({"wanted": {"cameras": ["C0999"]}}, "/wanted/cameras"),
        ({"waves": [{"percent": 50}]}, "/body"),
        ({"colour": "red"}, "/colour"),
    ],
)
def test_a_draft_that_cannot_be_says_where(one, cameras, said, pointer):
    answer = play(one, {"release": firmware().pk, "name": "Spring", **said})

    assert refused(answer, 422)
    assert pointer in {fault["pointer"] for fault in answer.json()["faults"]}


def test_others_shifts_are_not_told(it, cameras):
    rollout = drafted(it, now())
    here = browser(person(Role.QUARTERMASTER, cameras[0].station))

    told = here.get(f"{ALL}{rollout.pk}/dry-run/").json()

    assert [each["station"] for each in told["shifts"]] == ["Headquarters"]
    assert refused(play(here, {"release": rollout.release_id, "name": "Spring"}), 403)


def test_of_one_that_has_ended_nothing_is_left(one, it, colleague, cameras):
    rollout = started(it, colleague, now())
    courses.abort(rollout, "As told", by=it, now=now())

    told = one.get(f"{ALL}{rollout.pk}/dry-run/").json()

    assert (told["waves"], told["shifts"], told["lowest"]) == ([], [], None)
    assert refused(one.get(f"{ALL}{NO_ROW}/dry-run/"), 404)


def test_a_token_needs_the_scope(it, cameras):
    rollout = drafted(it, now())
    reading = program(token_of(it, [Scope.ROLLOUTS]))

    assert reading.get(f"{ALL}{rollout.pk}/dry-run/").status_code == 200
    assert refused(play(reading, {"release": rollout.release_id, "name": "Spring"}), 403)
