"""Whatever file comes, the answer is a plan or a sentence, and what was planned is what is done."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from devices.errors import Refused
from devices.inventory import imports
from devices.inventory.imports import Kind
from tests.conftest import NOON
from tests.inventory.sheets import FLEET, HEADERS, sheet, snapshot
from tests.undone import undone

pytestmark = pytest.mark.django_db
ENOUGH = settings(
    max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
kinds = st.sampled_from(list(Kind))

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=200)

# Few values, so that rows meet: in keys, in what they claim, in what they name.
CELLS = {
    "code": ["HQ", "n", "S", "D01", "D02", "D03", "=1"],
    "name": ["One", "two", "Three", "Headquarters", ""],
    "maker": ["Kestrel", "KESTREL", "Other"],
    "model": ["One", "two", "Three"],
    "number": ["401", "0402", "403", "404", "1E5"],
    "serial": ["KT-401", "kt-402", "KT-403", "KT-4O1", "DK-1", "X"],
    "asset_tag": ["", "WH-1", "WH-2"],
    "supplier": ["", "Tri-State", "-"],
    "installed_on": ["", "2024-03-18", "2024-02-30"],
    "station": ["HQ", "N", "hq", "S"],
    "kind": ["", "multi", "single", "vehicle"],
    "place": ["", "Roll call"],
    "bays": ["", "1", "2", "4", "6"],
    "macs": ["", "02:00:00:00:00:01", "02:00:00:00:00:02 02:00:00:00:00:01"],
    "home_bay": ["", "D01-1", "D01-2", "D02-1", "D01-3", "D01-9"],
    "officer": ["", "201", "202", "999"],
    "codes": ["", "RFID401", "RFID403 TAG403", "NEW", "B00201", "00202"],
    "tags": ["", "bench", "K9 bench", "spare-kit, k9", "-"],
    "badge_number": ["201", "202", "203"],
    "unit": ["", "Patrol", "Traffic"],
    "credentials": ["", "B00201", "98EE58AD B00201", "B00202", "RFID401", "0203"],
    "active": ["", "yes", "no"],
    "radio": ["", "yes", "no"],
    "battery_hours": ["", "10", "12.5"],
    "storage_gb": ["", "64"],
    "firmware_version": ["", "3.8.2"],
    "profile_version": ["", "12"],
}


@st.composite
def files(draw):
    """A file of some kind, mostly right."""
    kind = draw(kinds)
    every = [*HEADERS[kind].split(","), *(["tags"] if kind is Kind.CAMERAS else [])]
    columns = draw(st.permutations(every)) if draw(st.booleans()) else every
    row = st.tuples(*(st.sampled_from(CELLS[column]) for column in columns))
    rows = draw(st.lists(row.map(",".join), min_size=1, max_size=6))
    return kind, sheet(kind, rows, ",".join(columns))


@pytest.fixture
def fleet(db):
    for kind in Kind:
        imports.apply(kind, sheet(kind, FLEET[kind]), by=None, now=NOON)


def _planned(kind, raw):
    """The plan, or None for a file that is refused as a whole. Nothing else may come of it."""
    try:
        return imports.plan(kind, raw)
    except Refused as refused:
        sentence = str(refused)
    assert sentence.endswith(".")
    assert len(sentence) < 400
    return None


@given(kinds, st.binary(max_size=400) | texts.map(str.encode))
@ENOUGH
def test_any_bytes_are_planned_or_refused_in_a_sentence(fleet, kind, raw):
    _planned(kind, raw)


@given(files(), st.integers(0, 400), st.binary(min_size=1, max_size=3))
@ENOUGH
def test_a_file_that_was_damaged_on_its_way_is_planned_or_refused(fleet, file, place, damage):
    kind, raw = file

    _planned(kind, raw[:place] + damage + raw[place + len(damage) :])
    _planned(kind, raw[:place])


@given(files())
@ENOUGH
def test_what_is_planned_is_what_is_done_and_doing_it_again_does_nothing(fleet, file):
    kind, raw = file
    shown = _planned(kind, raw)
    with undone():
        before = snapshot()
        if shown is None or shown.errors:
            with pytest.raises(Refused):
                imports.apply(kind, raw, by=None, now=NOON)
            assert snapshot() == before
            return

        imports.apply(kind, raw, by=None, now=NOON, expected=shown.digest)

        after = snapshot()
        assert after[kind] == {**before[kind], **_after(shown, before[kind])}
        assert _others(kind, after) == _others(kind, before)
        assert imports.plan(kind, raw).changes == []


def _others(kind, rows):
    """The rows of other kinds. Cameras tell their model as its own row writes it."""
    its_own = {kind, Kind.CAMERAS} if kind is Kind.MODELS else {kind}
    return {other: found for other, found in rows.items() if other not in its_own}


def _after(shown, before):
    """The rows that the plan changes, as they must stand afterwards."""
    added = {one.key: dict(one.values) for one in shown.added}
    changed = {
        one.key: {**before[one.key], **{name: new for name, (_, new) in one.fields.items()}}
        for one in shown.changed
    }
    return {**added, **changed}
