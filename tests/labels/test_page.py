"""The page: what it prints for whom, what it refuses in a sentence, and what it remembers."""

import re
from itertools import pairwise

import pytest
from django.test import Client
from django.utils.timezone import now

from dashboard.labels import asked
from devices.inventory.models import Camera, ServiceState
from devices.ledger import LedgerEntry
from devices.roles import Role
from tests import rows

pytestmark = pytest.mark.django_db


@pytest.fixture
def hq():
    station = rows.a_station()
    rows.a_dock("D03", station, bays=3)
    for number in (417, 418, 419, 421, 533):
        rows.a_camera(number, station, now())
    return station


@pytest.fixture
def north():
    station = rows.a_station("N", "North")
    rows.a_dock("D09", station, bays=2)
    rows.a_camera(900, station, now())
    return station


@pytest.fixture
def client(hq):
    return client_of(Role.QUARTERMASTER, hq)


def client_of(role, *stations):
    client = Client()
    client.force_login(rows.person(role, *stations))
    return client


def page(client, **said):
    return client.get("/labels/", said)


def titles(response):
    """The names on the first sheet, in the order of its places."""
    return re.findall(r'font-weight="bold"[^>]*>([^<]+)</text>', response.content.decode())


def sentence(response):
    html = response.content.decode()
    said = re.search(r'role="alert">.*?<span>(.*?)</span>', html, re.S)
    return said[1] if said else " ".join(re.findall(r'class="fault"[^>]*>(.*?)</span>', html))


def test_unasked_it_shows_every_camera_within_reach(client, north):
    response = page(client)

    assert response.status_code == 200
    assert titles(response) == ["C0417", "C0418", "C0419", "C0421", "C0533"]
    assert "5 labels on 1 sheet." in response.content.decode()


def test_it_prints_everywhere_and_others_nothing(hq, north):
    assert titles(page(client_of(Role.IT), station="N")) == ["C0900"]
    for role in (Role.COMMANDER, Role.OFFICER, Role.AUDITOR, Role.ADMINISTRATOR):
        other = client_of(role, hq)
        assert page(other).status_code == 403
        assert other.get("/labels.pdf").status_code == 403


def test_a_retired_camera_has_a_label_only_if_it_is_named(client):
    Camera.objects.filter(number=418).update(service_state=ServiceState.RETIRED)

    assert "C0418" not in titles(page(client))
    assert titles(page(client, what="list", cameras="418")) == ["C0418"]


@pytest.mark.parametrize(
    ("written", "printed"),
    [
        ("C0417-C0419, C0533", ["C0417", "C0418", "C0419", "C0533"]),
        ("c0533 417", ["C0533", "C0417"]),
        ("C0419 - C0417; C0418", ["C0417", "C0418", "C0419"]),
        ("417\u2013421", ["C0417", "C0418", "C0419", "C0421"]),
        ("C0417 to C0418\nC0421", ["C0417", "C0418", "C0421"]),
        ("C0417A,", ["C0417"]),
        ("0-999999999", ["C0417", "C0418", "C0419", "C0421", "C0533"]),
    ],
)
def test_a_list_is_read_as_people_write_it(client, written, printed):
    assert titles(page(client, what="list", cameras=written)) == printed


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("", "Write which cameras, such as C0417-C0430, C0533."),
        (" , ;", "Write which cameras, such as C0417-C0430, C0533."),
        ("C0999", "No camera of yours is called C0999."),
        ("C0900", "No camera of yours is called C0900."),
        ("C0600-C0700", "No camera of yours lies between C0600 and C0700."),
        ("C0417B", "C0417B is no label of a camera: its check letter is wrong."),
        ("D03-5", "D03 is no camera: write its number, such as C0417."),
        ("1-2-3", "1-2-3 is no range: write two cameras, such as C0417-C0430."),
        ("-", "- is no range: write two cameras, such as C0417-C0430."),
        ("C0417-", "C0417- is no range: write two cameras, such as C0417-C0430."),
        ("99999999999", "99999999999 is no camera: write its number, such as C0417."),
        ("4294967295", "4294967295 is no camera: write its number, such as C0417."),
        ("²", "² is no camera: write its number, such as C0417."),
        ("<b>", "&lt;b&gt; is no camera: write its number, such as C0417."),
        ("417, " * 2_000, "The list is too long: write ranges, such as C0417-C0430."),
        ("\0", "Null characters are not allowed."),
    ],
)
def test_a_list_that_names_nothing_is_refused_in_a_sentence(client, north, written, said):
    for address in ("/labels/", "/labels.pdf"):
        response = client.get(address, {"what": "list", "cameras": written})

        assert response.status_code == 422
        assert sentence(response) == said
    assert not LedgerEntry.objects.filter(verb="printed labels").exists()


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ({"what": "people"}, "Choose what to print labels for."),
        ({"station": "N"}, "Choose one of your stations."),
        ({"what": "bays", "dock": "D09"}, "Choose one of your stations&#x27; docks."),
        ({"stock": "L9999"}, "Choose what the labels are printed on."),
        ({"codes": "3"}, "Choose which codes the labels carry."),
        ({"used": "21"}, "A sheet of L7160 has 21 labels: say how many are used, from 0 to 20."),
        ({"used": "-1"}, "Say how many labels of the first sheet are used: 0, or more."),
        ({"used": "9" * 5_000}, "Say how many labels of the first sheet are used: 0, or more."),
        ({"right": "11"}, "Move right, mm: a number from -10 to 10, with one decimal at most."),
        ({"down": "NaN"}, "Move down, mm: a number from -10 to 10, with one decimal at most."),
        ({"down": "1e99"}, "Move down, mm: a number from -10 to 10, with one decimal at most."),
        ({"down": "0.25"}, "Move down, mm: a number from -10 to 10, with one decimal at most."),
        (
            {"stock": "L4731"},
            "L4731 is too small for barcode and QR code: the squares of C0417 would be smaller "
            "than 0.3 mm. Print one of the two, or take larger labels.",
        ),
        (
            {"what": "cards", "stock": "2x1"},
            "2x1 is too narrow: the bars of Scanner test 1 of 3 would be thinner than 0.19 mm. "
            "Print its QR code alone, or take larger labels.",
        ),
    ],
)
def test_what_cannot_be_printed_is_said_in_a_sentence(client, north, said, answer):
    for address in ("/labels/", "/labels.pdf"):
        response = client.get(address, said)

        assert response.status_code == 422
        assert answer in sentence(response)


