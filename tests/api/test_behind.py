"""Who is behind, who drifted and the end of an image, through the API."""

from datetime import timedelta

import pytest
from django.utils.timezone import now

from devices.health.models import CameraHealth
from devices.inventory.models import Camera
from devices.ledger import LedgerEntry
from devices.releases import actions as releases
from devices.releases import storage
from devices.releases.profiles.actions import Target, assign, make_version
from devices.releases.profiles.schema import USUAL
from devices.roles import Role
from devices.rollouts.courses import actions as courses
from devices.rollouts.rules import Turn
from tests.api.callers import browser, refused, results, send
from tests.rollouts.setting import docked, firmware, put, started
from tests.rows import NO_ROW, a_camera, a_model, a_station, person

pytestmark = pytest.mark.django_db
RELEASES = "/api/v1/releases/"
BEHIND, DRIFTED = f"{RELEASES}behind/", f"{RELEASES}drifted/"


@pytest.fixture(autouse=True)
def _a_store_of_its_own(settings, tmp_path):
    settings.VAR_DIR = tmp_path


@pytest.fixture
def cameras(db):
    """They run 4.2.1."""
    return docked(3, now())


class TestWhoIsBehind:
    def test_nobody_is_where_nothing_is_approved(self, one, cameras):
        assert one.get(BEHIND).json() == {"cameras": 0, "releases": []}

    def test_each_release_says_how_many_and_how_many_days_are_left(self, one, cameras):
        late = firmware("4.3.0", urgency="critical", approved_at=now() - timedelta(days=16))
        firmware("4.4.0", urgency="high", approved_at=now() - timedelta(hours=1))
        CameraHealth.objects.filter(camera=cameras[0]).update(firmware_version="4.3.0")
        CameraHealth.objects.filter(camera=cameras[1]).update(firmware_version="")

        told = one.get(BEHIND).json()

        assert told["cameras"] == 3
        first, second = told["releases"]
        model = {"id": a_model().pk, "maker": "Example", "name": "R2"}
        assert [first[name] for name in ("id", "version", "urgency")] == [
            late.pk,
            "4.3.0",
            "critical",
        ]
        assert [first[name] for name in ("days_left", "cameras", "behind", "sooner")] == [
            -1,
            3,
            2,
            0,
        ]
        assert first["runs"] == [
            {"model": model, "firmware_version": None, "cameras": 1},
            {"model": model, "firmware_version": "4.2.1", "cameras": 1},
        ]
        assert [second[name] for name in ("days_left", "behind", "sooner")] == [30, 1, 2]

    def test_it_counts_the_cameras_that_the_sender_may_see(self, cameras):
        firmware("4.3.0", approved_at=now())
        north = a_station("N", "North")
        a_camera(9, north, now(), health={"firmware_version": "4.2.1"})

        here = browser(person(Role.QUARTERMASTER, north)).get(BEHIND).json()

        assert (here["cameras"], here["releases"][0]["cameras"]) == (1, 1)

    def test_who_has_the_answer_is_not_sent_it_again(self, one, cameras):
        firmware("4.3.0", approved_at=now())
        tag = one.get(BEHIND)["ETag"]

        assert one.get(BEHIND, headers={"If-None-Match": tag}).status_code == 304

    @pytest.mark.parametrize("asked", ["station=HQ", "page_size=1", "x="])
    def test_it_takes_no_parameter(self, one, asked):
        assert refused(one.get(f"{BEHIND}?{asked}"), 400)

    def test_it_is_read_alone(self, one):
        assert refused(send(one, BEHIND), 405)


