"""A page costs what it shows, not what the fleet holds: counted in rows, which no other load on
the machine can change. What it takes in milliseconds is in docs/speed.md."""

import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from devices.roles import Role
from tests.api.callers import program, token_of
from tests.rows import a_dock, a_model, a_station, person

pytestmark = pytest.mark.django_db

CAMERAS = 100_000
PAGE = 100
MOST_READ = 12 * PAGE  # a handful of rows for each that is shown

MANY = """
INSERT INTO devices_camera (number, serial, asset_tag, model_id, supplier, station_id,
                            service_state, service_note, enrolled_at,
                            update_stage)
SELECT n, 'BWC-' || n, '', %(model)s, '', %(station)s, 'in_service', '', %(now)s, ''
FROM generate_series(1, %(cameras)s) AS n;
INSERT INTO devices_camerahealth (camera_id, boot, sequence, received, heard_at, hearing,
    clock_wrong, mode, battery_percent, battery_state, offload, firmware_version,
    firmware_digest, profile_version, profile_digest, faults, docked, bay_id, placed_at)
SELECT id, 1, 1, '{}', %(now)s, 'heard', FALSE, 'off', 80, 'charging', 'complete', '4.2.1',
    '', '', '', '{}', TRUE, CASE WHEN number = 1 THEN %(bay)s::bigint END, %(now)s
FROM devices_camera;
ANALYZE devices_camera; ANALYZE devices_camerahealth;
"""


@pytest.fixture
def many(noon):
    station = a_station()
    bay = a_dock("D1", station).bays.first()
    given = {"model": a_model().pk, "station": station.pk, "bay": bay.pk, "now": noon}
    with connection.cursor() as cursor:
        for statement in MANY.strip().rstrip(";").split(";"):
            cursor.execute(statement, {**given, "cameras": CAMERAS})
    return station


def test_a_page_of_100_000_cameras_reads_little_more_than_it_shows(many):
    programs = [program(token_of(person(role, many))) for role in (Role.AUDITOR, Role.COMMANDER)]

    read = [
        _most_read(client, f"/api/v1/cameras/{start}")
        for client in programs
        for start in ("", "?cursor=Wzk5ODAwXQ")  # the first page, and the last but one
    ]

    assert max(read) <= MOST_READ


def _most_read(client, address):
    """The rows that the dearest query of an answer looked at."""
    with CaptureQueriesContext(connection) as asked:
        assert len(client.get(address).json()["results"]) == PAGE
    return max(rows_read(query["sql"]) for query in asked if query["sql"].startswith("SELECT"))


def rows_read(sql):
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}")
        plan = cursor.fetchone()[0]
    plans = json.loads(plan) if isinstance(plan, str) else plan
    return sum(_scanned(one["Plan"]) for one in plans)


def _scanned(node):
    """Rows that were looked at, kept or not, in this part of a plan and those below it."""
    looked = node["Actual Rows"] + node.get("Rows Removed by Filter", 0)
    own = looked * node["Actual Loops"] if "Scan" in node["Node Type"] else 0
    return own + sum(_scanned(below) for below in node.get("Plans", ()))
