"""A fleet of thousands of cameras is imported by the same few queries as one of sixteen."""

import time

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from devices.errors import Refused
from devices.inventory import imports
from devices.inventory.imports import Kind
from devices.inventory.models import Camera
from tests.inventory.sheets import FLEET, camera, sheet
from tests.undone import undone

pytestmark = pytest.mark.django_db
AT_MOST_S = 5.0  # no input may hold a request for longer; of work, for the machine may be busy


@pytest.fixture
def fleet(noon):
    for kind in (Kind.STATIONS, Kind.MODELS):
        imports.apply(kind, sheet(kind, FLEET[kind]), by=None, now=noon)


def bays(docks):
    return [f"B{n:04d},HQ,,,8,,,BK-{n}," for n in range(docks)]


def badges(many, unit="", prefix="W"):
    return [f"{100_000 + n},HQ,{unit},{prefix}{n:05d}Q," for n in range(many)]


def cameras(many, shift=0, **cells):
    """Each at home in the bay ``shift`` places on, with an officer, an asset tag and a code."""
    return [
        camera(
            100_000 + n,
            home_bay=f"B{(n + shift) % many // 8:04d}-{(n + shift) % many % 8 + 1}",
            asset_tag=f"WH-{(n + shift) % many}",
            officer=str(100_000 + n),
            codes=f"Q{(n + shift) % many:05d}Q",
            **cells,
        )
        for n in range(many)
    ]


def queries_of(act):
    with CaptureQueriesContext(
        connection,
    ) as queries:
        act()
    return len(queries)


def brought(many, now):
    """What each step costs a fleet of so many cameras, in queries."""

    def apply(kind, rows):
        return queries_of(lambda: imports.apply(kind, sheet(kind, rows), by=None, now=now))

    return {
        "docks added": apply(Kind.DOCKS, bays(many // 8)),
        "officers added": apply(Kind.OFFICERS, badges(many)),
        "officers changed": apply(Kind.OFFICERS, badges(many, "Patrol", "V")),
        "cameras planned": queries_of(
            lambda: imports.plan(Kind.CAMERAS, sheet(Kind.CAMERAS, cameras(many)))
        ),
        "cameras added": apply(Kind.CAMERAS, cameras(many)),
        "cameras changed": apply(
            Kind.CAMERAS, cameras(many, 1, supplier="Tri-State", installed_on="2024-03-18")
        ),
        "nothing changed": apply(
            Kind.CAMERAS, cameras(many, 1, supplier="Tri-State", installed_on="2024-03-18")
        ),
    }


def test_two_thousand_rows_cost_the_queries_of_sixteen(fleet, noon):
    with undone():
        few = brought(16, noon)

    many = brought(2_000, noon)

    assert many == few
    assert max(few.values()) <= 25
    assert Camera.objects.filter(supplier="Tri-State").count() == 2_000


def test_ten_thousand_rows_are_planned_while_somebody_waits(fleet, noon):
    imports.apply(Kind.DOCKS, sheet(Kind.DOCKS, bays(1250)), by=None, now=noon)
    imports.apply(Kind.OFFICERS, sheet(Kind.OFFICERS, badges(10_000)), by=None, now=noon)
    raw = sheet(Kind.CAMERAS, cameras(10_000))

    began = time.process_time()
    plan = imports.plan(Kind.CAMERAS, raw)

    assert (len(plan.added), plan.errors) == (10_000, [])
    assert time.process_time() - began < AT_MOST_S


HOSTILE = {
    "everybody claims the same": [camera(n, f"S{n}", asset_tag="SAME") for n in range(1, 15_000)],
    "everybody looks the same": [
        camera(n, "".join("O0"[n >> bit & 1] for bit in range(14))) for n in range(1, 15_000)
    ],
    "nobody's officer exists": [camera(n, f"S{n}", officer=f"1{n:05d}") for n in range(1, 15_000)],
    "nobody's bay exists": [camera(n, f"S{n}", home_bay=f"B{n:05d}-9") for n in range(1, 15_000)],
    "every cell is wrong": ["=,=,=,=,=,=,=,=,=,=,=" for _ in range(15_000)],
    "every row is the same": [camera(7) for _ in range(15_000)],
    "every code at once": [camera(7, codes=" ".join(f"Q{n}X" for n in range(15_000)))],
    "one column for ever": ["7" + "," * 4_000_000],
}


def test_no_file_holds_the_door_for_long(fleet, noon):
    imports.apply(Kind.DOCKS, sheet(Kind.DOCKS, bays(1250)), by=None, now=noon)
    imports.apply(Kind.OFFICERS, sheet(Kind.OFFICERS, badges(10_000)), by=None, now=noon)

    for what, rows in HOSTILE.items():
        raw = sheet(Kind.CAMERAS, rows)
        began = time.process_time()
        plan = imports.plan(Kind.CAMERAS, raw)
        took = time.process_time() - began

        assert plan.errors or plan.added, what
        assert all(len(error.sentence) < 300 for error in plan.errors), what
        assert took < AT_MOST_S, what


def test_a_row_of_fifty_megabytes_is_refused_at_once(fleet):
    raw = sheet(Kind.CAMERAS, ["7," + "X" * 50 * 1024**2])

    with pytest.raises(Refused, match="larger than 5 MB"):
        imports.plan(Kind.CAMERAS, raw)
