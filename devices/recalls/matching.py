"""Which cameras a recall covers, as plain SQL: for its sweep, its preview, and for readiness.

``recall`` is the recall, ``c`` the camera and ``h`` its health, as everywhere.
"""

# Of its model and lot, whatever it runs. A recall keeps its lot in capitals.
OF_KIND = """
(recall.model_id IS NULL OR recall.model_id = c.model_id)
AND (recall.lot = '' OR recall.lot = upper(c.lot))"""

COVERS = f"""
{OF_KIND} AND (recall.firmware_version = '' OR recall.firmware_version = h.firmware_version)"""

CLEARED = """
EXISTS (SELECT FROM devices_recalled cleared
        WHERE cleared.recall_id = recall.id AND cleared.camera_id = c.id
          AND cleared.cleared_at IS NOT NULL)"""

# The name of the first open recall that covers it. There seldom is one, so that is asked once for
# all cameras.
_OPEN = "devices_recall recall WHERE recall.ended_at IS NULL"
_FIRST = f"FROM {_OPEN} AND {COVERS} AND NOT {CLEARED} ORDER BY recall.id LIMIT 1"
RECALLED = f"""
CASE WHEN EXISTS (SELECT FROM {_OPEN}) THEN coalesce((SELECT recall.name {_FIRST}), '')
     ELSE '' END"""
# Since when that recall is open.
RECALLED_AT = f"""
CASE WHEN EXISTS (SELECT FROM {_OPEN}) THEN (SELECT recall.made_at {_FIRST}) END"""
