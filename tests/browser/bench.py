"""A page with nothing on it but the desk's modules: what needs no server is tried without one."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, Page, Route

ROOT = Path(__file__).parents[2]
STATIC = ROOT / "dashboard" / "static"
ADDRESS = "http://localhost:9"  # answered by the test itself; of an origin that browsers trust
TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
EMPTY = "<!DOCTYPE html><html lang=en><meta charset=utf-8><title>Bench</title><body></body></html>"

Answer = Callable[[Route], None]


def bench(
    context: BrowserContext, html: str = EMPTY, answers: dict[str, Answer] | None = None
) -> Page:
    """Opens the page; ``answers`` are for paths that a server would answer."""

    def answered(route: Route) -> None:
        path = route.request.url.removeprefix(ADDRESS).partition("?")[0]
        if path.startswith("/static/"):
            file = STATIC / path.removeprefix("/static/")
            route.fulfill(body=file.read_bytes(), content_type=TYPES[file.suffix])
        elif path in (answers or {}):
            (answers or {})[path](route)
        else:
            route.fulfill(body=html, content_type="text/html")

    context.route(f"{ADDRESS}/**", answered)
    page = context.new_page()
    page.goto(f"{ADDRESS}/")
    return page


def module(page: Page, name: str, body: str, *given: Any) -> Any:
    """What ``body``, a function of the module and of what is given, returns in the page."""
    asked = f"async ([name, given]) => ({body})(await import(name), ...given)"
    return page.evaluate(asked, [f"/static/dashboard/desk/{name}", list(given)])
