"""Recalls made, followed and ended: what becomes of each camera."""

from datetime import timedelta

import pytest

from devices.access.people import Visible
from devices.custody import actions as custody
from devices.errors import NotNow, Refused
from devices.health.models import CameraHealth
from devices.inventory import actions as inventory
from devices.inventory.models import Camera, ServiceChange, ServiceState
from devices.ledger import LedgerEntry
from devices.policy import Policy
from devices.readiness import facts, what_if
from devices.readiness.rules import Blocker, Fit
from devices.recalls import actions, reading
from devices.recalls.models import Recall, Recalled
from devices.recalls.rules import Wanted
from devices.roster.models import Shift, ShiftKind
from tests.recalls.setting import VERSION
from tests.rows import a_camera, a_dock, a_model

pytestmark = pytest.mark.django_db


def recalled_names(fleet):
    """The cameras against which a recall stands, each with the sentence."""
    found = facts.read(None, now=fleet.now)
    judged = {one.name: one.judged(None, Policy(), fleet.now) for _, one in found}
    return {
        name: reason.sentence
        for name, readiness in judged.items()
        for reason in readiness.reasons
        if reason.blocker is Blocker.RECALLED
    }


def test_every_camera_of_the_lot_is_ready_for_nobody_at_once(fleet):
    recall = fleet.recall()

    assert recalled_names(fleet) == {
        "C0001": "C0001 is recalled: Swollen batteries.",
        "C0002": "C0002 is recalled: Swollen batteries.",
    }
    assert facts.fits(policy=Policy(), now=fleet.now) == {1: Fit.NO, 2: Fit.NO, 3: Fit.YES}
    assert fleet.stands(recall) == {"C0001": "out", "C0002": "out"}
    (entry,) = LedgerEntry.objects.filter(verb="recalled cameras")
    assert entry.subject == "recall Swollen batteries"
    assert (entry.facts["covers"], entry.facts["named"]) == ("lot A-2291", ["C0001", "C0002"])


@pytest.mark.parametrize(
    ("wanted", "covers"),
    [
        ({"lot": "A-2291"}, [1, 2]),
        ({"model": False}, [2]),
        ({"model": True}, [1, 3]),
        ({"firmware_version": "4.2.1"}, [1, 2, 3]),
        ({"model": True, "lot": "A-2291"}, [1]),
        ({"lot": "A-2292", "firmware_version": "4.2.1"}, [3]),
        ({"lot": "A-2292", "firmware_version": "4.3.0"}, []),
        ({"lot": "A-22"}, []),
    ],
)
def test_what_is_left_empty_is_any_and_together_they_narrow(fleet, wanted, covers):
    told = dict(wanted)
    radio = told.pop("model", None)
    model = None if radio is None else a_model(radio=radio).pk

    found = reading.covered(Wanted("a", "b", model, **told))

    assert [one.number for one in found] == covers


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        (Wanted(" ", "They swell.", lot="A-2291"), "Give it a name"),
        (Wanted("Batteries", "", lot="A-2291"), "Say why"),
        (Wanted("Batteries", "They swell."), "Say which cameras"),
        (Wanted("Batteries", "They swell.", lot="Z-1"), "There is no camera of lot Z-1"),
    ],
)
def test_a_recall_of_nothing_is_refused_and_leaves_nothing(fleet, wanted, said):
    with pytest.raises(Refused, match=said):
        fleet.recall(wanted)

    assert not Recall.objects.exists()
    assert not LedgerEntry.objects.filter(verb__contains="recall").exists()


def test_the_same_cameras_are_recalled_once_while_that_lasts(fleet):
    first = fleet.recall()

    with pytest.raises(NotNow, match="recalled already"):
        fleet.recall()
    actions.end(first, "The maker says so", by=None, now=fleet.now)

    assert fleet.recall().pk != first.pk


# --- What is wanted itself -----------------------------------------------------------------------


def test_what_is_back_in_a_bay_is_taken_out_of_service(fleet):
    recall = fleet.recall()

    assert fleet.sweep() == 2  # taken out, and so it came in
    assert (fleet.state(fleet.here), fleet.state(fleet.away)) == ("out_of_service", "in_service")
    assert fleet.stands(recall) == {"C0001": "in", "C0002": "out"}
    change = ServiceChange.objects.get()
    assert change.reason == "Recall Swollen batteries: They swell when charged."
    assert fleet.sweep() == 0


