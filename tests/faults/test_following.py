"""What cameras report becomes a fault by itself, once, and is not forgotten by itself."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from devices.faults import actions
from devices.faults import rows as rows_of_faults
from devices.faults.models import Fault, Resolution
from devices.health.models import CameraHealth
from devices.inventory.models import Camera
from devices.ledger import LedgerEntry
from devices.roles import Role
from tests import rows
from tests.faults.conftest import POLICY, report
from tests.faults.test_malfunctions import at_once


def says(camera, at, *codes):
    """The camera's newest report came at this moment and holds these codes."""
    CameraHealth.objects.filter(camera=camera).update(
        faults=list(codes), received_at=at, heard_at=at
    )


def follow(now):
    return actions.follow_cameras(now=now, policy=POLICY)


def test_what_a_camera_reports_is_opened_once(camera, noon):
    says(camera, noon, "lens_blocked", "battery_worn")

    opened = [follow(noon + timedelta(seconds=5 * n)) for n in range(3)]

    assert opened == [2, 0, 0]
    lens = Fault.objects.get(code="lens_blocked")
    assert (lens.severity, lens.source, lens.opened_by) == ("critical", "camera", None)
    assert lens.facts["reported"] == ["lens_blocked", "battery_worn"]
    assert lens.acknowledge_by == noon + POLICY.acknowledge_critical_within
    entries = LedgerEntry.objects.values_list("verb", "actor")
    assert [*entries] == [("fault opened", None)] * 2


def test_what_comes_and_goes_with_every_shift_is_no_fault(camera, noon):
    says(camera, noon, "battery_low", "storage_low")

    assert follow(noon) == 0


@pytest.mark.parametrize("state", ["in_repair", "retired"])
def test_what_it_says_on_the_workbench_opens_nothing(camera, noon, state):
    Camera.objects.filter(pk=camera.pk).update(service_state=state)
    says(camera, noon, "lens_blocked")

    assert follow(noon) == 0


def test_a_code_nobody_knows_is_a_fault_as_it_is_said(camera, noon):
    says(camera, noon, "gps_dead")

    follow(noon)

    assert str(Fault.objects.get()) == "gps dead of C0417"
    assert Fault.objects.get().severity == "major"


def test_a_camera_that_makes_up_faults_does_not_fill_the_table(camera, noon):
    for n in range(20):
        says(camera, noon + timedelta(seconds=n), *(f"made_up_{n}_{m}" for m in range(16)))
        follow(noon + timedelta(seconds=n))

    assert Fault.objects.count() == actions.MOST_OPEN


def test_a_critical_one_that_is_no_longer_reported_waits_for_it(camera, noon):
    says(camera, noon, "lens_blocked")
    follow(noon)
    later = noon + timedelta(minutes=1)
    says(camera, later)

    follow(later)
    says(camera, noon + timedelta(days=2))
    follow(noon + timedelta(days=2))

    fault = Fault.objects.get()
    assert (fault.state, fault.quiet_since) == ("open", later)


def test_a_lesser_one_is_over_when_the_camera_has_said_so_for_an_hour(camera, noon):
    says(camera, noon, "offload_stuck")
    follow(noon)
    says(camera, noon + timedelta(minutes=1))
    follow(noon + timedelta(minutes=1))

    says(camera, noon + timedelta(minutes=60))
    follow(noon + timedelta(minutes=60))
    early = Fault.objects.get().state
    says(camera, noon + timedelta(minutes=61))
    follow(noon + timedelta(minutes=61))

    fault = Fault.objects.get()
    assert (early, fault.state, fault.resolution) == ("open", "resolved", Resolution.WENT_AWAY)
    assert LedgerEntry.objects.order_by("seq").last().verb == "fault cleared"


def test_silence_ends_no_fault(camera, noon):
    says(camera, noon, "offload_stuck")
    follow(noon)
    says(camera, noon + timedelta(minutes=1))
    follow(noon + timedelta(minutes=1))

    follow(noon + timedelta(days=3))

    assert Fault.objects.get().state == "open"


def test_one_that_is_said_again_is_the_same_fault_and_not_quiet(camera, noon):
    says(camera, noon, "offload_stuck")
    follow(noon)
    for minute in range(1, 120):
        at = noon + timedelta(minutes=minute)
        says(camera, at, *(["offload_stuck"] if minute % 2 else []))
        follow(at)

    fault = Fault.objects.get()
    assert (fault.state, fault.quiet_since) == ("open", None)


