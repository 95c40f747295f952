"""Profiles: settings with bounds, in versions, for the narrowest thing that somebody named."""

import json
from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction

from devices.errors import Refused
from devices.health.models import CameraHealth
from devices.inventory.models import Officer
from devices.ledger import LedgerEntry
from devices.releases import actions as releases
from devices.releases import storage
from devices.releases.models import Assignment, Profile, ProfileVersion, Release, ReleaseState
from devices.releases.profiles import schema
from devices.releases.profiles.actions import Target, assign, make_version, unassign
from devices.releases.profiles.schema import USUAL
from devices.releases.reading import desired_profile, running
from tests.rows import a_camera, a_station

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("pre_event_s", 121, "between 0 and 120 s"),
        ("pre_event_s", -1, "between 0 and 120 s"),
        ("pre_event_s", "30", "whole number"),
        ("pre_event_s", True, "whole number"),
        ("pre_event_s", 30.0, "whole number"),
        ("pre_event_s", 10**400, "whole number"),
        ("led", 1, "yes or no"),
        ("led", "yes", "yes or no"),
        ("resolution", "8K", "one of 480p, 720p"),
        ("resolution", [], "one of 480p, 720p"),
        ("maximum_clip_min", 4, "between 5 and 240 min"),
        ("sirens", 1, "no setting 'sirens'"),
    ],
)
def test_a_setting_keeps_within_its_bounds(name, value, says):
    with pytest.raises(Refused, match=says):
        schema.refuse_wrong({**USUAL, name: value})


def test_every_setting_is_said():
    said = dict(USUAL)
    del said["led"]

    with pytest.raises(Refused, match=r"\(led\) is missing"):
        schema.refuse_wrong(said)
    schema.refuse_wrong(USUAL)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{",
        '{"led": 1, "led": 1}',
        '{"led": NaN}',
        '{"led": 1.5}',
        "[" * 9000,
        "1" * 17000,
    ],
)
def test_what_is_no_plain_json_is_refused(text):
    with pytest.raises(Refused):
        schema.read(text)


def test_json_says_the_same_as_the_form():
    assert schema.read(schema.pretty(USUAL)) == USUAL


def test_a_difference_is_told_in_words():
    after = {**USUAL, "pre_event_s": 60, "led": False, "resolution": "720p"}

    changes = [(one.label, one.before, one.after) for one in schema.diff(USUAL, after)]

    assert changes == [
        ("Pre-event buffer", "30 s", "60 s"),
        ("Resolution", "1080p", "720p"),
        ("Its light shows that it records", "yes", "no"),
    ]


@pytest.mark.parametrize(
    ("change", "count"),
    [({}, 0), ({"sleep_allowed": True}, 1), ({"light_bar_trigger": False}, 1)],
)
def test_what_defeats_a_light_bar_is_flagged(change, count):
    assert len(schema.defeats({**USUAL, **change})) == count


def patrol(by, at, *, based_on=0, **settings):
    chosen = {**USUAL, **settings}
    return make_version("patrol", chosen, based_on=based_on, note="why", by=by, now=at)


def test_a_version_is_a_release_that_another_person_approves(it, colleague, at):
    version = patrol(it, at)

    release = Release.objects.get(profile_version=version)
    assert (release.version, release.state) == ("patrol-1", ReleaseState.VERIFIED)
    raw = b"".join(storage.open_release(release).pieces())
    assert json.loads(raw) == USUAL
    assert release.sha256 == version.digest
    with pytest.raises(Refused, match="another person"):
        releases.approve(release, by=it, now=at)
    releases.approve(release, by=colleague, now=at)


def test_an_edit_makes_the_next_version_and_the_ledger_says_what_changed(it, at):
    patrol(it, at)

    version = patrol(it, at, based_on=1, pre_event_s=60, sleep_allowed=True)

    assert str(version) == "patrol-2"
    entry = LedgerEntry.objects.filter(verb="profile version made").latest("seq")
    assert "Pre-event buffer: 30 s → 60 s" in entry.facts["changes"]
    assert entry.facts["defeats_light_bar"] is True


def test_of_two_who_edit_one_version_the_second_is_told_and_nothing_is_kept(it, at):
    patrol(it, at)
    patrol(it, at, based_on=1, pre_event_s=60)

    with pytest.raises(Refused, match="Somebody made patrol-2 meanwhile"):
        patrol(it, at, based_on=1, pre_event_s=90)
    with pytest.raises(Refused, match="nothing changed"):
        patrol(it, at, based_on=2, pre_event_s=60)
    with pytest.raises(Refused, match="a profile patrol already"):
        patrol(it, at)

    assert len(list(storage.store().stored())) == 2


