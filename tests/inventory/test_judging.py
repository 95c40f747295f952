"""What a file would do to what is there: every change and every error, by row."""

from dataclasses import replace

import pytest

from devices.inventory.imports import Kind
from devices.inventory.imports.judging import judge
from devices.inventory.imports.reading import read
from devices.inventory.imports.sheets import SHEETS
from devices.inventory.naming import Name, What
from tests.inventory.sheets import FLEET, camera, judged, sheet, small

A_DAY = "installed_on"


def told(plan):
    return [(error.line, error.column) for error in plan.errors]


@pytest.mark.parametrize("kind", list(Kind))
def test_the_same_rows_again_change_nothing(kind):
    plan = judged(kind, FLEET[kind])

    assert (plan.changes, plan.errors, plan.unchanged) == ([], [], len(FLEET[kind]))
    assert (
        plan.sentence
        == f"All {len(FLEET[kind])} rows are as they stand here: nothing would change."
    )


@pytest.mark.parametrize("kind", list(Kind))
def test_the_same_rows_in_another_order_and_other_capitals_change_nothing(kind):
    same = [
        row.replace("HQ", "hq").replace("Kestrel,One,T", "KESTREL,one,T") for row in FLEET[kind]
    ]

    plan = judged(kind, reversed(same))

    assert [one.sentences for one in plan.changes] == []


def test_a_preview_names_what_is_added_and_what_is_changed_from_what_to_what():
    plan = judged(
        Kind.CAMERAS,
        [
            camera(404, home_bay="D01-3", officer="201"),
            "401,KT-401,,Kestrel,One,Tri-State,2024-03-18,N,D01-1,,RFID401",
        ],
    )

    assert [(one.line, one.what, one.name, one.sentences) for one in plan.changes] == [
        (
            2,
            "added",
            "404",
            [
                *("number: 404", "serial: KT-404", "maker: Kestrel", "model: One", "station: HQ"),
                *("home_bay: D01-3", "officer: 201"),
            ],
        ),
        (
            3,
            "changed",
            "401",
            ["asset_tag: WH-1 → empty", "station: HQ → N", "officer: 201 → empty"],
        ),
    ]
    assert plan.sentence == "1 would be added, 1 changed, 0 stay as they are."


REFUSED = [
    ("the same row twice", Kind.STATIONS, ["S,South", "S,South"], [(3, "code")]),
    ("the same key twice", Kind.OFFICERS, ["203,HQ,,,", "203,N,,,"], [(3, "badge_number")]),
    ("the same key in other letters", Kind.STATIONS, ["s,South", "S,South"], [(3, "code")]),
    (
        "the same number in other digits",
        Kind.CAMERAS,
        [camera(9), camera("0009", "X")],
        [(3, "number")],
    ),
    ("the same model in other letters", Kind.MODELS, ["A,B,,,,,", "a,b,,,,,"], [(3, "maker")]),
    (
        "a serial twice in the file",
        Kind.CAMERAS,
        [camera(8, "XX"), camera(9, "xx")],
        [(3, "serial")],
    ),
    ("a serial of another camera here", Kind.CAMERAS, [camera(9, "kt-401")], [(2, "serial")]),
    (
        "an asset tag of another camera",
        Kind.CAMERAS,
        [camera(9, asset_tag="wh-1")],
        [(2, "asset_tag")],
    ),
    (
        "a bay that is another's home",
        Kind.CAMERAS,
        [camera(9, home_bay="D01-1")],
        [(2, "home_bay")],
    ),
    (
        "one bay for two",
        Kind.CAMERAS,
        [camera(8, home_bay="D01-3"), camera(9, home_bay="d01-3")],
        [(3, "home_bay")],
    ),
    ("a code of another camera", Kind.CAMERAS, [camera(9, codes="TAG403")], [(2, "codes")]),
    ("a credential of another officer", Kind.OFFICERS, ["203,HQ,,98ee58ad,"], [(2, "credentials")]),
    ("a dock's serial twice", Kind.DOCKS, ["D03,HQ,,,,,,dk-1,"], [(2, "serial")]),
    (
        "an address of another bay",
        Kind.DOCKS,
        ["D03,HQ,,,,,,,02-00-00-00-00-01"],
        [(2, "macs")],
    ),
    (
        "an address twice in one dock",
        Kind.DOCKS,
        ["D03,HQ,,,,,,,02:00:00:00:00:05 02:00:00:00:00:05"],
        [(2, "macs")],
    ),
    ("O for 0", Kind.CAMERAS, [camera(9, "KT-4O1")], [(2, "serial")]),
    ("l for 1", Kind.CAMERAS, [camera(9, "KT-40l")], [(2, "serial")]),
    (
        "I for 1, twice in the file",
        Kind.CAMERAS,
        [camera(8, "Z1"), camera(9, "ZI")],
        [(3, "serial")],
    ),
    ("a station that does not exist", Kind.DOCKS, ["D03,NOWHERE,,,,,,,"], [(2, "station")]),
    ("an officer who does not exist", Kind.CAMERAS, [camera(9, officer="999")], [(2, "officer")]),
    ("a dock that does not exist", Kind.CAMERAS, [camera(9, home_bay="D09-1")], [(2, "home_bay")]),
    ("a bay that the dock has not", Kind.CAMERAS, [camera(9, home_bay="D01-5")], [(2, "home_bay")]),
    ("a model that does not exist", Kind.CAMERAS, [camera(9, model="Three")], [(2, "model")]),
    ("bays that would go", Kind.DOCKS, ["D01,HQ,multi,,3,,,DK-1,"], [(2, "bays")]),
    (
        "more addresses than bays",
        Kind.DOCKS,
        ["D03,HQ,single,,,,,,02:00:00:00:00:05 02:00:00:00:00:06"],
        [(2, "macs")],
    ),
    (
        "several faults in one row",
        Kind.CAMERAS,
        [camera(9, "KT-401", station="S", officer="999", home_bay="D01-1")],
        [(2, "station"), (2, "officer"), (2, "serial"), (2, "home_bay")],
    ),
    (
        "faults of cells and of rows, in the order of the file",
        Kind.CAMERAS,
        [camera(8, station="S"), camera(9, "=1"), camera(10, "kt-401")],
        [(2, "station"), (3, "serial"), (4, "serial")],
    ),
]


