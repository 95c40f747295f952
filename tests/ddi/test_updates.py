"""deploymentBase, cancelAction, installedBase, configData: what is told, and what words do."""

import json
from unittest.mock import ANY

import pytest
from asgiref.sync import sync_to_async
from django.utils.timezone import now

from devices.inventory.models import Camera
from devices.ledger import LedgerEntry
from devices.rollouts.actions import MOST_WORDS
from devices.rollouts.models import Deployment, DeploymentWord
from devices.rollouts.rules import ACTIVE, FINAL, Turn
from tests.ddi.asking import HOST, ask, feedback
from tests.ddi.conftest import a_client, with_turn
from tests.ddi.offers import BYTES, a_profile
from tests.gateway.words import token_of

ALL_DAY, NEVER = [["00:00", "23:59:59.999999"]], [["00:00", "00:00"]]


async def document(client, query=""):
    return (await client.get(f"/deploymentBase/{client.turn.offer}{query}")).json()


class TestTheDocument:
    async def test_it_is_one_chunk_with_one_artifact_and_every_hash_and_link(self, offered):
        release = offered.turn.rollout.release

        told = await document(offered)

        at = f"http://{HOST}{offered.base}{offered.file}"
        assert told == {
            "id": str(offered.turn.offer),
            "deployment": {
                "download": "forced",
                "update": "forced",
                "chunks": [
                    {
                        "part": "os",
                        "name": "firmware",
                        "version": release.version,
                        "artifacts": [
                            {
                                "filename": release.file_name,
                                "size": len(BYTES),
                                "hashes": {
                                    "sha1": release.sha1,
                                    "md5": release.md5,
                                    "sha256": release.sha256,
                                },
                                "_links": {
                                    "download": {"href": at},
                                    "md5sum": {"href": f"{at}.MD5SUM"},
                                    "download-http": {"href": at},
                                    "md5sum-http": {"href": f"{at}.MD5SUM"},
                                },
                            }
                        ],
                    }
                ],
            },
        }

    async def test_a_profile_is_the_part_config(self, client):
        release = await sync_to_async(a_profile)()
        told = await document(await sync_to_async(with_turn)(client, release=release))

        (chunk,) = told["deployment"]["chunks"]
        assert (chunk["part"], chunk["name"], chunk["version"]) == ("config", "patrol", "patrol-3")

    async def test_a_camera_is_told_only_of_its_own(self, offered):
        other = await sync_to_async(a_client)("BWC-000900", code="N", number=900)

        answer = await other.get(f"/deploymentBase/{offered.turn.offer}")

        assert answer.status == 404

    async def test_it_is_there_until_it_is_closed_or_being_cancelled(self, turned):
        for state in Turn:
            client = await turned(state)

            answer = await client.get(f"/deploymentBase/{client.turn.offer}")
            after = await client.get(f"/installedBase/{client.turn.offer}")

            there = state in ACTIVE and state != Turn.CANCELLING
            assert answer.status == (200 if there else 404), state
            assert after.status == (200 if state in FINAL else 404), state
            await client.turn.adelete()

    async def test_an_offer_that_fell_away_is_not_there(self, turned):
        client = await turned(Turn.OFFERED, course="paused")

        assert (await client.get(f"/deploymentBase/{client.turn.offer}")).status == 404

    async def test_a_window_is_told_of_only_if_there_is_one(self, turned):
        for windows, window, how in (
            ([], None, "forced"),
            (ALL_DAY, "available", "forced"),
            (NEVER, "unavailable", "skip"),
        ):
            client = await turned(Turn.OFFERED, windows=windows)
            told = (await document(client))["deployment"]

            assert told.get("maintenanceWindow") == window
            assert (told["download"], told["update"]) == (how, how)
            await client.turn.adelete()

    async def test_what_has_begun_goes_on_when_its_window_closes(self, turned):
        for state in (Turn.DOWNLOADING, Turn.INSTALLING):
            client = await turned(state, windows=NEVER, fetched=True)
            told = (await document(client))["deployment"]

            assert (told["download"], told["update"]) == ("forced", "forced"), state
            assert told["maintenanceWindow"] == "available", state
            await client.turn.adelete()

    async def test_what_awaits_its_proof_is_not_to_be_installed_again(self, turned):
        for windows in ([], NEVER):
            client = await turned(Turn.AWAITING_PROOF, windows=windows)

            assert (await document(client))["deployment"]["update"] == "skip"
            await client.turn.adelete()

    async def test_the_past_is_told_when_it_is_asked_for(self, offered):
        await offered.say(feedback("proceeding"))
        await offered.say(feedback("download", "none", "one", "two"))

        for asked, told in (
            ("", None),
            ("?actionHistory=0", None),
            ("?actionHistory=x", None),
            ("?actionHistory=2", ["two", "one"]),
            ("?actionHistory=-1", ["two", "one", "download none", "proceeding none"]),
        ):
            history = (await document(offered, asked)).get("actionHistory")
            assert history == (told and {"status": "RUNNING", "messages": told})


