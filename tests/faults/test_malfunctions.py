"""A malfunction is told, acknowledged, repaired and cleared, each once and by whom it may."""

from datetime import timedelta
from importlib import import_module
from threading import Barrier, Thread
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, transaction

from devices.errors import Refused
from devices.faults import actions
from devices.faults.actions import Returning
from devices.faults.models import Fault, FaultSource, Repair, Resolution
from devices.health.models import CameraHealth
from devices.inventory.models import Camera
from devices.ledger import LedgerEntry
from devices.readiness import facts
from devices.readiness.rules import Blocker
from devices.roles import Role
from tests import rows
from tests.faults.conftest import POLICY, leaving, report, telling

DONE = Returning("new lens", "lens L-88, serial 55", "recorded and played a clip")


def verbs():
    return [*LedgerEntry.objects.order_by("seq").values_list("verb", flat=True)]


class TestTelling:
    def test_it_is_kept_with_its_severity_and_clock(self, camera, commander, noon):
        fault = report(camera, commander, noon, "mount")

        assert (fault.severity, fault.state, fault.source) == ("major", "open", "commander")
        assert fault.acknowledge_by == noon + POLICY.acknowledge_major_within
        assert (fault.told_at, fault.opened_by) == (noon, commander)
        assert fault.facts["battery_percent"] == 100
        assert verbs() == ["fault opened"]

    def test_who_says_it_must_not_be_issued_makes_it_critical(self, camera, commander, noon):
        fault = report(camera, commander, noon, "mount", must_not_be_issued=True)

        assert fault.severity == "critical"
        assert fault.acknowledge_by == noon + POLICY.acknowledge_critical_within

    @pytest.mark.parametrize(
        ("code", "words", "sentence"),
        [
            ("", "x", "Choose what is wrong."),
            ("lens_blocked", "x", "Choose what is wrong."),
            ("<script>", "x", "Choose what is wrong."),
            ("other", "", "Say in a few words what is wrong."),
            ("other", " \u200b. ", "Say in a few words what is wrong."),
            ("lens", "x" * 5000, "That is 5000 characters; 400 are kept. Say it shorter."),
            ("lens", "a\0b", "Null characters are not allowed."),
        ],
    )
    def test_what_says_nothing_is_refused(self, camera, commander, noon, code, words, sentence):
        with pytest.raises(Refused) as refused:
            report(camera, commander, noon, code, words)

        assert str(refused.value) == sentence
        assert not Fault.objects.exists()
        assert verbs() == []

    def test_any_script_is_kept_as_it_was_written(self, camera, commander, noon):
        words = "<b>עדשה</b> \u202eשבר 😀"

        assert report(camera, commander, noon, "lens", words).words == words

    def test_the_same_form_sent_twice_is_one_fault(self, camera, commander, noon):
        key = uuid4()

        faults = {report(camera, commander, noon, key=key).pk for _ in range(2)}

        assert len(faults) == Fault.objects.count() == 1
        assert verbs() == ["fault opened"]

    def test_what_is_open_already_is_not_opened_again(self, camera, commander, noon):
        report(camera, commander, noon)

        with pytest.raises(Refused, match="C0417 already has this fault open: lens or picture"):
            report(camera, commander, noon + timedelta(minutes=3))

        assert Fault.objects.count() == 1

    def test_what_is_open_and_graver_is_told_anew_and_blocks_at_once(self, camera, commander, noon):
        lesser = report(camera, commander, noon, "battery", "runs down")
        later = noon + timedelta(minutes=3)

        graver = report(
            camera, commander, later, "battery", "it is swollen", must_not_be_issued=True
        )

        lesser.refresh_from_db()
        assert (lesser.severity, lesser.state, lesser.resolution) == ("major", "resolved", "graver")
        assert (lesser.resolved_at, lesser.resolved_by) == (later, commander)
        assert (graver.severity, graver.state, graver.words) == (
            "critical",
            "open",
            "it is swollen",
        )
        known = dict(facts.read([camera.pk], now=noon))[camera.pk]
        assert known.judged(None, POLICY, noon).reasons[0].blocker is Blocker.FAULT
        assert verbs() == ["fault opened", "fault told as critical", "fault opened"]

    @pytest.mark.parametrize("graver", [True, False])
    def test_what_is_open_as_gravely_is_refused_however_it_is_told(
        self, camera, commander, noon, graver
    ):
        report(camera, commander, noon, "battery", must_not_be_issued=True)

        with pytest.raises(Refused, match="C0417 already has this fault open: battery"):
            report(camera, commander, noon, "battery", must_not_be_issued=graver)

        assert Fault.objects.count() == 1

    def test_a_retired_camera_has_no_faults(self, camera, commander, noon):
        Camera.objects.filter(pk=camera.pk).update(service_state="retired")

        with pytest.raises(Refused, match="C0417 is retired"):
            report(camera, commander, noon)


