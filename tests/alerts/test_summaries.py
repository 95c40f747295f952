"""One summary of a shift for each officer, about their own cameras, and one for the station."""

from dataclasses import replace
from datetime import time, timedelta

import pytest
from django.core import mail

from devices.alerts import actions, notices, sending, summaries
from devices.alerts.actions import Listener
from devices.alerts.models import Notice
from devices.custody import actions as custody
from devices.custody.actions import Terms, Told
from devices.custody.models import CustodyEvent
from devices.inventory.models import Officer
from devices.policy import Policy
from devices.roles import Role
from devices.roster.models import Shift, ShiftKind
from tests.rows import a_camera, a_duty, a_station, person

pytestmark = pytest.mark.django_db
POLICY = Policy()
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
WAIT = POLICY.handover + POLICY.overdue_after


class Scene:
    """A shift of eight hours from noon on, two officers on it, and what they were given."""

    def __init__(self, noon):
        self.noon, self.ends_at = noon, noon + 8 * HOUR
        self.station = a_station()
        self.by = person(Role.QUARTERMASTER, self.station)
        kind = ShiftKind.objects.create(code="D", name="Day", begins=time(12), ends=time(20))
        self.shift = Shift.objects.create(
            station=self.station, kind=kind, on=noon.date(), begins_at=noon, ends_at=self.ends_at
        )
        self.officers = {}
        for badge, address in (("1017", "a@example.org"), ("1031", "")):
            officer = Officer.objects.create(badge_number=badge, station=self.station)
            user = person(Role.OFFICER, self.station, name=badge, officer=officer)
            user.email = address
            user.save()
            a_duty(self.shift, officer)
            self.officers[badge] = officer
        self.cameras = [a_camera(530 + n, self.station, noon, health={}) for n in range(1, 4)]

    def lend(self, camera, badge, *, after, extra=False):
        told = Told(by=self.by, now=self.noon + after)
        terms = Terms(due_at=self.ends_at + POLICY.handover, extra=extra)
        return custody.check_out(camera, self.officers[badge], terms, told=told).opened

    def back(self, camera, *, after):
        custody.check_in(camera, told=Told(by=self.by, now=self.noon + after))

    def undo(self, camera, *, after):
        """What was done to it last was a mistake."""
        last = CustodyEvent.objects.filter(camera=camera).latest("id")
        custody.undo(last, told=Told(by=self.by, now=self.noon + after))

    def write(self, after=timedelta(), policy=POLICY):
        return summaries.write(now=self.ends_at + WAIT + after, policy=policy)


@pytest.fixture
def scene(noon):
    return Scene(noon)


@pytest.mark.parametrize("hours", [2, 4])
def test_what_was_taken_before_the_duty_is_of_it_as_long_as_a_test_counts(scene, hours):
    scene.lend(scene.cameras[0], "1017", after=-3 * HOUR)

    scene.write(policy=replace(POLICY, test_counts_for=hours * HOUR))

    assert ("Issued to you: C0531" in Notice.objects.get().body) == (hours == 4)


def test_an_officer_reads_once_what_was_issued_returned_and_is_overdue(scene):
    first, second, third = scene.cameras
    scene.lend(first, "1017", after=-10 * MINUTE)
    scene.back(first, after=2 * HOUR)
    scene.lend(second, "1017", after=2 * HOUR)
    scene.lend(third, "1017", after=3 * HOUR, extra=True)
    scene.back(third, after=8 * HOUR)

    assert scene.write(-MINUTE) == 0
    assert [scene.write(n * MINUTE) for n in range(3)] == [1, 0, 0]

    notice = Notice.objects.get()
    assert notice.title == "Your cameras on Day of Tue 1 Jan: 1 overdue"
    assert "Overdue: C0532 was due 01 Jan" in notice.body
    assert "Issued to you: C0531 01 Jan" in notice.body
    assert "C0532 01 Jan" in notice.body
    assert "Returned: C0531 01 Jan" in notice.body
    assert "Bring it back" in notice.body
    assert notice.body.count("\n") < 8


