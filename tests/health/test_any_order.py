"""Whatever order, repetition or loss the way of the records brings, the end is the same."""

from datetime import UTC, datetime, timedelta
from functools import partial

from hypothesis import given, settings
from hypothesis import strategies as st

from devices.health.rules import Arrival, Known, Outcome, Place, fold
from devices.policy import Policy
from devices.wire import Report, Result

POLICY = Policy()
NOON = datetime(2030, 1, 1, 12, tzinfo=UTC)
DOCKS = {1: (11, 12), 2: (21, 22)}  # their bays
Record = Arrival | Place


def report(order, at, *, mode="off", docked=True, bay=None, percent=50, state="charging"):
    said = Report(
        serial="BWC-1",
        boot=order[0],
        sequence=order[1],
        device_time=at,
        docked=docked,
        mode=mode,
        battery_percent=percent,
        battery_state=state,
        storage_used_mb=1,
        storage_free_mb=1,
        firmware_version="1",
    )
    return Arrival(said, at, clock_wrong=False, bay_id=bay if docked else None, dock_id=1)


def sighting(dock, count, at, bay):
    return Place(at, bay is not None, bay, dock, count)


def minutes(number: int) -> datetime:
    return NOON + timedelta(minutes=number)


ORDERS = st.tuples(st.integers(0, 2), st.integers(0, 9))
MOMENTS = st.integers(0, 40).map(minutes)  # few, so that many fall together, or out of order
SAID = st.fixed_dictionaries(
    {
        "mode": st.sampled_from(["off", "buffering", "recording"]),
        "docked": st.booleans(),
        "bay": st.sampled_from([None, 11, 12, 21]),
        "percent": st.integers(48, 50),
        "state": st.sampled_from(["charging", "discharging"]),
    }
)
REPORTS = st.builds(lambda order, at, said: report(order, at, **said), ORDERS, MOMENTS, SAID)
SIGHTINGS = st.sampled_from(sorted(DOCKS)).flatmap(
    lambda dock: st.builds(
        partial(sighting, dock), ORDERS, MOMENTS, st.sampled_from([None, *DOCKS[dock]])
    )
)


def name(record: Record) -> tuple[object, ...]:
    """What makes a record the same record when it comes again."""
    if isinstance(record, Arrival):
        return ("report", *record.order)
    return ("seen", record.dock_id, record.count)


RECORDS = st.lists(st.one_of(REPORTS, SIGHTINGS), max_size=14, unique_by=name)


@st.composite
def journeys(draw, records):
    """The same records in any order, some of them again, cut into batches anywhere."""
    again = draw(st.lists(st.sampled_from(records), max_size=6)) if records else []
    return split(draw, draw(st.permutations([*records, *again])))


def split(draw, records):
    cuts = sorted(draw(st.sets(st.integers(1, max(1, len(records) - 1)), max_size=5)))
    return [records[a:b] for a, b in zip([0, *cuts], [*cuts, len(records)], strict=True)]


def deliver(batches) -> tuple[Known, list[Outcome]]:
    """What is known after these batches. A dock's event is told to the rules once."""
    known, told, outcomes = Known(), set(), []
    for batch in filter(None, batches):
        claims = []
        for one in batch:
            if isinstance(one, Place) and name(one) not in told:
                told.add(name(one))
                claims.append(one)
        outcome = fold(known, [one for one in batch if isinstance(one, Arrival)], claims, POLICY)
        known = outcome.known
        outcomes.append(outcome)
    return known, outcomes


def end(known: Known) -> Known:
    """All of it but what tells of the way there."""
    return known._replace(since=None, reading_at=None, moved_at=None)


@given(st.data(), RECORDS)
def test_any_order_repetition_and_cut_ends_the_same(data, records):
    plainly, _ = deliver([records])

    known, _ = deliver(data.draw(journeys(records)))

    assert end(known) == end(plainly)


@given(st.data(), RECORDS)
def test_each_report_is_stored_once(data, records):
    _, outcomes = deliver(data.draw(journeys(records)))

    results = [result for outcome in outcomes for result in outcome.results]
    reports = {one.order for one in records if isinstance(one, Arrival)}
    assert results.count(Result.STORED) == len(reports)


@given(st.data(), RECORDS.filter(bool))
def test_what_is_lost_leaves_the_end_of_what_came(data, records):
    came = data.draw(st.lists(st.sampled_from(records), unique_by=name))

    known, _ = deliver(data.draw(journeys(came)))

    plainly, _ = deliver([[one] for one in records if one in came])
    assert end(known) == end(plainly)
    orders = [one.order for one in came if isinstance(one, Arrival)]
    assert (known.boot, known.sequence) == max(orders, default=(None, None))


