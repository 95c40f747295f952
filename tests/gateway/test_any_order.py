"""The rows that remain do not tell in what order their records came, nor how often."""

from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from devices.health.models import CameraHealth, DockHealth, EarlierBoot, Reading
from tests.gateway.words import batch, carry, event, report, sender_of
from tests.rows import a_camera, a_dock, a_station

pytestmark = pytest.mark.django_db
NOON = datetime(2030, 1, 1, 12, tzinfo=UTC)
FAST = timedelta(days=400, seconds=7)  # what the docks' clocks are ahead of ours
SERIALS = ("BWC-000001", "BWC-000002", "BWC-000003")
CODES = ("D01", "D02")

WHEN_IT_CAME = {"received_at", "heard_at", "expected_by"}
OF_THE_WAY = {"since", "moved_at", "reading_at", "profile_since"}


@pytest.fixture
def senders(db):
    station = a_station()
    for number in range(1, len(SERIALS) + 1):
        a_camera(number, station, NOON)
    return {code: sender_of(a_dock(code, station, bays=2)) for code in CODES}


def said(at):
    return (at + FAST).isoformat()


def receive(sender, reports, events, now):
    return carry(sender, batch(*reports, events=events, sent_at=said(now)), now)


def deliver(senders, journey):
    """Send batch after batch, a minute apart; the rows that remain, and all verdicts."""
    now, verdicts = NOON + timedelta(hours=1), []
    for code, records in journey:
        now += timedelta(minutes=1)
        reports = [one for kind, one in records if kind == "report"]
        events = [one for kind, one in records if kind == code]
        answer = receive(senders[code], reports, events, now)
        verdicts += [one.result for one in (*answer.reports, *answer.events)]
    return rows(), verdicts


def rows():
    told = WHEN_IT_CAME | OF_THE_WAY
    return {
        table.__name__: [
            {name: value for name, value in row.items() if name not in told | {"id"}}
            for row in table.objects.order_by(*order).values()
        ]
        for table, *order in (
            (CameraHealth, "camera"),
            (DockHealth, "dock"),
            (EarlierBoot, "camera", "dock", "boot"),
        )
    }


COUNTS = st.fixed_dictionaries({"boot": st.integers(1, 3), "sequence": st.integers(1, 6)})
MOMENTS = st.integers(0, 40).map(lambda minutes: said(NOON + timedelta(minutes=minutes)))
REPORTS = st.builds(
    lambda serial, count, at, rest: ("report", report(serial, device_time=at, **count, **rest)),
    st.sampled_from(SERIALS),
    COUNTS,
    MOMENTS,
    st.fixed_dictionaries(
        {
            "mode": st.sampled_from(["off", "recording"]),
            "docked": st.booleans(),
            "bay": st.sampled_from([None, 1, 2]),
            "battery_percent": st.integers(0, 100),
        }
    ),
)
EVENTS = st.builds(
    lambda code, count, at, kind, bay, serial: (
        code,
        event(serial, device_time=at, kind=kind, bay=bay, **count),
    ),
    st.sampled_from(CODES),
    COUNTS,
    MOMENTS,
    st.sampled_from(["docked", "undocked"]),
    st.sampled_from([1, 2]),
    st.sampled_from(SERIALS),
)


def name(record):
    kind, one = record
    return (kind, one["serial"] if kind == "report" else "", one["boot"], one["sequence"])


RECORDS = st.lists(st.one_of(REPORTS, EVENTS), min_size=1, max_size=12, unique_by=name)


@st.composite
def journeys(draw, records):
    """Some order of the records, some of them again, in batches that docks carry in any turn.

    A report stands in its dock's clock and bays: it is always the same dock that carries it.
    """
    again = draw(st.lists(st.sampled_from(records), max_size=5))
    journey = []
    for record in draw(st.permutations([*records, *again])):
        code = carrier(record)
        if not journey or journey[-1][0] != code or draw(st.booleans()):
            journey.append((code, []))
        journey[-1][1].append(record)
    return journey


def carrier(record):
    kind, one = record
    return CODES[one["sequence"] % 2] if kind == "report" else kind


def gone_again(deliveries):
    """What the deliveries leave behind, and the database as it was before."""
    with transaction.atomic():
        left = deliveries()
        transaction.set_rollback(True)
    return left


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.data())
def test_any_order_repetition_and_loss_leave_the_same_rows(senders, data):
    sent = data.draw(RECORDS)
    came = data.draw(st.lists(st.sampled_from(sent), min_size=1, unique_by=name))
    one_by_one = [(carrier(one), [one]) for one in sent if one in came]
    journey = data.draw(journeys(came))

    plainly, _ = gone_again(lambda: deliver(senders, one_by_one))
    left, verdicts = gone_again(lambda: deliver(senders, journey))

    assert left == plainly
    assert verdicts.count("stored") == len(came)
    assert "refused" not in verdicts


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_a_dead_clock_never_moves_a_camera_back(senders, order):
    """Nothing tells when these were measured, so each is placed when it came."""
    dead = {"device_time": "1970-01-01T00:00:05Z"}
    reports = [
        report(SERIALS[0], sequence=1, docked=True, bay=1, **dead),
        report(SERIALS[0], sequence=2, docked=False, bay=None, mode="recording", **dead),
        report(SERIALS[0], sequence=3, docked=True, bay=2, battery_percent=12, **dead),
    ]

    for n, place in enumerate(order):
        receive(senders["D01"], [reports[place]], [], NOON + timedelta(minutes=n))

    health = CameraHealth.objects.get(sequence=3)
    assert (health.docked, health.bay.position, health.mode) == (True, 2, "off")
    assert (health.battery_percent, health.received) == (12, [1, 3])


def test_two_events_of_a_dock_with_a_dead_clock_are_taken_as_it_counted_them(senders):
    dead = {"device_time": "1970-01-01T00:00:05Z"}
    came = event(SERIALS[0], sequence=1, **dead)
    left = event(SERIALS[0], sequence=2, kind="undocked", **dead)

    receive(senders["D01"], [], [left, came], NOON)

    assert CameraHealth.objects.get(heard_at=NOON).docked is False


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.data())
def test_history_keeps_no_report_twice_and_every_late_one(senders, data):
    records = data.draw(st.lists(REPORTS, min_size=1, max_size=12, unique_by=name))
    journey = [(carrier(one), [one]) for one in data.draw(st.permutations(records))]

    kept = gone_again(lambda: readings_after(senders, journey))

    assert len(kept) == len(set(kept))
    assert late(journey) <= set(kept)


def readings_after(senders, journey):
    deliver(senders, journey)
    return list(Reading.objects.values_list("camera__serial", "boot", "sequence"))


def late(journey):
    """The reports that came after one with a greater count."""
    newest, found = {}, set()
    for _, ((_, one),) in journey:
        count = (one["boot"], one["sequence"])
        if count < newest.get(one["serial"], count):
            found.add((one["serial"], *count))
        newest[one["serial"]] = max(count, newest.get(one["serial"], count))
    return found
