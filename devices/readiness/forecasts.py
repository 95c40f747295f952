"""For which duties hours are foretold: the rostered ones, and by habit where nobody rosters.

What was foretold is held against what came (`battery.actions.learn_all`).
"""

from datetime import datetime, timedelta

from devices.battery import actions
from devices.battery.actions import AHEAD
from devices.policy import Policy
from devices.readiness.facts import select

# Asked every hour: a duty is found as long before it as a shift lasts, or as soon as the roster
# says it and its camera is docked. Who stays on from another duty does not come for a camera.
_RUN_EVERY = timedelta(hours=1)
_NEXT = """
SELECT c.id, duty.begins_at
FROM devices_duty duty
JOIN devices_camera c ON c.officer_id = duty.officer_id AND c.service_state = 'in_service'
JOIN devices_camerahealth h ON h.camera_id = c.id AND h.docked
WHERE duty.begins_at > %(now)s AND duty.begins_at < %(until)s
  AND NOT EXISTS (SELECT FROM devices_duty before
                  WHERE before.officer_id = duty.officer_id
                    AND before.begins_at < duty.begins_at
                    AND before.ends_at >= duty.begins_at - %(handover)s)
  AND NOT EXISTS (SELECT FROM devices_forecast told
                  WHERE told.camera_id = c.id AND told.for_at = duty.begins_at)"""

# A week of either side: whoever is off today is rostered all the same.
_ROSTERED = """
SELECT c.id FROM devices_camera c WHERE c.officer_id IN (
    SELECT officer_id FROM devices_duty
    WHERE begins_at > %(now)s - interval '7 days' AND begins_at < %(now)s + interval '7 days')"""


def foretell_next_duties(*, now: datetime, policy: Policy) -> int:
    """Hours are foretold for the docked cameras that go out next; says how many were made.

    An officer's own camera is foretold for the moment at which the officer comes on duty; one
    whose officer is in no roster, for when it usually goes out. Repeating it makes nothing.
    """
    until = now + AHEAD + _RUN_EVERY
    duties = select(_NEXT, now=now, until=until, handover=policy.handover)
    made = actions.foretell([(camera_id, at) for camera_id, at in duties], now=now)
    rostered = {camera_id for (camera_id,) in select(_ROSTERED, now=now)}
    return made + actions.foretell_by_habit(now=now, besides=rostered)
