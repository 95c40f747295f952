"""A file is imported whole or not at all, as it was shown, and once."""

import pytest
from django.contrib.auth.models import User

from devices import ledger
from devices.errors import Refused
from devices.inventory import actions, imports, named
from devices.inventory.imports import Kind
from devices.inventory.models import (
    Bay,
    Camera,
    Credential,
    CredentialKind,
    Dock,
    Officer,
    ServiceState,
    Station,
)
from devices.inventory.naming import What
from devices.ledger import LedgerEntry
from devices.roles import Role
from tests.feeding import heard_while
from tests.inventory.sheets import FLEET, camera, sheet, snapshot
from tests.racing import race
from tests.rows import person

pytestmark = pytest.mark.django_db


@pytest.fixture
def fleet(noon):
    for kind in Kind:
        bring(kind, FLEET[kind], noon)


def bring(kind, rows, now, **options):
    return imports.apply(kind, sheet(kind, rows), by=None, now=now, **options)


def entries():
    return list(LedgerEntry.objects.order_by("seq").values_list("verb", "subject"))


def test_five_files_in_their_order_make_a_fleet(fleet, noon):
    one = Camera.objects.get(number=401)

    assert (one.serial, str(one.model), one.station.code) == ("KT-401", "Kestrel One", "HQ")
    assert (str(one.home_bay), str(one.officer)) == ("D01-1", "201")
    assert (one.service_state, one.enrolled_at) == (ServiceState.IN_SERVICE, noon)
    assert [code.value for code in one.codes.all()] == ["RFID401"]
    assert [str(bay) for bay in Bay.objects.exclude(mac="")] == ["D02-1"]
    assert Credential.objects.count() == 3
    assert entries() == [("imported", kind.value) for kind in Kind]


@pytest.mark.parametrize("kind", list(Kind))
def test_the_same_file_again_changes_nothing_and_is_no_act(fleet, noon, kind):
    before, written = snapshot(), entries()

    again = bring(kind, FLEET[kind], noon)

    assert (again.changes, again.unchanged) == ([], len(FLEET[kind]))
    assert (snapshot(), entries()) == (before, written)


FAULTY = {
    Kind.STATIONS: ["S,South", "HQ,Head office", "W,=1"],
    Kind.MODELS: ["Kestrel,Three,,,,,", "Kestrel,One,yes,,,,", ",Four,,,,,"],
    Kind.DOCKS: ["D03,HQ,,,,,,,", "D01,N,multi,,4,,,,", "D04,NOWHERE,,,,,,,"],
    Kind.OFFICERS: ["203,HQ,,,", "201,N,,,no", "204,HQ,,B00202,"],
    Kind.CAMERAS: [camera(404), "401,KT-9,,Kestrel,Two,,,N,,,", camera(405, "KT-402")],
}


@pytest.mark.parametrize("kind", list(Kind))
def test_one_fault_and_nothing_is_imported(fleet, noon, kind):
    before, written = snapshot(), entries()

    with pytest.raises(
        Refused, match=r"1 row cannot be taken, so nothing will be imported\. Line 4"
    ):
        bring(kind, FAULTY[kind], noon)

    assert imports.plan(kind, sheet(kind, FAULTY[kind])).errors
    assert (snapshot(), entries()) == (before, written)


@pytest.mark.parametrize("kind", list(Kind))
def test_looking_changes_nothing(fleet, kind):
    before, written = snapshot(), entries()

    assert len(imports.plan(kind, sheet(kind, FAULTY[kind][:2])).changes) == 2

    assert (snapshot(), entries()) == (before, written)


@pytest.mark.parametrize("kind", list(Kind))
def test_what_was_shown_is_what_is_done(fleet, noon, kind):
    before, raw = snapshot()[kind], sheet(kind, FAULTY[kind][:2])
    shown = imports.plan(kind, raw)

    imports.apply(kind, raw, by=None, now=noon, expected=shown.digest)

    expected = {one.key: one.values for one in shown.added}
    expected |= {
        one.key: {**before[one.key], **{name: new for name, (_, new) in one.fields.items()}}
        for one in shown.changed
    }
    assert snapshot()[kind] == {**before, **expected}


