"""SQL that makes spells of readings, and what follows from them for many cameras at once."""

_OUT = "NOT docked AND mode = '{}'"
_IN = "docked AND battery_state = 'charging' AND {}"
# Columns of hours and percent, what the percent are, and which steps count.
_PARTS = (
    ("buffering_h", "buffering_drop", "-rise", _OUT.format("buffering")),
    ("recording_h", "recording_drop", "-rise", _OUT.format("recording")),
    ("sleep_h", "sleep_drop", "-rise", _OUT.format("sleep")),
    ("charge_h", "charge_rise", "rise", _IN.format("percent + rise <= 70")),
    ("middle_h", "middle_rise", "rise", _IN.format("percent >= 70 AND percent + rise <= 90")),
    ("top_up_h", "top_up_rise", "rise", _IN.format("percent >= 90 AND percent < 100")),
)
_COLUMNS = ", ".join(f"{hours}, {percent}" for hours, percent, *_ in _PARTS)
_HOURS = " + ".join(hours for hours, *_ in _PARTS)
_SUMS = ", ".join(
    f"coalesce(sum({what}) FILTER (WHERE {so}), 0) AS {name}"
    for hours, percent, change, so in _PARTS
    for name, what in ((hours, "hours"), (percent, change))
)

# Each reading speaks for the time until the next of the same spell, in the mode it was in.
# A gap that proves nothing, another boot or another place begins a new spell. One that began
# before the window is whole already, so what lies in the window is made anew and no more.
MAKE_SPELLS = f"""
WITH near AS (
    SELECT camera_id, id, at, boot, docked, mode, battery_state, battery_percent AS percent,
           at - lag(at) OVER w > %(reach)s OR
           (boot, docked) IS DISTINCT FROM (lag(boot) OVER w, lag(docked) OVER w) AS begins
    FROM devices_reading
    WHERE camera_id = ANY(%(cameras)s) AND at >= %(since)s - %(reach)s AND at <= %(now)s
    WINDOW w AS (PARTITION BY camera_id ORDER BY at, id)
), counted AS (
    SELECT *, count(*) FILTER (WHERE begins) OVER (PARTITION BY camera_id ORDER BY at, id) AS spell
    FROM near
), steps AS (
    SELECT *, extract(epoch FROM lead(at) OVER w - at) / 3600.0 AS hours,
           lead(percent) OVER w - percent AS rise
    FROM counted WINDOW w AS (PARTITION BY camera_id, spell ORDER BY at, id)
), summed AS (
    SELECT camera_id, min(at) AS began_at, max(at) AS ended_at, docked,
           (array_agg(percent ORDER BY at, id))[1] AS first_percent,
           (array_agg(percent ORDER BY at DESC, id DESC))[1] AS last_percent, {_SUMS}
    FROM steps GROUP BY camera_id, spell, docked
)
INSERT INTO devices_batteryspell
    (camera_id, began_at, ended_at, docked, first_percent, last_percent, {_COLUMNS})
SELECT camera_id, began_at, ended_at, docked, first_percent, last_percent, {_COLUMNS}
FROM summed WHERE began_at >= %(since)s AND {_HOURS} > 0
"""  # noqa: S608 (made of the constants above)

# What a new battery of each model drains in an hour of buffering: from cameras that say how
# worn they are, if enough do; else what the maker says.
_NEW = """
WITH said AS (
    SELECT c.model_id, percentile_cont(0.5) WITHIN GROUP (
               ORDER BY b.buffering_percent_h * h.battery_health_percent / 100.0) AS rate
    FROM devices_battery b
    JOIN devices_camera c ON c.id = b.camera_id
    JOIN devices_camerahealth h ON h.camera_id = b.camera_id
    WHERE b.buffering_hours_seen >= %(enough_h)s AND h.battery_health_percent > 0
    GROUP BY c.model_id HAVING count(*) >= %(enough)s
), new AS (
    SELECT m.id AS model_id, coalesce(said.rate, 100.0 / nullif(m.battery_hours, 0)) AS rate
    FROM devices_cameramodel m LEFT JOIN said ON said.model_id = m.id
)
"""
CAPACITY = (
    _NEW
    + """
UPDATE devices_battery b SET capacity_percent = 100.0 * new.rate / b.buffering_percent_h
FROM devices_camera c JOIN new ON new.model_id = c.model_id
WHERE c.id = b.camera_id AND b.buffering_hours_seen >= %(enough_h)s
"""
)
MONTHS = (
    _NEW
    + """
INSERT INTO devices_batterymonth (camera_id, month, capacity_percent, hours_seen)
SELECT s.camera_id, date_trunc('month', s.began_at, 'UTC')::date,
       100.0 * min(new.rate) * sum(s.buffering_h) / sum(s.buffering_drop), sum(s.buffering_h)
FROM devices_batteryspell s
JOIN devices_camera c ON c.id = s.camera_id JOIN new ON new.model_id = c.model_id
WHERE s.began_at >= date_trunc('month', %(since)s, 'UTC') AND s.began_at <= %(now)s
  AND NOT s.docked AND new.rate > 0
  AND s.buffering_drop BETWEEN s.buffering_h * %(least)s AND s.buffering_h * %(most)s
GROUP BY 1, 2 HAVING sum(s.buffering_h) >= %(enough_h)s AND sum(s.buffering_drop) > 0
ON CONFLICT (camera_id, month) DO UPDATE SET
    capacity_percent = excluded.capacity_percent, hours_seen = excluded.hours_seen
"""
)

# A forecast is settled by the duty that began around its moment: how long its whole charge
# would have lasted at the drain of that duty.
SETTLE = """
UPDATE devices_forecast f SET settled_at = %(now)s, actual_hours =
    s.first_percent * (s.buffering_h + s.recording_h + s.sleep_h)
    / (s.buffering_drop + s.recording_drop + s.sleep_drop)
FROM devices_batteryspell s
WHERE f.settled_at IS NULL AND f.for_at <= %(now)s
  AND s.camera_id = f.camera_id AND NOT s.docked AND s.ended_at <= %(now)s - %(over)s
  AND s.began_at BETWEEN f.for_at - %(around)s AND f.for_at + %(around)s
  AND s.buffering_h + s.recording_h + s.sleep_h >= %(least_h)s
  AND s.buffering_drop + s.recording_drop + s.sleep_drop >= %(least_drop)s
"""
GIVE_UP = """
UPDATE devices_forecast SET settled_at = %(now)s
WHERE settled_at IS NULL AND for_at <= %(now)s - %(given_up)s
"""

# Cameras that sit in a bay and, by the time of day they last went out at, go out in this hour.
GO_OUT_AGAIN = """
WITH last AS (
    SELECT DISTINCT ON (s.camera_id) s.camera_id, s.began_at
    FROM devices_batteryspell s JOIN devices_camerahealth h ON h.camera_id = s.camera_id
    WHERE NOT s.docked AND h.docked AND s.began_at BETWEEN %(from)s - %(recent)s AND %(from)s
      AND s.buffering_h + s.recording_h + s.sleep_h >= %(least_h)s
    ORDER BY s.camera_id, s.began_at DESC
), again AS (
    SELECT camera_id, began_at + interval '1 day'
           * ceil(extract(epoch FROM %(from)s - began_at) / 86400) AS at FROM last
)
SELECT camera_id, at FROM again WHERE at < %(from)s + %(within)s
"""
