"""Weeks looked back upon: honest about gaps, constant in queries, exported without formulas."""

import csv
import io
import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import localtime, now

from dashboard.trend_charts import monday
from devices.inventory.models import Station
from devices.ledger import LedgerEntry
from devices.roles import Role
from devices.roster.models import ShiftKind
from tests import rows
from tests.trending import kept_well, weeks_of

pytestmark = pytest.mark.django_db
SHORT = {
    "rostered": 15,
    "ready": 12,
    "unknown": 1,
    "spares": 2,
    "need": 17,
    "reasons": {"battery": 2, "silent": 1},
}


@pytest.fixture
def hq():
    return rows.a_station()


def first_of(weeks):
    return monday(localtime(now()).date()) - timedelta(weeks=weeks - 1)


def client_of(role, *stations):
    client = Client()
    client.force_login(rows.person(role, *stations))
    return client


def page(client, **asked):
    response = client.get("/trends/", asked)
    assert response.status_code == 200
    return response.content.decode()


def text(html):
    return re.sub(
        r"\s+", " ", re.sub(r"<[^>]+>", " ", re.sub(r"<svg.*?</svg>", "", html, flags=re.S))
    )


def test_the_sentence_counts_what_began_short_and_names_the_worst(hq):
    weeks_of(
        hq, first_of(2), 7, lambda day, kind: SHORT if (day, kind) == (3, 1) else kept_well(0, 0)
    )

    said = text(page(client_of(Role.COMMANDER, hq)))

    assert "1 of 21 shifts began short of ready cameras." in said
    assert "The worst: Evening" in said
    assert "\u22123" in said


def test_what_was_not_kept_is_said_and_never_filled(hq):
    weeks_of(hq, first_of(4), 14, lambda day, kind: kept_well(0, 0) if day < 7 else None)

    html = page(client_of(Role.COMMANDER, hq), weeks="4")

    assert "Of 21 shifts no record was kept." in text(html)
    assert text(html).count("no record ") >= 3
    assert html.count('class="value day unknown"') >= 21
    assert html.count('class="value day spare"') == 21


def test_reasons_stand_in_words_the_most_frequent_first(hq):
    weeks_of(hq, first_of(2), 7, lambda day, kind: SHORT)

    said = text(page(client_of(Role.COMMANDER, hq)))

    assert said.index("Battery would not last") < said.index("Silent in its dock")
    assert "13.3" in said  # 42 times of 315 rostered


def test_no_outcome_yet_is_said_in_a_sentence(hq):
    said = text(page(client_of(Role.COMMANDER, hq)))

    assert "Of these weeks no shift was recorded." in said
    assert "No shift was planned in these weeks." in said


def test_only_ones_own_stations_count_and_one_can_be_chosen(hq):
    north = rows.a_station("N", "North")
    weeks_of(hq, first_of(2), 7)
    weeks_of(north, first_of(2), 7, lambda day, kind: SHORT)

    own = text(page(client_of(Role.COMMANDER, hq), station="N"))
    every = client_of(Role.IT)

    assert "All 21 shifts that were recorded" in own
    assert "21 of 42 shifts began short" in text(page(every))
    assert "21 of 21 shifts began short" in text(page(every, station="N"))


@pytest.mark.parametrize("asked", [{"weeks": "3"}, {"weeks": "x" * 99}, {"station": "\0"}])
def test_what_is_asked_wrongly_is_not_asked(hq, asked):
    assert "8 weeks" in page(client_of(Role.IT), **asked)


def test_a_year_costs_as_many_queries_as_a_month(hq):
    client = client_of(Role.IT)
    weeks_of(hq, first_of(2), 7)
    page(client)  # notes that the session is used
    few = queries(client, weeks=4)
    for code in ("N", "S"):
        weeks_of(rows.a_station(code, code), first_of(52), 350, lambda day, kind: SHORT)

    assert queries(client, weeks=52) == few


def queries(client, **asked):
    with CaptureQueriesContext(connection) as captured:
        page(client, **asked)
    return len(captured)


def test_the_export_tells_every_shift_and_no_formula(hq):
    weeks_of(hq, first_of(2), 7, lambda day, kind: SHORT if day else None)
    ShiftKind.objects.filter(code="DAY").update(name="=1+1")
    Station.objects.filter(pk=hq.pk).update(code="@HQ")

    answer = client_of(Role.COMMANDER, hq).get("/trends.csv", {"weeks": 4})

    told = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert len(told) == 21
    assert {row["Shift"] for row in told} == {"'=1+1", "Evening", "Midnight"}
    assert {row["Station"] for row in told} == {"'@HQ"}
    assert (told[0]["Ready"], told[0]["Margin"]) == ("", "")
    assert (told[-1]["Margin"], told[-1]["Battery would not last"]) == ("-3", "2")
    assert LedgerEntry.objects.get().verb == "exported trends"


def test_the_page_is_for_those_who_may_see_readiness(hq):
    assert client_of(Role.OFFICER).get("/trends/").status_code == 403