def test_a_station_becomes_a_pool_and_a_file_that_says_nothing_leaves_it_one(fleet, noon):
    def import_(row, header):
        raw = sheet(Kind.STATIONS, [row], header)
        plan = imports.plan(Kind.STATIONS, raw)
        imports.apply(Kind.STATIONS, raw, by=None, now=noon, expected=plan.digest)
        return [said for one in plan.changes for said in one.sentences]

    def pools():
        return set(Station.objects.filter(pool=True).values_list("code", flat=True))

    assert pools() == set()
    assert import_("N,North,yes", "code,name,pool") == ["pool: no → yes"]
    assert import_("N,The North", "code,name") == ["name: North → The North"]
    assert pools() == {"N"}
    assert import_("N,The North,", "code,name,pool") == ["pool: yes → no"]
    assert import_("P,Pool,yes", "code,name,pool") == ["code: P", "name: Pool", "pool: yes"]
    assert pools() == {"P"}


def test_the_entry_tells_who_and_every_change(fleet, noon):
    somebody = person(Role.IT)
    rows = ["HQ,Head office", "S,South"]

    imports.apply(Kind.STATIONS, sheet(Kind.STATIONS, rows), by=somebody, now=noon)

    entry = LedgerEntry.objects.last()
    assert (entry.verb, entry.subject, entry.actor) == ("imported", "stations", somebody)
    assert entry.facts["keys"] == [["S"]]
    assert entry.facts["changes"] == [["HQ", "name: Headquarters → Head office"]]
    assert (entry.facts["added"], entry.facts["changed"]) == (1, 1)
    assert list(ledger.breaks()) == []


def test_what_one_camera_gives_up_another_takes_in_the_same_file(fleet, noon):
    bring(
        Kind.CAMERAS,
        [
            camera(404, "KT-403", home_bay="D02-1", asset_tag="WH-1", codes="RFID401"),
            "401,KT-402,WH-2,Kestrel,One,Tri-State,2024-03-18,HQ,D01-2,201,RFID403",
            "402,KT-401,,Kestrel,Two,,,HQ,D01-1,,",
            "403,KT-404,,Kestrel,Two,,,N,,202,",
        ],
        noon,
    )

    found = Camera.objects.values_list("number", "serial", "asset_tag", "home_bay__position")
    assert list(found) == [
        (401, "KT-402", "WH-2", 2),
        (402, "KT-401", "", 1),
        (403, "KT-404", "", None),
        (404, "KT-403", "WH-1", 1),
    ]
    assert [str(bay) for bay in Bay.objects.filter(home_of__number=404)] == ["D02-1"]


def test_what_one_officer_or_dock_gives_up_another_takes_in_the_same_file(fleet, noon):
    bring(Kind.OFFICERS, ["203,HQ,,B00201,", "201,HQ,Patrol,B00202,", "202,N,,98EE58AD,"], noon)
    bring(
        Kind.DOCKS,
        ["D03,HQ,,,2,,,DK-1,02:00:00:00:00:01", "D01,HQ,,,4,,,DK-2,", "D02,N,multi,,2,,,,"],
        noon,
    )

    credentials = Credential.objects.order_by("value")
    assert list(credentials.values_list("value", "officer__badge_number")) == [
        ("98EE58AD", "202"),
        ("B00201", "203"),
        ("B00202", "201"),
    ]
    assert dict(Dock.objects.values_list("code", "serial")) == {
        "D01": "DK-2",
        "D02": "",
        "D03": "DK-1",
    }
    assert [str(bay) for bay in Bay.objects.exclude(mac="")] == ["D03-1"]


