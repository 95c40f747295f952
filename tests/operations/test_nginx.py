"""nginx in front as docs/operations.md sets it up: the book's own words, a real nginx, a real web
process that believes it. Only addresses, ports and the certificate are other ones."""

import http.client
import json
import os
import re
import shutil
import ssl
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from websockets.sync.client import connect

from devices.inventory.models import Camera
from devices.releases import actions as releases
from devices.releases.models import Release
from devices.releases.receiving import actions as receiving
from devices.roles import Role
from devices.rollouts.models import Deployment
from devices.rollouts.rules import Turn
from fleet.arriving import PIECE, TYPE
from fleet.provision import PATH
from tests.api import callers
from tests.browser.serving import Server, free_port, wait_until
from tests.ddi.conftest import a_client, with_turn
from tests.gateway.words import batch, report, token_of
from tests.patience import PATIENCE_S
from tests.releases.images import Signer, signer, swu
from tests.releases.shelf import trust
from tests.releases.test_arriving import line
from tests.rows import a_dock, person

BOOK = Path("docs/operations.md").read_text()
NAME = "fleet.example.org"
IMAGE = os.urandom(4_000_000)


class BehindTls(Server):
    """Whoever comes without TLS is sent to it, so that a redirect is an answer."""

    def _answers(self) -> bool:
        try:
            asking = http.client.HTTPConnection("127.0.0.1", self.port)
            asking.request("GET", "/sign-in/", headers={"Host": NAME})
            return asking.getresponse().status == 301
        except OSError:
            return False


@dataclass
class Front:
    """The address that people, docks and cameras know."""

    port: int
    plain: int
    var: Path
    trusts: ssl.SSLContext
    log: Path

    def ask(self, method: str, path: str, body: bytes | None = None, **heads: str) -> "Reply":
        asking = http.client.HTTPSConnection(
            "127.0.0.1", self.port, context=self.trusts, timeout=PATIENCE_S
        )
        asking.request(method, path, body, {"Host": NAME, **_spelt(heads)})
        return self._answer(asking)

    @contextmanager
    def begun(self, path: str, length: int, **heads: str) -> Iterator[http.client.HTTPSConnection]:
        """A request whose head has gone out, and its body has not yet."""
        asking = http.client.HTTPSConnection(
            "127.0.0.1", self.port, context=self.trusts, timeout=PATIENCE_S
        )
        asking.putrequest("POST", path, skip_host=True)
        told = {"Host": NAME, "Content-Length": str(length), **_spelt(heads)}
        for name, value in told.items():
            asking.putheader(name, value)
        asking.endheaders()
        yield asking
        asking.close()

    def _answer(self, asking: http.client.HTTPSConnection) -> "Reply":
        answer = asking.getresponse()
        found = Reply(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read())
        asking.close()
        return found


@dataclass(frozen=True)
class Reply:
    status: int
    heads: dict[str, str]
    body: bytes


def _spelt(heads: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in heads.items()}


@pytest.fixture(scope="module")
def front(django_db_setup: None) -> Iterator[Front]:
    """nginx and a web process behind it, both by the book."""
    from django.conf import settings

    var = Path(tempfile.mkdtemp(prefix="fleet-front"))
    web = BehindTls(free_port())
    found = _front(var, web.port)
    proxy = None
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(settings, "VAR_DIR", var)
            told = {"X_ACCEL_REDIRECT": "/images/", "BEHIND_TLS": "1", "ALLOWED_HOSTS": NAME}
            # As in production the key is there before the folder is opened to nginx.
            for name, value in {**told, "SECRET_KEY": settings.SECRET_KEY}.items():
                patch.setenv(name, value)
            web.start()
        proxy = subprocess.Popen(
            ["nginx", "-c", var / "nginx.conf", "-e", found.log],
            env={**os.environ, "PATH": PATH},
            start_new_session=True,
        )
        wait_until(lambda: _listens(found, proxy))
        yield found
    finally:
        web.stop()
        if proxy is not None:
            proxy.terminate()
            proxy.wait(PATIENCE_S)
        shutil.rmtree(var)


