"""Debian's SWUpdate, a client that we did not write, against the running server."""

import json
from datetime import UTC, datetime
from time import monotonic
from urllib.request import Request, urlopen

import pytest

from devices.health.models import CameraAttributes
from devices.inventory.models import Camera
from devices.policy import Policy
from devices.rollouts import sweeping
from devices.rollouts.models import Deployment, DeploymentWord
from devices.rollouts.rules import Turn
from tests.browser.serving import Server, free_port, wait_until
from tests.ddi.conftest import a_client
from tests.ddi.cutting import cutting
from tests.ddi.offers import a_release, a_turn
from tests.ddi.swupdate import a_signer, an_image, device
from tests.gateway.words import batch, report
from tests.patience import PATIENCE_S

VERSION = "5.1.0"
NEVER = [["00:00", "00:00"]]  # a window that is never open
FIRMWARE = bytes(range(256)) * 12_000  # three megabytes


@pytest.fixture(scope="module")
def server(django_db_setup):
    """It has clients poll each second: SWUpdate looks for a cancel no oftener than that."""
    running = Server(free_port())
    try:
        with pytest.MonkeyPatch.context() as environment:
            environment.setenv("REPORT_SECONDS", "1")
            running.start()
        yield running
    finally:
        running.stop()


@pytest.fixture(scope="module")
def signers(tmp_path_factory):
    folder = tmp_path_factory.mktemp("keys")
    return a_signer(folder, "department"), a_signer(folder, "stranger")


@pytest.fixture
def signer(signers):
    return signers[0]


@pytest.fixture
def camera(server, transactional_db):
    return a_client()


@pytest.fixture
def installed(tmp_path):
    """Where the camera's firmware is written to."""
    return tmp_path / "firmware"


def state_of(turn):
    return Turn(Deployment.objects.values_list("state", flat=True).get(pk=turn.pk))


def said(turn):
    words = DeploymentWord.objects.filter(deployment=turn).order_by("id")
    return [(word.execution, word.finished) for word in words]


def log_of(turn):
    return [line for one in DeploymentWord.objects.filter(deployment=turn) for line in one.details]


def until(client, claim):
    """It becomes so while the client polls, once a second."""
    try:
        wait_until(claim, PATIENCE_S)
    except AssertionError:
        raise AssertionError(client.log[-6000:]) from None


def test_an_update_to_its_proof(server, camera, signer, installed):
    image = an_image(signer, FIRMWARE, installed, version=VERSION)
    _report(server, camera, sequence=1)
    turn = a_turn(camera.camera, release=a_release(image, version=VERSION))

    with device(server.address, camera.camera.serial, camera.token, signer) as client:
        until(client, lambda: "All Chunks Installed." in log_of(turn))
        _report(server, camera, sequence=2)
        _sweep()
        assert installed.read_bytes() == FIRMWARE
        assert state_of(turn) == Turn.INSTALLING  # it never closes in the run that installed
        assert Camera.objects.get().update_stage == "installing"

        client.boot_script(turn.offer)
        until(client, lambda: state_of(turn) == Turn.AWAITING_PROOF)

    assert CameraAttributes.objects.get().told == {"serialNo": camera.camera.serial}
    _sweep()
    assert state_of(turn) == Turn.AWAITING_PROOF  # a word is no proof
    _report(server, camera, firmware_version=VERSION, boot=2)
    _sweep()
    assert state_of(turn) == Turn.SUCCEEDED
    assert Camera.objects.get().update_stage == ""


def test_an_update_goes_on_where_its_line_was_cut(server, camera, signer, installed):
    image = an_image(signer, FIRMWARE, installed, version=VERSION)
    turn = a_turn(camera.camera, release=a_release(image, version=VERSION))

    with (
        cutting(server.port, after=600_000, times=3) as line,
        device(line.address, camera.camera.serial, camera.token, signer) as client,
    ):
        until(client, lambda: "All Chunks Installed." in log_of(turn))

    assert installed.read_bytes() == FIRMWARE
    begun = [int(one.removeprefix("bytes=").rstrip("-")) for one in line.asked]
    assert line.times == 0
    assert len(begun) >= 3
    assert sorted(begun) == begun  # each goes on behind the last
    assert begun[0] > 500_000
    assert state_of(turn) == Turn.INSTALLING


