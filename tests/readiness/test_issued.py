"""Who was given a camera by hand is judged by it, and nobody else is offered it."""

from datetime import timedelta

import pytest
from django.db import transaction

from devices.custody import actions as custody
from devices.custody.actions import Terms, Told
from devices.errors import Refused
from devices.inventory import actions as inventory
from devices.inventory.models import Camera, Officer
from devices.policy import Policy
from devices.readiness import facts
from devices.readiness.margin import Remedy
from devices.readiness.rules import Blocker, Fit, Need
from devices.roster.models import StandIn
from devices.roster.roll_call import actions as roll_call
from tests import rows
from tests.readiness.test_shifts import a_shift, a_spare, judged, on, only

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
FLAT = {"battery_percent": 20, "battery_state": "discharging"}


@pytest.fixture
def station():
    return rows.a_station()


@pytest.fixture
def shift(station, noon):
    """Under way since an hour ago."""
    return a_shift(station, noon - HOUR)


@pytest.fixture
def give(noon):
    def out(camera, badge, **terms):
        kind = terms.pop("kind", "loan")
        officer = Officer.objects.get(badge_number=str(badge))
        told = Told(by=None, now=noon, via="import")
        return custody.check_out(camera, officer, Terms(kind, **terms), told=told)

    return out


def test_a_spare_that_is_given_out_is_offered_to_nobody_else(shift, station, noon, give):
    on(shift, 1, noon, FLAT)
    spare = a_spare(801, station, noon)
    on(a_shift(station, noon + 5 * HOUR, name="Night"), 2, noon, {})
    assert judged(shift, noon).posts[0].todo[0].remedy is Remedy.OFFER_SPARE

    give(spare, 2, kind="shift")

    found = judged(shift, noon)
    assert only(found).todo[0].remedy is Remedy.ASK_ELSEWHERE
    assert (found.spares, [one.camera.name for one in found.unfit_spares]) == ((), ["C0801"])
    assert found.unfit_spares[0].readiness.reasons[-1].blocker is Blocker.ISSUED
    assert "2" not in found.unfit_spares[0].readiness.reasons[-1].sentence


def test_an_officer_on_loan_is_judged_by_the_spare_for_the_shift_under_way(
    shift, station, noon, give
):
    own = on(shift, 417, noon, FLAT)
    spare = a_spare(533, station, noon)
    give(spare, 417, loan_of=own)

    post = only(judged(shift, noon))

    assert (post.judged.camera.name, post.ready, post.gone) == ("C0533", True, True)
    assert post.stands == "own camera C0417, on spare C0533"


def test_tomorrow_they_are_judged_by_their_own_again(shift, station, noon, give):
    own = on(shift, 417, noon, {})
    tomorrow = a_shift(station, noon + 23 * HOUR, name="Tomorrow")
    on(tomorrow, 417, noon, {})
    give(a_spare(533, station, noon), 417, loan_of=own)

    post = only(judged(tomorrow, noon))

    assert (post.judged.camera.name, post.instead_of) == ("C0417", None)


def test_an_officer_of_a_pool_has_what_was_given_to_them(shift, station, noon, give):
    on(shift, 1, noon)
    give(a_spare(801, station, noon), 1, kind="shift")

    post = only(judged(shift, noon))

    assert (post.judged.camera.name, post.ready, post.stands) == ("C0801", True, "")


def test_an_own_camera_that_another_went_out_with_is_not_its_officers(shift, station, noon, give):
    own = on(shift, 417, noon, {"docked": False, "mode": "buffering", "placed_at": noon})
    on(a_shift(station, noon + 5 * HOUR, name="Night"), 2, noon)

    give(own, 2, kind="shift")

    post = only(judged(shift, noon))
    assert not post.ready
    assert {one.blocker for one in post.judged.readiness.reasons} >= {Blocker.ISSUED}


