from django.db import migrations, models

# Until now the moment at which it was opened stood there, whoever told it. A commander knew of what
# they told, and of what they acknowledged; of the rest nobody can prove that one did. Who commands
# is read as it is today, as `actions` does; that they told it as a commander was kept.
KNOWN_AT = """
ALTER TABLE devices_fault DISABLE TRIGGER fault_is_kept;
WITH command AS (
    SELECT posted.user_id, posted.station_id FROM devices_posting posted
    JOIN auth_user_groups member ON member.user_id = posted.user_id
    JOIN auth_group role ON role.id = member.group_id AND role.name = 'Commander'
)
UPDATE devices_fault fault SET told_at = CASE
    WHEN fault.source = 'commander' OR (fault.opened_by_id, camera.station_id) IN (
        SELECT user_id, station_id FROM command) THEN fault.told_at
    WHEN (fault.acknowledged_by_id, camera.station_id) IN (
        SELECT user_id, station_id FROM command) THEN fault.acknowledged_at END
FROM devices_camera camera
WHERE camera.id = fault.camera_id AND fault.told_at IS NOT NULL;
ALTER TABLE devices_fault ENABLE TRIGGER fault_is_kept;
"""

# As in 0010, but that a commander knew is written once, when it comes to be so.
TOLD_ONCE = """
CREATE OR REPLACE FUNCTION fault_is_kept() RETURNS trigger AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'a fault is never removed';
    ELSIF OLD.state = 'resolved' THEN
        RAISE EXCEPTION 'a resolved fault is never changed';
    ELSIF (OLD.camera_id, OLD.code, OLD.severity, OLD.source, OLD.words, OLD.facts, OLD.officer_id,
           OLD.test_id, OLD.opened_at, OLD.opened_by_id, OLD.acknowledge_by)
          IS DISTINCT FROM
          (NEW.camera_id, NEW.code, NEW.severity, NEW.source, NEW.words, NEW.facts, NEW.officer_id,
           NEW.test_id, NEW.opened_at, NEW.opened_by_id, NEW.acknowledge_by)
          OR (OLD.told_at IS NOT NULL AND OLD.told_at IS DISTINCT FROM NEW.told_at)
          OR (OLD.acknowledged_at IS NOT NULL AND
              (OLD.acknowledged_at, OLD.acknowledged_by_id)
              IS DISTINCT FROM (NEW.acknowledged_at, NEW.acknowledged_by_id))
          OR (OLD.escalated_at IS NOT NULL
              AND OLD.escalated_at IS DISTINCT FROM NEW.escalated_at) THEN
        RAISE EXCEPTION 'what was told of a fault is never changed';
    END IF;
    RETURN NEW;
END $$ LANGUAGE plpgsql;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('devices', '0031_what_was_said_and_when_docks_were_silent'),
    ]

    operations = [
        migrations.AlterField(
            model_name='fault',
            name='resolution',
            field=models.CharField(blank=True, choices=[('repaired', 'Repaired'), ('replaced', 'Replaced'), ('no_fault', 'No fault found'), ('went_away', 'Went away by itself'), ('graver', 'Told again as critical')], max_length=10),
        ),
        migrations.RunSQL(KNOWN_AT, migrations.RunSQL.noop),
        migrations.RunSQL(TOLD_ONCE, migrations.RunSQL.noop),
    ]
