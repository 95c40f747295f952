"""What a cell may hold, and the end of the sentence when it does not."""

from datetime import date

import pytest

from devices.inventory.imports import Kind
from devices.inventory.imports.cells import Unfit
from devices.inventory.imports.sheets import SHEETS

INVISIBLE = "holds an invisible or control character"
FORMULA = "begins like a formula"
REWRITTEN = "was rewritten by a spreadsheet"

TAKEN = [
    (Kind.STATIONS, "code", " hq ", "HQ"),
    (Kind.STATIONS, "name", "Elmwood, 2nd floor", "Elmwood, 2nd floor"),
    (Kind.STATIONS, "name", "Cafe\u0301", "Café"),
    (Kind.STATIONS, "name", "\u00a0Roll\u00a0call\u00a0", "Roll call"),
    (Kind.STATIONS, "name", "1E5", "1E5"),
    (Kind.STATIONS, "name", "x" * 100, "x" * 100),
    (Kind.MODELS, "radio", "YES", True),
    (Kind.MODELS, "radio", "0", False),
    (Kind.MODELS, "radio", "", False),
    (Kind.MODELS, "battery_hours", "11.5", 11.5),
    (Kind.MODELS, "battery_hours", "", None),
    (Kind.MODELS, "storage_gb", "64", 64),
    (Kind.MODELS, "firmware_version", "3.8.2", "3.8.2"),
    (Kind.DOCKS, "kind", "Vehicle", "vehicle"),
    (Kind.DOCKS, "kind", "", "multi"),
    (Kind.DOCKS, "bays", "64", 64),
    (Kind.DOCKS, "macs", "00-1a-2b-3c-4d-5e", ("00:1A:2B:3C:4D:5E",)),
    (Kind.OFFICERS, "credentials", "b1a  98EE58AD b1a", ("B1A", "98EE58AD")),
    (Kind.OFFICERS, "credentials", "12345E67", ("12345E67",)),
    (Kind.OFFICERS, "credentials", "12-3456 DECK-56", ("12-3456", "DECK-56")),
    (Kind.CAMERAS, "codes", "b1a 12345E67", ("B1A", "12345E67")),
    (Kind.OFFICERS, "active", "", True),
    (Kind.CAMERAS, "number", "0417", 417),
    (Kind.CAMERAS, "number", "999999999", 999_999_999),
    (Kind.CAMERAS, "serial", "x-1.A_b", "x-1.A_b"),
    (Kind.CAMERAS, "installed_on", "2024-02-29", date(2024, 2, 29)),
    (Kind.CAMERAS, "home_bay", "d01-3", ("D01", 3)),
    (Kind.CAMERAS, "home_bay", "A-1-12", ("A-1", 12)),
    (Kind.CAMERAS, "officer", "", None),
]

