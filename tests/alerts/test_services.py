"""Chats, text messages and pagers: which addresses there are, and what happens on the way."""

import datetime
import http.server
import ipaddress
import json
import logging
import socket
import ssl
import subprocess
import sys
import threading
from contextlib import contextmanager
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.conf import settings as ours

from devices.alerts import actions, carrier, carrying, sealing, sending, services
from devices.alerts.actions import Listener
from devices.alerts.carrier import Verdict
from devices.alerts.models import Channel, Notice
from devices.errors import Refused
from devices.ledger import LedgerEntry
from tests.patience import PATIENCE_S

LONG_S = round(PATIENCE_S)
SECRET = "TIiajkdnlazkcOXrIdevi7FQ"
SLACK = f"slack://T1JJ3T3L2/A1BRTD4JD/{SECRET}/#night-desk"
A20, A24, A32 = "a" * 20, "a" * 24, "a" * 32
UUID = "8b799edf-6f98-4d3a-9be7-2862fb4e5752"
FROM, TO = "+18605550100", "+18605550123"

EXAMPLES = {
    "discord": "discord://4174216298/JHMHI8qBe7bk2ZwO5U711o3dV_js",
    "gchat": "gchat://workspace/key/token",
    "mmosts": f"mmosts://chat.example.org/{A24}",
    "nctalks": "nctalks://user:password@cloud.example.org/room1",
    "rockets": "rockets://user:password@chat.example.org/#room",
    "slack": SLACK,
    "tgram": "tgram://123456789:abcdefg_hijklmnop/12315544",
    "threema": "threema://*THEGWID@secret/+18605550123",
    "webex": f"webex://{'a' * 80}",
    "workflows": f"workflows://example.org:443/{A32}/signature",
    "zulip": f"zulip://botname@fleet/{A32}/channel",
    "bulksms": f"bulksms://{A20}:{A20}@{TO}",
    "bulkvs": f"bulkvs://user:password@{FROM}/{TO}",
    "clickatell": f"clickatell://{A20}/{TO}",
    "clicksend": f"clicksend://user:key@{TO}",
    "infobip": f"infobip://{A20}@abc12.api.infobip.com/{TO}",
    "msgbird": f"msgbird://{'a' * 25}/{FROM}/{TO}",
    "plivo": f"plivo://{'A' * 25}@{'a' * 40}/{FROM}/{TO}",
    "ringc": f"ringc://{FROM}:password@clientid/secret/{TO}",
    "seven": f"seven://{A20}/{TO}",
    "sinch": f"sinch://{A32}:{A32}@{FROM}/{TO}",
    "sns": f"sns://AHIAJGNT76XIMXDBIJYA/bu1dHSdO22pfaaVy/wmNsdljF4C07D3bndi9PQJ9/us-east-2/{TO}",
    "telesign": f"telesign://{UUID}:{A20}@{TO}",
    "telnyx": f"telnyx://{A20}@{FROM}/{TO}",
    "twilio": f"twilio://AC{A32}:{A32}@{FROM}/{TO}",
    "voipms": f"voipms://password:mail@example.org/18605550100/{TO}",
    "vonage": f"vonage://AC{'a' * 6}:{'a' * 16}@{FROM}/{TO}",
    "firehydrant": f"firehydrant://{A20}",
    "goalerts": f"goalerts://goalert.example.org/{UUID}",
    "ilert": f"ilert://{A20}",
    "incidentio": f"incidentio://{A20}/{A32}",
    "opsgenie": f"opsgenie://{UUID}",
    "pagerduty": f"pagerduty://{A32}@{A20}",
    "pagertree": f"pagertree://int_{'a' * 10}",
    "signl4": f"signl4://{'a' * 8}",
    "squadcast": f"squadcast://{A32}",
    "victorops": f"victorops://desk@{UUID}",
    "xmatters": f"xmatters://user:password@example.xmatters.com/{UUID}",
    "gotifys": "gotifys://push.example.org/abcdefghijklmno",
    "ntfys": "ntfys://fleet-desk",
    "pbul": f"pbul://{A32}",
    "pover": f"pover://{'u' * 30}@{'a' * 30}",
    "prowl": f"prowl://{'a' * 40}",
}