@pytest.mark.parametrize("name", ["", "../patrol", "7", "x" * 31, "pa trol", "-a"])
def test_a_profiles_name_is_plain(it, at, name):
    with pytest.raises(Refused, match="A profile's name"):
        make_version(name, USUAL, based_on=0, by=it, now=at)

    assert not Profile.objects.exists()


def test_the_database_itself_keeps_a_version(it, at):
    version = patrol(it, at)

    with pytest.raises(DatabaseError), transaction.atomic():
        ProfileVersion.objects.filter(pk=version.pk).update(chosen={})


class TestWhoRunsWhat:
    @pytest.fixture
    def profiles(self, it, colleague, at):
        """Approved profiles, by the name of what they are for."""
        made = {}
        for n, name in enumerate(("model", "station", "unit", "tag", "camera")):
            version = make_version(name, {**USUAL, "pre_event_s": n}, based_on=0, by=it, now=at)
            releases.approve(version.release, by=colleague, now=at)
            made[name] = version.profile
        return made

    @pytest.fixture
    def camera(self, at):
        station = a_station()
        officer = Officer.objects.create(badge_number="201", station=station, unit="Traffic")
        says = {"profile_version": "model-1"}
        return a_camera(417, station, at, officer=officer, tags=["k9", "bench"], health=says)

    def targets(self, camera):
        return {
            "model": Target(model=camera.model),
            "station": Target(station=camera.station),
            "unit": Target(unit="Traffic"),
            "tag": Target(tag="k9"),
            "camera": Target(camera=camera),
        }

    def test_the_narrowest_counts(self, profiles, camera, it, at):
        assert desired_profile([camera.pk]) == {}

        for name, target in self.targets(camera).items():
            assign(profiles[name], target, by=it, now=at)

            desired = desired_profile([camera.pk])[camera.pk]
            assert (desired.version, desired.through) == (f"{name}-1", name)

    def test_taking_the_narrowest_away_leaves_the_next(self, profiles, camera, it, at):
        for name, target in self.targets(camera).items():
            assign(profiles[name], target, by=it, now=at)

        unassign(Assignment.objects.get(camera=camera), by=it, now=at)

        assert desired_profile([camera.pk])[camera.pk].through == "tag"

    def test_of_several_tags_the_first_by_alphabet_counts(self, profiles, camera, it, at):
        for tag, name in (("k9", "tag"), ("bench", "unit"), ("supervisor", "model")):
            assign(profiles[name], Target(tag=tag), by=it, now=at)

        assert desired_profile([camera.pk])[camera.pk].version == "unit-1"
        unassign(Assignment.objects.get(tag="bench"), by=it, now=at)
        assert desired_profile([camera.pk])[camera.pk].version == "tag-1"

    @pytest.mark.parametrize("tag", ["K9 unit", "k9,bench", "x" * 31])
    def test_a_tag_that_no_camera_can_have_is_refused(self, tag):
        with pytest.raises(Refused, match="A tag is up to 30"):
            Target(tag=tag)

    def test_one_thing_has_one_profile(self, profiles, camera, it, at):
        for name in ("model", "unit"):
            assign(profiles[name], Target(model=camera.model), by=it, now=at)

        assert Assignment.objects.get().profile == profiles["unit"]

    def test_a_camera_that_says_something_else_has_drifted(self, profiles, camera, it, at):
        assign(profiles["model"], Target(model=camera.model), by=it, now=at)
        (as_wanted,) = running(type(camera).objects.all())
        assert as_wanted.drifted is False

        camera.health.profile_digest = "0" * 64  # the same name with other content
        camera.health.save()
        (other,) = running(type(camera).objects.all())
        assert other.drifted is True

        camera.health.profile_version = ""
        camera.health.save()
        (unknown,) = running(type(camera).objects.all())
        assert unknown.drifted is None

    @pytest.mark.parametrize("days", [(1, 365, 1), (365, 1, 1), (None, 1, None)])
    def test_it_has_drifted_since_it_said_so_or_since_it_was_wanted_otherwise(
        self, profiles, camera, it, at, days
    ):
        reported, assigned, since = (one and at - timedelta(days=one) for one in days)
        assign(profiles["unit"], Target(model=camera.model), by=it, now=assigned)
        Release.objects.update(approved_at=at - timedelta(days=400))
        CameraHealth.objects.update(profile_since=reported)

        (one,) = running(type(camera).objects.all())

        assert one.drifted is True
        assert one.drifted_since == since

    def test_who_ran_what_is_recalled_has_drifted_since_the_recall(
        self, profiles, camera, it, colleague, at
    ):
        day = timedelta(days=1)
        assign(profiles["model"], Target(model=camera.model), by=it, now=at)
        second = make_version("model", {**USUAL, "led": False}, based_on=1, by=it, now=at)
        releases.approve(second.release, by=colleague, now=at)
        CameraHealth.objects.update(profile_version="model-2", profile_since=at)

        releases.recall(second.release, "too dark", by=it, now=at + day)

        (one,) = running(type(camera).objects.all())
        assert one.drifted_since == at + day

    def test_who_is_as_wanted_has_not_drifted_since_any_time(self, profiles, camera, it, at):
        assign(profiles["model"], Target(model=camera.model), by=it, now=at)
        CameraHealth.objects.update(profile_since=at)

        (one,) = running(type(camera).objects.all())

        assert (one.drifted, one.drifted_since) == (False, None)

    def test_the_latest_approved_version_is_wanted_and_no_other(
        self, profiles, camera, it, colleague, at
    ):
        assign(profiles["model"], Target(model=camera.model), by=it, now=at)
        second = make_version("model", {**USUAL, "led": False}, based_on=1, by=it, now=at)
        assert desired_profile([camera.pk])[camera.pk].version == "model-1"

        releases.approve(second.release, by=colleague, now=at)
        assert desired_profile([camera.pk])[camera.pk].version == "model-2"

        releases.recall(second.release, "too dark", by=it, now=at)
        assert desired_profile([camera.pk])[camera.pk].version == "model-1"

    @pytest.mark.parametrize(
        ("says", "defeated"),
        [
            ({"profile_version": "loud-1"}, True),
            ({"profile_version": "loud-1", "profile_digest": "loud"}, True),
            ({"profile_version": "model-1", "profile_digest": "loud"}, True),
            ({"profile_version": "loud-1", "profile_digest": "0" * 64}, False),
            ({"profile_version": "model-1"}, False),
            ({"profile_version": "loud-2"}, False),
            ({"profile_version": ""}, False),
        ],
    )
    def test_what_it_runs_is_told_apart_from_what_it_should_run(
        self, profiles, camera, it, at, says, defeated
    ):
        loud = make_version("loud", {**USUAL, "sleep_allowed": True}, based_on=0, by=it, now=at)
        told = {name: loud.digest if said == "loud" else said for name, said in says.items()}
        CameraHealth.objects.update(**told)
        (unwanted,) = running(type(camera).objects.all())
        assign(profiles["model"], Target(model=camera.model), by=it, now=at)
        (wanted,) = running(type(camera).objects.all())

        for one in (unwanted, wanted):
            assert (bool(one.defeats), bool(one.defeats_now)) == (False, defeated)

    @pytest.mark.parametrize("count", [1, 3])
    def test_it_takes_as_many_statements_for_many_cameras(
        self, profiles, camera, it, at, count, django_assert_num_queries
    ):
        assign(profiles["model"], Target(model=camera.model), by=it, now=at)
        for n in range(1, count):
            a_camera(n, camera.station, at, health={"profile_version": f"other-{n}"})

        with django_assert_num_queries(3):
            assert len(running(type(camera).objects.all())) == count

    def test_nothing_unapproved_is_assigned_and_nothing_to_two_things(self, camera, it, at):
        version = make_version("new", USUAL, based_on=0, by=it, now=at)

        with pytest.raises(Refused, match="No version of new is approved"):
            assign(version.profile, Target(camera=camera), by=it, now=at)
        with pytest.raises(Refused, match="Choose one"):
            Target()
        with pytest.raises(Refused, match="Choose one"):
            Target(camera=camera, unit="Traffic")

    def test_a_profile_becomes_the_standard_of_the_models_it_is_assigned_to(
        self, camera, profiles, it, at
    ):
        release = Release.objects.get(version="model-1")
        releases.make_standard(release, by=None, now=at)
        camera.model.refresh_from_db()
        assert camera.model.profile_version == ""

        assign(profiles["model"], Target(model=camera.model), by=it, now=at)
        releases.make_standard(release, by=None, now=at)

        camera.model.refresh_from_db()
        assert camera.model.profile_version == "model-1"