def test_what_is_docked_while_it_is_given_out_waits_for_its_return(fleet):
    recall = fleet.recall()
    fleet.put(fleet.away, docked=True, bay=fleet.bays[1], mode="off")
    fleet.sweep()
    assert fleet.state(fleet.away) == "in_service"

    custody.check_in(fleet.away, told=fleet.told)
    fleet.sweep()

    assert fleet.state(fleet.away) == "out_of_service"
    assert fleet.stands(recall)["C0002"] == "in"


@pytest.mark.parametrize(
    "there",
    [
        {"docked": False},
        {"docked": None},
        {"mode": "recording"},
        {"hearing": "silent"},
        {"placed_at": None},
    ],
    ids=["away", "nowhere", "recording", "silent", "displaced"],
)
def test_what_is_not_known_to_be_back_stays_as_it_is(fleet, there):
    fleet.recall()
    if "placed_at" in there:
        there = {"placed_at": fleet.now - timedelta(hours=1)}
        fleet.put(fleet.other, bay=fleet.bays[0])
    fleet.put(fleet.here, **there)

    fleet.sweep()

    assert fleet.state(fleet.here) == "in_service"


def test_a_cruisers_charger_is_not_the_station(fleet):
    fleet.recall()
    fleet.put(fleet.here, bay=a_dock("V01", fleet.station, bays=1, kind="vehicle").bays.get())

    fleet.sweep()

    assert fleet.state(fleet.here) == "in_service"


def test_an_own_camera_stays_its_officers(fleet):
    custody.assign(fleet.here, fleet.officer, told=fleet.told)
    fleet.recall()

    fleet.sweep()

    fleet.here.refresh_from_db()
    assert fleet.here.officer == fleet.officer
    assert fleet.state(fleet.here) == "out_of_service"


def test_what_is_put_back_is_taken_out_again_until_it_is_cleared(fleet):
    recall = fleet.recall()
    fleet.sweep()

    def put_back():
        to, why = ServiceState.IN_SERVICE, "Looks fine"
        inventory.change_service(fleet.here, to, reason=why, by=None, now=fleet.now)
        fleet.sweep()

    put_back()
    assert fleet.state(fleet.here) == "out_of_service"
    actions.clear(recall, fleet.here, "New battery", by=None, now=fleet.now)
    put_back()

    assert fleet.state(fleet.here) == "in_service"
    assert fleet.stands(recall) == {"C0001": "cleared", "C0002": "out"}
    assert recalled_names(fleet).keys() == {"C0002"}
    assert reading.kept_out_by(fleet.here.pk) == ""
    assert reading.kept_out_by(fleet.away.pk) == "Swollen batteries"
    assert LedgerEntry.objects.get(verb="cleared of a recall").facts == {
        "recall": "Swollen batteries",
        "reason": "New battery",
    }


def test_a_camera_is_cleared_once_for_a_reason_and_of_its_own_recall(fleet):
    recall = fleet.recall()

    with pytest.raises(Refused, match="Say why"):
        actions.clear(recall, fleet.here, " ", by=None, now=fleet.now)
    with pytest.raises(NotNow, match="C0003 is not in Swollen batteries"):
        actions.clear(recall, fleet.other, "Fine", by=None, now=fleet.now)
    actions.clear(recall, fleet.here, "Fine", by=None, now=fleet.now)
    with pytest.raises(NotNow, match="cleared already"):
        actions.clear(recall, fleet.here, "Fine", by=None, now=fleet.now)
    actions.end(recall, "Over", by=None, now=fleet.now)
    with pytest.raises(NotNow, match="has ended already"):
        actions.clear(recall, fleet.away, "Fine", by=None, now=fleet.now)