REFUSED = [
    # Formulas
    (Kind.STATIONS, "name", "=1+1", FORMULA),
    (Kind.STATIONS, "name", "+cmd|' /C calc'!A0", FORMULA),
    (Kind.STATIONS, "name", "-2", FORMULA),
    (Kind.STATIONS, "name", "@SUM(A1)", FORMULA),
    (Kind.STATIONS, "name", "\t=1", FORMULA),
    (Kind.STATIONS, "name", "  =HYPERLINK(1)", FORMULA),
    (Kind.CAMERAS, "serial", "=1", "may hold up to 40"),
    (Kind.CAMERAS, "codes", "=1", "holds codes of 3 to 64"),
    # Characters nobody sees
    (Kind.STATIONS, "name", "a\x00b", INVISIBLE),
    (Kind.STATIONS, "name", "a\x07b", INVISIBLE),
    (Kind.STATIONS, "name", "a\x1b[31mb", INVISIBLE),
    (Kind.STATIONS, "name", "a\nb", INVISIBLE),
    (Kind.STATIONS, "name", "a\x85b", INVISIBLE),
    (Kind.STATIONS, "name", "a\u202eb", INVISIBLE),
    (Kind.STATIONS, "name", "a\u2066b", INVISIBLE),
    (Kind.STATIONS, "name", "a\u200bb", INVISIBLE),
    (Kind.STATIONS, "name", "\ufeffa", INVISIBLE),
    (Kind.STATIONS, "name", "a\u00adb", INVISIBLE),
    (Kind.STATIONS, "name", "a\U000e0041b", INVISIBLE),
    (Kind.CAMERAS, "serial", "KT\u200b401", INVISIBLE),
    # Letters that look like others
    (Kind.CAMERAS, "serial", "\u041aT-401", "may hold up to 40"),
    (Kind.CAMERAS, "serial", "KT-\uff1401", "may hold up to 40"),
    (Kind.DOCKS, "code", "D\u041e1", "may hold the letters A to Z"),
    (Kind.OFFICERS, "badge_number", "٢٠١", "may hold the letters A to Z"),
    (Kind.CAMERAS, "number", "\uff1417", "is not a whole number"),
    # What a spreadsheet made of it
    (Kind.CAMERAS, "serial", "1E5", REWRITTEN),
    (Kind.CAMERAS, "serial", "1.5e10", REWRITTEN),
    (Kind.CAMERAS, "asset_tag", "12E05", REWRITTEN),
    (Kind.CAMERAS, "number", "1E5", REWRITTEN),
    (Kind.CAMERAS, "number", "4,17E+2", REWRITTEN),
    (Kind.OFFICERS, "badge_number", "2E2", REWRITTEN),
    (Kind.OFFICERS, "credentials", "98EE58AD 1E5", REWRITTEN),
    (Kind.OFFICERS, "credentials", "Dec-56", REWRITTEN),
    (Kind.OFFICERS, "credentials", "98EE58AD 3-Dec", REWRITTEN),
    (Kind.OFFICERS, "credentials", "03-dec", REWRITTEN),
    (Kind.CAMERAS, "codes", "98EE58AD 1E5", REWRITTEN),
    (Kind.CAMERAS, "codes", "AB-12", "holds codes of 3 to 64 letters and digits, with spaces"),
    (Kind.CAMERAS, "number", "417.0", "is not a whole number"),
    (Kind.CAMERAS, "installed_on", "45369", "is written as year-month-day"),
    # Too long
    (Kind.STATIONS, "name", "x" * 101, "is longer than 100"),
    (Kind.STATIONS, "code", "X" * 21, "is longer than 20"),
    (Kind.CAMERAS, "serial", "X" * 41, "may hold up to 40"),
    (Kind.CAMERAS, "codes", "X" * 65, "holds codes of 3 to 64"),
    (Kind.CAMERAS, "number", "9" * 5000, "is not a whole number"),
    # Numbers out of range
    (Kind.CAMERAS, "number", "0", "must be from 1"),
    (Kind.CAMERAS, "number", "-1", "is not a whole number"),
    (Kind.DOCKS, "bays", "65", "must be from 1 to 64"),
    (Kind.DOCKS, "bays", "0", "must be from 1 to 64"),
    (Kind.MODELS, "battery_hours", "0", "is a number of hours"),
    (Kind.MODELS, "battery_hours", "nan", "is a number of hours"),
    (Kind.MODELS, "battery_hours", "1e3", "is a number of hours"),
    # Dates that are none
    (Kind.CAMERAS, "installed_on", "2023-02-29", "is written as year-month-day"),
    (Kind.CAMERAS, "installed_on", "03/18/2024", "is written as year-month-day"),
    (Kind.CAMERAS, "installed_on", "2024-W11-1", "is written as year-month-day"),
    (Kind.CAMERAS, "installed_on", "20240318", "is written as year-month-day"),
    (Kind.CAMERAS, "installed_on", "1889-03-18", "lies in the years"),
    (Kind.CAMERAS, "installed_on", "9999-12-31", "lies in the years"),
    # What is not offered
    (Kind.DOCKS, "kind", "cradle", "is one of: multi, single, vehicle"),
    (Kind.OFFICERS, "active", "maybe", "is yes or no"),
    (Kind.DOCKS, "macs", "00:1A:2B:3C:4D", "holds addresses such as"),
    (Kind.DOCKS, "macs", "00:1A:2B:3C:4D:5E 00-1a-2b-3c-4d-5e", "names an address twice"),
    (Kind.CAMERAS, "tags", "bench -", "holds up to 10 words of up to 30 small letters"),
    (Kind.CAMERAS, "home_bay", "D01", "names a dock and a position"),
    (Kind.CAMERAS, "home_bay", "D01-0", "names a dock and a position"),
    (Kind.CAMERAS, "home_bay", "D01-1000", "names a dock and a position"),
    (Kind.CAMERAS, "serial", "", "is empty"),
    (Kind.CAMERAS, "serial", "   ", "is empty"),
]


@pytest.mark.parametrize(("kind", "column", "cell", "value"), TAKEN)
def test_a_cell_is_read(kind, column, cell, value):
    assert SHEETS[kind].column(column).value(cell) == value


@pytest.mark.parametrize(("kind", "column", "cell", "sentence"), REFUSED)
def test_a_cell_is_refused_in_words(kind, column, cell, sentence):
    with pytest.raises(Unfit, match=sentence):
        SHEETS[kind].column(column).value(cell)


def test_a_refusal_never_repeats_the_cell():
    for kind, column, cell, _ in REFUSED:
        with pytest.raises(Unfit) as refusal:
            SHEETS[kind].column(column).value(cell)

        assert len(str(refusal.value)) < 120
