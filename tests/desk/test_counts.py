"""A physical count: frozen at its start, scanned by several, closed for good."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import DatabaseError, transaction

from devices.custody import actions as custody
from devices.custody.actions import Told
from devices.desk.counts import actions
from devices.desk.counts.actions import Over, Shown
from devices.desk.counts.models import Count, CountScan
from devices.desk.counts.rules import Standing
from devices.errors import Refused
from devices.inventory.models import Camera, DockKind
from devices.ledger import LedgerEntry
from tests import rows
from tests.desk.counting import goes_out, lists, says, scan, shown
from tests.racing import race


@pytest.fixture
def by(house):
    return house.desk.by


@pytest.fixture
def count(house, by, noon):
    return actions.start(house.station, by=by, now=noon)


def silent(*cameras):
    """The system hears nothing of these."""
    for camera in cameras:
        camera.health.hearing = "silent"
        camera.health.save()


def test_what_should_be_here_is_frozen_at_the_start(house, by, noon):
    goes_out(house.spares[0], "1031", by=by, now=noon - timedelta(hours=1))

    count = actions.start(house.station, by=by, now=noon)

    Camera.objects.filter(pk=house.spares[1].pk).update(service_state="retired")
    rows.a_camera(600, house.station, noon)
    kept = {str(one.camera): one for one in count.expected.all()}
    assert kept.keys() == {"C0417", "C0531", "C0532", "C0533", "C0534"}
    assert (str(kept["C0531"].officer), kept["C0531"].out) == ("1031", True)
    assert (str(kept["C0417"].officer), kept["C0417"].out) == ("1017", False)
    assert (kept["C0532"].place, kept["C0532"].service_state) == ("D01-3", "in_service")


@pytest.mark.parametrize(
    ("state", "expected"),
    [("out_of_service", True), ("in_repair", False), ("lost", False), ("retired", False)],
)
def test_what_is_in_repair_lost_or_retired_is_not_looked_for(house, by, noon, state, expected):
    Camera.objects.filter(pk=house.spares[0].pk).update(service_state=state)

    count = actions.start(house.station, by=by, now=noon)

    assert count.expected.filter(camera=house.spares[0]).exists() == expected


def test_a_station_is_counted_once_at_a_time(house, by, noon, count):
    with pytest.raises(Refused, match="being counted already"):
        actions.start(house.station, by=by, now=noon)

    assert Count.objects.count() == 1


def test_a_station_without_cameras_is_not_counted(db, by, noon):
    with pytest.raises(Refused, match="no cameras to count"):
        actions.start(rows.a_station("N", "North"), by=by, now=noon)

    assert not Count.objects.exists()


def test_every_scan_moves_its_camera_to_found(house, count, by, noon):
    silent(house.own)
    answers = scan(count, house.spares[0].label, house.spares[1].label, by=by, now=noon)

    assert [one.message for one in answers] == ["C0531 found.", "C0532 found."]
    assert lists(count, noon)[Standing.FOUND] == ["C0531", "C0532"]
    assert lists(count, noon)[Standing.MISSING] == ["C0417"]
    assert lists(count, noon)[Standing.SEEN] == ["C0533", "C0534"]


def test_a_docked_camera_that_nobody_scanned_is_seen_by_the_system(house, count, noon):
    said = says(count, house.spares[2], noon + timedelta(seconds=20))

    assert said == "The system hears it in D01-4, 20 s ago."


def test_an_undocked_camera_that_reports_is_seen_by_the_system(house, count, noon):
    house.spares[2].health.docked = False
    house.spares[2].health.save()

    assert "out of any bay" in says(count, house.spares[2], noon)
    assert "C0533" in lists(count, noon)[Standing.SEEN]


def test_scanning_twice_is_nothing(house, count, by, noon):
    scan(count, house.spares[0].label, by=by, now=noon)

    again = scan(count, house.spares[0].label, by=by, now=noon + timedelta(minutes=5))

    assert (again[0].result, CountScan.objects.count()) == ("again", 1)
    assert CountScan.objects.get().at == noon


def test_the_same_scan_sent_again_is_answered_the_same(house, count, by, noon):
    sent = shown(house.spares[0].label)
    first = actions.scan(count, sent, by=by, now=noon)

    assert actions.scan(count, sent, by=by, now=noon) == first
    assert CountScan.objects.count() == 1


def test_the_same_name_for_another_camera_is_refused(house, count, by, noon):
    key = uuid4()
    actions.scan(count, [Shown(key, house.spares[0].label)], by=by, now=noon)

    answer = actions.scan(count, [Shown(key, house.spares[1].label)], by=by, now=noon)[0]

    assert answer.result == "refused"
    assert lists(count, noon)[Standing.FOUND] == ["C0531"]


def test_a_burst_of_tags_counts_each_camera_once(house, count, by, noon):
    for n, spare in enumerate(house.spares):
        spare.codes.create(value=f"e28011606000{n}")
    tags = [f"E28011606000{n}" for n in range(4)]

    answers = scan(count, *tags, "E2FFFF", *tags, by=by, now=noon)

    results = [one.result for one in answers]
    assert results == ["counted"] * 4 + ["unknown"] + ["again"] * 4
    assert CountScan.objects.count() == 4


@pytest.mark.parametrize(
    "raw", ["C0531{}", "c0531{}", "https://fleet.example/c/C0531{}", "BWC-000531", "bwc-000531"]
)
def test_a_camera_is_known_by_any_of_its_codes(house, count, by, noon, raw):
    answer = scan(count, raw.format(house.spares[0].label[-1]), by=by, now=noon)[0]

    assert (answer.result, answer.camera) == ("counted", "C0531")


def test_a_number_counts_only_when_it_was_typed(house, count, by, noon):
    assert scan(count, "531", by=by, now=noon)[0].result == "unknown"
    assert scan(count, "531", by=by, now=noon, typed=True)[0].result == "counted"


@pytest.mark.parametrize(
    "raw",
    ["C0531", "C0531AC0532G", "1031", "ZUNDOT", "nonsense", "é", "\x00", "9" * 120, " ", "/"],
)
def test_what_is_no_camera_of_ours_changes_nothing(house, count, by, noon, raw):
    answer = scan(count, raw, by=by, now=noon)[0]

    assert answer.result == "unknown"
    assert "scan it again" in answer.message
    assert not CountScan.objects.exists()


def test_a_camera_of_another_station_is_unexpected_and_says_whose_it_is(house, count, by, noon):
    north = rows.a_station("N", "North")
    stray = rows.a_camera(700, north, noon)
    goes_out(stray, "1044", by=by, now=noon)

    answer = scan(count, stray.label, by=by, now=noon)[0]

    assert answer.result == "unexpected"
    assert lists(count, noon)[Standing.UNEXPECTED] == ["C0700"]
    said = says(count, stray, noon)
    assert said == "It belongs to North. By the record 1044 has it: return it at the desk."


def test_a_lost_camera_that_turns_up_is_unexpected(house, by, noon):
    told = Told(by=by, now=noon, reason="Fell off a boat")
    custody.report_lost(house.spares[0], told=told)
    count = actions.start(house.station, by=by, now=noon)

    scan(count, house.spares[0].label, by=by, now=noon)

    assert says(count, house.spares[0], noon) == "It is lost."


def test_what_is_out_with_an_officer_is_not_looked_for(house, by, noon):
    goes_out(house.spares[0], "1031", by=by, now=noon)

    count = actions.start(house.station, by=by, now=noon)

    assert lists(count, noon)[Standing.OUT] == ["C0531"]
    assert says(count, house.spares[0], noon) == "With 1031."


def test_an_own_camera_out_of_its_bay_is_with_its_officer(house, by, noon):
    house.own.health.docked = False
    house.own.health.save()

    count = actions.start(house.station, by=by, now=noon)

    assert lists(count, noon)[Standing.OUT] == ["C0417"]


def on_a_cruisers_charger(house, camera):
    """In a vehicle's bay, which nobody has heard of since."""
    cruiser = rows.a_dock("V12", house.station, bays=1, kind=DockKind.VEHICLE)
    camera.health.docked, camera.health.bay = True, cruiser.bays.get()
    camera.health.hearing = "silent"
    camera.health.save()


