from django.db import migrations

IS_KEPT = """
CREATE FUNCTION inspection_is_kept() RETURNS trigger AS $$
BEGIN
    RAISE EXCEPTION 'an inspection is never changed or removed';
END $$ LANGUAGE plpgsql;
CREATE TRIGGER inspection_is_kept BEFORE UPDATE OR DELETE ON devices_inspection
    FOR EACH ROW EXECUTE FUNCTION inspection_is_kept();
"""
IS_NOT = """
DROP TRIGGER inspection_is_kept ON devices_inspection;
DROP FUNCTION inspection_is_kept();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('devices', '0041_when_alerts_were_last_looked_at'),
    ]

    operations = [migrations.RunSQL(IS_KEPT, IS_NOT)]
