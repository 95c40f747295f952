"""Profiles through the API: what each sets, the next version of one, and to what it is assigned."""

import pytest
from django.utils.timezone import now

from devices.access.scopes import Scope
from devices.ledger import LedgerEntry
from devices.releases import actions as releases
from devices.releases.models import Assignment, Profile, ProfileVersion, Release
from devices.releases.profiles import actions
from devices.releases.profiles.actions import Target
from devices.releases.profiles.schema import USUAL, digest
from devices.roles import Role
from tests.api.callers import browser, program, refused, results, send, token_of
from tests.rows import a_camera, a_model, a_station, person

pytestmark = pytest.mark.django_db
ALL = "/api/v1/profiles/"
QUIET = {**USUAL, "volume_percent": 0}


@pytest.fixture(autouse=True)
def _a_store_of_its_own(settings, tmp_path):
    settings.VAR_DIR = tmp_path


def make(client, settings=None, *, name="patrol", key=None, **said):
    told = {"settings": dict(USUAL) if settings is None else settings, "based_on": 0, **said}
    return send(client, f"{ALL}{name}/versions/", told, key)


@pytest.fixture
def patrol(it, colleague):
    """A profile with one version, which is approved."""
    version = actions.make_version("patrol", USUAL, based_on=0, by=it, now=now())
    releases.approve(version.release, by=colleague, now=now())
    return version.profile


def test_versions_are_made_by_one_and_approved_by_another(one, other, it):
    a_model()

    first, again = (make(one, key="one", note="To begin with") for _ in range(2))
    told = first.json()
    assert (first.status_code, again.content) == (200, first.content), first.content
    assert (told["number"], told["version"], told["state"]) == (1, "patrol-1", "verified")
    assert (told["settings"], told["sha256"]) == (dict(USUAL), digest(USUAL))
    assert (told["note"], told["made_by"]) == ("To begin with", it.pk)
    approve = f"/api/v1/releases/{told['release']}/approve/"
    assert refused(send(one, approve), 403)
    assert send(other, approve).json()["state"] == "approved"

    assert told["defeats"] == []

    second = make(one, {**QUIET, "light_bar_trigger": False}, based_on=1).json()

    (profile,) = results(one, ALL)
    assert (profile["name"], profile["assigned"]) == ("patrol", [])
    assert [each["number"] for each in profile["versions"]] == [2, 1]
    assert profile["versions"][0] == second
    assert second["defeats"] == ["Light bars do not start these cameras."]
    assert profile == one.get(f"{ALL}patrol/").json()
    assert LedgerEntry.objects.filter(verb="profile version made").count() == 2


@pytest.mark.parametrize(
    ("said", "pointer"),
    [
        ({"settings": {**USUAL, "pre_event_s": 121}}, "/settings/pre_event_s"),
        ({"settings": {**USUAL, "pre_event_s": "30"}}, "/settings/pre_event_s"),
        ({"settings": {**USUAL, "led": 1}}, "/settings/led"),
        ({"settings": {**USUAL, "sirens": True}}, "/settings/sirens"),
        ({"settings": {"led": True}}, "/settings/resolution"),
        ({"settings": []}, "/settings"),
        ({"based_on": -1}, "/based_on"),
        ({"note": "x" * 201}, "/note"),
        ({"colour": "red"}, "/colour"),
    ],
)
def test_settings_that_cannot_be_say_where(one, said, pointer):
    answer = make(one, **said)

    assert refused(answer, 422)
    assert pointer in {fault["pointer"] for fault in answer.json()["faults"]}
    assert not Profile.objects.exists()


def test_what_was_edited_must_still_be_the_latest(one, patrol):
    assert "already" in refused(make(one), 409)
    assert "nothing changed" in refused(make(one, based_on=1), 422)
    assert make(one, QUIET, based_on=1).status_code == 200
    assert "meanwhile" in refused(make(one, based_on=1), 409)
    assert refused(make(one, name="night", based_on=1), 404)
    assert "begins" in refused(make(one, name="2nd"), 422)
    assert ProfileVersion.objects.count() == Release.objects.count() == 2


def test_an_assignment_is_told_and_taken_away(one, patrol):
    a_station()
    send(one, f"{ALL}assign/", {"profile": "patrol", "station": "HQ"})
    (assigned,) = one.get(f"{ALL}patrol/").json()["assigned"]
    at = assigned.pop("at")
    nothing_else = {"camera": None, "tag": None, "unit": None, "model": None}
    assert assigned == {**nothing_else, "station": "HQ"}

    told = send(one, f"{ALL}unassign/", {"station": "HQ"}).json()

    assert (told["profile"], told["to"], told["at"]) == ("patrol", "station HQ", at)
    assert not Assignment.objects.exists()
    assert "No profile is assigned" in refused(send(one, f"{ALL}unassign/", {"unit": "K9"}), 409)
    for said in ({}, {"station": "HQ", "unit": "K9"}, {"station": "X"}, {"profile": "patrol"}):
        assert refused(send(one, f"{ALL}unassign/", said), 422)


def test_a_profile_is_assigned_to_a_tag_and_taken_away(one, patrol):
    told = send(one, f"{ALL}assign/", {"profile": "patrol", "tag": "k9"}).json()
    assert (told["profile"], told["to"]) == ("patrol", "tag k9")
    assert one.get(f"{ALL}patrol/").json()["assigned"][0]["tag"] == "k9"

    send(one, f"{ALL}unassign/", {"tag": "k9"})

    assert not Assignment.objects.exists()
    strange, both = {"tag": "K 9"}, {"tag": "k9", "unit": "K9"}
    assert "A tag is" in refused(send(one, f"{ALL}assign/", {"profile": "patrol", **strange}), 422)
    assert refused(send(one, f"{ALL}assign/", {"profile": "patrol", **both}), 422)


def test_the_list_costs_the_same_and_tells_of_cameras_as_far_as_they_are_seen(
    one, it, patrol, django_assert_max_num_queries
):
    here, north = a_station(), a_station("N", "North")
    for number, station in ((1, here), (2, north)):
        camera = a_camera(number, station, now())
        actions.assign(patrol, Target(camera=camera), by=it, now=now())
    for name in ("night", "bikes"):
        actions.make_version(name, USUAL, based_on=0, by=it, now=now())
    far = browser(person(Role.QUARTERMASTER, north))

    with django_assert_max_num_queries(8):
        found = results(one, ALL)

    assert [profile["name"] for profile in found] == ["bikes", "night", "patrol"]
    assert [each["camera"] for each in found[2]["assigned"]] == ["C0001", "C0002"]
    assert [each["camera"] for each in results(far, ALL)[2]["assigned"]] == ["C0002"]


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.IT], ids=str)
def test_it_alone_edits(role, patrol):
    client = browser(person(role, a_station()))

    assert refused(make(client, QUIET, based_on=1), 403)
    assert refused(send(client, f"{ALL}unassign/", {"station": "HQ"}), 403)


def test_a_token_needs_the_scope(it, patrol):
    reading = program(token_of(it, [Scope.RELEASES]))

    assert reading.get(ALL).status_code == 200
    assert refused(make(reading, QUIET, based_on=1), 403)
    assert refused(send(reading, f"{ALL}unassign/", {"station": "HQ"}), 403)
