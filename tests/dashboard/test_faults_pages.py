"""Faults, tests and repairs at their doors: who may, what is said, and what bad input changes."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.timezone import now

from devices.custody.models import Custody
from devices.faults import actions
from devices.faults.actions import Confirming
from devices.faults.models import Confirmation, Fault, PreShiftTest, Repair
from devices.health.models import CameraHealth
from devices.inventory.models import Credential, Officer
from devices.policy import Policy
from devices.roles import MATRIX, Act, Reach, Role
from devices.roster.models import StandIn
from devices.roster.roll_call import actions as roll_call
from tests import rows
from tests.faults.conftest import leaving, report
from tests.readiness.test_shifts import FLAT, HOUR, a_shift, a_spare, on

pytestmark = pytest.mark.django_db
POLICY = Policy()


def client_of(role, *stations, **fields):
    client = Client()
    client.force_login(rows.person(role, *stations, **fields))
    return client


def text(response) -> str:
    plain = re.sub(r"<[^>]+>", "", re.sub(r"<time[^>]*>[^<]*</time>", "TIME", _html(response)))
    return re.sub(r"\s+", " ", plain)


def _html(response) -> str:
    return response.content.decode()


def key_in(response) -> str:
    """The form's own key."""
    return re.search(r'name="key" value="([^"]+)"', _html(response))[1]


@pytest.fixture
def hq():
    return rows.a_station()


@pytest.fixture
def officer(hq):
    return Officer.objects.create(badge_number="217", station=hq)


@pytest.fixture
def camera(hq, officer):
    health = {"storage_free_mb": 60_000}
    return rows.a_camera(417, hq, now(), officer=officer, health=health, asset_tag="WH-17")


@pytest.fixture
def teller(hq):
    return rows.person(Role.COMMANDER, hq, name="teller")


@pytest.fixture
def fault(camera, teller):
    return report(camera, teller, now())


@pytest.fixture
def commander(hq):
    return client_of(Role.COMMANDER, hq)


@pytest.fixture
def sam(officer):
    return client_of(Role.OFFICER, officer=officer)


@pytest.fixture
def it(hq):
    return client_of(Role.IT)


@pytest.fixture
def away(camera, teller):
    return actions.send_to_repair(
        camera, leaving(now()), fault=None, key=uuid4(), by=teller, now=now()
    )


@pytest.fixture
def test(camera, teller):
    said = Confirming(None, Confirmation.TAP, uuid4())
    return actions.test_camera(camera, said, by=teller, now=now(), policy=POLICY)


PAGES = [
    ("faults", None, Act.VIEW_CAMERA),
    ("fault", "fault", Act.VIEW_CAMERA),
    ("report_malfunction", "camera", Act.OPEN_FAULT),
    ("test", None, Act.TEST_CAMERA),
    ("test_camera", "camera", Act.TEST_CAMERA),
    ("pre_shift_test", "test", Act.VIEW_CAMERA),
    ("repairs", None, Act.VIEW_READINESS),
    ("repair", "away", Act.VIEW_READINESS),
    ("send_to_repair", "camera", Act.REPAIR_CAMERA),
]
POSTS = [
    ("acknowledge_fault", "fault", Act.ACKNOWLEDGE_FAULT),
    ("clear_fault", "fault", Act.REPAIR_CAMERA),
    ("report_malfunction", "camera", Act.OPEN_FAULT),
    ("test_camera", "camera", Act.TEST_CAMERA),
    ("send_to_repair", "camera", Act.REPAIR_CAMERA),
    ("take_back", "away", Act.REPAIR_CAMERA),
]


def address(name, row):
    if row is None:
        return reverse(name)
    return reverse(name, args=[row.name if hasattr(row, "name") else row.pk])


