"""GET base: what a camera is told at each poll, and to whom."""

from datetime import timedelta

import pytest
from asgiref.sync import sync_to_async
from django.utils.timezone import now

from devices.access import actions as access
from devices.access.models import DeviceToken, Quarantined
from devices.gateway.ddi.asking import POLLED_WITHIN
from devices.gateway.ddi.documents import clock
from devices.gateway.ddi.standing import standings
from devices.health.models import CameraAttributes, CameraHealth
from devices.policy import Policy
from devices.rollouts.rules import LASTS, Turn
from tests.ddi.asking import HOST, ask
from tests.ddi.conftest import a_client, with_turn
from tests.gateway.words import token_of
from tests.rows import a_dock, a_station, heard

HREF = f"http://{HOST}/DEFAULT/controller/v1/BWC-000417"


async def described(client):
    await CameraAttributes.objects.acreate(camera=client.camera, told_at=now())


async def test_a_poll_with_nothing_to_do_says_only_when_to_come_back(client):
    await described(client)

    answer = await client.get()

    assert answer.status == 200
    assert answer.json() == {"config": {"polling": {"sleep": "00:01:00"}}}
    assert answer.headers[b"content-type"] == b"application/json"


@pytest.mark.parametrize(
    ("report_every", "sleep"),
    [
        (timedelta(seconds=25), "00:00:25"),
        (timedelta(seconds=60), "00:01:00"),
        (timedelta(minutes=30), "00:01:00"),
        (timedelta(hours=1), "00:01:00"),
    ],
)
async def test_the_sleep_is_the_departments_interval_but_no_longer_than_offers_wait_for(
    client, settings, report_every, sleep
):
    settings.POLICY = Policy(report_every=report_every)

    answer = await client.get()

    assert answer.json()["config"]["polling"]["sleep"] == sleep


def test_a_client_asks_several_times_while_an_offer_stands():
    assert LASTS[Turn.OFFERED] >= POLLED_WITHIN * 5


@pytest.mark.parametrize(
    ("span", "said"),
    [
        (timedelta(hours=24), "23:59:59"),
        (timedelta(days=3), "23:59:59"),
        (timedelta(0), "00:00:01"),
        (timedelta(hours=1, minutes=2, seconds=3), "01:02:03"),
    ],
)
def test_a_sleep_is_never_what_swupdate_drops_the_answer_for(span, said):
    assert clock(span) == said


async def test_hal_is_answered_to_who_asks_for_it(client):
    answer = await client.get(headers={"accept": "application/hal+json"})

    assert answer.headers[b"content-type"] == b"application/hal+json"


async def test_a_client_that_has_not_described_itself_is_asked_to(client):
    assert await client.links() == {"configData": {"href": f"{HREF}/configData"}}


LINKS = {
    Turn.PLANNED: "",
    Turn.OFFERED: "deploymentBase",
    Turn.DOWNLOADING: "deploymentBase",
    Turn.INSTALLING: "deploymentBase",
    Turn.AWAITING_PROOF: "",
    Turn.CANCELLING: "cancelAction",
    Turn.SUCCEEDED: "installedBase",
    Turn.FAILED: "",
    Turn.SKIPPED: "",
    Turn.CANCELLED: "",
    Turn.TIMED_OUT: "",
}


async def test_each_state_of_a_turn_has_its_link(client, turned):
    await described(client)

    for state, link in LINKS.items():
        await turned(state, ended_at=now())
        href = f"{HREF}/{link}/{client.turn.offer}"
        assert await client.links() == ({link: {"href": href}} if link else {}), state
        await client.turn.adelete()


async def test_what_was_installed_is_told_beside_what_comes(client, turned):
    await described(client)
    await turned(Turn.SUCCEEDED, ended_at=now())
    await turned(Turn.OFFERED)

    links = await client.links()

    assert links.keys() == {"deploymentBase", "installedBase"}


async def test_an_offer_falls_away_when_a_desk_takes_the_camera_or_its_rollout_is_paused(client):
    taken = await sync_to_async(with_turn)(client, Turn.OFFERED, stage="")
    assert "deploymentBase" not in await client.links()

    await taken.turn.adelete()
    await sync_to_async(with_turn)(client, Turn.OFFERED, course="paused")
    assert "deploymentBase" not in await client.links()


async def test_what_installs_is_offered_again_though_its_rollout_is_paused(client, turned):
    await turned(Turn.INSTALLING, course="paused")

    assert "deploymentBase" in await client.links()


