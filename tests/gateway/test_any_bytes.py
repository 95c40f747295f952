"""Whatever bytes come, the parser gives a message or a sentence, and the door an answer."""

import copy
import http.client
import json
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from devices.gateway import reading
from devices.gateway.reading import Message, NotUnderstood
from devices.health.models import CameraHealth
from devices.wire import BayEvent, Report, Verdict
from tests.gateway.faulty import written
from tests.gateway.words import batch, event, report, token_of
from tests.patience import PATIENCE_S
from tests.rows import a_camera, a_dock, a_station

VALID = batch(
    report(sequence=1, position={"latitude": 41.8, "longitude": -72.7}, faults=["lens_blocked"]),
    report(sequence=2, clock_offset_s=-0.5, temperature_c=31.5),
    events=[event(sequence=1)],
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=50),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=8,
)


def places(value, where=()):
    """Every place in a value, itself included."""
    yield where
    if isinstance(value, dict | list):
        steps = value.items() if isinstance(value, dict) else enumerate(value)
        for step, inner in steps:
            yield from places(inner, (*where, step))


PLACES = sorted(filter(None, places(VALID)), key=str)


@st.composite
def mutants(draw):
    """A valid batch in which a few things have gone, changed or been added."""
    mutant = copy.deepcopy(VALID)
    for where in draw(st.lists(st.sampled_from(PLACES), min_size=1, max_size=3)):
        at = mutant
        for step in where[:-1]:
            at = at[step] if has(at, step) else {}
        if not has(at, where[-1]):
            continue
        match draw(st.sampled_from(["change", "remove", "add"])):
            case "change":
                at[where[-1]] = draw(VALUES)
            case "remove":
                del at[where[-1]]
            case "add" if isinstance(at, dict):
                at[draw(st.text(max_size=9))] = draw(VALUES)
            case _:
                at.append(draw(VALUES))
    return json.dumps(mutant).encode()


def has(value, step):
    if isinstance(value, list):
        return isinstance(step, int) and step < len(value)
    return isinstance(value, dict) and step in value


@st.composite
def torn(draw):
    """A valid batch with bytes changed, left out, doubled or put in."""
    raw = bytearray(written(VALID).encode())
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(raw)))
        end = start + draw(st.integers(0, 8))
        raw[start:end] = draw(st.one_of(st.binary(max_size=8), st.just(bytes(raw[start:end] * 2))))
    return bytes(raw)


BRACKETS = st.lists(st.sampled_from([b"[", b"{", b'"', b"\\", b"]", b"}", b":", b",", b"1"]))
BYTES = st.one_of(st.binary(max_size=400), mutants(), torn(), BRACKETS.map(b"".join))


def outcome(raw):
    try:
        return reading.read(raw)
    except NotUnderstood as refused:
        return refused


@settings(max_examples=200)
@given(BYTES)
def test_the_parser_gives_a_message_or_a_sentence(raw):
    match outcome(raw):
        case Message() as message:
            assert all(isinstance(one, Report | Verdict) for one in message.reports)
            assert all(isinstance(one, BayEvent | Verdict) for one in message.events)
            records = (*message.reports, *message.events)
            told = [one.reason + one.pointer for one in records if isinstance(one, Verdict)]
        case refused:
            assert refused.status == (422 if refused.faults else 400)
            told = [str(refused), *(one.detail + one.pointer for one in refused.faults)]
    assert all(sentence.isprintable() and len(sentence) < 400 for sentence in told)


@pytest.fixture
def token(transactional_db):
    now, station = datetime.now(UTC), a_station()
    a_camera(417, station, now)
    a_camera(418, station, now, health={})
    return token_of(a_dock("D01", station), now)


@settings(
    max_examples=80,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(raw=BYTES)
def test_the_real_door_answers_whatever_comes_and_goes_on(server, token, raw):
    other = CameraHealth.objects.values().get(camera__number=418)
    door = http.client.HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE_S)
    kind = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}

    door.request("POST", "/gateway/v1/reports", raw, kind)
    reply = door.getresponse()
    told = json.loads(reply.read())
    door.close()

    assert reply.status in (200, 400, 422)
    if reply.status == 200:
        assert {one["result"] for one in told["reports"]} <= {"stored", "duplicate", "refused"}
    else:
        assert reply.headers["Content-Type"] == "application/problem+json"
    assert CameraHealth.objects.values().get(camera__number=418) == other
