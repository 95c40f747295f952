"""Programs read the shifts, and bring the roster: looked at first, whole or not at all, once."""

import json
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import connections

from devices.access.scopes import Scope
from devices.inventory.models import Officer
from devices.ledger import LedgerEntry
from devices.once.models import Applied
from devices.policy import Policy
from devices.readiness import shifts
from devices.roles import MATRIX, Act, Role
from devices.roster import actions
from devices.roster.models import Duty, Shift
from tests.api.callers import PROBLEM, browser, program, results, token_of
from tests.roster.setting import an_officer, shifts_of, the_kinds
from tests.rows import a_duty, a_station, person

pytestmark = pytest.mark.django_db
NOON = datetime(2030, 1, 1, 12, tzinfo=ZoneInfo("America/New_York"))
ON = "2030-01-02"
PREVIEW, APPLY, SHIFTS = "/api/v1/roster/preview/", "/api/v1/roster/apply/", "/api/v1/shifts/"
ROW = {"date": ON, "shift": "DAY", "station": "HQ", "badge_number": "217"}
CSV = f"date,shift,station,badge_number\n{ON},DAY,HQ,217\n"


@pytest.fixture(autouse=True)
def _at_noon():
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def hq():
    the_kinds()
    station = a_station()
    an_officer("217", station, unit="Patrol A")
    return station


@pytest.fixture
def commander(hq):
    return person(Role.COMMANDER, hq)


@pytest.fixture
def sender(commander):
    return program(token_of(commander))


def send(client, address, rows, *, key="once", query="", **headers):
    return client.post(
        address + query,
        json.dumps({"duties": rows}),
        content_type="application/json",
        headers={"Idempotency-Key": key, **headers},
    )


def send_csv(client, address, text, *, key="once"):
    return client.post(
        address, text.encode(), content_type="text/csv", headers={"Idempotency-Key": key}
    )


class TestWhoMay:
    @pytest.mark.parametrize("role", list(Role), ids=lambda role: role.value)
    def test_the_matrix_says_who_reads_and_who_brings(self, hq, role):
        client = browser(person(role, hq, officer=an_officer("1", hq)))
        reads = 200 if role in MATRIX[Act.VIEW_READINESS] else 403
        brings = 200 if role in MATRIX[Act.SET_ROSTER] else 403

        assert client.get(SHIFTS).status_code == reads
        assert send(client, PREVIEW, [ROW]).status_code == brings
        assert send(client, APPLY, [ROW]).status_code == brings
        assert Duty.objects.exists() is (brings == 200)

    def test_a_token_does_what_it_was_made_for(self, commander):
        reader = program(token_of(commander, [Scope.ROSTER]))
        writer = program(token_of(commander, [Scope.SET_ROSTER]))

        assert [reader.get(SHIFTS).status_code, writer.get(SHIFTS).status_code] == [200, 403]
        refused = send(reader, APPLY, [ROW])
        assert refused.status_code == 403
        assert "roster:write" in refused.json()["detail"]
        assert send(writer, APPLY, [ROW]).status_code == 200

    def test_nobody_gets_in(self, hq, client):
        assert client.get(SHIFTS).status_code == 401
        assert send(client, APPLY, [ROW]).status_code == 401

    def test_other_stations_are_not_there(self, hq):
        north = person(Role.COMMANDER, a_station("N", "North"))
        client = program(token_of(north))

        refused = send(client, APPLY, [ROW])

        assert refused.status_code == 422
        assert "HQ is not one of yours" in refused.json()["faults"][0]["detail"]
        assert not Duty.objects.exists()

    def test_a_session_needs_its_forms_token(self, commander):
        client = browser(commander)
        client.handler.enforce_csrf_checks = True

        assert send(client, APPLY, [ROW]).status_code == 403
        assert not Duty.objects.exists()

    @pytest.mark.parametrize("method", ["get", "put", "patch", "delete"])
    def test_another_method_is_refused_before_anybody_asks_who_sends_it(self, hq, client, method):
        answer = getattr(client, method)(APPLY)

        assert answer.status_code == 405
        assert answer["Content-Type"] == PROBLEM
        assert answer["Allow"] == "POST, OPTIONS"


