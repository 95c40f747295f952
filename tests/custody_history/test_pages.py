"""The pages of custody: what they say, to whom, and what each act by hand does or is refused."""

import csv
import re
from html import unescape
from io import StringIO

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import localtime

from devices.custody import actions as custody
from devices.custody.models import Custody, CustodyEvent
from devices.inventory import actions as inventory
from devices.inventory.models import Camera, Officer
from devices.ledger import LedgerEntry
from devices.roles import Role
from tests.api.callers import browser
from tests.custody_history.test_reading import taken_on
from tests.rows import a_camera, person

pytestmark = pytest.mark.django_db
CAMERA = "/cameras/C0417/"
HISTORY = f"{CAMERA}custody/"


def text(answer) -> str:
    plain = re.sub(r"<(style|script|svg)\b.*?</\1>", "", answer.content.decode(), flags=re.S)
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", plain)))


def said(answer):
    """The messages a form's answer leaves on the next page."""
    return [str(one) for one in answer.context["messages"]]


@pytest.fixture
def quartermaster(house):
    return browser(house.quartermaster)


@pytest.fixture
def commander(house):
    return browser(house.commander)


@pytest.fixture
def told(house):
    """Two custodies: one corrected, and an open one that is overdue."""
    one = house.gives("1017", 10, reason="No other camera is ready", authority="1044")
    house.takes_back(60)
    house.corrects(one, "1031", (10, 50), at=70)
    house.gives("1031", 100, due_at=house.at(600))
    return one


class TestHistory:
    def test_a_cameras_page_says_who_holds_it_and_what_happened_last(self, quartermaster, told):
        page = text(quartermaster.get(CAMERA))

        assert "1031 holds C0417 for the shift since" in page
        assert "overdue since" in page
        assert "Checked out: 1031" in page

    def test_the_record_the_reason_and_the_correction_stand_side_by_side(self, quartermaster, told):
        page = text(quartermaster.get(HISTORY))

        assert "No other camera is ready" in page
        assert "on the authority of 1044" in page
        assert "not ready, 1 reason" in page
        assert "C0417 has 3.1 h of battery." in page
        assert "1031 held it from" in page
        assert "The badge was read wrong" in page
        assert page.index("Overdue since") < page.index("No other camera is ready")

    def test_it_is_narrowed_by_the_address(self, house, quartermaster, told):
        only = text(quartermaster.get(HISTORY, {"verb": "checked_in"}))
        nothing = text(quartermaster.get(HISTORY, {"officer": "1044"}))
        wrong = text(quartermaster.get(HISTORY, {"officer": "nobody", "since": "x"}))

        assert "No other camera is ready" in only
        assert "Overdue since" not in only
        assert "Nothing is like that." in nothing
        assert "No officer has this badge number." in wrong
        assert "That is no time." in wrong

    def test_older_pages_follow(self, house, quartermaster):
        for turn in range(30):
            house.gives("1017", 100 * turn)
            house.takes_back(100 * turn + 50)

        first = quartermaster.get(HISTORY)
        older = re.search(r'rel="next" href="\?([^"]+)"', first.content.decode())
        second = quartermaster.get(f"{HISTORY}?{unescape(older[1])}")

        assert first.content.count(b'class="custody-head"') == 25
        assert second.content.count(b'class="custody-head"') == 5
        assert quartermaster.get(f"{HISTORY}?after=nonsense").status_code == 200

    def test_it_sees_it_without_badge_numbers(self, house, told):
        it = browser(person(Role.IT))

        for page in (text(it.get(one)) for one in (HISTORY, f"/custody/{told.pk}/")):
            assert "an officer" in page.lower()
            without_its_own_number = page.replace(f"{told.pk}", "")
            assert not any(badge in without_its_own_number for badge in house.officers)

    def test_an_officer_sees_their_own_part_and_nobody_elses_badge(self, house, told):
        Camera.objects.update(officer=house.officers["1017"])
        client = browser(person(Role.OFFICER, officer=house.officers["1017"]))

        page = text(client.get(HISTORY))

        assert "No other camera is ready" in page
        assert "1031" not in page
        assert "1044" not in page

    @pytest.mark.parametrize("turns", [1, 20])
    def test_any_history_costs_the_same(self, house, quartermaster, turns):
        for turn in range(turns):
            house.gives("1017", 100 * turn)
            house.takes_back(100 * turn + 50)
        quartermaster.get(HISTORY)

        with CaptureQueriesContext(connection) as asked:
            quartermaster.get(HISTORY)

        assert len(asked) == 10

    def test_each_duty_of_an_own_camera_has_the_readiness_it_was_taken_with(
        self, house, quartermaster
    ):
        house.owns("1017", 0)
        house.takes("1017", 100)
        mistaken = house.takes("1017", 1500, fit="yes", reasons=[])
        custody.undo(mistaken, told=house.told(1500.5))

        page = text(quartermaster.get(HISTORY))

        assert page.count("Taken on duty scanned") + page.count("Taken on duty Desk 1") == 2
        assert f"Readiness at {localtime(house.at(100)):%Y-%m-%d %H:%M}: not ready" in page
        assert f"Readiness at {localtime(house.at(1500)):%Y-%m-%d %H:%M}: ready" in page
        assert page.count("Undone") >= 1

    def test_of_many_duties_the_latest_are_told_and_the_record_tells_all(
        self, house, quartermaster
    ):
        own = house.owns("1017", 0)
        taken_on(house, 33)

        history = quartermaster.get(HISTORY)
        record = quartermaster.get(f"/custody/{own.pk}/")

        assert history.content.count(b"Taken on duty</b>") == 30
        assert "Taken on duty 3 times before these: all of it" in text(history)
        assert record.content.count(b"Taken on duty</b>") == 33
        assert "before these" not in text(record)


