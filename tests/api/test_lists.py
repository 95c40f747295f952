import random
from datetime import timedelta

import pytest
from django.utils.timezone import now

from dashboard.present import present
from devices.access.people import Visible
from devices.board import cards
from devices.health.models import Reading, Silence
from devices.inventory.models import Camera, Officer, ServiceState
from devices.roles import Role
from tests.api.callers import browser, program, results, token_of
from tests.rows import a_camera, a_dock, a_fleet, a_station, person

pytestmark = pytest.mark.django_db


@pytest.fixture
def auditor():
    return browser(person(Role.AUDITOR))


class TestPages:
    def test_all_pages_together_are_the_list(self, auditor, noon):
        a_fleet(noon)

        cameras = results(auditor, "/api/v1/cameras/?page_size=33")

        assert [camera["number"] for camera in cameras] == [*range(1, 141)]

    def test_the_last_page_has_no_next_even_when_full(self, auditor, noon):
        station = a_station()
        for number in (1, 2):
            a_camera(number, station, noon)

        page = auditor.get("/api/v1/cameras/?page_size=2").json()

        assert len(page["results"]) == 2
        assert page["next"] is None

    def test_rows_that_come_and_go_while_paging_neither_repeat_nor_hide_others(self, auditor, noon):
        station, chance = a_station(), random.Random(5)
        for number in range(10, 400, 10):
            a_camera(number, station, noon)
        seen, following = [], "/api/v1/cameras/?page_size=7"

        while following:
            page = auditor.get(following).json()
            seen += [row["number"] for row in page["results"]]
            following = page["next"]
            new = chance.randrange(1, 400)
            if new % 10:
                a_camera(new, station, noon, serial=f"NEW-{new}-{len(seen)}")
            Camera.objects.filter(number=chance.choice(seen)).delete()

        assert len(seen) == len(set(seen))
        assert {*range(10, 400, 10)} <= set(seen)

    def test_readings_of_one_moment_are_each_on_one_page(self, auditor, noon):
        camera = a_camera(1, a_station(), noon)
        readings(camera, [noon] * 10 + [noon + timedelta(minutes=1)] * 3)

        seen = results(auditor, "/api/v1/cameras/1/history/?page_size=4")

        assert len({reading["sequence"] for reading in seen}) == 13
        assert [reading["at"] for reading in seen] == sorted(
            (reading["at"] for reading in seen), reverse=True
        )

    def test_a_reading_that_comes_while_paging_moves_no_page(self, auditor, noon):
        camera = a_camera(1, a_station(), noon)
        readings(camera, [noon - timedelta(minutes=n) for n in range(6)])
        first = auditor.get("/api/v1/cameras/1/history/?page_size=3").json()

        readings(camera, [noon + timedelta(minutes=1)], start=100)
        second = auditor.get(first["next"]).json()

        sequences = [row["sequence"] for row in first["results"] + second["results"]]
        assert sequences == [0, 1, 2, 3, 4, 5]

    def test_next_keeps_the_filters(self, auditor, noon):
        a_fleet(noon)

        cameras = results(auditor, "/api/v1/cameras/?page_size=10&station=N")

        assert {camera["station"] for camera in cameras} == {"N"}
        assert len(cameras) == Camera.objects.filter(station__code="N").count()


def readings(camera, moments, start=0):
    Reading.objects.bulk_create(
        Reading(
            camera=camera,
            at=at,
            received_at=at,
            device_time=at,
            clock_wrong=False,
            boot=1,
            sequence=start + sequence,
            mode="off",
            docked=True,
            battery_percent=50,
            battery_state="charging",
            storage_free_mb=1000,
            bytes_waiting=0,
            offload="complete",
            firmware_version="4.2.1",
        )
        for sequence, at in enumerate(moments)
    )


