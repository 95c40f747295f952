"""The pages of recalls: looked at first, then made, watched, cleared and ended."""

import csv

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import now

from dashboard.tiles import face
from devices.access.people import Visible
from devices.board import cards
from devices.board.cards import Asked
from devices.ledger import LedgerEntry
from devices.policy import Policy
from devices.recalls import actions
from devices.recalls.models import Recall
from devices.roles import Role
from tests.api.callers import browser
from tests.recalls.setting import VERSION, a_small_fleet
from tests.rows import a_camera, a_station, person

pytestmark = pytest.mark.django_db

SAID = {"name": "Swollen batteries", "reason": "They swell.", "lot": "A-2291"}


@pytest.fixture
def fleet(db):
    return a_small_fleet(now())


@pytest.fixture
def it(db):
    return browser(person(Role.IT, name="it"))


def text(answer):
    return " ".join(answer.content.decode().split())


def test_it_is_looked_at_before_it_is_made(it, fleet):
    assert "Nothing was recalled yet." in text(it.get("/recalls/"))
    looked = text(it.post("/recalls/new/", {**SAID, "act": "look"}))

    assert "It takes 2 cameras: 1 in a bay, 1 out. Nothing is recalled yet." in looked
    assert "1 camera would no longer be ready: C0001." in looked
    assert not Recall.objects.exists()

    page = text(it.post("/recalls/new/", {**SAID, "act": "recall"}, follow=True))
    assert "Swollen batteries: 0 of 2 are in; 2 still out." in page
    assert "1 recall is open: 2 cameras still out." in text(it.get("/recalls/"))
    assert "Recalled: Swollen batteries." in text(it.get("/cameras/C0001/"))


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"lot": ""}, "Say which cameras"),
        ({"name": ""}, "Give it a name"),
        ({"reason": " "}, "Say why"),
        ({"lot": "Z-1", "act": "recall"}, "There is no camera of lot Z-1"),
        ({"model": "99999999999999999999"}, "There is no such model"),
        ({"lot": "A\0"}, "Null characters"),
        ({"lot": "A" * 41}, "at most 40"),
    ],
)
def test_what_cannot_be_recalled_is_said_and_kept_in_the_form(it, fleet, said, sentence):
    answer = it.post("/recalls/new/", {**SAID, **said})

    assert answer.status_code == 422
    assert sentence in text(answer)
    assert not Recall.objects.exists()


def test_the_page_says_who_holds_what_is_out_to_whom_that_is_shown(it, fleet):
    recall = fleet.recall()
    actions.sweep(now=now())
    quartermaster = browser(person(Role.QUARTERMASTER, fleet.station, name="q"))
    elsewhere = browser(person(Role.QUARTERMASTER, a_station("N", "North"), name="n"))
    at = f"/recalls/{recall.pk}/"

    page = text(quartermaster.get(at))
    assert "Swollen batteries: 1 of 2 is in; 1 still out." in page
    for shown in ("1031", "Patrol", "For the shift", "D01-1", "Out of service"):
        assert shown in page
    assert "End the recall" not in page
    assert "1031" not in text(it.get(at))
    far = text(elsewhere.get(at))
    assert "1 of 2 is in" in far
    assert "C0002" not in far
    part = it.get(f"{at}now/")
    assert "<html" not in part.content.decode()
    assert part["Cache-Control"] == "no-store"


def test_the_file_has_every_camera_and_is_written_down(fleet):
    recall = fleet.recall()
    client = browser(person(Role.QUARTERMASTER, fleet.station, name="q"))

    answer = client.get(f"/recalls/{recall.pk}.csv")

    head, *rows = csv.reader(answer.content.decode("utf-8-sig").splitlines())
    found = {row[0]: dict(zip(head, row, strict=True)) for row in rows}
    assert found.keys() == {"C0001", "C0002"}
    told = found["C0002"]
    assert (told["Stands"], told["Where"], told["Holder"]) == ("out", "Out", "1031")
    assert LedgerEntry.objects.filter(verb="exported a recall").count() == 1


def test_a_camera_is_cleared_and_the_recall_ended_for_reasons(it, fleet):
    recall = fleet.recall()
    actions.sweep(now=now())
    at = f"/recalls/{recall.pk}/"

    refused = it.post(
        "/cameras/C0001/service/", {"to": "in_service", "reason": "Fine"}, follow=True
    )
    assert "C0001 is recalled: Swollen batteries. Clear it" in text(refused)
    assert "There is no such camera" in text(
        it.post(f"{at}clear/", {"camera": "x", "reason": "Fine"}, follow=True)
    )
    page = text(it.post(f"{at}clear/", {"camera": "1", "reason": "<i>New cell"}, follow=True))
    assert "&lt;i&gt;New cell" in page
    assert "0 of 1 are in; 1 still out." in page
    back = {"to": "in_service", "reason": "New cell"}
    assert "is in service" in text(it.post("/cameras/C0001/service/", back, follow=True))

    assert "Say why" in text(it.post(f"{at}end/", {"reason": " "}, follow=True))
    page = text(it.post(f"{at}end/", {"reason": "Over"}, follow=True))
    assert "has ended" in page
    assert "part.js" not in page
    assert "No recall is open." in text(it.get("/recalls/"))


def test_the_board_marks_what_is_out_and_names_what_is_in_its_bay(fleet):
    fleet.recall()

    asked = Asked(now(), Policy())
    shown = cards.cards(Visible(), [fleet.here.pk, fleet.away.pk, fleet.other.pk], asked)
    here, away, other = sorted((face(card, badges=False) for card in shown), key=_number)

    assert (here.word, "recall" in here.marks) == ("Recalled", False)
    assert (away.word, "recall" in away.marks) == ("Out", True)
    assert "Recalled: Swollen batteries." in away.why
    assert (other.word, "recall" in other.marks) == ("Ready", False)


def _number(shown):
    return shown.number


def test_a_recalled_version_leads_to_the_rollout_that_cures_it(it, fleet):
    recall = fleet.recall(VERSION)

    page = text(it.get(f"/recalls/{recall.pk}/"))

    assert "0 of 3 run another version; 3 still run 4.2.1." in page
    assert "/rollouts/new/?versions=4.2.1" in page


@pytest.mark.parametrize("pk", [0, 2**63 - 1, 2**64])
def test_what_is_not_there_is_not_found(it, pk):
    for verb in ("/", "/now/", ".csv"):
        assert it.get(f"/recalls/{pk}{verb}").status_code == 404


def test_pages_cost_as_much_for_many_cameras_as_for_few(it, fleet):
    recall = fleet.recall()

    def costs():
        found = []
        for address in ("/recalls/", f"/recalls/{recall.pk}/"):
            with CaptureQueriesContext(connection) as asked:
                assert it.get(address).status_code == 200
            found.append(len(asked))
        return found

    costs()
    few = costs()
    for number in range(10, 30):
        a_camera(number, fleet.station, fleet.now, lot="A-2291", health={})
    actions.sweep(now=now())

    assert costs() == few
    assert max(few) <= 8