def test_an_own_camera_on_a_cruisers_charger_is_with_its_officer(house, by, noon):
    on_a_cruisers_charger(house, house.own)

    count = actions.start(house.station, by=by, now=noon)

    assert lists(count, noon)[Standing.OUT] == ["C0417"]
    assert says(count, house.own, noon) == "With 1017."
    assert lists(count, noon)[Standing.MISSING] == []
    actions.close(count, {}, by=by, now=noon)


def test_one_that_its_officer_puts_there_after_the_start_is_out_too(house, count, noon):
    on_a_cruisers_charger(house, house.own)

    assert lists(count, noon)[Standing.OUT] == ["C0417"]
    assert says(count, house.own, noon) == "With 1017, who took it after the start."


def test_one_that_is_there_with_nobody_to_answer_for_it_is_missing(house, by, noon):
    on_a_cruisers_charger(house, house.spares[0])

    count = actions.start(house.station, by=by, now=noon)

    assert lists(count, noon)[Standing.MISSING] == ["C0531"]
    assert says(count, house.spares[0], noon) == "At the start it was in V12-1."


def test_a_camera_that_is_out_by_the_record_and_scanned_is_a_contradiction(house, by, noon):
    goes_out(house.spares[0], "1031", by=by, now=noon)
    count = actions.start(house.station, by=by, now=noon)

    answer = scan(count, house.spares[0].label, by=by, now=noon)[0]

    assert answer.result == "contradiction"
    assert answer.message.endswith("1031 has it: return it at the desk.")
    assert lists(count, noon)[Standing.CONTRADICTION] == ["C0531"]


