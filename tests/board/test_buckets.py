"""Each camera is in exactly one bucket, by the same rule in Python and in SQL."""

import re
from datetime import datetime, timedelta
from itertools import product

import pytest
from django.db import connection

from devices.access.people import Visible
from devices.board import cards, sql
from devices.board.rules import Bucket, Facts, bucket
from devices.health.models import Hearing
from devices.inventory.models import Camera, ServiceState, Station
from devices.policy import Policy
from devices.readiness.rules import Fit
from devices.readiness.sql import DISPLACED
from devices.wire import BatteryState, Mode
from tests import rows

POLICY = Policy()


def asked(now: datetime) -> cards.Asked:
    return cards.Asked(now, POLICY)


CHARGED = Facts("in_service", "heard", True, False, True, "off", "full", 100)


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        (CHARGED, Bucket.DOCKED),
        (CHARGED._replace(battery_state="charging", battery_percent=94), Bucket.CHARGING),
        (CHARGED._replace(battery_state="charging", battery_percent=95), Bucket.DOCKED),
        (CHARGED._replace(hearing="late"), Bucket.DOCKED),
        (CHARGED._replace(hearing="silent"), Bucket.UNKNOWN),
        (CHARGED._replace(displaced=True), Bucket.UNKNOWN),
        (CHARGED._replace(hearing="never", docked=None), Bucket.UNKNOWN),
        (CHARGED._replace(docked=False), Bucket.OUT),
        (CHARGED._replace(docked=False, hearing="silent"), Bucket.OUT),
        (CHARGED._replace(docked=False, mode="recording"), Bucket.RECORDING),
        (CHARGED._replace(docked=False, mode="recording", hearing="silent"), Bucket.OUT),
        (CHARGED._replace(docked=False, mode="recording", radio=False), Bucket.OUT),
        (CHARGED._replace(mode="recording"), Bucket.RECORDING),
        (CHARGED._replace(service_state="out_of_service"), Bucket.REPAIR),
        (CHARGED._replace(service_state="in_repair", hearing="silent"), Bucket.REPAIR),
        (CHARGED._replace(service_state="lost", docked=False), Bucket.LOST),
        (CHARGED._replace(service_state="retired"), None),
    ],
)
def test_a_camera_is_in_the_bucket_a_person_would_say(
    facts: Facts, expected: Bucket | None
) -> None:
    assert bucket(facts, POLICY) == expected


@pytest.mark.django_db
def test_python_and_sql_agree_on_every_input() -> None:
    inputs = [
        Facts(*facts)
        for facts in product(
            [state for state in ServiceState.values if state != "retired"],
            Hearing.values,
            [None, True, False],
            [True, False],
            [True, False],
            ["", *Mode],
            ["", *BatteryState],
            [None, 0, 94, 95, 100],
        )
    ]

    with connection.cursor() as cursor:
        cursor.execute(_over_values(), {"charged": 95, **_columns(inputs)})
        answers = [answer for (answer,) in cursor.fetchall()]

    assert answers == [bucket(facts, POLICY) for facts in inputs]


def _over_values() -> str:
    rule = sql.BUCKET.replace(DISPLACED, "x.displaced")
    return (
        f"SELECT {re.sub(r'(?<![a-z])[chm][.]', 'x.', rule)} FROM unnest("
        "%(service_state)s::text[], %(hearing)s::text[], %(docked)s::bool[],"
        "%(displaced)s::bool[], %(radio)s::bool[], %(mode)s::text[],"
        "%(battery_state)s::text[], %(battery_percent)s::int[]) WITH ORDINALITY AS x"
        "(service_state, hearing, docked, displaced, radio, mode, battery_state,"
        " battery_percent, n) ORDER BY n"
    )


def _columns(inputs: list[Facts]) -> dict[str, list[object]]:
    return dict(zip(Facts._fields, map(list, zip(*inputs, strict=True)), strict=True))


