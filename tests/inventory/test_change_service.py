"""Out of service, to repair, lost and back: the moves there are, and what each leaves behind."""

import pytest
from django.db import transaction

from devices import ledger
from devices.errors import Refused
from devices.inventory.actions import LONGEST_REASON, change_service
from devices.inventory.models import SERVICE, Camera, ServiceState
from devices.ledger import LedgerEntry
from devices.roles import Role
from tests.feeding import heard_while
from tests.racing import race
from tests.rows import a_camera, a_station, person

pytestmark = pytest.mark.django_db

IN, OUT, REPAIR, LOST, RETIRED = ServiceState
MOVES = {
    IN: {OUT, REPAIR, LOST},
    OUT: {IN, REPAIR, LOST},
    REPAIR: {IN},
    LOST: {IN},
    RETIRED: set(),
}
VERBS = {
    IN: "put back in service",
    OUT: "taken out of service",
    REPAIR: "sent to repair",
    LOST: "marked lost",
}
EVERY_MOVE = [(before, after) for before in ServiceState for after in ServiceState]


def a_camera_that_is(state, now):
    note = "" if state == IN else "cracked lens"
    return a_camera(417, a_station(), now, service_state=state, service_note=note)


def change(camera, to, now, *, reason="  as told  ", by=None):
    change_service(camera, to, reason=reason, by=by, now=now)


def test_the_table_of_moves_is_the_rooms_and_retiring_stands_apart():
    assert {state: set(SERVICE.moves[state]) - {RETIRED} for state in ServiceState} == MOVES


@pytest.mark.parametrize(("before", "after"), EVERY_MOVE)
def test_a_camera_goes_where_the_table_leads_and_nowhere_else(noon, before, after):
    camera, somebody = a_camera_that_is(before, noon), person(Role.IT)

    if after in MOVES[before]:
        change(camera, after, noon, by=somebody)
    else:
        with pytest.raises(Refused, match=r"C0417 (is .*; it cannot become|cannot be retired)"):
            change(camera, after, noon, by=somebody)

    stored = Camera.objects.get()
    written = list(LedgerEntry.objects.values_list("verb", "subject", "actor", "at", "facts"))
    if after in MOVES[before]:
        facts = {"before": before, "after": after, "reason": "as told"}
        assert stored.service_state == camera.service_state == after
        assert stored.service_note == ("" if after == IN else "as told")
        assert written == [(VERBS[after], "C0417", somebody.pk, noon, facts)]
    else:
        assert stored.service_state == before
        assert written == []


@pytest.mark.parametrize("reason", ["", "   ", "\n\t"])
def test_no_camera_moves_without_a_reason(noon, reason):
    camera = a_camera_that_is(IN, noon)

    with pytest.raises(Refused, match="Say why in a few words"):
        change(camera, LOST, noon, reason=reason)

    assert Camera.objects.get().service_state == IN


def test_a_long_reason_is_cut_and_kept(noon):
    camera = a_camera_that_is(IN, noon)

    change(camera, OUT, noon, reason="x" * 5000)

    assert Camera.objects.get().service_note == "x" * LONGEST_REASON
    assert LedgerEntry.objects.get().facts["reason"] == "x" * LONGEST_REASON


def test_what_a_page_still_showed_is_not_what_the_ledger_calls_before(noon):
    stale = a_camera_that_is(IN, noon)
    change(Camera.objects.get(), OUT, noon)

    change(stale, LOST, noon)

    assert LedgerEntry.objects.last().facts["before"] == OUT


def test_a_stale_page_cannot_take_a_move_that_is_gone(noon):
    stale = a_camera_that_is(IN, noon)
    change(Camera.objects.get(), REPAIR, noon)

    with pytest.raises(Refused, match=r"C0417 is in repair; it cannot become lost\."):
        change(stale, LOST, noon)

    assert stale.service_state == REPAIR


def test_the_other_cameras_stay_where_they_are(noon):
    camera = a_camera_that_is(IN, noon)
    other = a_camera(418, camera.station, noon)

    change(camera, LOST, noon)

    other.refresh_from_db()
    assert (other.service_state, other.service_note) == (IN, "")


@pytest.mark.django_db(transaction=True)
class TestCommitted:
    """The state, its entry and the word to open boards: all together, or none."""

    def test_boards_are_told_which_camera_to_look_at(self, noon):
        camera = a_camera_that_is(IN, noon)

        heard = heard_while(lambda: change(camera, LOST, noon))

        assert heard == {"type": "cameras.changed", "camera_ids": [camera.pk]}

    def test_what_is_undone_leaves_no_state_no_entry_and_no_word(self, noon):
        camera, other = a_camera_that_is(IN, noon), a_camera(418, a_station("N"), noon)

        def undone():
            with transaction.atomic():
                change(camera, LOST, noon)
                transaction.set_rollback(True)

        heard = heard_while(undone, lambda: change(other, OUT, noon))

        assert heard["camera_ids"] == [other.pk]
        assert Camera.objects.get(pk=camera.pk).service_state == IN
        assert LedgerEntry.objects.get().subject == "C0418"
        assert list(ledger.breaks()) == []

    def test_of_many_who_press_at_once_one_moves_it(self, noon):
        camera = a_camera_that_is(IN, noon)

        def press(number):
            change(Camera.objects.get(pk=camera.pk), [REPAIR, LOST][number % 2], noon)

        done = race(press, runners=8)

        assert sum(one is None for one in done) == 1
        assert LedgerEntry.objects.get().facts["after"] == Camera.objects.get().service_state