class TestDoors:
    @pytest.mark.parametrize("role", [*Role, None], ids=str)
    @pytest.mark.parametrize("page", PAGES, ids=str)
    def test_a_page_opens_to_the_roles_of_the_matrix(self, request, hq, officer, role, page):
        name, of, act = page
        row = of and request.getfixturevalue(of)
        client = client_of(role, hq, officer=officer if role is Role.OFFICER else None)

        response = client.get(address(name, row))

        granted = role is not None and MATRIX[act].get(role, Reach.NOTHING) is not Reach.NOTHING
        assert (response.status_code in (200, 302)) == granted
        assert granted or response.status_code == 403

    @pytest.mark.parametrize("role", [*Role, None], ids=str)
    @pytest.mark.parametrize("post", POSTS, ids=str)
    def test_an_act_is_done_by_the_roles_of_the_matrix(self, request, hq, officer, role, post):
        name, of, act = post
        row = request.getfixturevalue(of)
        client = client_of(role, hq, officer=officer if role is Role.OFFICER else None)

        response = client.post(address(name, row), {})

        granted = role is not None and MATRIX[act].get(role, Reach.NOTHING) is not Reach.NOTHING
        assert (response.status_code == 403) != granted

    @pytest.mark.parametrize(("name", "of", "act"), [one for one in PAGES + POSTS if one[1]])
    def test_what_is_out_of_reach_does_not_exist(self, request, hq, name, of, act):
        row = request.getfixturevalue(of)
        client = client_of(Role.QUARTERMASTER, rows.a_station("N", "North"))
        post = (name, of, act) in POSTS

        response = (client.post if post else client.get)(address(name, row))

        assert response.status_code == 404

    @pytest.mark.parametrize(("name", "of", "act"), [PAGES[1], PAGES[2], PAGES[4], PAGES[5]])
    def test_an_officer_reaches_the_own_camera_alone(self, request, hq, name, of, act):
        row = request.getfixturevalue(of)
        other = Officer.objects.create(badge_number="300", station=hq)

        response = client_of(Role.OFFICER, officer=other).get(address(name, row))

        assert response.status_code == 404

    @pytest.mark.parametrize(("name", "of", "act"), PAGES)
    def test_nobody_signed_in_is_asked_to(self, request, name, of, act):
        row = of and request.getfixturevalue(of)

        response = Client().get(address(name, row))

        assert response["Location"].startswith("/sign-in/")

    @pytest.mark.parametrize(
        "path", ["/faults/99999999999999999999/", "/tests/0/", f"/repairs/{rows.NO_ROW}/"]
    )
    def test_what_never_was_is_not_found(self, it, path):
        assert it.get(path).status_code == 404


class TestList:
    def test_it_says_what_must_be_done_first(self, commander, camera, teller):
        at = now()
        report(camera, teller, at, "screen")
        report(camera, teller, at, "lens")
        seen = report(camera, teller, at, "mount")
        actions.acknowledge(seen, by=teller, now=at)

        said = text(commander.get("/faults/"))

        assert "2 faults have to be acknowledged, the first by" in said
        assert "1 waits to be mended or cleared." in said
        assert said.index("Lens or picture") < said.index("Screen or lights") < said.index("Mount")

    def test_what_must_be_mended_first_stands_first(self, commander, camera, teller):
        at = now()
        for days, code in ((12, "screen"), (3, "mount"), (1, "lens")):
            one = report(camera, teller, at - timedelta(days=days), code)
            if one.state == "open":
                actions.acknowledge(one, by=teller, now=at)

        said = text(commander.get("/faults/"))

        # Due in 18 days, in four, and now.
        assert said.index("Lens or picture") < said.index("Mount") < said.index("Screen or lights")

    def test_back_from_repair_it_has_its_time_anew(self, commander, camera, teller):
        at = now()
        told, back = at - timedelta(days=9), at - timedelta(hours=1)
        fault = report(camera, teller, told, "storage")
        actions.send_to_repair(camera, leaving(told), fault=fault, key=uuid4(), by=teller, now=told)
        said = actions.Returning("New card", "Card", "Recorded a minute")
        actions.take_back(Repair.objects.get(), said, by=teller, now=back)
        due = (back + timedelta(days=7)).isoformat(timespec="seconds")

        for page in ("/faults/", f"/faults/{fault.pk}/", "/cameras/417/"):
            assert due in _html(commander.get(page)), page

    def test_without_faults_it_says_so(self, commander):
        said = text(commander.get("/faults/"))

        assert "No camera has an open fault." in said
        assert "Faults appear here as soon as" in said

    @pytest.mark.parametrize(
        ("asked", "shown"),
        [
            ("severity=critical", True),
            ("severity=minor", False),
            ("state=open", True),
            ("state=resolved", False),
            ("source=commander", True),
            ("source=camera", False),
            ("station=HQ", True),
            ("station=nowhere", True),
            ("severity=%00", True),
        ],
    )
    def test_filters_narrow_it_and_nonsense_does_not(self, commander, fault, asked, shown):
        assert ("Lens or picture" in text(commander.get(f"/faults/?{asked}"))) == shown

    def test_it_costs_the_same_for_any_number(
        self, commander, camera, hq, teller, django_assert_max_num_queries
    ):
        at = now()
        for number in range(500, 530):
            report(rows.a_camera(number, hq, at), teller, at)
        commander.get("/faults/")

        with django_assert_max_num_queries(6):
            response = commander.get("/faults/")

        assert text(response).count("Lens or picture") == 30


