"""The form of a rollout: what it keeps, what it says it would do, and what it refuses."""

from datetime import timedelta

import pytest
from django.utils.timezone import now

from devices.health.models import CameraHealth
from devices.inventory.models import Camera
from devices.releases.models import ReleaseState
from devices.rollouts import reading
from devices.rollouts.courses import actions as courses
from devices.rollouts.drafts import Step
from devices.rollouts.models import Rollout
from tests.api.callers import browser
from tests.ddi.offers import a_profile
from tests.rollouts.setting import docked, drafted, firmware

pytestmark = pytest.mark.django_db
WELL = {
    "name": "Spring",
    "waves": "2, 10 %, all",
    "soak_hours": "24",
    "success_percent": "95",
    "most_failures": "2",
    "most_failures_percent": "5",
    "most_per_dock": "2",
    "most_per_station": "8",
    "most_at_once": "16",
    "most_mbit_each": "25",
}


@pytest.fixture
def release():
    return firmware()


@pytest.fixture
def cameras(release):
    return docked(5, now())


def send(it, release, act="save", **said):
    return post(it, {"release": release.pk, "act": act, **said})


def post(it, said):
    return browser(it).post("/rollouts/new/", {**WELL, **said})


def test_a_draft_is_kept_as_it_was_filled_in(it, release, cameras):
    first = cameras[0]
    answer = send(
        it,
        release,
        models=[first.model_id],
        stations=[first.station_id],
        versions="4.2.1, 4.1.0",
        units="Patrol",
        tags="K9, bench",
        cameras="C0001 c2;3",
        windows="22:00 to 05:00, 13:00-14:00",
        soak_hours="0.5",
    )

    rollout = Rollout.objects.get()
    assert answer["Location"] == f"/rollouts/{rollout.pk}/"
    draft = reading.draft_of(rollout)
    assert draft.steps == [Step(count=2), Step(percent=10), Step(percent=100)]
    assert draft.windows == [["22:00", "05:00"], ["13:00", "14:00"]]
    assert draft.terms.soak == timedelta(minutes=30)
    assert draft.wanted == {
        "models": [first.model_id],
        "stations": [first.station_id],
        "versions": ["4.1.0", "4.2.1"],
        "units": ["Patrol"],
        "tags": ["bench", "k9"],
        "cameras": sorted(one.pk for one in cameras[:3]),
    }
    page = browser(it).get(f"/rollouts/{rollout.pk}/edit/").content.decode()
    for text in ("C0001, C0002, C0003", "2, 10 %, all", "22:00 to 05:00, 13:00 to 14:00", "0.5"):
        assert text in page


def test_it_says_how_many_match_and_keeps_nothing(it, release, cameras):
    Camera.objects.filter(pk=cameras[0].pk).update(service_state="lost")

    page = send(it, release, "look").content.decode()

    assert "5 cameras match now: 4 have their turn, 1 is skipped." in page
    assert "skipped: It is lost." in page
    assert "Started now, all 4 cameras are done by" in page
    assert not Rollout.objects.exists()
    page = send(it, release, "look", versions="9.9.9").content.decode()
    assert "No camera is as this filter says." in page


def test_a_new_one_is_filled_with_what_is_usual(it, release):
    page = browser(it).get(f"/rollouts/new/?release={release.pk}&versions=4.1.0").content.decode()

    assert "2, 10 %, 50 %, all" in page
    assert 'value="4.1.0"' in page
    assert f'value="{release.pk}" selected' in page
    assert browser(it).get("/rollouts/new/?release=%00x").status_code == 200


def test_without_a_name_it_is_called_by_its_release(it, release, cameras):
    send(it, release, name=" ")
    draft = Rollout.objects.get()

    assert draft.name == "Firmware 4.3.0"
    told = {**WELL, "act": "save", "name": ""}
    browser(it).post(f"/rollouts/{draft.pk}/edit/", told)
    draft.refresh_from_db()
    assert draft.name == "Firmware 4.3.0"


