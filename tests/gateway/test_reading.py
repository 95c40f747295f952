"""Two ways read a batch, a quick one and a careful one: they must never read two things."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.gateway import reading
from devices.gateway.reading import NotUnderstood
from devices.wire import Verdict
from tests.gateway.words import batch, event, report

NOW = "2026-11-24T06:55:00Z"
PLAIN = batch(
    report(device_time=NOW, position={"latitude": 1.5, "longitude": -2, "accuracy_m": None}),
    report(device_time=NOW, sequence=2, faults=["lens_blocked"], clock_offset_s=0.4),
    events=[event(device_time=NOW)],
    sent_at=NOW,
)

ODD = st.sampled_from(
    [None, True, 0, -0.0, 1.0, 2**31, 2**53, 1e400, "", ":", "é", "\u202e", "0.5", NOW, [], {}]
)
PLACES = [
    (*path, name)
    for path, part in [
        ((), PLAIN),
        (("reports", 0), PLAIN["reports"][0]),
        (("reports", 0, "position"), PLAIN["reports"][0]["position"]),
        (("events", 0), PLAIN["events"][0]),
    ]
    for name in [*part, "surprise"]
]
SPACES = st.sampled_from([(",", ":"), (", ", ": "), (",", " :"), (" ,\n", "\t:\r\n")])


def both(raw):
    """What each way makes of these bytes; None for the quick one if it left them to care."""
    quick = reading._plain(raw)
    try:
        careful = reading._with_care(raw)
    except NotUnderstood as refusal:
        careful = refusal
    return quick and reading._message(quick), careful


def refused(raw):
    """Whether this message, or the first report in it, is."""
    try:
        message = reading.read(raw)
    except NotUnderstood:
        return True
    return isinstance(message.reports[0], Verdict)


def test_a_plain_batch_is_read_the_quick_way():
    quick, careful = both(json.dumps(PLAIN).encode())

    assert quick is not None
    assert quick == careful


@settings(max_examples=300, deadline=None)
@given(place=st.sampled_from(PLACES), odd=ODD, spaces=SPACES, escaped=st.booleans())
def test_what_is_read_the_quick_way_is_read_the_same_with_care(place, odd, spaces, escaped):
    said = json.loads(json.dumps(PLAIN))
    *path, name = place
    part = said
    for step in path:
        part = part[step]
    part[name] = odd

    quick, careful = both(json.dumps(said, separators=spaces, ensure_ascii=escaped).encode())

    assert quick is None or quick == careful


@settings(max_examples=300, deadline=None)
@given(at=st.integers(0, 2000), byte=st.binary(min_size=0, max_size=2))
def test_broken_bytes_are_never_read_the_quick_way_alone(at, byte):
    raw = json.dumps(PLAIN).encode()

    quick, careful = both(raw[:at] + byte + raw[at + 1 :])

    assert quick is None or quick == careful


@pytest.mark.parametrize("between", [":", ": ", " :", "\t:\n"])
@pytest.mark.parametrize(
    ("said", "twice"),
    [
        ('"id": "b1"', '"id"{}"b2", "id": "b1"'),
        ('"boot": 1', '"boot"{}2, "boot": 1'),
        ('"latitude": 1.5', '"latitude"{}2, "latitude": 1.5'),
    ],
)
def test_a_name_that_stands_twice_is_refused(between, said, twice):
    raw = json.dumps(PLAIN).replace(said, twice.format(between), 1).encode()

    assert refused(raw)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{}",
        b"[" * 100_000,
        b'{"id":' + b"1" * 200_000 + b"}",
        b"\xef\xbb\xbf{}",
        b'{"id": NaN}',
        b'{"id": "\x01"}',
        b'{"id": "b1",}',
    ],
)
def test_what_is_no_batch_is_refused_either_way(raw):
    quick, careful = both(raw)

    assert quick is None
    assert isinstance(careful, NotUnderstood)
