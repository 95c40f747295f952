"""The pages of rollouts: one outcome each, by whoever may; and what a page costs."""

from datetime import timedelta

import pytest
from asgiref.sync import sync_to_async
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import now

from devices.health.models import CameraAttributes, CameraHealth
from devices.inventory.models import Camera
from devices.releases import actions as releases
from devices.releases.models import ReleaseState
from devices.releases.profiles.actions import make_version
from devices.releases.profiles.schema import USUAL
from devices.roles import Role
from devices.rollouts.aside import actions as aside
from devices.rollouts.courses import actions as courses
from devices.rollouts.drafts import Draft
from devices.rollouts.models import DeploymentWord
from devices.rollouts.rules import Turn
from tests.api.callers import browser
from tests.dashboard.boards import cookie_of, opened
from tests.rollouts.setting import AT_ONCE, docked, drafted, firmware, put, started, states
from tests.rows import a_station, person

pytestmark = pytest.mark.django_db


def text(answer):
    return " ".join(answer.content.decode().split())


@pytest.fixture
def cameras():
    made = docked(5, now())
    Camera.objects.filter(pk__in=[one.pk for one in made[:2]]).update(tags=["bench"])
    return made


@pytest.fixture
def rollout(it, colleague, cameras):
    return started(it, colleague, now())


def act(user, rollout, verb, **said):
    return browser(user).post(f"/rollouts/{rollout.pk}/{verb}/", said, follow=True)


# --- From draft to end ---------------------------------------------------------------------------


def test_two_people_bring_it_on_its_way(it, colleague, cameras):
    rollout = drafted(it, now())
    page = text(browser(it).get(f"/rollouts/{rollout.pk}/"))
    assert "another person of IT approves it" in page
    assert "5 cameras match now. All of them have their turn." in page
    assert "Started now, all 5 cameras are done by" in page

    assert "another person must approve it" in text(act(it, rollout, "approve"))
    assert "It may start." in text(act(colleague, rollout, "approve"))
    page = text(act(it, rollout, "start"))

    assert "0 of 5 cameras run 4.3.0" in page
    assert "It is next." in page
    played = text(browser(it).get(f"/rollouts/{rollout.pk}/dry-run/"))
    assert "Going on from here, the 5 cameras that are left are done by" in played
    assert states(rollout) == dict.fromkeys(
        ("C0001", "C0002", "C0003", "C0004", "C0005"), "planned"
    )


def test_who_changed_the_draft_is_told_that_another_person_approves_it(it, colleague, cameras):
    rollout = drafted(it, now())
    courses.change(rollout, Draft("Summer", steps=AT_ONCE), by=colleague, now=now())

    page = text(browser(colleague).get(f"/rollouts/{rollout.pk}/"))

    assert "You changed it last, so another person of IT approves it." in page
    assert "by it, changed last by colleague" in page
    assert "You changed Summer last" in text(act(colleague, rollout, "approve"))


def test_who_decides_on_a_profile_sees_what_it_changes_and_whether_it_defeats_a_light_bar(
    it, colleague, cameras
):
    first = make_version("patrol", USUAL, based_on=0, by=it, now=now())
    releases.approve(first.release, by=colleague, now=now())
    make_version("patrol", {**USUAL, "led": False}, based_on=1, by=it, now=now())
    risky = {**USUAL, "light_bar_trigger": False}
    release = make_version("patrol", risky, based_on=2, by=it, now=now()).release

    def shown(address):
        page = text(browser(colleague).get(address))
        assert "Light bars do not start these cameras." in page
        assert "patrol-3</span> changes" in page
        assert 'against <span class="mono">patrol-1<' in page
        assert "A light bar starts it: yes → <b>no</b>" in page

    shown(f"/releases/{release.pk}/")
    releases.approve(release, by=colleague, now=now())
    rollout = drafted(it, now(), release)
    shown(f"/rollouts/{rollout.pk}/")
    shown(f"/rollouts/{rollout.pk}/edit/")
    shown(f"/rollouts/new/?release={release.pk}")
    courses.approve(rollout, by=colleague, now=now())
    courses.start(rollout, by=it, now=now())
    page = text(browser(colleague).get(f"/rollouts/{rollout.pk}/"))
    assert "Light bars do not start these cameras." in page
    assert "patrol-3</span> changes" not in page


def test_the_first_version_of_a_profile_shows_what_it_sets(it, colleague):
    release = make_version("patrol", USUAL, based_on=0, by=it, now=now()).release

    page = text(browser(colleague).get(f"/releases/{release.pk}/"))

    assert "patrol-1</span> sets" in page
    assert "not set" not in page


