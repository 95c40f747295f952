"""Custody through the API: what is read, what is done once, and what is refused."""

from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from django.utils.timezone import now

from devices.access.scopes import Scope
from devices.custody.models import Custody, CustodyEvent
from devices.health.models import CameraHealth
from devices.inventory.models import Camera
from devices.ledger import LedgerEntry
from devices.once import actions as once
from devices.once.actions import ANSWERS_KEPT
from devices.roles import Role
from tests.api.callers import PROBLEM, badges_in, browser, program, results, token_of
from tests.held import a_house
from tests.rows import a_camera, person

pytestmark = pytest.mark.django_db
ALL = "/api/v1/custody/"


def send(client, verb, said, key=None):
    headers = {"Idempotency-Key": key or str(uuid4())}
    where = f"{ALL}{verb}/"
    return client.post(where, said, content_type="application/json", headers=headers)


@pytest.fixture
def house(db):
    return a_house()


@pytest.fixture
def quartermaster(house):
    return program(token_of(house.quartermaster))


@pytest.fixture(autouse=True)
def _in_good_order(house):
    """Charged and just heard, so that it is ready."""
    at = now()
    CameraHealth.objects.update(
        heard_at=at, received_at=at, measured_at=at, device_time=at, storage_free_mb=60_000
    )


def another(house, **health):
    """A spare in the next bay, as charged and just heard as the other unless ``health`` differs."""
    bay = house.camera.home_bay.dock.bays.get(position=2)
    fields = {"bay": bay, "storage_free_mb": 60_000, **health}
    return a_camera(531, house.station, now(), home_bay=bay, health=fields)


class TestReading:
    def test_custodies_are_told_newest_first_and_narrowed(self, house, quartermaster):
        house.gives("1017", 10)
        house.takes_back(60)
        house.gives("1031", 100)

        def officers(asked):
            return [one["officer"] for one in results(quartermaster, f"{ALL}?{asked}")]

        assert officers("") == ["1031", "1017"]
        assert officers("open=true") == ["1031"]
        assert officers("officer=1017") == ["1017"]
        assert officers("camera=C0999") == []
        at = house.at(20).isoformat().replace("+", "%2B")
        assert officers(f"at={at}") == ["1017"]
        assert officers(f"from={at}") == ["1031"]

    def test_events_say_what_happened_with_the_readiness_of_that_moment(self, house, quartermaster):
        one = house.gives("1017", 10)
        house.takes_back(60)
        house.corrects(one, "1031", (10, 50), at=70)

        corrected, back, out = results(quartermaster, f"{ALL}events/?camera=417")

        assert (out["verb"], out["opened"], out["desk"]) == ("checked_out", one.pk, "Desk 1")
        assert out["snapshot"]["reasons"][0]["sentence"] == "C0417 has 3.1 h of battery."
        assert (back["verb"], back["closed"]) == ("checked_in", one.pk)
        assert corrected["says"]["officer"] == "1031"
        only = results(quartermaster, f"{ALL}events/?custody={one.pk}")
        assert [event["verb"] for event in only] == ["checked_in", "checked_out"]

    def test_any_moment_is_answered_with_its_record(self, house, quartermaster):
        one = house.gives("1017", 10)
        house.takes_back(60)
        house.corrects(one, "1031", (10, 50), at=70)

        def at(minutes):
            moment = house.at(minutes).isoformat()
            return quartermaster.get(f"{ALL}at/", {"camera": "C0417", "at": moment}).json()

        held, nobody, unknown = at(20), at(65), at(-5)
        assert (held["known"], held["custody"]["officer"]) == ("held", "1017")
        assert held["event"]["verb"] == "checked_out"
        assert held["ledger"] == LedgerEntry.objects.get(verb="checked out").seq
        assert [said["says"]["officer"] for said in held["corrections"]] == ["1031"]
        assert held["sentence"].startswith("1017 held C0417 at ")
        assert (nobody["known"], unknown["known"]) == ("nobody", "unknown")

    def test_a_moment_has_the_readiness_an_own_camera_was_taken_on_duty_with(
        self, house, quartermaster
    ):
        house.owns("1017", 0)
        taken = house.takes("1017", 100, battery_percent=91)

        def at(minutes):
            moment = house.at(minutes).isoformat()
            return quartermaster.get(f"{ALL}at/", {"camera": "C0417", "at": moment}).json()

        before, after = at(50), at(150)
        assert before["readiness"] is None
        assert after["readiness"]["event"] == taken.pk
        assert after["readiness"]["snapshot"]["battery_percent"] == 91
        assert datetime.fromisoformat(after["readiness"]["at"]) == house.at(100)
        assert after["event"]["verb"] == "assigned"

    def test_it_reads_all_of_it_without_badge_numbers(self, house, quartermaster):
        one = house.gives("1017", 10, authority="1044")
        house.takes_back(60)
        house.corrects(one, "1031", (10, 50), at=70)
        it = browser(person(Role.IT))
        at = f"{ALL}at/?camera=C0417&at={house.at(20):%Y-%m-%dT%H:%M:%SZ}"

        for where in (ALL, f"{ALL}events/", at):
            told = it.get(where)
            assert "C0417" in told.content.decode()
            assert badges_in(told.json()).isdisjoint(house.officers)
            assert "1017" in badges_in(quartermaster.get(where).json())
        assert it.get(f"{ALL}?officer=1017").status_code == 403

    def test_an_officer_reads_their_own_alone_and_of_others_no_badge(self, house):
        one = house.gives("1017", 10)
        house.takes_back(60)
        house.corrects(one, "1031", (10, 50), at=70)
        house.gives("1044", 100)
        client = browser(person(Role.OFFICER, officer=house.officers["1017"]))

        assert [row["officer"] for row in results(client, ALL)] == ["1017"]
        assert badges_in(client.get(f"{ALL}events/").json()) & {*house.officers} == {"1017"}