class TestAcknowledging:
    def test_the_first_one_answers_for_it(self, camera, commander, it, noon):
        fault = report(camera, commander, noon)

        actions.acknowledge(fault, by=commander, now=noon)

        assert (fault.state, fault.acknowledged_by) == ("acknowledged", commander)
        with pytest.raises(Refused, match="commander acknowledged it already, 01 Jan"):
            actions.acknowledge(fault, by=it, now=noon)
        assert verbs() == ["fault opened", "fault acknowledged"]

    def test_when_a_commander_knew_is_kept_once(self, camera, sam, commander, noon):
        fault = report(camera, sam, noon)
        assert fault.told_at is None

        actions.acknowledge(fault, by=commander, now=noon + timedelta(minutes=4))

        assert fault.told_at == noon + timedelta(minutes=4)
        with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
            Fault.objects.update(told_at=noon)

    def test_another_who_acknowledges_it_has_not_told_a_commander(self, camera, sam, it, noon):
        fault = report(camera, sam, noon)

        actions.acknowledge(fault, by=it, now=noon)

        assert (fault.state, fault.told_at) == ("acknowledged", None)

    def test_a_commander_says_that_they_know_of_what_another_acknowledged(
        self, camera, sam, it, commander, noon
    ):
        fault = report(camera, sam, noon)
        actions.acknowledge(fault, by=it, now=noon)
        later = noon + timedelta(minutes=9)

        with pytest.raises(Refused, match="Only a commander of C0417 says that"):
            actions.see(fault, by=it, now=later)
        actions.see(fault, by=commander, now=later)

        assert (fault.state, fault.acknowledged_by, fault.told_at) == ("acknowledged", it, later)
        with pytest.raises(Refused, match="A commander knew of it before"):
            actions.see(fault, by=commander, now=later)
        assert verbs()[-1] == "fault seen by a commander"

    def test_a_commander_who_sends_it_to_repair_or_clears_it_knew(
        self, camera, sam, commander, it, noon
    ):
        mount, battery = (report(camera, sam, noon, code) for code in ("mount", "battery"))
        minute = timedelta(minutes=1)

        actions.resolve(
            mount, Resolution.REPAIRED, words="new clip", by=commander, now=noon + minute
        )
        actions.send_to_repair(
            camera, leaving(noon), fault=battery, key=uuid4(), by=commander, now=noon + 2 * minute
        )

        battery.refresh_from_db()
        assert (mount.told_at, battery.told_at) == (noon + minute, noon + 2 * minute)

    def test_another_who_sends_it_to_repair_has_not_told_a_commander(self, camera, sam, it, noon):
        fault = report(camera, sam, noon)

        actions.send_to_repair(camera, leaving(noon), fault=fault, key=uuid4(), by=it, now=noon)

        fault.refresh_from_db()
        assert (fault.state, fault.told_at) == ("in_repair", None)

    def test_what_is_resolved_needs_nobody(self, camera, commander, it, noon):
        fault = report(camera, commander, noon)
        actions.resolve(fault, Resolution.NO_FAULT, words="tried it", by=it, now=noon)

        with pytest.raises(Refused, match="lens of C0417 is resolved already"):
            actions.acknowledge(fault, by=commander, now=noon)