class TestOneRecord:
    def test_it_has_its_numbers_in_the_ledger(self, quartermaster, told):
        page = text(quartermaster.get(f"/custody/{told.pk}/"))

        for entry in LedgerEntry.objects.filter(verb__in=("checked in", "corrected")):
            assert f"ledger no. {entry.seq}" in page

    def test_it_is_corrected_beside_the_record(self, house, quartermaster, told):
        form = {
            "officer": "1044",
            "opened_at": f"{localtime(house.at(10)):%Y-%m-%dT%H:%M}",
            "closed_at": f"{localtime(house.at(40)):%Y-%m-%dT%H:%M}",
            "reason": "Seen on video",
        }

        answer = quartermaster.post(f"/custody/{told.pk}/correct/", form, follow=True)

        assert said(answer) == ["The correction stands beside the record."]
        assert "1044 held it from" in text(answer)
        assert "1031 held it from" in text(answer)
        assert Custody.objects.get(pk=told.pk).officer == house.officers["1017"]

    @pytest.mark.parametrize(
        ("change", "why"),
        [
            ({"reason": ""}, "Say why in a few words"),
            ({"officer": "9999"}, "No officer has this badge number."),
            ({"opened_at": ""}, "Say from when."),
            ({"opened_at": "yesterday"}, "That is no time."),
            ({"opened_at": "2999-01-01T00:00"}, "That time is still to come."),
            ({"closed_at": ""}, "It has ended: say when it really did."),
            ({"closed_at": "2020-01-01T00:00"}, "It would have ended before it began."),
        ],
    )
    def test_what_cannot_be_is_said(self, house, quartermaster, told, change, why):
        form = {
            "officer": "1044",
            "opened_at": f"{localtime(house.at(10)):%Y-%m-%dT%H:%M}",
            "closed_at": f"{localtime(house.at(40)):%Y-%m-%dT%H:%M}",
            "reason": "Seen on video",
        }

        answer = quartermaster.post(f"/custody/{told.pk}/correct/", form | change)

        assert answer.status_code == 422
        assert why in text(answer)


