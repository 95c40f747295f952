from django.db import migrations, models

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
        migrations.RunSQL(TOLD_ONCE, migrations.RunSQL.noop),
    ]
