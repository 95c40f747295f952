"""What is refused, and how: always a problem in JSON, never the input, never HTML."""

import json

import pytest
from django.db import OperationalError
from django.test import RequestFactory

from dashboard.api import problems
from devices.roles import Role
from tests.api.callers import PROBLEM, browser
from tests.rows import a_camera, a_station, person

pytestmark = pytest.mark.django_db
MARK = "zqxjk"  # whatever we send carries it; no answer may


@pytest.fixture
def auditor():
    return browser(person(Role.AUDITOR))


def assert_problem(answer, status):
    body = json.loads(answer.content)
    assert answer.status_code == status
    assert answer["Content-Type"] == PROBLEM
    assert {"type", "title", "status", "detail", "request_id"} <= set(body)
    assert body["status"] == status
    assert body["request_id"] == answer["X-Request-ID"]
    assert len(answer.content) <= 8192
    assert MARK not in answer.content.decode()
    return body


@pytest.mark.parametrize(
    "path",
    [
        "/api",
        "/api/",
        "/api/v1",
        "/api/v1/",
        "/api/v2/cameras/",
        "/api/v1/cameras",
        "/api/v1/zqxjk/",
    ],
)
@pytest.mark.parametrize("accept", ["*/*", "text/html", "application/json", MARK])
def test_an_unknown_address_is_a_problem_to_anybody(client, path, accept):
    answer = client.get(path, headers={"Accept": accept})

    assert_problem(answer, 404)
    assert "Allow" not in answer


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete", "trace"])
def test_nothing_can_be_written(auditor, method):
    answer = getattr(auditor, method)("/api/v1/cameras/")

    assert_problem(answer, 405)
    assert set(answer["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}


@pytest.mark.parametrize("path", ["/api/v1/schema/", "/api/v1/docs/", "/api/v1/cameras/1/"])
def test_a_body_is_refused_unread_whoever_sends_it(client, path):
    body = b"\x1f\x8b" + MARK.encode() * 100_000

    answer = client.post(path, body, content_type="application/x-zqxjk")

    assert_problem(answer, 405)


def test_an_unknown_method_is_refused(client):
    answer = client.generic("ZQXJK", "/api/v1/cameras/")

    assert_problem(answer, 405)


@pytest.mark.parametrize("path", ["/api/v1/cameras/", "/api/v1/schema/", "/api/v1/docs/"])
@pytest.mark.parametrize("accept", ["application/xml", "image/zqxjk", "zqxjk", ";;,,/"])
def test_what_is_not_spoken_is_not_acceptable(auditor, path, accept):
    answer = auditor.get(path, headers={"Accept": accept})

    assert_problem(answer, 406)


@pytest.mark.parametrize("accept", ["application/json", "*/*", "text/html,*/*;q=0.8"])
def test_json_is_spoken(auditor, accept):
    answer = auditor.get("/api/v1/cameras/", headers={"Accept": accept})

    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/json"


@pytest.mark.parametrize(
    "camera",
    [
        "0",
        "9" * 10,
        "9" * 4000,
        "C",
        "C-1",
        "1%00",
        "%00",
        "%ED%A0%80",
        "%D9%A1",
        "zqxjk",
        "..%2f1",
        "1e5",
    ],
)
def test_what_never_was_a_camera_is_not_there(auditor, camera):
    for path in (f"/api/v1/cameras/{camera}/", f"/api/v1/cameras/{camera}/history/"):
        assert_problem(auditor.get(path), 404)


@pytest.mark.parametrize("code", ["%00", "%ED%A0%80", "zqxjk" * 900, "%E2%80%AE", "a%0Ab"])
@pytest.mark.parametrize("kind", ["stations", "docks", "officers"])
def test_what_never_was_a_code_is_not_there(auditor, kind, code):
    answer = auditor.get(f"/api/v1/{kind}/{code}/")

    assert_problem(answer, 404)


NUMBER = "must be a whole number from 0 to 100"
WRONG = {
    "battery_below=101": "battery_below",
    "battery_below=-1": "battery_below",
    "battery_below=1.5": "battery_below",
    "battery_below=1e2": "battery_below",
    "battery_below=%D9%A1": "battery_below",
    f"battery_below={'9' * 4000}": "battery_below",
    "battery_below=zqxjk": "battery_below",
    "docked=maybe": "docked",
    "docked=1": "docked",
    "hearing=zqxjk": "hearing",
    "bucket=Lost": "bucket",
    "station=%00": "station",
    "station=": "station",
    f"station={'zqxjk' * 9}": "station",
    "station=HQ&station=N": "station",
    "serial=a%0Ab": "serial",
    "heard_since=2026-11-24": "heard_since",
    "heard_since=2026-11-24T06:55:00": "heard_since",
    "heard_since=2026-11-24T06:55:00+01:00": "heard_since",
    "heard_since=0001-01-01T00:00:00%2B14:00": "heard_since",
    "heard_since=9999-12-31T23:59:59-14:00": "heard_since",
    f"heard_since={'1' * 4000}": "heard_since",
    "page_size=0": "page_size",
    "page_size=501": "page_size",
    f"page_size={'9' * 4000}": "page_size",
    "page_size=%C2%B2": "page_size",
    "page_size=": "page_size",
    "cursor=zqxjk": "cursor",
    "cursor=": "cursor",
    f"cursor={'W' * 4000}": "cursor",
    "cursor=WyJhIl0": "cursor",  # ["a"]
    "cursor=WzFlOTk5XQ": "cursor",  # [1e999]
    "cursor=WzksOV0": "cursor",  # [9,9]
    "cursor=W3RydWVd": "cursor",  # [true]
    "cursor=%C3%A9": "cursor",
}


@pytest.mark.parametrize("query", WRONG, ids=range(len(WRONG)))
def test_a_wrong_parameter_is_named(auditor, query):
    answer = auditor.get(f"/api/v1/cameras/?{query}")

    body = assert_problem(answer, 400)
    assert [fault["pointer"] for fault in body["faults"]] == [f"/query/{WRONG[query]}"]


@pytest.mark.parametrize(
    "query",
    ["zqxjk=1", "%00=1", "Station=HQ", "station__code=HQ", "format=xml", "page=2", "%ED%A0%80"],
)
def test_an_unknown_parameter_is_refused_with_those_there_are(auditor, query):
    answer = auditor.get(f"/api/v1/cameras/?{query}")

    body = assert_problem(answer, 400)
    assert [fault["pointer"] for fault in body["faults"]] == ["/query"]
    assert "battery_below" in body["detail"]


def test_one_thing_has_no_parameters(auditor, noon):
    a_camera(1, a_station(), noon)

    answer = auditor.get("/api/v1/cameras/1/?fields=zqxjk")

    assert_problem(answer, 400)


def test_every_fault_is_named_at_once(auditor):
    answer = auditor.get("/api/v1/cameras/?battery_below=zqxjk&hearing=zqxjk&docked=zqxjk")

    body = assert_problem(answer, 400)
    assert len(body["faults"]) == 3


def test_a_thousand_parameters_are_one_problem(auditor):
    answer = auditor.get("/api/v1/cameras/?" + "&".join(f"zqxjk{n}=1" for n in range(2000)))

    assert_problem(answer, 400)


def test_a_thousand_unknown_parameters_make_no_long_answer(auditor):
    answer = auditor.get("/api/v1/cameras/?" + "&".join(f"zqxjk{n}=1" for n in range(900)))

    assert_problem(answer, 400)


def test_a_foreign_host_is_a_problem_too(client):
    answer = client.get("/api/v1/cameras/", headers={"Host": "zqxjk.example"})

    assert_problem(answer, 400)


def test_a_page_keeps_its_own_error_page(client):
    answer = client.get("/", headers={"Host": "zqxjk.example"})

    assert answer.status_code == 400
    assert answer["Content-Type"].startswith("text/html")


def test_a_fault_of_ours_is_a_problem_without_its_trace():
    request = RequestFactory().get("/api/v1/cameras/")
    request.request_id = "a-request"

    answer = problems.server_error(request)

    assert answer.status_code == 500
    assert answer["Content-Type"] == PROBLEM
    assert json.loads(answer.content)["request_id"] == "a-request"


def test_a_database_that_does_not_answer_is_a_503_with_a_time_to_come_back():
    request = RequestFactory().get("/api/v1/cameras/")

    answer = problems.answer(OperationalError("zqxjk"), {"request": request})

    assert answer is not None
    assert answer.status_code == 503
    assert answer["Retry-After"] == problems.RETRY_AFTER
    assert MARK not in str(answer.data)


def test_head_answers_as_get_without_the_body(auditor):
    answer = auditor.head("/api/v1/cameras/")

    assert answer.status_code == 200
    assert answer.content == b""
    assert answer["ETag"] == auditor.get("/api/v1/cameras/")["ETag"]


def test_options_says_what_may_be_done(auditor):
    answer = auditor.options("/api/v1/cameras/")

    assert answer.status_code == 204
    assert set(answer["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}
    assert not answer.content