def add(badge, value, kind, noon):
    officer = Officer.objects.get(badge_number=badge)
    return actions.add_credential(officer, value, kind, by=None, now=noon)


def end(value, noon):
    badge = Credential.objects.get(value=value)
    actions.end_credential(badge, "Lost on patrol", by=None, now=noon)


def badges(of):
    return list(
        Credential.objects.filter(officer__badge_number=of)
        .order_by("pk")
        .values_list("value", flat=True)
    )


@pytest.mark.parametrize("listed", ["98EE58AD", "0098ee58ad"])
@pytest.mark.parametrize("badge", ["201", "202"])
def test_a_badge_that_was_taken_away_is_not_brought_back(fleet, noon, listed, badge):
    end("98EE58AD", noon)
    row = {"201": f"201,HQ,Patrol,B00201 {listed},yes", "202": f"202,N,,B00202 {listed},yes"}

    plan = bring(Kind.OFFICERS, [row[badge]], noon)

    assert (plan.changes, badges("201"), badges("202")) == ([], ["B00201"], ["B00202"])
    assert plan.notes == [
        "Line 2: badge …58AD was taken away and stays so."
        " Who has it again adds it on the officer's page."
    ]


def test_who_adds_a_badge_again_that_was_taken_away_has_it_whatever_files_say(fleet, noon):
    end("98EE58AD", noon)
    add("202", "98EE58AD", CredentialKind.BADGE, noon)

    for row in ("202,N,,B00202 98EE58AD,yes", "202,N,,B00202,yes"):
        assert bring(Kind.OFFICERS, [row], noon).changes == []

    assert badges("202") == ["B00202", "98EE58AD"]


def test_a_badge_that_was_added_by_hand_stays_of_its_kind_and_that_is_said(fleet, noon):
    mine = add("201", "04A1B2C3", CredentialKind.RFID, noon)
    kept = Credential.objects.get(value="B00201")

    plan = bring(Kind.OFFICERS, ["201,HQ,Patrol,B00299 B00201,yes"], noon)

    assert plan.notes == [
        "Line 2: badge …B2C3 was added by hand and stays; the file lacks it.",
    ]
    assert badges("201") == ["B00201", "04A1B2C3", "B00299"]
    assert list(Credential.objects.filter(pk__in=[kept.pk, mine.pk]).order_by("pk")) == [kept, mine]
    mine.refresh_from_db()
    assert mine.kind == CredentialKind.RFID


def test_a_badge_that_was_added_by_hand_is_nobody_elses_by_a_file(fleet, noon):
    add("201", "04A1B2C3", CredentialKind.RFID, noon)

    with pytest.raises(Refused, match="credentials 04A1B2C3 also belongs to officer 201"):
        bring(Kind.OFFICERS, ["201,HQ,Patrol,,", "202,N,,04A1B2C3,yes"], noon)


def test_the_ledger_knows_the_badges_that_a_file_changes_by_their_endings(fleet, noon):
    bring(Kind.OFFICERS, ["201,HQ,Traffic,B00201 04A1B2C3,yes"], noon)

    facts = LedgerEntry.objects.last().facts
    assert facts["changes"] == [
        ["201", "unit: Patrol → Traffic", "credentials: …01 …58AD → …01 …B2C3"]
    ]
    assert "98EE58AD" not in str(facts)


@pytest.mark.django_db(transaction=True)
def test_a_badge_that_is_taken_away_while_a_file_comes_in_stays_so(noon):
    for kind in Kind:
        bring(kind, FLEET[kind], noon)

    race(
        lambda n: (
            end("98EE58AD", noon)
            if n
            else bring(Kind.OFFICERS, ["201,HQ,,98EE58AD B00201 04A1B2C3,yes"], noon)
        ),
        runners=2,
    )

    assert badges("201") == ["B00201", "04A1B2C3"]