class TestActs:
    def test_a_camera_goes_out_and_comes_back(self, house, quartermaster):
        out = send(quartermaster, "check-out", {"camera": "C0417", "officer": "1017"})
        back = send(quartermaster, "check-in", {"camera": "417"})

        assert (out.status_code, out.json()["verb"]) == (200, "checked_out"), out.content
        assert (out.json()["via"], out.json()["officer"]) == ("api", "1017")
        assert out.json()["snapshot"]["fit"] == "yes"
        assert (back.status_code, back.json()["closed"]) == (200, out.json()["opened"])

    def test_the_same_key_gets_the_same_answer_and_does_nothing(self, house, quartermaster):
        said, key = {"camera": "C0417", "officer": "1017"}, "one-and-the-same"

        answers = [send(quartermaster, "check-out", said, key) for _ in range(3)]
        other = send(quartermaster, "check-out", {**said, "officer": "1031"}, key)
        other_verb = send(quartermaster, "transfer", {**said, "reason": "x"}, key)

        assert {one.status_code for one in answers} == {200}
        assert len({one.content for one in answers}) == 1
        assert CustodyEvent.objects.count() == 1
        assert (other.status_code, other_verb.status_code) == (422, 422)

    def test_the_key_is_kept_for_two_days(self, house, quartermaster):
        said, key = {"camera": "C0417", "officer": "1017"}, "kept-for-two-days"
        first = send(quartermaster, "check-out", said, key)
        send(quartermaster, "check-in", {"camera": "C0417"})

        once.forget(now=now() + timedelta(days=1))
        day_later = send(quartermaster, "check-out", said, key)
        once.forget(now=now() + ANSWERS_KEPT + timedelta(seconds=1))
        new = send(quartermaster, "check-out", said, key)

        assert timedelta(days=2) == ANSWERS_KEPT  # as docs/api.md says
        assert (day_later.status_code, day_later.content) == (200, first.content)
        assert (new.status_code, new.json()["id"] == first.json()["id"]) == (200, False)

    def test_who_holds_it_is_said_and_it_stays_theirs(self, house, quartermaster):
        house.gives("1017", 10)

        held = send(quartermaster, "check-out", {"camera": "C0417", "officer": "1031"})

        assert held.status_code == 409
        assert held["Content-Type"] == PROBLEM
        assert held.json()["detail"].startswith("1017 holds C0417 since ")

    def test_a_transfer_wants_a_reason(self, house, quartermaster):
        house.gives("1017", 10)
        said = {"camera": "C0417", "officer": "1031"}

        without = send(quartermaster, "transfer", said)
        with_it = send(quartermaster, "transfer", {**said, "reason": "Handed over"})

        assert (without.status_code, with_it.status_code) == (422, 200)
        assert Custody.objects.get(closed_at=None).officer == house.officers["1031"]

    def test_a_swap_is_both_halves_with_their_readiness_at_one_moment(self, house, quartermaster):
        spare = another(house)
        send(quartermaster, "check-out", {"camera": "C0417", "officer": "1017"})
        held = Custody.objects.get()
        said = {"officer": "1017", "camera": "C0417", "instead": "531"}

        answers = [send(quartermaster, "swap", said, "one-swap") for _ in range(2)]

        assert [one.status_code for one in answers] == [200, 200], answers[0].content
        assert answers[0].content == answers[1].content
        told = answers[0].json()
        returned, given = told["returned"], told["given"]
        assert (returned["verb"], returned["closed"]) == ("checked_in", held.pk)
        assert (given["verb"], given["camera"], given["officer"]) == (
            "checked_out", "C0531", "1017",
        )  # fmt: skip
        assert returned["at"] == given["at"]
        assert returned["snapshot"]["fit"] == given["snapshot"]["fit"] == "yes"
        now_held = Custody.objects.get(closed_at=None)
        assert (now_held.camera, now_held.kind, now_held.due_at) == (
            spare, held.kind, held.due_at,
        )  # fmt: skip
        entries = LedgerEntry.objects.order_by("-seq")[:2]
        assert [(one.subject, one.facts["swapped_with"]) for one in entries] == [
            ("C0531", "C0417"),
            ("C0417", "C0531"),
        ]

    def test_a_swap_for_what_is_not_ready_is_refused_whole_unless_for_a_reason(
        self, house, quartermaster
    ):
        another(house, battery_percent=9, battery_state="charging")
        send(quartermaster, "check-out", {"camera": "C0417", "officer": "1017"})
        said = {"officer": "1017", "camera": "C0417", "instead": "C0531"}

        refused = send(quartermaster, "swap", said)
        stays = Custody.objects.get(closed_at=None)
        ordered = send(quartermaster, "swap", {**said, "reason": "The lens is cracked"})

        assert refused.status_code == 422
        assert {fault["pointer"] for fault in refused.json()["faults"]} == {"/instead"}
        assert stays.camera == house.camera
        assert ordered.status_code == 200
        assert Custody.objects.get(closed_at=None).camera.name == "C0531"

    def test_a_swap_for_a_camera_that_another_holds_is_refused_whole(self, house, quartermaster):
        spare = another(house)
        for camera, officer in (("C0417", "1017"), ("C0531", "1031")):
            send(quartermaster, "check-out", {"camera": camera, "officer": officer})

        answer = send(
            quartermaster, "swap", {"officer": "1017", "camera": "C0417", "instead": "C0531"}
        )
        anothers = send(
            quartermaster, "swap", {"officer": "1031", "camera": "C0417", "instead": "C0531"}
        )

        assert (answer.status_code, anothers.status_code) == (409, 409)
        assert answer.json()["detail"].startswith("1031 holds C0531 since ")
        assert anothers.json()["detail"].startswith("1017 holds C0417 since ")
        held = Custody.objects.filter(closed_at=None).values_list("camera", "officer__badge_number")
        assert set(held) == {(house.camera.pk, "1017"), (spare.pk, "1031")}

    def test_what_is_not_ready_goes_out_for_a_reason_alone(self, house, quartermaster):
        CameraHealth.objects.update(battery_percent=9, battery_state="charging")
        said = {"camera": "C0417", "officer": "1017"}

        refused = send(quartermaster, "check-out", said)
        ordered = send(quartermaster, "check-out", {**said, "reason": "No other is ready"})

        assert refused.status_code == 422
        assert any("battery" in fault["detail"] for fault in refused.json()["faults"])
        assert (ordered.status_code, ordered.json()["reason"]) == (200, "No other is ready")

    def test_a_lost_camera_goes_out_for_no_reason_and_is_found(self, house, quartermaster):
        lost = send(quartermaster, "lost", {"camera": "C0417", "reason": "Not in its bay"})
        out = {"camera": "C0417", "officer": "1017", "reason": "Ordered"}
        refused = send(quartermaster, "check-out", out)
        found = send(quartermaster, "found", {"camera": "C0417"})

        assert [one.status_code for one in (lost, refused, found)] == [200, 422, 200]
        assert Camera.objects.get().service_state == "lost"
        verbs = CustodyEvent.objects.order_by("id").values_list("verb", flat=True)
        assert list(verbs) == ["reported_lost", "found"]

    def test_who_has_left_or_is_suspended_gets_none(self, house, quartermaster):
        house.officers["1017"].active = False
        house.officers["1017"].save()
        said = {"camera": "C0417", "officer": "1017", "reason": "Ordered"}

        answer = send(quartermaster, "check-out", said)

        assert (answer.status_code, answer.json()["detail"]) == (422, "1017 has left: no camera.")

    def test_a_correction_stands_beside_the_record(self, house, quartermaster):
        one = house.gives("1017", 10)
        house.takes_back(60)
        said = {
            "custody": one.pk,
            "officer": "1031",
            "opened_at": house.at(10).isoformat(),
            "closed_at": house.at(60).isoformat(),
            "reason": "The badge was read wrong",
        }

        answer = send(quartermaster, "correct", said)
        open_ended = send(quartermaster, "correct", {**said, "closed_at": None})
        backwards = send(quartermaster, "correct", {**said, "closed_at": house.at(-60).isoformat()})

        assert (answer.status_code, answer.json()["says"]["custody"]) == (200, one.pk)
        assert [open_ended.status_code, backwards.status_code] == [422, 422]
        assert Custody.objects.get().officer == house.officers["1017"]

    @pytest.mark.parametrize(
        ("verb", "said", "status"),
        [
            ("check-out", {}, 422),
            ("check-out", {"camera": "x", "officer": "1017"}, 422),
            ("check-out", {"camera": "C0999", "officer": "1017"}, 404),
            ("check-out", {"camera": "C0417", "officer": "9999"}, 422),
            ("check-out", {"camera": "C0417", "officer": "10\u202e17"}, 422),
            ("check-out", {"camera": "C0417", "officer": "1017", "colour": "red"}, 422),
            ("swap", {"officer": "1017", "camera": "C0417", "instead": "C0417"}, 422),
            ("swap", {"officer": "1017", "camera": "C0417", "instead": "C0999"}, 404),
            ("swap", {"officer": "9999", "camera": "C0417", "instead": "C0417"}, 422),
            ("swap", {"officer": "1017", "camera": "C0417"}, 422),
            ("check-in", {"camera": "C0417"}, 422),
            ("check-in", [], 400),
            ("found", {"camera": "C0417"}, 422),
            ("lost", {"camera": "C0417", "reason": " "}, 422),
            ("correct", {"custody": 1}, 422),
        ],
    )
    def test_what_cannot_be_is_refused_and_changes_nothing(
        self, house, quartermaster, verb, said, status
    ):
        answer = send(quartermaster, verb, said)

        assert answer.status_code == status
        assert answer["Content-Type"] == PROBLEM
        assert not CustodyEvent.objects.exists()

    def test_without_a_key_nothing_is_done(self, house, quartermaster):
        said = {"camera": "C0417", "officer": "1017"}

        answer = quartermaster.post(f"{ALL}check-out/", said, content_type="application/json")

        assert answer.status_code == 400
        assert not Custody.objects.exists()