class TestRepair:
    def test_it_leaves_with_every_fault_it_has(self, camera, commander, noon):
        lens, mount = (report(camera, commander, noon, code) for code in ("lens", "mount"))
        actions.acknowledge(lens, by=commander, now=noon)
        sent_at = noon + timedelta(hours=2)

        repair = actions.send_to_repair(
            camera, leaving(noon), fault=lens, key=uuid4(), by=commander, now=sent_at
        )

        camera.refresh_from_db()
        assert camera.service_state == "in_repair"
        assert (repair.approved_by, repair.sanitised_by, repair.sent_at) == (
            commander,
            commander,
            sent_at,
        )
        lens.refresh_from_db()
        mount.refresh_from_db()
        assert [lens.state, mount.state] == ["in_repair", "in_repair"]
        assert [lens.acknowledged_at, mount.acknowledged_at] == [noon, sent_at]
        assert verbs()[-2:] == ["sent to repair", "repair begun"]

    @pytest.mark.parametrize(
        ("said", "sentence"),
        [
            ({"maintainer": " "}, "Say who repairs it."),
            ({"reason": ""}, "Say what is to be repaired."),
            (
                {"sanitised_at": None, "sanitised_how": ""},
                "Say when and how it was sanitised, or why that cannot be done.",
            ),
            ({"sanitised_how": ""}, "Say how it was sanitised."),
        ],
    )
    def test_nothing_leaves_unsaid(self, camera, commander, noon, said, sentence):
        with pytest.raises(Refused) as refused:
            actions.send_to_repair(
                camera, leaving(noon, **said), fault=None, key=uuid4(), by=commander, now=noon
            )

        assert str(refused.value) == sentence
        camera.refresh_from_db()
        assert camera.service_state == "in_service"
        assert not Repair.objects.exists()

    def test_one_that_cannot_be_sanitised_says_why(self, camera, commander, noon):
        said = leaving(noon, sanitised_at=None, sanitised_how="", cannot_sanitise="does not start")

        repair = actions.send_to_repair(
            camera, said, fault=None, key=uuid4(), by=commander, now=noon
        )

        assert (repair.sanitised_by, repair.cannot_sanitise) == (None, "does not start")

    def test_one_that_is_away_does_not_leave_again(self, camera, commander, noon):
        key = uuid4()
        first = actions.send_to_repair(
            camera, leaving(noon), fault=None, key=key, by=commander, now=noon
        )
        again = actions.send_to_repair(
            camera, leaving(noon), fault=None, key=key, by=commander, now=noon
        )

        with pytest.raises(Refused, match="C0417 is away at Example Repairs since 01 Jan"):
            actions.send_to_repair(
                camera, leaving(noon), fault=None, key=uuid4(), by=commander, now=noon
            )

        assert first == again
        assert Repair.objects.count() == 1

    @pytest.mark.parametrize("state", ["lost", "retired"])
    def test_one_that_cannot_go_stays(self, camera, commander, noon, state):
        Camera.objects.filter(pk=camera.pk).update(service_state=state)

        with pytest.raises(Refused, match="it cannot become in repair"):
            actions.send_to_repair(
                camera, leaving(noon), fault=None, key=uuid4(), by=commander, now=noon
            )

        assert not Repair.objects.exists()

    def test_it_comes_back_in_service_and_its_fault_waits_to_be_cleared(
        self, camera, commander, noon
    ):
        fault = report(camera, commander, noon)
        repair = actions.send_to_repair(
            camera, leaving(noon), fault=fault, key=uuid4(), by=commander, now=noon
        )
        back_at = noon + timedelta(days=9)

        actions.take_back(repair, DONE, by=commander, now=back_at)

        camera.refresh_from_db()
        fault.refresh_from_db()
        assert camera.service_state == "in_service"
        assert (fault.state, fault.acknowledged_by) == ("acknowledged", commander)
        assert (repair.returned_at, repair.parts_replaced) == (back_at, "lens L-88, serial 55")
        with pytest.raises(Refused, match="back from this repair already"):
            actions.take_back(repair, DONE, by=commander, now=back_at)
        assert verbs()[-2:] == ["put back in service", "repair ended"]

    @pytest.mark.parametrize(
        ("said", "sentence"),
        [
            (Returning("", "", "tried"), "Say what was done to it."),
            (Returning("new lens", "", " "), "Say how it was checked after the repair."),
        ],
    )
    def test_it_does_not_come_back_unsaid(self, camera, commander, noon, said, sentence):
        repair = actions.send_to_repair(
            camera, leaving(noon), fault=None, key=uuid4(), by=commander, now=noon
        )

        with pytest.raises(Refused, match=sentence):
            actions.take_back(repair, said, by=commander, now=noon)

        camera.refresh_from_db()
        assert camera.service_state == "in_repair"


