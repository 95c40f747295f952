"""The words that cameras are sorted by: what they may be, who has them, and how they come."""

import pytest

from devices.errors import Refused
from devices.inventory import actions, imports
from devices.inventory.imports import Kind
from devices.inventory.models import Camera
from devices.inventory.tags import written, wrong
from devices.ledger import LedgerEntry, breaks
from devices.roles import Role
from tests.api.callers import browser
from tests.inventory.sheets import FLEET, sheet
from tests.rows import a_camera, a_station, person

TEN = [f"tag-{n}" for n in range(10)]


@pytest.mark.parametrize(
    ("said", "tags"),
    [
        ("", []),
        ("  Bench,k9;  BENCH\tspare-kit ", ["bench", "k9", "spare-kit"]),
        (",;", []),
    ],
)
def test_tags_are_written_in_small_letters_and_once(said, tags):
    assert written(said) == tags


@pytest.mark.parametrize(
    ("tags", "because"),
    [
        ([], ""),
        (["bench", "k9", "3rd-shift", "x" * 30], ""),
        (TEN, ""),
        ([*TEN, "one-more"], "at most 10 tags"),
        (["x" * 31], "up to 30"),
        (["Bench"], "not 'Bench'"),
        (["-bench"], "small letters"),
        (["bench-"], "small letters"),
        (["be nch"], "small letters"),
        (["b\u00e9nch"], "small letters"),
        (["\u0663"], "small letters"),
        ([""], "small letters"),
    ],
)
def test_what_a_tag_may_be(tags, because):
    assert because in wrong(tags) if because else not wrong(tags)


@pytest.fixture
def camera(noon):
    return a_camera(417, a_station(), noon)


def tags_of(number: int) -> list[str]:
    return list(Camera.objects.get(number=number).tags)


@pytest.mark.django_db
def test_a_camera_has_the_tags_that_somebody_says_and_the_ledger_both(camera, noon):
    it = person(Role.IT)

    assert actions.tag(camera, ["k9", "bench"], by=it, now=noon)
    assert not actions.tag(camera, ["bench", "k9"], by=it, now=noon)
    assert actions.tag(camera, ["k9"], by=it, now=noon)
    with pytest.raises(Refused, match="not 'K9'"):
        actions.tag(camera, ["K9"], by=it, now=noon)

    assert tags_of(417) == ["k9"]
    told = LedgerEntry.objects.filter(verb="tagged", subject="C0417").order_by("seq")
    assert [(one.facts["before"], one.facts["after"]) for one in told] == [
        ([], ["bench", "k9"]),
        (["bench", "k9"], ["k9"]),
    ]
    assert list(breaks()) == []


@pytest.mark.django_db
def test_they_are_said_on_the_cameras_page(camera):
    it = browser(person(Role.IT))

    page = it.post("/cameras/C0417/tags/", {"tags": "Bench, k9"}, follow=True).content.decode()
    assert "C0417 is tagged bench, k9." in page
    assert 'href="/cameras/?tag=bench"' in page
    assert 'value="bench k9"' in page

    for said, because in (("a,,+", "A tag is up to 30"), ("x " * 400, "at most 10 tags")):
        refused = it.post("/cameras/C0417/tags/", {"tags": said}, follow=True).content.decode()
        assert because in refused
        assert tags_of(417) == ["bench", "k9"]
    it.post("/cameras/C0417/tags/", {"tags": ""})
    assert tags_of(417) == []
    commander = browser(person(Role.COMMANDER, camera.station, name="c"))
    assert 'name="tags"' not in commander.get("/cameras/C0417/").content.decode()


@pytest.mark.django_db
def test_an_import_brings_them_and_leaves_them_where_it_does_not_tell(noon):
    for kind in Kind:
        imports.apply(kind, sheet(kind, FLEET[kind]), by=None, now=noon)
    header = "number,serial,maker,model,station,tags"
    rows = ["401,KT-401,Kestrel,One,HQ,k9 Bench", "402,KT-402,Kestrel,Two,HQ,bench"]
    rows.append("404,KT-404,Kestrel,One,HQ,traffic")

    imports.apply(Kind.CAMERAS, sheet(Kind.CAMERAS, rows, header), by=None, now=noon)

    found = [tags_of(number) for number in (401, 402, 403, 404)]
    assert found == [["bench", "k9"], ["bench"], [], ["traffic"]]
    assert not imports.plan(Kind.CAMERAS, sheet(Kind.CAMERAS, FLEET[Kind.CAMERAS])).changes
    none = sheet(Kind.CAMERAS, ["401,KT-401,Kestrel,One,HQ,"], header)
    imports.apply(Kind.CAMERAS, none, by=None, now=noon)
    assert tags_of(401) == []