def test_it_goes_to_the_address_that_is_the_officers_when_it_is_sent(scene):
    scene.lend(scene.cameras[0], "1017", after=timedelta())
    scene.write()
    user = scene.officers["1017"].user
    user.email = "b@example.org"
    user.save()

    sending.send_due(now=scene.ends_at + WAIT)

    assert [one.to for one in mail.outbox] == [["b@example.org"]]


def test_who_wants_none_by_then_gets_none(scene):
    scene.lend(scene.cameras[0], "1017", after=timedelta())
    scene.write()
    user = scene.officers["1017"].user
    user.email = ""
    user.save()

    sending.send_due(now=scene.ends_at + WAIT)

    assert mail.outbox == []
    assert Notice.objects.get().fault == "This person wants no mail any more."


def test_who_gave_no_address_and_who_had_no_camera_is_told_nothing(scene):
    scene.lend(scene.cameras[0], "1031", after=timedelta())

    assert scene.write() == 0
    assert not Notice.objects.exists()


def test_what_somebody_else_took_over_is_returned_for_the_one_and_issued_for_the_other(scene):
    camera = scene.cameras[0]
    scene.lend(camera, "1031", after=timedelta())
    told = Told(by=scene.by, now=scene.noon + HOUR, reason="Handed over")
    custody.transfer(camera, scene.officers["1017"], Terms(due_at=scene.ends_at), told=told)

    scene.write()

    body = Notice.objects.get().body
    assert "Issued to you: C0531" in body
    assert "1031" not in body
    assert "Returned" not in body


def test_what_they_hand_over_is_returned_though_nobody_writes_to_who_took_it(scene):
    camera = scene.cameras[0]
    scene.lend(camera, "1017", after=timedelta())
    told = Told(by=scene.by, now=scene.noon + HOUR, reason="Handed over")
    custody.transfer(camera, scene.officers["1031"], Terms(due_at=scene.ends_at), told=told)

    scene.write()

    assert "Returned: C0531" in Notice.objects.get().body


def test_what_was_scanned_by_mistake_was_neither_issued_nor_returned(scene):
    mistaken, kept = scene.cameras[:2]
    scene.lend(kept, "1017", after=MINUTE)
    scene.lend(mistaken, "1017", after=10 * MINUTE, extra=True)
    scene.undo(mistaken, after=10.5 * MINUTE)
    scene.back(kept, after=20 * MINUTE)
    scene.undo(kept, after=20.5 * MINUTE)

    scene.write()

    body = Notice.objects.get().body
    assert body.count("Issued to you: C0532") == 1
    assert body.count("C0532") == 2
    assert "Overdue: C0532" in body
    assert "C0531" not in body
    assert "Returned" not in body


def test_who_had_a_camera_by_mistake_alone_is_told_nothing(scene):
    scene.lend(scene.cameras[0], "1017", after=timedelta())
    scene.undo(scene.cameras[0], after=MINUTE / 2)

    assert scene.write() == 0


def test_an_own_camera_that_was_not_docked_is_in_it(scene, noon):
    officer = scene.officers["1017"]
    own = a_camera(417, scene.station, noon, health={"docked": False, "placed_at": noon})
    long_ago = Told(by=scene.by, now=noon - timedelta(days=9), reason="Standing issue")
    custody.assign(own, officer, told=long_ago)

    scene.write()

    assert "Overdue: C0417 was due" in Notice.objects.get().body


def test_the_stations_summary_counts_cameras_and_names_no_officer(scene):
    listener = Listener("mail", "sum@example.org", digest=True, escalations_only=True)
    actions.add_channel(listener, salt="", by=None, now=scene.noon)
    for camera, badge in zip(scene.cameras, ("1017", "1031"), strict=False):
        scene.lend(camera, badge, after=timedelta())
    scene.back(scene.cameras[0], after=HOUR)

    notices.sum_up(now=scene.ends_at + 50 * MINUTE, policy=POLICY)

    body = Notice.objects.get().body
    assert "Cameras: 2 issued, 1 returned, 1 out, 1 overdue." in body
    assert "Overdue: C0532 01 Jan" in body
    assert "1017" not in body
    assert "1031" not in body
