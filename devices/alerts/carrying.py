"""The carrier, sent out and waited for."""

import json
import subprocess
import sys
from dataclasses import dataclass

from django.conf import settings

from devices.alerts.carrier import Verdict

DEADLINE_S = 12  # under the 15 s after which a notice is due again
_WORDS = {one.value for one in Verdict}


@dataclass(frozen=True)
class Outcome:
    """What became of it; ``answered`` is the service's HTTP status, 0 if it gave none."""

    verdict: Verdict
    answered: int = 0


def carry(address: str, *, title: str, body: str) -> Outcome:
    """Bring this to where the address says."""
    return _sent_out("carry", {"address": address, "title": title, "body": body})


def judge(address: str) -> Verdict:
    """FIT if its service can make something of this address; nothing is sent."""
    return _sent_out("judge", {"address": address}).verdict


def _sent_out(act: str, task: dict[str, str]) -> Outcome:
    """The carrier gets no environment: there is nothing in ours that it needs to know."""
    try:
        done = subprocess.run(  # noqa: S603 (every word of it is ours)
            [sys.executable, "-m", "devices.alerts.carrier", act, str(DEADLINE_S)],
            input=json.dumps(task).encode(),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=settings.BASE_DIR,
            env={},
            timeout=DEADLINE_S + 1,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return Outcome(Verdict.LATE)
    except OSError:
        return Outcome(Verdict.BROKEN)
    return told(done.stdout, done.returncode)


def told(said: bytes, code: int) -> Outcome:
    """What the carrier said, and nothing but what it may say."""
    word, _, number = said.decode("ascii", "replace").strip().partition(" ")
    if code != 0 or word not in _WORDS or not (number.isdecimal() and len(number) <= 3):
        return Outcome(Verdict.LATE if code < 0 else Verdict.BROKEN)
    return Outcome(Verdict(word), int(number))