class TestClearing:
    @pytest.mark.parametrize("role", [Role.COMMANDER, Role.QUARTERMASTER])
    def test_it_alone_clears_a_critical_fault(self, camera, hq, it, noon, role):
        somebody = rows.person(role, hq, name="somebody")
        fault = report(camera, somebody, noon, "lens")

        with pytest.raises(Refused, match="lens of C0417 is critical: only IT clears it"):
            actions.resolve(fault, Resolution.REPAIRED, words="x", by=somebody, now=noon)
        actions.resolve(fault, Resolution.REPAIRED, words="new lens", by=it, now=noon)

        assert (fault.state, fault.resolved_by, fault.resolution) == ("resolved", it, "repaired")
        assert verbs() == ["fault opened", "fault cleared"]

    def test_a_lesser_one_is_cleared_by_whoever_repairs(self, camera, commander, noon):
        fault = report(camera, commander, noon, "mount")

        actions.resolve(fault, Resolution.REPLACED, words="new clip", by=commander, now=noon)

        assert fault.state == "resolved"

    def test_it_is_cleared_once(self, camera, it, commander, noon):
        fault = report(camera, commander, noon)
        actions.resolve(fault, Resolution.REPAIRED, words="new lens", by=it, now=noon)

        with pytest.raises(Refused, match="is resolved; it cannot become resolved"):
            actions.resolve(fault, Resolution.NO_FAULT, words="was fine", by=it, now=noon)

        fault.refresh_from_db()
        assert fault.resolution == "repaired"

    @pytest.mark.parametrize(
        ("resolution", "sentence"),
        [(Resolution.REPAIRED, "Say what was done"), (Resolution.WENT_AWAY, "Choose whether")],
    )
    def test_it_is_not_cleared_unsaid(self, camera, it, noon, resolution, sentence):
        fault = report(camera, it, noon)
        words = "" if resolution == Resolution.REPAIRED else "it did"

        with pytest.raises(Refused, match=sentence):
            actions.resolve(fault, resolution, words=words, by=it, now=noon)

    def test_it_is_not_cleared_while_the_camera_is_away(self, camera, it, commander, noon):
        fault = report(camera, commander, noon)
        actions.send_to_repair(
            camera, leaving(noon), fault=fault, key=uuid4(), by=commander, now=noon
        )
        fault.refresh_from_db()

        with pytest.raises(Refused, match="take it back first"):
            actions.resolve(fault, Resolution.REPAIRED, words="x", by=it, now=noon)

    def test_it_is_not_cleared_while_the_camera_still_reports_it(self, camera, it, noon):
        CameraHealth.objects.filter(camera=camera).update(faults=["lens_blocked"])
        actions.follow_cameras(now=noon, policy=POLICY)
        fault = Fault.objects.get()

        with pytest.raises(Refused, match=r"C0417 still reports it \(lens is covered\)"):
            actions.resolve(fault, Resolution.NO_FAULT, words="looks fine", by=it, now=noon)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda faults: faults.update(severity="minor"), "told of a fault is never changed"),
        (lambda faults: faults.update(words="nothing"), "told of a fault is never changed"),
        (lambda faults: faults.update(acknowledge_by=None), "told of a fault is never changed"),
        (lambda faults: faults.delete(), "a fault is never removed"),
    ],
)
def test_the_database_keeps_what_was_told(camera, commander, noon, change, said):
    report(camera, commander, noon)

    with pytest.raises(DatabaseError, match=said), transaction.atomic():
        change(Fault.objects.all())