@pytest.mark.django_db
def test_a_camera_is_displaced_when_another_came_to_its_bay_later(noon: datetime) -> None:
    station = rows.a_station()
    bay = rows.a_dock("D01", station).bays.get(position=1)
    earlier = rows.a_camera(1, station, noon, health={"bay": bay})
    later = rows.a_camera(
        2, station, noon, health={"bay": bay, "placed_at": noon + timedelta(minutes=1)}
    )

    told = {card.id: card.bucket for card in cards.all_cards(Visible(), 10, asked(noon)) or []}

    assert told == {earlier.pk: Bucket.UNKNOWN, later.pk: Bucket.DOCKED}
    assert cards.count(Visible(), asked(noon))[Bucket.UNKNOWN] == 1


@pytest.mark.django_db
def test_counts_from_cards_and_from_sql_are_equal_and_add_up(noon: datetime) -> None:
    rows.a_fleet(noon)
    Camera.objects.filter(number=3).update(service_state=ServiceState.RETIRED)

    shown = cards.all_cards(Visible(), 200, asked(noon)) or []

    assert cards.tally(shown) == cards.count(Visible(), asked(noon))
    assert sum(cards.tally(shown).values()) == 139


@pytest.mark.django_db
def test_readiness_is_counted_and_listed_the_same_by_cards_and_by_sql(noon: datetime) -> None:
    rows.a_fleet(noon)
    shown = cards.all_cards(Visible(), 200, asked(noon)) or []

    counted = cards.count_standing(Visible(), asked(noon))

    assert counted == cards.tally_standing(shown)
    assert min(counted.values()) > 0
    for fit in Fit:
        listed, _ = cards.page(Visible(), cards.Wanted(ready=fit), "", 160, asked(noon))
        assert {card.id for card in listed} == {card.id for card in shown if card.standing is fit}


@pytest.mark.django_db
def test_a_reach_shows_its_stations_or_its_officers_camera(noon: datetime) -> None:
    rows.a_fleet(noon)
    north = Station.objects.get(code="N")
    mine = Camera.objects.filter(station=north, officer__isnull=False)[0]

    there = cards.all_cards(Visible(frozenset({north.pk})), 200, asked(noon)) or []
    own = cards.all_cards(Visible(frozenset(), mine.officer_id), 200, asked(noon)) or []
    foreign = cards.cards(Visible(frozenset()), [mine.pk], asked(noon))

    assert {card.station_code for card in there} == {"N"}
    assert [card.id for card in own] == [mine.pk]
    assert foreign == []


@pytest.mark.django_db
def test_pages_show_every_camera_once_and_the_homeless_last(noon: datetime) -> None:
    fleet = rows.a_fleet(noon, cameras=60)
    rows.a_camera(900, fleet.stations[0], noon)
    rows.a_camera(901, fleet.stations[0], noon)

    seen, after = [], ""
    for _ in range(10):
        found, after = cards.page(Visible(), cards.Wanted(), after, 13, asked(noon))
        seen += found
        if not after:
            break

    assert len(seen) == len({card.id for card in seen}) == 62
    assert [card.number for card in seen[-2:]] == [900, 901]


@pytest.mark.django_db
@pytest.mark.parametrize("wanted", list(Bucket))
def test_a_count_lists_exactly_what_it_counts(noon: datetime, wanted: Bucket) -> None:
    rows.a_fleet(noon)

    found, _ = cards.page(Visible(), cards.Wanted(bucket=wanted), "", 160, asked(noon))

    assert len(found) == cards.count(Visible(), asked(noon))[wanted]
    assert {card.bucket for card in found} <= {wanted}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (cards.Wanted(text="c0012"), [12]),
        (cards.Wanted(text="bwc-000012"), [12]),
        (cards.Wanted(text="%"), []),
        (cards.Wanted(text="211"), []),
        (cards.Wanted(text="211", badges=True), [12]),
        (cards.Wanted(dock="D02"), [9, 10, 11, 12, 13, 14, 15, 16]),
        (cards.Wanted(station="nowhere"), []),
    ],
)
def test_what_is_wanted_is_found(noon: datetime, wanted: cards.Wanted, found: list[int]) -> None:
    rows.a_fleet(noon)

    assert [card.number for card in cards.page(Visible(), wanted, "", 160, asked(noon))[0]] == found


@pytest.mark.django_db
def test_cards_cost_one_query(noon: datetime, django_assert_num_queries) -> None:  # type: ignore[no-untyped-def]
    rows.a_fleet(noon)

    with django_assert_num_queries(1):
        cards.all_cards(Visible(), 200, asked(noon))