@pytest.mark.parametrize(
    ("kind", "rows", "errors"), [case[1:] for case in REFUSED], ids=[c[0] for c in REFUSED]
)
def test_a_row_that_cannot_be_taken_is_named(kind, rows, errors):
    plan = judged(kind, rows)

    assert sorted(told(plan)) == sorted(errors)
    assert [line for line, _ in told(plan)] == sorted(line for line, _ in errors)
    assert "nothing will be imported" in plan.sentence
    for error in plan.errors:
        assert error.sentence.endswith(".")


@pytest.mark.parametrize(
    ("kind", "row", "sentence"),
    [
        (
            Kind.CAMERAS,
            camera(9, "KT-4O1"),
            "serial KT-401 and KT-4O1 look alike; compare camera 401.",
        ),
        (Kind.CAMERAS, camera(9, "kt-401"), "serial KT-401 also belongs to camera 401."),
        (Kind.CAMERAS, camera(9, home_bay="D01-1"), "home_bay D01-1 also belongs to camera 401."),
        (
            Kind.CAMERAS,
            camera(9, home_bay="D01-9"),
            "home_bay names D01-9, which is not known; perhaps D01-4 is meant.",
        ),
        (
            Kind.CAMERAS,
            camera(9, officer="2O1"),
            "officer names 2O1, which is not known; perhaps 201 is meant.",
        ),
        (
            Kind.DOCKS,
            "D03,HQX,,,,,,,",
            "station names HQX, which is not known; perhaps HQ is meant.",
        ),
        (
            Kind.DOCKS,
            "D03,ZZZ,,,,,,,",
            "station names ZZZ, which is not known; import the station first.",
        ),
        (
            Kind.DOCKS,
            "D01,HQ,,,3,,,,",
            "bays would take bays away (there are 4); that is not imported.",
        ),
    ],
)
def test_an_error_says_what_to_look_at(kind, row, sentence):
    assert [error.sentence for error in judged(kind, [row]).errors] == [sentence]


