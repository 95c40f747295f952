"""Rollouts and releases through the API: what is read, what two people do, what is refused."""

import json
import re
from datetime import timedelta

import pytest
from django.utils.timezone import now

from devices.access.scopes import Scope
from devices.health.models import CameraHealth
from devices.inventory import actions as inventory
from devices.ledger import LedgerEntry
from devices.once.models import Applied
from devices.releases.models import Assignment, Release, ReleaseState
from devices.roles import Role
from devices.rollouts.aside import actions as aside
from devices.rollouts.models import Deployment, PutAside, Rollout
from devices.rollouts.rules import Course, Turn
from tests.api.callers import PROBLEM, browser, program, refused, results, send, token_of
from tests.ddi.offers import a_profile
from tests.rollouts.setting import docked, drafted, firmware, put, started
from tests.rows import NO_ROW, a_camera, a_station, person

pytestmark = pytest.mark.django_db
ALL = "/api/v1/rollouts/"
RELEASES = "/api/v1/releases/"
WHY = {"reason": "As told"}


@pytest.fixture(autouse=True)
def _a_store_of_its_own(settings, tmp_path):
    settings.VAR_DIR = tmp_path


@pytest.fixture
def cameras(db):
    return docked(3, now())


def on(rollout, verb):
    return f"{ALL}{rollout.pk}/{verb}/"


