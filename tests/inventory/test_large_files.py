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
FEW, MANY = 1_000, 4_000
GROWS_AT_MOST = 9  # times for four times the rows: a file's cost is by its length, not its square
TRIES = 4  # a busy processor makes work longer, now and then; a square is too long each time


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


def hostile(many):
    """Files that could cost more than others of their length: so many rows or cells each."""
    return {
        "each is new": cameras(many),
        "everybody claims the same": [camera(n + 1, f"S{n}", asset_tag="A") for n in range(many)],
        "everybody looks the same": [
            camera(n + 1, "".join("O0"[n >> bit & 1] for bit in range(14))) for n in range(many)
        ],
        "nobody's officer exists": [
            camera(n + 1, f"S{n}", officer=f"9{n:05d}") for n in range(many)
        ],
        "nobody's bay exists": [
            camera(n + 1, f"S{n}", home_bay=f"B{n:05d}-9") for n in range(many)
        ],
        "every cell is wrong": ["=,=,=,=,=,=,=,=,=,=,=" for _ in range(many)],
        "every row is the same": [camera(7) for _ in range(many)],
        "every code at once": [camera(7, codes=" ".join(f"Q{n}X" for n in range(many)))],
        "one column for ever": ["7" + "," * (250 * many)],
    }


def test_no_file_costs_more_than_its_length(fleet, noon):
    """Of work, for the machine may be busy."""
    imports.apply(Kind.DOCKS, sheet(Kind.DOCKS, bays(MANY // 8)), by=None, now=noon)
    imports.apply(Kind.OFFICERS, sheet(Kind.OFFICERS, badges(MANY)), by=None, now=noon)
    few, many = hostile(FEW), hostile(MANY)
    planned(few["each is new"])  # what is done once in a process

    for what in few:
        plan, _ = planned(many[what])

        assert plan.errors or plan.added, what
        assert all(len(error.sentence) < 300 for error in plan.errors), what
        assert any(grown(few[what], many[what]) < GROWS_AT_MOST for _ in range(TRIES)), what


def grown(few, many):
    """How many times the work for ``few`` it is to look at ``many``."""
    (_, short), (_, long) = planned(few), planned(many)
    return long / max(short, 0.05)


def planned(rows):
    """What would be done, and the seconds of work that it took to say so."""
    raw = sheet(Kind.CAMERAS, rows)
    began = time.process_time()
    plan = imports.plan(Kind.CAMERAS, raw)
    return plan, time.process_time() - began


def test_a_row_of_fifty_megabytes_is_refused_at_once(fleet):
    raw = sheet(Kind.CAMERAS, ["7," + "X" * 50 * 1024**2])

    with pytest.raises(Refused, match="larger than 5 MB"):
        imports.plan(Kind.CAMERAS, raw)
