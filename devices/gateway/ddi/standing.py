"""What polls must know of their cameras: one query for a group, whatever the fleet's size."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import NamedTuple

from devices import planned
from devices.gateway.senders import Sender
from devices.rollouts.rules import ACTIVE, Turn


class Standing(NamedTuple):
    """A camera, where it is, and the turn that is under way, if one is, by its offer.

    ``installed`` is the offer of the last turn that succeeded; ``described``: its client has sent
    its attributes. ``poll_every`` is when its client is to come again.
    """

    camera_id: int
    station_id: int
    dock_id: int | None
    update_stage: str
    offer: int | None
    state: str | None
    running: bool | None
    installed: int | None
    described: bool
    poll_every: timedelta

    def may_be_asked_by(self, sender: Sender) -> bool:
        """The camera itself, a dock of its station, and the dock it sits in."""
        if sender.dock_id is None:
            return sender.camera_id == self.camera_id
        return sender.station_id == self.station_id or sender.dock_id == self.dock_id

    @property
    def asks_to(self) -> str:
        """The link this camera is given: `deploymentBase`, `cancelAction` or none.

        An offer falls away when a desk has taken the camera or its rollout was paused. One that
        was begun stays until it is closed, and is withheld while its proof is awaited: a client
        that restarts before it would install it again.
        """
        match self.state:
            case Turn.CANCELLING:
                return "cancelAction"
            case Turn.INSTALLING:
                return "deploymentBase"
            case Turn.OFFERED if self.running and self.update_stage:
                return "deploymentBase"
            case Turn.DOWNLOADING if self.update_stage:
                return "deploymentBase"
        return ""


_ACTIVE = ", ".join(f"'{one.value}'" for one in sorted(ACTIVE))
_ASKED = f"""
SELECT upper(c.serial), c.id, c.station_id, b.dock_id, c.update_stage, d.offer, d.state,
    r.state = 'running',
    (SELECT s.offer FROM devices_deployment s WHERE s.camera_id = c.id AND s.state = 'succeeded'
     ORDER BY s.ended_at DESC, s.id DESC LIMIT 1),
    a.camera_id IS NOT NULL
FROM devices_camera c
LEFT JOIN devices_camerahealth h ON h.camera_id = c.id AND h.docked
LEFT JOIN devices_bay b ON b.id = h.bay_id
LEFT JOIN devices_deployment d ON d.camera_id = c.id AND d.state IN ({_ACTIVE})
LEFT JOIN devices_rollout r ON r.id = d.rollout_id
LEFT JOIN devices_cameraattributes a ON a.camera_id = c.id
WHERE upper(c.serial) = ANY(%s)
"""


def standings(serials: Sequence[str], poll_every: timedelta) -> list[Standing | None]:
    """How each of these cameras stands, by serial number in capitals; None for an unknown one."""
    with planned.cursor() as cursor:
        cursor.execute(_ASKED, [list(set(serials))])
        found: Mapping[str, Standing] = {
            serial: Standing._make((*rest, poll_every)) for serial, *rest in cursor.fetchall()
        }
    return [found.get(serial) for serial in serials]