class TestReading:
    def test_the_list_says_how_far_each_is(self, one, it, colleague, cameras):
        release = firmware()
        rollout = started(it, colleague, now(), release)
        put(rollout, Turn.SUCCEEDED, cameras[0])
        put(rollout, Turn.FAILED, cameras[1], attempts=3, reason="It said so.")
        drafted(it, now(), firmware("4.3.1"), name="Summer")

        newest, running = results(one, ALL)

        assert (newest["name"], newest["state"], newest["cameras"]) == ("Summer", "draft", 0)
        assert running["release"] == {"id": release.pk, "kind": "firmware", "version": "4.3.0"}
        assert running["by_state"] == {"failed": 1, "planned": 1, "succeeded": 1}
        assert [running[name] for name in ("cameras", "succeeded", "failed")] == [3, 1, 1]
        assert running["percent"] == 33
        assert running["waves"][0]["percent"] == 100
        for asked, found in (
            ("state=running", ["Spring"]),
            (f"release={release.pk}", ["Spring"]),
            ("state=aborted", []),
        ):
            assert [row["name"] for row in results(one, f"{ALL}?{asked}")] == found

    def test_it_costs_the_same_for_one_and_for_many(
        self, one, it, colleague, cameras, django_assert_max_num_queries
    ):
        release = firmware()
        started(it, colleague, now(), release)
        for _ in range(5):
            drafted(it, now(), release)

        with django_assert_max_num_queries(8):
            one.get(ALL)

    def test_one_says_its_plan_and_why_it_is_paused(self, one, it, colleague, cameras):
        inventory.tag(cameras[2], ["bench"], by=it, now=now())
        said = {"stations": [cameras[0].station_id], "cameras": [cameras[2].pk], "tags": ["bench"]}
        rollout = started(it, colleague, now(), wanted=said, windows=[["00:00", "00:01"]])
        send(one, on(rollout, "pause"), WHY)

        told = one.get(f"{ALL}{rollout.pk}/").json()

        assert told["wanted"] == {
            "models": [], "stations": ["HQ"], "cameras": ["C0003"], "versions": [], "units": [],
            "tags": ["bench"],
        }  # fmt: skip
        assert (told["state"], told["paused_because"]) == ("paused", "As told")
        assert (told["soak_minutes"], told["windows"]) == (0, [["00:00", "00:01"]])
        assert told["lowest"] is None  # no shift is coming
        assert (told["still"], told["most_mbit_each"]) == (None, 25)
        assert refused(one.get(f"{ALL}{NO_ROW}/"), 404)
        assert refused(one.get(f"{ALL}spring/"), 404)

    def test_a_wave_that_does_not_move_says_since_when_and_why(self, one, it, colleague, cameras):
        three_days_ago = now() - timedelta(days=3)
        CameraHealth.objects.filter(camera=cameras[0]).update(docked=False)
        CameraHealth.objects.exclude(camera=cameras[0]).update(hearing="silent")
        rollout = started(it, colleague, three_days_ago)

        told = one.get(f"{ALL}{rollout.pk}/").json()["still"]

        assert told["since"].startswith(f"{three_days_ago:%Y-%m-%d}")
        assert told["keeps"] == [
            {"cameras": 2, "because": "It is silent in its dock."},
            {"cameras": 1, "because": "It is out of its dock."},
        ]

    def test_deployments_are_told_by_camera_and_narrowed(self, one, it, colleague, cameras):
        rollout = started(it, colleague, now())
        put(rollout, Turn.DOWNLOADING, cameras[1], progress_percent=40, attempts=1)

        address = f"{ALL}{rollout.pk}/deployments/"
        turns = results(one, f"{address}?page_size=2")
        (busy,) = results(one, f"{address}?state=downloading")
        (mine,) = results(one, "/api/v1/cameras/C0002/deployments/")

        assert [turn["camera"] for turn in turns] == ["C0001", "C0002", "C0003"]
        assert (busy["camera"], busy["progress_percent"], busy["wave"]) == ("C0002", 40, 1)
        assert busy["from_version"] == "4.2.1"
        assert [turn["waits"] for turn in turns] == [["It is next."], None, ["It is next."]]
        send(one, on(rollout, "pause"), WHY)
        paused = results(one, f"{address}?state=planned")
        assert {*(turn["waits"][0] for turn in paused)} == {"The rollout is paused."}
        assert (mine["rollout"]["name"], mine["state"]) == ("Spring", "downloading")
        assert refused(one.get(f"{address}?state=lost"), 400)
        assert refused(one.get(f"{ALL}{NO_ROW}/deployments/"), 404)

    def test_turns_are_there_as_far_as_cameras_are(self, it, colleague, cameras):
        north = a_station("N", "North")
        docked(1, now(), north, first=9)
        rollout = started(it, colleague, now())
        here = browser(person(Role.QUARTERMASTER, north))

        assert [row["name"] for row in results(here, ALL)] == ["Spring"]
        turns = results(here, f"{ALL}{rollout.pk}/deployments/")
        assert [turn["camera"] for turn in turns] == ["C0009"]
        assert here.get("/api/v1/cameras/C0001/deployments/").status_code == 404

    def test_what_did_not_change_is_304(self, one, it):
        drafted(it, now())
        first = one.get(ALL)

        again = one.get(ALL, headers={"If-None-Match": first["ETag"]})

        assert again.status_code == 304


DRAFT = {
    "name": "Spring",
    "wanted": {"stations": ["HQ"], "versions": ["4.2.1"]},
    "waves": [{"count": 1}, {"percent": 100}],
    "windows": [["22:00", "05:00"]],
    "soak_minutes": 60,
}