class TestAnyMoment:
    def ask(self, client, house, minutes, **named):
        at = f"{localtime(house.at(minutes)):%Y-%m-%dT%H:%M:%S}"
        return text(client.get("/custody/", {"at": at, **named}))

    def test_who_held_it_is_one_sentence_with_its_record(self, house, quartermaster, told):
        page = self.ask(quartermaster, house, 20, camera="c0417")

        assert "1017 held C0417 at" in page
        assert "A correction concerns it." in page
        assert "1031 held it from" in page
        assert "C0417 has 3.1 h of battery." in page

    def test_of_an_own_camera_it_says_how_it_was_taken_on_duty(self, house, quartermaster):
        house.owns("1017", 0)
        house.takes("1017", 100)
        house.takes("1017", 1500, fit="yes", reasons=[])

        before, first, later = [
            self.ask(quartermaster, house, then, camera="C0417") for then in (50, 101, 1501)
        ]

        assert "Its readiness was not recorded." in before
        frozen = f"Readiness at {localtime(house.at(100)):%Y-%m-%d %H:%M}: not ready, 1 reason"
        assert frozen in first
        assert frozen not in later
        assert f"Readiness at {localtime(house.at(1500)):%Y-%m-%d %H:%M}: ready" in later
        assert not any("was not recorded" in one for one in (first, later))

    def test_after_an_undoing_it_says_how_it_was_given_out(self, house, quartermaster):
        house.gives("1017", 10)
        custody.undo(house.takes_back(60), told=house.told(60.5))

        page = self.ask(quartermaster, house, 70, camera="C0417")

        assert f"Readiness at {localtime(house.at(10)):%Y-%m-%d %H:%M}: not ready" in page

    def test_what_an_officer_held(self, house, quartermaster, told):
        held = self.ask(quartermaster, house, 20, officer="1017")
        not_held = self.ask(quartermaster, house, 20, officer="1044")
        said_to = self.ask(quartermaster, house, 20, officer="1031")

        assert "1017 held C0417 (for the shift) at" in held
        assert "1044 held no camera at" in not_held
        assert "Corrections of other custodies that concern this moment" in said_to

    def test_unknown_is_said_as_unknown(self, house, quartermaster, told):
        page = self.ask(quartermaster, house, -60, camera="C0417")

        assert "is not known. C0417 was enrolled at" in page

    @pytest.mark.parametrize(
        ("asked", "why"),
        [
            ({"camera": "", "at": "2026-03-12T03:12"}, "Say which: a camera or an officer"),
            ({"camera": "C0417"}, "Say when: a day and a time"),
            ({"camera": "C0417", "officer": "1017", "at": "2026-03-12T03:12"}, "one of the two"),
            ({"camera": "C9999", "at": "2026-03-12T03:12"}, "No camera is called that."),
            ({"camera": "C0417", "at": "2026-03-08T02:30"}, "The clocks skipped that time"),
            ({"camera": "C0417", "at": "9999-01-01T00:00"}, "That time is still to come."),
            ({"camera": "\0", "at": "\0"}, "Null characters are not allowed."),
        ],
    )
    def test_what_cannot_be_answered_is_said(self, house, quartermaster, asked, why):
        answer = quartermaster.get("/custody/", asked)

        assert answer.status_code == 400
        assert why in text(answer)