def _front(var: Path, web: int) -> Front:
    """The book's nginx, in a folder of its own, and its commands done."""
    key, certificate, log = var / "fleet.key", var / "fleet.pem", var / "nginx.log"
    _run(
        *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"),
        *("-keyout", key, "-out", certificate, "-subj", f"/CN={NAME}"),
    )
    tls, plain = free_port(), free_port()
    (block,) = re.findall(r"^```nginx\n(.*?)^```$", BOOK, re.MULTILINE | re.DOTALL)
    for ours, theirs in (
        ("listen 443 ", f"listen 127.0.0.1:{tls} "),
        ("listen 80;", f"listen 127.0.0.1:{plain};"),
        ("127.0.0.1:8000", f"127.0.0.1:{web}"),
        ("/etc/ssl/fleet.pem", str(certificate)),
        ("/etc/ssl/fleet.key", str(key)),
        ("/var/lib/fleet/", f"{var}/"),
    ):
        assert ours in block, f"The book says {ours} no more."
        block = block.replace(ours, theirs)
    (var / "nginx.conf").write_text(
        f"{'user www-data;' if os.getuid() == 0 else ''} daemon off; pid {var}/nginx.pid;\n"
        "events {}\n"
        "http {\n"
        + "".join(
            f"{kind}_temp_path {var}/{kind};\n"
            for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        + f"access_log off;\n{block}}}\n"
    )
    (var / "releases").mkdir(mode=0o700)
    opening = re.findall(r"^setfacl .*$", BOOK, re.MULTILINE)
    assert len(opening) == 2
    for command in opening:
        _run(*command.replace("/var/lib/fleet", str(var)).split())
    trusts = ssl.create_default_context()
    trusts.check_hostname, trusts.verify_mode = False, ssl.CERT_NONE
    return Front(tls, plain, var, trusts, log)


def _run(*words: object) -> None:
    subprocess.run([str(word) for word in words], check=True, capture_output=True)


def _listens(front: Front, proxy: subprocess.Popen[bytes]) -> bool:
    assert proxy.poll() is None, front.log.read_text()
    try:
        return front.ask("GET", "/").status == 302
    except OSError:
        return False


@pytest.fixture
def maker(tmp_path: Path) -> Signer:
    return signer(tmp_path)


@pytest.fixture
def var(front: Front, settings, transactional_db) -> Path:
    """The suite and the web process keep releases in one folder."""
    settings.VAR_DIR, settings.RELEASES_STORE = front.var, ""
    return front.var


@pytest.fixture
def offered(front, var, maker):
    """A camera that is offered a release which came through nginx."""
    return with_turn(a_client(), release=_brought(front, maker))


def _brought(front: Front, maker: Signer) -> Release:
    it, colleague = person(Role.IT, name="it"), person(Role.IT, name="colleague")
    at = datetime.now(UTC)
    trust(maker, it, at)
    raw = swu(maker, {"rootfs.bin": IMAGE})
    body, heads = line(len(raw)) + raw, _as_program(it)

    came = front.ask("POST", "/api/v1/releases/upload/", body, **heads)

    assert came.status == 200, came.body
    assert receiving.verify_received(now=at) == 1
    release = Release.objects.get()
    releases.approve(release, by=colleague, now=at)
    return release


def _as_program(user) -> dict[str, str]:
    return {"Authorization": f"Bearer {callers.token_of(user)}", "Content_Type": TYPE}


def stored(client) -> bytes:
    from django.conf import settings

    return (Path(settings.VAR_DIR) / "releases" / client.turn.rollout.release.key).read_bytes()


def test_it_sends_an_image_whole_and_in_parts_and_says_how_long_it_is(front, offered):
    path = offered.base + offered.file
    proof = {"Authorization": f"TargetToken {offered.token}"}
    image = stored(offered)
    half = len(image) // 2

    head = front.ask("HEAD", path, **proof)
    assert (head.status, head.heads["content-length"]) == (200, str(len(image)))
    assert Deployment.objects.get().state == Turn.OFFERED  # nobody asked for the bytes
    whole = front.ask("GET", path, **proof)
    rest = front.ask("GET", path, **proof, Range=f"bytes={half}-")
    tag = whole.heads["etag"]
    same = front.ask("GET", path, **proof, Range=f"bytes={half}-", If_Range=tag)
    other = front.ask("GET", path, **proof, Range=f"bytes={half}-", If_Range='"another"')

    assert (whole.status, whole.body) == (200, image)
    assert whole.heads["accept-ranges"] == "bytes"
    assert whole.heads["content-type"] == "application/octet-stream"
    assert "x-accel-redirect" not in whole.heads
    assert (rest.status, rest.body) == (206, image[half:])
    assert rest.heads["content-range"] == f"bytes {half}-{len(image) - 1}/{len(image)}"
    assert (same.status, same.body) == (206, image[half:])
    assert (other.status, other.body) == (200, image)
    assert Deployment.objects.get().state == Turn.DOWNLOADING


def test_it_sends_nothing_to_whoever_has_no_right_to_it(front, offered):
    release = offered.turn.rollout.release
    path, proof = offered.base + offered.file, {"Authorization": f"TargetToken {offered.token}"}

    direct = [f"/images/{release.key}", f"/images/../images/{release.key}", "/images/"]
    assert [front.ask("GET", one).status for one in direct] == [404, 404, 404]
    assert front.ask("GET", direct[0], **proof).status == 404
    assert front.ask("GET", path).status == 401
    for several in ("bytes=0-1,3-4", f"bytes={'0-,' * 1000}0-"):
        assert front.ask("GET", path, **proof, Range=several).status == 416
    past = front.ask("GET", path, **proof, Range=f"bytes={release.size}-")
    assert past.status == 416
    Deployment.objects.update(state=Turn.SUCCEEDED)
    assert front.ask("GET", path, **proof).status == 404


def test_an_upload_goes_through_as_it_comes(front, var, maker):
    it = person(Role.IT, name="it")
    raw = swu(maker, {"rootfs.bin": IMAGE})
    body = line(len(raw)) + raw
    half, releases_folder = len(body) // 2, var / "releases"

    with front.begun("/api/v1/releases/upload/", len(body), **_as_program(it)) as sending:
        sending.send(body[:half])
        wait_until(lambda: _held(releases_folder) >= PIECE)
        assert _held(var / "client_body") == 0  # nginx wrote none of it to its own disk
        sending.send(body[half:])
        assert sending.getresponse().status == 200

    assert Release.objects.get().size == len(raw)


def test_who_may_not_send_is_told_before_sending(front, var):
    nobody = {"Authorization": "Bearer nobody's", "Content_Type": TYPE}
    with front.begun("/api/v1/releases/upload/", 1_000_000_000, **nobody) as sending:
        assert sending.getresponse().status == 401
    assert front.ask("POST", "/sign-in/", bytes(4_000_000)).status == 413


def _held(folder: Path) -> int:
    return sum(one.stat().st_size for one in folder.rglob("*") if one.is_file())


def test_a_docks_socket_goes_through(front, var):
    client = a_client()
    dock = a_dock("D01", client.camera.station)
    token = token_of(dock, datetime.now(UTC))

    with connect(
        f"wss://127.0.0.1:{front.port}/gateway/v1/socket",
        ssl=front.trusts,
        server_hostname=NAME,
        additional_headers={"Authorization": f"Bearer {token}"},
    ) as socket:
        socket.send(json.dumps(batch(report(client.camera.serial))))
        answer = json.loads(socket.recv(timeout=PATIENCE_S))

    assert answer["reports"] == [{"result": "stored"}]
    assert Camera.objects.get().health.battery_percent == 64


def test_what_is_this_machines_own_is_not_to_be_had_and_everybody_comes_by_tls(front, var):
    person(Role.IT, name="it")  # where nobody is yet, the first page makes one
    own = ["/health/ready", "/health/live", "/metrics"]
    assert [front.ask("GET", one).status for one in own] == [403, 403, 403]
    plain = http.client.HTTPConnection("127.0.0.1", front.plain)
    plain.request("GET", "/sign-in/", headers={"Host": NAME})
    answer = plain.getresponse()
    assert (answer.status, answer.headers["Location"]) == (301, f"https://{NAME}/sign-in/")
    assert "Secure" in front.ask("GET", "/sign-in/").heads["set-cookie"]