NO_FEEDBACK = [
    b"",
    b"{",
    b"\xff",
    b"[" * 5000,
    b"null",
    {},
    {"status": None},
    {"status": {"execution": "closed"}},
    {"status": {"result": {"finished": "success"}}},
    feedback("finished"),
    feedback("CLOSED"),
    feedback("closed", "maybe"),
    feedback("closed", "success", code="7"),
    feedback("closed", "success", code=2**31),
    feedback("closed", "success", details="text"),
    feedback("closed", "success", details=[1]),
    b'{"status":{"execution":"closed","execution":"proceeding","result":{"finished":"none"}}}',
    b'{"status":{"execution":"clo\\u0000sed","result":{"finished":"none"}}}',
    b'{"status":{"execution":"closed","result":{"finished":"none"},"code":NaN}}',
]


class TestFeedback:
    async def test_an_update_goes_its_way(self, offered):
        states = []
        for word in (feedback("download"), feedback("downloaded"), feedback("proceeding")):
            assert (await offered.say(word)).status == 200
            states.append(await offered.state())
        await offered.get(offered.file)
        await offered.say(feedback("closed", "success"))
        states.append(await offered.state())

        assert states == ["downloading", "downloading", "installing", "awaiting_proof"]
        turn, camera = offered.turn, await Camera.objects.aget()
        assert (turn.installed_at is not None, turn.said) == (True, 4)
        assert turn.since < turn.by
        assert camera.update_stage == "installing"
        verbs = [entry.verb async for entry in LedgerEntry.objects.order_by("seq")]
        assert verbs == ["update downloading", "update installing", "update awaiting proof"]

    async def test_a_word_of_an_earlier_offer_is_not_of_this_one(self, offered):
        before = offered.turn.offer
        await Deployment.objects.aupdate(offer=before + 1, fetched=True, attempts=2)
        await offered.state()

        words = (feedback("proceeding"), feedback("closed", "success"), feedback("canceled"))
        answers = [await offered.say(word, offer=before) for word in words]
        asked = await offered.get(f"/deploymentBase/{before}")

        assert [one.status for one in (*answers, asked)] == [404] * 4
        assert not await DeploymentWord.objects.aexists()
        assert await offered.state() == Turn.OFFERED
        assert (await offered.links())["deploymentBase"]["href"].endswith(f"/{before + 1}")

    async def test_installing_begins_in_the_camera_row_that_desks_guard(self, offered):
        await offered.say(feedback("proceeding"))

        camera = await Camera.objects.aget()
        assert (camera.update_stage, camera.updating_until > now()) == ("installing", True)

    async def test_nothing_installs_on_a_camera_that_a_desk_took(self, turned):
        for state in (Turn.OFFERED, Turn.DOWNLOADING):
            client = await turned(state, stage="")
            answer = await client.say(feedback("proceeding"))

            assert answer.status == 404
            assert await client.state() == state
            assert not await DeploymentWord.objects.aexists()
            assert (await Camera.objects.aget()).update_stage == ""
            await client.turn.adelete()

    async def test_nothing_begins_in_a_rollout_that_is_paused(self, turned):
        client = await turned(Turn.OFFERED, course="paused")

        answers = [await client.say(feedback("proceeding")), await client.get(client.file)]

        assert [one.status for one in answers] == [404, 404]
        assert await client.state() == Turn.OFFERED

    async def test_a_failure_ends_it_with_the_clients_last_line(self, turned):
        client = await turned(Turn.INSTALLING)

        await client.say(feedback("closed", "failure", "log", "no space left"))

        assert await client.state() == Turn.FAILED
        assert client.turn.reason == "The camera says that it failed: no space left"
        assert client.turn.ended_at is not None
        assert client.turn.by is None
        assert (await Camera.objects.aget()).update_stage == ""

    async def test_words_that_come_late_change_nothing(self, offered):
        for word in ("proceeding", "downloaded", "download", "scheduled", "proceeding"):
            assert (await offered.say(feedback(word))).status == 200

        assert await offered.state() == Turn.INSTALLING
        assert await LedgerEntry.objects.acount() == 1

    async def test_a_dock_speaks_for_its_cameras(self, offered, dock):
        token = await sync_to_async(token_of)(dock, now())

        path = f"{offered.base}/deploymentBase/{offered.turn.offer}/feedback"
        answer = await ask("POST", path, token, feedback("proceeding"))

        assert answer.status == 200
        assert await offered.state() == Turn.INSTALLING

    async def test_after_the_thousandth_word_no_more_is_kept(self, offered):
        await Deployment.objects.aupdate(said=MOST_WORDS - 1)

        answers = [await offered.say(feedback("scheduled")) for _ in range(2)]

        assert [one.status for one in answers] == [200, 429]
        assert await DeploymentWord.objects.acount() == 1

    async def test_what_moves_an_update_is_heard_however_much_was_said(self, offered):
        agreed = feedback("closed", "success")
        for state, word, of, became in (
            (Turn.OFFERED, feedback("proceeding"), "deploymentBase", Turn.INSTALLING),
            (Turn.CANCELLING, agreed, "cancelAction", Turn.CANCELLED),
            (Turn.INSTALLING, feedback("closed", "failure"), "deploymentBase", Turn.FAILED),
        ):
            await Deployment.objects.aupdate(state=state, said=MOST_WORDS)

            answer = await offered.say(word, of=of)

            assert (answer.status, await offered.state()) == (200, became)
        assert await DeploymentWord.objects.acount() == 3  # why it moved is kept

    async def test_who_said_too_much_and_was_told_to_stop_is_refused_like_any_other(self, turned):
        client = await turned(Turn.CANCELLING, stage="offered", said=MOST_WORDS)

        assert (await client.say(feedback("proceeding"))).status == 404
        assert await client.state() == Turn.CANCELLING

    async def test_an_entry_has_fifty_details_and_long_ones_are_cut(self, offered):
        fits = await offered.say(feedback("scheduled", "none", *["x" * 900] * 50))
        more = await offered.say(feedback("scheduled", "none", *["x"] * 51))
        thousands = await offered.say(feedback("scheduled", "none", *["x"] * 10_000))
        far_more = await offered.say(feedback("closed", "failure", *["x" * 100] * 10_000))

        answers = [one.status for one in (fits, more, thousands, far_more)]
        assert answers == [200, 429, 429, 413]
        assert await offered.state() == Turn.OFFERED
        word = await DeploymentWord.objects.aget()
        assert {len(one) for one in word.details} == {500}

    @pytest.mark.parametrize(
        ("state", "word", "of", "became"),
        [
            (Turn.OFFERED, ("proceeding", "none"), "deploymentBase", Turn.INSTALLING),
            (Turn.CANCELLING, ("closed", "success"), "cancelAction", Turn.CANCELLED),
            (Turn.INSTALLING, ("closed", "failure"), "deploymentBase", Turn.FAILED),
        ],
    )
    async def test_of_what_moves_an_update_the_last_fifty_details_are_kept(
        self, offered, state, word, of, became
    ):
        await Deployment.objects.aupdate(state=state)
        log = [f"line {number}" for number in range(200)]

        answer = await offered.say(feedback(*word, *log), of=of)

        assert (answer.status, await offered.state()) == (200, became)
        assert (await DeploymentWord.objects.aget()).details == log[-50:]
        if became is Turn.FAILED:
            assert offered.turn.reason == "The camera says that it failed: line 199"

    async def test_what_is_no_feedback_is_400_and_changes_nothing(self, offered):
        for said in NO_FEEDBACK:
            answer = await offered.say(said)

            assert answer.status == 400, said
            assert answer.headers[b"content-type"] == b"application/problem+json"
        assert not await DeploymentWord.objects.aexists()
        assert await offered.state() == Turn.OFFERED

    async def test_names_that_nobody_knows_are_passed_over_here(self, offered):
        said = feedback("proceeding", "none", None, new={"deep": [1]}, code=None)
        said["status"]["details"] = None
        said["extra"] = "\u202e"

        assert (await offered.say(said)).status == 200

    async def test_a_line_that_no_page_should_show_is_told_of(self, offered):
        await offered.say(feedback("closed", "failure", "\x1b[31mred", "plain"))

        (told, plain) = (await DeploymentWord.objects.aget()).details
        assert "control character" in told
        assert plain == "plain"

    async def test_what_is_packed_is_not_unpacked(self, offered):
        path = f"{offered.base}/deploymentBase/{offered.turn.offer}/feedback"
        said = json.dumps(feedback("proceeding")).encode()

        answer = await ask("POST", path, offered.token, said, headers={"content-encoding": "gzip"})

        assert answer.status == 415


