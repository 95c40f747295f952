"""From bytes to rows: what cannot be read is said in a sentence, with the line where it stands."""

import pytest

from devices.inventory.imports import Kind
from devices.inventory.imports.reading import MOST_BYTES, MOST_ROWS, Unreadable, read
from devices.inventory.imports.sheets import SHEETS

STATIONS = SHEETS[Kind.STATIONS]
TEXT = "code,name\nHQ,Headquarters\n"
HQ = {"code": "HQ", "name": "Headquarters"}


def rows(raw):
    table = read(raw if isinstance(raw, bytes) else raw.encode(), STATIONS)
    assert table.errors == []
    return [(row.line, row.values) for row in table.rows]


def errors(text, sheet=STATIONS):
    return [
        (error.line, error.column, error.sentence) for error in read(text.encode(), sheet).errors
    ]


@pytest.mark.parametrize(
    "raw",
    [
        TEXT,
        TEXT.replace(",", ";"),
        TEXT.replace(",", "\t"),
        TEXT.replace("\n", "\r\n"),
        TEXT.replace("\n", "\r"),
        TEXT.rstrip(),
        TEXT.encode("utf-8-sig"),
        '"code","name"\n"HQ","Headquarters"\n',
        "Code , NAME\nhq, Headquarters \n",
        "name,code\nHeadquarters,HQ\n",
        "code,name,,\nHQ,Headquarters,,\n",
        "code,name\nHQ,Headquarters,,,\n",
        '\ufeff"code";name\nHQ;Headquarters\n',
    ],
)
def test_the_same_file_is_read_however_it_was_saved(raw):
    assert rows(raw) == [(2, HQ)]


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("\n\ncode,name\n\nHQ,A\n , \n\nN,B\n\n", [5, 8]),
        ("code,name\r\n\r\nHQ,A\r\nN,B", [3, 4]),
        ('code,name\nHQ,"A"\nN,B\n', [2, 3]),
    ],
)
def test_blank_lines_are_passed_over_and_counted(text, lines):
    assert [line for line, _ in rows(text)] == lines


def test_a_row_is_named_by_the_line_it_begins_in():
    text = 'code,name\nHQ,"two\nlines"\nN,\n'

    assert errors(text) == [
        (2, "name", "name holds an invisible or control character."),
        (4, "name", "name is empty."),
    ]


@pytest.mark.parametrize(
    ("raw", "sentence"),
    [
        (b"", "The file is empty"),
        (b"\xef\xbb\xbf", "The file is empty"),
        (b" \n\t\r\n ", "The file is empty"),
        (b"code,name\n", "a header and no rows"),
        (TEXT.encode("utf-16"), "is UTF-16"),
        (TEXT.encode("utf-16-le"), "holds a NUL"),
        (TEXT.encode("utf-16-be"), "holds a NUL"),
        (TEXT.encode("utf-32"), "is UTF-16"),
        ("code,name\nHQ,Café\n".encode("latin-1"), "is not UTF-8"),
        ("code,name\nHQ,Café\n".encode("cp1252"), "is not UTF-8"),
        (b"code,name\nHQ,\xed\xa0\x80\n", "is not UTF-8"),
        (b"code,name\nHQ,\xc0\xaf\n", "is not UTF-8"),
        (b"PK\x03\x04" + b"\x14\x00" * 40, "NUL"),
        (b"code,name\nHQ,a\x00b\n", "holds a NUL"),
        (b'code,name\n"HQ,Headquarters\n', "begins in line 2 cannot be read"),
        (b'code,name\nHQ,A\n"N,B\nS,C\n', "begins in line 3 cannot be read"),
        (b'code,name\nHQ,"A" and B\n', "begins in line 2 cannot be read"),
        (b"code,name\nHQ," + b"x" * 200_000, "begins in line 2 cannot be read"),
        (b'code,name\nHQ,"' + b"x\n" * 100_000, "begins in line 2 cannot be read"),
        (b"code,name\nHQ," + b"x" * MOST_BYTES, "larger than 5 MB"),
        (b"code,name\n" + b"HQ,A\n" * (MOST_ROWS + 1), "more than 20,000 rows"),
        (b"," * 1_000_000, "is missing"),
        (b"code\nHQ\n", "“name” is missing"),
        (b"sep=;\ncode;name\nHQ;A\n", "is not known"),
        (b"code,name,colour\nHQ,A,red\n", "“colour” is not known. A file of stations may have"),
        (b"code,,name\nHQ,,A\n", "is not known"),
        (b"code,name,name\nHQ,A,B\n", "“name” stands there twice"),
        (b"code," * 1_000_000 + b"name\nHQ,A\n", "“code” stands there twice"),
        (b"code,name,CODE\nHQ,A,N\n", "“code” stands there twice"),
        (b"HQ,Headquarters\nN,North\n", "is not known"),
        ("code,name,\x1b[2J\u202er\ned\nHQ,A,B\n".encode(), r"“\[2jr” is not known"),
        ("code,nаme\nHQ,A\n".encode(), "is not known"),  # noqa: RUF001  (Cyrillic)
    ],
)
def test_a_file_that_cannot_be_read_is_refused_as_a_whole(raw, sentence):
    with pytest.raises(Unreadable, match=sentence) as refusal:
        read(raw, STATIONS)

    assert len(str(refusal.value)) < 300


@pytest.mark.parametrize("kind", list(Kind))
@pytest.mark.parametrize(
    "column", ["role", "roles", "groups", "user", "username", "password", "is_superuser", "token"]
)
def test_no_file_makes_anybody_more_than_they_are(kind, column):
    header = ",".join(one.name for one in SHEETS[kind].columns)

    with pytest.raises(Unreadable, match=f"“{column}” is not known"):
        read(f"{header},{column}\n".encode(), SHEETS[kind])


def test_every_fault_of_every_row_is_told():
    text = "code,name\nHQ,=1\n,B\nN,C,D\nS 1,-\nOK,Fine\n"

    found = errors(text)

    assert [(line, column) for line, column, _ in found] == [
        (2, "name"),
        (3, "code"),
        (4, ""),
        (5, "code"),
        (5, "name"),
    ]
    assert found[2][2] == "The row has more cells than the header."


def test_a_row_with_fewer_cells_leaves_the_others_empty():
    text = "badge_number,station,unit\n201,HQ\n"

    (row,) = read(text.encode(), SHEETS[Kind.OFFICERS]).rows

    assert row.values == {"badge_number": "201", "station": "HQ", "unit": ""}


def test_a_column_that_is_not_in_the_file_is_not_told():
    (row,) = read(b"badge_number,station\n201,HQ\n", SHEETS[Kind.OFFICERS]).rows

    assert row.values.keys() == {"badge_number", "station"}
