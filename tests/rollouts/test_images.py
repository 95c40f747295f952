"""The bytes of a release go when it is recalled and nothing brings it any more."""

import pytest

from devices.errors import NotNow
from devices.ledger import LedgerEntry
from devices.releases import actions as releases
from devices.releases import storage
from devices.releases.receiving import actions as receiving
from devices.rollouts import images
from devices.rollouts.courses import actions as courses
from devices.rollouts.rules import Turn
from tests.api.callers import browser
from tests.rollouts.setting import docked, firmware, put, started

pytestmark = pytest.mark.django_db


@pytest.fixture
def recalled(it, noon):
    release = firmware(approved_at=noon)
    releases.recall(release, "It bricks.", by=it, now=noon)
    return release


def kept() -> list[str]:
    return [one.key for one in storage.store().stored()]


def test_a_recalled_release_makes_room(recalled, it, django_capture_on_commit_callbacks):
    other = firmware("4.4.0")
    assert receiving.held_bytes() == recalled.size + other.size

    with django_capture_on_commit_callbacks(execute=True):
        page = browser(it).post(f"/releases/{recalled.pk}/remove-image/", follow=True)

    assert kept() == [other.key]
    assert receiving.held_bytes() == other.size
    assert "its image was removed" in page.content.decode()
    assert "Remove its image" not in page.content.decode()
    entry = LedgerEntry.objects.get(verb="release image removed")
    assert (entry.subject, entry.facts["sha256"]) == ("firmware 4.3.0", recalled.sha256)


def test_what_could_not_be_removed_goes_in_the_night(recalled, it, noon):
    images.remove_image(recalled, by=it, now=noon)  # and then the power went
    assert kept() == [recalled.key]

    receiving.sweep(now=noon)

    assert kept() == []


def test_it_is_removed_once_and_only_of_a_recalled_release(recalled, it, noon):
    images.remove_image(recalled, by=it, now=noon)

    for release in (recalled, firmware("4.4.0")):
        with pytest.raises(NotNow, match="Only a release that is recalled"):
            images.remove_image(release, by=it, now=noon)


def test_what_a_rollout_or_a_camera_still_needs_is_not_removed(it, colleague, noon):
    docked(1, noon)
    release = firmware()
    rollout = started(it, colleague, noon, release)
    releases.recall(release, "It bricks.", by=it, now=noon)

    with pytest.raises(NotNow, match=r"Spring is under way with Firmware 4\.3\.0: abort it first"):
        images.remove_image(release, by=it, now=noon)
    put(rollout, Turn.INSTALLING)
    courses.abort(rollout, "It bricks.", by=it, now=noon)
    with pytest.raises(NotNow, match=r"C0001 is still being updated to Firmware 4\.3\.0"):
        images.remove_image(release, by=it, now=noon)
    put(rollout, Turn.FAILED, ended_at=noon)
    images.remove_image(release, by=it, now=noon)

    release.refresh_from_db()
    assert release.image_removed_at == noon
