"""`manage.py import_csv`: shown first, done when asked, and by somebody who may."""

import pytest
from django.core.management import CommandError, call_command

from devices.inventory import actions as inventory
from devices.inventory.models import CredentialKind, Officer, Station
from devices.ledger import LedgerEntry
from devices.roles import Role
from tests.rows import a_station, person

pytestmark = pytest.mark.django_db
STATIONS = "code,name\nHQ,Headquarters\nN,North\n"
OFFICERS = "badge_number,station\n201,HQ\n"


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "fleet.csv"
    path.write_text(STATIONS)
    return path


def lines(capsys):
    return capsys.readouterr().out.splitlines()


def test_every_change_is_shown_and_nothing_done(file, capsys):
    call_command("import_csv", "stations", file)

    assert lines(capsys) == [
        "Line 2: HQ added. code: HQ; name: Headquarters; pool: no",
        "Line 3: N added. code: N; name: North; pool: no",
        "2 would be added, 0 changed, 0 stay as they are.",
        "Nothing was imported; --apply does it.",
    ]
    assert not Station.objects.exists()


def test_what_is_to_be_known_beside_the_changes_is_said(tmp_path, noon, capsys):
    officer = Officer.objects.create(badge_number="201", station=a_station())
    inventory.add_credential(officer, "98EE58AD", CredentialKind.RFID, by=None, now=noon)
    file = tmp_path / "officers.csv"
    file.write_text("badge_number,station,credentials\n201,HQ,\n")

    call_command("import_csv", "officers", file)

    assert lines(capsys)[:2] == [
        "Line 2: badge …58AD was added by hand and stays; the file lacks it.",
        "All 1 rows are as they stand here: nothing would change.",
    ]


def test_with_apply_it_is_done_by_the_fleet_itself(file, capsys):
    call_command("import_csv", "stations", file, "--apply")

    assert lines(capsys)[-1] == "Done."
    assert Station.objects.count() == 2
    entry = LedgerEntry.objects.get()
    assert (entry.verb, entry.actor, entry.source) == ("imported", None, "")


def test_doing_it_again_changes_nothing(file, capsys):
    call_command("import_csv", "stations", file, "--apply")
    call_command("import_csv", "stations", file, "--apply")

    assert lines(capsys)[-2:] == [
        "All 2 rows are as they stand here: nothing would change.",
        "Done.",
    ]
    assert LedgerEntry.objects.count() == 1


@pytest.mark.parametrize("asked", [[], ["--apply"]])
def test_errors_are_shown_by_line_and_end_it_with_nothing_changed(file, capsys, asked):
    file.write_text("code,name\nHQ,Headquarters\nN,=1\nhq,Again\n")

    with pytest.raises(CommandError, match="2 rows cannot be taken") as ended:
        call_command("import_csv", "stations", file, *asked)

    assert ended.value.returncode == 1
    assert lines(capsys) == [
        "Line 2: HQ added. code: HQ; name: Headquarters; pool: no",
        "Line 3: name begins like a formula (= + - @).",
        "Line 4: code stands in line 2 already.",
    ]
    assert not Station.objects.exists()
    assert not LedgerEntry.objects.exists()


@pytest.mark.parametrize("raw", [b"", b"\x00", b"colour\nred\n", b"\xff\xfe\x00"])
def test_a_file_that_cannot_be_read_is_refused_in_a_sentence(file, raw):
    file.write_bytes(raw)

    with pytest.raises(CommandError, match=r"\.$"):
        call_command("import_csv", "stations", file, "--apply")


def test_a_file_that_is_not_there_is_said(tmp_path):
    with pytest.raises(CommandError, match=r"none\.csv cannot be read: No such file"):
        call_command("import_csv", "stations", tmp_path / "none.csv")


def test_what_is_no_kind_of_file_is_refused(file):
    with pytest.raises(CommandError, match="invalid"):
        call_command("import_csv", "people", file)


FILES = {"stations": STATIONS, "officers": OFFICERS}
MAY = {
    "stations": {Role.IT},
    "officers": {Role.QUARTERMASTER, Role.COMMANDER, Role.ADMINISTRATOR},
}


@pytest.mark.parametrize("kind", MAY)
@pytest.mark.parametrize("role", [*Role, None])
def test_a_person_imports_what_their_role_may(file, role, kind):
    user = person(role, a_station(), name="somebody")
    file.write_text(FILES[kind])
    asked = ("import_csv", kind, file, "--apply", "--as", "somebody")

    if role in MAY[kind]:
        call_command(*asked)
        assert LedgerEntry.objects.get().actor == user
    else:
        with pytest.raises(CommandError, match="somebody may not import"):
            call_command(*asked)
        assert not LedgerEntry.objects.exists()


def test_a_person_imports_for_the_own_stations(file):
    a_station("N", "North")
    person(Role.COMMANDER, a_station(), name="somebody")
    file.write_text("badge_number,station\n201,N\n")

    with pytest.raises(CommandError, match="cannot be taken"):
        call_command("import_csv", "officers", file, "--apply", "--as", "somebody")

    assert not Officer.objects.exists()


def test_who_is_unknown_or_no_longer_here_imports_nothing(file):
    gone = person(Role.IT, name="gone")
    gone.is_active = False
    gone.save()

    with pytest.raises(CommandError, match="gone may not import"):
        call_command("import_csv", "stations", file, "--apply", "--as", "gone")
    with pytest.raises(CommandError, match="There is no user nobody"):
        call_command("import_csv", "stations", file, "--apply", "--as", "nobody")
    assert not Station.objects.exists()
