"""Notices on their way out: mail, signed webhooks and what the carrier brings to other services.
None but the mail server may be a machine of our own network.

A webhook's name is resolved once and the connection goes to that very address, so that a name
cannot answer differently the second time. No redirects, five seconds, and 64 KB of an answer.
"""

import hashlib
import hmac
import http.client
import json
import secrets
import smtplib
import socket
import ssl
import threading
import time
from datetime import datetime, timedelta
from urllib.parse import SplitResult, urlsplit

from django.conf import settings
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.core.validators import validate_email

from devices.alerts import actions, carrying, sealing, services
from devices.alerts.carrier import Verdict
from devices.alerts.models import Channel, ChannelKind, Notice
from devices.errors import Refused

PATIENCE_S = 5.0
MOST_ANSWERED = 64 * 1024
MOST_TRIES = 8
FIRST_PAUSE = timedelta(seconds=15)  # doubles at each failure: the eighth try comes after 30 min
MOST_AT_ONCE = 50
_ONE_SENDS = threading.Lock()  # the worker's other thread stays free for the sweeps
_PRIVATE = "It lies in a private network; notices go to public addresses only."
_KEY_CHANGED = "The server's key changed: add this channel again."
_WHY = {
    Verdict.LATE: "It took too long.",
    Verdict.OPEN: "It would have gone out unencrypted.",
    Verdict.PRIVATE: _PRIVATE,
    Verdict.REFUSED: "The service answered, and did not take it.",
    Verdict.UNFIT: "Its address is not understood any more: add this channel again.",
    Verdict.UNREACHABLE: "It could not be reached.",
}


class NotSent(Exception):
    """The message did not get through. The text says why and carries no secret."""


def send_due(*, now: datetime) -> int:
    """Send what is due; says how many got through. Each is claimed just before it is sent, so that
    a worker which dies after that sends it again, later, and nobody sends it twice at once.
    """
    if not _ONE_SENDS.acquire(blocking=False):
        return 0
    began, sent = time.monotonic(), 0
    try:
        for _ in range(MOST_AT_ONCE):
            at = now + timedelta(seconds=time.monotonic() - began)
            claimed = actions.claim_notices(1, now=at, pause=FIRST_PAUSE)
            if not claimed:
                break
            sent += _sent(claimed[0], at)
    finally:
        _ONE_SENDS.release()
    return sent


def _sent(notice: Notice, now: datetime) -> bool:
    try:
        _send(notice)
    except NotSent as fault:
        actions.note_not_sent(notice, str(fault), most=MOST_TRIES, now=now)
        return False
    actions.note_sent(notice, now=now)
    return True


def _send(notice: Notice) -> None:
    channel = notice.channel
    if channel is None:
        _mail_to(notice.person, notice)
        return
    match ChannelKind(channel.kind):
        case ChannelKind.MAIL:
            _mail(notice, channel.address)
        case ChannelKind.WEBHOOK:
            _post(notice, channel)
        case ChannelKind.CHAT:
            _carry(notice, channel)


def _mail_to(person: User | None, notice: Notice) -> None:
    """To the address that is the person's now; one who wants none any more gets none."""
    if person is None or not person.is_active or not person.email:
        raise NotSent("This person wants no mail any more.")
    _mail(notice, person.email)


def _mail(notice: Notice, address: str) -> None:
    message = EmailMessage(notice.title, notice.body, to=[address])
    message.extra_headers["Auto-Submitted"] = "auto-generated"
    try:
        message.send()
    except (OSError, smtplib.SMTPException) as fault:
        raise NotSent(f"The mail server did not take it: {type(fault).__name__}.") from None


def _carry(notice: Notice, channel: Channel) -> None:
    if channel.ended_at:
        raise NotSent("This channel was ended.")
    if why := unreadable(channel):
        raise NotSent(why)
    address = sealing.opened(channel.sealed, salt=channel.salt)
    outcome = carrying.carry(address, title=notice.title, body=notice.body)
    if outcome.verdict is not Verdict.SENT:
        raise NotSent(_said(outcome))


