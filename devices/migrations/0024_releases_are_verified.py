from django.db import migrations, models

# What was signed, and whom the department believed, is kept by the database itself.
RECORDS_ARE_KEPT = """
CREATE OR REPLACE FUNCTION release_is_kept() RETURNS trigger AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF OLD.state <> 'received' THEN
            RAISE EXCEPTION 'a release that verified is never removed';
        END IF;
        RETURN OLD;
    ELSIF OLD.state <> 'received' AND
          (OLD.kind, OLD.version, OLD.key, OLD.size, OLD.sha1, OLD.md5, OLD.sha256, OLD.file_name,
           OLD.hardware, OLD.from_versions, OLD.minimum_battery_percent, OLD.urgency, OLD.signed_by_id,
           OLD.signature, OLD.profile_version_id, OLD.uploaded_at, OLD.uploaded_by_id)
          IS DISTINCT FROM
          (NEW.kind, NEW.version, NEW.key, NEW.size, NEW.sha1, NEW.md5, NEW.sha256, NEW.file_name,
           NEW.hardware, NEW.from_versions, NEW.minimum_battery_percent, NEW.urgency, NEW.signed_by_id,
           NEW.signature, NEW.profile_version_id, NEW.uploaded_at, NEW.uploaded_by_id) THEN
        RAISE EXCEPTION 'what was verified of a release is never changed';
    END IF;
    RETURN NEW;
END $$ LANGUAGE plpgsql;

CREATE FUNCTION certificate_is_kept() RETURNS trigger AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.withdrawn_at IS NOT NULL OR
       (OLD.name, OLD.pem, OLD.fingerprint, OLD.ends_at, OLD.added_at, OLD.added_by_id)
       IS DISTINCT FROM
       (NEW.name, NEW.pem, NEW.fingerprint, NEW.ends_at, NEW.added_at, NEW.added_by_id) THEN
        RAISE EXCEPTION 'a certificate is withdrawn, never changed or removed';
    END IF;
    RETURN NEW;
END $$ LANGUAGE plpgsql;
CREATE TRIGGER certificate_is_kept BEFORE UPDATE OR DELETE ON devices_certificate
    FOR EACH ROW EXECUTE FUNCTION certificate_is_kept();

CREATE FUNCTION rollback_order_is_kept() RETURNS trigger AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.confirmed_at IS NOT NULL OR
       (OLD.release_id, OLD.reason, OLD.signature, OLD.signed_by_id, OLD.ordered_at, OLD.ordered_by_id)
       IS DISTINCT FROM
       (NEW.release_id, NEW.reason, NEW.signature, NEW.signed_by_id, NEW.ordered_at, NEW.ordered_by_id) THEN
        RAISE EXCEPTION 'an order to go back is confirmed once, never changed or removed';
    END IF;
    RETURN NEW;
END $$ LANGUAGE plpgsql;
CREATE TRIGGER rollback_order_is_kept BEFORE UPDATE OR DELETE ON devices_rollbackorder
    FOR EACH ROW EXECUTE FUNCTION rollback_order_is_kept();
"""
NO_GUARDS = """
DROP TRIGGER certificate_is_kept ON devices_certificate;
DROP FUNCTION certificate_is_kept();
DROP TRIGGER rollback_order_is_kept ON devices_rollbackorder;
DROP FUNCTION rollback_order_is_kept();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('devices', '0023_custody_history'),
    ]

    operations = [
        migrations.AddField(
            model_name='release',
            name='signature',
            field=models.BinaryField(default=b''),
        ),
        migrations.AddField(
            model_name='release',
            name='verify_by',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.RunSQL(RECORDS_ARE_KEPT, NO_GUARDS),
    ]