class TestTheSpare:
    """A critical fault leaves its officer without a camera: the page offers the best spare."""

    @pytest.fixture
    def shift(self, hq, officer):
        shift = a_shift(hq, now() + HOUR, name="Day")
        rows.a_duty(shift, officer)
        return shift

    @pytest.fixture
    def spares(self, hq):
        worn, best = (a_spare(n, hq, now(), battery_health_percent=n - 710) for n in (800, 801))
        return best, worn

    def promised(self, fault, shift, spare, client):
        words = {"shift": shift.pk, "camera": spare.pk}
        return client.post(f"/faults/{fault.pk}/promise/", words, follow=True)

    def test_the_best_one_is_offered_and_promised_in_one_tap(self, commander, fault, shift, spares):
        before = _html(commander.get(f"/faults/{fault.pk}/"))
        assert "Promise C0801" in before
        assert f'name="shift" value="{shift.pk}"' in before
        assert f'name="camera" value="{spares[0].pk}"' in before

        said = text(self.promised(fault, shift, spares[0], commander))

        promise = StandIn.objects.get()
        assert (promise.fault, promise.camera, promise.officer) == (
            fault,
            spares[0],
            fault.camera.officer,
        )
        assert f"C0801 is promised for {shift}." in said
        assert "Spare C0801 stands in for the Day shift" in said
        assert f"Spare C0801 promised for {shift} commander" in said
        assert "Promise C" not in said

    def test_its_story_says_when_the_spare_is_free_again(self, commander, fault, shift, spares):
        self.promised(fault, shift, spares[0], commander)
        roll_call.end_promise(StandIn.objects.get(), by=None, now=now())

        said = text(commander.get(f"/faults/{fault.pk}/"))

        assert "Spare C0801 is free again" in said
        assert "Promise C0801" in said

    def test_without_a_spare_it_says_so(self, commander, fault, shift):
        said = text(commander.get(f"/faults/{fault.pk}/"))

        assert "no spare of Headquarters lasts for it: ask another station" in said

    def test_nothing_is_offered_where_nobody_needs_it(
        self, commander, camera, teller, hq, shift, spares
    ):
        lesser = report(camera, teller, now(), "mount")
        of_a_spare = report(spares[1], teller, now())
        for fault in (lesser, of_a_spare):
            assert "spare" not in text(commander.get(f"/faults/{fault.pk}/")).lower()

    def test_nothing_is_offered_to_an_officer_who_is_off(self, commander, fault, spares):
        assert "spare" not in text(commander.get(f"/faults/{fault.pk}/")).lower()

    def test_a_spare_taken_meanwhile_is_refused_with_why(self, commander, fault, shift, spares, hq):
        other = Officer.objects.create(badge_number="218", station=hq)
        rows.a_duty(shift, other)
        roll_call.promise_spare(shift, other, spares[0], by=None, now=now())

        said = text(self.promised(fault, shift, spares[0], commander))

        assert "C0801 is promised to 218 for" in said
        assert StandIn.objects.count() == 1

    def test_a_fault_that_is_over_gets_no_spare(self, commander, it, fault, shift, spares, camera):
        words = {"resolution": "repaired", "words": "new lens"}
        it.post(f"/faults/{fault.pk}/clear/", words)

        said = text(self.promised(fault, shift, spares[0], commander))

        assert "is resolved already; its camera needs no spare" in said
        assert not StandIn.objects.exists()

    @pytest.mark.parametrize(
        "words", [{}, {"shift": "x", "camera": 1}, {"shift": 2**70, "camera": 1}]
    )
    def test_nonsense_is_not_found(self, commander, fault, shift, spares, words):
        assert commander.post(f"/faults/{fault.pk}/promise/", words).status_code == 404

    def test_what_is_elsewhere_is_not_found(self, commander, fault, shift, spares):
        north = rows.a_station("N", "North")
        away = a_spare(900, north, now())
        there = a_shift(north, now() + HOUR, name="Day")

        for one, camera in ((shift, away), (there, spares[0])):
            words = {"shift": one.pk, "camera": camera.pk}
            assert commander.post(f"/faults/{fault.pk}/promise/", words).status_code == 404

    def test_others_are_offered_nothing_and_refused(self, it, fault, shift, spares):
        assert "Promise" not in text(it.get(f"/faults/{fault.pk}/"))
        assert self.promised(fault, shift, spares[0], it).status_code == 403

    def test_the_page_costs_the_same_whoever_is_on(
        self, commander, fault, shift, spares, hq, django_assert_max_num_queries
    ):
        at = now()
        for badge in range(500, 530):
            on(shift, badge, at, FLAT)
            a_spare(badge + 400, hq, at)
        commander.get(f"/faults/{fault.pk}/")

        with django_assert_max_num_queries(15):
            commander.get(f"/faults/{fault.pk}/")