ACTS = {
    "check-out": ({"officer": "1017"}, {Role.QUARTERMASTER, Role.COMMANDER}),
    "check-in": ({}, {Role.QUARTERMASTER, Role.COMMANDER}),
    "swap": (
        {"officer": "1017", "instead": "C0417"},
        {Role.QUARTERMASTER, Role.COMMANDER},
    ),
    "transfer": (
        {"officer": "1017", "reason": "x"},
        {Role.QUARTERMASTER, Role.COMMANDER},
    ),
    "lost": ({"reason": "x"}, {Role.QUARTERMASTER, Role.IT, Role.COMMANDER}),
    "found": ({}, {Role.QUARTERMASTER, Role.IT, Role.COMMANDER}),
}


@pytest.mark.parametrize("verb", ACTS)
@pytest.mark.parametrize("role", list(Role), ids=lambda role: role.value)
def test_who_may_is_who_the_matrix_says_within_reach(house, verb, role):
    said, may = ACTS[verb]
    elsewhere = type(house.station).objects.create(code="N", name="North")
    own = browser(person(role, house.station, name="own"))
    other = browser(person(role, elsewhere, name="other"))

    answers = [send(one, verb, {"camera": "C0417", **said}).status_code for one in (other, own)]

    if role not in may:
        assert answers == [403, 403]
    elif role is Role.IT:  # everywhere
        assert answers[0] in (200, 422)
    else:
        assert answers[0] == 404
        assert answers[1] in (200, 409, 422)


def test_a_token_needs_the_scope(house):
    reading = program(token_of(house.quartermaster, [Scope.CUSTODY]))
    setting = program(token_of(house.quartermaster, [Scope.SET_CUSTODY]))
    said = {"camera": "C0417", "officer": "1017"}

    assert send(reading, "check-out", said).status_code == 403
    assert send(setting, "check-out", said).status_code == 200
    assert setting.get(ALL).status_code == 403
    assert reading.get(ALL).status_code == 200


def test_a_moment_to_come_is_refused(house, quartermaster):
    to_come = (now() + timedelta(hours=1)).isoformat()

    answer = quartermaster.get(f"{ALL}at/", {"camera": "C0417", "at": to_come})

    assert answer.status_code == 400
