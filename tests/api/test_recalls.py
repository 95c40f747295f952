"""Recalls through the API: what is read, each act once by its key, what is refused."""

import pytest
from django.utils.timezone import now

from devices.access.scopes import Scope
from devices.recalls import actions
from devices.recalls.models import Recall
from devices.roles import Role
from tests.api.callers import program, refused, results, send, token_of
from tests.recalls.setting import a_small_fleet
from tests.rows import NO_ROW, a_station, person

pytestmark = pytest.mark.django_db
ALL = "/api/v1/recalls/"
SAID = {"name": "Swollen batteries", "reason": "They swell.", "lot": "a-2291"}


@pytest.fixture
def fleet(db):
    return a_small_fleet(now())


@pytest.fixture
def client(it):
    return program(token_of(it))


def test_it_is_made_once_whatever_is_asked_again(client, fleet):
    first, again = (send(client, f"{ALL}make/", SAID, key="one") for _ in range(2))

    assert (first.status_code, first.json()) == (200, again.json())
    told = first.json()
    assert (told["lot"], told["model"], told["cameras"], told["out"]) == ("A-2291", None, 2, 2)
    assert Recall.objects.count() == 1
    assert "recalled already" in refused(send(client, f"{ALL}make/", SAID), 409)


@pytest.mark.parametrize(
    "said",
    [
        {"lot": "Z-1"},
        {"lot": None},
        {"lot": "A" * 41},
        {"model": NO_ROW},
        {"model": 0},
        {"name": ""},
        {"stray": 1},
    ],
)
def test_what_cannot_be_recalled_changes_nothing(client, fleet, said):
    refused(send(client, f"{ALL}make/", {**SAID, **said}), 422)

    assert not Recall.objects.exists()


def test_it_is_read_with_its_cameras_cleared_and_ended(client, fleet):
    recall = fleet.recall()
    actions.sweep(now=now())
    at = f"{ALL}{recall.pk}/"

    assert [row["id"] for row in results(client, f"{ALL}?open=true")] == [recall.pk]
    assert results(client, f"{ALL}?open=false") == []
    told = client.get(at).json()
    assert [told[name] for name in ("cameras", "out", "came_in", "cleared")] == [2, 1, 1, 0]
    cameras = results(client, f"{at}cameras/")
    assert [(row["camera"], row["stand"]) for row in cameras] == [("C0001", "in"), ("C0002", "out")]
    (out,) = results(client, f"{at}cameras/?stand=out")
    assert (out["camera"], out["docked"], out["firmware_version"]) == ("C0002", False, "4.2.1")

    cleared = send(client, f"{at}clear/", {"camera": "2", "reason": "New cell"})
    assert [cleared.json()[name] for name in ("cameras", "out", "cleared")] == [1, 0, 1]
    assert "is not in" in refused(send(client, f"{at}clear/", {"camera": "3", "reason": "x"}), 409)
    assert send(client, f"{at}clear/", {"camera": "9", "reason": "x"}).status_code == 404
    ended = send(client, f"{at}end/", {"reason": "Over"}).json()
    assert (ended["ended_because"], ended["ended_at"] is None) == ("Over", False)
    assert "has ended" in refused(send(client, f"{at}end/", {"reason": "Over"}), 409)
    assert client.get(f"{ALL}{recall.pk + 1}/").status_code == 404
    assert client.get(f"{ALL}{recall.pk + 1}/cameras/").status_code == 404


def test_it_alone_recalls_and_cameras_are_seen_as_far_as_stations(fleet):
    recall = fleet.recall()
    north = person(Role.QUARTERMASTER, a_station("N", "North"), name="north")
    client = program(token_of(north))

    refused(send(client, f"{ALL}make/", SAID), 403)
    refused(send(client, f"{ALL}{recall.pk}/end/", {"reason": "x"}), 403)
    assert client.get(f"{ALL}{recall.pk}/").json()["out"] == 2
    assert results(client, f"{ALL}{recall.pk}/cameras/") == []


def test_each_scope_opens_its_own(it, fleet):
    recall = fleet.recall()
    reading = program(token_of(it, [Scope.RECALLS]))
    setting = program(token_of(it, [Scope.SET_RECALLS]))

    assert reading.get(ALL).status_code == 200
    assert setting.get(ALL).status_code == 403
    assert send(reading, f"{ALL}{recall.pk}/end/", {"reason": "x"}).status_code == 403
    assert send(setting, f"{ALL}{recall.pk}/end/", {"reason": "x"}).status_code == 200


def test_the_list_costs_the_same_for_many(client, fleet, django_assert_max_num_queries):
    for number in range(5):
        Recall.objects.create(name=f"R{number}", reason="x", lot=f"L{number}", made_at=now())

    with django_assert_max_num_queries(6):
        assert len(client.get(ALL).json()["results"]) == 5
