"""docs/gateway.md is what the gateway does: its schema, and its examples as printed."""

import json
import os
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from devices import wire
from devices.health.models import CameraHealth
from tests.gateway.words import token_of
from tests.patience import PATIENCE_S
from tests.rows import a_camera, a_dock, a_station

DOCS = Path(__file__).parents[2] / "docs"


def printed(language: str) -> str:
    """The last block of this language in the document."""
    text = (DOCS / "gateway.md").read_text()
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.DOTALL | re.MULTILINE)[-1]


def test_the_schema_is_the_codes():
    assert json.loads((DOCS / "gateway.schema.json").read_text()) == json.loads(
        json.dumps(wire.schema())
    )


@pytest.mark.parametrize("model", [wire.Report, wire.BayEvent, wire.Batch])
def test_every_field_stands_in_the_document(model):
    text = (DOCS / "gateway.md").read_text()

    assert [name for name in model.model_fields if f"`{name}`" not in text] == []


@pytest.mark.parametrize("code", list(wire.RefusalCode))
def test_every_refusal_stands_in_the_document(code):
    assert f"`{code.value}`" in (DOCS / "gateway.md").read_text()


@pytest.fixture
def surroundings(server, transactional_db):
    """Where the examples run: a dock's token, the fleet's address, the camera they name."""
    now = datetime.now(UTC)
    station = a_station()
    a_camera(417, station, now, serial="P3-602223")
    token = token_of(a_dock("D03", station), now)
    return {"PATH": os.environ["PATH"], "FLEET": server.address, "TOKEN": token}


def test_the_curl_example_works_as_printed(surroundings):
    said = subprocess.run(
        ["sh", "-c", printed("sh")],
        env=surroundings,
        capture_output=True,
        timeout=PATIENCE_S,
        check=True,
    )

    assert json.loads(said.stdout)["reports"] == [{"result": "stored"}]
    assert CameraHealth.objects.get().battery_percent == 81


def test_the_dock_in_twenty_lines_works_as_printed(surroundings):
    program = printed("python")

    said = subprocess.run(
        [sys.executable, "-c", program],
        env=surroundings,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )

    assert said.stdout == "[{'result': 'stored'}]\n", said.stderr
    assert len([line for line in program.splitlines() if line.strip()]) <= 20