def test_what_was_kept_before_says_only_what_can_be_proved(camera, sam, commander, it, hq, noon):
    """Each fault once said that a commander knew when it was opened, whoever told it."""
    elsewhere = rows.person(Role.COMMANDER, rows.a_station("NORTH", "North"), name="elsewhere")
    seen_at = noon + timedelta(hours=1)
    told = {"camera": camera, "severity": "major", "opened_at": noon, "acknowledge_by": noon}
    seen = {"state": "acknowledged", "acknowledged_at": seen_at}
    for code, fields in {
        "lens": {"source": "officer", "opened_by": sam},
        "mount": {"source": "commander", "opened_by": commander},
        "button": {"source": "test", "opened_by": commander},
        "screen": {"source": "camera", **seen, "acknowledged_by": commander},
        "clock": {"source": "camera", **seen, "acknowledged_by": elsewhere},
        "battery": {"source": "it", "opened_by": it, **seen, "acknowledged_by": it},
        "storage": {"source": "camera", **seen, "state": "resolved", "acknowledged_by": it},
    }.items():
        Fault.objects.create(code=code, told_at=noon, **told, **fields)
    told_once = import_module("devices.migrations.0032_when_a_commander_knew")

    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(told_once.KNOWN_AT)

    assert dict(Fault.objects.values_list("code", "told_at")) == {
        "lens": None,
        "mount": noon,
        "button": noon,
        "screen": seen_at,
        "clock": None,
        "battery": None,
        "storage": None,
    }


def test_the_database_keeps_a_resolved_fault(camera, commander, it, noon):
    fault = report(camera, commander, noon)
    actions.resolve(fault, Resolution.REPAIRED, words="new lens", by=it, now=noon)

    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        Fault.objects.update(state="open")


def test_the_database_keeps_what_was_said_of_a_repair(camera, commander, noon):
    repair = actions.send_to_repair(
        camera, leaving(noon), fault=None, key=uuid4(), by=commander, now=noon
    )

    with pytest.raises(DatabaseError, match="when a camera left"), transaction.atomic():
        Repair.objects.update(sanitised_how="burnt")
    actions.take_back(repair, DONE, by=commander, now=noon)
    with pytest.raises(DatabaseError, match="an ended repair"), transaction.atomic():
        Repair.objects.update(work_done="nothing")


def at_once(acts):
    """Let each of these happen in a thread and connection of its own, together; what came of it."""
    gate, found = Barrier(len(acts)), []

    def run(act):
        gate.wait()
        try:
            found.append(act())
        except Refused as refused:
            found.append(refused)
        finally:
            connection.close()

    threads = [Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


@pytest.mark.django_db(transaction=True)
class TestAtTheSameMoment:
    def test_two_people_acknowledge_and_one_did(self, camera, commander, it, noon):
        fault = report(camera, commander, noon)

        found = at_once(
            [
                lambda who=who: actions.acknowledge(
                    Fault.objects.get(pk=fault.pk), by=who, now=noon
                )
                for who in (commander, it)
            ]
        )

        assert sorted(type(one).__name__ for one in found) == ["NoneType", "Refused"]
        assert verbs().count("fault acknowledged") == 1

    def test_two_people_send_it_away_and_it_leaves_once(self, camera, commander, it, noon):
        found = at_once(
            [
                lambda who=who: actions.send_to_repair(
                    Camera.objects.get(), leaving(noon), fault=None, key=uuid4(), by=who, now=noon
                )
                for who in (commander, it)
            ]
        )

        assert sorted(type(one).__name__ for one in found) == ["Refused", "Repair"]
        assert Repair.objects.count() == 1

    def test_a_double_click_tells_it_once(self, camera, commander, noon):
        said = telling()

        found = at_once(
            [
                lambda: actions.report_malfunction(
                    Camera.objects.get(), said, by=commander, now=noon, policy=POLICY
                )
            ]
            * 2
        )

        assert {one.pk for one in found} == {Fault.objects.get().pk}
        assert found[0].source == FaultSource.COMMANDER
