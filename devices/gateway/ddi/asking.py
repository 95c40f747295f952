"""Who asks for which camera: a camera for itself, a dock for a camera of its own."""

from collections.abc import Sequence
from datetime import timedelta

from django.db import close_old_connections
from django.utils.timezone import now

from devices.access import actions as access
from devices.access.models import QuarantineKind
from devices.access.tokens import TokenKind
from devices.department import current
from devices.gateway import doors
from devices.gateway.ddi.standing import Standing, standings
from devices.gateway.ddi.work import in_thread
from devices.gateway.gathering import Gathering
from devices.gateway.http import Refusal
from devices.gateway.senders import Sender

MOST_ASKED = 500  # cameras looked up together
LONGEST_SERIAL = 40
# A client takes two polls to fetch what is offered, and an offer stands for ten minutes
# (`rollouts.rules.LASTS`): however seldom cameras report, their clients ask in time for it.
POLLED_WITHIN = timedelta(minutes=1)
NOT_BELIEVED = "This token does not speak for this camera."
_SCHEMES = {b"targettoken": TokenKind.CAMERA, b"gatewaytoken": TokenKind.DOCK}


def token_in(headers: dict[bytes, bytes]) -> str:
    """The token of an update client; empty when it is not the kind that its scheme is for."""
    scheme, _, said = headers.get(b"authorization", b"").partition(b" ")
    token = said.strip().decode("latin-1")
    kind = _SCHEMES.get(scheme.lower())
    return token if kind and token.startswith(f"{kind.value}.") else ""


async def asked_of(token: str, serial: str) -> Standing:
    """The camera with this serial number, if this token speaks for it; else 401.

    Which cameras there are is nobody's to find out: an unknown one and another's are the same,
    and both are listed for a person to look at.
    """
    sender = await doors.proven(token)
    if sender is None or not 0 < len(serial) <= LONGEST_SERIAL or not serial.isprintable():
        raise Refusal(401, NOT_BELIEVED)
    found = await _cameras.ask(serial.upper())
    if found is None or not found.may_be_asked_by(sender):
        await in_thread(_list, sender, serial, known=found is not None)
        raise Refusal(401, NOT_BELIEVED)
    return found


def _list(sender: Sender, serial: str, *, known: bool) -> None:
    if sender.camera_id is not None:
        kind = QuarantineKind.FOREIGN_SERIAL
    else:
        kind = QuarantineKind.OTHER_STATION if known else QuarantineKind.UNKNOWN_SERIAL
    access.quarantine(kind, [serial], dock_id=sender.dock_id, camera_id=sender.camera_id, now=now())


def _stand(serials: Sequence[str]) -> Sequence[Standing | None]:
    try:
        return standings(serials, min(current.policy().report_every, POLLED_WITHIN))
    finally:
        close_old_connections()


# A thread of its own: polls are answered while images are looked for and feedback is kept.
_cameras: Gathering[str, Standing | None] = Gathering("polls", _stand, threads=1, most=MOST_ASKED)
