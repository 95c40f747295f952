"""The command says in a sentence what is wrong, and reads the files people import."""

from datetime import date, time
from pathlib import Path

import pytest

from devices.simulator import inventory
from devices.simulator.command import main
from devices.simulator.inventory import BayAddress, CameraRow, DockRow, Unreadable
from devices.simulator.shifts import RotationRow, ShiftRow


def files(folder: Path) -> Path:
    (folder / "docks.csv").write_text(
        "code,station,kind,place,bays,maker,model,serial\n"
        "D01,HQ,multi,Roll call room,,Acme,Dock 8,S1\nV01,HQ,vehicle,Car 1,1,Acme,Car dock,S2\n"
    )
    (folder / "cameras.csv").write_text(
        "number,serial,asset_tag,maker,model,supplier,installed_on,station,home_bay,officer\n"
        "1,BWC-1,,Acme,One,,,HQ,D01-3,1001\n2,BWC-2,,Acme,One,,,HQ,,\n"
    )
    (folder / "shifts.csv").write_text("code,name,begins,ends\nDAY,Day,07:00,15:00\n")
    (folder / "rotations.csv").write_text(
        "badge_number,shift,pattern,first_on\n1001,DAY,5-2-4-2,2025-01-06\n"
    )
    return folder


def test_the_inventory_is_read_from_the_files_people_import(tmp_path: Path) -> None:
    rows = inventory.read(files(tmp_path))

    assert rows.docks == (DockRow("D01", "HQ", "multi", 8), DockRow("V01", "HQ", "vehicle", 1))
    assert rows.cameras == (
        CameraRow("BWC-1", "HQ", BayAddress("D01", 3), "1001"),
        CameraRow("BWC-2", "HQ"),
    )
    assert rows.shifts == (ShiftRow("DAY", time(7), time(15)),)
    assert rows.rotations == (RotationRow("1001", "DAY", (5, 2, 4, 2), date(2025, 1, 6)),)


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        ("1001,LATE,5-2-4-2,2025-01-06", "names the shift LATE"),
        ("1001,DAY,5-2-4,2025-01-06", "“5-2-4” is not days on and off in turn"),
        ("1001,DAY,5-2,Monday", "“Monday” is not a day"),
    ],
)
def test_a_rotation_that_cannot_be_is_refused(tmp_path: Path, row: str, sentence: str) -> None:
    columns = "badge_number,shift,pattern,first_on"
    (files(tmp_path) / "rotations.csv").write_text(f"{columns}\n{row}\n")

    with pytest.raises(Unreadable, match=sentence):
        inventory.read(tmp_path)


def test_a_file_without_a_column_is_refused_by_name(tmp_path: Path) -> None:
    (files(tmp_path) / "cameras.csv").write_text("number,serial\n1,BWC-1\n")

    with pytest.raises(Unreadable, match=r"cameras\.csv lacks the column station\."):
        inventory.read(tmp_path)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--speed", "fast"], "“fast” is not a number above 0"),
        (["--start-hour", "25"], "“25” is not an hour of the day"),
        (["--url", "localhost"], "“localhost” is not an address"),
        (["--scenario", "riot"], "“riot” is not a scenario; there are quiet-day"),
        (["--zone", "Mars/Olympus"], "“Mars/Olympus” is not a time zone"),
        (["--cameras", "0"], "“0” is not a number of cameras"),
    ],
)
def test_a_wrong_argument_gives_a_sentence(
    words: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(words)

    assert ended.value.code == 2
    assert sentence in capsys.readouterr().out


def test_without_tokens_it_says_where_they_belong(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = main(["--inventory", str(files(tmp_path))])

    assert code == 2
    assert "--tokens PATH" in capsys.readouterr().out


def test_load_needs_a_token_for_every_dock(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "tokens.csv"
    path.write_text("device,token\nL00001,d.x\n")

    code = main(["--cameras", "9", "--tokens", str(path)])

    assert code == 2
    assert "no token for the dock L00002" in capsys.readouterr().out


def test_the_list_tells_every_scenario(capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["--scenario", "list"])

    assert code == 0
    assert len(capsys.readouterr().out.splitlines()) == 6