class TestWhoDrifted:
    @pytest.fixture
    def patrol(self, cameras, it, colleague):
        """What all should run; k9-1, which lets officers put a camera to sleep, is assigned to
        nobody."""
        for name, sleeps in (("patrol", False), ("k9", True)):
            chosen = {**USUAL, "sleep_allowed": sleeps}
            made = make_version(name, chosen, based_on=0, by=it, now=now())
            releases.approve(made.release, by=colleague, now=now())
            if name == "patrol":
                assign(made.profile, Target(model=a_model()), by=it, now=now())
                release = made.release
        says = ("patrol-1", "k9-1", "")
        for camera, runs in zip(cameras, says, strict=True):
            CameraHealth.objects.filter(camera=camera).update(profile_version=runs)
        return release

    def test_each_says_what_it_runs_and_should_run(self, one, patrol):
        CameraHealth.objects.update(profile_since=now() - timedelta(days=2))

        drifted, silent = results(one, DRIFTED)

        assert (drifted["camera"], drifted["station"]) == ("C0002", "HQ")
        assert (drifted["drifted"], drifted["other_content"]) == (True, False)
        assert (drifted["profile_version"], drifted["wanted"]) == ("k9-1", "patrol-1")
        assert (drifted["release"], drifted["through"]) == (patrol.pk, "model")
        assert drifted["since"] is not None
        assert drifted["defeats"] == []
        assert drifted["defeats_now"] == [
            "Officers may put these cameras to sleep; a sleeping one hears no light bar."
        ]
        assert drifted["outlook"] == "No rollout has brought it patrol-1 yet."
        assert (silent["camera"], silent["drifted"], silent["profile_version"]) == (
            "C0003",
            None,
            None,
        )
        assert (silent["outlook"], silent["since"]) == (None, None)

    def test_other_content_under_the_same_name_is_told(self, one, patrol):
        CameraHealth.objects.filter(profile_version="patrol-1").update(profile_digest="0" * 64)

        first, *_ = results(one, DRIFTED)

        assert (first["camera"], first["other_content"]) == ("C0001", True)

    def test_who_is_out_of_service_or_as_wanted_is_not_there(self, one, patrol):
        Camera.objects.filter(number=2).update(service_state="in_repair")

        assert [row["camera"] for row in results(one, DRIFTED)] == ["C0003"]

    def test_a_page_begins_after_the_one_before(self, one, patrol):
        first = one.get(f"{DRIFTED}?page_size=1").json()
        last = one.get(first["next"]).json()

        assert [row["camera"] for row in first["results"] + last["results"]] == ["C0002", "C0003"]
        assert last["next"] is None

    def test_a_station_narrows_it_and_the_senders_reach_does(self, one, patrol):
        north = a_station("N", "North")
        a_camera(9, north, now(), health={"profile_version": "k9-1"})

        by_station = results(one, f"{DRIFTED}?station=N")

        assert [row["camera"] for row in by_station] == ["C0009"]
        assert results(browser(person(Role.COMMANDER, north)), DRIFTED) == by_station

    @pytest.mark.parametrize("asked", ["station=", "tag=k9", "page_size=0", "cursor=x"])
    def test_what_it_does_not_take_is_refused(self, one, asked):
        assert refused(one.get(f"{DRIFTED}?{asked}"), 400)

    def test_it_costs_as_much_for_many_as_for_few(
        self, one, patrol, cameras, django_assert_max_num_queries
    ):
        one.get(DRIFTED)  # whoever asks first is looked up

        def statements():
            with django_assert_max_num_queries(50) as asked:
                assert one.get(DRIFTED).status_code == 200
            return len(asked)

        few = statements()
        for number in range(10, 40):
            a_camera(number, cameras[0].station, now(), health={"profile_version": "k9-1"})

        assert statements() == few


class TestTheEndOfAnImage:
    @pytest.fixture
    def recalled(self, it):
        release = firmware(approved_at=now())
        releases.recall(release, "It bricks.", by=it, now=now())
        return release

    def where(self, release):
        return f"{RELEASES}{release.pk}/remove-image/"

    def test_it_is_removed_once(self, one, it, recalled, django_capture_on_commit_callbacks):
        with django_capture_on_commit_callbacks(execute=True):
            told = send(one, self.where(recalled), key="once").json()

        assert (told["id"], told["state"]) == (recalled.pk, "recalled")
        assert told["image_removed_at"] is not None
        assert list(storage.store().stored()) == []
        assert LedgerEntry.objects.get(verb="release image removed").actor == it
        assert send(one, self.where(recalled), key="once").json() == told
        assert "Only a release that is recalled" in refused(send(one, self.where(recalled)), 409)

    def test_not_of_one_that_is_approved(self, one):
        release = firmware()

        assert refused(send(one, self.where(release)), 409)

        assert len(list(storage.store().stored())) == 1

    def test_not_while_something_brings_it(self, one, it, colleague, cameras):
        release = firmware()
        rollout = started(it, colleague, now(), release)
        put(rollout, Turn.INSTALLING, cameras[0])
        releases.recall(release, "It bricks.", by=it, now=now())

        assert "is under way" in refused(send(one, self.where(release)), 409)
        courses.abort(rollout, "It bricks.", by=it, now=now())
        assert "still being updated" in refused(send(one, self.where(release)), 409)

    def test_nothing_else_is_said_and_nothing_else_named(self, one, recalled):
        assert refused(send(one, self.where(recalled), {"reason": "room"}), 422)
        assert refused(send(one, f"{RELEASES}{NO_ROW}/remove-image/"), 404)
        assert refused(send(one, f"{RELEASES}x/remove-image/"), 404)
        assert refused(one.get(self.where(recalled)), 405)

    @pytest.mark.parametrize("role", [Role.AUDITOR, Role.COMMANDER, Role.QUARTERMASTER])
    def test_who_approves_no_release_removes_none(self, recalled, role):
        assert refused(send(browser(person(role)), self.where(recalled)), 403)

        recalled.refresh_from_db()
        assert recalled.image_removed_at is None