class TestFault:
    def test_it_tells_its_story_with_its_clocks(self, commander, it, camera, teller):
        at = now() - timedelta(minutes=50)
        fault = report(camera, teller, at, words="dropped")
        actions.acknowledge(fault, by=teller, now=at + timedelta(minutes=20))

        said = text(commander.get(f"/faults/{fault.pk}/"))

        assert "C0417: lens or picture, critical. It is acknowledged and waits" in said
        assert "Told by a commander teller dropped " in said
        assert "Acknowledged teller TIMEafter 20 min; 15 min allowed" in said
        assert "It must not be issued until IT has cleared this." in said

    def test_words_are_shown_as_text_in_their_own_direction(self, commander, camera, teller):
        words = "<script>alert(1)</script> \u202eelbatrop"
        fault = report(camera, teller, now(), words=words)

        for path in ("/faults/", f"/faults/{fault.pk}/", "/cameras/C0417/"):
            html = _html(commander.get(path))
            assert "<script>alert" not in html
        assert "<bdi>&lt;script&gt;alert(1)&lt;/script&gt; \u202eelbatrop</bdi>" in _html(
            commander.get(f"/faults/{fault.pk}/")
        )

    def test_it_shows_no_badge_to_it(self, it, commander, camera, officer, teller):
        said = Confirming(officer, Confirmation.BADGE, uuid4())
        rows.set_clocks_wrong()
        test = actions.test_camera(camera, said, by=teller, now=now(), policy=POLICY)
        fault = Fault.objects.get()

        for path in (f"/faults/{fault.pk}/", f"/tests/{test.pk}/"):
            assert "badge 217" in text(commander.get(path))
            assert "badge 217" not in text(it.get(path))

    def test_two_people_acknowledge_and_the_second_reads_who_did(self, commander, it, fault):
        path = f"/faults/{fault.pk}/acknowledge/"
        commander.post(path)

        said = text(it.post(path, follow=True))

        assert "commander acknowledged it already" in said

    def test_a_commander_says_that_they_have_seen_what_it_acknowledged(
        self, commander, it, camera, hq
    ):
        ivy = rows.person(Role.IT, name="ivy")
        path = f"/faults/{report(camera, ivy, now()).pk}/"
        actions.acknowledge(Fault.objects.get(), by=ivy, now=now())

        assert "I have seen it" not in text(it.get(path))
        assert it.post(f"{path}seen/").status_code == 403
        north = rows.a_station("N", "North")
        elsewhere = client_of(Role.COMMANDER, north, name="elsewhere")
        assert elsewhere.post(f"{path}seen/").status_code == 404
        assert "I have seen it" in text(commander.get(path))
        said = text(commander.post(f"{path}seen/", follow=True))

        assert "It is on record that you have seen it" in said
        assert "A commander knew of it" in said
        assert "I have seen it" not in said

    def test_it_is_cleared_once_and_by_it(self, commander, it, fault):
        path, form = f"/faults/{fault.pk}/clear/", {"resolution": "repaired", "words": "new lens"}

        refused = commander.post(path, form)
        cleared = it.post(path, form, follow=True)
        again = it.post(path, form)

        assert refused.status_code == 422
        assert "is critical: only IT clears it" in text(refused)
        assert "Repaired after" in text(cleared)
        assert (again.status_code, Fault.objects.get().resolution) == (422, "repaired")
        assert "it cannot become resolved" in text(again)

    @pytest.mark.parametrize(
        ("form", "sentence"),
        [
            ({}, "Choose whether it was repaired"),
            ({"resolution": "went_away", "words": "x"}, "Choose whether it was repaired"),
            ({"resolution": "repaired", "words": " "}, "Say what was done"),
            ({"resolution": "repaired", "words": "a\0b"}, "Null characters are not allowed."),
            ({"resolution": "repaired", "words": "x" * 401}, "That is 401 characters"),
        ],
    )
    def test_it_is_not_cleared_by_nonsense(self, it, fault, form, sentence):
        response = it.post(f"/faults/{fault.pk}/clear/", form)

        assert response.status_code == 422
        assert sentence in text(response)
        assert Fault.objects.get().state == "open"