class TestTwoPeople:
    def test_from_draft_to_the_end_over_rest_alone(self, one, other, it, colleague, cameras):
        made = send(one, f"{ALL}draft/", {**DRAFT, "release": firmware().pk})
        where = f"{ALL}{made.json()['id']}/"
        assert (made.status_code, made.json()["state"]) == (200, "draft"), made.content
        assert (made.json()["most_at_once"], made.json()["made_by"]) == (16, it.pk)

        changed = send(one, f"{where}change/", {**DRAFT, "windows": []})
        assert (changed.json()["windows"], changed.json()["soak_minutes"]) == ([], 60)

        acts = [
            (other, "approve", {}, "approved"),
            (one, "start", {}, "running"),
            (one, "pause", WHY, "paused"),
            (other, "resume", {}, "running"),
            (one, "abort", WHY, "aborted"),
        ]
        for who, verb, said, state in acts:
            answer = send(who, f"{where}{verb}/", said)
            assert (answer.status_code, answer.json()["state"]) == (200, state), answer.content

        assert answer.json()["by_state"] == {"cancelled": 3}
        assert answer.json()["approved_by"] == colleague.pk
        assert Rollout.objects.get().state == Course.ABORTED
        verbs = LedgerEntry.objects.order_by("seq").values_list("verb", flat=True)
        assert list(verbs) == [
            "rollout drafted", "rollout draft changed", "rollout approved", "rollout started",
            "rollout paused", "rollout resumed", "rollout aborted",
        ]  # fmt: skip

    def test_who_made_it_does_not_approve_it(self, one, other, it):
        rollout = drafted(it, now())

        said = refused(send(one, on(rollout, "approve")), 403)

        assert said == "You made Spring; another person must approve it."
        assert Rollout.objects.get().state == Course.DRAFT
        assert send(other, on(rollout, "approve")).status_code == 200

    def test_nor_does_who_changed_it_last(self, other, it, colleague, cameras):
        rollout = drafted(it, now())
        changed = send(other, on(rollout, "change"), DRAFT)

        said = refused(send(other, on(rollout, "approve")), 403)

        assert changed.json()["changed_by"] == colleague.pk
        assert said == "You changed Spring last; another person must approve it."

    def test_nor_does_who_brought_a_release(self, one, other, it):
        release = firmware(state=ReleaseState.VERIFIED, uploaded_by=it)
        where = f"{RELEASES}{release.pk}/approve/"

        said = refused(send(one, where), 403)
        approved = send(other, where)

        assert "another person must approve it" in said
        assert (approved.status_code, approved.json()["state"]) == (200, "approved")
        assert "is approved; it cannot become" in refused(send(other, where), 409)


def test_what_the_guide_shows_is_a_draft(one, settings, cameras):
    guide = (settings.BASE_DIR / "docs" / "api.md").read_text()
    (shown,) = re.findall(r"```json\n(\{\"release\".*?)```", guide, re.DOTALL)

    made = send(one, f"{ALL}draft/", {**json.loads(shown), "release": firmware().pk})

    assert made.status_code == 200, made.content
    assert [wave["count"] for wave in made.json()["waves"]] == [2, None, None]


class TestKeys:
    def test_the_same_key_gets_the_same_answer_and_does_nothing(self, one, cameras):
        said, key = {**DRAFT, "release": firmware().pk}, "one-and-the-same"

        answers = [send(one, f"{ALL}draft/", said, key) for _ in range(3)]
        changed = send(one, f"{ALL}draft/", {**said, "name": "Summer"}, key)

        assert {answer.status_code for answer in answers} == {200}
        assert len({answer.content for answer in answers}) == 1
        assert Rollout.objects.count() == 1
        assert "new one" in refused(changed, 422)

    def test_it_stands_for_one_rollout_and_one_verb(self, one, it, colleague, cameras):
        first = started(it, colleague, now())
        second = drafted(it, now(), firmware("4.3.1"), name="Summer")

        paused = [send(one, on(first, "pause"), WHY, "a-key") for _ in range(2)]
        elsewhere = send(one, on(second, "abort"), WHY, "a-key")
        another = send(one, on(first, "abort"), WHY, "a-key")

        assert [answer.status_code for answer in paused] == [200, 200]
        assert paused[0].content == paused[1].content
        assert (elsewhere.status_code, another.status_code) == (422, 422)
        assert Rollout.objects.get(pk=first.pk).state == Course.PAUSED

    def test_the_answer_stays_as_it_was_given(self, one, it, colleague, cameras):
        rollout = started(it, colleague, now())
        before = send(one, on(rollout, "pause"), WHY, "a-key")
        send(one, on(rollout, "resume"))

        after = send(one, on(rollout, "pause"), WHY, "a-key")

        assert after.content == before.content
        assert Rollout.objects.get().state == Course.RUNNING

    def test_what_was_refused_leaves_it_unused(self, one, it):
        rollout = drafted(it, now())

        refused(send(one, on(rollout, "start"), {}, "a-key"), 409)

        assert not Applied.objects.exists()

    @pytest.mark.parametrize("key", ["", "x" * 65, "two words"])
    def test_without_one_nothing_is_done(self, key, one, it):
        rollout = drafted(it, now())
        headers = {"Idempotency-Key": key} if key else {}

        answer = one.post(
            on(rollout, "abort"), WHY, content_type="application/json", headers=headers
        )

        assert "Idempotency-Key" in refused(answer, 400)
        assert Rollout.objects.get().state == Course.DRAFT


