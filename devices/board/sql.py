"""The board's SQL: the rule of `rules.py` as an expression, and the columns of a card.

Plain SQL because this is the most read thing of the product: it is read again for every
change that somebody is looking at. Everything given by people or devices is a parameter.
"""

from devices.board.rules import IN_REPAIR
from devices.readiness.sql import COUNTED, DISPLACED, FACTS, FIT

BUCKET = f"""
CASE WHEN c.service_state = 'lost' THEN 'lost'
     WHEN c.service_state IN {tuple(sorted(IN_REPAIR))} THEN 'repair'
     WHEN h.docked IS NULL OR h.hearing = 'never' THEN 'unknown'
     WHEN NOT h.docked THEN
         CASE WHEN m.radio AND h.hearing IN ('heard', 'late') AND h.mode = 'recording'
              THEN 'recording' ELSE 'out' END
     WHEN h.hearing = 'silent' OR {DISPLACED} THEN 'unknown'
     WHEN h.mode = 'recording' THEN 'recording'
     WHEN h.battery_state = 'charging' AND h.battery_percent < %(charged)s THEN 'charging'
     ELSE 'docked' END"""

# `rules.standing` of it.
STANDING = f"""
(SELECT CASE WHEN place.bucket = 'unknown' THEN 'unknown'
             WHEN place.bucket IN ('docked', 'charging') THEN {FIT} END
 FROM (SELECT {BUCKET} AS bucket OFFSET 0) AS place)"""  # noqa: S608 (constants)

# Who answers for it now, by HOLDERS: the officer, their badge, how it is held, and the own
# camera's number that a loan stands in for. NULL is nobody. Joined once rather than looked up for
# each: nearly every camera is somebody's.
HOLDERS = """
LEFT JOIN devices_custody held ON held.camera_id = c.id AND held.closed_at IS NULL
LEFT JOIN devices_officer holder ON holder.id = held.officer_id"""
HELD_NOW = """
CASE WHEN held.id IS NOT NULL THEN
    ARRAY[held.officer_id::text, holder.badge_number, held.kind,
          extract(epoch FROM held.due_at)::text,
          CASE WHEN held.loan_of_id IS NOT NULL THEN
              (SELECT own.number::text FROM devices_camera own
               WHERE own.id = held.loan_of_id) END] END"""

# When the last duty that its holder, or else its officer, began is over, if it was not before it
# left its bay: then it is out for one that has yet to begin. Asked of those that are out alone.
DUTY_ENDS_AT = """
CASE WHEN NOT h.docked THEN
    (SELECT max(duty.ends_at) FROM devices_duty duty
     WHERE duty.officer_id = coalesce(held.officer_id, c.officer_id) AND duty.begins_at <= %(now)s
       AND duty.begins_at > %(now)s - interval '7 days'
       AND duty.ends_at > coalesce(h.moved_at, '-infinity')) END"""

# The spare that its officer is on instead. Of few, so all of those are looked up once.
_LOANS = """devices_custody loan WHERE loan.closed_at IS NULL AND loan.kind IN ('shift', 'loan')"""
ON_SPARE = f"""
CASE WHEN c.id IN (SELECT loan.loan_of_id FROM {_LOANS}) THEN
    (SELECT spare.number FROM devices_camera spare
     WHERE spare.id = (SELECT max(loan.camera_id) FROM {_LOANS} AND loan.loan_of_id = c.id)) END"""  # noqa: S608 (constants)

# An officer's own cameras, and those they hold now.
MINE = """
(c.officer_id = %(officer)s OR c.id IN (
    SELECT held.camera_id FROM devices_custody held
    WHERE held.officer_id = %(officer)s AND held.closed_at IS NULL))"""

# What is looked up for some cards only is a sub-select: ten joins took 7 ms to plan.
SHOWN = f"""
SELECT {FACTS},
       c.id, c.number, c.serial, c.officer_id, s.id, s.code, s.name,
       hd.id, hd.code, hd.kind, hd.place, hb.position,
       (SELECT dh.heard_at FROM devices_dockhealth dh
        WHERE dh.dock_id = hd.id AND dh.hearing = 'silent'),
       CASE WHEN held.officer_id = c.officer_id THEN holder.badge_number ELSE
           (SELECT o.badge_number FROM devices_officer o WHERE o.id = c.officer_id) END,
       CASE WHEN h.docked THEN
           (SELECT d.code || '-' || b.position FROM devices_bay b
            JOIN devices_dock d ON d.id = b.dock_id WHERE b.id = h.bay_id) END,
       h.since, {HELD_NOW}, {ON_SPARE}, {DUTY_ENDS_AT}
{COUNTED}
JOIN devices_station s ON s.id = c.station_id
LEFT JOIN devices_bay hb ON hb.id = c.home_bay_id
LEFT JOIN devices_dock hd ON hd.id = hb.dock_id
{HOLDERS}
"""  # noqa: S608 (made of the constants above)

# The part of the rule that an index or the planner's statistics can use, by bucket.
IN_SERVICE = "c.service_state = 'in_service'"
STANDS_IN = {
    "lost": "c.service_state = 'lost'",
    "repair": f"c.service_state IN {tuple(sorted(IN_REPAIR))}",
}

CALLED = """
SELECT id FROM devices_camera WHERE number = %(called)s
UNION SELECT id FROM devices_camera WHERE upper(serial) = %(text)s
UNION SELECT camera.id FROM devices_dock dock JOIN devices_bay bay ON bay.dock_id = dock.id
      JOIN devices_camera camera ON camera.home_bay_id = bay.id WHERE dock.code = %(text)s
UNION SELECT camera.id FROM devices_officer officer
      JOIN devices_camera camera ON camera.officer_id = officer.id
      WHERE %(badges)s AND officer.badge_number = %(text)s
UNION SELECT held.camera_id FROM devices_officer officer
      JOIN devices_custody held ON held.officer_id = officer.id AND held.closed_at IS NULL
      WHERE %(badges)s AND officer.badge_number = %(text)s"""