class TestReport:
    PATH = "/cameras/C0417/report/"

    @pytest.mark.parametrize(
        ("role", "source"),
        [
            (Role.OFFICER, "officer"),
            (Role.QUARTERMASTER, "quartermaster"),
            (Role.COMMANDER, "commander"),
            (Role.IT, "it"),
        ],
    )
    def test_it_is_known_as_what_somebody_told_it(self, camera, hq, officer, role, source):
        client = client_of(role, hq, officer=officer if role is Role.OFFICER else None)

        client.post(self.PATH, {"key": key_in(client.get(self.PATH)), "code": "mount"})

        fault = Fault.objects.get()
        assert (fault.source, fault.severity) == (source, "major")
        assert fault.officer == (officer if role is Role.OFFICER else None)

    def test_sent_twice_it_leads_to_the_same_fault(self, commander, camera):
        form = {"key": key_in(commander.get(self.PATH)), "code": "lens", "words": "cracked"}

        there = {commander.post(self.PATH, form)["Location"] for _ in range(2)}

        assert there == {f"/faults/{Fault.objects.get().pk}/"}

    @pytest.mark.parametrize(
        ("form", "sentence"),
        [
            ({"code": "lens"}, "Load the page and send it again."),
            ({"key": "x", "code": "lens"}, "Load the page and send it again."),
            ({"key": str(uuid4())}, "Choose what is wrong."),
            ({"key": str(uuid4()), "code": "battery_worn"}, "Choose what is wrong."),
            ({"key": str(uuid4()), "code": "other", "words": "…"}, "Say in a few words"),
            ({"key": str(uuid4()), "code": "lens", "words": "y" * 9000}, "9000 characters"),
        ],
    )
    def test_nonsense_is_answered_in_a_sentence_and_changes_nothing(
        self, commander, camera, form, sentence
    ):
        response = commander.post(self.PATH, form)

        assert response.status_code == 422
        assert sentence in text(response)
        assert not Fault.objects.exists()

    def test_what_was_told_already_is_said_beside_the_form(self, commander, fault):
        assert "Told already: lens or picture." in text(commander.get(self.PATH))