@given(st.data(), RECORDS)
def test_since_is_always_a_moment_that_was_told_of(data, records):
    known, _ = deliver(data.draw(journeys(records)))

    assert known.since in {None, *(one.at for one in records)}
    assert (known.since is None) == (not records)


@st.composite
def days(draw):
    """Records as they happened: every count and every moment after the one before."""
    records, boots, sequences = [], {"camera": 1, 1: 1, 2: 1}, {"camera": 0, 1: 0, 2: 0}
    at = NOON
    for who in draw(st.lists(st.sampled_from(["camera", "camera", 1, 2]), max_size=14)):
        at += timedelta(seconds=draw(st.sampled_from([1, 60, 600, 1200])))
        boots[who] += draw(st.sampled_from([0, 0, 0, 1]))
        sequences[who] += 1
        count = (boots[who], sequences[who])
        if who == "camera":
            records.append(report(count, at, **draw(SAID)))
        else:
            bay = draw(st.sampled_from([None, *DOCKS[who]]))
            records.append(sighting(who, count, at, bay))
    return records


@settings(max_examples=80)
@given(st.data(), days())
def test_what_comes_as_it_happened_is_remembered_the_same_however_it_is_cut(data, records):
    known, outcomes = deliver(split(data.draw, records))

    one_by_one, singly = deliver([[one] for one in records])
    assert known == one_by_one
    for kept in ("readings", "moves"):
        assert [one for outcome in outcomes for one in getattr(outcome, kept)] == [
            one for outcome in singly for one in getattr(outcome, kept)
        ]


@given(RECORDS)
def test_the_present_is_the_greatest_count_and_the_place_the_later_of_two(records):
    known, _ = deliver([records])

    reports = [one for one in records if isinstance(one, Arrival)]
    newest = max(reports, key=lambda one: one.order, default=None)
    seen = max((one for one in records if isinstance(one, Place)), key=latest, default=None)
    told = [one for one in (newest and newest.place, seen) if one]
    place = max(told, key=lambda one: (one.at, one is seen), default=None)
    assert known.facts == (newest and newest.facts)
    assert known.seen == seen
    assert known.place == place


def latest(place: Place) -> tuple[object, ...]:
    """Of two docks' words at one instant any fixed order does; of one dock's, its own count."""
    return (place.at, place.count, place.docked, place.bay_id or 0)


def test_two_words_of_one_dock_at_one_instant_are_taken_in_its_own_order():
    came, left = sighting(1, (1, 7), NOON, 11), sighting(1, (1, 8), NOON, None)

    for batches in ([[came, left]], [[left, came]], [[left], [came]]):
        known, _ = deliver(batches)

        assert known.place == left


def test_an_older_report_that_claims_to_be_later_moves_nothing():
    docked = report((1, 9), minutes(0), bay=11)
    before = report((1, 8), minutes(30), docked=False, mode="recording")

    known, _ = deliver([[docked], [before]])

    assert known.place == docked.place
    assert known.facts == docked.facts


def test_a_newer_report_with_an_earlier_moment_gives_the_docks_word_its_turn():
    """Its clock was ahead and has been set right: what a dock saw in between comes first again."""
    ahead, seen = report((1, 1), minutes(30), bay=11), sighting(1, (1, 1), minutes(20), None)
    right = report((1, 2), minutes(10), bay=12)

    known, _ = deliver([[ahead], [seen], [right]])

    assert known.place == seen


def test_a_move_that_comes_late_is_kept_for_history():
    now = sighting(1, (1, 3), minutes(30), 11)
    earlier = [sighting(1, (1, 1), minutes(10), 12), sighting(1, (1, 2), minutes(20), None)]

    known, outcomes = deliver([[now], earlier])

    assert known.place == now
    assert outcomes[-1].moves == earlier


def test_a_dock_that_says_again_where_a_camera_sits_is_no_move():
    first, again = sighting(1, (1, 1), minutes(1), 11), sighting(1, (2, 1), minutes(9), 11)

    _, outcomes = deliver([[first], [again]])

    assert [outcome.moves for outcome in outcomes] == [[first], []]


@given(st.data(), RECORDS)
def test_where_it_is_it_has_been_since_a_moment_that_was_told_of(data, records):
    known, _ = deliver(data.draw(journeys(records)))

    assert known.moved_at in {None, *(one.at for one in records)}
    assert (known.moved_at is None) == (known.place is None)
    assert known.place is None or known.moved_at <= known.place.at