class TestCancelling:
    async def test_what_is_told(self, turned):
        client = await turned(Turn.CANCELLING)

        answer = await client.get(f"/cancelAction/{client.turn.offer}")

        number = str(client.turn.offer)
        assert answer.json() == {"id": number, "cancelAction": {"stopId": number}}

    async def test_what_is_not_cancelled_has_no_cancel(self, turned):
        for state in (Turn.OFFERED, Turn.INSTALLING, Turn.FAILED):
            client = await turned(state)
            told = await client.get(f"/cancelAction/{client.turn.offer}")
            said = await client.say(feedback("closed", "success"), of="cancelAction")

            assert told.status == 404
            assert said.status == (410 if state in FINAL else 404)
            assert await client.state() == state
            await client.turn.adelete()

    async def test_a_cancel_that_is_agreed_to_ends_it(self, turned):
        client = await turned(Turn.CANCELLING)

        answer = await client.say(feedback("closed", "success"), of="cancelAction")

        assert answer.status == 200
        assert await client.state() == Turn.CANCELLED
        assert await client.links() == {"configData": ANY}

    async def test_a_cancel_refused_while_downloading_shows_that_it_installs(self, turned):
        client = await turned(Turn.CANCELLING, stage="offered")

        await client.say(feedback("rejected", "failure"), of="cancelAction")

        assert (await Camera.objects.aget()).update_stage == "installing"