def test_the_end_frees_everybody_and_puts_nobody_back(fleet):
    recall = fleet.recall()
    fleet.sweep()

    with pytest.raises(Refused, match="Say why"):
        actions.end(recall, "", by=None, now=fleet.now)
    actions.end(recall, "The maker took it back", by=None, now=fleet.now)

    assert recalled_names(fleet) == {}
    assert fleet.sweep() == 0
    assert fleet.state(fleet.here) == "out_of_service"
    assert fleet.stands(recall) == {"C0001": "in", "C0002": "out"}
    told = LedgerEntry.objects.get(verb="recall ended").facts
    assert (told["out"], told["came_in"], told["cleared"]) == (1, 1, 0)
    with pytest.raises(NotNow, match="has ended already"):
        actions.end(recall, "Again", by=None, now=fleet.now)


def test_who_comes_to_be_covered_joins_and_who_never_was_leaves(fleet):
    recall = fleet.recall()
    Camera.objects.filter(pk=fleet.other.pk).update(lot="A-2291")
    Camera.objects.filter(pk=fleet.here.pk).update(lot="A-2293")

    assert recalled_names(fleet).keys() == {"C0002", "C0003"}  # before any sweep
    fleet.sweep()

    assert fleet.stands(recall) == {"C0002": "out", "C0003": "in"}
    told = LedgerEntry.objects.filter(subject="recall Swollen batteries", actor=None)
    named = {entry.verb: entry.facts.get("named") for entry in told}
    assert (named["joined a recall"], named["left a recall"]) == (["C0003"], ["C0001"])


# --- What an update cures ------------------------------------------------------------------------


def test_a_recalled_version_is_cured_in_service_by_the_cameras_own_word(fleet):
    recall = fleet.recall(VERSION)
    fleet.sweep()
    assert set(fleet.stands(recall).values()) == {"out"}
    assert fleet.state(fleet.here) == "in_service"  # or no rollout could bring it another

    fleet.put(fleet.here, firmware_version="4.3.0")
    assert recalled_names(fleet).keys() == {"C0002", "C0003"}
    assert fleet.sweep() == 1
    assert fleet.stands(recall)["C0001"] == "in"

    fleet.put(fleet.here, firmware_version="4.2.1")
    assert "C0001" in recalled_names(fleet)
    assert fleet.sweep() == 1
    assert fleet.stands(recall)["C0001"] == "out"


# --- What is read --------------------------------------------------------------------------------


def test_the_preview_takes_them_from_the_coming_shifts(fleet):
    kind = ShiftKind.objects.create(code="E", name="Evening", begins="15:00", ends="23:00")
    begins_at = fleet.now + timedelta(hours=3)
    ids = {fleet.here.pk, fleet.away.pk}

    def effect():
        return what_if.without(Visible(), ids, "Swollen batteries", Policy(), fleet.now)

    nothing_comes = effect()
    Shift.objects.create(
        station=fleet.station,
        kind=kind,
        on=fleet.now.date(),
        begins_at=begins_at,
        ends_at=begins_at + timedelta(hours=8),
        reserve=2,
    )
    ((before, after),) = effect().shifts

    assert nothing_comes.sentence == "1 camera would no longer be ready: C0001."
    assert effect().sentence == nothing_comes.sentence
    assert (before.margin, after.margin) == (0, -1)


def test_the_list_and_the_sweep_cost_the_same_for_many_cameras(fleet, django_assert_num_queries):
    recall = fleet.recall()
    fleet.sweep()
    for number in range(10, 40):
        a_camera(number, fleet.station, fleet.now, lot="A-2291", health={"docked": False})
    fleet.sweep()

    with django_assert_num_queries(1):
        assert len(reading.cameras(recall.pk, Visible())) == 32
    with django_assert_num_queries(10):  # with both savepoints
        assert fleet.sweep() == 0
    assert Recalled.objects.count() == 32
    assert CameraHealth.objects.filter(docked=False).count() == 31


def test_no_open_recall_costs_the_sweep_one_question(fleet, django_assert_num_queries):
    with django_assert_num_queries(1):
        assert fleet.sweep() == 0


def test_only_whose_stations_they_are_sees_them(fleet, noon):
    recall = fleet.recall()

    assert reading.cameras(recall.pk, Visible(stations=frozenset())) == []
    (away,) = [one for one in reading.cameras(recall.pk, Visible()) if one.number == 2]
    assert (away.badge, away.unit, away.custody) == ("1031", "Patrol", "shift")
    assert reading.tallies([recall.pk])[recall.pk].out == 2