def _said(outcome: carrying.Outcome) -> str:
    """Why it was not sent, in words of ours."""
    if outcome.verdict is Verdict.REFUSED and outcome.answered >= 300:
        return f"It answered {outcome.answered}."
    return _WHY.get(outcome.verdict, "Sending broke off.")


def unreadable(channel: Channel) -> str:
    """Why this server cannot read where the channel's notices go; nothing if it can."""
    if channel.kind != ChannelKind.CHAT or channel.ended_at:
        return ""
    try:
        sealing.opened(channel.sealed, salt=channel.salt)
    except sealing.Unreadable:
        return _KEY_CHANGED
    return ""


def _post(notice: Notice, channel: Channel) -> None:
    body = json.dumps(
        {
            "id": notice.once,
            "title": notice.title,
            "body": notice.body,
            "at": notice.made_at.isoformat(),
        }
    ).encode()
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "camera-fleet",
        "X-Fleet-Signature": f"sha256={signature(channel, body)}",
    }
    where = urlsplit(channel.address)
    path = (where.path or "/") + (f"?{where.query}" if where.query else "")
    try:
        connection = _connected(where.hostname or "", where.port or 443)
        with connection.sock:
            connection.request("POST", path, body, {"Host": where.netloc, **headers})
            answer = connection.getresponse()
            answer.read(MOST_ANSWERED)
    except (OSError, http.client.HTTPException) as fault:
        raise NotSent(f"It could not be reached: {type(fault).__name__}.") from None
    if not 200 <= answer.status < 300:
        raise NotSent(f"It answered {answer.status}.")


def _connected(host: str, port: int) -> http.client.HTTPSConnection:
    """A TLS connection to the address that ``host`` had when it was judged."""
    address = reachable(host, port)
    raw = socket.create_connection((address, port), timeout=PATIENCE_S)
    connection = http.client.HTTPSConnection(host, port, timeout=PATIENCE_S)
    try:
        connection.sock = ssl.create_default_context().wrap_socket(raw, server_hostname=host)
    except OSError:
        raw.close()
        raise
    return connection


def reachable(host: str, port: int) -> str:
    """An address of ``host`` on the public net; NotSent when any of its addresses is not."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise NotSent("Its name is not known.") from None
    addresses = [str(one[4][0]) for one in found]
    if not addresses or any(not services.public(one) for one in addresses):
        raise NotSent(_PRIVATE)
    return addresses[0]


def signature(channel: Channel, body: bytes) -> str:
    """What the receiver compares: HMAC-SHA-256 of the body with the channel's key, in hex."""
    return hmac.new(key(channel.salt).encode(), body, hashlib.sha256).hexdigest()


def key(salt: str) -> str:
    """A channel's key, shown once when it is added. It follows from the server's secret, so a
    copied database does not hold it.
    """
    told = f"webhook {salt}".encode()
    return hmac.new(settings.SECRET_KEY.encode(), told, hashlib.sha256).hexdigest()


def new_salt() -> str:
    return secrets.token_hex(16)


def checked_address(kind: ChannelKind, address: str) -> str:
    """The address, if notices can go there; Refused with the reason if not."""
    address = address.strip()
    if kind == ChannelKind.MAIL:
        try:
            validate_email(address)
        except ValidationError:
            raise Refused("That is no e-mail address.") from None
        return address
    if kind == ChannelKind.CHAT:
        return _checked_for_the_carrier(address)
    where = _split(address)
    if where is None or where.scheme != "https" or not where.hostname:
        raise Refused("A webhook's address begins with https:// and names a host.")
    if where.username or where.password or where.fragment:
        raise Refused("The address must not hold a name or password: the key signs the notices.")
    return address


def _checked_for_the_carrier(address: str) -> str:
    service = services.service_of(address)
    if host := services.host_of(address):
        try:
            reachable(host, 443)
        except NotSent as fault:
            raise Refused(str(fault)) from None
    match carrying.judge(address):
        case Verdict.FIT:
            return address
        case Verdict.UNFIT:
            raise Refused(f"{service} writes its addresses otherwise; something is missing in it.")
    raise Refused("The address could not be tried just now; add it once more.")


def _split(address: str) -> SplitResult | None:
    try:
        where = urlsplit(address)
        where.port  # noqa: B018 (a wrong port is told here)
    except ValueError:
        return None
    return where
