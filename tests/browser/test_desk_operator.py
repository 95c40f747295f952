"""Who works the desk: scans that one clerk's session left are sent by the next one's."""

import pytest
from django.test import Client
from playwright.sync_api import expect

from devices.custody.models import CustodyEvent
from devices.roles import Role
from tests import rows
from tests.browser.at_desk import Opened, Post, scan, stands
from tests.browser.serving import Server, wait_until

KEPT = "caches.open('desk-shell').then((one) => one.keys()).then((all) => all.length)"
pytest_plugins = ["tests.browser.at_desk"]
pytestmark = pytest.mark.django_db(transaction=True)


def test_a_page_that_was_opened_without_the_server_knows_nobody(
    open_desk: Opened, post: Post, server: Server
) -> None:
    page = open_desk()
    operator = page.locator("#operator")
    expect(operator).to_have_text(post.quartermaster.username)
    wait_until(lambda: page.evaluate(KEPT) > 10)
    server.stop()
    page.reload()
    expect(page.locator("html[data-ready=yes]")).to_be_attached()
    expect(operator).to_have_text("who works here is not known")

    scan(page, "1017", post.spares[0].label)
    expect(page.locator("#band b")).to_contain_text("PENDING")
    server.start()

    wait_until(lambda: post.holder(post.spares[0]) == "1017")
    event = CustodyEvent.objects.get(verb="checked_out")
    assert (event.by, event.says) == (post.quartermaster, {"scanned_by": None})
    expect(operator).to_have_text(post.quartermaster.username)


def test_what_one_clerk_scanned_and_the_next_ones_session_sent_names_both(
    open_desk: Opened, post: Post, server: Server
) -> None:
    spare, anna = post.spares[0], post.quartermaster
    bert = rows.person(Role.QUARTERMASTER, post.desk.station, name="bert")
    page = open_desk()
    operator = page.locator("#operator")
    scan(page, "1017")
    stands(page, "1017")
    page.context.clear_cookies()
    scan(page, spare.label)
    expect(page.locator("#line")).to_contain_text("You are signed out")
    expect(operator).to_have_text(anna.username)

    client = Client()
    client.force_login(bert)
    session = client.cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": session, "url": server.address}])
    page.context.add_cookies([{"name": "csrftoken", "value": "c" * 32, "url": server.address}])

    wait_until(lambda: post.holder(spare) == "1017")
    event = CustodyEvent.objects.get(verb="checked_out")
    assert (event.by, event.says.get("scanned_by")) == (bert, anna.pk)
    expect(operator).to_have_text("bert")
    said = f"Said to be scanned by {anna.username}."
    expect(page.locator("#results li").first).to_contain_text(said)

    scan(page, "1044", post.spares[1].label)  # his own scans are his alone
    wait_until(CustodyEvent.objects.filter(by=bert).exclude(pk=event.pk).exists)
    assert CustodyEvent.objects.latest("id").says == {}