def test_what_does_not_matter_is_not_held_against_anybody(client):
    said = {"stock": "2x1", "used": "many", "dock": "gone", "cameras": "x"}

    assert page(client, **said).status_code == 200


def test_bays_are_named_as_they_are_mounted(client, north):
    assert titles(page(client, what="bays")) == ["D03-1", "D03-2", "D03-3"]
    it = client_of(Role.IT)
    assert titles(page(it, what="bays", dock="D09")) == ["D09-1", "D09-2"]
    assert "Dock D09 has no bay here." in sentence(page(it, what="bays", dock="D09", station="HQ"))


def test_a_station_without_cameras_says_so(north):
    empty = client_of(Role.QUARTERMASTER)

    first = page(empty)

    assert first.status_code == 200
    assert sentence(first) == "There is no camera here to print a label for."
    assert "No dock here has a bay." in sentence(page(empty, what="bays"))


def test_more_than_one_file_holds_is_refused(client, monkeypatch):
    monkeypatch.setattr(asked, "MOST", 4)

    assert sentence(page(client)) == "That is more than 4 labels. Print them in several files."
    assert "more than 4" in sentence(page(client, what="list", cameras="1 2 3 4 5"))
    assert "more than 4" in sentence(page(client, what="list", cameras="417-421, 533"))


def test_the_first_sheet_begins_after_what_is_used(client):
    html = page(client, used="19").content.decode()

    assert "5 labels on 2 sheets, from label 20 of the first." in html
    assert html.count('fill="#d5dae0"') == 19
    assert len(titles(page(client, used="19"))) == 2


def test_the_file_is_a_pdf_and_who_took_it_is_in_the_ledger(client):
    response = client.get("/labels.pdf", {"stock": "5160", "used": "2"})

    entry = LedgerEntry.objects.get(verb="printed labels")
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"] == 'attachment; filename="labels-5160.pdf"'
    assert response["Cache-Control"] == "no-store"
    assert response.content.startswith(b"%PDF-1.")
    assert b"/PrintScaling /None" in response.content
    assert b"/MediaBox [ 0 0 612 792 ]" in response.content
    assert entry.facts == {"what": "cameras", "stock": "5160", "labels": 5}


def test_the_printers_settings_are_remembered_in_this_browser(client):
    page(client, what="bays", stock="DK-11209", codes="qr", right="-0.5", down="1", used="3")

    html = page(client).content.decode()

    assert client.cookies["labels"]["httponly"]
    assert client.cookies["labels"]["samesite"] == "Lax"
    assert '<option value="DK-11209" selected>' in html
    assert '<option value="qr" selected>' in html
    assert 'name="right" value="-0.5"' in html
    assert 'name="used" value="0"' in html
    assert titles(page(client)) == ["C0417"]  # a roll's first label, of a camera again


@pytest.mark.parametrize("cookie", ["", "~", "x~y~z~0", "L7160~both~99~0", "L7160~both~0~NaN~1"])
def test_a_cookie_that_is_not_ours_is_not_heeded(client, cookie):
    client.cookies["labels"] = cookie

    assert "of Avery L7160" in page(client).content.decode()


def test_moving_moves_everything_on_the_paper(client):
    before = where(page(client))
    after = where(page(client, right="1", down="-2"))

    for (x, y), (moved_x, moved_y) in zip(before, after, strict=True):
        assert moved_x - x == pytest.approx(1, abs=0.05)
        assert moved_y - y == pytest.approx(-2, abs=0.05)


def where(response):
    found = re.findall(r"translate\(([\d.]+) ([\d.]+)\)", response.content.decode())
    return [(float(x), float(y)) for x, y in found]


def test_paper_is_white_and_print_black_in_every_theme(client):
    html = page(client).content.decode()
    drawn = html[html.index('<svg class="sheet"') :]
    drawn = drawn[: drawn.index("</svg>")]

    assert set(re.findall(r'fill="([^"]+)"', drawn)) == {"#fff", "#000", "none"}
    assert "style=" not in drawn


def test_a_name_is_no_markup(client, hq):
    hq.docks.update(code="<b>&")

    assert titles(page(client, what="bays"))[0] == "&lt;b&gt;&amp;-1"


def test_a_sheet_costs_as_many_queries_as_a_label(client, hq, django_assert_num_queries):
    page(client)  # notes that the session is used
    counts = []
    for more in (0, 40):
        for number in range(1000, 1000 + more):
            rows.a_camera(number, hq, now())
        counts.append(queries(client))

    assert all(first == second for first, second in pairwise(counts))


def queries(client):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as captured:
        page(client)
    return len(captured)