# --- Addresses -----------------------------------------------------------------------------


def test_every_service_has_an_example():
    assert EXAMPLES.keys() == services.SERVICES.keys()


@pytest.mark.parametrize("schema", EXAMPLES)
def test_the_library_knows_each_service_that_is_offered(schema):
    address = EXAMPLES[schema]

    assert services.service_of(address) == services.SERVICES[schema]
    assert carrier.judge(address) is Verdict.FIT


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("night desk", "no spaces"),
        ("slack://a/b/c\nx", "no spaces"),
        ("slack", "begins with the service"),
        ("ntfy://topic", "encrypted only"),
        ("mmost://chat.example.org/token", "encrypted only"),
        ("https://hooks.slack.com/services/a/b/c", "the service's own address"),
        *((f"{schema}://10.0.0.1/x", "cannot go to such") for schema in (
            "json", "jsons", "xml", "forms", "mailto", "mailtos", "file", "syslog", "rsyslog",
            "dbus", "windows", "macosx", "exec", "apprises", "mqtts", "irc", "smpp", "hassios",
            "vapid", "matrixs", "kodi",
        )),
        (f"{SLACK}?verify=no", "Leave out verify="),
        (f"{SLACK}?VERIFY=no", "Leave out verify="),
        (f"{SLACK}?image=no&redirect=yes", "Leave out redirect="),
        (f"{SLACK}?image=no;rto=900", "Leave out rto="),
        ("workflows://example.org/a/b/?%74emplate=/etc/passwd", "Leave out template="),
        ("workflows://example.org/a/b/#x?template=/etc/passwd", "Leave out template="),
    ],
)  # fmt: skip
def test_an_address_that_notices_cannot_go_to_is_refused_with_the_reason(address, why):
    with pytest.raises(Refused, match=why):
        services.service_of(address)


@pytest.mark.parametrize(
    ("address", "host"),
    [
        ("mmosts://chat.example.org:8443/token", "chat.example.org"),
        ("gotifys://[::1]/token", "::1"),
        ("ntfys://localhost/topic", "localhost"),
        ("ntfys://topic", ""),
        ("tgram://123456789:abc/1", ""),
        ("voipms://password:mail@example.org/1/2", ""),
    ],
)
def test_only_a_service_that_one_runs_oneself_names_a_machine(address, host):
    assert services.host_of(address) == host


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("slack://x", "Slack writes its addresses otherwise"),
        ("mmosts://10.0.0.5/token", "private network"),
        ("ntfys://localhost:8443/topic", "private network"),
        ("gotifys://169.254.169.254/token", "private network"),
    ],
)
def test_what_the_form_refuses(address, why):
    with pytest.raises(Refused, match=why):
        sending.checked_address("chat", address)


def test_an_address_that_a_service_understands_is_taken():
    assert sending.checked_address("chat", f" {SLACK} ") == SLACK


# --- The seal ------------------------------------------------------------------------------


def test_what_is_sealed_opens_with_its_salt_and_the_servers_key_alone(settings):
    stored = sealing.sealed(SLACK, salt="a")

    assert SECRET not in stored
    assert sealing.opened(stored, salt="a") == SLACK
    assert sealing.sealed(SLACK, salt="a") != stored

    for salt, text in (("b", stored), ("a", stored[:-4] + "AAA="), ("a", ""), ("a", "¤")):
        with pytest.raises(sealing.Unreadable):
            sealing.opened(text, salt=salt)
    settings.SECRET_KEY = "another" * 10
    with pytest.raises(sealing.Unreadable):
        sealing.opened(stored, salt="a")