class TestByHand:
    def post(self, client, act, **form):
        return client.post(f"{HISTORY}{act}/", form, follow=True)

    def test_it_is_checked_in_with_a_reason(self, house, quartermaster):
        house.gives("1017", 10)
        held = Custody.objects.get()

        without = self.post(quartermaster, "check-in")
        with_it = self.post(quartermaster, "check-in", custody=held.pk, reason="Left on the desk")

        assert said(without) == ["Say why in a few words; it stays with the camera."]
        assert said(with_it) == ["C0417 is checked in."]
        event = CustodyEvent.objects.first()
        assert (event.via, event.reason) == ("page", "Left on the desk")
        assert event.snapshot["reasons"] is not None

    def test_a_page_that_shows_an_older_record_ends_nobody_elses_custody(
        self, house, quartermaster
    ):
        house.gives("1017", 10)
        held = Custody.objects.get()
        shown = quartermaster.get(CAMERA).content.decode()
        assert f'name="custody" value="{held.pk}"' in shown
        house.takes_back(20)
        house.gives("1031", 30)

        answer = self.post(quartermaster, "check-in", custody=held.pk, reason="Left here")
        unsaid = self.post(quartermaster, "check-in", reason="Left here")

        assert said(answer)[0].startswith("C0417 is back already. 1031 holds C0417 since")
        assert said(unsaid) == ["Look who has it now, and check it in again."]
        assert Custody.objects.get(closed_at=None).officer == house.officers["1031"]

    def test_it_goes_to_another_officer(self, house, quartermaster):
        house.gives("1017", 10)

        answer = self.post(quartermaster, "transfer", officer="1031", reason="Handed over")
        again = self.post(quartermaster, "transfer", officer="1031", reason="Handed over")

        assert said(answer) == ["C0417 went to 1031."]
        assert said(again)[0].startswith("1031 holds C0417")
        assert Custody.objects.get(closed_at=None).officer == house.officers["1031"]

    def test_it_is_swapped_for_another_on_its_page(self, house, quartermaster):
        a_camera(531, house.station, house.begin)
        house.gives("1017", 10)
        shown = quartermaster.get(CAMERA).content.decode()

        swap = {"officer": "1017", "instead": "C0531"}
        refused = self.post(quartermaster, "swap", **swap)
        nothing = self.post(quartermaster, "swap", officer="1017")
        answer = self.post(quartermaster, "swap", **swap, reason="The lens is cracked")

        assert "Swap it for another camera" in shown
        assert said(refused)[0].startswith("C0531 is not ready.")
        assert said(nothing) == ["Say which camera."]
        assert said(answer) == ["C0417 is back; C0531 went to 1017 instead."]
        assert Custody.objects.get(closed_at=None).camera.name == "C0531"

    def test_nobody_who_is_suspended_is_handed_one(self, house, quartermaster):
        house.gives("1017", 10)
        inventory.suspend(house.officers["1031"], "Under inquiry", by=None, now=house.at(20))

        answer = self.post(quartermaster, "transfer", officer="1031", reason="Handed over")

        assert said(answer) == ["1031 is suspended: no camera."]

    def test_it_becomes_an_own_camera_and_is_taken_back(self, house, quartermaster):
        given = self.post(quartermaster, "assign", officer="1017", reason="Standing issue")
        taken = self.post(quartermaster, "assign", officer="", reason="Transferred away")

        assert said(given) == ["C0417 is 1017's own."]
        assert said(taken) == ["C0417 is nobody's own any more."]
        assert Camera.objects.get().officer is None

    @pytest.mark.parametrize("address", [f"{HISTORY}lost/", f"{CAMERA}service/"])
    def test_lost_is_an_act_of_custody_from_either_form(self, house, quartermaster, address):
        house.gives("1017", 10)
        form = {"reason": "Left in a taxi", "to": "lost"}

        answer = quartermaster.post(address, form, follow=True)
        found = self.post(quartermaster, "found", reason="The taxi came back")

        assert said(answer) == ["C0417 is lost."]
        assert said(found) == ["C0417 is found. Look at it, then put it back in service."]
        verbs = CustodyEvent.objects.order_by("id").values_list("verb", flat=True)
        assert list(verbs) == ["checked_out", "reported_lost", "found"]

    @pytest.mark.parametrize("act", ["check-in", "found", "swap", "transfer", "assign"])
    def test_what_cannot_be_is_said_in_a_sentence(self, house, quartermaster, act):
        answer = self.post(quartermaster, act, officer="9999", reason="\u202e" * 300)

        assert len(said(answer)) == 1
        assert not CustodyEvent.objects.exists()


