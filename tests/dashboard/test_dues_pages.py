"""Overdue, reservations, what desks told, and closing a shift: what the pages say and do."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils.timezone import localtime, now

from devices.custody import actions as custody
from devices.custody.actions import Terms, Told
from devices.custody.models import Custody, CustodyEvent, Desk
from devices.desk.models import DeskClosing, DeskConflict, DeskRequest
from devices.inventory.models import Officer
from devices.roles import Role
from devices.roster.models import Reservation, Shift, ShiftKind
from tests.api.callers import browser
from tests.rows import a_camera, a_dock, a_duty, a_station, person

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


class Scene:
    def __init__(self):
        self.now = now()
        self.station = a_station()
        self.dock = a_dock("D01", self.station)
        self.officer = Officer.objects.create(
            badge_number="1031", station=self.station, unit="Patrol A"
        )
        self.user = person(Role.QUARTERMASTER, self.station)
        self.client = browser(self.user)
        self.desk = Desk.objects.create(station=self.station, name="Desk 1")
        self.spares = [
            a_camera(530 + one.position, self.station, self.now, health={"bay": one})
            for one in self.dock.bays.filter(position__lte=4)
        ]

    def lend(self, camera, *, ago, due_ago, **terms):
        told = Told(by=self.user, now=self.now - ago)
        terms = Terms(due_at=self.now - due_ago, **terms)
        return custody.check_out(camera, self.officer, terms, told=told).opened

    def conflict(self, camera, told="issued"):
        scan = DeskRequest.objects.create(
            event_id=uuid4(),
            desk=self.desk,
            by=self.user,
            seq=1,
            raw="x",
            scanned_at=self.now,
            received_at=self.now,
        )
        sentence = f"Desk 1 told {told} while cut off."
        return DeskConflict.objects.create(
            request=scan,
            camera=camera,
            officer=self.officer,
            told=told,
            sentence=sentence,
            at=self.now,
        )


@pytest.fixture
def scene():
    return Scene()


def text(answer):
    return answer.content.decode()


def local(moment):
    return f"{localtime(moment):%Y-%m-%dT%H:%M}"


# --- Overdue -------------------------------------------------------------------------------


def test_nothing_overdue_is_said_first(scene):
    scene.lend(scene.spares[0], ago=9 * HOUR, due_ago=HOUR / 4)

    said = text(scene.client.get("/overdue/"))

    assert "Nothing is overdue." in said
    assert "C0531" not in said


def test_the_longest_overdue_comes_first_with_whom_to_call(scene):
    scene.lend(scene.spares[0], ago=9 * HOUR, due_ago=HOUR)
    scene.lend(scene.spares[1], ago=40 * HOUR, due_ago=30 * HOUR, extra=True)
    scene.spares[1].health.docked = False
    scene.spares[1].health.save()

    said = text(scene.client.get("/overdue/"))

    assert "2 cameras are overdue, 1 missing." in said
    assert said.index("C0532") < said.index("C0531")
    assert "It is in D01-1: take it back." in said
    assert "Ask 1031 of Patrol A; if nobody knows, report C0532 lost." in said


def test_own_cameras_not_docked_after_duty_are_beside_it(scene):
    begins_at = scene.now - 10 * HOUR
    kind = ShiftKind.objects.create(code="D", name="Day", begins="07:00", ends="15:00")
    shift = Shift.objects.create(
        station=scene.station,
        kind=kind,
        on=begins_at.date(),
        begins_at=begins_at,
        ends_at=begins_at + 8 * HOUR,
    )
    a_duty(shift, scene.officer)
    out = {"docked": False, "placed_at": begins_at}
    own = a_camera(417, scene.station, scene.now, health=out)
    told = Told(by=scene.user, now=begins_at, reason="Standing issue")
    custody.assign(own, scene.officer, told=told)

    said = text(scene.client.get("/overdue/"))

    assert "Nothing is overdue" not in said
    assert "1 own camera was not docked after duty." in said
    assert "C0417" in said


def test_it_is_due_later_for_a_reason_and_the_page_keeps_that(scene):
    held = scene.lend(scene.spares[0], ago=9 * HOUR, due_ago=HOUR)
    said = {"until": local(scene.now + 2 * HOUR), "reason": "Court runs late"}

    answer = scene.client.post(f"/overdue/{held.pk}/extend/", said, follow=True)

    assert "Nothing is overdue." in text(answer)
    event = CustodyEvent.objects.get(verb="extended")
    assert (event.reason, event.about.opened, event.by) == ("Court runs late", held, scene.user)
    held.refresh_from_db()
    assert held.due_at > scene.now
    assert event.says["was"] < event.says["due_at"]


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"until": "soon", "reason": "x"}, "Write a day and a time"),
        ({"until": "2020-01-01T10:00", "reason": "x"}, "still to come"),
        ({"until": "2999-01-01T10:00", "reason": "x"}, "At most 7 days"),
        ({"until": "", "reason": "x"}, "Write a day and a time"),
        ({"reason": " "}, "Say why"),
        ({"reason": "x" * 201}, "At most 200 characters"),
        ({"reason": "a\x00b"}, "Null characters"),
    ],
)
def test_what_cannot_be_extended_is_said_beside_it(scene, said, sentence):
    held = scene.lend(scene.spares[0], ago=9 * HOUR, due_ago=HOUR)
    said = {"until": local(scene.now + HOUR), **said}

    answer = scene.client.post(f"/overdue/{held.pk}/extend/", said)

    assert answer.status_code == 422
    assert sentence in text(answer)
    assert not CustodyEvent.objects.filter(verb="extended").exists()


def test_one_tap_takes_it_back_once(scene):
    held = scene.lend(scene.spares[0], ago=9 * HOUR, due_ago=HOUR)

    first = scene.client.post(f"/overdue/{held.pk}/back/", follow=True)
    scene.lend(scene.spares[0], ago=HOUR, due_ago=-HOUR)
    second = scene.client.post(f"/overdue/{held.pk}/back/", follow=True)

    assert "C0531 is back." in text(first)
    assert "C0531 is back already." in text(second)
    assert Custody.objects.open().count() == 1


@pytest.mark.parametrize(("role", "named"), [(Role.AUDITOR, True), (Role.IT, False)])
def test_who_only_reads_is_offered_nothing_and_it_sees_no_badge(scene, role, named):
    scene.lend(scene.spares[0], ago=9 * HOUR, due_ago=HOUR)

    read = text(browser(person(role)).get("/overdue/"))

    assert "C0531" in read
    assert "It is back" not in read
    assert ("1031" in read) is named


# --- Reservations --------------------------------------------------------------------------


def asked(scene, **fields):
    return {
        "station": "HQ",
        "model": "",
        "number": "2",
        "begins": local(scene.now + 24 * HOUR),
        "ends": local(scene.now + 30 * HOUR),
        "title": "Parade",
        "officer": "",
        "reason": "Memorial Day",
        **fields,
    }


def test_the_preview_says_which_cameras_and_what_the_shifts_keep(scene):
    begins_at = scene.now + 25 * HOUR
    kind = ShiftKind.objects.create(code="D", name="Day", begins="07:00", ends="15:00")
    Shift.objects.create(
        station=scene.station,
        kind=kind,
        on=begins_at.date(),
        begins_at=begins_at,
        ends_at=begins_at + 8 * HOUR,
        reserve=3,
    )
    scene.lend(scene.spares[0], ago=HOUR, due_ago=-HOUR)

    said = text(scene.client.get("/reservations/", asked(scene)))

    assert 'C0531</b> Example R2 <span class="muted small">Given out, due' in said
    assert "2 cameras, and 1 shift would be short." in said
    assert said.count("checked><span>") == 2
    assert "Reserve these" in said
    assert not Reservation.objects.exists()


def test_the_chosen_cameras_are_reserved_and_freed_again(scene):
    chosen = [scene.spares[1].pk, scene.spares[3].pk]

    made = scene.client.post(
        "/reservations/make/", {**asked(scene), "cameras": chosen}, follow=True
    )

    assert "Reserved: C0532, C0534." in text(made)
    assert "2 cameras are reserved." in text(made)
    again = text(scene.client.get("/reservations/", asked(scene, number="4")))
    assert "Only 2 of 4 are free." in again
    row = Reservation.objects.first()
    ended = scene.client.post(f"/reservations/{row.pk}/end/", follow=True)
    assert "C0532 is free again." in text(ended)


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"number": "0"}, "A number from 1 to 50."),
        ({"number": "9" * 4000}, "A number from 1 to 50."),
        ({"begins": "x"}, "Write a day and a time"),
        ({"ends": "2020-01-01T10:00"}, "end before it begins"),
        ({"officer": "9999"}, "No officer has this badge number."),
        ({"officer": "a\x00b"}, "Null characters"),
        ({"officer": "1031"}, "Say for whom"),
        ({"title": ""}, "Say for whom"),
        ({"title": "\u202ex"}, "A title is a text"),
        ({"reason": ""}, "Say why"),
        ({"station": "N"}, "Choose a station."),
        ({"model": "x"}, "Choose a model."),
        ({"cameras": []}, "Choose at least one camera."),
        ({"cameras": ["x", "9" * 40]}, "Choose at least one camera."),
    ],
)
def test_a_reservation_that_cannot_be_says_why(scene, fields, sentence):
    said = {**asked(scene), "cameras": [scene.spares[0].pk], **fields}

    answer = scene.client.post("/reservations/make/", said)

    assert answer.status_code == 422
    assert sentence in text(answer)
    assert not Reservation.objects.exists()


def test_another_stations_camera_is_not_there(scene):
    other = a_camera(900, a_station("N", "North"), scene.now)

    answer = scene.client.post("/reservations/make/", {**asked(scene), "cameras": [other.pk]})

    assert answer.status_code == 404


# --- What desks told -----------------------------------------------------------------------


def test_what_was_told_stands_beside_the_record_and_is_settled(scene):
    held = scene.lend(scene.spares[0], ago=HOUR, due_ago=-HOUR)
    conflict = scene.conflict(scene.spares[0], "returned")

    said = text(scene.client.get("/desk/conflicts/"))
    answer = scene.client.post(
        f"/desk/conflicts/{conflict.pk}/settle/",
        {"has": "nobody", "how": "It lies in the tray", "on_record": held.pk},
        follow=True,
    )

    assert "1 thing that desks told is not settled." in said
    assert "1031 holds it since" in said
    assert "Nothing is to be settled." in text(answer)
    assert "It lies in the tray" in text(answer)
    assert not Custody.objects.open().exists()


def test_what_was_found_out_beside_an_older_record_is_shown_the_new_one(scene):
    before = scene.lend(scene.spares[0], ago=2 * HOUR, due_ago=-HOUR)
    conflict = scene.conflict(scene.spares[0], "returned")
    told = Told(by=scene.user, now=scene.now - HOUR)
    custody.check_in(scene.spares[0], told=told)
    since = scene.lend(scene.spares[0], ago=HOUR, due_ago=-HOUR)

    answer = scene.client.post(
        f"/desk/conflicts/{conflict.pk}/settle/",
        {"has": "nobody", "how": "It lies in the tray", "on_record": before.pk},
    )

    assert answer.status_code == 422
    assert "The record has changed since you looked." in text(answer)
    assert f'name="on_record" value="{since.pk}"' in answer.content.decode()
    assert Custody.objects.get(closed_at=None) == since


def test_what_was_told_of_a_code_that_names_no_camera_is_settled_in_words(scene):
    conflict = scene.conflict(None)
    settle = f"/desk/conflicts/{conflict.pk}/settle/"

    said = text(scene.client.get("/desk/conflicts/"))
    refused = scene.client.post(settle, {"has": "nobody", "how": "It is here"})
    answer = scene.client.post(settle, {"has": "as_recorded", "how": "A sticker"}, follow=True)

    assert "which camera was it?" in said
    assert "Which camera it was is not known" in text(refused)
    assert "Nothing is to be settled." in text(answer)
    assert "A sticker" in text(answer)


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"how": "x"}, "Say who has it."),
        ({"has": "me", "how": "x"}, "Say who has it."),
        ({"has": "nobody", "how": " "}, "Say in a sentence"),
        ({"has": "officer", "officer": "", "how": "x"}, "Say which officer"),
        ({"has": "officer", "officer": "77", "how": "x"}, "No officer has this badge"),
        ({"has": "nobody", "how": "x" * 201}, "At most 200 characters"),
    ],
)
def test_what_does_not_settle_it_leaves_it_open(scene, said, sentence):
    conflict = scene.conflict(scene.spares[0])

    answer = scene.client.post(f"/desk/conflicts/{conflict.pk}/settle/", said)

    assert answer.status_code == 422
    assert sentence in text(answer)
    assert DeskConflict.objects.get().settled_at is None


# --- Closing -------------------------------------------------------------------------------


def test_a_shift_is_closed_and_its_record_can_be_read(scene):
    answer = scene.client.post(
        f"/desk/{scene.desk.pk}/close/", {"pending": 0, "failed": 0, "after": ""}, follow=True
    )

    made = DeskClosing.objects.get()
    assert answer.redirect_chain[-1][0] == f"/desk/closings/{made.pk}/"
    assert "Desk 1 at Headquarters: 0 issued, 0 returned, 0 overdue." in text(answer)
    assert made.by == scene.user


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({}, "did not say which scans it keeps"),
        ({"pending": "", "failed": ""}, "did not say which scans it keeps"),
        ({"pending": -1, "failed": 0}, "did not say which scans it keeps"),
        ({"pending": "9" * 5000, "failed": 0}, "did not say which scans it keeps"),
        ({"pending": 2, "failed": 0}, "2 scans are not sent yet"),
        ({"pending": 0, "failed": 1}, "1 scan is not done"),
        ({"pending": 0, "failed": 0, "after": 12}, "closed this shift already"),
    ],
)
def test_a_shift_that_cannot_be_closed_says_why(scene, said, sentence):
    answer = scene.client.post(f"/desk/{scene.desk.pk}/close/", said)

    assert answer.status_code == 422
    assert sentence in text(answer)
    assert not DeskClosing.objects.exists()


def test_what_is_unsettled_stands_against_it_and_leads_there(scene):
    scene.conflict(scene.spares[0])

    page = text(scene.client.get(f"/desk/{scene.desk.pk}/close/"))
    answer = scene.client.post(f"/desk/{scene.desk.pk}/close/", {"pending": 0, "failed": 0})

    assert "1 thing that this desk told must be settled first." in page
    assert 'href="/desk/conflicts/"' in page
    assert answer.status_code == 422


def test_the_list_of_desks_leads_to_closing_and_to_what_is_unsettled(scene):
    scene.conflict(scene.spares[0])

    said = text(scene.client.get("/desk/?all"))

    assert f'href="/desk/{scene.desk.pk}/close/"' in said
    assert 'href="/desk/conflicts/"' in said


def test_an_officer_says_where_summaries_go_and_nobody_else_is_asked(scene):
    user = person(Role.OFFICER, scene.station, name="worn", officer=scene.officer)
    client = browser(user)

    wrong = client.post("/me/summary/", {"email": "nowhere"})
    client.post("/me/summary/", {"email": "a@example.org"})

    assert wrong.status_code == 422
    user.refresh_from_db()
    assert user.email == "a@example.org"
    assert "Summary of your cameras" in text(client.get("/me/"))
    assert "Summary of your cameras" not in text(scene.client.get("/me/"))