def test_what_was_cleared_opens_again_only_on_a_newer_word(camera, commander, noon):
    says(camera, noon, "lens_blocked")
    follow(noon)
    CameraHealth.objects.update(hearing="silent")
    actions.resolve(
        Fault.objects.get(),
        Resolution.REPAIRED,
        words="wiped",
        by=rows.person(Role.IT),
        now=noon + timedelta(hours=1),
    )

    before = follow(noon + timedelta(hours=2))
    says(camera, noon + timedelta(hours=3), "lens_blocked")
    after = follow(noon + timedelta(hours=3))

    assert (before, after) == (0, 1)


def test_what_a_person_told_never_goes_away_by_itself(camera, commander, noon):
    fault = report(camera, commander, noon, "offload")
    says(camera, noon + timedelta(hours=5))

    follow(noon + timedelta(hours=5))

    fault.refresh_from_db()
    assert (fault.state, fault.quiet_since) == ("open", None)


def test_a_whole_fleet_at_once_takes_a_few_sweeps(camera, noon, monkeypatch):
    monkeypatch.setattr(rows_of_faults, "AT_ONCE", 2)
    says(camera, noon, "lens_blocked", "gps_dead", "battery_worn", "storage_fault", "clock_lost")

    assert [follow(noon) for _ in range(4)] == [2, 2, 1, 0]
    late = noon + timedelta(days=2)
    assert [actions.escalate_overdue(now=late) for _ in range(4)] == [2, 2, 1, 0]


def test_nothing_new_costs_three_statements_for_any_fleet(noon, db):
    rows.a_fleet(noon)
    follow(noon)

    with CaptureQueriesContext(
        connection,
    ) as asked:
        follow(noon)

    statements = [one["sql"] for one in asked if "SAVEPOINT" not in one["sql"]]
    assert len(statements) == 3


class TestEscalating:
    def test_what_nobody_acknowledged_in_time_is_escalated_once(self, camera, commander, noon):
        late = report(camera, commander, noon, "lens")
        seen = report(camera, commander, noon, "button")
        slow = report(camera, commander, noon, "mount")
        actions.acknowledge(seen, by=commander, now=noon)
        due = noon + timedelta(minutes=15)

        escalated = [
            actions.escalate_overdue(now=at)
            for at in (due - timedelta(seconds=1), due, due + timedelta(minutes=1))
        ]

        for fault in (late, seen, slow):
            fault.refresh_from_db()
        assert escalated == [0, 1, 0]
        assert [late.escalated_at, seen.escalated_at, slow.escalated_at] == [due, None, None]
        assert LedgerEntry.objects.order_by("seq").last().verb == "fault escalated"

    def test_it_can_still_be_acknowledged(self, camera, commander, noon):
        fault = report(camera, commander, noon)
        late = noon + timedelta(hours=1)
        actions.escalate_overdue(now=late)

        actions.acknowledge(fault, by=commander, now=late)

        assert fault.state == "acknowledged"
        assert fault.escalated_at == late


@pytest.mark.django_db(transaction=True)
class TestInTwoWorkers:
    def test_each_fault_is_opened_once(self, noon):
        fleet = rows.a_fleet(noon)
        CameraHealth.objects.filter(camera__in=fleet.camera_ids[:40]).update(
            faults=["lens_blocked", "battery_worn"], received_at=noon
        )
        Camera.objects.update(service_state="in_service")

        opened = at_once([lambda: follow(noon)] * 4)

        assert sum(opened) == Fault.objects.count() == LedgerEntry.objects.count()
        assert Fault.objects.filter(code="battery_worn").count() == 40

    def test_each_fault_is_escalated_once(self, camera, commander, noon):
        for code in ("lens", "button", "microphone"):
            report(camera, commander, noon, code)
        late = noon + timedelta(hours=1)

        escalated = at_once([lambda: actions.escalate_overdue(now=late)] * 4)

        assert sum(escalated) == 3
        assert LedgerEntry.objects.filter(verb="fault escalated").count() == 3

    def test_each_fault_is_over_once(self, camera, noon):
        says(camera, noon, "offload_stuck", "battery_worn")
        follow(noon)
        for minute in (1, 61):
            says(camera, noon + timedelta(minutes=minute))
            at_once([lambda at=minute: follow(noon + timedelta(minutes=at))] * 4)

        assert not Fault.objects.unresolved().exists()
        assert LedgerEntry.objects.filter(verb="fault cleared").count() == 2