class TestBringing:
    def test_what_is_said_to_be_the_whole_takes_off_the_others(self, sender, hq):
        an_officer("218", hq)
        send(sender, APPLY, [ROW])
        other = [{**ROW, "badge_number": "218"}]

        told = send(sender, PREVIEW, other, query="?whole=true").json()
        said = {"key": "2", "query": f"?whole=true&digest={told['digest']}"}
        done = [send(sender, APPLY, other, **said).json() for _ in range(2)]

        assert (told["added"], told["taken_off"]) == (1, 1)
        assert told["changes"][0] == {"pointer": "", "what": "taken off", **ROW, "said": []}
        assert done[0] == done[1]
        assert Duty.objects.get().officer.badge_number == "218"

    def test_a_key_of_the_whole_is_no_key_of_less(self, sender, hq):
        assert send(sender, APPLY, [ROW], query="?whole=true").status_code == 200
        assert send(sender, APPLY, [ROW]).status_code == 422

    def test_who_may_see_no_officers_takes_nobody_off(self, commander):
        writer = program(token_of(commander, [Scope.SET_ROSTER]))

        for address in (PREVIEW, APPLY):
            refused = send(writer, address, [ROW], query="?whole=true")
            assert refused.status_code == 403
            assert "officers:read" in refused.json()["detail"]
            assert send(writer, address, [ROW], query="?whole=1").status_code == 400
        assert not Duty.objects.exists()

    def test_a_preview_says_who_would_be_on_twice_and_who_stays_on(self, sender, commander, hq):
        an_officer("218", hq)
        send(sender, APPLY, [ROW])

        told = send(sender, PREVIEW, [{**ROW, "shift": "EVENING"}]).json()
        stays = send(sender, PREVIEW, [{**ROW, "badge_number": "218"}]).json()
        writer = program(token_of(commander, [Scope.SET_ROSTER]))
        unnamed = send(writer, PREVIEW, [{**ROW, "badge_number": "218"}]).json()

        assert told["notes"] == [
            "On a double shift by this file, so that a camera has to last:"
            " 217 (Day of Wed 2 Jan and Evening of Wed 2 Jan)."
        ]
        said = "1 duty on these shifts is not in the file and stays"
        assert stays["notes"] == [f"{said}: 217 (DAY 2 Jan)."]
        assert unnamed["notes"] == [f"{said}."]

    def test_what_was_brought_names_nobody_without_the_scope_for_officers(
        self, sender, commander, hq
    ):
        an_officer("218", hq)
        send(sender, APPLY, [ROW], key="before")
        other = [{**ROW, "badge_number": "218"}]
        writer = program(token_of(commander, [Scope.SET_ROSTER]))

        answers = [send(writer, APPLY, other) for _ in range(2)]

        assert answers[0].json()["notes"] == [
            "1 duty on these shifts is not in the file and stays."
        ]
        assert answers[0].json() == answers[1].json()
        assert not any(re.search(r"\b217\b", one.content.decode()) for one in answers)

    def test_an_answer_that_named_officers_is_not_repeated_to_who_may_see_none(
        self, sender, commander, hq
    ):
        an_officer("218", hq)
        send(sender, APPLY, [ROW], key="before")
        other = [{**ROW, "badge_number": "218"}]
        writer = program(token_of(commander, [Scope.SET_ROSTER]))

        named = send(sender, APPLY, other)
        refused = send(writer, APPLY, other)

        assert "217 (DAY 2 Jan)" in named.json()["notes"][0]
        assert refused.status_code == 422
        assert "came with something else before" in refused.json()["detail"]
        assert not re.search(r"\b217\b", refused.content.decode())

    def test_who_may_see_no_officers_is_not_told_what_stood_there(self, sender, commander, hq):
        send(sender, APPLY, [{**ROW, "ends": "16:00"}], key="before")
        longer = [{**ROW, "ends": "17:00"}]
        writer = program(token_of(commander, [Scope.SET_ROSTER]))

        seen, unseen = (send(one, PREVIEW, longer).json() for one in (sender, writer))
        done = send(writer, APPLY, longer, query=f"?digest={seen['digest']}").json()

        assert seen["changes"][0]["said"] == ["ends: 16:00 → 17:00"]
        assert unseen["changes"][0]["said"] == ["ends: not shown → 17:00"]
        assert done["changes"] == unseen["changes"]

    def test_a_preview_says_who_was_taken_off_by_hand_and_who_is_suspended(
        self, sender, commander, hq
    ):
        an_officer("218", hq)
        send(sender, APPLY, [ROW])
        actions.take_off(Duty.objects.get(), by=None, now=NOON)
        Officer.objects.filter(badge_number="218").update(suspended_because="Inquiry")
        rows = [ROW, {**ROW, "badge_number": "218"}]
        writer = program(token_of(commander, [Scope.SET_ROSTER]))

        seen, unseen = (send(one, PREVIEW, rows).json()["notes"] for one in (sender, writer))

        again = "Taken off by hand before, and on again by this file"
        assert seen == [
            f"{again}: 217 (DAY 2 Jan).",
            "Suspended, so that no desk gives them a camera: 218.",
        ]
        assert unseen == [f"{again}: 1."]
        assert not Duty.objects.exists()

    def test_a_preview_says_everything_and_does_nothing(self, sender):
        told = send(sender, PREVIEW, [ROW, {**ROW, "badge_number": "999"}]).json()

        assert told["sentence"] == "1 row cannot be taken, so nothing will be imported."
        assert told["changes"][0] == {
            "pointer": "/duties/0",
            "what": "added",
            **ROW,
            "said": [],
        }
        assert told["faults"][0]["pointer"] == "/duties/1/badge_number"
        assert not Duty.objects.exists()
        assert not Shift.objects.exists()

    @pytest.mark.parametrize(
        ("cell", "said"),
        [
            ({"badge_number": True}, "badge_number is no text."),
            ({"ends": 5}, "ends is no text."),
            ({"date": "24 Nov"}, "date is written as year-month-day"),
            ({"shift": None}, "shift is empty."),
            ({"rank": "Sgt"}, "“rank” is not known"),
            ({"\u202erank\0": "Sgt"}, "“rank” is not known"),
        ],
    )
    @pytest.mark.parametrize("address", [PREVIEW, APPLY])
    def test_a_row_nobody_can_read_is_refused(self, sender, address, cell, said):
        refused = send(sender, address, [ROW, {**ROW, **cell}])

        assert refused.status_code == 422
        (fault,) = refused.json()["faults"]
        assert fault["pointer"].startswith("/duties/1")
        assert said in fault["detail"]
        assert not Duty.objects.exists()

    @pytest.mark.parametrize("how", ["json", "csv"])
    def test_duties_are_brought_and_the_same_again_changes_nothing(self, sender, how):
        def bring(key):
            if how == "csv":
                return send_csv(sender, APPLY, CSV, key=key).json()
            return send(sender, APPLY, [ROW], key=key).json()

        told = [bring(key) for key in ("first", "second")]

        assert [(one["added"], one["unchanged"]) for one in told] == [(1, 0), (0, 1)]
        assert Duty.objects.get().unit == "Patrol A"
        assert LedgerEntry.objects.get(verb="imported").actor.username == "commander"

    def test_asked_again_with_the_same_key_it_answers_the_same(self, sender):
        first = send(sender, APPLY, [ROW])
        actions.take_off(Duty.objects.get(), by=None, now=NOON)

        again = send(sender, APPLY, [ROW])

        assert again.json() == first.json()
        assert not Duty.objects.exists()

    def test_a_key_stands_for_one_thing_asked(self, sender):
        send(sender, APPLY, [ROW])

        refused = send(sender, APPLY, [{**ROW, "shift": "NIGHT"}])

        assert refused.status_code == 422
        assert "came with something else before" in refused.json()["detail"]
        assert Duty.objects.count() == 1

    def test_the_key_of_another_sender_is_another_key(self, sender, hq):
        send(sender, APPLY, [ROW])
        other = program(token_of(person(Role.COMMANDER, hq, name="other")))

        assert send(other, APPLY, [{**ROW, "shift": "NIGHT"}]).status_code == 200

    def test_what_is_refused_leaves_the_key_unused(self, sender, hq):
        row = {**ROW, "badge_number": "218"}
        assert send(sender, APPLY, [row]).status_code == 422
        assert not Applied.objects.exists()
        an_officer("218", hq)

        assert send(sender, APPLY, [row]).status_code == 200

    def test_nothing_is_done_when_something_changed_since_the_preview(self, sender):
        digest = send(sender, PREVIEW, [ROW]).json()["digest"]
        send(sender, APPLY, [ROW], key="meanwhile")

        refused = send(sender, APPLY, [ROW], key="mine", query=f"?digest={digest}")

        assert refused.status_code == 409
        assert "changed since the preview" in refused.json()["detail"]

    def test_what_the_preview_showed_is_done(self, sender):
        digest = send(sender, PREVIEW, [ROW]).json()["digest"]

        assert send(sender, APPLY, [ROW], query=f"?digest={digest}").json()["added"] == 1

    def test_every_refused_row_is_named(self, sender):
        refused = send_csv(sender, APPLY, CSV + f"{ON},LATE,HQ,217\n{ON},DAY,HQ,217\n")

        body = refused.json()
        assert refused.status_code == 422
        assert refused["Content-Type"] == PROBLEM
        assert body["type"] == "/api/v1/docs/#refused-rows"
        assert [fault["pointer"] for fault in body["faults"]] == ["/line/3/shift", "/line/4/date"]
        assert not Duty.objects.exists()

    @pytest.mark.parametrize(
        ("body", "kind", "status", "said"),
        [
            ("{", "application/json", 400, "no JSON"),
            ("[" * 100_000, "application/json", 400, "no JSON"),
            ("[]", "application/json", 400, "a list of duties"),
            ('{"duties": {}}', "application/json", 400, "a list of duties"),
            ('{"duties": [], "more": 1}', "application/json", 400, "a list of duties"),
            ('{"duties": []}', "application/json", 422, "There are no rows."),
            ("", "text/csv", 422, "Nothing was sent"),
            ("", "application/json", 422, "Nothing was sent"),
            (" ", "text/csv", 422, "The file is empty."),
            ("name\nx\n", "text/csv", 422, "is not known"),
            ("x" * (5 * 1024 * 1024 + 1), "text/csv", 400, "larger than 5 MB"),
            ("<duties/>", "application/xml", 415, "application/json or text/csv"),
        ],
    )
    @pytest.mark.parametrize("address", [PREVIEW, APPLY])
    def test_what_is_no_roster_is_refused(self, sender, address, body, kind, status, said):
        answer = sender.post(address, body, content_type=kind, headers={"Idempotency-Key": "once"})

        assert answer.status_code == status
        assert said in answer.json()["detail"]
        assert not Duty.objects.exists()

    @pytest.mark.parametrize("key", ["", " ", "x" * 65, "a b", "ключ".encode().decode("latin-1")])
    def test_without_a_proper_key_nothing_is_done(self, sender, key):
        refused = send(sender, APPLY, [ROW], key=key)

        assert refused.status_code == 400
        assert refused.json()["faults"][0]["pointer"] == "/header/Idempotency-Key"
        assert not Duty.objects.exists()

    @pytest.mark.parametrize("query", ["?digest=", "?digest=abc", "?digest=x&digest=y", "?now=1"])
    def test_a_parameter_that_cannot_be_is_refused(self, sender, query):
        assert send(sender, APPLY, [ROW], query=query).status_code == 400