def test_the_way_a_model_is_written_here_stays(fleet, noon):
    row = "402,KT-402,WH-2,KESTREL,two,,,HQ,D01-2,,"

    assert bring(Kind.CAMERAS, [row], noon).changes == []


def test_an_import_touches_nothing_that_is_not_in_its_file(fleet, noon):
    one = Camera.objects.get(number=401)
    actions.change_service(one, ServiceState.IN_REPAIR, reason="lens", by=None, now=noon)
    Officer.objects.filter(badge_number="201").update(user=person(Role.OFFICER))

    bring(Kind.CAMERAS, ["401,KT-401,WH-9,Kestrel,One,,,HQ,,201,"], noon)
    bring(Kind.OFFICERS, ["201,HQ,Traffic,,"], noon)

    one.refresh_from_db()
    assert (one.service_state, one.service_note) == (ServiceState.IN_REPAIR, "lens")
    assert (one.asset_tag, one.home_bay) == ("WH-9", None)
    assert Officer.objects.get(badge_number="201").user is not None


def test_a_column_that_is_not_in_the_file_keeps_its_values(fleet, noon):
    raw = b"number,serial,maker,model,station\n401,KT-401B,Kestrel,One,HQ\n"

    imports.apply(Kind.CAMERAS, raw, by=None, now=noon)

    one = Camera.objects.get(number=401)
    assert (one.serial, one.asset_tag, str(one.home_bay)) == ("KT-401B", "WH-1", "D01-1")


def test_a_lot_is_imported_and_shown_as_a_change(fleet, noon):
    raw = b"number,serial,maker,model,lot,station\n401,KT-401,Kestrel,One,A-2291,HQ\n"

    plan = imports.apply(Kind.CAMERAS, raw, by=None, now=noon)

    assert plan.changed[0].fields["lot"] == ("", "A-2291")
    assert Camera.objects.get(number=401).lot == "A-2291"
    assert not imports.plan(Kind.CAMERAS, raw).changed


def test_bays_are_added_and_their_addresses_set_in_order(fleet, noon):
    addresses = [f"02:00:00:00:00:{n:02X}" for n in (3, 2, 1)]

    bring(Kind.DOCKS, [f"D02,N,multi,,3,,,DK-2,{' '.join(addresses)}"], noon)

    assert list(Bay.objects.filter(dock__code="D02").values_list("position", "mac")) == [
        *enumerate(addresses, 1)
    ]


def test_officers_are_imported_for_the_own_stations_alone(fleet, noon):
    hq = {Station.objects.get(code="HQ").pk}

    bring(Kind.OFFICERS, ["203,HQ,,,"], noon, stations=hq)

    for row in ("204,N,,,", "202,HQ,,,", "201,N,,,"):
        with pytest.raises(Refused, match="N is not one of yours"):
            bring(Kind.OFFICERS, [row], noon, stations=hq)
    assert list(Officer.objects.values_list("badge_number", "station__code")) == [
        ("201", "HQ"),
        ("202", "N"),
        ("203", "HQ"),
    ]


@pytest.mark.parametrize("column", ["role", "groups", "user", "is_superuser"])
def test_no_import_makes_a_user_or_gives_a_role(fleet, noon, column):
    raw = f"badge_number,station,{column}\n201,HQ,Administrator\n".encode()

    with pytest.raises(Refused, match="is not known"):
        imports.apply(Kind.OFFICERS, raw, by=None, now=noon)

    assert not User.objects.exists()


@pytest.mark.parametrize(
    "meanwhile",
    [
        "S,South",  # the same row came from somebody else
        "HQ,The old house",  # what would be changed was something else by then
    ],
)
def test_a_preview_that_is_no_longer_true_is_not_done(fleet, noon, meanwhile):
    raw = sheet(Kind.STATIONS, ["S,South", "HQ,Head office"])
    shown = imports.plan(Kind.STATIONS, raw)
    bring(Kind.STATIONS, [meanwhile], noon)
    before = snapshot()

    with pytest.raises(Refused, match="has changed since the preview; look again"):
        imports.apply(Kind.STATIONS, raw, by=None, now=noon, expected=shown.digest)

    assert snapshot() == before


