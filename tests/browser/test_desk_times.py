"""The times a desk shows: by the department's clocks, with the day where that is not today."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils.timezone import localtime, now
from playwright.sync_api import Browser, Page, expect

from devices.custody import actions as custody
from devices.custody.actions import Terms, Told
from devices.inventory.models import Officer
from tests.browser.at_desk import Opened, Post, scan, stands
from tests.browser.bench import EMPTY, bench, module

pytest_plugins = ["tests.browser.at_desk"]
MOMENT = """({ moment }, zone, iso, at) => {
  document.body.innerHTML = `<div id="desk" data-zone="${zone}"></div>`;
  const Right = Date;
  globalThis.Date = class extends Right {
    constructor(...given) { given.length ? super(...given) : super(at); }
  };
  return moment(iso);
}"""


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context()
    yield bench(context, EMPTY)
    context.close()


@pytest.mark.parametrize(
    ("zone", "iso", "at", "said"),
    [
        ("UTC", "2026-11-24T06:05:00Z", "2026-11-24T23:59:59Z", "06:05"),
        ("UTC", "2026-11-21T06:05:00Z", "2026-11-24T06:05:00Z", "21 Nov 06:05"),
        ("UTC", "2025-11-24T06:05:00Z", "2026-11-23T06:05:00Z", "24 Nov 06:05"),
        ("UTC", "2026-09-05T00:00:00Z", "2026-11-24T06:05:00Z", "05 Sep 00:00"),
        # Yesterday by the department's clocks, today by this computer's, and the other way round.
        ("America/New_York", "2026-11-24T04:30:00Z", "2026-11-24T06:00:00Z", "23 Nov 23:30"),
        ("America/New_York", "2026-11-23T23:30:00Z", "2026-11-24T00:30:00Z", "18:30"),
        ("Pacific/Auckland", "2026-11-24T10:30:00Z", "2026-11-24T11:30:00Z", "24 Nov 23:30"),
    ],
)
def test_a_day_that_is_not_today_stands_before_the_time(
    page: Page, zone: str, iso: str, at: str, said: str
) -> None:
    assert module(page, "texts.js", MOMENT, zone, iso, at) == said


@pytest.mark.django_db(transaction=True)
def test_what_is_three_days_overdue_does_not_read_as_this_morning(
    open_desk: Opened, post: Post
) -> None:
    given, due = now() - timedelta(days=3, hours=8), now() - timedelta(days=3)
    officer = Officer.objects.get(badge_number="1031")
    told = Told(by=post.quartermaster, now=given)
    custody.check_out(post.spares[0], officer, Terms(due_at=due), told=told)
    page = open_desk()

    scan(page, "1031")
    stands(page, "1031")

    card = page.locator("#officer")
    expect(card).to_contain_text(f"overdue since {localtime(due):%d %b %H:%M}")
    expect(card).to_contain_text(f"since {localtime(given):%d %b %H:%M}")
