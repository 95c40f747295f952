"""What is read of custody: histories, pages of them, and any moment."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from devices.access.people import Visible
from devices.custody import actions as custody
from devices.custody import history, moments
from devices.custody.history import Aside, Place, Record, Wanted
from devices.custody.models import CustodyEvent, CustodyVerb, Desk
from devices.custody.moments import Known
from devices.inventory.models import Officer
from devices.ledger import LedgerEntry
from tests.api.test_speed import rows_read
from tests.held import SNAPSHOT
from tests.rows import a_station

pytestmark = pytest.mark.django_db
ALL = Visible()


def verbs(record):
    return [one.event.verb for one in record.events]


def lines(house, **wanted):
    return history.page(ALL, Wanted(camera=house.camera, **wanted)).lines


class TestHistory:
    def test_each_custody_has_what_happened_to_it_newest_first(self, house):
        house.gives("1017", 10)
        custody.report_lost(house.camera, told=house.told(60, reason="Left in a taxi"))
        custody.found(house.camera, told=house.told(90))

        (one,) = lines(house)

        assert verbs(one) == ["checked_out", "reported_lost", "found"]
        assert one.custody.closed_at == house.at(90)

    def test_a_transfer_stands_in_both_custodies(self, house):
        house.gives("1017", 10)
        told = house.told(20, reason="Handed over in person")
        custody.transfer(house.camera, house.officers["1031"], custody.Terms(), told=told)

        after, before = lines(house)

        assert verbs(before) == ["checked_out", "transferred"]
        assert verbs(after) == ["transferred"]

    def test_what_was_undone_stands_there_with_the_undoing_beside_it(self, house):
        house.gives("1017", 10)
        event = house.takes_back(20)
        custody.undo(event, told=house.told(20.5))

        again, first = lines(house)

        assert verbs(first) == ["checked_out", "checked_in"]
        assert first.events[1].undone_by.verb == CustodyVerb.UNDONE
        assert again.began.verb == CustodyVerb.UNDONE

    def test_a_correction_stands_beside_the_record_which_stays(self, house):
        one = house.gives("1017", 10)
        house.takes_back(60)
        house.corrects(one, "1031", (10, 50), at=70)

        (record,) = lines(house)

        assert record.custody.officer.badge_number == "1017"
        assert [said.says["officer"] for said in record.corrections] == ["1031"]
        assert verbs(record) == ["checked_out", "checked_in"]

    def test_a_correction_of_an_open_custody_opens_another_and_is_told_once_in_each(self, house):
        one = house.gives("1017", 10)
        right = custody.Correction(house.officers["1031"], house.at(10), None)
        custody.correct(one, right, told=house.told(70, reason="The badge was read wrong"))

        after, before = lines(house)

        assert (verbs(before), len(before.corrections)) == (["checked_out"], 1)
        assert (verbs(after), len(after.corrections)) == (["corrected"], 0)

    def test_what_happened_while_nobody_held_it_has_a_line_of_its_own(self, house):
        custody.report_lost(house.camera, told=house.told(5, reason="Not in its bay"))
        house.gives("1017", 10)

        held, aside = lines(house)

        assert isinstance(held, Record)
        assert isinstance(aside, Aside)
        assert aside.event.verb == CustodyVerb.REPORTED_LOST

    def test_pages_are_whole_and_none_repeats(self, house):
        for turn in range(7):
            house.gives("1017", 100 * turn)
            house.takes_back(100 * turn + 50)
        custody.report_lost(house.camera, told=house.told(60, reason="Not in its bay"))
        wanted, found, place = Wanted(camera=house.camera), [], None

        while True:
            page = history.page(ALL, wanted, after=place, size=3)
            found += page.lines
            place = page.older and Place.read(str(page.older))
            if place is None:
                break

        assert len(found) == len({one.at for one in found}) == 8
        assert found == sorted(found, key=lambda one: one.at, reverse=True)
        assert history.count(ALL, wanted) == 8

    @pytest.mark.parametrize(
        ("wanted", "numbers"),
        [
            ({}, [3, 2, 1]),
            ({"since": 55, "until": 100}, []),
            ({"since": 45, "until": 100}, [1]),
            ({"since": 120, "until": 320}, [3, 2]),
            ({"verb": "checked_in"}, [2, 1]),
            ({"verb": "transferred"}, []),
            ({"verb": "corrected"}, [1]),
        ],
    )
    def test_it_is_narrowed_by_time_and_by_what_happened(self, house, wanted, numbers):
        first = house.gives("1017", 0)
        house.takes_back(50)
        second = house.gives("1031", 100)
        house.takes_back(150)
        third = house.gives("1044", 300)
        house.corrects(first, "1031", (0, 40), at=310)
        spans = {name: house.at(said) for name, said in wanted.items() if name != "verb"}

        found = lines(house, **{**wanted, **spans})

        numbered = {first.pk: 1, second.pk: 2, third.pk: 3}
        assert [numbered[one.custody.pk] for one in found] == numbers

    def test_it_is_narrowed_by_officer_and_by_desk(self, house):
        house.gives("1017", 0)
        house.takes_back(50)
        house.gives("1031", 100)
        elsewhere = Desk.objects.create(station=house.station, name="Desk 2")

        by_officer = lines(house, officer=house.officers["1017"])
        by_desk = lines(house, desk=house.desk.pk)
        by_other_desk = lines(house, desk=elsewhere.pk)

        assert [len(found) for found in (by_officer, by_desk, by_other_desk)] == [1, 2, 0]

    def test_it_reaches_no_further_than_who_looks(self, house):
        house.gives("1017", 0)
        house.takes_back(50)
        house.gives("1031", 100)
        other = a_station("N", "North")
        wanted = Wanted(camera=house.camera)

        def seen(reach):
            return len(history.page(reach, wanted).lines)

        assert seen(Visible(stations=frozenset({house.station.pk}))) == 2
        assert seen(Visible(stations=frozenset({other.pk}))) == 0
        own = Visible(stations=frozenset(), officer_id=house.officers["1017"].pk)
        assert seen(own) == 1

    @pytest.mark.parametrize("said", ["", "x", "2026-01-01~1", "~1", "2026-01-01T00:00Z~x", "9~9"])
    def test_an_address_that_never_was_ours_begins_nowhere(self, said):
        assert Place.read(said) is None

    @pytest.mark.parametrize("times", [2, 12])
    def test_any_length_costs_the_same(self, house, times):
        for turn in range(times):
            house.gives("1017", 100 * turn)
            house.takes_back(100 * turn + 50)

        with CaptureQueriesContext(connection) as asked:
            history.page(ALL, Wanted(camera=house.camera))

        assert len(asked) == 4


class TestReadiness:
    def percent(self, house, minutes):
        """How full it was as whoever held it at this moment last got it or took it, and when."""
        (record,) = moments.of_camera(ALL, house.camera, house.at(minutes)).records
        frozen = record.readiness(house.at(minutes))
        if frozen is None:
            return None
        return frozen.snapshot["battery_percent"], history.frozen_at(frozen)

    def test_of_an_own_camera_it_is_that_of_the_last_duty_it_was_taken_on(self, house):
        house.owns("1017", 0)
        house.takes("1017", 100, battery_percent=91)
        house.takes("1017", 1500, battery_percent=72)

        assert self.percent(house, 50) is None
        assert self.percent(house, 100) == (91, house.at(100))
        assert self.percent(house, 1499) == (91, house.at(100))
        assert self.percent(house, 3000) == (72, house.at(1500))

    def test_a_camera_that_was_taken_by_mistake_was_not_taken(self, house):
        house.owns("1017", 0)
        house.takes("1017", 100, battery_percent=91)
        mistaken = house.takes("1017", 200, battery_percent=72)
        custody.undo(mistaken, told=house.told(200.5))

        assert self.percent(house, 300) == (91, house.at(100))
        assert self.percent(house, 150) == (91, house.at(100))
        (line,) = lines(house)
        assert [one.undone_by is not None for one in line.events] == [False, False, True]

    def test_after_an_undoing_it_is_that_of_the_custody_that_goes_on(self, house):
        house.gives("1017", 10)
        for minutes in (60, 120):
            mistaken = house.takes_back(minutes, snapshot={"fit": "yes", "battery_percent": 5})
            custody.undo(mistaken, told=house.told(minutes + 0.5))

        assert self.percent(house, 130) == (41, house.at(10))

    def test_of_an_own_camera_that_is_theirs_again_too(self, house):
        house.owns("1017", 0)
        house.takes("1017", 100, battery_percent=91)
        told = house.told(200, reason="Handed over", snapshot={"fit": "yes", "battery_percent": 88})
        moved = custody.transfer(house.camera, house.officers["1031"], custody.Terms(), told=told)
        custody.undo(moved, told=house.told(200.5))

        assert self.percent(house, 300) == (91, house.at(100))

    def test_who_had_it_by_a_correction_had_it_as_it_was_given_out(self, house):
        one = house.gives("1017", 10)
        right = custody.Correction(house.officers["1031"], house.at(10), None)
        custody.correct(one, right, told=house.told(70, reason="The badge was read wrong"))

        assert self.percent(house, 80) == (41, house.at(10))

    def test_nobody_having_it_by_a_correction_it_was_as_it_was_for_nobody(self, house):
        house.owns("1044", 0)
        told = house.told(10, reason="Handed over", snapshot={"fit": "yes", "battery_percent": 88})
        one = custody.transfer(house.camera, house.officers["1031"], custody.Terms(), told=told)
        right = custody.Correction(None, house.at(10), None)
        custody.correct(one.opened, right, told=house.told(70, reason="It never left"))

        assert self.percent(house, 80) is None

    def test_what_froze_nothing_has_none(self, house):
        custody.check_out(
            house.camera, house.officers["1017"], custody.Terms(), told=house.told(10)
        )
        custody.undo(house.takes_back(20), told=house.told(20.5))

        assert self.percent(house, 30) is None


class TestMoments:
    def test_who_held_it_is_who_the_record_says(self, house):
        house.gives("1017", 10)
        house.takes_back(60)

        found = [moments.of_camera(ALL, house.camera, house.at(then)) for then in (10, 59.9, 60)]

        assert [one.known for one in found] == [Known.HELD, Known.HELD, Known.NOBODY]
        assert found[0].records[0].custody.officer == house.officers["1017"]
        assert found[0].records[0].began.snapshot["battery_percent"] == 41

    def test_before_it_was_enrolled_nothing_is_known(self, house):
        house.gives("1017", 10)

        found = moments.of_camera(ALL, house.camera, house.at(-1))

        assert (found.known, found.since) == (Known.UNKNOWN, house.at(10))

    def test_before_custody_was_kept_nothing_is_known(self, house):
        before = moments.of_camera(ALL, house.camera, house.at(1))

        assert (before.known, before.since) == (Known.UNKNOWN, None)

    def test_a_correction_concerns_the_moments_it_speaks_of_and_those_it_corrects(self, house):
        one = house.gives("1017", 10)
        house.takes_back(60)
        house.corrects(one, "1031", (10, 90), at=100)

        found = [moments.of_camera(ALL, house.camera, house.at(then)) for then in (20, 80, 95)]

        assert [len(answer.corrections) for answer in found] == [1, 1, 0]
        assert [answer.known for answer in found] == [Known.HELD, Known.NOBODY, Known.NOBODY]

    def test_an_officer_is_told_of_what_they_held_and_of_what_is_said_they_held(self, house):
        one = house.gives("1017", 10)
        house.takes_back(60)
        house.corrects(one, "1031", (10, 50), at=100)

        said = moments.of_officer(ALL, house.officers["1031"], house.at(20))
        held = moments.of_officer(ALL, house.officers["1017"], house.at(20))
        neither = moments.of_officer(ALL, house.officers["1044"], house.at(20))

        assert (said.known, len(said.corrections)) == (Known.NOBODY, 1)
        assert (held.known, len(held.corrections)) == (Known.HELD, 1)
        assert (neither.known, len(neither.corrections)) == (Known.NOBODY, 0)

    def test_every_event_is_found_in_the_ledger(self, house):
        house.gives("1017", 10)
        house.takes_back(60)
        (record,) = lines(house)

        numbers = moments.entries_of([one.event for one in record.events])

        entries = LedgerEntry.objects.order_by("seq").values_list("seq", flat=True)
        assert list(numbers.values()) == list(entries)


def test_an_officer_of_another_station_who_holds_a_camera_of_ours_is_shown(house):
    north = a_station("N", "North")
    visitor = Officer.objects.create(badge_number="9001", station=north)
    told = house.told(10)
    custody.check_out(house.camera, visitor, custody.Terms(), told=told)
    reaches = [Visible(stations=frozenset({one.pk})) for one in (house.station, north)]

    found = [history.page(reach, Wanted(camera=house.camera)).lines for reach in reaches]

    assert [len(one) for one in found] == [1, 1]


def test_a_history_of_ten_years_reads_little_more_than_it_shows(house):
    ten_years(house)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE devices_custody; ANALYZE devices_custodyevent")

    with CaptureQueriesContext(connection) as asked:
        page = history.page(ALL, Wanted(camera=house.camera), size=25)

    assert len(page.lines) == 25
    assert max(rows_read(query["sql"]) for query in asked) <= 400


@pytest.mark.parametrize("duties", [2, 3_000])
def test_an_own_camera_taken_on_any_number_of_duties_costs_the_same(house, duties):
    house.owns("1017", 0)
    taken_on(house, duties)

    with CaptureQueriesContext(connection) as asked:
        answer = moments.of_camera(ALL, house.camera, house.at(duties + 1))

    (record,) = answer.records
    assert record.readiness(answer.at).at == house.at(duties)
    assert verbs(record) == ["assigned", "taken"]
    assert len(asked) == 6


def taken_on(house, duties):
    """An own camera on one duty after another, a minute apart."""
    CustodyEvent.objects.bulk_create(
        CustodyEvent(
            verb="taken",
            via="desk",
            at=house.at(n),
            camera=house.camera,
            officer=house.officers["1017"],
            by=house.quartermaster,
            desk=house.desk,
            snapshot=SNAPSHOT,
        )
        for n in range(1, duties + 1)
    )


CUSTODIES = 8_000


def ten_years(house):
    """As many custodies as a shift camera has in ten years, each with its begin and its end."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO devices_custody (camera_id, officer_id, kind, extra, opened_at, closed_at)
            SELECT %(camera)s, (%(officers)s::bigint[])[1 + n %% 3], 'shift', FALSE,
                   %(begin)s - n * interval '10 hours', %(begin)s - n * interval '10 hours'
                                                        + interval '8 hours'
            FROM generate_series(1, %(many)s) n ORDER BY n DESC;
            INSERT INTO devices_custodyevent (verb, via, at, camera_id, officer_id, opened_id,
                by_id, desk_id, reason, authority, provisional, snapshot, says)
            SELECT 'checked_out', 'desk', opened_at, camera_id, officer_id, id, %(by)s, %(desk)s,
                   '', '', FALSE, '{"fit": "yes", "reasons": []}', '{}' FROM devices_custody;
            INSERT INTO devices_custodyevent (verb, via, at, camera_id, officer_id, closed_id,
                by_id, desk_id, reason, authority, provisional, snapshot, says)
            SELECT 'checked_in', 'desk', closed_at, camera_id, officer_id, id, %(by)s, %(desk)s,
                   '', '', FALSE, '{}', '{}' FROM devices_custody""",
            {
                "camera": house.camera.pk,
                "officers": [one.pk for one in house.officers.values()],
                "begin": house.begin,
                "by": house.quartermaster.pk,
                "desk": house.desk.pk,
                "many": CUSTODIES,
            },
        )