# --- The way -------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A certificate for this machine, and the file with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    today = datetime.datetime.now(datetime.UTC)
    names = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(today - datetime.timedelta(days=1))
        .not_valid_after(today + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    folder = tmp_path_factory.mktemp("tls")
    public, both = folder / "public.pem", folder / "both.pem"
    pem = made.public_bytes(serialization.Encoding.PEM)
    public.write_bytes(pem)
    secret = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    both.write_bytes(secret + pem)
    return public, both


@contextmanager
def listening(certificate, status=200, headers=()):
    """A service on this machine, behind TLS; yields its port and what it was sent."""
    heard = []

    class Service(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            heard.append((self.path, self.rfile.read(length)))
            self.send_response(status)
            for name, value in headers:
                self.send_header(name, value)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, *args) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Service) as server:
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(certificate[1])
        server.socket = tls.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port, heard
        server.shutdown()


def carried(address, *, trusted, within_s=LONG_S):
    """What becomes of a notice when this machine counts as public, and ``trusted`` as proof."""
    task = json.dumps({"address": address, "title": "Minor: C0417", "body": "<It> is & was."})
    run = (
        "from devices.alerts import carrier; import sys;"
        "carrier.main('carry', int(sys.argv[2]), admits=lambda one: True,"
        " trusted=sys.argv[1] or True)"
    )
    done = subprocess.run(
        [sys.executable, "-c", run, trusted, str(within_s)],
        input=task.encode(), capture_output=True, cwd=ours.BASE_DIR, env={}, check=False,
    )  # fmt: skip
    return carrying.told(done.stdout, done.returncode)


def test_a_notice_arrives_with_its_title_and_its_words(certificate):
    with listening(certificate) as (port, heard):
        outcome = carried(f"ntfys://localhost:{port}/desk", trusted=str(certificate[0]))

    assert outcome == carrying.Outcome(Verdict.SENT, 200)
    said = json.loads(heard[0][1])
    assert (said["title"], said["message"]) == ("Minor: C0417", "<It> is & was.")


def test_a_service_that_does_not_take_it_is_told_by_its_number(certificate):
    with listening(certificate, 403) as (port, _):
        outcome = carried(f"ntfys://localhost:{port}/desk", trusted=str(certificate[0]))

    assert outcome == carrying.Outcome(Verdict.REFUSED, 403)


def test_nobody_is_sent_on_elsewhere(certificate):
    with (
        listening(certificate) as (elsewhere, heard),
        listening(certificate, 307, [("Location", f"https://localhost:{elsewhere}/")]) as (port, _),
    ):
        outcome = carried(f"ntfys://localhost:{port}/desk", trusted=str(certificate[0]))

    assert outcome == carrying.Outcome(Verdict.REFUSED, 307)
    assert heard == []


def test_a_certificate_that_nobody_vouches_for_ends_it(certificate):
    with listening(certificate) as (port, heard):
        outcome = carried(f"ntfys://localhost:{port}/desk", trusted="")

    assert outcome == carrying.Outcome(Verdict.UNREACHABLE)
    assert heard == []


def test_who_takes_too_long_is_late():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"ntfys://localhost:{silent.getsockname()[1]}/desk"
        assert carried(address, trusted="", within_s=1) == carrying.Outcome(Verdict.LATE)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "0.0.0.0"])
def test_a_machine_of_our_own_network_is_not_connected_to(certificate, host):
    with listening(certificate) as (port, heard):
        outcome = carrying.carry(f"gotifys://{host}:{port}/{'a' * 15}", title="T", body="B")

    assert outcome == carrying.Outcome(Verdict.PRIVATE)
    assert heard == []


GUARDED = """
import os, socket, subprocess, sys
from devices.alerts import carrier
journey = carrier.Journey()
carrier._stay_within(journey, carrier.services.public)
{attempt}
print("did it")
"""