class TestTest:
    PATH = "/cameras/C0417/test/"

    def confirm(self, client, **form):
        return client.post(self.PATH, {"key": key_in(client.get(self.PATH)), **form}, follow=True)

    def test_an_officer_is_led_to_the_own_camera(self, sam, camera):
        assert sam.get("/test/")["Location"] == self.PATH

    def test_an_officer_without_a_camera_reads_whom_to_ask(self, hq):
        nobody = Officer.objects.create(badge_number="300", station=hq)

        said = text(client_of(Role.OFFICER, officer=nobody).get("/test/"))

        assert "No camera in service is yours; ask the quartermaster for one." in said

    def test_a_tap_makes_the_record(self, sam, camera, officer):
        said = text(self.confirm(sam))

        test = PreShiftTest.objects.get()
        assert "C0417 passed its test." in said
        assert (test.confirmed, test.officer, test.passed) == ("tap", officer, True)

    HINT = "It counts for a duty when the officer confirms it: have their badge scanned here."

    @pytest.fixture
    def sergeant(self, hq):
        """A commander who is an officer too, and on duty for four hours more."""
        own = Officer.objects.create(badge_number="9", station=hq)
        shift = a_shift(hq, now() - timedelta(hours=4), name="Day")
        rows.a_duty(shift, own)
        return client_of(Role.COMMANDER, hq, officer=own)

    def test_whose_camera_it_is_not_tests_it_for_its_officer(self, sergeant, camera, officer):
        shift = a_shift(camera.station, now() + timedelta(minutes=30), name="Evening")
        rows.a_duty(shift, officer)

        page = text(sergeant.get(self.PATH))
        self.confirm(sergeant)
        self.confirm(sergeant, scan="217")

        tapped, scanned = PreShiftTest.objects.order_by("pk")
        assert self.HINT in page
        assert (tapped.officer, tapped.duty_begins_at) == (None, shift.begins_at)
        assert (scanned.officer, scanned.duty_begins_at) == (officer, shift.begins_at)

    @pytest.mark.parametrize("holds", [True, False])
    def test_a_spare_is_tested_for_oneself_by_who_holds_it(self, sergeant, hq, *, holds):
        camera = rows.a_camera(417, hq, now(), health={"storage_free_mb": 60_000})
        own = Officer.objects.get(badge_number="9")
        if holds:
            Custody.objects.create(camera=camera, officer=own, kind="shift", opened_at=now())

        page = text(sergeant.get(self.PATH))
        self.confirm(sergeant)

        assert (self.HINT in page) is not holds
        assert PreShiftTest.objects.get().officer == (own if holds else None)

    @pytest.mark.parametrize(
        ("scan", "how"),
        [
            ("C0417", "tap"),
            ("417", "tap"),
            ("LABEL", "camera"),
            ("wh-17", "camera"),
            ("BWC-000417", "camera"),
            ("217", "badge"),
            ("CARD-9", "badge"),
        ],
    )
    def test_a_scan_says_how_it_was_confirmed(self, sam, camera, officer, scan, how):
        Credential.objects.create(officer=officer, value="CARD-9")

        self.confirm(sam, scan=camera.label if scan == "LABEL" else scan)

        assert PreShiftTest.objects.get().confirmed == how

    @pytest.mark.parametrize("scan", ["C0418", "BWC-000418", "301", "x" * 64, "\u202e", "%", "a\0"])
    def test_another_code_makes_no_record(self, sam, camera, hq, scan):
        Officer.objects.create(badge_number="301", station=hq)
        rows.a_camera(418, hq, now())

        response = self.confirm(sam, scan=scan)

        assert response.status_code == 422
        assert not PreShiftTest.objects.exists()

    def test_the_camera_next_to_it_is_named_to_who_may_know_it(self, commander, camera, hq):
        rows.a_camera(418, hq, now())

        said = text(self.confirm(commander, scan="C0418"))

        assert "That is C0418, and this is the test of C0417." in said

    def test_sent_twice_it_is_one_record(self, sam, camera):
        key = key_in(sam.get(self.PATH))

        there = {sam.post(self.PATH, {"key": key})["Location"] for _ in range(2)}

        assert len(there) == PreShiftTest.objects.count() == 1

    def test_a_failed_one_says_what_fails_before_and_after(self, sam, camera):
        CameraHealth.objects.update(faults=["lens_blocked"])

        before = text(sam.get(self.PATH))
        after = text(self.confirm(sam))

        assert "C0417 will not pass: 1 of 7 things is not as they must be." in before
        assert "It stands in the commander's list: lens is covered." in after
        assert "ask for a spare" in after

    def test_one_not_in_service_is_not_tested(self, commander, camera, teller, away):
        page = text(commander.get(self.PATH))
        response = commander.post(self.PATH, {"key": str(uuid4())})

        assert "C0417 is in repair: only a camera in service is tested" in page
        assert response.status_code == 422
        assert not PreShiftTest.objects.exists()

    @pytest.mark.parametrize(
        ("scan", "there"),
        [
            ("C0417", "/cameras/C0417/test/"),
            ("217", "/cameras/C0417/test/?scan=217"),
            ("WH-17", "/cameras/C0417/test/?scan=WH-17"),
            (" 217 ", "/cameras/C0417/test/?scan=217"),
        ],
    )
    def test_a_scan_at_the_desk_leads_to_the_camera(self, commander, camera, scan, there):
        response = commander.get("/test/", {"scan": scan})

        assert response["Location"] == there

    @pytest.mark.parametrize("scan", ["999", "C0418", "<b>", "\0", "x" * 5000])
    def test_a_code_of_nothing_says_so(self, commander, camera, scan):
        response = commander.get("/test/", {"scan": scan})

        assert response.status_code == 200
        assert "No camera or badge of yours has this code:" in text(response)

    def test_a_camera_of_another_station_has_no_code_here(self, camera):
        client = client_of(Role.QUARTERMASTER, rows.a_station("N", "North"))

        for code in ("C0417", "WH-17", "217"):
            assert "No camera or badge of yours" in text(client.get("/test/", {"scan": code}))


