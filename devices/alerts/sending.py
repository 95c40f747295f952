"""Notices on their way out: mail, and signed webhooks that reach no machine of our own network.

A webhook's name is resolved once and the connection goes to that very address, so that a name
cannot answer differently the second time. No redirects, five seconds, and 64 KB of an answer.
"""

import hashlib
import hmac
import http.client
import ipaddress
import json
import secrets
import smtplib
import socket
import ssl
from datetime import datetime, timedelta
from urllib.parse import SplitResult, urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.core.validators import validate_email

from devices.alerts import actions
from devices.alerts.models import Channel, ChannelKind, Notice
from devices.errors import Refused

PATIENCE_S = 5.0
MOST_ANSWERED = 64 * 1024
MOST_TRIES = 8
FIRST_PAUSE = timedelta(seconds=15)  # doubles at each failure: the eighth try comes after 30 min
MOST_AT_ONCE = 50


class NotSent(Exception):
    """The message did not get through. The text says why and carries no secret."""


def send_due(*, now: datetime) -> int:
    """Send what is due; says how many got through. Each is claimed before it is sent, so that a
    worker which dies after that sends it again, later, and nobody sends it twice at once.
    """
    sent = 0
    for notice in actions.claim_notices(MOST_AT_ONCE, now=now, pause=FIRST_PAUSE):
        try:
            _send(notice)
        except NotSent as fault:
            actions.note_not_sent(notice, str(fault), most=MOST_TRIES, now=now)
        else:
            actions.note_sent(notice, now=now)
            sent += 1
    return sent


def _send(notice: Notice) -> None:
    if notice.channel.kind == ChannelKind.MAIL:
        _mail(notice)
    else:
        _post(notice)


def _mail(notice: Notice) -> None:
    message = EmailMessage(notice.title, notice.body, to=[notice.channel.address])
    message.extra_headers["Auto-Submitted"] = "auto-generated"
    try:
        message.send()
    except (OSError, smtplib.SMTPException) as fault:
        raise NotSent(f"The mail server did not take it: {type(fault).__name__}.") from None


def _post(notice: Notice) -> None:
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
        "X-Fleet-Signature": f"sha256={signature(notice.channel, body)}",
    }
    where = urlsplit(notice.channel.address)
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
    if not addresses or any(not _public(one) for one in addresses):
        raise NotSent("It lies in a private network; notices go to public addresses only.")
    return addresses[0]


def _public(address: str) -> bool:
    where = ipaddress.ip_address(address.split("%", maxsplit=1)[0])
    mapped = getattr(where, "ipv4_mapped", None)
    return (mapped or where).is_global and not (mapped or where).is_multicast


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
    where = _split(address)
    if where is None or where.scheme != "https" or not where.hostname:
        raise Refused("A webhook's address begins with https:// and names a host.")
    if where.username or where.password or where.fragment:
        raise Refused("The address must not hold a name or password: the key signs the notices.")
    return address


def _split(address: str) -> SplitResult | None:
    try:
        where = urlsplit(address)
        where.port  # noqa: B018 (a wrong port is told here)
    except ValueError:
        return None
    return where
