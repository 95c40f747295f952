"""A real server process on the test database, and a real browser that looks at it."""

import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from django.contrib.auth.models import User
from django.test import Client
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    expect,
    sync_playwright,
)

from tests.browser.chromium import CHROMIUM, QUIETLY
from tests.patience import PATIENCE_S
from tests.surroundings import of_the_suite

pytest.register_assert_rewrite("tests.browser.at_desk")
expect.set_options(timeout=PATIENCE_S * 1000)

ROOT = Path(__file__).parents[2]
NOWHERE = "/nowhere/"  # an address where a page is missing on purpose
GONE = ("/api/v1/desk/scans/", "/snapshot.json")  # not there for a desk that was ended

NewPage = Callable[..., Page]


@dataclass
class Server:
    """The web process as it runs in production, on a port of its own."""

    port: int
    process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "fleet.web"],
            cwd=ROOT,
            env={**of_the_suite(), "PORT": str(self.port), "DATABASE_POOL": "4"},
        )
        wait_until(self._answers)

    def stop(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait(PATIENCE_S)
            self.process = None

    def _answers(self) -> bool:
        try:
            with urlopen(f"{self.address}/sign-in/") as answer:
                return bool(answer.status == 200)
        except (URLError, ConnectionError):
            return False


def wait_until(true: Callable[[], bool], patience_s: float = PATIENCE_S) -> None:
    """Ask again until it is true, or fail."""
    deadline = time.monotonic() + patience_s
    while not true():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


def free_port() -> int:
    with socket.socket() as any_port:
        any_port.bind(("127.0.0.1", 0))
        return int(any_port.getsockname()[1])


@pytest.fixture(scope="session")
def server(django_db_setup: None) -> Iterator[Server]:
    """One for all tests of a worker, of whatever room: to start it takes seconds."""
    running = Server(free_port())
    running.start()
    yield running
    running.stop()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Lives as long as a module: while it does, this thread counts as asynchronous."""
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIETLY)
        yield browser
        browser.close()


@pytest.fixture
def open_page(chromium: Browser, server: Server, transactional_db: None) -> Iterator[NewPage]:
    """A page of somebody's browser. What a page complains of fails the test."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def new_page(
        user: User | None = None, *, theme: str = "light", width: int = 1440, height: int = 900
    ) -> Page:
        context = chromium.new_context(
            base_url=server.address,
            viewport={"width": width, "height": height},
            color_scheme="dark" if theme == "dark" else "light",
        )
        contexts.append(context)
        if user is not None:
            client = Client()
            client.force_login(user)
            value = client.cookies["sessionid"].value
            context.add_cookies([{"name": "sessionid", "value": value, "url": server.address}])
        page = context.new_page()
        page.set_default_timeout(PATIENCE_S * 1000)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda said: _note(complaints, said))
        return page

    yield new_page
    for context in contexts:
        context.close()
    if server.process is None:  # a test stopped it; the next finds it running
        server.start()
    assert complaints == []


def _note(complaints: list[str], said: ConsoleMessage) -> None:
    """Lost lines and refused forms are tested for; else what is red is a fault of the page."""
    purposely = (
        "WebSocket",
        "ERR_",
        "status of 401",
        "status of 403",
        "status of 409",
        "status of 413",
        "status of 422",
    )
    expected = any(words in said.text for words in purposely) or NOWHERE in said.location["url"]
    expected = expected or ("404" in said.text and said.location["url"].endswith(GONE))
    if said.type == "error" and not expected:
        complaints.append(said.text)