class TestWhoAsks:
    async def test_nobody_hears_401_and_nothing_else(self, client):
        forged = client.token[:-1] + ("y" if client.token.endswith("x") else "x")
        for token in ("", "c.aaaaaaaa." + "a" * 32, "nonsense", forged):
            answer = await ask("GET", client.base, token)

            assert (answer.status, answer.body) == (401, b"")

    async def test_a_cameras_token_is_a_target_token(self, client):
        for scheme in ("Bearer", "Basic", "GatewayToken", "", "TargetTokenX"):
            told = {"authorization": f"{scheme} {client.token}"}

            assert (await ask("GET", client.base, headers=told)).status == 401

    async def test_a_docks_token_is_a_gateway_token(self, client, dock):
        token = await sync_to_async(token_of)(dock, now())

        as_gateway = await ask("GET", client.base, token)
        as_target = await ask("GET", client.base, headers={"authorization": f"TargetToken {token}"})

        assert (as_gateway.status, as_target.status) == (200, 401)

    async def test_a_dock_asks_for_cameras_in_its_bays_and_of_its_station_only(self, client):
        def elsewhere():
            other = a_dock("N01", a_station("N", "North"))
            return token_of(other, now()), other.bays.first()

        token, bay = await sync_to_async(elsewhere)()

        assert (await ask("GET", client.base, token)).status == 401
        assert (await Quarantined.objects.aget()).kind == "other_station"

        docked = heard(now(), bay=bay)
        await CameraHealth.objects.acreate(camera=client.camera, **docked)
        assert (await ask("GET", client.base, token)).status == 200

    async def test_no_camera_asks_for_another(self, client):
        other = await sync_to_async(a_client)("BWC-000900", code="N", number=900)

        for path in ("", "/deploymentBase/1", "/configData"):
            answer = await ask("GET", client.base + path, other.token)
            assert (answer.status, answer.body) == (401, b"")

        listed = await Quarantined.objects.aget()
        assert (listed.kind, listed.serial) == ("foreign_serial", "BWC-000417")

    async def test_a_camera_that_nobody_enrolled_is_listed_and_not_told_apart(self, client, dock):
        token = await sync_to_async(token_of)(dock, now())

        answer = await ask("GET", "/DEFAULT/controller/v1/STRANGER-1", token)

        assert (answer.status, answer.body) == (401, b"")
        assert (await Quarantined.objects.aget()).kind == "unknown_serial"

    async def test_what_is_no_serial_number_asks_nobody(self, client, dock):
        token = await sync_to_async(token_of)(dock, now())

        for serial in ("", "x" * 41, "BWC\x00", "BWC\u202e", "\ufffd\n"):
            answer = await ask("GET", f"/DEFAULT/controller/v1/{serial}", token)
            assert (answer.status, answer.body) == (401, b""), serial

        assert not await Quarantined.objects.aexists()

    async def test_a_revoked_token_is_refused_within_five_seconds(self, client, time_machine):
        time_machine.move_to(now(), tick=False)
        assert (await client.get()).status == 200
        await sync_to_async(access.revoke)(client.camera, by=None, now=now())

        time_machine.shift(timedelta(seconds=4))

        assert (await client.get()).status == 401

    async def test_a_token_past_its_end_is_none(self, client):
        await DeviceToken.objects.aupdate(ends_at=now() - timedelta(seconds=1))

        assert (await client.get()).status == 401

    async def test_a_browser_is_turned_away(self, client):
        for header in ({"origin": "https://evil.test"}, {"cookie": "sessionid=1"}):
            assert (await client.get(headers=header)).status == 403


NOWHERE = [
    "/",
    "/deploymentBase",
    "/deploymentBase/",
    "/deploymentBase/0/",
    "/deploymentBase/-1",
    "/deploymentBase/\uff11",
    "/deploymentBase/99999999999999999999",
    "/deploymentBase/x",
    "/deploymentBase/1/feedback/",
    "/cancelAction/1",
    "/installedBase/1",
    "/configData/",
    "/softwaremodules/1/artifacts",
    "/softwaremodules/1/artifacts/",
    "/softwaremodules/1/artifacts/a/b",
    "/nothing",
]


class TestAddresses:
    async def test_the_agencys_name_and_default_answer_and_no_other(self, client, settings):
        settings.TENANT = "west-hartford"
        serial = client.camera.serial

        answers = [
            await ask("GET", f"/{tenant}/controller/v1/{serial}", client.token)
            for tenant in ("west-hartford", "DEFAULT", "default", "West-Hartford", "other")
        ]

        assert [one.status for one in answers] == [200, 200, 200, 200, 404]
        # As the client calls us: Zephyr's can say nothing but default.
        hrefs = [one.json()["_links"]["configData"]["href"] for one in answers[:4]]
        tenants = [href.split("/")[3] for href in hrefs]
        assert tenants == ["west-hartford", "DEFAULT", "default", "West-Hartford"]

    async def test_a_serial_number_is_one_in_small_letters_too(self, client):
        answer = await ask("GET", "/DEFAULT/controller/v1/bwc-000417", client.token)

        assert answer.status == 200

    async def test_what_is_not_there_is_404_and_never_a_redirect(self, client):
        for path in NOWHERE:
            assert (await client.get(path)).status == 404, path

    async def test_another_method_is_405_and_says_which(self, client):
        for path, allowed in (("", b"GET"), ("/configData", b"PUT"), ("/cancelAction/1", b"GET")):
            answer = await ask("DELETE", client.base + path, client.token)
            assert (answer.status, answer.headers[b"allow"]) == (405, allowed)

    async def test_links_are_by_the_name_the_client_calls_us(self, client):
        answer = await client.get(headers={"host": "10.0.0.7:8000"})
        forged = await client.get(headers={"host": 'x"/><script>'})

        href = answer.json()["_links"]["configData"]["href"]
        assert href == "http://10.0.0.7:8000/DEFAULT/controller/v1/BWC-000417/configData"
        assert forged.status == 400

    async def test_confirmation_is_asked_of_nobody(self, client):
        answer = await client.get("/confirmationBase")

        assert answer.json() == {"autoConfirm": {"active": False}}


def test_any_number_of_polls_costs_one_query(offered, django_assert_num_queries):
    with django_assert_num_queries(1):
        known, unknown = standings(["BWC-000417", "BWC-000418"], timedelta(seconds=60))

    assert (known.offer, unknown) == (offered.turn.offer, None)
