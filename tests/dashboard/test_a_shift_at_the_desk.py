"""A story: a spare is kept for a parade, a cut-off desk is wrong, all is settled and closed.

Through the doors alone, as the desk and the people use them; alerts look in between.
"""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.utils.timezone import now

from devices.alerts import actions as alerts
from devices.alerts.models import Alert
from devices.custody.models import Custody, Desk
from devices.desk.cards import CARDS
from devices.desk.models import DeskClosing, DeskConflict
from devices.inventory.models import Officer
from devices.ledger import LedgerEntry
from tests.dashboard.test_dues_pages import HOUR, Scene, asked, local, text

pytestmark = pytest.mark.django_db
EVENT = next(one.code for one in CARDS if one.card.word == "EVENT")


class AtADesk:
    """Scans sent through the API, each with the context of the one before."""

    def __init__(self, scene, desk):
        self.client, self.desk, self.context, self.seq = scene.client, desk, {}, 0

    def scan(self, raw, **fields):
        at, self.seq = datetime.now(UTC).isoformat(), self.seq + 1
        said = {"event_id": str(uuid4()), "desk": self.desk.pk, "seq": self.seq, "raw": raw}
        said |= {"scanned_at": at, "sent_at": at, "context": self.context, **fields}
        answer = self.client.post(
            "/api/v1/desk/scans/",
            said,
            content_type="application/json",
            headers={"Idempotency-Key": said["event_id"]},
        ).json()
        self.context = answer["context"]
        return answer


def close(scene, **said):
    at = f"/desk/{scene.desk.pk}/close/"
    return scene.client.post(at, {"pending": 0, "failed": 0, **said}, follow=True)


def goes_to_the_parade(scene, desk, camera):
    """A spare is kept for the parade: the desk gives it out only with the card that says so."""
    wanted = asked(scene, begins=local(scene.now), ends=local(scene.now + 6 * HOUR))
    scene.client.post("/reservations/make/", {**wanted, "cameras": [camera.pk]})
    desk.scan("1031")
    assert desk.scan(camera.label)["result"] == "refused"
    assert desk.scan(EVENT)["result"] == "issued"


def closed_once(scene):
    """Then it is closed, once, and the record says what it came to."""
    assert "2 scans are not sent yet" in text(close(scene, pending=2))
    assert "Desk 1 at Headquarters: 1 issued" in text(close(scene))
    made = DeskClosing.objects.get()
    assert (made.issued, made.returned, made.out, made.settled) == (1, 0, 0, 1)
    assert "closed this shift already" in text(close(scene))
    verbs = set(LedgerEntry.objects.values_list("verb", flat=True))
    assert {"camera reserved", "desk conflict settled", "desk closed"} <= verbs


def test_a_shift_at_a_desk_ends_with_nothing_open():
    scene = Scene()
    Officer.objects.create(badge_number="1044", station=scene.station)
    other = Desk.objects.create(station=scene.station, name="Desk 2")
    here, there = AtADesk(scene, scene.desk), AtADesk(scene, other)
    parade, shared, *_ = scene.spares

    goes_to_the_parade(scene, here, parade)

    # Cut off, desk 1 gives out what desk 2 has given out: nothing is guessed.
    there.scan("1044")
    assert there.scan(shared.label)["result"] == "issued"
    Officer.objects.create(badge_number="1055", station=scene.station)
    here.scan("1055")
    assert here.scan(shared.label, told="issued")["result"] == "conflict"
    alerts.sweep(now=now() + timedelta(minutes=11))
    assert list(Alert.objects.calling().values_list("rule", flat=True)) == ["desk_conflict"]

    # So the shift is not closed, until somebody has found out who has it.
    assert "must be settled first" in text(close(scene))
    conflict = DeskConflict.objects.get()
    held = Custody.objects.get(camera=shared, closed_at=None)
    told = {"has": "officer", "officer": "1055", "how": "1055 wears it", "on_record": held.pk}
    scene.client.post(f"/desk/conflicts/{conflict.pk}/settle/", told)
    assert Custody.objects.get(camera=shared, closed_at=None).officer.badge_number == "1055"

    # What is not back in time is overdue for everybody who asks, and one tap takes it back.
    late = now() + timedelta(hours=12)
    alerts.sweep(now=late)
    assert set(Alert.objects.calling().values_list("rule", flat=True)) == {"custody_overdue"}
    for held in Custody.objects.open():
        scene.client.post(f"/overdue/{held.pk}/back/")
    alerts.sweep(now=late + timedelta(minutes=1))
    alerts.sweep(now=late + timedelta(minutes=4))
    assert not Alert.objects.calling().exists()

    closed_once(scene)