class TestBadges:
    def post(self, client, act, **form):
        return client.post(f"/officers/1017/badges/{act}/", form, follow=True)

    def test_one_is_scanned_in_and_a_lost_one_taken_away(self, house, quartermaster):
        added = self.post(quartermaster, "add", value="98ee58ad", kind="rfid")
        badge = house.officers["1017"].credentials.get()
        unsaid = self.post(quartermaster, "end", credential=badge.pk)
        ended = self.post(quartermaster, "end", credential=badge.pk, reason="Lost on patrol")
        again = self.post(quartermaster, "end", credential=badge.pk, reason="Lost on patrol")

        assert said(added) == ["RFID card …58AD names 1017 from now on."]
        assert "98EE58AD" not in added.content.decode()
        assert "…58AD" in text(added)
        assert said(unsaid) == ["Say why in a few words; it stays with the officer."]
        assert said(ended) == ["RFID card …58AD names nobody any more."]
        assert said(again) == ["The officer has this badge no more."]

    @pytest.mark.parametrize(
        ("form", "why"),
        [
            ({"value": "1031", "kind": "badge"}, "This badge names another officer: end it there."),
            ({"value": "", "kind": "badge"}, "Scan the badge into the field."),
            ({"value": "98EE58AD", "kind": "tattoo"}, "Select a valid choice."),
            ({"value": "\0", "kind": "badge"}, "Null characters are not allowed."),
        ],
    )
    def test_what_cannot_be_is_said_in_a_sentence(self, house, quartermaster, form, why):
        answer = self.post(quartermaster, "add", **form)

        assert len(said(answer)) == 1
        assert said(answer)[0].startswith(why)
        assert not house.officers["1017"].credentials.exists()

    def test_an_auditor_sees_no_badges(self, house):
        house.officers["1017"].credentials.create(value="98EE58AD")
        page = browser(person(Role.AUDITOR)).get("/officers/1017/")

        assert page.status_code == 200
        assert "58AD" not in page.content.decode()


class TestOfficers:
    def test_who_should_hold_nothing_stands_on_top(self, house, commander):
        house.gives("1017", 10)
        house.officers["1017"].active = False
        house.officers["1017"].save()

        page = text(commander.get("/officers/"))

        assert "1 officer who has left or is suspended still holds a camera." in page
        assert page.index("Take these back") < page.index("1017 has left")

    def test_they_are_found_by_badge_and_by_what_they_hold(self, house, commander, told):
        def badges(**asked):
            page = commander.get("/officers/", asked).content.decode()
            return re.findall(r'<th scope="row"><a data-step href="/officers/(\w+)/', page)

        assert badges() == ["1017", "1031", "1044"]
        assert badges(q="104") == ["1044"]
        assert badges(who="holding") == badges(who="overdue") == ["1031"]
        assert badges(who="left") == badges(who="suspended") == []
        assert "Null characters are not allowed." in text(commander.get("/officers/?q=%00"))

    def test_an_officers_page_has_what_they_hold_and_held(self, house, commander, told):
        held = text(commander.get("/officers/1031/"))
        before = text(commander.get("/officers/1017/"))

        assert "1031 holds C0417 since" in held
        assert "1017 holds no camera." in before
        assert "No other camera is ready" in before

    def test_suspending_says_at_once_what_is_still_held(self, house, commander):
        house.gives("1017", 10)
        form = {"reason": "Under inquiry"}

        answer = commander.post("/officers/1017/suspend/", form, follow=True)
        again = commander.post("/officers/1017/suspend/", form, follow=True)
        back = commander.post("/officers/1017/let-back/", {"reason": "Cleared"}, follow=True)

        assert said(answer) == ["1017 is suspended."]
        assert "1017 is suspended: Under inquiry. 1017 holds C0417" in text(answer)
        assert "it is still on record with 1017" in text(answer)
        assert said(again) == ["1017 is suspended already."]
        assert said(back) == ["1017 is let back."]
        assert LedgerEntry.objects.last().facts["reason"] == "Cleared"

    def test_without_a_reason_nobody_is_suspended(self, house, commander):
        answer = commander.post("/officers/1017/suspend/", {"reason": " "}, follow=True)

        assert said(answer) == ["Say why in a few words; it stays with the officer."]
        assert not Officer.objects.exclude(suspended_because="").exists()

    def test_any_number_costs_the_same(self, house, commander):
        def cost():
            with CaptureQueriesContext(connection) as asked:
                commander.get("/officers/")
            return len(asked)

        cost()
        few = cost()
        Officer.objects.bulk_create(
            Officer(badge_number=str(2000 + n), station=house.station) for n in range(60)
        )

        assert cost() == few

    def test_ctrl_k_finds_badges_for_who_may_see_them(self, house, commander):
        found = commander.get("/go.json?q=10").json()["destinations"]
        unseen = browser(person(Role.IT)).get("/go.json?q=10").json()["destinations"]

        assert [one["label"] for one in found] == ["1017", "1031", "1044"]
        assert unseen == []