@pytest.mark.parametrize(
    ("kind", "row", "sentence"),
    [
        (Kind.CAMERAS, camera(9, codes="98ee58ad"), "codes 98EE58AD also belongs to officer 201."),
        (Kind.CAMERAS, camera(9, asset_tag="202"), "asset_tag 202 also belongs to officer 202."),
        (Kind.CAMERAS, camera(9, "00202"), "serial 00202 also belongs to officer 202."),
        (
            Kind.CAMERAS,
            camera(9, asset_tag="kt-401"),
            "asset_tag KT-401 also belongs to camera 401.",
        ),
        (Kind.CAMERAS, camera(9, "rfid403"), "serial RFID403 also belongs to camera 403."),
        (Kind.CAMERAS, camera(9, codes="C0401X"), "codes C0401X also belongs to camera 401."),
        (Kind.CAMERAS, camera(9, "C0999X"), "serial C0999X also belongs to camera 999."),
        (Kind.CAMERAS, camera(9, codes="zundor"), "codes ZUNDOR also belongs to a desk's card."),
        (Kind.CAMERAS, camera(9, codes="B0012N"), "codes B0012N also belongs to a bay."),
        (Kind.OFFICERS, "203,HQ,,ZUNDOR,", "credentials ZUNDOR also belongs to a desk's card."),
        (Kind.OFFICERS, "B0012N,HQ,,,", "badge_number B0012N also belongs to a bay."),
        (Kind.OFFICERS, "203,HQ,,rfid401,", "credentials RFID401 also belongs to camera 401."),
        (Kind.OFFICERS, "203,HQ,,04A1B2C3,", "credentials 04A1B2C3 also belongs to camera 403."),
        (Kind.OFFICERS, "KT-401,HQ,,,", "badge_number KT-401 also belongs to camera 401."),
        (Kind.OFFICERS, "203,HQ,,201,", "credentials 201 also belongs to officer 201."),
        (Kind.OFFICERS, "203,HQ,,00202,", "credentials 00202 also belongs to officer 202."),
        (Kind.OFFICERS, "0201,HQ,,,", "badge_number 0201 also belongs to officer 201."),
    ],
)
def test_a_code_that_a_scan_finds_names_one_thing_in_whatever_column(kind, row, sentence):
    assert [error.sentence for error in judged(kind, [row]).errors] == [sentence]


@pytest.mark.parametrize(("serial", "whose"), [("zundor", "a desk's card"), ("b0012n", "a bay")])
def test_the_serial_number_that_its_maker_gave_it_is_taken_and_told_of(serial, whose):
    plan = judged(Kind.CAMERAS, [camera(9, serial)])

    assert plan.errors == []
    said = f"Line 2: serial {serial.upper()} also belongs to {whose}."
    assert plan.notes == [f"{said} Scan the camera's own label, not the maker's."]


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        (camera(9, codes="98ee58ad"), "codes 98EE58AD also belongs to an officer."),
        (camera(9, "00202"), "serial 00202 also belongs to an officer."),
        (
            camera(9, officer="2O1"),
            "officer names 2O1, which is not known; import the officer first.",
        ),
    ],
)
def test_whose_a_badge_is_is_not_told_to_who_may_not_know(row, sentence):
    cameras = SHEETS[Kind.CAMERAS]
    known = replace(small(Kind.CAMERAS), names_officers=False)

    plan = judge(Kind.CAMERAS, cameras, read(sheet(Kind.CAMERAS, [row]), cameras), known)

    assert [error.sentence for error in plan.errors] == [sentence]


def clashing(kind, rows):
    """The small fleet, in which an officer's badge is a camera's asset tag since long ago."""
    known = small(kind)
    if kind is Kind.CAMERAS:
        had = {**known.rows[(402,)], "asset_tag": "202", "model": "One"}
        known = replace(known, rows={**known.rows, (402,): had})
    else:
        name = Name("B00202", What.CAMERA, "402", "asset_tag", "HQ")
        known = replace(known, named=[*known.named, name])
    return judge(kind, SHEETS[kind], read(sheet(kind, rows), SHEETS[kind]), known)


@pytest.mark.parametrize(
    ("kind", "row", "note"),
    [
        (
            Kind.CAMERAS,
            camera(402, asset_tag="202", home_bay="D01-2"),
            "Line 2: asset_tag 202 also belongs to officer 202. So it was before;"
            " a scan finds one of them alone.",
        ),
        (
            Kind.OFFICERS,
            "202,N,Traffic,B00202 B00203,yes",
            "Line 2: credentials B00202 also belongs to camera 402. So it was before;"
            " a scan finds one of them alone.",
        ),
    ],
)
def test_an_old_clash_that_a_file_repeats_is_said_and_keeps_nothing_out(kind, row, note):
    others = ["403,KT-403,,Kestrel,Two,,,N,,202,RFID403"] if kind is Kind.CAMERAS else ["203,HQ,,,"]

    plan = clashing(kind, [row, *others])

    assert plan.errors == []
    assert plan.notes == [note]


def test_an_old_clash_does_not_let_another_in():
    plan = clashing(
        Kind.CAMERAS,
        [camera(402, asset_tag="202", home_bay="D01-2"), camera(404, "KT-404", asset_tag="00202")],
    )

    assert [error.sentence for error in plan.errors] == [
        "asset_tag 00202 also belongs to officer 202, camera 402."
    ]


def test_a_row_that_is_as_it_was_is_not_blamed_for_one_above_it():
    plan = judged(
        Kind.CAMERAS,
        [
            camera(404, "KT-404", asset_tag="RFID403"),
            "403,KT-403,,Kestrel,Two,,,N,D02-1,202,RFID403",
        ],
    )

    assert told(plan) == [(2, "asset_tag")]


