"""`python -m devices.alerts.carrier carry|judge SECONDS`: brings one notice to one service, and
ends, by then at the latest.

A process of its own, because what holds here holds for all that the library does: it connects to
public addresses only, judged when it connects, whatever a name answered before; it speaks https
with certificates checked and follows no redirect; it reads no file but Python's own, writes none,
starts nothing and keeps nothing. What it is told comes by its input, where nobody lists it, and
all that it says is one word and a number, so that no secret can come back. Its memory goes with it.
"""

import json
import logging
import os
import signal
import sys
import sysconfig
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from devices.alerts import services
from devices.errors import Refused

PATIENCE_S = 4.0
MOST_ANSWERED = 256 * 1024
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_NEVER = ("os.exec", "os.fork", "os.posix_spawn", "os.spawn", "os.system", "pty.spawn",
          "socket.bind", "socket.sendmsg", "socket.sendto", "subprocess.Popen")  # fmt: skip


class Verdict(StrEnum):
    """What became of it: all that the carrier says, with the number it was answered."""

    SENT = "sent"
    FIT = "fit"
    UNFIT = "unfit"
    REFUSED = "refused"
    OPEN = "open"
    PRIVATE = "private"
    UNREACHABLE = "unreachable"
    LATE = "late"
    BROKEN = "broken"


@dataclass
class Journey:
    """What happened on the way."""

    kept_from: Verdict | None = None
    answered: int = 0

    @property
    def verdict(self) -> Verdict:
        """Why it did not arrive."""
        return self.kept_from or (Verdict.REFUSED if self.answered else Verdict.UNREACHABLE)


Admits = Callable[[str], bool]


def main(
    act: str, within_s: int, *, admits: Admits = services.public, trusted: str | bool = True
) -> None:
    """Do what the input says; print the verdict and what was answered, or 0.

    ``admits`` says which IP addresses may be connected to, ``trusted`` whose certificates count
    (a file, or True for the public ones).
    """
    signal.alarm(within_s)
    sys.dont_write_bytecode = True
    logging.disable()
    task = json.load(sys.stdin)
    answers, sys.stdout = sys.stdout, sys.stderr
    journey = Journey()
    _travel_strictly(journey, trusted)
    _stay_within(journey, admits)
    verdict = judge(task["address"])
    if act == "carry" and verdict is Verdict.FIT:
        sent = _send(**task)
        verdict = Verdict.SENT if sent else journey.verdict
    print(verdict, journey.answered, file=answers)


def judge(address: str) -> Verdict:
    """Whether the service's own plugin can make something of this address; nothing is sent."""
    try:
        services.service_of(address)
    except Refused:
        return Verdict.UNFIT
    return Verdict.FIT if _plugin(address) is not None else Verdict.UNFIT


def _plugin(address: str) -> Any:
    from apprise import Apprise, AppriseAsset

    asset = AppriseAsset(
        app_id="Camera fleet",
        app_desc="Camera fleet",
        async_mode=False,
        http_redirects=False,
        secure_logging=True,
        storage_mode="memory",
        language="en",
        allow_templates=False,
    )
    return Apprise.instantiate(address, asset=asset)


def _send(address: str, title: str, body: str) -> bool:
    from apprise import Apprise, NotifyFormat, NotifyType
    from apprise.common import OverflowMode

    plugin = _plugin(address)
    plugin.overflow_mode = OverflowMode.TRUNCATE  # the title says it; a pager takes no page
    teller = Apprise(asset=plugin.asset)
    teller.add(plugin)
    return bool(
        teller.notify(
            body, title=title, notify_type=NotifyType.WARNING, body_format=NotifyFormat.TEXT
        )
    )


def _travel_strictly(journey: Journey, trusted: str | bool) -> None:
    """Every request that is made by `requests` from now on is made as this house makes them."""
    import requests

    class Strict(requests.Session):
        def __init__(self) -> None:
            super().__init__()
            self.trust_env = False  # no proxies, no .netrc, no other certificates

        def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:
            if not (request.url or "").lower().startswith("https://"):
                journey.kept_from = Verdict.OPEN
                raise requests.exceptions.InvalidSchema("https only")
            options |= {
                "allow_redirects": False,
                "cert": None,
                "proxies": {},
                "stream": True,
                "timeout": (PATIENCE_S, PATIENCE_S),
                "verify": trusted,
            }
            answer = super().send(request, **options)
            journey.answered = answer.status_code
            answer._content = answer.raw.read(MOST_ANSWERED, decode_content=True)
            answer._content_consumed = True
            answer.close()
            return answer

    requests.sessions.Session = Strict  # type: ignore[misc]


def _stay_within(journey: Journey, admits: Admits) -> None:
    """Python asks before each of these; what is installed here cannot be taken off again."""
    homes = tuple(
        os.path.realpath(sysconfig.get_path(name)) + os.sep
        for name in ("stdlib", "platstdlib", "purelib", "platlib")
    )

    def ask(event: str, args: tuple[Any, ...]) -> None:
        if event == "socket.connect" and not _may_connect(args[1], admits):
            journey.kept_from = Verdict.PRIVATE
            raise PermissionError("not a public address")
        if event in _NEVER or (event == "open" and not _may_open(args, homes)):
            raise PermissionError(event)

    sys.addaudithook(ask)


def _may_connect(address: Any, admits: Admits) -> bool:
    """A name is never connected to, nor a socket of this machine: an IP address alone."""
    return isinstance(address, tuple) and isinstance(address[0], str) and admits(address[0])


def _may_open(args: tuple[Any, ...], homes: tuple[str, ...]) -> bool:
    path, _, flags = args
    if not isinstance(path, str | bytes | os.PathLike):
        return True  # one that is open already
    return not flags & _WRITES and os.path.realpath(os.fsdecode(path)).startswith(homes)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
