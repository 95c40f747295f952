"""Where notices may go beside mail and webhooks, and what such an address may hold.

Each service was read in apprise 2.3.0: it speaks https by `requests`, reads no file and starts
nothing. All others are refused: among the hundred more are the local desktop, syslog, plain
sockets and what could be called anywhere. Pure.
"""

import ipaddress
import re
from collections.abc import Mapping
from urllib.parse import unquote, urlsplit

from devices.errors import Refused

CHATS = {
    "discord": "Discord",
    "gchat": "Google Chat",
    "mmosts": "Mattermost",
    "nctalks": "Nextcloud Talk",
    "rockets": "Rocket.Chat",
    "slack": "Slack",
    "tgram": "Telegram",
    "threema": "Threema",
    "webex": "Webex",
    "workflows": "Microsoft Teams",
    "zulip": "Zulip",
}
TEXT_MESSAGES = {
    "bulksms": "BulkSMS",
    "bulkvs": "BulkVS",
    "clickatell": "Clickatell",
    "clicksend": "ClickSend",
    "infobip": "Infobip",
    "msgbird": "MessageBird",
    "plivo": "Plivo",
    "ringc": "RingCentral",
    "seven": "seven",
    "sinch": "Sinch",
    "sns": "Amazon SNS",
    "telesign": "Telesign",
    "telnyx": "Telnyx",
    "twilio": "Twilio",
    "voipms": "VoIP.ms",
    "vonage": "Vonage",
}
PAGERS = {
    "firehydrant": "FireHydrant",
    "goalerts": "GoAlert",
    "ilert": "ilert",
    "incidentio": "incident.io",
    "opsgenie": "Opsgenie",
    "pagerduty": "PagerDuty",
    "pagertree": "PagerTree",
    "signl4": "SIGNL4",
    "squadcast": "Squadcast",
    "victorops": "Splunk On-Call",
    "xmatters": "xMatters",
}
PHONES = {
    "gotifys": "Gotify",
    "ntfys": "ntfy",
    "pbul": "Pushbullet",
    "pover": "Pushover",
    "prowl": "Prowl",
}
GROUPS: Mapping[str, Mapping[str, str]] = {
    "Chat": CHATS,
    "Text message": TEXT_MESSAGES,
    "Pager": PAGERS,
    "Push to a phone": PHONES,
}
SERVICES: Mapping[str, str] = {**CHATS, **TEXT_MESSAGES, **PAGERS, **PHONES}

_ON_A_HOST = frozenset(
    {"goalerts", "gotifys", "infobip", "mmosts", "nctalks", "ntfys", "rockets", "workflows",
     "xmatters"}
)  # fmt: skip

# How notices go out is decided here; a file or an address elsewhere is nobody's to name.
_OURS = frozenset(
    {"attach", "cto", "redirect", "retry", "rto", "tag", "template", "verify", "wait"}
)
_SCHEMA = re.compile(r"([a-z0-9]{2,20})://", re.IGNORECASE)
_UNSEEN = re.compile(r"[\s\x00-\x1f\x7f-\x9f]")


def service_of(address: str) -> str:
    """The name of the service that this address belongs to. Refuses what notices cannot go to."""
    if _UNSEEN.search(address):
        raise Refused("An address holds no spaces or line breaks.")
    schema = _schema(address)
    if not schema:
        raise Refused("It begins with the service and ://, such as slack:// or twilio://.")
    if schema not in SERVICES:
        raise Refused(_why_not(schema))
    if theirs := sorted(_options(address) & _OURS):
        raise Refused(f"Leave out {theirs[0]}=: how notices are sent is decided by the server.")
    return SERVICES[schema]


def host_of(address: str) -> str:
    """The machine that the address names, or nothing when its service alone knows the way."""
    if _schema(address) not in _ON_A_HOST:
        return ""
    try:
        host = urlsplit(address).hostname or ""
    except ValueError:
        return ""
    return host if "." in host or ":" in host or host == "localhost" else ""


def public(address: str) -> bool:
    """Whether this IP address lies on the public net."""
    try:
        where = ipaddress.ip_address(address.split("%", maxsplit=1)[0])
    except ValueError:
        return False
    mapped = getattr(where, "ipv4_mapped", None)
    return (mapped or where).is_global and not (mapped or where).is_multicast


def _options(address: str) -> set[str]:
    """The names of all that stands behind a question mark, wherever a reader may see one."""
    behind = unquote(address).partition("?")[2]
    names = (part.partition("=")[0] for part in re.split(r"[?&;#]", behind))
    return {name.strip().lower().lstrip("+-:") for name in names}


def _schema(address: str) -> str:
    found = _SCHEMA.match(address)
    return found[1].lower() if found else ""


def _why_not(schema: str) -> str:
    if f"{schema}s" in SERVICES:
        return f"Write {schema}s:// in place of {schema}://: notices go out encrypted only."
    if schema in ("http", "https"):
        return "Write it as the service's own address, such as slack://; or choose Webhook."
    return "Notices cannot go to such an address. Below are the services that they can go to."