class TestFile:
    def rows(self, client, **asked):
        answer = client.get("/custody.csv", asked)
        assert answer.status_code == 200, said(answer)
        content = b"".join(answer).decode("utf-8-sig")
        return list(csv.DictReader(StringIO(content)))

    def test_it_holds_what_the_filter_shows_and_that_is_written_down(
        self, house, quartermaster, told
    ):
        rows = self.rows(quartermaster, camera="C0417", verb="checked_in")

        (row,) = rows
        assert (row["Camera"], row["Officer"], row["Ended with"]) == ("C0417", "1017", "Checked in")
        assert row["Began"] == localtime(house.at(10)).isoformat(timespec="seconds")
        assert row["Why not ready"] == "C0417 has 3.1 h of battery."
        assert "1031 held it from" in row["Corrections"]
        entry = LedgerEntry.objects.get(verb="exported custody")
        assert entry.facts == {"asked": ["camera=C0417", "verb=checked_in"], "rows": 1}

    def test_of_an_own_camera_it_says_how_it_was_last_taken_on_duty(self, house, quartermaster):
        house.owns("1017", 0)
        house.takes("1017", 100)

        (row,) = self.rows(quartermaster, camera="C0417")

        assert (row["Began with"], row["Readiness then"]) == ("Given as own camera", "no")
        assert row["Why not ready"] == "C0417 has 3.1 h of battery."
        assert row["Readiness at"] == localtime(house.at(100)).isoformat(timespec="seconds")

    def test_no_cell_is_a_formula(self, house, quartermaster):
        house.gives("1017", 10, reason="=1+1")

        (row,) = self.rows(quartermaster)

        assert row["Reason"] == "'=1+1"

    def test_what_is_asked_wrongly_is_not_exported(self, house, quartermaster, told):
        answer = quartermaster.get("/custody.csv", {"officer": "9999"}, follow=True)

        assert said(answer) == ["Nothing was exported. No officer has this badge number."]
        assert not LedgerEntry.objects.filter(verb="exported custody").exists()

    def test_every_row_of_a_long_history_is_in_it(self, house, quartermaster):
        for turn in range(7):
            house.gives("1017", 100 * turn)
            house.takes_back(100 * turn + 50)

        assert len(self.rows(quartermaster, camera="C0417")) == 7

    def test_an_officer_takes_their_own_alone(self, house, told):
        client = browser(person(Role.OFFICER, officer=house.officers["1017"]))

        (row,) = self.rows(client)

        assert row["Officer"] == "1017"
        assert "1031" not in str(row)