def test_an_update_is_cancelled_while_it_downloads(server, camera, signer, installed):
    image = an_image(signer, FIRMWARE, installed, version=VERSION)
    turn = a_turn(camera.camera, release=a_release(image, version=VERSION))

    slowly = ("-n", "200k")
    with device(server.address, camera.camera.serial, camera.token, signer, *slowly) as client:
        until(client, lambda: Deployment.objects.get().fetched)
        Deployment.objects.update(state=Turn.CANCELLING)
        until(client, lambda: state_of(turn) == Turn.CANCELLED)

    assert not installed.exists() or installed.read_bytes() != FIRMWARE
    assert Camera.objects.get().update_stage == ""


@pytest.mark.parametrize("wrong", ["signer", "hardware"])
def test_an_image_that_the_camera_refuses_is_a_failure(server, camera, signers, installed, wrong):
    believed, stranger = signers
    by, hardware = (stranger, "1.0") if wrong == "signer" else (believed, "9.9")
    image = an_image(by, FIRMWARE, installed, version=VERSION, hardware=hardware)
    turn = a_turn(camera.camera, release=a_release(image, version=VERSION))

    with device(server.address, camera.camera.serial, camera.token, believed) as client:
        until(client, lambda: state_of(turn) == Turn.FAILED)

    assert not installed.exists()
    assert said(turn)[-1] == ("closed", "failure")
    assert Deployment.objects.get().reason.startswith("The camera says that it failed: ")
    log = " ".join(log_of(turn)).lower()
    assert ("signature" if wrong == "signer" else "hardware") in log


def test_a_success_for_an_update_it_never_downloaded_does_not_count(
    server, camera, signer, installed
):
    image = an_image(signer, FIRMWARE, installed, version=VERSION)
    turn = a_turn(camera.camera, release=a_release(image, version=VERSION))

    with device(server.address, camera.camera.serial, camera.token, signer, "-c", "2") as client:
        until(client, lambda: "All Chunks Installed." in log_of(turn))

    # It says so before anything else, is not believed, and updates then like any other.
    assert said(turn)[:2] == [("closed", "success"), ("proceeding", "none")]
    assert state_of(turn) == Turn.INSTALLING


def test_an_update_that_is_to_be_skipped_is_not_taken_for_done(server, camera, signer, installed):
    image = an_image(signer, FIRMWARE, installed, version=VERSION)
    turn = a_turn(camera.camera, release=a_release(image, version=VERSION), windows=NEVER)

    with device(server.address, camera.camera.serial, camera.token, signer) as client:
        until(client, lambda: ("closed", "success") in said(turn))

    assert state_of(turn) == Turn.OFFERED
    assert not Deployment.objects.get().fetched
    assert not installed.exists()


def test_an_update_that_has_begun_goes_on_though_its_window_closed(
    server, camera, signer, installed
):
    image = an_image(signer, FIRMWARE, installed, version=VERSION)
    release = a_release(image, version=VERSION)
    turn = a_turn(camera.camera, Turn.INSTALLING, release=release, windows=NEVER, fetched=True)

    with device(server.address, camera.camera.serial, camera.token, signer) as client:
        until(client, lambda: "All Chunks Installed." in log_of(turn))

    # It started anew in the middle; a skip would have been its success.
    assert state_of(turn) == Turn.INSTALLING
    assert ("closed", "success") not in said(turn)
    assert installed.read_bytes() == FIRMWARE


def _sweep():
    sweeping.sweep(now=datetime.now(UTC), policy=Policy())


def _report(server, camera, **told):
    """What the camera says of itself at the real door."""
    said = batch(report(camera.camera.serial, docked=True, bay=None, **told))
    request = Request(
        f"{server.address}/gateway/v1/reports",
        json.dumps(said).encode(),
        {"authorization": f"Bearer {camera.token}", "content-type": "application/json"},
    )
    with urlopen(request) as answer:
        assert json.load(answer)["reports"][0]["result"] == "stored"


def test_no_download_over_a_socket_is_faster_than_its_rollout_says(server, camera):
    content = bytes(range(256)) * 2000
    turn = a_turn(camera.camera, release=a_release(content), most_mbit_each=10)
    release = turn.rollout.release
    path = f"{camera.base}/softwaremodules/{release.pk}/artifacts/{release.file_name}"
    half = len(content) // 2

    for asked, wanted in (({}, content), ({"Range": f"bytes={half}-"}, content[half:])):
        told = {"Authorization": f"TargetToken {camera.token}", **asked}
        began = monotonic()
        with urlopen(Request(server.address + path, headers=told)) as answer:
            assert answer.read() == wanted
        assert monotonic() - began >= len(wanted) * 8 / 10_000_000