class TestRefusals:
    @pytest.mark.parametrize(
        ("said", "pointer"),
        [
            ({"name": ""}, "/name"),
            ({"name": "x" * 61}, "/name"),
            ({"release": NO_ROW}, "/release"),
            ({"release": "4.3.0"}, "/release"),
            ({"colour": "red"}, "/colour"),
            ({"name": "Spr\u202eing"}, "/name"),
            ({"wanted": {"stations": ["HQ", "X"]}}, "/wanted/stations"),
            ({"wanted": {"cameras": ["C0999"]}}, "/wanted/cameras"),
            ({"wanted": {"officers": ["1017"]}}, "/wanted/officers"),
            ({"wanted": []}, "/wanted"),
            ({"waves": [{"percent": 50}]}, "/body"),
            ({"waves": [{"percent": 101}]}, "/waves/0/percent"),
            ({"waves": [{"percent": 100, "count": 2}]}, "/body"),
            ({"waves": []}, "/waves"),
            ({"windows": [["22:00", "24:00"]]}, "/windows/0/1"),
            ({"windows": [["22:00", "22:00"]]}, "/body"),
            ({"soak_minutes": -1}, "/soak_minutes"),
            ({"success_percent": 101}, "/success_percent"),
            ({"most_at_once": 0}, "/most_at_once"),
        ],
    )
    def test_a_draft_that_cannot_be_says_where(self, said, pointer, one, cameras):
        answer = send(one, f"{ALL}draft/", {**DRAFT, "release": firmware().pk, **said})

        assert refused(answer, 422)
        assert pointer in {fault["pointer"] for fault in answer.json()["faults"]}
        assert not Rollout.objects.exists()

    def test_a_draft_says_everything_that_is_wrong_with_it(self, one, cameras):
        said = {"waves": [{"percent": 50}, {"percent": 10}], "windows": [["22:00", "22:00"]]}

        answer = send(one, f"{ALL}draft/", {**DRAFT, "release": firmware().pk, **said})

        assert len(answer.json()["faults"]) == 3

    def test_what_does_not_fit_what_is_there_by_now_is_409(self, one, other, it, cameras):
        rollout = drafted(it, now())
        said = {"release": firmware("4.3.1").pk}

        for verb, told in (
            ("start", {}),
            ("pause", WHY),
            ("resume", {}),
            ("retry-failed", {}),
        ):
            assert refused(send(one, on(rollout, verb), told), 409), verb
        send(other, on(rollout, "approve"))
        assert "only a draft" in refused(send(one, on(rollout, "change"), DRAFT), 409)
        send(one, on(rollout, "start"))
        second = send(one, f"{ALL}draft/", {**DRAFT, **said, "name": "Summer"}).json()["id"]
        send(other, f"{ALL}{second}/approve/")
        assert "is under way with 3" in refused(send(one, f"{ALL}{second}/start/"), 409)

    def test_a_reason_is_wanted_where_something_stops(self, one, it, colleague, cameras):
        rollout = started(it, colleague, now())
        aside_of = "/api/v1/cameras/C0001/put-aside/"

        for where in (on(rollout, "pause"), on(rollout, "abort"), aside_of):
            for said in ({}, {"reason": " "}, {"reason": "x" * 201}, {"reason": 7, "x": 1}):
                assert refused(send(one, where, said), 422)
        assert Rollout.objects.get().state == Course.RUNNING
        assert not PutAside.objects.exists()

    @pytest.mark.parametrize("release", ["recalled", "verified"])
    def test_only_an_approved_release_travels(self, release, one, cameras):
        found = firmware("4.3.1", state=release, recalled_because="It bricks.")

        assert "4.3.1" in refused(send(one, f"{ALL}draft/", {**DRAFT, "release": found.pk}), 422)

    def test_it_starts_for_somebody_or_not_at_all(self, one, it, colleague, cameras):
        rollout = drafted(it, now(), firmware("4.2.1"))
        Rollout.objects.update(state=Course.APPROVED, approved_by=colleague)

        assert "No camera needs it" in refused(send(one, on(rollout, "start")), 422)
        assert not Deployment.objects.exists()

    @pytest.mark.parametrize("sent", ["[]", "{", '{"reason": "a", "reason": "b"}', '"x"'])
    def test_what_is_no_object_said_once_is_not_read(self, sent, one, it):
        rollout = drafted(it, now())

        answer = one.post(
            on(rollout, "abort"),
            sent,
            content_type="application/json",
            headers={"Idempotency-Key": "a"},
        )

        assert answer.status_code in (400, 422)
        assert answer["Content-Type"] == PROBLEM

    def test_what_is_not_there_is_404_and_another_method_405(self, one):
        assert refused(send(one, f"{ALL}{NO_ROW}/approve/"), 404)
        assert refused(send(one, f"{ALL}{10**18}/start/"), 404)
        assert refused(send(one, "/api/v1/cameras/C0999/put-aside/", WHY), 404)
        assert refused(one.get(f"{ALL}1/approve/"), 405)
        assert refused(one.post(ALL, {}, content_type="application/json"), 405)


