"""What cameras of a model should run, and what counts as good: which readiness asks for."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from devices.errors import Refused
from devices.health.models import CameraHealth
from devices.inventory.models import Station
from devices.policy import Policy
from devices.readiness import facts
from devices.releases import actions as releases
from devices.releases.models import Assignment, Profile, Release
from devices.releases.profiles.actions import Target, assign, make_version, unassign
from devices.releases.profiles.schema import USUAL
from fleet import prepare
from tests.rows import a_camera, a_model, a_station

pytestmark = pytest.mark.django_db


@pytest.fixture
def model(db):
    return a_model()


@pytest.fixture
def version(it, colleague, at):
    """Another approved version of a profile, with a setting that no other one has."""

    def made(name, number=1):
        settings = {**USUAL, "pre_event_s": len(name) + number}
        one = make_version(name, settings, based_on=number - 1, by=it, now=at)
        releases.approve(one.release, by=colleague, now=at + timedelta(seconds=number))
        return one

    return made


@pytest.fixture
def standard(model, version, it, at):
    """patrol-2, after patrol-1, of the model; k9-1 was approved after both."""
    patrol, second = version("patrol"), version("patrol", 2)
    assign(patrol.profile, Target(model=model), by=it, now=at)
    releases.make_standard(second.release, by=None, now=at)
    version("k9")
    return second.release


@pytest.fixture
def loud(standard, it, colleague, at):
    """A profile with which a camera may miss a light bar, approved beside the standard."""
    made = make_version("loud", {**USUAL, "sleep_allowed": True}, based_on=0, by=it, now=at)
    releases.approve(made.release, by=colleague, now=at)
    return made.profile


def accepted(model):
    model.refresh_from_db()
    return model.profile_accepted


def runs(model):
    model.refresh_from_db()
    return model.profile_version


def fit(at, *versions):
    """Whether cameras of the model that say they run these are ready; by the rules and by the
    statement."""
    station = Station.objects.first() or a_station()
    for number, version in enumerate(versions, 1):
        rows = CameraHealth.objects.filter(camera__number=number)
        if not rows.update(profile_version=version):
            a_camera(number, station, at, health={"profile_version": version})
    read = (one for _, one in facts.read(None, now=at))
    by_rule = {one.number: one.judged(None, Policy(), at).fit for one in read}
    assert facts.fits(policy=Policy(), now=at) == by_rule
    return " ".join(by_rule[number] for number in range(1, len(versions) + 1))


def test_a_recall_goes_back_to_a_version_of_the_same_profile(standard, model, it, at):
    releases.recall(standard, "too dark", by=it, now=at)

    assert runs(model) == "patrol-1"


def test_of_several_to_its_latest(standard, model, version, it, at):
    third = version("patrol", 3).release
    releases.make_standard(third, by=None, now=at)
    Release.objects.filter(version="patrol-1").update(approved_at=at + timedelta(days=9))

    releases.recall(third, "too dark", by=it, now=at)

    assert runs(model) == "patrol-2"


def test_where_that_has_no_other_nobody_says(standard, model, it, at):
    first = Release.objects.get(version="patrol-1")
    releases.recall(first, "too dark", by=it, now=at)

    releases.recall(standard, "too dark as well", by=it, now=at)

    assert runs(model) == ""
    assert fit(at, "patrol-1", "patrol-2", "k9-1", "factory-7", "") == "no no yes yes yes"


def test_nor_is_the_only_profile_that_there_ever_was_good_once_it_is_recalled(
    model, version, it, at
):
    assert fit(at, "patrol-1", "factory-7", "") == "yes yes yes"
    only = version("patrol")
    assign(only.profile, Target(model=model), by=it, now=at)
    releases.make_standard(only.release, by=None, now=at)

    releases.recall(only.release, "too dark", by=it, now=at)

    assert fit(at, "patrol-1", "factory-7", "") == "no yes yes"


def test_a_profile_for_a_few_takes_nobody_else_out_of_service(model, version, it, at):
    k9 = version("k9")

    assign(k9.profile, Target(tag="k9"), by=it, now=at)

    assert fit(at, "k9-1", "factory-7", "") == "yes yes yes"


def test_what_is_not_the_standard_is_recalled_without_changing_it(standard, model, it, at):
    releases.recall(Release.objects.get(version="k9-1"), "too loud", by=it, now=at)

    assert runs(model) == "patrol-2"


def test_nor_where_its_model_has_another_profile_by_now(standard, model, it, at):
    assign(Profile.objects.get(name="k9"), Target(model=model), by=it, now=at)
    assert runs(model) == "patrol-2"

    releases.recall(standard, "too dark", by=it, now=at)

    assert runs(model) == ""
    assert fit(at, "patrol-2", "patrol-1", "k9-1") == "no yes yes"


@pytest.mark.parametrize(("beside", "stays"), [(None, False), ("k9", True)])
def test_what_defeats_a_light_bar_is_no_standard_once_its_model_has_another_profile(
    loud, model, it, at, beside, stays
):
    assign(loud, Target(model=model), by=it, now=at)
    releases.make_standard(Release.objects.get(version="loud-1"), by=None, now=at)
    if beside:
        assign(loud, Target(tag=beside), by=it, now=at)
    assert fit(at, "loud-1") == "yes"

    assign(Profile.objects.get(name="patrol"), Target(model=model), by=it, now=at)

    assert (runs(model), fit(at, "loud-1")) == (("loud-1", "yes") if stays else ("", "no"))
    assert fit(at, "loud-1", "patrol-2") == ("yes yes" if stays else "no yes")

    for one in Assignment.objects.filter(profile=loud):
        unassign(one, by=it, now=at)
    assert (runs(model), fit(at, "loud-1")) == ("", "no")


def test_taken_away_from_its_model_nobody_says(standard, model, it, at):
    assignment = Assignment.objects.get(model=model)

    unassign(assignment, by=it, now=at)

    assert runs(model) == ""
    with pytest.raises(Refused, match="gone already"):
        unassign(assignment, by=it, now=at)


def test_taken_away_from_something_narrower_it_stays(standard, model, it, at):
    assigned = assign(standard.profile_version.profile, Target(unit="Traffic"), by=it, now=at)

    unassign(assigned, by=it, now=at)

    assert runs(model) == "patrol-2"


def test_what_came_with_the_inventory_stays(standard, model, it, at):
    type(model).objects.update(profile_version="factory-7")

    unassign(Assignment.objects.get(model=model), by=it, now=at)

    assert runs(model) == "factory-7"


@pytest.mark.parametrize(
    ("target", "counts"),
    [
        (None, False),
        ("model", True),
        ("other model", False),
        ("tag", True),
        ("unit", True),
        ("station", True),
        ("camera", True),
    ],
)
def test_what_defeats_a_light_bar_counts_only_where_it_is_assigned(
    loud, model, it, at, target, counts
):
    station = a_station()
    targets = {
        "model": Target(model=model),
        "other model": Target(model=type(model).objects.create(maker="Other", name="X")),
        "tag": Target(tag="k9"),
        "unit": Target(unit="K9"),
        "station": Target(station=station),
        "camera": Target(camera=a_camera(417, station, at)),
    }
    if target:
        assign(loud, targets[target], by=it, now=at)
    assert accepted(model) == (["k9-1", "loud-1"] if counts else ["k9-1"])
    assert fit(at, "loud-1", "patrol-2") == ("yes yes" if counts else "no yes")

    for one in Assignment.objects.filter(profile=loud):
        unassign(one, by=it, now=at)
    assert "loud-1" not in accepted(model)
    assert fit(at, "loud-1", "patrol-2") == "no yes"


def test_nor_does_it_once_another_profile_is_assigned_there_instead(standard, loud, model, it, at):
    assign(loud, Target(tag="k9"), by=it, now=at)

    assign(Profile.objects.get(name="k9"), Target(tag="k9"), by=it, now=at)

    assert accepted(model) == ["k9-1"]


def test_readiness_goes_by_the_standard_and_by_what_counts_beside_it(standard, loud, at):
    assert fit(at, "patrol-2", "k9-1", "loud-1", "factory-7", "") == "yes yes no no unknown"


def test_preparing_tells_what_an_earlier_version_of_the_fleet_left_otherwise(
    standard, loud, model, it, at
):
    other = type(model).objects.create(maker="Other", name="X")
    type(model).objects.filter(pk=model.pk).update(profile_accepted=["loud-1"], profile_refused=[])
    type(model).objects.filter(pk=other.pk).update(profile_version="loud-1")
    assert fit(at, "loud-1", "k9-1") == "yes no"

    for _ in range(2):
        prepare._tell_what_counts_as_good()

    assert fit(at, "loud-1", "k9-1") == "no yes"
    assert (runs(model), runs(other)) == ("patrol-2", "")
    assert (model.profile_refused, other.profile_refused) == (["loud-1"], ["loud-1"])


def test_preparing_a_fleet_without_profiles_changes_nothing(model):
    type(model).objects.update(profile_version="factory-7")

    prepare._tell_what_counts_as_good()

    assert (runs(model), accepted(model)) == ("factory-7", [])


def test_who_holds_the_ledger_waits_for_no_model(standard, model, it, at):
    with CaptureQueriesContext(connection) as asked:
        unassign(Assignment.objects.get(model=model), by=it, now=at)

    touched = [one["sql"] for one in asked]
    locks = [n for n, sql in enumerate(touched) if "cameramodel" in sql and "FOR NO KEY" in sql]
    told = [n for n, sql in enumerate(touched) if "ledgerhead" in sql]
    assert locks
    assert told
    assert locks[0] < told[0]
