"""What two parsers might read differently is not read at all."""

import json

import pytest

from devices.gateway.strict import (
    DEEPEST,
    NO_NUMBER,
    NOT_NFC,
    TOO_LONG,
    TWINS,
    UNWANTED,
    Malformed,
    parse,
)


def nested(depth: int) -> bytes:
    return b"[" * depth + b"]" * depth


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b" ",
        b"{",
        b'{"a": 1,}',
        b"{'a': 1}",
        b'{"a" 1}',
        b"[1 2]",
        b"01",
        b"+1",
        b"0x10",
        b"tru",
        b'"open',
        b'"\n"',
        b'"\x00"',
        b"\xef\xbb\xbf{}",
        b"{}{}",
        b"\xff",
        b'"\xed\xa0\x80"',
        b'"\xc0\xaf"',
        "{}".encode("utf-16"),
        nested(DEEPEST + 1),
        nested(5_000),
        nested(100_000),
        b"[" * 100_000,
        b'{"a":' * 5_000 + b"1" + b"}" * 5_000,
        b'["' + b"\\" * 99_999 + b'"' + nested(17),
    ],
    ids=lambda raw: ascii(raw[:24]),
)
def test_what_is_no_json_of_ours_is_malformed(raw):
    with pytest.raises(Malformed) as told:
        parse(raw)

    assert len(str(told.value)) < 80


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        (nested(DEEPEST), json.loads(nested(DEEPEST))),
        (b'"[[[[[[[[[[[[[[[[[["', "[" * 18),
        (b'{"a": "\\"[[[[[[[[[[[[[[[[["}', {"a": '"' + "[" * 17}),
        (b'"caf\xc3\xa9"', "café"),
        (b'"\\u00e9"', "é"),
        (b'"\\ud83d\\udcf7"', "\N{CAMERA}"),
        (b"12345678901234567890", 12345678901234567890),
        (b"-0", 0),
        (b'[true, null, 1.5, ""]', [True, None, 1.5, ""]),
    ],
)
def test_plain_json_is_read_as_it_stands(raw, value):
    assert parse(raw) == value


@pytest.mark.parametrize(
    ("raw", "fault"),
    [
        (b'{"a": 1, "a": 1}', TWINS),
        (b'{"a": 1, "\\u0061": 2}', TWINS),
        (b"NaN", NO_NUMBER),
        (b"Infinity", NO_NUMBER),
        (b"-Infinity", NO_NUMBER),
        (b"1" * 21, TOO_LONG),
        (b"9" * 4_000, TOO_LONG),
        (b"-" + b"9" * 200_000, TOO_LONG),
        (b'"\\ud800"', UNWANTED),
        (b'"\\udc00\\ud800"', UNWANTED),
        (b'"\\u0000"', UNWANTED),
        (b'"\\u001b[31m"', UNWANTED),
        (b'"\\u0085"', UNWANTED),
        ('"\N{RIGHT-TO-LEFT OVERRIDE}"'.encode(), UNWANTED),
        ('"\N{LEFT-TO-RIGHT ISOLATE}"'.encode(), UNWANTED),
        (b'"\\u202e"', UNWANTED),
        ('"a\N{ZERO WIDTH SPACE}"'.encode(), UNWANTED),
        ('"a\N{ZERO WIDTH JOINER}"'.encode(), UNWANTED),
        ('"\N{LINE SEPARATOR}"'.encode(), UNWANTED),
        (b'"\\ufeff"', UNWANTED),
        ('"e\N{COMBINING ACUTE ACCENT}"'.encode(), NOT_NFC),
        ('"\N{ANGSTROM SIGN}"'.encode(), NOT_NFC),
        ('{"a\N{RIGHT-TO-LEFT OVERRIDE}": 1}'.encode(), UNWANTED),
    ],
    ids=lambda one: ascii(one[:24]) if isinstance(one, bytes) else "",
)
def test_what_may_be_read_in_two_ways_stands_as_unsound_wherever_it_is(raw, fault):
    beside = b'{"a": [1, %s, "b"], "c": {"d": %s}}' % (raw, raw)

    assert parse(raw) == fault
    assert parse(beside) == {"a": [1, fault, "b"], "c": {"d": fault}}
