"""The page of the API in a real browser: all of it from here, within the browser's strict rules."""

import pytest
from playwright.sync_api import expect, sync_playwright

from dashboard.api.permissions import ENDPOINTS
from tests.browser.chromium import CHROMIUM, QUIETLY


@pytest.fixture
def page():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIETLY)
        yield browser.new_page()
        browser.close()


def test_the_page_draws_every_address_and_breaks_no_rule_of_ours(live_server, page):
    said, asked = [], []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))

    page.goto(f"{live_server.url}/api/v1/docs/")
    expect(page.locator(".opblock")).to_have_count(len(ENDPOINTS))
    page.get_by_text("The cameras with their health, by number.").first.wait_for()
    page.locator(".opblock-summary-control").first.click()
    page.get_by_role("button", name="Try it out").click()
    page.get_by_role("button", name="Execute").click()
    expect(page.locator(".live-responses-table tbody .response-col_status").first).to_contain_text(
        "401"
    )

    assert [line for line in said if "401" not in line] == []
    assert {url.split("/")[2] for url in asked if not url.startswith("data:")} == {
        live_server.url.split("/")[2]
    }


def test_the_page_itself_carries_no_script_and_no_style(client):
    answer = client.get("/api/v1/docs/")
    body = answer.content.decode()

    assert "<style" not in body
    assert "style=" not in body
    assert all("src=" in tag.split(">")[0] for tag in body.split("<script")[1:])
    assert "default-src 'self'" in answer["Content-Security-Policy"]


def test_its_script_is_a_file_of_its_own(client):
    answer = client.get("/api/v1/docs/?script=")

    assert answer.status_code == 200
    assert "javascript" in answer["Content-Type"]
