"""Whether a page keeps nobody out: in both looks, at every width."""

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
COLOURS = ["color-contrast"]  # the one rule that knows of looks
WIDTHS = (1440, 834)  # a desk, a tablet
ARRIVED = """() => Promise.allSettled(document.getAnimations()
    .filter((one) => one instanceof CSSTransition).map((one) => one.finished))"""


def faults(page: Page, *widths: int) -> list[str]:
    """What is wrong with the page as it stands, at these widths or at a desk's and a tablet's.

    It follows the browser's look, so one page is asked in both; what is dark at the first width
    has the same colours at the others.
    """
    height = (page.viewport_size or {"height": 900})["height"]
    found = _in_the_dark(page)
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    for width in widths or WIDTHS:
        page.set_viewport_size({"width": width, "height": height})
        found += [f"{width} wide: {one}" for one in broken(page)]
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            found.append(f"{width} wide: it scrolls sideways")
    return found


def _in_the_dark(page: Page) -> list[str]:
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    return [f"dark: {one}" for one in broken(page, COLOURS)]


def broken(page: Page, rules: list[str] = WCAG) -> list[str]:
    """The rules that the page breaks in the look and width that it has, and where. Colours on their
    way to a new look have arrived; what keeps the rules is not told of, which takes long."""
    page.evaluate(ARRIVED)
    options = {"runOnly": rules, "resultTypes": ["violations"]}
    said: Any = Axe().run(page, options=options).response["violations"]
    return [f"{one['id']}: {node['html'][:200]}" for one in said for node in one["nodes"]]