class TestFilters:
    def numbers(self, client, query):
        return [row["number"] for row in results(client, f"/api/v1/cameras/?{query}")]

    @pytest.fixture
    def three(self, noon):
        station, north = a_station(), a_station("N", "North")
        dock = a_dock("D1", station)
        bay = dock.bays.get(position=3)
        a_camera(1, station, noon, home_bay=bay, health={"bay": bay, "battery_percent": 20})
        out = {"docked": False, "mode": "recording", "hearing": "silent"}
        a_camera(2, north, noon, health=out | {"heard_at": noon - timedelta(hours=1)})
        a_camera(3, north, noon, service_state=ServiceState.LOST, tags=["bench"])

    @pytest.mark.parametrize(
        ("query", "expected"),
        [
            ("station=N", [2, 3]),
            ("station=nowhere", []),
            ("dock=D1", [1]),
            ("serial=bwc-000002", [2]),
            ("service_state=lost", [3]),
            ("tag=Bench", [3]),
            ("tag=ben", []),
            ("hearing=silent", [2]),
            ("hearing=never", [3]),
            ("mode=recording", [2]),
            ("docked=true", [1]),
            ("docked=false", [2]),
            ("battery_below=21", [1]),
            ("battery_below=20", []),
            ("heard_since=2030-01-01T12:00:00Z", [1]),
            ("heard_before=2030-01-01T07:00:00-05:00", [2]),
            ("bucket=lost", [3]),
            ("bucket=docked&station=HQ", [1]),
        ],
    )
    def test_a_list_is_narrowed(self, auditor, three, query, expected):
        assert self.numbers(auditor, query) == expected

    def test_an_officers_camera_is_found_by_badge_number(self, auditor, noon):
        station = a_station()
        officer = Officer.objects.create(badge_number="217", station=station)
        a_camera(1, station, noon, officer=officer)
        a_camera(2, station, noon)

        assert self.numbers(auditor, "officer=217") == [1]

    def test_history_is_bounded_in_time_by_a_first_and_a_last_moment(self, auditor, noon):
        camera = a_camera(1, a_station(), noon)
        readings(camera, [noon + timedelta(hours=n) for n in range(5)])

        span = "from=2030-01-01T13:00:00Z&to=2030-01-01T15:00:00Z"
        found = results(auditor, f"/api/v1/cameras/1/history/?{span}")

        assert [reading["sequence"] for reading in found] == [2, 1]

    def test_open_silences_are_told_from_those_that_ended(self, auditor, noon):
        camera = a_camera(1, a_station(), noon)
        Silence.objects.create(camera=camera, began_at=noon, detected_at=noon)
        earlier = noon - timedelta(days=1)
        Silence.objects.create(
            camera=camera, began_at=earlier, detected_at=earlier, ended_at=earlier
        )

        found = results(auditor, "/api/v1/cameras/1/silences/?open=true")

        assert [silence["ended_at"] for silence in found] == [None]

    def test_docks_are_narrowed_by_kind_and_hearing(self, auditor, noon):
        a_fleet(noon)

        silent = results(auditor, "/api/v1/docks/?hearing=silent")
        vehicles = results(auditor, "/api/v1/docks/?kind=vehicle")

        assert [dock["code"] for dock in silent] == ["D07"]
        assert {dock["code"][0] for dock in vehicles} == {"V"}


