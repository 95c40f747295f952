"""What the database refuses, whoever writes."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from devices.custody import actions
from devices.custody.models import Custody, CustodyEvent, CustodyKind, Via

HOUR = timedelta(hours=1)


def row(room, camera, badge, **fields):
    said = {"kind": CustodyKind.SHIFT, "opened_at": room.now, **fields}
    return Custody.objects.create(camera=camera, officer=room.officers[badge], **said)


def refuses(name):
    return pytest.raises(IntegrityError, match=name)


def test_a_camera_has_one_open_custody(room):
    row(room, room.spare, "1031")

    with refuses("one_open_custody_per_camera"), transaction.atomic():
        row(room, room.spare, "1044")


def test_an_officer_has_one_open_custody_for_a_shift(room):
    row(room, room.spare, "1031")

    with refuses("one_shift_custody_per_officer"), transaction.atomic():
        row(room, room.other, "1031", kind=CustodyKind.LOAN, loan_of=room.own)
    row(room, room.other, "1031", extra=True)


def test_nobody_held_a_camera_while_another_did(room):
    row(room, room.spare, "1031", closed_at=room.now + HOUR)

    with refuses("one_holder_at_any_moment"), transaction.atomic():
        row(room, room.spare, "1044", opened_at=room.now - HOUR, closed_at=room.now + 2 * HOUR)
    with refuses("one_holder_at_any_moment"), transaction.atomic():
        row(room, room.spare, "1044", opened_at=room.now + HOUR / 2)
    row(room, room.spare, "1044", opened_at=room.now + HOUR)


def test_no_custody_ends_before_it_begins(room):
    with refuses("a_custody_closes_after_it_opens"), transaction.atomic():
        row(room, room.spare, "1031", closed_at=room.now - HOUR)


def test_only_a_loan_stands_in_for_another_camera(room):
    with refuses("only_a_loan_stands_in"), transaction.atomic():
        row(room, room.spare, "1017", loan_of=room.own)


@pytest.mark.parametrize(
    "change",
    [
        "officer_id = officer_id + 1",
        "opened_at = opened_at - interval '1 hour'",
        "kind = 'personal'",
        "extra = TRUE",
        "camera_id = camera_id + 1",
    ],
)
def test_who_holds_what_since_when_is_never_changed(room, change):
    row(room, room.spare, "1031")

    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        connection.cursor().execute(
            f"UPDATE devices_custody SET {change} WHERE camera_id = {room.spare.pk}"
        )


@pytest.mark.parametrize("change", ["closed_at = NULL", "due_at = now()", "closed_at = now()"])
def test_what_has_ended_is_never_changed(room, change):
    row(room, room.spare, "1031", closed_at=room.now)

    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        connection.cursor().execute(
            f"UPDATE devices_custody SET {change} WHERE camera_id = {room.spare.pk}"
        )


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM devices_custody",
        "TRUNCATE devices_custody CASCADE",
        "TRUNCATE devices_custodyevent CASCADE",
        "TRUNCATE devices_camera CASCADE",
        "DELETE FROM devices_custodyevent",
        "UPDATE devices_custodyevent SET reason = 'another'",
        "UPDATE devices_custodyevent SET at = at",
    ],
)
def test_no_statement_removes_or_changes_what_is_on_record(room, statement):
    row(room, room.spare, "1031")
    connection.check_constraints()  # or a statement would be refused for what waits to be checked

    with pytest.raises(DatabaseError, match="never"), transaction.atomic():
        connection.cursor().execute(statement)

    assert CustodyEvent.objects.count() == 1
    assert Custody.objects.count() == 2


@pytest.mark.parametrize(
    "said",
    [
        {"via": Via.DESK, "desk": None},
        {"via": Via.DESK, "by": None},
        {"via": Via.PAGE, "desk": None, "by": None},
    ],
)
def test_an_act_has_somebody_and_a_place(room, said):
    with refuses("an_act_has_somebody_and_a_place"), transaction.atomic():
        actions.check_out(
            room.spare, room.officers["1031"], actions.Terms(), told=room.told(**said)
        )


def test_an_event_is_undone_once(room):
    event = room.give(room.spare, "1031")
    undone = actions.undo(event, told=room.told())

    with refuses("undone_once"), transaction.atomic():
        CustodyEvent.objects.create(
            verb=undone.verb, via=Via.PAGE, at=room.now, by=room.by, camera=room.spare, about=event
        )


@pytest.mark.parametrize("thing", ["officer", "camera", "desk", "auth_user"])
def test_nothing_that_a_record_tells_of_can_be_removed(room, thing):
    room.give(room.spare, "1031")
    table = thing if "_" in thing else f"devices_{thing}"

    with pytest.raises(DatabaseError, match="foreign key"), transaction.atomic():
        connection.cursor().execute(f"DELETE FROM {table}; SET CONSTRAINTS ALL IMMEDIATE")
