import json
import logging

import pytest

from devices.access.tokens import TokenKind
from fleet.logs import JsonLines, without_secrets

KEY = "a1b2c3d4"
SECRET = "abcdefghijklmnopqrstuvwxyz234567"


@pytest.mark.parametrize(
    "words",
    [
        *(f"refused {kind.value}.{KEY}.{SECRET}" for kind in TokenKind),
        f"refused c.{KEY}.{SECRET} at the door",
        f"Authorization: Bearer {SECRET}",
        f"password={SECRET}",
        f"{{'password': '{SECRET}'}}",
        f"Cookie: sessionid={SECRET}; csrftoken={SECRET}",
        f"could not reach postgresql://fleet:{SECRET}@db/fleet",
    ],
)
def test_a_secret_is_blotted_out(words):
    assert SECRET not in without_secrets(words)


@pytest.mark.parametrize(
    "words", ["The token was revoked", "http://127.0.0.1:8000/", f"key {KEY} is unknown"]
)
def test_other_words_stay(words):
    assert without_secrets(words) == words


def test_a_line_is_one_json_object_whatever_a_device_sends():
    record = logging.LogRecord("fleet", logging.ERROR, "f", 1, "said %s", ("x\ny",), None)
    record.exc_info = (ValueError, ValueError("a\nb"), None)

    line = JsonLines().format(record)

    assert "\n" not in line
    assert json.loads(line)["says"] == "said x\ny"
    assert "ValueError" in json.loads(line)["because"]


def test_an_answer_carries_the_name_of_its_request(client):
    given = client.get("/health/live", HTTP_X_REQUEST_ID="from-the-proxy-1")
    forged = client.get("/health/live", HTTP_X_REQUEST_ID="x\\ny{}")

    assert given["X-Request-ID"] == "from-the-proxy-1"
    assert len(forged["X-Request-ID"]) == 32


def test_every_answer_tells_the_browser_the_rules(client):
    answer = client.get("/health/live")

    assert "default-src 'self'" in answer["Content-Security-Policy"]
    assert "unsafe" not in answer["Content-Security-Policy"]
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["X-Content-Type-Options"] == "nosniff"