class TestWhatIsSaid:
    def test_a_camera_is_in_the_bucket_where_the_board_shows_it(self, auditor, noon):
        fleet = a_fleet(noon)
        Camera.objects.filter(number=5).update(service_state=ServiceState.RETIRED)
        shown = {
            card.number: card.bucket.value
            for card in cards.cards(Visible(), fleet.camera_ids, present())
        }

        told = {row["number"]: row["bucket"] for row in results(auditor, "/api/v1/cameras/")}

        assert told == {**shown, 5: None}

    @pytest.mark.parametrize("said", ["417", "C0417", "c0417", "0417"])
    def test_a_camera_answers_to_its_number_and_its_name(self, auditor, noon, said):
        a_camera(417, a_station(), noon)

        answer = auditor.get(f"/api/v1/cameras/{said}/")

        assert answer.json()["name"] == "C0417"

    def test_a_camera_that_never_spoke_says_so(self, auditor, noon):
        a_camera(1, a_station(), noon)

        camera = auditor.get("/api/v1/cameras/1/").json()

        assert camera["health"]["hearing"] == "never"
        assert camera["health"]["battery_percent"] is None
        assert camera["bucket"] == "unknown"
        assert camera["docked"] is None

    def test_home_and_present_bay_are_different_things(self, auditor, noon):
        dock = a_dock("D1", a_station())
        home, bay = dock.bays.get(position=1), dock.bays.get(position=2)
        a_camera(1, dock.station, noon, home_bay=home, health={"bay": bay})

        camera = auditor.get("/api/v1/cameras/1/").json()

        assert camera["home_bay"] == {"dock": "D1", "position": 1}
        assert camera["bay"] == {"dock": "D1", "position": 2}

    def test_a_bay_holds_the_camera_that_came_last(self, auditor, noon):
        dock = a_dock("D1", a_station(), bays=1)
        bay = dock.bays.get()
        for number in (2, 1):
            placed = noon - timedelta(minutes=number)
            a_camera(number, dock.station, noon, health={"bay": bay, "placed_at": placed})

        (found,) = auditor.get("/api/v1/docks/D1/").json()["bays"]

        assert found["camera"] == "C0001"

    def test_times_are_utc(self, auditor, noon):
        a_camera(1, a_station(), noon, health={})

        camera = auditor.get("/api/v1/cameras/1/").json()

        assert camera["health"]["heard_at"] == "2030-01-01T12:00:00Z"


class TestReadiness:
    def test_a_camera_says_whether_it_is_ready_and_every_reason(self, auditor):
        station = a_station()
        a_camera(1, station, now(), health={})
        a_camera(2, station, now(), health={"battery_percent": 40, "clock_wrong": True})

        ready, not_ready = results(auditor, "/api/v1/cameras/")

        assert ready["readiness"] == {"fit": "yes", "reasons": []}
        assert ready["why_silent"] is None
        assert not_ready["readiness"]["fit"] == "no"
        reasons = not_ready["readiness"]["reasons"]
        assert [(one["blocker"], one["value"], one["limit"]) for one in reasons] == [
            ("battery", "4.3 h", "8.8 h"),
            ("clock", "60 min ahead", "within 2 min"),
        ]

    def test_a_silent_camera_says_why(self, auditor):
        bay = a_dock("D01", a_station()).bays.get(position=3)
        a_camera(1, bay.dock.station, now(), health={"bay": bay, "hearing": "silent"})

        (camera,) = results(auditor, "/api/v1/cameras/")

        assert camera["why_silent"]["cause"] == "bay_contact"
        assert camera["why_silent"]["expected"] is False
        assert "C0001 is silent in D01-3" in camera["why_silent"]["sentence"]
        assert camera["why_silent"]["evidence"][0]["words"] == "It last said: off, battery 100 %."


class TestBudgets:
    """Queries: the token, its owner's standing, then what the address needs."""

    @pytest.mark.parametrize(
        ("address", "most"),
        [
            ("stations/", 3),
            ("docks/", 6),
            ("docks/D01/", 6),
            ("cameras/", 5),
            ("cameras/?bucket=out&station=N", 5),
            ("cameras/1/", 5),
            ("cameras/1/history/", 4),
            ("cameras/1/placements/", 4),
            ("cameras/1/silences/", 4),
            ("officers/", 3),
        ],
    )
    def test_an_address_asks_a_fixed_number_of_queries(
        self, noon, django_assert_num_queries, address, most
    ):
        a_fleet(noon)
        client = program(token_of(person(Role.AUDITOR)))
        client.get(f"/api/v1/{address}")

        with django_assert_num_queries(most):
            assert client.get(f"/api/v1/{address}").status_code == 200