def test_returning_it_at_the_desk_settles_the_contradiction(house, by, noon):
    goes_out(house.spares[0], "1031", by=by, now=noon)
    count = actions.start(house.station, by=by, now=noon)
    scan(count, house.spares[0].label, by=by, now=noon)

    house.desk.scan(house.spares[0].label)

    assert lists(count, noon)[Standing.FOUND] == ["C0531"]


def test_a_paused_count_takes_no_scans_until_it_is_resumed(house, count, by, noon):
    actions.pause(count, by=by, now=noon)

    with pytest.raises(Over, match="resume it first"):
        scan(count, house.spares[0].label, by=by, now=noon)

    actions.resume(count, by=by, now=noon)
    assert scan(count, house.spares[0].label, by=by, now=noon)[0].result == "counted"


def test_pausing_twice_and_resuming_what_goes_on_are_refused(count, by, noon):
    with pytest.raises(Refused, match="not paused"):
        actions.resume(count, by=by, now=noon)
    actions.pause(count, by=by, now=noon)
    with pytest.raises(Refused, match="is paused"):
        actions.pause(count, by=by, now=noon)


def test_a_count_closes_only_with_a_reason_for_each_missing_camera(house, count, by, noon):
    silent(house.own, house.spares[0])

    with pytest.raises(Refused, match=r"C0531\.$"):
        actions.close(count, {"C0417": "At court", "C0531": " "}, by=by, now=noon)

    count.refresh_from_db()
    assert count.closed_at is None


def test_the_result_is_frozen_at_the_close(house, count, by, noon):
    silent(house.own)
    scan(count, house.spares[0].label, by=by, now=noon)
    closed = actions.close(count, {"C0417": "At court"}, by=by, now=noon)

    Camera.objects.update(service_state="retired")

    found = lists(closed, noon + timedelta(days=400))
    assert found[Standing.FOUND] == ["C0531"]
    assert found[Standing.MISSING] == ["C0417"]
    assert found[Standing.SEEN] == ["C0532", "C0533", "C0534"]
    assert closed.result["lines"][0]["reason"] == "At court"