@pytest.mark.parametrize(
    "attempt",
    [
        "open('/etc/passwd')",
        "open('var/secret-key')",
        "open('pyproject.toml')",
        "open('/tmp/carrier-wrote', 'w')",
        "os.open('/tmp/carrier-wrote', os.O_CREAT | os.O_WRONLY)",
        "subprocess.run(['/bin/true'])",
        "os.system('/bin/true')",
        "socket.create_connection(('127.0.0.1', 22))",
        "socket.socket().connect(('localhost', 22))",
        "socket.socket(socket.AF_UNIX).connect('/run/docker.sock')",
        "socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', 514))",
    ],
)
def test_the_carrier_can_do_nothing_else(attempt):
    done = subprocess.run(
        [sys.executable, "-c", GUARDED.format(attempt=attempt)],
        capture_output=True, cwd=ours.BASE_DIR, env={}, check=False,
    )  # fmt: skip

    assert b"PermissionError" in done.stderr
    assert done.stdout == b""
    assert not Path("/tmp/carrier-wrote").exists()


@pytest.mark.parametrize(
    ("said", "code", "outcome"),
    [
        (b"sent 200\n", 0, carrying.Outcome(Verdict.SENT, 200)),
        (b"unreachable 0\n", 0, carrying.Outcome(Verdict.UNREACHABLE)),
        (b"", -14, carrying.Outcome(Verdict.LATE)),
        (b"", 1, carrying.Outcome(Verdict.BROKEN)),
        (b"sent 200\n", 1, carrying.Outcome(Verdict.BROKEN)),
        (f"sent {SLACK}".encode(), 0, carrying.Outcome(Verdict.BROKEN)),
        (f"{SLACK} 200".encode(), 0, carrying.Outcome(Verdict.BROKEN)),
    ],
)
def test_the_carrier_is_believed_a_word_and_a_number(said, code, outcome):
    assert carrying.told(said, code) == outcome


# --- The channel ---------------------------------------------------------------------------


def a_chat(noon, address=SLACK, name="Slack · night desk"):
    listener = Listener("chat", name, secret=address)
    return actions.add_channel(listener, salt=sending.new_salt(), by=None, now=noon)


def a_notice(channel, noon):
    return Notice.objects.create(
        channel=channel, once="1", title="Minor: C0417", body="It is.", made_at=noon, due_at=noon
    )


@pytest.mark.django_db
def test_the_address_stands_nowhere_in_the_clear(certificate, noon, caplog):
    with listening(certificate) as (port, heard), caplog.at_level(logging.DEBUG):
        channel = a_chat(noon, f"gotifys://127.0.0.1:{port}/secret{'a' * 9}")
        row = a_notice(channel, noon)
        sending.send_due(now=noon)

    row.refresh_from_db()
    assert heard == []
    assert row.fault == "It lies in a private network; notices go to public addresses only."
    for table in (Channel, Notice, LedgerEntry):
        assert "secretaaa" not in json.dumps(list(table.objects.values()), default=str)
    assert "secretaaa" not in caplog.text
    assert "secretaaa" not in repr(Listener("chat", "x", secret="secretaaa"))


@pytest.mark.django_db
def test_after_the_servers_key_changed_the_notice_says_so_and_is_tried_again(noon, settings):
    row = a_notice(a_chat(noon), noon)
    settings.SECRET_KEY = "another" * 10

    assert sending.send_due(now=noon) == 0

    row.refresh_from_db()
    assert row.fault == "The server's key changed: add this channel again."
    assert (row.tries, row.due_at, row.given_up_at) == (1, row.due_at, None)
    assert row.due_at > noon


@pytest.mark.django_db
def test_a_channel_that_ended_keeps_no_address_and_gets_no_notice(noon):
    channel = a_chat(noon)
    row = a_notice(channel, noon)

    actions.end_channel(channel, by=None, now=noon)
    sending.send_due(now=noon)

    row.refresh_from_db()
    assert Channel.objects.get().sealed == ""
    assert row.fault == "This channel was ended."


@pytest.mark.django_db
def test_one_name_stands_for_one_address(noon):
    a_chat(noon)

    with pytest.raises(Refused, match="Slack · night desk gets these notices already"):
        a_chat(noon)