def test_what_is_given_out_cannot_be_promised(shift, station, noon, give):
    on(shift, 1, noon, FLAT)
    on(a_shift(station, noon + 5 * HOUR, name="Night"), 2, noon)
    spare = a_spare(801, station, noon)
    give(spare, 2, kind="shift")

    with pytest.raises(Refused, match="C0801 is given out"):
        roll_call.promise_spare(
            shift, Officer.objects.get(badge_number="1"), spare, by=None, now=noon
        )


def test_handing_out_the_promised_spare_keeps_the_promise_and_frees_any_other(shift, station, noon):
    on(shift, 1, noon, FLAT)
    later = a_shift(station, noon + HOUR, name="Late")
    on(later, 1, noon, FLAT, begins_at=noon + 7 * HOUR, ends_at=noon + 9 * HOUR)
    officer = Officer.objects.get(badge_number="1")
    kept, other = a_spare(801, station, noon), a_spare(802, station, noon)
    promised = roll_call.promise_spare(shift, officer, kept, by=None, now=noon)
    spared = roll_call.promise_spare(later, officer, other, by=None, now=noon)

    with transaction.atomic():
        promises = roll_call.promised_now(officer, now=noon, policy=Policy())
        assert set(promises) == {promised, spared}
        roll_call.settle_promises(promises, kept, by=None, now=noon)

    promised.refresh_from_db()
    spared.refresh_from_db()
    assert (promised.ended_at, promised.handed_at) == (noon, noon)
    assert (spared.ended_at, spared.handed_at) == (noon, None)

    roll_call.renew_promise(officer, kept, handed_at=noon, by=None, now=noon)
    promised.refresh_from_db()
    assert (promised.ended_at, promised.handed_at) == (None, None)


@pytest.mark.parametrize(("hours", "kept"), [(2, False), (4, True)])
def test_a_promise_is_for_now_as_long_before_as_a_test_counts(station, noon, hours, kept):
    later = a_shift(station, noon + 3 * HOUR)
    on(later, 1, noon, FLAT)
    officer, spare = Officer.objects.get(), a_spare(801, station, noon)
    promise = roll_call.promise_spare(later, officer, spare, by=None, now=noon)
    policy = Policy(test_counts_for=hours * HOUR)

    with transaction.atomic():
        found = roll_call.promised_now(officer, now=noon, policy=policy)

    assert found == ([promise] if kept else [])


def test_evidence_is_ready_for_nobody(station, noon):
    camera = a_spare(801, station, noon)
    inventory.hold(camera, "Incident 26-1", by=None, now=noon)

    known = dict(facts.read([camera.pk], now=noon))[camera.pk]

    for need in (None, Need(noon, 8 * HOUR, "1"), Need(noon, 8 * HOUR, "1", taken=True)):
        judged_ = known.judged(need, Policy(), noon)
        assert (judged_.fit, judged_.reasons[0].blocker) == (Fit.NO, Blocker.HELD)
        assert "26-1" not in judged_.reasons[0].sentence


def test_evidence_cannot_be_promised(shift, station, noon):
    on(shift, 1, noon, FLAT)
    spare = a_spare(801, station, noon)
    inventory.hold(spare, "Incident 26-1", by=None, now=noon)

    with pytest.raises(Refused, match="held as evidence"):
        roll_call.promise_spare(
            shift, Officer.objects.get(badge_number="1"), spare, by=None, now=noon
        )
    assert not StandIn.objects.exists()
    assert Camera.objects.get(pk=spare.pk).public_by == noon + 96 * HOUR


def test_who_took_one_of_the_pool_is_out_with_that(shift, station, noon, give):
    station.pool = True
    station.save()
    on(shift, 1, noon)
    on(shift, 2, noon)
    taken = a_spare(801, station, noon)
    a_spare(802, station, noon)
    give(taken, 1, kind="shift")

    found = judged(shift, noon)

    with_it = {one.duty.badge: (one.judged.camera.name, one.takes_any) for one in found.posts}
    assert with_it == {"1": ("C0801", False), "2": ("C0802", True)}