class TestCameras:
    def test_what_failed_has_another_turn(self, one, it, colleague, cameras):
        rollout = started(it, colleague, now())
        put(rollout, Turn.FAILED, *cameras[:2], attempts=1)

        wrong = send(one, on(rollout, "retry-failed"), {"cameras": ["C0999"]})
        some = send(one, on(rollout, "retry-failed"), {"cameras": ["C0001"]})
        rest = send(one, on(rollout, "retry-failed"))

        assert wrong.json()["faults"][0]["pointer"] == "/cameras"
        assert (some.json()["cameras"], rest.json()["cameras"]) == (1, 1)
        assert rest.json()["rollout"]["by_state"] == {"planned": 3}
        assert "No camera failed" in refused(send(one, on(rollout, "retry-failed")), 422)

    def test_a_camera_is_put_aside_and_taken_again(self, one, it, colleague, cameras):
        rollout = started(it, colleague, now())
        where = "/api/v1/cameras/C0002/put-aside/"

        put_aside = send(one, where, WHY)
        assert (put_aside.json()["camera"], put_aside.json()["by"]) == ("C0002", it.pk)
        assert refused(send(one, where, WHY), 409)
        (open_now,) = results(one, "/api/v1/put-aside/?open=true")
        assert open_now == put_aside.json()
        turn = rollout.deployments.get(camera=cameras[1])
        assert (turn.state, turn.reason) == (Turn.SKIPPED, "It is put aside: As told")

        ended = send(one, f"{where}end/", {"reason": "New battery"})
        assert ended.json()["ended_at"] is not None
        assert refused(send(one, f"{where}end/", WHY), 409)
        turn.refresh_from_db()
        assert turn.state == Turn.PLANNED

    def test_those_put_aside_are_there_as_far_as_cameras_are(self, it, cameras):
        north = a_station("N", "North")
        aside.put_aside(cameras[0], "As told", by=it, now=now())
        aside.put_aside(a_camera(9, north, now()), "As told", by=it, now=now())

        here = browser(person(Role.COMMANDER, north))

        assert [row["camera"] for row in results(here, "/api/v1/put-aside/")] == ["C0009"]


