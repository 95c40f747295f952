"""Rollouts in a browser: followed while one looks, paused by one key, and nobody is kept out."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection, transaction
from django.utils.timezone import now
from playwright.sync_api import Page, expect

from devices.inventory.models import Camera
from devices.releases.storage import store
from devices.roles import Role
from devices.rollouts import actions
from devices.rollouts.aside import actions as aside
from devices.rollouts.courses import actions as courses
from devices.rollouts.drafts import Step
from devices.rollouts.models import Deployment, DeploymentWord, Rollout
from devices.rollouts.rules import LASTS, Event, Turn
from devices.rollouts.turns import actions as turns
from devices.rollouts.words import Execution, Word
from tests.browser.serving import NewPage, Server
from tests.browser.test_pages import AN_AGE_MS
from tests.browser.usable import faults
from tests.rollouts.setting import docked, drafted, put, started
from tests.rows import person

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _nothing_stays():
    yield
    for file in list(store().stored()):
        store().remove(file.key)


@pytest.fixture
def it() -> User:
    return person(Role.IT, name="it")


@pytest.fixture
def cameras() -> list[Camera]:
    return docked(12, now())


@pytest.fixture
def rollout(it, cameras) -> Rollout:
    """Some run it, one installs, two failed, and the rest wait for their wave."""
    steps = [Step(count=6), Step(percent=100)]
    one = started(it, person(Role.IT, name="colleague"), now(), steps=steps)
    put(one, Turn.SUCCEEDED, *cameras[:3], ended_at=now(), offered_at=now())
    installing = {"by": now() + LASTS[Turn.INSTALLING], "progress_percent": 40, "attempts": 1}
    put(one, Turn.INSTALLING, cameras[3], **installing)
    reason = "The camera says that it failed: no space left on device"
    put(one, Turn.FAILED, cameras[4], cameras[5], reason=reason, attempts=1, ended_at=now())
    for turn in one.deployments.filter(state=Turn.FAILED):
        said = {
            "execution": "closed",
            "finished": "failure",
            "details": ["no space left on device"],
        }
        DeploymentWord.objects.create(deployment=turn, at=now(), **said)
    return one


def watching(open_page: NewPage, it: User, rollout: Rollout, **look: Any) -> Page:
    page = open_page(it, **look)
    page.clock.install()
    page.goto(f"/rollouts/{rollout.pk}/")
    expect(page.locator("html")).to_have_class(re.compile(r"\blive\b"))
    page.evaluate("window.same = true")
    return page


def beside(act: Any, *said: Any, **more: Any) -> None:
    """Done by somebody else, whose connection it is."""

    def closing() -> None:
        act(*said, **more)
        connection.close()

    with ThreadPoolExecutor(1) as worker:
        worker.submit(closing).result()


def test_the_page_follows_its_cameras_without_being_loaded(
    open_page: NewPage, it, rollout, cameras
) -> None:
    page = watching(open_page, it, rollout)
    expect(page.locator("#sentence")).to_contain_text("3 of 12 cameras run 4.3.0, 2 failed.")
    page.locator("details[id^=words]").first.locator("summary").click()
    turn = Deployment.objects.get(camera=cameras[3])

    beside(actions.hear, turn.pk, Word(Execution.PROCEEDING, progress=70), now=now())
    expect(page.get_by_role("cell", name="70 %")).to_be_visible()
    row = page.get_by_role("row", name=cameras[3].name)
    expect(row).to_contain_text("Installs")

    rows = Deployment.objects.filter(pk=turn.pk)
    beside(transaction.atomic(turns.move_all), rows, Event.PROVEN, by=None, now=now())
    expect(page.locator("#sentence")).to_contain_text("4 of 12 cameras run 4.3.0")
    expect(row).to_contain_text("Runs it")
    expect(page.locator("details[id^=words]").first).to_have_attribute("open", "")
    assert page.evaluate("window.same")


def test_one_key_pauses_and_another_browser_sees_it(open_page: NewPage, it, rollout) -> None:
    page, other = (watching(open_page, it, rollout) for _ in range(2))

    page.keyboard.press("p")

    expect(page.locator("#sentence")).to_contain_text("Spring is paused: Paused by hand.")
    expect(other.locator("#sentence")).to_contain_text("Spring is paused: Paused by hand.")
    assert other.evaluate("window.same")
    rollout.refresh_from_db()
    assert rollout.state == "paused"
    page.keyboard.press("p")  # means nothing while it is paused
    page.get_by_role("button", name=re.compile("^Go on")).click()
    expect(page.locator("#sentence")).to_contain_text("is running")


def test_no_key_pauses_for_whom_single_keys_are_off(open_page: NewPage, it, rollout) -> None:
    page = watching(open_page, it, rollout)
    page.evaluate("localStorage.setItem('single-keys', 'off')")
    page.reload()
    expect(page.locator("#single-keys")).not_to_be_checked()

    page.keyboard.press("p")
    page.get_by_role("link", name="Abort…").click()

    expect(page.get_by_role("heading", level=1)).to_contain_text("It cannot be taken up again")
    rollout.refresh_from_db()
    assert rollout.state == "running"


def test_it_says_not_live_and_comes_back(server: Server, open_page: NewPage, it, rollout) -> None:
    page = watching(open_page, it, rollout)

    server.stop()
    page.clock.fast_forward(AN_AGE_MS)
    expect(page.locator("#live")).to_contain_text("NOT LIVE since")

    courses.pause(rollout, "Look.", by=it, now=now())
    server.start()
    expect(page.locator("#sentence")).to_contain_text("is paused: Look.")
    expect(page.locator("#live")).to_contain_text("as of")


def test_a_draft_is_looked_at_and_kept_by_keyboard_alone(open_page: NewPage, it, cameras) -> None:
    drafted(it, now())
    page = open_page(it)
    page.goto("/rollouts/new/")
    page.get_by_role("textbox", name="Waves").fill("2, all")

    page.get_by_role("button", name="Look at what it would do").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("12 cameras match now.")
    expect(page.get_by_role("textbox", name="Waves")).to_have_value("2, all")
    page.get_by_role("button", name="Keep the draft").press("Enter")

    expect(page.locator("#sentence")).to_contain_text("is a draft")


ADDRESSES = [
    "/rollouts/",
    "/rollouts/new/",
    "/rollouts/{pk}/",
    "/rollouts/{pk}/dry-run/",
    "/rollouts/{pk}/abort/",
    "/cameras/C0005/updates/",
]


def test_nobody_is_kept_out(open_page: NewPage, it, rollout, cameras) -> None:
    drafted(it, now() - timedelta(hours=1), rollout.release, name="Summer")
    aside.put_aside(cameras[4], "Trial of a new lens.", by=it, now=now())
    page = open_page(it)

    for address in ADDRESSES:
        answer = page.goto(address.format(pk=rollout.pk))
        assert answer is not None
        assert answer.ok, address
        assert faults(page) == [], address
