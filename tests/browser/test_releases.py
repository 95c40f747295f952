"""Releases in a browser: an image is sent and verified while one looks; nobody is kept out."""

import re
from pathlib import Path

import pytest
from django.utils.timezone import now
from playwright.sync_api import expect

from devices.releases.certificates.actions import add_certificate
from devices.releases.models import Release
from devices.releases.receiving import actions as receiving
from devices.releases.storage import store
from devices.roles import Role
from tests import rows
from tests.access.places import two_places
from tests.browser.serving import NewPage
from tests.browser.usable import faults
from tests.releases import images

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def it():
    return rows.person(Role.IT)


@pytest.fixture(scope="module")
def maker(tmp_path_factory):
    return images.signer(tmp_path_factory.mktemp("keys"))


@pytest.fixture
def nothing_stays():
    yield
    for file in list(store().stored()):
        store().remove(file.key)


def filled(page, path: Path) -> None:
    page.goto("/releases/")
    page.get_by_label("File").set_input_files(path)
    page.get_by_label("Version", exact=True).fill("4.3.0")
    page.get_by_label("Example R2").check()
    page.get_by_label("Hardware revisions").fill("1.0")
    page.get_by_role("button", name="Send it").click()


def test_an_image_is_sent_and_verified_while_one_looks(
    open_page: NewPage, it, maker, tmp_path, nothing_stays
) -> None:
    rows.a_model()
    add_certificate("Maker", maker.pem, by=it, now=now())
    path = tmp_path / "bodycam.swu"
    path.write_bytes(images.swu(maker, {"rootfs.bin": bytes(5_000_000)}))
    page = open_page(it)

    filled(page, path)
    expect(page.locator("#said")).to_contain_text("being verified")
    assert receiving.verify_received(now=now()) == 1

    expect(page).to_have_url(re.compile(r"/releases/\d+/$"))
    expect(page.get_by_role("heading", level=1)).to_contain_text("waits for another person's")
    assert Release.objects.get().file_name == "bodycam.swu"


def test_an_image_that_does_not_verify_says_why_and_is_gone(
    open_page: NewPage, it, maker, tmp_path, nothing_stays
) -> None:
    rows.a_model()
    add_certificate("Maker", maker.pem, by=it, now=now())
    path = tmp_path / "bodycam.swu"
    path.write_bytes(images.swu(None))
    page = open_page(it)

    filled(page, path)
    expect(page.locator("#said")).to_contain_text("being verified")
    receiving.verify_received(now=now())

    expect(page.locator("#said")).to_contain_text("The image is unsigned")
    expect(page.locator("#said")).to_be_focused()
    assert not Release.objects.exists()


def test_what_cannot_be_is_refused_before_it_is_sent(open_page: NewPage, it, tmp_path) -> None:
    rows.a_model()
    path = tmp_path / "a name with spaces.swu"
    path.write_bytes(bytes(1000))
    page = open_page(it)

    filled(page, path)

    expect(page.locator("#said")).to_contain_text("A file's name has at most 100")


def test_a_profile_is_edited_by_its_form_and_by_json(open_page: NewPage, it, nothing_stays) -> None:
    page = open_page(it)
    page.goto("/profiles/new/")
    page.get_by_label("Name").fill("patrol")
    page.get_by_label("Pre-event buffer").fill("60")
    page.get_by_label("The officer may put it to sleep").check()
    page.get_by_role("button", name="Look at what would change").click()
    expect(page.get_by_text("Pre-event buffer: 30 s → 60 s")).to_be_visible()
    expect(page.get_by_text("a sleeping one hears no light bar")).to_be_visible()

    page.get_by_text("The same as JSON").click()
    said = page.get_by_label("Settings as JSON")
    said.fill(said.input_value().replace('"pre_event_s": 60', '"pre_event_s": 90'))
    page.get_by_role("button", name="Make a version of this JSON").click()

    expect(page.get_by_role("heading", level=1)).to_contain_text("patrol-1")
    assert Release.objects.get().profile_version.chosen["pre_event_s"] == 90


ADDRESSES = [
    "/releases/",
    "/releases/{release}/",
    "/releases/behind/",
    "/certificates/",
    "/profiles/",
    "/profiles/drift/",
    "/profiles/new/",
    "/profiles/{profile}/",
]


def test_nobody_is_kept_out(open_page: NewPage, it) -> None:
    own, _ = two_places(now())
    page = open_page(it)

    for address in ADDRESSES:
        page.goto(address.format(release=own.release.pk, profile=own.profile.pk))
        assert faults(page) == [], address