def test_what_was_scanned_since_the_reasons_were_written_needs_none(house, count, by, noon):
    silent(house.own)
    scan(count, house.own.label, by=by, now=noon)

    closed = actions.close(count, {"C0417": "At court"}, by=by, now=noon)

    assert lists(closed, noon)[Standing.FOUND] == ["C0417"]
    assert {line["reason"] for line in closed.result["lines"]} == {""}


def test_nothing_is_added_to_a_closed_count(house, count, by, noon):
    actions.close(count, {}, by=by, now=noon)

    with pytest.raises(Over, match="was closed") as over:
        scan(count, house.spares[0].label, by=by, now=noon)

    assert over.value.closed
    for act in (actions.pause, actions.resume):
        with pytest.raises(Refused):
            act(count, by=by, now=noon)
    with pytest.raises(Refused, match="closed already"):
        actions.close(count, {}, by=by, now=noon)


def test_the_database_keeps_what_was_counted_whoever_writes(house, count, by, noon):
    scan(count, house.spares[0].label, by=by, now=noon)
    actions.close(count, {}, by=by, now=noon)
    tampering = [
        lambda: Count.objects.update(result={}),
        lambda: Count.objects.update(closed_at=None, closed_by=None),
        lambda: Count.objects.all().delete(),
        lambda: count.scans.update(raw="other"),
        lambda: count.scans.all().delete(),
        lambda: count.expected.update(out=True),
        lambda: count.expected.all().delete(),
        lambda: CountScan.objects.create(
            event_id=uuid4(),
            count=count,
            camera=house.own,
            raw="late",
            at=noon,
            by=by,
            station=house.station,
        ),
    ]

    for act in tampering:
        with pytest.raises(DatabaseError), transaction.atomic():
            act()


def test_each_step_of_a_count_is_in_the_ledger(house, count, by, noon):
    actions.pause(count, by=by, now=noon)
    actions.resume(count, by=by, now=noon)
    actions.close(count, {}, by=by, now=noon)

    told = LedgerEntry.objects.filter(subject=f"count {count.pk}").order_by("seq")
    assert [one.verb for one in told] == [
        "count started",
        "count paused",
        "count resumed",
        "count closed",
    ]


@pytest.mark.django_db(transaction=True)
def test_two_people_count_140_cameras_at_once_and_each_counts_once(noon):
    fleet = rows.a_fleet(noon, cameras=140)
    station = fleet.stations[0]
    people = [rows.person(None, name=f"counter {n}") for n in range(2)]
    count = actions.start(station, by=people[0], now=noon)
    labels = [one.camera.label for one in count.expected.select_related("camera")]

    def go_round(n):
        mine = labels if n == 0 else list(reversed(labels))
        return [
            answer
            for at in range(0, len(mine), 7)
            for answer in scan(count, *mine[at : at + 7], by=people[n], now=noon)
        ]

    told = race(go_round, runners=2)

    results = [answer.result for answers in told for answer in answers]
    assert results.count("again") == len(labels)
    assert CountScan.objects.filter(count=count).count() == len(labels)


def test_the_lists_cost_the_same_however_many_cameras(house, count, by, noon, request):
    queries = request.getfixturevalue("django_assert_num_queries")
    scan(count, *[one.label for one in house.spares], by=by, now=noon)
    more = rows.a_station("N", "North")
    for n in range(30):
        rows.a_camera(800 + n, more, noon, health={})
    large = actions.start(more, by=by, now=noon)

    for one in (count, large):
        with queries(4):
            lists(one, noon)


def test_a_burst_costs_the_same_however_many_tags(house, count, by, noon, request):
    queries = request.getfixturevalue("django_assert_num_queries")
    for n, spare in enumerate(house.spares):
        spare.codes.create(value=f"E28011606000{n}")

    for many in (1, 4):
        with queries(9):
            scan(count, *[f"E28011606000{n}" for n in range(many)], "C0417", by=by, now=noon)
