"""The roll call as a file: the same facts as the page, whole whatever stands in them."""

import base64
import re
import zlib

import pytest
from django.utils.timezone import localtime, now

from dashboard import roll_call_pdf, roll_calls
from dashboard.lettering import UNDRAWABLE, drawable
from dashboard.roll_call_pdf import MISSING
from devices.inventory.models import Officer
from devices.ledger import LedgerEntry
from devices.policy import Policy
from devices.roles import Role
from tests import rows
from tests.readiness.test_shifts import FLAT, HOUR, a_shift, a_spare, on

pytestmark = pytest.mark.django_db
HOSTILE = '<b>&amp;</para><img src="file:///etc/passwd"/> (x) Tj % \\'


@pytest.fixture
def station():
    return rows.a_station()


@pytest.fixture
def shift(station):
    at = now()
    shift = a_shift(station, at - HOUR, name="Day", reserve=1)
    on(shift, 1001, at, {})
    on(shift, 1002, at, FLAT)
    on(shift, 1003, at)
    a_spare(2001, station, at)
    return shift


def pages(file: bytes) -> list[str]:
    """What is written on each page. ASCII is ASCII in a font's first subset; the rest is not."""
    found = []
    for stream in re.findall(rb"stream\r?\n(.*?)endstream", file, re.DOTALL):
        if stream.rstrip().endswith(b"~>"):
            raw = zlib.decompress(base64.a85decode(stream.strip().removesuffix(b"~>")))
            if b" Tj" in raw:
                found.append(_words(raw.decode("latin-1")))
    return found


def _words(stream: str) -> str:
    said = re.findall(r"\(((?:\\.|[^\\)])*)\) Tj", stream)
    return " ".join(re.sub(r"\\([()\\])", r"\1", one) for one in said)


def taken(client, shift):
    return client.get(f"/shift/{shift.pk}/roll-call.pdf")


def signed_in(client, role, station):
    user = rows.person(role, station)
    client.force_login(user)
    return user


def test_it_says_what_the_page_says(client, station, shift):
    signed_in(client, Role.COMMANDER, station)

    response = taken(client, shift)

    (said,) = pages(response.content)
    sheet = roll_calls.sheet(shift, badges=True, now=now(), policy=Policy())
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"].startswith('attachment; filename="roll-call-')
    assert response["Cache-Control"] == "no-store"
    for fact in (
        f"{shift}, Headquarters",
        *(word for word in sheet.sentence.split()),
        *(str(badge) for badge in (1001, 1002, 1003)),
        "C1002 lacks",
        "not tested",
        "Ready",
        "C2001,",
        "Inspected by",
        f"As of {localtime():%Y-%m-%d}",
        f"{localtime():%Z}",
        "Page 1 of 1",
    ):
        assert fact in said, fact


def test_who_may_not_read_badges_gets_none(client, station, shift):
    signed_in(client, Role.IT, station)

    (said,) = pages(taken(client, shift).content)

    assert "C1001" in said
    assert "Badge" not in said
    assert not re.search(r"\b1001\b", said)


@pytest.mark.parametrize("role", [Role.OFFICER, Role.ADMINISTRATOR])
def test_whom_it_does_not_concern_gets_nothing(client, station, shift, role):
    signed_in(client, role, station)

    assert taken(client, shift).status_code == 403


def test_that_somebody_took_it_is_in_the_ledger(client, station, shift):
    user = signed_in(client, Role.COMMANDER, station)

    taken(client, shift)

    entry = LedgerEntry.objects.get(verb="exported roll call")
    assert (entry.actor, entry.facts["station"], entry.facts["badges"]) == (user, "HQ", True)


def test_many_people_are_many_pages(client, station, shift):
    signed_in(client, Role.COMMANDER, station)
    for badge in range(3000, 3137):
        on(shift, badge, now(), FLAT)
    sheet = roll_calls.sheet(shift, badges=True, now=now(), policy=Policy())

    found = pages(roll_call_pdf.drawn(sheet))

    assert len(found) > 2
    for number, page in enumerate(found, 1):
        assert f"Page {number} of {len(found)}" in page
        assert ("Camera" in page) == ("lacks" in page)
        assert f"{shift}, Headquarters" in page
    assert all(f"C{badge} lacks" in " ".join(found) for badge in range(3000, 3137))


def test_an_empty_shift_is_a_sheet_too(client, station):
    signed_in(client, Role.COMMANDER, station)

    (said,) = pages(taken(client, a_shift(station, now() + HOUR)).content)

    assert "Nobody is rostered." in said
    assert "None." in said


def test_nothing_that_people_wrote_is_markup(client, shift, station):
    signed_in(client, Role.COMMANDER, station)
    type(station).objects.update(name=HOSTILE)
    Officer.objects.update(unit=HOSTILE[:60])
    type(shift.kind).objects.update(name=HOSTILE[:60])

    (said,) = pages(taken(client, shift).content)

    assert "<b>&amp;</para><img" in said
    assert 'src="file:///etc/passwd"/> (x) Tj % \\' in said.replace("  ", " ")


def test_a_long_word_stays_on_the_sheet(client, shift, station):
    signed_in(client, Role.COMMANDER, station)
    Officer.objects.update(unit="W" * 60)

    assert taken(client, shift).status_code == 200


@pytest.mark.parametrize(
    ("written", "drawn"),
    [
        ("".join(map(chr, range(0xA1, 0x100))).replace("\xad", ""),) * 2,
        ("Łomża, Škoda “North” 5 €", "Łomza, Škoda “North” 5 €"),
        ("Erdős", "Erdos"),
        ("two\nlines\tand  spaces", "two lines and spaces"),
        ("Ж1", f"{UNDRAWABLE}1"),
        ("a\u202eb\x00", f"a{UNDRAWABLE}b{UNDRAWABLE}"),
        ("e\u0301", "é"),
    ],
)
def test_any_name_is_drawn_or_clearly_is_not(written, drawn):
    assert drawable(written) == drawn


def test_the_sheet_says_when_it_lacks_a_letter(client, shift, station):
    signed_in(client, Role.COMMANDER, station)
    (without,) = pages(taken(client, shift).content)
    Officer.objects.filter(badge_number="1001").update(unit="Отряд 3")

    (with_it,) = pages(taken(client, shift).content)

    said = MISSING.removeprefix(UNDRAWABLE).strip()
    assert said not in without
    assert said in with_it


def test_its_font_is_part_of_the_file(client, shift, station):
    signed_in(client, Role.COMMANDER, station)

    file = taken(client, shift).content

    assert file.startswith(b"%PDF-1.")
    assert file.rstrip().endswith(b"%%EOF")
    assert file.count(b"/FontFile2") == 2
    assert b"/Lang (en)" in file
