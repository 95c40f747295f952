"""A faulty record is refused by its place in the batch; the good ones around it are kept."""

from datetime import UTC, datetime

import pytest

from devices.access.models import Quarantined
from devices.gateway import reading
from devices.health.models import CameraHealth, DockHealth, Reading
from devices.wire import BayEvent, RefusalCode, Report, Result
from tests.gateway.faulty import EVENTS, NO_RECORDS, REPORTS, SURPRISE, written
from tests.gateway.knocking import Socket, post
from tests.gateway.words import batch, event, report, token_of
from tests.rows import a_camera, a_dock, a_station


def read(message):
    return reading.read(written(message).encode())


def assert_refused(verdict, pointer):
    told = (verdict.result, verdict.code, verdict.pointer)
    assert told == (Result.REFUSED, RefusalCode.INVALID, pointer)
    assert SURPRISE not in verdict.reason + verdict.pointer
    assert len(verdict.reason) <= 201
    assert verdict.reason.isprintable()


@pytest.mark.parametrize(("change", "pointer"), REPORTS.values(), ids=REPORTS)
def test_a_faulty_report_alone_is_refused(change, pointer):
    message = read(batch(report(sequence=1), {**report(sequence=2), **change}, report(sequence=3)))

    before, refused, after = message.reports
    assert isinstance(before, Report)
    assert isinstance(after, Report)
    assert_refused(refused, f"/reports/1{pointer}")


@pytest.mark.parametrize("record", NO_RECORDS.values(), ids=NO_RECORDS)
def test_what_is_no_report_alone_is_refused(record):
    message = read(batch(report(), record, events=[record, event()]))

    assert isinstance(message.reports[0], Report)
    assert isinstance(message.events[1], BayEvent)
    for verdict, place in ((message.reports[1], "/reports/1"), (message.events[0], "/events/0")):
        assert verdict.pointer.startswith(place)
        assert_refused(verdict, verdict.pointer)


@pytest.mark.parametrize(("change", "pointer"), EVENTS.values(), ids=EVENTS)
def test_a_faulty_event_alone_is_refused(change, pointer):
    message = read(batch(events=[event(sequence=1), {**event(sequence=2), **change}]))

    assert isinstance(message.events[0], BayEvent)
    assert_refused(message.events[1], f"/events/1{pointer}")


@pytest.mark.parametrize("field", [name for name in Report.model_fields if name in report()])
def test_a_report_that_lacks_something_is_refused(field):
    lacking = {name: value for name, value in report().items() if name != field}

    (verdict,) = read(batch(lacking)).reports

    if Report.model_fields[field].is_required():
        assert_refused(verdict, f"/reports/0/{field}")
    else:
        assert isinstance(verdict, Report)


# --- The same at both doors, down to the rows ------------------------------------------------


async def over_http(raw, token):
    reply = await post(raw.encode(), token)
    assert reply.status == 200
    return reply.json()


async def over_websocket(raw, token):
    socket = await Socket(token).open()
    answer = await socket.say(raw)
    await socket.close()
    return answer


@pytest.fixture
def fleet(transactional_db):
    """A camera, another that nobody speaks of, and a dock's token."""
    now, station = datetime.now(UTC), a_station()
    a_camera(417, station, now)
    a_camera(418, station, now, health={})
    return token_of(a_dock("D01", station), now)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("say", [over_http, over_websocket])
async def test_no_faulty_record_keeps_a_good_one_out_or_leaves_a_trace(say, fleet):
    other = await CameraHealth.objects.values().aget(camera__number=418)
    changes = [*(change for change, _ in REPORTS.values())]
    faulty = [{**report(sequence=10_000 + n), **one} for n, one in enumerate(changes)]
    faulty += NO_RECORDS.values()
    good = [report(sequence=n) for n in range(len(faulty))]
    pairs = zip(good, faulty, strict=True)
    events = [{**event(sequence=100), **change} for change, _ in EVENTS.values()]

    answer = await say(
        written(batch(*(one for pair in pairs for one in pair), events=[*events, event()])), fleet
    )

    told = [one["result"] for one in answer["reports"]]
    assert told == ["stored", "refused"] * len(faulty)
    assert [one["result"] for one in answer["events"]] == ["refused"] * len(events) + ["stored"]
    assert (await CameraHealth.objects.aget(camera__number=417)).received == [0, len(good) - 1]
    assert (await DockHealth.objects.aget()).received == [1, 1]
    assert await CameraHealth.objects.values().aget(camera__number=418) == other
    assert not await Reading.objects.filter(sequence__gte=len(good)).aexists()
    assert not await Quarantined.objects.aexists()