class TestReleases:
    def test_they_are_told_newest_first_and_narrowed(self, one):
        firmware("4.3.0")
        firmware("4.3.1", state=ReleaseState.VERIFIED)

        newest, approved = results(one, RELEASES)
        (waiting,) = results(one, f"{RELEASES}?state=verified&kind=firmware")

        assert (newest["version"], approved["version"]) == ("4.3.1", "4.3.0")
        assert waiting == newest
        assert approved["fits"][0]["name"] == "R2"
        assert one.get(f"{RELEASES}{approved['id']}/").json() == approved
        assert refused(one.get(f"{RELEASES}{NO_ROW}/"), 404)

    def test_one_is_recalled_once_for_a_reason(self, one):
        where = f"{RELEASES}{firmware().pk}/recall/"

        assert refused(send(one, where), 422)
        told = send(one, where, {"reason": "It bricks"}).json()

        assert (told["state"], told["recalled_because"]) == ("recalled", "It bricks")
        assert refused(send(one, where, WHY), 409)
        assert Release.objects.get().recalled_because == "It bricks"

    def test_a_profile_is_assigned_to_one_thing(self, one, cameras):
        a_profile()
        where, patrol = "/api/v1/profiles/assign/", {"profile": "patrol"}

        told = send(one, where, {**patrol, "station": "HQ"})

        assert (told.status_code, told.json()["to"]) == (200, "station HQ"), told.content
        for said in (
            {},
            {"station": "HQ", "unit": "K9"},
            {"station": "X"},
            {"camera": "C0999"},
            {"model": NO_ROW},
            {"profile": "none", "station": "HQ"},
        ):
            assert refused(send(one, where, {**patrol, **said}), 422)
        assert Assignment.objects.count() == 1


RUN = {"draft", "change", "approve", "start", "resume", "retry-failed"}
STOP = {"pause", "abort"}


@pytest.mark.parametrize("role", list(Role), ids=lambda role: role.value)
def test_who_may_is_who_the_matrix_says_within_reach(role, it, colleague, cameras):
    rollout = started(it, colleague, now())
    own = browser(person(role, cameras[0].station, name="own"))
    far = browser(person(role, a_station("N", "North"), name="far"))

    def asked(client, verb):
        where = f"{ALL}draft/" if verb == "draft" else on(rollout, verb)
        return send(client, where, WHY if verb in STOP else {}).status_code

    def put_aside(client):
        return send(client, "/api/v1/cameras/C0001/put-aside/", WHY).status_code

    for verb in sorted(RUN):
        assert (asked(own, verb) == 403) == (role is not Role.IT), verb
    for verb in ("pause", "abort"):
        if role is Role.IT:
            assert asked(far, verb) == 200
        elif role in (Role.QUARTERMASTER, Role.COMMANDER):
            assert (asked(far, verb), asked(own, verb)) == (404, 200)
        else:
            assert (asked(far, verb), asked(own, verb)) == (403, 403)
    exempts = {Role.QUARTERMASTER: (404, 200), Role.COMMANDER: (404, 200), Role.IT: (200, 409)}
    assert (put_aside(far), put_aside(own)) == exempts.get(role, (403, 403))
    release = f"{RELEASES}{rollout.release_id}/recall/"
    assert send(own, release, WHY).status_code == (200 if role is Role.IT else 403)


def test_a_token_needs_the_scope(it):
    rollout = drafted(it, now())
    reading = program(token_of(it, [Scope.ROLLOUTS]))
    setting = program(token_of(it, [Scope.SET_ROLLOUTS]))

    assert (reading.get(ALL).status_code, setting.get(ALL).status_code) == (200, 403)
    assert send(reading, on(rollout, "abort"), WHY).status_code == 403
    assert send(setting, on(rollout, "abort"), WHY).status_code == 200
    assert reading.get(RELEASES).status_code == 403
