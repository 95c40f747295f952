"""Which camera a desk offers: ranked by the database, as the rules of readiness judge them."""

from datetime import datetime, timedelta

import pytest

from devices.custody import actions as custody
from devices.custody.actions import Terms, Told
from devices.custody.models import Custody, Desk
from devices.desk import recommending
from devices.desk.recommending import Wanted
from devices.inventory.models import Camera, Officer
from devices.readiness import facts
from devices.readiness.rules import Fit, Need
from devices.roles import Role
from devices.roster.reservations import actions as reservations
from devices.roster.reservations.actions import Reserving
from devices.roster.rules import Span
from tests.desk.conftest import POLICY
from tests.rows import a_fleet, person

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def pool(noon) -> Desk:
    """A fleet on an ordinary afternoon, whose cameras are everybody's; some were used before, some
    are out, one is kept for an event and one for officer 205."""
    fleet = a_fleet(noon, cameras=60)
    station, by = fleet.stations[0], person(Role.QUARTERMASTER, fleet.stations[0])
    Camera.objects.update(officer=None)
    station.pool = True
    station.save()
    here = list(Camera.objects.filter(station=station, service_state="in_service"))
    officers = list(Officer.objects.all()[:20])
    for n, (camera, officer) in enumerate(zip(here[::2], officers, strict=False)):
        at = noon - timedelta(days=1, hours=n % 5)
        custody.check_out(camera, officer, Terms(), told=Told(by=by, now=at))
        if n % 4:
            custody.check_in(camera, told=Told(by=by, now=at + 4 * HOUR))
    desk = Desk.objects.create(station=station, name="Desk 1")
    free = recommending.ranked(desk, Wanted(8 * HOUR), POLICY, noon)
    span, officer = Span(noon + HOUR, noon + 3 * HOUR), Officer.objects.get(badge_number="205")
    for one, whom in ((free[2], {"title": "Parade"}), (free[-1], {"officer": officer})):
        kept = Reserving(span, reason="x", **whom)
        reservations.reserve([Camera.objects.get(pk=one.id)], kept, by=by, now=noon)
    return desk


def judged(desk: Desk, need: Need, now: datetime) -> list[int]:
    """The same by the rules that people can read, one camera after the other."""
    held = set(Custody.objects.open().values_list("camera", flat=True))
    told: list[tuple[bool, bool, datetime, int, str, int, int]] = []
    for camera in Camera.objects.filter(station=desk.station).select_related("health__bay__dock"):
        known = dict(facts.read([camera.pk], now=now))[camera.pk]
        fit = known.judged(need, POLICY, now).fit is Fit.YES
        if camera.pk in held or not fit or camera.service_state != "in_service":
            continue
        used = Custody.objects.filter(camera=camera).order_by("-opened_at").first()
        at = used.opened_at if used else datetime.min.replace(tzinfo=now.tzinfo)
        lasting, bay = known.hours(), camera.health.bay
        assert lasting is not None
        place = (bay.dock.code, bay.position) if bay else ("", 0)
        told.append(
            (
                known.update_stage != "",
                not known.promises,
                at,
                -int(lasting.hours),
                *place,
                camera.number,
            )
        )
    return [one[-1] for one in sorted(told)]


@pytest.mark.parametrize(("badge", "hours"), [("", 8), ("205", 8), ("205", 4)])
def test_the_database_ranks_by_the_rules(pool, noon, badge, hours):
    lasts = hours * HOUR

    ranked = recommending.ranked(pool, Wanted(lasts, badge), POLICY, noon)

    expected = judged(pool, Need(noon, lasts, badge), noon)
    assert [one.number for one in ranked] == expected
    assert len(expected) > 5


def test_an_officer_is_offered_the_spare_that_is_kept_for_them(pool, noon):
    mine = recommending.best(pool, Wanted(8 * HOUR, "205"), POLICY, noon)
    anybodys = recommending.ranked(pool, Wanted(8 * HOUR, "206"), POLICY, noon)

    assert mine[0].number not in [one.number for one in anybodys]


def test_a_camera_that_was_just_offered_an_update_is_named_last(pool, noon):
    first, second, *_ = recommending.best(pool, Wanted(8 * HOUR), POLICY, noon)
    until = noon + 10 * HOUR
    Camera.objects.filter(pk=first.id).update(update_stage="offered", updating_until=until)

    ranked = recommending.ranked(pool, Wanted(8 * HOUR), POLICY, noon)

    assert (ranked[0].number, ranked[-1].number) == (second.number, first.number)


def test_what_is_offered_costs_one_statement(pool, noon, django_assert_num_queries):
    with django_assert_num_queries(1):
        recommending.best(pool, Wanted(8 * HOUR), POLICY, noon)