def test_of_several_releases_none_is_chosen_for_a_person(it, release):
    chosen = f'value="{release.pk}" selected'
    assert chosen in browser(it).get("/rollouts/new/").content.decode()
    other = a_profile()

    page = browser(it).get("/rollouts/new/").content.decode()

    assert chosen not in page
    assert f'value="{other.pk}" selected' not in page
    assert '<option value="" selected>' in page
    assert "</span> sets</h2>" not in page


def test_the_versions_that_are_known_are_of_the_kind_that_is_compared(it, release, cameras):
    CameraHealth.objects.update(firmware_version="4.2.1", profile_version="patrol-2")
    new = browser(it).get("/rollouts/new/").content.decode()

    assert "Known of firmware: 4.2.1. Known of profiles: patrol-2." in new
    for of, kind, known, other in (
        (release, "firmware", "4.2.1", "patrol-2"),
        (a_profile(), "profile", "patrol-2", "4.2.1"),
    ):
        draft = drafted(it, now(), of, name=kind)
        page = browser(it).get(f"/rollouts/{draft.pk}/edit/").content.decode()

        assert f"That run one of these {kind} versions" in page
        assert f"With commas. Known: {known}." in page
        assert other not in page


def test_without_a_release_it_leads_to_releases(it):
    assert "nothing to bring" in browser(it).get("/rollouts/new/").content.decode()


WRONG = [
    ("name", "a\x00b", "Null characters"),
    ("name", "x" * 61, "at most 60"),
    ("waves", "", "Say at least: all."),
    ("waves", "2, some", "A wave is a number of cameras, a share, or all"),
    ("waves", "10 %, 5, all", "come before those of so many percent"),
    ("waves", "2, 10 %", "The last wave is the rest"),
    ("waves", "999999999999", "A wave is a number"),
    ("windows", "night", "A window is two times of the day"),
    ("windows", "25:00 to 26:00", "such as 22:00"),
    ("soak_hours", "-1", "The soak is a number of hours"),
    ("soak_hours", "1e99", "The soak is a number of hours"),
    ("soak_hours", "NaN", "The soak is a number of hours"),
    ("success_percent", "0", "from 1 to 100"),
    ("most_failures", "-1", "is a whole number from 0"),
    ("most_per_dock", "many", "At once in a dock is a whole number"),
    ("most_at_once", "10001", "At once in all is a whole number"),
    ("most_mbit_each", "0", "Speed of each download is a whole number from 1 to 1000"),
    ("tags", "bench press!", "A tag is up to 30 small letters"),
    ("cameras", "C9999", "There is no camera C9999."),
    ("cameras", "<b>", "Write numbers such as C0417"),
    ("cameras", "1 " * 20_000, "at most 20000"),
    ("stations", ["999999"], "It is not there any more."),
    ("models", ["x"], "?"),
    ("release", "999999", "There is no such release"),
    ("release", "", "Choose a release."),
]


def test_what_is_wrong_is_said_beside_it_and_nothing_is_kept(it, release, cameras):
    for field, written, says in WRONG:
        answer = post(it, {"release": release.pk, "act": "save", field: written})

        assert answer.status_code == 422, (field, written)
        assert says in answer.content.decode(), (field, written)
    assert not Rollout.objects.exists()


def test_a_release_that_was_recalled_is_not_brought(it, release, cameras):
    type(release).objects.filter(pk=release.pk).update(state=ReleaseState.RECALLED)

    assert send(it, release).status_code == 422


def test_a_draft_is_changed_until_it_is_approved(it, colleague, release, cameras):
    rollout = drafted(it, now(), release)
    at_page = f"/rollouts/{rollout.pk}/edit/"
    told = {**WELL, "act": "save"}

    assert browser(it).post(at_page, {**told, "waves": "none"}).status_code == 422
    browser(it).post(at_page, {**told, "name": "Summer", "stations": [cameras[0].station_id]})
    rollout.refresh_from_db()
    assert (rollout.name, rollout.waves.count()) == ("Summer", 3)
    courses.approve(rollout, by=colleague, now=now())
    browser(it).post(at_page, {**told, "name": "Autumn"})

    rollout.refresh_from_db()
    assert rollout.name == "Summer"