def test_pause_takes_one_click_and_abort_is_asked_twice(it, rollout, cameras):
    quartermaster = person(Role.QUARTERMASTER, cameras[0].station, name="q")
    assert 'data-key="p"' in text(browser(it).get(f"/rollouts/{rollout.pk}/"))

    page = text(act(quartermaster, rollout, "pause"))
    assert "is paused: Paused by hand." in page
    assert "Go on" not in page  # IT alone lets it go on
    assert "Go on" in text(act(it, rollout, "retry"))
    act(it, rollout, "resume")

    asked = browser(quartermaster).get(f"/rollouts/{rollout.pk}/abort/")
    assert "It cannot be taken up again" in text(asked)
    rollout.refresh_from_db()
    assert rollout.state == "running"
    assert act(quartermaster, rollout, "abort", reason=" ").status_code == 422
    act(quartermaster, rollout, "abort", reason="<b>Wrong</b> image.")

    rollout.refresh_from_db()
    assert rollout.state == "aborted"
    page = text(browser(it).get(f"/rollouts/{rollout.pk}/?state=cancelled"))
    assert "Aborted: &lt;b&gt;Wrong&lt;/b&gt; image." in page
    assert "has ended already" in text(act(it, rollout, "abort", reason="again"))


def test_nobody_stops_what_has_none_of_their_cameras(rollout):
    elsewhere = person(Role.QUARTERMASTER, a_station("N", "North"), name="north")
    page = text(browser(elsewhere).get(f"/rollouts/{rollout.pk}/"))
    assert "Pause" not in page
    assert "C0001" not in page
    assert "Why cameras wait" not in page
    assert "None of your stations." in page

    assert act(elsewhere, rollout, "pause").status_code == 404
    assert browser(elsewhere).get(f"/rollouts/{rollout.pk}/abort/").status_code == 404

    rollout.refresh_from_db()
    assert rollout.state == "running"


def test_what_failed_says_why_and_is_tried_again(it, rollout, cameras):
    first, second, *_ = cameras
    put(rollout, Turn.FAILED, first, second, reason="It burned.", attempts=1)
    turn = rollout.deployments.get(camera=first)
    DeploymentWord.objects.create(
        deployment=turn, at=now(), execution="closed", finished="failure", details=["<i>no room"]
    )

    page = text(browser(it).get(f"/rollouts/{rollout.pk}/"))
    assert "It burned." in page
    assert "&lt;i&gt;no room" in page
    assert "2 failed" in page
    assert act(it, rollout, "retry", camera="x1").status_code == 404
    act(it, rollout, "retry", camera=str(first.pk))

    assert (states(rollout)["C0001"], states(rollout)["C0002"]) == ("planned", "failed")
    act(it, rollout, "retry")
    assert states(rollout)["C0002"] == "planned"


def test_what_has_not_moved_for_a_day_says_so_first(it, colleague, cameras):
    two_days_ago = now() - timedelta(days=2)
    CameraHealth.objects.update(docked=False)
    rollout = started(it, colleague, two_days_ago, wanted={"tags": ["bench"]})

    page = text(browser(it).get(f"/rollouts/{rollout.pk}/now/"))

    assert "Nothing has moved for 2 days: 2 cameras are out of their dock." in page
    assert "Cameras tagged bench" in page
    assert "each at most at 25&nbsp;Mbit/s" in page
    act(it, rollout, "pause")
    assert "Nothing has moved" not in text(browser(it).get(f"/rollouts/{rollout.pk}/"))


def test_a_filter_shows_the_cameras_of_one_state(it, rollout, cameras):
    put(rollout, Turn.SUCCEEDED, cameras[0])

    page = text(browser(it).get(f"/rollouts/{rollout.pk}/?state=succeeded"))
    assert "C0001" in page
    assert "C0002" not in page
    assert "1 of 5 cameras run" in page
    assert browser(it).get(f"/rollouts/{rollout.pk}/?state=%00nonsense").status_code == 200
    part = browser(it).get(f"/rollouts/{rollout.pk}/now/?state=succeeded")
    assert "<html" not in part.content.decode()
    assert part["Cache-Control"] == "no-store"


@pytest.mark.parametrize("pk", [0, 2**63 - 1, 2**64])
def test_what_is_not_there_is_not_found(it, pk):
    for verb in ("", "now/", "abort/", "edit/"):
        assert browser(it).get(f"/rollouts/{pk}/{verb}").status_code == 404


def test_the_list_begins_with_what_runs_and_leads_to_releases_when_empty(it, colleague, cameras):
    assert "/releases/" in text(browser(it).get("/rollouts/"))
    release = firmware()
    drafted(it, now(), release, name="Later")
    rollout = started(it, colleague, now(), release, name="Now")
    put(rollout, Turn.FAILED, cameras[0])

    page = text(browser(person(Role.AUDITOR)).get("/rollouts/"))

    assert "1 rollout is running. 1 draft waits for approval." in page
    assert page.index(">Now<") < page.index(">Later<")
    assert "1 failed" in page
    assert "approved by colleague" in page
    assert "New rollout" not in page


# --- What it costs -------------------------------------------------------------------------------


def cost(client, address):
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert client.get(address).status_code == 200
    return len(asked)