class TestConfigData:
    async def told(self, client):
        camera = await Camera.objects.select_related("attributes").aget(pk=client.camera.pk)
        return camera.attributes.told

    async def test_it_is_kept_and_not_asked_for_again(self, client):
        answer = await client.put("/configData", {"data": {"serialNo": "7", "hw": "1.0"}})

        assert (answer.status, answer.body) == (200, b"")
        assert await self.told(client) == {"serialNo": "7", "hw": "1.0"}
        assert await client.links() == {}

    async def test_the_modes(self, client):
        for mode, data, told in (
            ({}, {"b": "2"}, {"a": "1", "b": "2"}),
            ({"mode": None}, {"b": "2"}, {"a": "1", "b": "2"}),
            ({"mode": "merge"}, {"a": "3"}, {"a": "3"}),
            ({"mode": "merge"}, {"a": None}, {}),
            ({"mode": "replace"}, {"b": "2"}, {"b": "2"}),
            ({"mode": "remove"}, {"a": "any"}, {}),
            ({"mode": "merge"}, {"n": 4, "y": True}, {"a": "1", "n": "4", "y": "true"}),
        ):
            await client.put("/configData", {"mode": "replace", "data": {"a": "1"}})
            answer = await client.put("/configData", {**mode, "data": data, "status": {"x": 1}})

            assert answer.status == 200
            assert await self.told(client) == told

    async def test_the_limits(self, client):
        for said, status in (
            ({"data": {str(n): "x" for n in range(100)}}, 429),  # with the one that is there
            ({"mode": "replace", "data": {str(n): "x" for n in range(101)}}, 429),
            ({"data": {"x" * 129: "1"}}, 400),
            ({"data": {"x": "1" * 129}}, 400),
            ({"data": {"": "1"}}, 400),
            ({"data": {"x": []}}, 400),
            ({"data": {"x": "\u202e"}}, 400),
            ({"data": []}, 400),
            ({"mode": "append", "data": {}}, 400),
            ({}, 400),
            (b'{"data":{"a":"1","a":"2"}}', 400),
            (b"x" * 70_000, 413),
        ):
            await client.put("/configData", {"data": {"a": "1"}})
            answer = await client.put("/configData", said)

            assert answer.status == status, said
            assert await self.told(client) == {"a": "1"}

        full = {"mode": "replace", "data": {str(n): "x" * 128 for n in range(100)}}
        assert (await client.put("/configData", full)).status == 200