class TestRepair:
    PATH = "/cameras/C0417/repair/"

    def form(self, client, **said):
        return {
            "key": key_in(client.get(self.PATH)),
            "maintainer": "Example Repairs",
            "reason": "lens cracked",
            "sanitised_at": "2026-01-05T06:55",
            "sanitised_how": "erased, verified",
            **said,
        }

    def test_it_leaves_and_its_statement_can_be_printed(self, commander, fault):
        address = f"{self.PATH}?fault={fault.pk}"

        said = text(commander.post(address, self.form(commander), follow=True))

        repair = Repair.objects.get()
        assert repair.fault == fault
        assert "Statement on maintenance and sanitisation" in said
        assert "Sanitised2026-01-05 06:55 EST by commander: erased, verified" in said
        assert "C0417 is away at Example Repairs" in said
        assert "The camera is away for repair." in text(commander.get(f"/faults/{fault.pk}/"))

    @pytest.mark.parametrize(
        ("said", "sentence"),
        [
            ({"sanitised_at": "", "sanitised_how": ""}, "or why that cannot be done"),
            ({"sanitised_at": "soon"}, "Write a day and a time"),
            ({"sanitised_at": "2999-01-01T00:00"}, "It cannot have been sanitised in the future."),
            ({"maintainer": "..."}, "Say who repairs it."),
            ({"maintainer": "m" * 101}, "That is 101 characters; 100 are kept."),
            ({"cannot_sanitise": "dead"}, "say one of the two"),
            ({"key": ""}, "Load the page and send it again."),
        ],
    )
    def test_nothing_leaves_on_a_bad_form(self, commander, camera, said, sentence):
        response = commander.post(self.PATH, self.form(commander, **said))

        assert response.status_code == 422
        assert sentence in text(response)
        camera.refresh_from_db()
        assert camera.service_state == "in_service"
        assert not Repair.objects.exists()

    def test_one_that_is_away_is_not_sent_again(self, commander, away):
        page = text(commander.get(self.PATH))
        again = commander.post(
            self.PATH,
            {"key": str(uuid4()), "maintainer": "x", "reason": "y", "cannot_sanitise": "z"},
        )

        assert "C0417 is away at Example Repairs already." in page
        assert again.status_code == 422
        assert "take it back first" in text(again)

    def test_the_other_way_to_repair_is_closed(self, commander, camera):
        form = {"to": "in_repair", "reason": "lens"}

        said = text(commander.post("/cameras/C0417/service/", form, follow=True))

        assert "Choose what to do." in said
        camera.refresh_from_db()
        assert camera.service_state == "in_service"

    def test_one_that_is_away_is_not_put_back_by_hand(self, commander, camera, away):
        form = {"to": "in_service", "reason": "back"}

        said = text(commander.post("/cameras/C0417/service/", form, follow=True))

        assert "C0417 is away at Example Repairs" in said
        assert "take it back first" in said
        camera.refresh_from_db()
        assert camera.service_state == "in_repair"

    def test_it_is_taken_back_once(self, commander, away):
        path = f"/repairs/{away.pk}/back/"
        form = {"work_done": "new lens", "parts_replaced": "L-88", "checked_after": "played a clip"}

        empty = commander.post(path, {})
        back = text(commander.post(path, form, follow=True))
        again = commander.post(path, form)

        assert (empty.status_code, again.status_code) == (422, 422)
        assert "Say what was done to it." in text(empty)
        assert "C0417 is back from Example Repairs." in back
        assert "Parts replacedL-88" in back

    def test_the_list_says_how_long_each_is_away(
        self, commander, camera, hq, teller, django_assert_max_num_queries
    ):
        at = now()
        for number, days in ((500, 3), (501, 40)):
            one = rows.a_camera(number, hq, at - timedelta(days=60))
            sent_at = at - timedelta(days=days)
            actions.send_to_repair(
                one, leaving(sent_at), fault=None, key=uuid4(), by=teller, now=sent_at
            )
        commander.get("/repairs/")

        with django_assert_max_num_queries(5):
            said = text(commander.get("/repairs/"))

        assert "2 cameras are away for repair, 1 for more than 30 days." in said
        assert said.index("C0501") < said.index("C0500")


def test_the_camera_page_says_what_is_wrong_with_it(commander, camera, teller, test):
    report(camera, teller, now(), "mount")

    said = text(commander.get("/cameras/C0417/"))

    assert "Mount or clip Major Acknowledge Commander, by" in said
    assert "Last test passed TIME ago." in said
    for act in ("Pre-shift test", "Report a malfunction", "Send to repair"):
        assert act in said


def test_an_auditor_reads_everything_and_is_offered_nothing(camera, fault, away):
    client = client_of(Role.AUDITOR)

    said = [text(client.get(path)) for path in ("/cameras/C0417/", f"/faults/{fault.pk}/")]

    assert "Lens or picture" in said[0]
    for page in said:
        for act in ("Report a malfunction", "Send to repair", "Clear it", "Take it back"):
            assert act not in page
