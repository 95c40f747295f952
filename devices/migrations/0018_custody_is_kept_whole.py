from django.db import migrations

# A unique index guards those that are open; the past is to have one holder at a time as well.
ONE_HOLDER_AT_ANY_MOMENT = """
ALTER TABLE devices_custody ADD CONSTRAINT one_holder_at_any_moment EXCLUDE USING gist (
    int8range(camera_id, camera_id, '[]') WITH &&,
    tstzrange(opened_at, closed_at) WITH &&);
"""
SEVERAL_HOLDERS = "ALTER TABLE devices_custody DROP CONSTRAINT one_holder_at_any_moment;"

# Emptying a table goes past the triggers of its rows.
NEVER_EMPTIED = """
CREATE FUNCTION custody_is_never_emptied() RETURNS trigger AS $$
BEGIN
    RAISE EXCEPTION 'custody is never emptied';
END $$ LANGUAGE plpgsql;
CREATE TRIGGER custody_is_never_emptied BEFORE TRUNCATE ON devices_custody
    FOR EACH STATEMENT EXECUTE FUNCTION custody_is_never_emptied();
CREATE TRIGGER custody_events_are_never_emptied BEFORE TRUNCATE ON devices_custodyevent
    FOR EACH STATEMENT EXECUTE FUNCTION custody_is_never_emptied();
"""
MAY_BE_EMPTIED = """
DROP TRIGGER custody_is_never_emptied ON devices_custody;
DROP TRIGGER custody_events_are_never_emptied ON devices_custodyevent;
DROP FUNCTION custody_is_never_emptied();
"""


class Migration(migrations.Migration):

    dependencies = [
        ("devices", "0017_updates"),
    ]

    operations = [
        migrations.RunSQL(ONE_HOLDER_AT_ANY_MOMENT, SEVERAL_HOLDERS),
        migrations.RunSQL(NEVER_EMPTIED, MAY_BE_EMPTIED),
    ]
