"""Logs for machines: one JSON object a line, with the request's name and without secrets."""

import json
import logging
import re
from datetime import UTC, datetime

from devices.access.tokens import TokenKind
from fleet.middleware import request_id

LONGEST = 8000  # characters: a device may send us a novel
KINDS = "".join(TokenKind)
SECRETS = re.compile(
    rf"(?i)\b(?P<before>[{KINDS}]\.[a-z0-9]{{8}}\.|(?:bearer|token)\s+(?=\S{{16}})|password['\"]?\s*[=:]\s*['\"]?"
    r"|sessionid=|csrftoken=|://[^:/@\s]*:(?=[^@\s]*@))(?P<secret>[^\s'\"@;,]+)"
)
PLAIN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class JsonLines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "from": record.name,
            "says": without_secrets(record.getMessage()),
        }
        if name := request_id.get():
            line["request"] = name
        if record.exc_info:
            line["because"] = without_secrets(self.formatException(record.exc_info))
        return json.dumps(line | _extra(record), default=str)


def without_secrets(words: str) -> str:
    return SECRETS.sub(r"\g<before>[…]", words)[:LONGEST]


def _extra(record: logging.LogRecord) -> dict[str, object]:
    """What was passed as `extra=`, by the few kinds of value that are safe to print."""
    return {
        name: value
        for name, value in vars(record).items()
        if name not in PLAIN and isinstance(value, int | float | bool)
    }