@pytest.mark.django_db(transaction=True)
def test_of_two_with_one_key_at_one_moment_one_brings_and_both_read_the_same(hq):
    token, line = token_of(person(Role.COMMANDER, hq)), Barrier(2)

    def ask(_):
        try:
            line.wait(20)
            return send(program(token), APPLY, [ROW]).json()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        one, other = pool.map(ask, range(2))

    assert one == other
    assert one["added"] == 1
    assert LedgerEntry.objects.filter(verb="imported").count() == 1


class TestShifts:
    def test_they_say_how_many_they_have_and_need(self, sender, hq):
        day = shifts_of(hq, NOON.date() + timedelta(days=1))[0]
        duty = actions.put_on(hq.officers.get(), day, by=None, now=NOON)

        found = results(sender, f"{SHIFTS}?page_size=2")

        assert [one["kind"] for one in found] == ["DAY", "EVENING", "NIGHT"]
        assert found[0] == {
            "station": "HQ",
            "kind": "DAY",
            "name": "Day",
            "date": ON,
            "begins_at": "2030-01-02T12:00:00Z",
            "ends_at": "2030-01-02T20:00:00Z",
            "rostered": 1,
            "barred": 0,
            "reserve": 2,
            "need": 3,
            "duties": [
                {
                    "badge_number": "217",
                    "unit": "Patrol A",
                    "begins_at": "2030-01-02T12:00:00Z",
                    "ends_at": "2030-01-02T20:00:00Z",
                    "origin": "by_hand",
                }
            ],
        }
        assert duty.source == "by_hand"

    @pytest.mark.parametrize(
        "why", [{"active": False}, {"suspended_because": "Inquiry"}], ids=["left", "suspended"]
    )
    def test_who_left_or_is_suspended_needs_no_camera(self, sender, hq, why):
        day = shifts_of(hq, NOON.date() + timedelta(days=1))[0]
        yesterday = shifts_of(hq, NOON.date() - timedelta(days=1))[0]
        for officer in (an_officer("218", hq), an_officer("219", hq)):
            a_duty(day, officer)
            a_duty(yesterday, officer)
        Officer.objects.filter(badge_number="219").update(**why)

        told = {one["date"]: one for one in results(sender, f"{SHIFTS}?kind=DAY")}

        keys = ("rostered", "barred", "need")
        assert [told[ON][key] for key in keys] == [1, 1, 3]
        assert len(told[ON]["duties"]) == 2
        assert [told["2029-12-31"][key] for key in keys] == [2, 0, 4]  # as it was
        (readiness,) = shifts.named([day.pk], now=NOON, policy=Policy())
        assert (readiness.rostered, readiness.need) == (1, 3)

    def test_who_may_not_see_officers_sees_numbers(self, hq):
        shifts_of(hq, NOON.date())

        found = results(browser(person(Role.IT)), SHIFTS)

        assert len(found) == 3
        assert not any("duties" in one for one in found)

    def test_a_token_needs_the_scope_for_officers(self, commander, hq):
        shifts_of(hq, NOON.date())
        client = program(token_of(commander, [Scope.ROSTER]))

        assert not any("duties" in one for one in results(client, SHIFTS))

    def test_they_are_narrowed_by_station_kind_and_time(self, hq):
        shifts_of(hq, NOON.date(), days=2)
        shifts_of(a_station("N", "North"), NOON.date())
        client = browser(person(Role.AUDITOR))

        counts = [
            len(results(client, f"{SHIFTS}?{query}"))
            for query in (
                "station=HQ",
                "kind=DAY",
                "from=2030-01-02T00:00:00Z",
                "from=2030-01-01T12:00:00Z&to=2030-01-01T12:00:01Z",
            )
        ]

        assert counts == [6, 3, 5, 2]

    def test_own_stations_alone_are_there(self, sender, hq):
        shifts_of(a_station("N", "North"), NOON.date())

        assert results(sender, SHIFTS) == []

    def test_they_cost_the_same_for_one_and_for_many(
        self, sender, hq, django_assert_max_num_queries
    ):
        shifts = shifts_of(hq, NOON.date() + timedelta(days=1), days=10)
        for n in range(20):
            officer = an_officer(f"4{n:02}", hq)
            actions.put_on(officer, shifts[n], by=None, now=NOON)

        with django_assert_max_num_queries(6):
            sender.get(SHIFTS)
