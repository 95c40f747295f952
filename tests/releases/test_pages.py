"""The pages of releases, certificates and profiles: one outcome each, by whoever may."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from devices.releases import actions, rules
from devices.releases.models import Assignment, Certificate, Profile, Release, RollbackOrder
from devices.releases.profiles.actions import make_version
from devices.releases.profiles.schema import USUAL, pretty
from devices.roles import Role
from tests.api.callers import browser
from tests.releases.images import swu
from tests.releases.shelf import approved, received, trust, verified
from tests.rows import a_camera, a_model, a_station, person

pytestmark = pytest.mark.django_db


def text(answer):
    return answer.content.decode()


def test_another_person_approves_on_its_page_and_its_uploader_cannot(
    maker, it, colleague, at, believed
):
    release = verified(maker, it, at)
    at_page = f"/releases/{release.pk}/"
    assert "another person of IT must approve it" in text(browser(it).get(at_page))

    answer = browser(it).post(f"{at_page}approve/", follow=True)
    assert "another person must approve it" in text(answer)
    answer = browser(colleague).post(f"{at_page}approve/", follow=True)

    assert "is approved" in text(answer)
    release.refresh_from_db()
    assert release.approved_by == colleague


def test_a_recall_asks_why(maker, it, colleague, at, believed):
    release = approved(maker, it, colleague, at)

    browser(it).post(f"/releases/{release.pk}/recall/", {"reason": ""})
    release.refresh_from_db()
    assert release.state == "approved"
    answer = browser(it).post(
        f"/releases/{release.pk}/recall/", {"reason": "<b>bricks</b>"}, follow=True
    )

    assert "&lt;b&gt;bricks&lt;/b&gt;" in text(answer)
    assert "No rollout brought it to cameras." in text(answer)
    assert "can be rolled out" not in text(answer)


def test_a_rollback_is_ordered_and_confirmed(maker, it, colleague, at, believed):
    release = approved(maker, it, colleague, at)
    said = rules.order_text("firmware", "4.3.0", release.sha256, "loses clips")
    sent = SimpleUploadedFile("order.sig", maker.sign(said.encode()))

    browser(it).post(
        f"/releases/{release.pk}/rollback/", {"reason": "loses clips", "signature": sent}
    )
    order = RollbackOrder.objects.get()
    browser(it).post(f"/rollbacks/{order.pk}/confirm/")
    assert actions.order_in_force(release) is None
    browser(colleague).post(f"/rollbacks/{order.pk}/confirm/")

    assert actions.order_in_force(release) == order


@pytest.mark.parametrize("reason", ["", "x" * 201, "\x00"])
def test_a_rollback_that_is_not_signed_or_says_nothing_is_refused(
    maker, it, colleague, at, believed, reason
):
    release = approved(maker, it, colleague, at)

    browser(it).post(f"/releases/{release.pk}/rollback/", {"reason": reason})
    browser(it).post(f"/releases/{release.pk}/rollback/", {"reason": "loses clips"})

    assert not RollbackOrder.objects.exists()


def test_what_became_of_an_upload_is_told_to_who_sent_it(maker, it, at, believed):
    from devices.releases.receiving import actions as receiving

    release = received(swu(None), it, at)
    ask = f"/releases/upload/state/?key={release.key}"
    assert browser(it).get(ask).json()["state"] == "received"
    receiving.verify_received(now=at)

    assert browser(it).get(ask).json() == {
        "state": "refused",
        "says": "The image is unsigned: sw-description.sig does not follow.",
    }
    assert "The image is unsigned" in text(browser(it).get("/releases/"))
    assert browser(it).get("/releases/upload/state/?key=%00'").json() == {"state": "unknown"}


def test_a_certificate_is_added_and_withdrawn(maker, it):
    browser(it).post("/certificates/add/", {"name": "Maker", "pem": maker.pem})
    one = Certificate.objects.get()
    browser(it).post(f"/certificates/{one.pk}/withdraw/")

    one.refresh_from_db()
    assert one.withdrawn_at is not None


def test_a_private_key_is_refused_and_not_shown_again_in_the_ledger(maker, it):
    answer = browser(it).post("/certificates/add/", {"name": "M", "pem": maker.key.read_text()})

    assert answer.status_code == 422
    assert "holds a private key" in text(answer)
    assert not Certificate.objects.exists()


def form(**changes):
    said = {name: value for name, value in USUAL.items() if value is not False}
    return {**said, "based_on": 0, "name": "patrol", "act": "make", "note": "", **changes}


def test_a_profile_is_made_by_its_form(it):
    browser(it).post("/profiles/new/", form(pre_event_s=60))

    release = Release.objects.get()
    assert release.version == "patrol-1"
    assert release.profile_version.chosen == {**USUAL, "pre_event_s": 60}


@pytest.mark.parametrize(
    "changes",
    [
        {"pre_event_s": 121},
        {"pre_event_s": ""},
        {"resolution": "8K"},
        {"name": "../x"},
        {"based_on": "x"},
        {"note": "\x00"},
        {"act": "json-make", "json": "{"},
        {"act": "json-make", "json": '{"led": true}'},
        {"act": "json-make", "json": pretty(USUAL).replace("30", "1e999", 1)},
        {"act": "json-make", "json": "[" * 9000},
    ],
)
def test_a_profile_that_cannot_be_is_said_and_not_made(it, changes):
    answer = browser(it).post("/profiles/new/", form(**changes))

    assert answer.status_code == 422
    assert not Profile.objects.exists()


def test_a_profile_is_assigned_and_who_drifted_is_shown(it, colleague, at):
    camera = a_camera(417, a_station(), at, health={"profile_version": "other-1"})
    version = make_version("patrol", {**USUAL, "sleep_allowed": True}, based_on=0, by=it, now=at)
    actions.approve(version.release, by=colleague, now=at)
    said = {"profile": version.profile.pk, "model": a_model().pk}

    both = browser(it).post("/profiles/assign/", {**said, "camera": "C0417"})
    assert both.status_code == 422
    browser(it).post("/profiles/assign/", said)

    drift = text(browser(it).get("/profiles/drift/"))
    assert "1 camera does not run the profile it should." in drift
    assert "light bar defeated" in drift
    assert "not known" in drift
    assert "No rollout has brought it patrol-1 yet." in drift
    assert "patrol-1" in text(browser(it).get(f"/cameras/{camera.name}/"))
    assert "No rollout has brought it" in text(browser(it).get(f"/cameras/{camera.name}/"))
    browser(it).post(f"/profiles/assignments/{Assignment.objects.get().pk}/end/")
    assert not Assignment.objects.exists()


def test_a_camera_that_runs_what_defeats_a_light_bar_is_marked_where_it_should_not(
    it, colleague, at
):
    camera = a_camera(417, a_station(), at, health={"profile_version": "k9-1"})
    for name, sleeps in (("patrol", False), ("k9", True)):
        made = make_version(name, {**USUAL, "sleep_allowed": sleeps}, based_on=0, by=it, now=at)
        actions.approve(made.release, by=colleague, now=at)
    page = text(browser(it).get(f"/cameras/{camera.name}/"))
    assert "nobody said" in page
    assert "With what it runs: Officers may put these cameras to sleep" in page

    patrol = Profile.objects.get(name="patrol")
    browser(it).post("/profiles/assign/", {"profile": patrol.pk, "model": a_model().pk})

    assert text(browser(it).get("/profiles/drift/")).count("light bar defeated") == 1
    page = text(browser(it).get(f"/cameras/{camera.name}/"))
    assert "With what it runs: Officers may put these cameras to sleep" in page
    assert "With what it should run:" not in page


def test_a_profile_is_assigned_to_a_tag(it, colleague, at):
    a_camera(417, a_station(), at, tags=["k9"], health={"profile_version": "other-1"})
    version = make_version("dogs", USUAL, based_on=0, by=it, now=at)
    actions.approve(version.release, by=colleague, now=at)
    said = {"profile": version.profile.pk, "tag": " K9 "}

    browser(it).post("/profiles/assign/", said)

    assert Assignment.objects.get().tag == "k9"
    assert "tag k9" in text(browser(it).get("/profiles/"))
    assert "1 camera does not run" in text(browser(it).get("/profiles/drift/"))
    assert browser(it).post("/profiles/assign/", {**said, "tag": "dog unit"}).status_code == 422


def test_who_is_behind_is_shown_to_whom_it_concerns(maker, it, colleague, at, believed):
    here, there = a_station(), a_station("N", "North")
    for number, station in ((1, here), (2, here), (3, there)):
        a_camera(number, station, at, health={"firmware_version": "4.2.1"})
    approved(maker, it, colleague, at, urgency="critical")

    everywhere = text(browser(it).get("/releases/behind/"))
    own = text(browser(person(Role.QUARTERMASTER, here)).get("/releases/behind/"))

    assert "3 of 3" in everywhere
    assert "2 of 2" in own
    assert "15 days left" in own


def test_trust_is_the_departments_alone(maker, it, at):
    trust(maker, it, at)

    page = text(browser(person(Role.AUDITOR)).get("/certificates/"))

    assert "Maker" in page
    assert "Add one" not in page