def test_another_file_than_was_shown_is_not_done(fleet, noon):
    shown = imports.plan(Kind.STATIONS, sheet(Kind.STATIONS, ["S,South"]))

    with pytest.raises(Refused, match="look again"):
        bring(Kind.STATIONS, ["W,West"], noon, expected=shown.digest)


@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    """On connections of their own, committed."""

    @pytest.mark.parametrize("expected", [True, False])
    def test_two_who_import_the_same_file_have_one_effect(self, fleet, noon, expected):
        raw = sheet(Kind.CAMERAS, [camera(404), "401,KT-401,WH-9,Kestrel,One,,,HQ,,,"])
        digest = imports.plan(Kind.CAMERAS, raw).digest if expected else None
        written = LedgerEntry.objects.count()

        done = race(
            lambda _: imports.apply(Kind.CAMERAS, raw, by=None, now=noon, expected=digest),
            runners=4,
        )

        changes = [0 if isinstance(one, Refused) else len(one.changes) for one in done]
        assert sorted(changes) == [0, 0, 0, 2]
        assert sum(isinstance(one, Refused) for one in done) == (3 if expected else 0)
        assert LedgerEntry.objects.count() == written + 1
        assert Camera.objects.count() == 4

    def test_two_who_import_what_cannot_stand_together_are_told_so(self, fleet, noon):
        rows = [camera(404, home_bay="D01-3"), camera(405, home_bay="D01-3")]

        done = race(lambda n: bring(Kind.CAMERAS, [rows[n]], noon), runners=2)

        (refused,) = [one for one in done if isinstance(one, Refused)]
        assert "home_bay D01-3 also belongs to camera 40" in str(refused)
        assert Camera.objects.filter(home_bay__position=3).count() == 1
        assert list(ledger.breaks()) == []

    def test_open_boards_are_told_once_it_is_committed(self, fleet, noon):
        heard = heard_while(lambda: bring(Kind.STATIONS, ["S,South"], noon))

        assert heard == {"type": "cameras.changed", "camera_ids": []}


@pytest.mark.parametrize(
    ("kind", "row", "whose"),
    [
        (Kind.CAMERAS, camera(9, codes="98EE58AD"), "officer 201"),
        (Kind.CAMERAS, camera(9, asset_tag="00202"), "officer 202"),
        (Kind.OFFICERS, "203,HQ,,TAG403,", "camera 403"),
        (Kind.OFFICERS, "WH-2,HQ,,,", "camera 402"),
        (Kind.OFFICERS, "KT-403,HQ,,,", "camera 403"),
    ],
)
def test_what_a_desk_reads_as_another_is_not_imported(fleet, noon, kind, row, whose):
    before = snapshot()

    with pytest.raises(Refused, match=f"also belongs to {whose}[.]"):
        bring(kind, [row], noon)

    assert snapshot() == before


@pytest.mark.parametrize(
    ("code", "what", "owner", "whose"),
    [
        ("98ee58ad", What.OFFICER, "202", "officer 201"),
        ("98ee58ad", What.OFFICER, "201", ""),
        ("00201", What.OFFICER, "202", "officer 201"),
        ("00201", What.CAMERA, "401", "officer 201"),
        ("rfid401", What.OFFICER, "201", "camera 401"),
        ("00RFID401", What.CAMERA, "402", ""),
        ("kt-403", What.CAMERA, "402", "camera 403"),
        ("WH-1", What.CAMERA, "401", ""),
        ("C0402B", What.OFFICER, "201", "camera 402"),
        ("04A1B2C3", What.OFFICER, "201", ""),
    ],
)
def test_whose_a_code_is_already(fleet, code, what, owner, whose):
    assert named.whose(code, what, owner) == whose