def test_pages_cost_as_much_for_many_cameras_as_for_few(it, colleague):
    release, station = firmware(), a_station()
    some = {"cameras": [one.pk for one in docked(4, now(), station)]}
    rest = {"cameras": [one.pk for one in docked(30, now(), station, first=100)]}
    few = started(it, colleague, now(), release, wanted=some)
    many = started(it, colleague, now(), release, wanted=rest)
    for one, count in ((few, 1), (many, 20)):
        put(one, Turn.FAILED, *[turn.camera for turn in one.deployments.all()[:count]])
    client = browser(it)
    cost(client, f"/rollouts/{few.pk}/")

    pages = [cost(client, f"/rollouts/{one.pk}/") for one in (few, many)]
    assert pages[0] == pages[1] <= 24
    assert cost(client, "/rollouts/") <= 7


# --- One camera's --------------------------------------------------------------------------------


def test_a_cameras_page_tells_what_it_was_updated_to(it, rollout, cameras):
    first = cameras[0]
    put(rollout, Turn.FAILED, first, reason="It burned.", attempts=2)
    turn = rollout.deployments.get(camera=first)
    DeploymentWord.objects.create(deployment=turn, at=now(), execution="closed", details=["dead"])

    told = {"hwRevision": "1.0", "note": "<b>bench</b>"}
    CameraAttributes.objects.create(camera=first, told=told, told_at=now())

    assert "Failed" in text(browser(it).get("/cameras/C0001/"))
    page = text(browser(it).get("/cameras/C0001/updates/"))

    assert "It burned." in page
    assert "dead" in page
    assert '<dt>hwRevision</dt><dd class="mono">1.0</dd>' in page
    assert "&lt;b&gt;bench" in page
    assert "No update was planned for C0006" in text(
        browser(it).get(f"/cameras/{docked(1, now(), cameras[0].station, first=6)[0]}/updates/")
    )


def test_a_camera_is_put_aside_and_taken_again(rollout, cameras):
    commander = person(Role.COMMANDER, cameras[0].station)
    at_page = "/cameras/C0001/updates/"

    for reason in ("", "x" * 201, "\x00"):
        browser(commander).post(f"{at_page}put-aside/", {"reason": reason})
    assert states(rollout)["C0001"] == "planned"
    page = text(browser(commander).post(f"{at_page}put-aside/", {"reason": "Trial."}, follow=True))
    assert "No rollout takes it" in page
    assert states(rollout)["C0001"] == "skipped"
    assert "Trial." in text(browser(commander).get("/cameras/C0001/"))

    browser(commander).post(f"{at_page}end-put-aside/", {"reason": ""})
    page = text(
        browser(commander).post(f"{at_page}end-put-aside/", {"reason": "Over."}, follow=True)
    )

    assert "Put aside before" in page
    assert states(rollout)["C0001"] == "planned"
    again = browser(commander).post(f"{at_page}end-put-aside/", {"reason": "Over."}, follow=True)
    assert "is not put aside" in text(again)


def test_an_auditor_reads_and_changes_nothing(it, rollout, cameras):
    auditor = person(Role.AUDITOR)
    aside.put_aside(cameras[0], "Trial.", by=it, now=now())

    page = text(browser(auditor).get("/cameras/C0001/updates/"))

    assert "Trial." in page
    assert '<form method="post" class="stack-form"' not in page
    assert "Pause" not in text(browser(auditor).get(f"/rollouts/{rollout.pk}/"))


def test_releases_lead_to_their_rollouts(it, rollout):
    release = rollout.release
    new = f"/rollouts/new/?release={release.pk}"
    assert new in text(browser(it).get("/releases/"))
    page = text(browser(it).get(f"/releases/{release.pk}/"))
    assert new in page
    assert f"/rollouts/{rollout.pk}/" in page
    assert new not in text(browser(person(Role.AUDITOR)).get(f"/releases/{release.pk}/"))

    type(release).objects.filter(pk=release.pk).update(state=ReleaseState.RECALLED)

    assert "/rollouts/new/?versions=4.3.0" in text(browser(it).get(f"/releases/{release.pk}/"))


# --- Live ----------------------------------------------------------------------------------------


async def line(user):
    cookie = await sync_to_async(cookie_of)(user)
    headers = [(b"host", b"testserver"), (b"origin", b"http://testserver")]
    return await opened("live/rollouts", [*headers, (b"cookie", f"sessionid={cookie}".encode())])


@pytest.mark.django_db(transaction=True)
class TestLive:
    async def test_a_page_is_told_when_its_rollout_moves_and_lives_in_between(self, it, rollout):
        talk = await line(it)
        await talk.say({"showing": [rollout.pk]})
        assert (await talk.next())["changed"] is True  # join, then read
        assert (await talk.next())["changed"] is False

        await sync_to_async(courses.pause)(rollout, "Look.", by=it, now=now())

        assert await talk.until(lambda said: said["changed"])
        await talk.hang_up()

    async def test_nonsense_and_whom_it_does_not_concern_are_let_go(self, it):
        talk = await line(it)
        await talk.say({"showing": "all"})
        assert await talk.next() == {"closed": 1008}

        officer = await sync_to_async(person)(Role.OFFICER)
        talk = await line(officer)
        assert await talk.next() == {"closed": 4403}