@pytest.mark.parametrize(
    ("kind", "rows"),
    [
        # A camera's codes are read as they are.
        (Kind.CAMERAS, [camera(8, asset_tag="1401"), camera(9, asset_tag="01401")]),
        # What is its own may stand in two columns, and be its label.
        (Kind.CAMERAS, [camera(9, "KT-9", asset_tag="KT-9", codes="C0009D")]),
        (Kind.OFFICERS, ["203,HQ,,0203 203,"]),
        # What one gives up in a file another may take.
        (Kind.OFFICERS, ["201,HQ,Patrol,98EE58AD,yes", "203,HQ,,00B00201,"]),
    ],
)
def test_what_a_scan_tells_apart_is_taken(kind, rows):
    assert judged(kind, rows).errors == []


def test_what_one_row_gives_up_another_may_take():
    swapped = [
        "401,KT-402,WH-2,Kestrel,One,Tri-State,2024-03-18,HQ,D01-2,201,RFID401",
        "402,KT-401,WH-1,Kestrel,Two,,,HQ,D01-1,,",
        camera(404, "KT-404", home_bay="D02-1"),
        "403,KT-403,,Kestrel,Two,,,N,,202,RFID403 TAG403",
    ]

    plan = judged(Kind.CAMERAS, swapped)

    assert (plan.errors, len(plan.changes)) == ([], 4)


def test_a_dock_that_does_not_say_its_bays_has_what_it_had_or_what_its_kind_has():
    plan = judged(
        Kind.DOCKS, ["D01,HQ,,Roll call,,,,DK-1,", "D03,HQ,vehicle,,,,,,", "D04,HQ,,,,,,,"]
    )

    assert [one.values["bays"] for one in plan.added] == [1, 8]
    assert plan.unchanged == 1


class TestOneStationAlone:
    """Who imports for some stations neither changes the others nor learns from them."""

    def test_a_row_of_another_station_is_refused(self):
        plan = judged(Kind.OFFICERS, ["203,N,,,", "204,HQ,,,"], stations={"HQ"})

        assert [error.sentence for error in plan.errors] == ["station N is not one of yours."]

    def test_whose_a_code_is_at_another_station_is_not_told(self):
        plan = judged(Kind.OFFICERS, ["203,HQ,,04A1B2C3,"], stations={"HQ"})

        assert [error.sentence for error in plan.errors] == [
            "credentials 04A1B2C3 also belongs to somebody at another station."
        ]

    def test_nobody_is_taken_from_another_station(self):
        plan = judged(Kind.OFFICERS, ["202,HQ,K9,,no"], stations={"HQ"})

        assert told(plan) == [(2, "station")]
        assert (plan.changes, plan.notes) == ([], [])  # which would tell of them

    def test_nobody_is_given_to_another_station(self):
        plan = judged(Kind.OFFICERS, ["201,N,,,"], stations={"HQ"})

        assert told(plan) == [(2, "station")]

    def test_a_kind_of_file_without_stations_hides_no_names(self):
        stations = replace(SHEETS[Kind.STATIONS], unique=("name",))
        table = read(sheet(Kind.STATIONS, ["S,North"]), stations)

        plan = judge(Kind.STATIONS, stations, table, small(Kind.STATIONS, {"HQ"}))

        assert [error.sentence for error in plan.errors] == [
            "name NORTH also belongs to station N."
        ]

    def test_whose_credential_it_is_elsewhere_is_not_said(self):
        plan = judged(Kind.OFFICERS, ["203,HQ,,B00202,"], stations={"HQ"})

        assert [error.sentence for error in plan.errors] == [
            "credentials B00202 also belongs to somebody at another station."
        ]

    def test_who_is_posted_nowhere_imports_nothing(self):
        plan = judged(Kind.OFFICERS, ["203,HQ,,,"], stations=set())

        assert told(plan) == [(2, "station")]


def test_an_error_stays_short_however_many_take_part():
    rows = [camera(1000 + n, asset_tag="SAME") for n in range(5000)]

    (error,) = judged(Kind.CAMERAS, rows).errors

    assert error.line == 5001
    assert error.sentence == (
        "asset_tag SAME also belongs to camera 1000, camera 1001, camera 1002 and 4,996 more."
    )


def test_the_digest_stands_for_everything_that_would_be_done():
    plans = [
        judged(Kind.STATIONS, rows)
        for rows in (["S,South"], ["S,Southern"], ["S,South", "HQ,Head"], ["W,South"], ["HQ,Head"])
    ]

    assert len({plan.digest for plan in plans}) == len(plans)
    assert judged(Kind.STATIONS, ["S,South"]).digest == plans[0].digest
