"""What 0001 to 0042 come to: a new installation runs this alone, in a third of the time.

An installation that has run some of those runs the rest of them; they stay for it.
"""

import devices.rollouts.rules
import devices.roster.models
import django.contrib.postgres.constraints
import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.functions.comparison
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models

THE_LEDGER_IS_KEPT = """
CREATE FUNCTION ledger_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the ledger is append-only';
END $$;
CREATE TRIGGER ledger_is_append_only BEFORE UPDATE OR DELETE ON devices_ledgerentry
    FOR EACH ROW EXECUTE FUNCTION ledger_is_append_only();
CREATE TRIGGER ledger_is_never_emptied BEFORE TRUNCATE ON devices_ledgerentry
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_is_append_only();
"""
# Every report rewrites its camera's row: room on each page lets PostgreSQL do it in place.
ROOM_TO_REWRITE = """
ALTER TABLE devices_camerahealth SET (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.02);
ALTER TABLE devices_dockhealth SET (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.02);
"""
TESTS_FAULTS_AND_REPAIRS_ARE_KEPT = """
CREATE FUNCTION test_is_kept() RETURNS trigger AS $$
BEGIN
    RAISE EXCEPTION 'a pre-shift test is never changed or removed';
END $$ LANGUAGE plpgsql;
CREATE TRIGGER test_is_kept BEFORE UPDATE OR DELETE ON devices_preshifttest
    FOR EACH ROW EXECUTE FUNCTION test_is_kept();

CREATE FUNCTION fault_is_kept() RETURNS trigger AS $$
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
CREATE TRIGGER fault_is_kept BEFORE UPDATE OR DELETE ON devices_fault
    FOR EACH ROW EXECUTE FUNCTION fault_is_kept();

CREATE FUNCTION repair_is_kept() RETURNS trigger AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'a repair is never removed';
    ELSIF OLD.returned_at IS NOT NULL THEN
        RAISE EXCEPTION 'an ended repair is never changed';
    ELSIF (OLD.camera_id, OLD.fault_id, OLD.maintainer, OLD.rma_number, OLD.reason,
           OLD.approved_by_id, OLD.sanitised_at, OLD.sanitised_by_id, OLD.sanitised_how,
           OLD.cannot_sanitise, OLD.sent_at)
          IS DISTINCT FROM
          (NEW.camera_id, NEW.fault_id, NEW.maintainer, NEW.rma_number, NEW.reason,
           NEW.approved_by_id, NEW.sanitised_at, NEW.sanitised_by_id, NEW.sanitised_how,
           NEW.cannot_sanitise, NEW.sent_at) THEN
        RAISE EXCEPTION 'what was said when a camera left is never changed';
    END IF;
    RETURN NEW;
END $$ LANGUAGE plpgsql;
CREATE TRIGGER repair_is_kept BEFORE UPDATE OR DELETE ON devices_repair
    FOR EACH ROW EXECUTE FUNCTION repair_is_kept();
"""
CUSTODY_IS_KEPT = """
CREATE FUNCTION custody_is_kept() RETURNS trigger AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'a custody is never removed';
    ELSIF OLD.closed_at IS NOT NULL THEN
        RAISE EXCEPTION 'a custody that has ended is never changed';
    ELSIF (OLD.camera_id, OLD.officer_id, OLD.kind, OLD.loan_of_id, OLD.extra, OLD.opened_at)
          IS DISTINCT FROM
          (NEW.camera_id, NEW.officer_id, NEW.kind, NEW.loan_of_id, NEW.extra, NEW.opened_at) THEN
        RAISE EXCEPTION 'who holds what since when is never changed';
    END IF;
    RETURN NEW;
END $$ LANGUAGE plpgsql;
CREATE TRIGGER custody_is_kept BEFORE UPDATE OR DELETE ON devices_custody
    FOR EACH ROW EXECUTE FUNCTION custody_is_kept();

CREATE FUNCTION custody_event_is_kept() RETURNS trigger AS $$
BEGIN
    RAISE EXCEPTION 'what happened to a custody is never changed or removed';
END $$ LANGUAGE plpgsql;
CREATE TRIGGER custody_event_is_kept BEFORE UPDATE OR DELETE ON devices_custodyevent
    FOR EACH ROW EXECUTE FUNCTION custody_event_is_kept();

ALTER TABLE devices_custody ADD CONSTRAINT one_holder_at_any_moment EXCLUDE USING gist (
    int8range(camera_id, camera_id, '[]') WITH &&,
    tstzrange(opened_at, closed_at) WITH &&);

CREATE FUNCTION custody_is_never_emptied() RETURNS trigger AS $$
BEGIN
    RAISE EXCEPTION 'custody is never emptied';
END $$ LANGUAGE plpgsql;
CREATE TRIGGER custody_is_never_emptied BEFORE TRUNCATE ON devices_custody
    FOR EACH STATEMENT EXECUTE FUNCTION custody_is_never_emptied();
CREATE TRIGGER custody_events_are_never_emptied BEFORE TRUNCATE ON devices_custodyevent
    FOR EACH STATEMENT EXECUTE FUNCTION custody_is_never_emptied();
"""
UPDATES_ARE_KEPT = """
CREATE FUNCTION profile_version_is_kept() RETURNS trigger AS $$
BEGIN
    RAISE EXCEPTION 'a version of a profile is never changed or removed';
END $$ LANGUAGE plpgsql;
CREATE TRIGGER profile_version_is_kept BEFORE UPDATE OR DELETE ON devices_profileversion
    FOR EACH ROW EXECUTE FUNCTION profile_version_is_kept();

CREATE FUNCTION release_is_kept() RETURNS trigger AS $$
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
CREATE TRIGGER release_is_kept BEFORE UPDATE OR DELETE ON devices_release
    FOR EACH ROW EXECUTE FUNCTION release_is_kept();

CREATE FUNCTION deployment_word_is_kept() RETURNS trigger AS $$
BEGIN
    RAISE EXCEPTION 'what was said of a deployment is never changed or removed';
END $$ LANGUAGE plpgsql;
CREATE TRIGGER deployment_word_is_kept BEFORE UPDATE OR DELETE ON devices_deploymentword
    FOR EACH ROW EXECUTE FUNCTION deployment_word_is_kept();

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
WHAT_A_DESK_TOLD_IS_KEPT = """
CREATE FUNCTION desk_closing_is_kept() RETURNS trigger AS $$
BEGIN
    RAISE EXCEPTION 'what a shift at a desk came to is never changed or removed';
END $$ LANGUAGE plpgsql;
CREATE TRIGGER desk_closing_is_kept BEFORE UPDATE OR DELETE ON devices_deskclosing
    FOR EACH ROW EXECUTE FUNCTION desk_closing_is_kept();

CREATE FUNCTION desk_conflict_is_kept() RETURNS trigger AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'what a desk told is never removed';
    ELSIF OLD.settled_at IS NOT NULL THEN
        RAISE EXCEPTION 'what was settled is never changed';
    ELSIF (OLD.request_id, OLD.camera_id, OLD.officer_id, OLD.told, OLD.sentence, OLD.at)
          IS DISTINCT FROM
          (NEW.request_id, NEW.camera_id, NEW.officer_id, NEW.told, NEW.sentence, NEW.at) THEN
        RAISE EXCEPTION 'what a desk told is never changed';
    END IF;
    RETURN NEW;
END $$ LANGUAGE plpgsql;
CREATE TRIGGER desk_conflict_is_kept BEFORE UPDATE OR DELETE ON devices_deskconflict
    FOR EACH ROW EXECUTE FUNCTION desk_conflict_is_kept();

CREATE FUNCTION count_is_kept() RETURNS trigger AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'a count is never removed';
    ELSIF OLD.closed_at IS NOT NULL THEN
        RAISE EXCEPTION 'a count that was closed is never changed';
    ELSIF (OLD.station_id, OLD.started_at, OLD.started_by_id)
          IS DISTINCT FROM (NEW.station_id, NEW.started_at, NEW.started_by_id) THEN
        RAISE EXCEPTION 'where and when a count began is never changed';
    END IF;
    RETURN NEW;
END $$ LANGUAGE plpgsql;
CREATE TRIGGER count_is_kept BEFORE UPDATE OR DELETE ON devices_count
    FOR EACH ROW EXECUTE FUNCTION count_is_kept();

CREATE FUNCTION what_was_counted_is_kept() RETURNS trigger AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        RAISE EXCEPTION 'what was counted is never changed or removed';
    ELSIF EXISTS (SELECT 1 FROM devices_count
                  WHERE id = NEW.count_id AND closed_at IS NOT NULL) THEN
        RAISE EXCEPTION 'nothing is added to a count that was closed';
    END IF;
    RETURN NEW;
END $$ LANGUAGE plpgsql;
CREATE TRIGGER what_was_expected_is_kept BEFORE INSERT OR UPDATE OR DELETE
    ON devices_countexpected FOR EACH ROW EXECUTE FUNCTION what_was_counted_is_kept();
CREATE TRIGGER what_was_scanned_is_kept BEFORE INSERT OR UPDATE OR DELETE
    ON devices_countscan FOR EACH ROW EXECUTE FUNCTION what_was_counted_is_kept();
"""
INSPECTIONS_ARE_KEPT = """
CREATE FUNCTION inspection_is_kept() RETURNS trigger AS $$
BEGIN
    RAISE EXCEPTION 'an inspection is never changed or removed';
END $$ LANGUAGE plpgsql;
CREATE TRIGGER inspection_is_kept BEFORE UPDATE OR DELETE ON devices_inspection
    FOR EACH ROW EXECUTE FUNCTION inspection_is_kept();
"""
OFFERS_ARE_NUMBERED = """
CREATE SEQUENCE devices_offers AS integer OWNED BY devices_deployment.offer;
"""
NOT_KEPT = ''.join(f'DROP FUNCTION {name}() CASCADE;' for name in [
    'ledger_is_append_only',
    'test_is_kept',
    'fault_is_kept',
    'repair_is_kept',
    'custody_is_kept',
    'custody_event_is_kept',
    'custody_is_never_emptied',
    'profile_version_is_kept',
    'release_is_kept',
    'deployment_word_is_kept',
    'certificate_is_kept',
    'rollback_order_is_kept',
    'desk_closing_is_kept',
    'desk_conflict_is_kept',
    'count_is_kept',
    'what_was_counted_is_kept',
    'inspection_is_kept',
])


def indexes_first(apps, schema_editor):
    """Django keeps what it defers until a migration's end. PostgreSQL asks a row's indexes in the
    order in which they were made, and the sentence of the first that refuses is the one told."""
    while schema_editor.deferred_sql:
        schema_editor.execute(schema_editor.deferred_sql.pop(0))


class Migration(migrations.Migration):

    initial = True

    replaces = [
        ('devices', '0001_initial'),
        ('devices', '0002_readiness_rooms'),
        ('devices', '0003_alerts'),
        ('devices', '0004_history'),
        ('devices', '0005_every_entry_says_where_it_came_from'),
        ('devices', '0006_what_a_docks_clock_shows'),
        ('devices', '0007_what_docks_saw'),
        ('devices', '0009_battery'),
        ('devices', '0010_faults'),
        ('devices', '0011_roster'),
        ('devices', '0012_roll_call'),
        ('devices', '0013_wall_screens'),
        ('devices', '0014_promised_for_a_fault'),
        ('devices', '0015_custody'),
        ('devices', '0016_sealed_addresses'),
        ('devices', '0017_updates'),
        ('devices', '0018_custody_is_kept_whole'),
        ('devices', '0019_custody_in_place'),
        ('devices', '0020_dues'),
        ('devices', '0021_counts_and_kiosks'),
        ('devices', '0022_camera_attributes'),
        ('devices', '0023_custody_history'),
        ('devices', '0024_releases_are_verified'),
        ('devices', '0025_the_rollout_engine'),
        ('devices', '0026_recalls'),
        ('devices', '0027_tags_and_speeds'),
        ('devices', '0028_conflicts_without_a_camera'),
        ('devices', '0029_drift_is_repaired'),
        ('devices', '0030_failures_are_forgiven_until'),
        ('devices', '0031_what_was_said_and_when_docks_were_silent'),
        ('devices', '0032_when_a_commander_knew'),
        ('devices', '0033_what_failed_is_not_forgotten'),
        ('devices', '0034_since_when_and_for_which_duty'),
        ('devices', '0035_badges_added_and_taken_away_by_hand'),
        ('devices', '0036_who_changed_a_rollout_does_not_approve_it'),
        ('devices', '0037_a_firmware_content_is_one_version'),
        ('devices', '0038_an_image_that_nobody_needs_is_removed'),
        ('devices', '0039_each_offer_has_a_number'),
        ('devices', '0040_files_are_verified_by_turns'),
        ('devices', '0041_when_alerts_were_last_looked_at'),
        ('devices', '0042_an_inspection_is_kept'),
    ]

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Camera',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField(unique=True)),
                ('serial', models.CharField(max_length=40)),
                ('asset_tag', models.CharField(blank=True, max_length=40)),
                ('lot', models.CharField(blank=True, db_default='', max_length=40)),
                ('supplier', models.CharField(blank=True, max_length=100)),
                ('installed_on', models.DateField(blank=True, null=True)),
                ('service_state', models.CharField(choices=[('in_service', 'In service'), ('out_of_service', 'Out of service'), ('in_repair', 'In repair'), ('lost', 'Lost'), ('retired', 'Retired')], default='in_service', max_length=20)),
                ('service_note', models.CharField(blank=True, max_length=200)),
                ('update_stage', models.CharField(blank=True, choices=[('', 'None'), ('offered', 'Offered'), ('installing', 'Installing')], default='', max_length=10)),
                ('updating_until', models.DateTimeField(blank=True, null=True)),
                ('held_for', models.CharField(blank=True, db_default='', max_length=200)),
                ('held_at', models.DateTimeField(blank=True, null=True)),
                ('tags', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=30), blank=True, db_default=[], default=list, size=None)),
                ('enrolled_at', models.DateTimeField()),
            ],
            options={
                'ordering': ['number'],
                'constraints': [models.UniqueConstraint(django.db.models.functions.text.Upper('serial'), name='one_camera_per_serial'), models.UniqueConstraint(django.db.models.functions.text.Upper('asset_tag'), condition=models.Q(('asset_tag', ''), _negated=True), name='one_camera_per_asset_tag'), models.CheckConstraint(condition=models.Q(models.Q(('held_at', None), ('held_for', '')), models.Q(('held_at__isnull', False), ('held_for__gt', '')), _connector='OR'), name='a_hold_has_its_reason_and_moment')],
            },
        ),
        migrations.CreateModel(
            name='Bay',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveSmallIntegerField()),
                ('mac', models.CharField(blank=True, max_length=17)),
            ],
            options={
                'ordering': ['dock', 'position'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('mac', ''), _negated=True), fields=('mac',), name='one_bay_per_mac')],
            },
        ),
        migrations.CreateModel(
            name='Desk',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=40)),
                ('kind', models.CharField(choices=[('desk', 'Desk'), ('kiosk', 'Kiosk')], default='desk', max_length=5)),
                ('scanner', models.JSONField(blank=True, default=dict)),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'ordering': ['station', 'name'],
            },
        ),
        migrations.CreateModel(
            name='Dock',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=20, unique=True)),
                ('kind', models.CharField(choices=[('multi', 'Dock'), ('single', 'Single dock'), ('vehicle', 'Vehicle')], default='multi', max_length=10)),
                ('place', models.CharField(blank=True, max_length=100)),
                ('maker', models.CharField(blank=True, max_length=60)),
                ('model', models.CharField(blank=True, max_length=60)),
                ('serial', models.CharField(blank=True, max_length=40)),
            ],
            options={
                'ordering': ['code'],
                'constraints': [models.UniqueConstraint(django.db.models.functions.text.Upper('serial'), condition=models.Q(('serial', ''), _negated=True), name='one_dock_per_serial')],
            },
        ),
        migrations.CreateModel(
            name='EndedCredential',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('bare', models.CharField(max_length=64, unique=True)),
                ('ended_at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='HistoryMark',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('folded_until', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='Officer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('badge_number', models.CharField(max_length=20, unique=True)),
                ('unit', models.CharField(blank=True, max_length=60)),
                ('active', models.BooleanField(default=True)),
                ('suspended_because', models.CharField(blank=True, max_length=200)),
                ('user', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='officer', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['badge_number'],
            },
        ),
        migrations.CreateModel(
            name='LedgerHead',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('seq', models.BigIntegerField(default=0)),
                ('hash', models.CharField(default='0000000000000000000000000000000000000000000000000000000000000000', max_length=64)),
            ],
        ),
        migrations.CreateModel(
            name='Looked',
            fields=[
                ('pace', models.CharField(max_length=10, primary_key=True, serialize=False)),
                ('at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='Shift',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('on', models.DateField()),
                ('begins_at', models.DateTimeField()),
                ('ends_at', models.DateTimeField()),
                ('reserve', models.PositiveSmallIntegerField(default=0)),
            ],
            options={
                'ordering': ['begins_at', 'station'],
                'constraints': [models.CheckConstraint(condition=models.Q(('ends_at__gt', models.F('begins_at'))), name='a_shift_ends_after_it_begins')],
            },
        ),
        migrations.CreateModel(
            name='Pattern',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=20, unique=True)),
                ('days', django.contrib.postgres.fields.ArrayField(base_field=models.PositiveSmallIntegerField(), size=None)),
            ],
        ),
        migrations.CreateModel(
            name='Profile',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.SlugField(max_length=30, unique=True)),
                ('words', models.CharField(blank=True, max_length=200)),
            ],
            options={
                'ordering': ['name'],
            },
        ),
        migrations.CreateModel(
            name='Screen',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=60, unique=True)),
                ('theme', models.CharField(choices=[('clock', 'By the time of day'), ('light', 'Light'), ('dark', 'Dark')], default='clock', max_length=5)),
                ('made_at', models.DateTimeField()),
                ('seen_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'ordering': ['name'],
            },
        ),
        migrations.CreateModel(
            name='ShiftKind',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=20, unique=True)),
                ('name', models.CharField(max_length=60)),
                ('begins', models.TimeField()),
                ('ends', models.TimeField()),
                ('reserve', models.PositiveSmallIntegerField(default=0)),
            ],
            options={
                'ordering': ['begins', 'code'],
            },
        ),
        migrations.CreateModel(
            name='Station',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=20, unique=True)),
                ('name', models.CharField(max_length=100)),
                ('pool', models.BooleanField(default=False)),
            ],
            options={
                'ordering': ['code'],
            },
        ),
        migrations.CreateModel(
            name='Alert',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('rule', models.CharField(max_length=40)),
                ('subject', models.CharField(max_length=60)),
                ('name', models.CharField(max_length=80)),
                ('words', models.CharField(max_length=300)),
                ('value', models.CharField(blank=True, max_length=60)),
                ('limit', models.CharField(blank=True, max_length=60)),
                ('severity', models.CharField(choices=[('minor', 'Minor'), ('major', 'Major'), ('critical', 'Critical')], max_length=10)),
                ('place', models.CharField(blank=True, max_length=80)),
                ('address', models.CharField(blank=True, max_length=120)),
                ('began_at', models.DateTimeField()),
                ('fired_at', models.DateTimeField(null=True)),
                ('better_at', models.DateTimeField(null=True)),
                ('cleared_at', models.DateTimeField(null=True)),
                ('seen_at', models.DateTimeField()),
                ('times', models.PositiveIntegerField(default=1)),
                ('turns', django.contrib.postgres.fields.ArrayField(base_field=models.DateTimeField(), default=list, size=None)),
                ('flapping', models.BooleanField(default=False)),
                ('suppressed_why', models.CharField(blank=True, max_length=250)),
                ('suppressed_until', models.DateTimeField(null=True)),
                ('acknowledged_at', models.DateTimeField(null=True)),
                ('note', models.CharField(blank=True, max_length=200)),
                ('told_at', models.DateTimeField(null=True)),
                ('escalated_at', models.DateTimeField(null=True)),
                ('resolved_at', models.DateTimeField(null=True)),
                ('acknowledged_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('cause', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='effects', to='devices.alert')),
                ('station', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='devices.station')),
            ],
            options={
                'ordering': ['-fired_at'],
                'indexes': [models.Index(fields=['-fired_at'], name='alerts_by_time')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('resolved_at', None)), fields=('rule', 'subject'), name='one_open_alert_per_rule_and_subject')],
            },
        ),
        migrations.CreateModel(
            name='ApiToken',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key_id', models.CharField(max_length=8, unique=True)),
                ('digest', models.CharField(max_length=64)),
                ('made_at', models.DateTimeField()),
                ('ends_at', models.DateTimeField(blank=True, null=True)),
                ('revoked_at', models.DateTimeField(blank=True, null=True)),
                ('label', models.CharField(max_length=60)),
                ('scopes', models.JSONField(default=list)),
                ('last_used_at', models.DateTimeField(blank=True, null=True)),
                ('made_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='api_tokens', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Battery',
            fields=[
                ('camera', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='battery', serialize=False, to='devices.camera')),
                ('buffering_percent_h', models.FloatField(null=True)),
                ('buffering_hours_seen', models.FloatField(default=0)),
                ('recording_percent_h', models.FloatField(null=True)),
                ('recording_hours_seen', models.FloatField(default=0)),
                ('sleep_percent_h', models.FloatField(null=True)),
                ('sleep_hours_seen', models.FloatField(default=0)),
                ('duty_percent_h', models.FloatField(null=True)),
                ('charge_percent_h', models.FloatField(null=True)),
                ('top_up_percent_h', models.FloatField(null=True)),
                ('knee_percent', models.FloatField(null=True)),
                ('charge_hours_seen', models.FloatField(default=0)),
                ('recording_share', models.FloatField(null=True)),
                ('capacity_percent', models.FloatField(null=True)),
                ('error_share', models.FloatField(null=True)),
                ('learned_at', models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name='CameraAttributes',
            fields=[
                ('camera', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='attributes', serialize=False, to='devices.camera')),
                ('told', models.JSONField(default=dict)),
                ('told_at', models.DateTimeField()),
            ],
        ),
        migrations.AddField(
            model_name='camera',
            name='home_bay',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='home_of', to='devices.bay'),
        ),
        migrations.CreateModel(
            name='CameraCode',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('value', models.CharField(max_length=64, unique=True)),
                ('camera', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='codes', to='devices.camera')),
            ],
        ),
        migrations.CreateModel(
            name='CameraModel',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('maker', models.CharField(max_length=60)),
                ('name', models.CharField(max_length=60)),
                ('radio', models.BooleanField(default=False, help_text='Speaks for itself when away from a dock.')),
                ('battery_hours', models.FloatField(blank=True, help_text='Buffering, when new.', null=True)),
                ('storage_gb', models.PositiveIntegerField(blank=True, null=True)),
                ('firmware_version', models.CharField(blank=True, max_length=40)),
                ('profile_version', models.CharField(blank=True, max_length=40)),
                ('firmware_accepted', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=40), blank=True, default=list, size=None)),
                ('profile_accepted', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=40), blank=True, default=list, size=None)),
            ],
            options={
                'ordering': ['maker', 'name'],
                'constraints': [models.UniqueConstraint(django.db.models.functions.text.Upper('maker'), django.db.models.functions.text.Upper('name'), name='one_model_per_maker_and_name')],
            },
        ),
        migrations.AddField(
            model_name='camera',
            name='model',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='cameras', to='devices.cameramodel'),
        ),
        migrations.CreateModel(
            name='Certificate',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=60, unique=True)),
                ('pem', models.TextField()),
                ('fingerprint', models.CharField(max_length=64, unique=True)),
                ('ends_at', models.DateTimeField()),
                ('added_at', models.DateTimeField()),
                ('withdrawn_at', models.DateTimeField(blank=True, null=True)),
                ('added_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['name'],
            },
        ),
        migrations.CreateModel(
            name='Channel',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('mail', 'E-mail'), ('webhook', 'Webhook'), ('chat', 'Chat, text message or pager')], max_length=10)),
                ('address', models.CharField(max_length=300)),
                ('least', models.CharField(choices=[('minor', 'Minor'), ('major', 'Major'), ('critical', 'Critical')], default='major', max_length=10)),
                ('escalations_only', models.BooleanField(default=False)),
                ('digest', models.BooleanField(default=False)),
                ('salt', models.CharField(blank=True, max_length=40)),
                ('sealed', models.TextField(blank=True)),
                ('made_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(null=True)),
                ('made_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('station', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='devices.station')),
            ],
            options={
                'ordering': ['kind', 'address'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('ended_at', None)), fields=('kind', 'address', 'station'), name='one_channel_per_address_and_station', nulls_distinct=False), models.CheckConstraint(condition=models.Q(models.Q(('ended_at', None), ('kind', 'chat'), ('sealed__gt', '')), models.Q(models.Q(models.Q(('kind', 'chat'), _negated=True), ('ended_at__isnull', False), _connector='OR'), ('sealed', '')), _connector='OR'), name='a_chat_is_sealed_until_it_ends_and_nothing_else_is')],
            },
        ),
        migrations.CreateModel(
            name='Count',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('started_at', models.DateTimeField()),
                ('paused_at', models.DateTimeField(blank=True, null=True)),
                ('closed_at', models.DateTimeField(blank=True, null=True)),
                ('result', models.JSONField(blank=True, default=dict)),
                ('closed_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('started_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('station', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='counts', to='devices.station')),
            ],
            options={
                'ordering': ['-started_at', '-id'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('closed_at', None)), fields=('station',), name='one_open_count_per_station'), models.CheckConstraint(condition=models.Q(models.Q(('closed_at', None), ('closed_by', None)), models.Q(('closed_at__isnull', False), ('closed_by__isnull', False)), _connector='OR'), name='somebody_closes_a_count')],
            },
        ),
        migrations.CreateModel(
            name='Custody',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('personal', 'Own camera'), ('shift', 'For the shift'), ('loan', 'On loan')], max_length=8)),
                ('extra', models.BooleanField(default=False)),
                ('opened_at', models.DateTimeField()),
                ('due_at', models.DateTimeField(blank=True, null=True)),
                ('closed_at', models.DateTimeField(blank=True, null=True)),
                ('camera', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='custodies', to='devices.camera')),
                ('loan_of', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='devices.camera')),
                ('officer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='custodies', to='devices.officer')),
            ],
            options={
                'indexes': [models.Index(fields=['camera', '-opened_at'], name='custodies_of_a_camera'), models.Index(fields=['officer', '-opened_at'], name='custodies_of_an_officer'), models.Index(condition=models.Q(('closed_at', None)), fields=['due_at'], name='custodies_due'), models.Index(fields=['-opened_at', '-id'], name='custodies_by_time'), models.Index(condition=models.Q(('closed_at', None), ('kind__in', ('shift', 'loan'))), fields=['camera'], name='custodies_for_a_shift')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('closed_at', None)), fields=('camera',), name='one_open_custody_per_camera'), models.UniqueConstraint(condition=models.Q(('closed_at', None), ('extra', False), ('kind__in', ('shift', 'loan'))), fields=('officer',), name='one_shift_custody_per_officer'), models.CheckConstraint(condition=models.Q(('closed_at', None), ('closed_at__gte', models.F('opened_at')), _connector='OR'), name='a_custody_closes_after_it_opens'), models.CheckConstraint(condition=models.Q(('kind', 'loan'), ('loan_of', None), _connector='OR'), name='only_a_loan_stands_in')],
            },
        ),
        migrations.CreateModel(
            name='DeskRequest',
            fields=[
                ('event_id', models.UUIDField(primary_key=True, serialize=False)),
                ('seq', models.BigIntegerField()),
                ('asked', models.CharField(max_length=64)),
                ('raw', models.CharField(max_length=120)),
                ('scanned_at', models.DateTimeField()),
                ('received_at', models.DateTimeField()),
                ('clock_offset_ms', models.BigIntegerField(default=0)),
                ('changed_at', models.DateTimeField(null=True)),
                ('result', models.CharField(blank=True, max_length=12)),
                ('answer', models.JSONField(default=dict)),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('camera', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='devices.camera')),
                ('desk', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='requests', to='devices.desk')),
            ],
            options={
                'indexes': [models.Index(fields=['desk', '-received_at'], name='requests_of_a_desk')],
            },
        ),
        migrations.CreateModel(
            name='DockHealth',
            fields=[
                ('boot', models.IntegerField(null=True)),
                ('received', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), default=list, size=None)),
                ('heard_at', models.DateTimeField(null=True)),
                ('hearing', models.CharField(choices=[('never', 'Never heard'), ('heard', 'Heard'), ('late', 'Late'), ('silent', 'Silent')], default='never', max_length=10)),
                ('expected_by', models.DateTimeField(null=True)),
                ('dock', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='health', serialize=False, to='devices.dock')),
                ('clock_behind_s', models.FloatField(null=True)),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='DeviceToken',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key_id', models.CharField(max_length=8, unique=True)),
                ('digest', models.CharField(max_length=64)),
                ('made_at', models.DateTimeField()),
                ('ends_at', models.DateTimeField(blank=True, null=True)),
                ('revoked_at', models.DateTimeField(blank=True, null=True)),
                ('camera', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='tokens', to='devices.camera')),
                ('made_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('dock', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='tokens', to='devices.dock')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('camera__isnull', False), ('dock', None)), models.Q(('camera', None), ('dock__isnull', False)), _connector='OR'), name='a_token_is_for_one_device')],
            },
        ),
        migrations.AddField(
            model_name='bay',
            name='dock',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='bays', to='devices.dock'),
        ),
        migrations.CreateModel(
            name='DockSilence',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('began_at', models.DateTimeField()),
                ('detected_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(null=True)),
                ('dock', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='silences', to='devices.dock')),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('ended_at', None)), fields=('dock',), name='one_open_silence_per_dock')],
            },
        ),
        migrations.CreateModel(
            name='EarlierBoot',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('boot', models.IntegerField()),
                ('received', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), default=list, size=None)),
                ('camera', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='devices.camera')),
                ('dock', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='devices.dock')),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('dock', None)), fields=('camera', 'boot'), name='one_row_per_camera_boot'), models.UniqueConstraint(condition=models.Q(('camera', None)), fields=('dock', 'boot'), name='one_row_per_dock_boot')],
            },
        ),
        migrations.CreateModel(
            name='Forecast',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('made_at', models.DateTimeField()),
                ('for_at', models.DateTimeField()),
                ('hours', models.FloatField()),
                ('low_hours', models.FloatField()),
                ('high_hours', models.FloatField()),
                ('actual_hours', models.FloatField(null=True)),
                ('settled_at', models.DateTimeField(null=True)),
                ('camera', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='forecasts', to='devices.camera')),
            ],
            options={
                'indexes': [models.Index(fields=['settled_at', 'for_at'], name='forecasts_to_settle')],
                'constraints': [models.UniqueConstraint(fields=('camera', 'for_at'), name='one_forecast_per_camera_and_moment')],
            },
        ),
        migrations.CreateModel(
            name='Interval',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(max_length=12)),
                ('from_at', models.DateTimeField()),
                ('until_at', models.DateTimeField(null=True)),
                ('heard', models.BooleanField()),
                ('place', models.CharField(blank=True, max_length=24)),
                ('cause', models.CharField(max_length=12)),
                ('detected_at', models.DateTimeField()),
                ('camera', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='intervals', to='devices.camera')),
            ],
            options={
                'ordering': ['from_at'],
                'indexes': [models.Index(fields=['camera', '-from_at'], name='intervals_of_a_camera')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('until_at', None)), fields=('camera',), name='one_open_interval_per_camera'), models.CheckConstraint(condition=models.Q(('until_at', None), ('until_at__gt', models.F('from_at')), _connector='OR'), name='an_interval_ends_after_it_begins')],
            },
        ),
        migrations.CreateModel(
            name='KioskPin',
            fields=[
                ('officer', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='kiosk_pin', serialize=False, to='devices.officer')),
                ('digest', models.CharField(max_length=128)),
                ('set_at', models.DateTimeField()),
                ('wrong_at', django.contrib.postgres.fields.ArrayField(base_field=models.DateTimeField(), default=list, size=None)),
                ('locked_until', models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name='DeskConflict',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('told', models.CharField(max_length=12)),
                ('sentence', models.CharField(max_length=300)),
                ('at', models.DateTimeField()),
                ('settled_at', models.DateTimeField(blank=True, null=True)),
                ('settled_how', models.CharField(blank=True, max_length=200)),
                ('camera', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='devices.camera')),
                ('settled_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('request', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='conflict', to='devices.deskrequest')),
                ('officer', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='devices.officer')),
            ],
            options={
                'ordering': ['-at'],
                'indexes': [models.Index(condition=models.Q(('settled_at', None)), fields=['at'], name='open_desk_conflicts')],
            },
        ),
        migrations.CreateModel(
            name='CustodyEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('verb', models.CharField(choices=[('checked_out', 'Checked out'), ('checked_in', 'Checked in'), ('transferred', 'Transferred'), ('taken', 'Taken on duty'), ('assigned', 'Given as own camera'), ('taken_back', 'Taken back'), ('undone', 'Undone'), ('corrected', 'Corrected'), ('reported_lost', 'Reported lost'), ('found', 'Found'), ('extended', 'Due later')], max_length=14)),
                ('via', models.CharField(choices=[('desk', 'At a desk'), ('kiosk', 'At a kiosk'), ('page', 'On a page'), ('dock', 'By docking'), ('import', 'By import'), ('api', 'By a program')], max_length=6)),
                ('at', models.DateTimeField()),
                ('scanned_at', models.DateTimeField(blank=True, null=True)),
                ('scan', models.UUIDField(blank=True, null=True)),
                ('reason', models.CharField(blank=True, max_length=200)),
                ('authority', models.CharField(blank=True, max_length=20)),
                ('provisional', models.BooleanField(default=False)),
                ('snapshot', models.JSONField(blank=True, default=dict)),
                ('says', models.JSONField(blank=True, default=dict)),
                ('about', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='answered_by', to='devices.custodyevent')),
                ('bay', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='devices.bay')),
                ('by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('camera', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='custody_events', to='devices.camera')),
                ('closed', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='closing_events', to='devices.custody')),
                ('opened', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='opening_events', to='devices.custody')),
                ('desk', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='devices.desk')),
                ('officer', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='custody_events', to='devices.officer')),
            ],
            options={
                'ordering': ['-id'],
                'indexes': [models.Index(fields=['camera', '-id'], name='custody_events_of_a_camera'), models.Index(fields=['officer', '-id'], name='custody_events_of_an_officer'), models.Index(fields=['at'], name='custody_events_by_time'), models.Index(condition=models.Q(('closed', None), ('opened', None)), fields=['camera', 'at'], name='custody_events_beside'), models.Index(condition=models.Q(('about__isnull', False)), fields=['camera'], name='custody_events_that_answer')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('by__isnull', False), ('desk__isnull', False), ('via', 'desk')), models.Q(('desk__isnull', False), ('via', 'kiosk')), models.Q(('by__isnull', False), ('via__in', ('page', 'api'))), ('via__in', ('dock', 'import')), _connector='OR'), name='an_act_has_somebody_and_a_place'), models.UniqueConstraint(condition=models.Q(('scan__isnull', False)), fields=('scan', 'camera'), name='one_event_per_scan'), models.UniqueConstraint(condition=models.Q(('verb', 'undone')), fields=('about',), name='undone_once')],
            },
        ),
        migrations.CreateModel(
            name='Credential',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('badge', 'Badge'), ('rfid', 'RFID card'), ('code', 'Code')], default='badge', max_length=10)),
                ('value', models.CharField(max_length=64, unique=True)),
                ('by_hand', models.BooleanField(db_default=False, default=False)),
                ('officer', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='credentials', to='devices.officer')),
            ],
        ),
        migrations.CreateModel(
            name='CountExpected',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('place', models.CharField(blank=True, max_length=40)),
                ('service_state', models.CharField(max_length=20)),
                ('out', models.BooleanField(default=False)),
                ('camera', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='devices.camera')),
                ('count', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='expected', to='devices.count')),
                ('officer', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='devices.officer')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('count', 'camera'), name='expected_once_in_a_count')],
            },
        ),
        migrations.AddField(
            model_name='camera',
            name='officer',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='cameras', to='devices.officer'),
        ),
        migrations.CreateModel(
            name='KioskToken',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key_id', models.CharField(max_length=8, unique=True)),
                ('digest', models.CharField(max_length=64)),
                ('made_at', models.DateTimeField()),
                ('ends_at', models.DateTimeField(blank=True, null=True)),
                ('revoked_at', models.DateTimeField(blank=True, null=True)),
                ('opened_at', models.DateTimeField(blank=True, null=True)),
                ('desk', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='tokens', to='devices.desk')),
                ('made_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('revoked_at', None)), fields=('desk',), name='one_token_in_force_per_kiosk'), models.CheckConstraint(condition=models.Q(('opened_at__isnull', False), ('ends_at__isnull', False), _connector='OR'), name='a_kiosks_link_ends')],
            },
        ),
        migrations.CreateModel(
            name='KioskVisit',
            fields=[
                ('scan', models.UUIDField(primary_key=True, serialize=False)),
                ('at', models.DateTimeField()),
                ('proven_at', models.DateTimeField(null=True)),
                ('offer_ends_at', models.DateTimeField(null=True)),
                ('settled_at', models.DateTimeField(null=True)),
                ('bay', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='devices.bay')),
                ('camera', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='devices.camera')),
                ('desk', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='visits', to='devices.desk')),
                ('officer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='devices.officer')),
            ],
            options={
                'indexes': [models.Index(fields=['desk', '-at'], name='visits_of_a_kiosk'), models.Index(condition=models.Q(('camera__isnull', False), ('settled_at', None)), fields=['offer_ends_at'], name='offers_of_kiosks')],
            },
        ),
        migrations.CreateModel(
            name='LedgerEntry',
            fields=[
                ('seq', models.BigIntegerField(primary_key=True, serialize=False)),
                ('at', models.DateTimeField()),
                ('roles', models.CharField(blank=True, max_length=120)),
                ('source', models.CharField(blank=True, max_length=45)),
                ('session', models.CharField(blank=True, max_length=16)),
                ('request', models.CharField(blank=True, max_length=64)),
                ('verb', models.CharField(max_length=60)),
                ('subject', models.CharField(db_index=True, max_length=80)),
                ('outcome', models.CharField(choices=[('done', 'Done'), ('denied', 'Denied'), ('failed', 'Failed')], default='done', max_length=10)),
                ('facts', models.JSONField(default=dict)),
                ('hash', models.CharField(max_length=64)),
                ('actor', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='Notice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('once', models.CharField(max_length=120)),
                ('title', models.CharField(max_length=200)),
                ('body', models.TextField()),
                ('made_at', models.DateTimeField()),
                ('due_at', models.DateTimeField()),
                ('tries', models.PositiveSmallIntegerField(default=0)),
                ('sent_at', models.DateTimeField(null=True)),
                ('given_up_at', models.DateTimeField(null=True)),
                ('fault', models.CharField(blank=True, max_length=200)),
                ('channel', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='notices', to='devices.channel')),
                ('person', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='notices', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-made_at'],
                'indexes': [models.Index(condition=models.Q(('given_up_at', None), ('sent_at', None)), fields=['due_at'], name='notices_to_send')],
                'constraints': [models.UniqueConstraint(fields=('channel', 'once'), name='one_notice_per_occasion'), models.UniqueConstraint(fields=('person', 'once'), name='one_notice_per_person_and_occasion'), models.CheckConstraint(condition=models.Q(models.Q(('channel__isnull', False), ('person', None)), models.Q(('channel', None), ('person__isnull', False)), _connector='OR'), name='a_notice_goes_to_a_channel_or_a_person')],
            },
        ),
        migrations.CreateModel(
            name='Outcome',
            fields=[
                ('shift', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='outcome', serialize=False, to='devices.shift')),
                ('at', models.DateTimeField()),
                ('rostered', models.PositiveSmallIntegerField()),
                ('ready', models.PositiveSmallIntegerField()),
                ('unknown', models.PositiveSmallIntegerField()),
                ('spares', models.PositiveSmallIntegerField()),
                ('need', models.PositiveSmallIntegerField()),
                ('reasons', models.JSONField(default=dict)),
            ],
            options={
                'indexes': [models.Index(fields=['at'], name='outcomes_by_time')],
            },
        ),
        migrations.CreateModel(
            name='Inspection',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField()),
                ('found', models.JSONField()),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('shift', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='inspections', to='devices.shift')),
            ],
            options={
                'ordering': ['-at'],
            },
        ),
        migrations.CreateModel(
            name='InHand',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('words', models.CharField(max_length=200)),
                ('at', models.DateTimeField()),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('officer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='devices.officer')),
                ('shift', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='in_hand', to='devices.shift')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('shift', 'officer'), name='one_word_in_hand_per_shift_and_officer')],
            },
        ),
        migrations.CreateModel(
            name='Duty',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('unit', models.CharField(blank=True, max_length=60)),
                ('begins_at', models.DateTimeField()),
                ('ends_at', models.DateTimeField()),
                ('source', models.CharField(choices=[('imported', 'Imported'), ('pattern', 'From the pattern'), ('by_hand', 'By hand')], max_length=10)),
                ('officer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='duties', to='devices.officer')),
                ('shift', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='duties', to='devices.shift')),
            ],
            options={
                'ordering': ['begins_at', 'officer'],
                'indexes': [models.Index(fields=['officer', 'begins_at'], name='duties_of_an_officer')],
                'constraints': [models.UniqueConstraint(fields=('shift', 'officer'), name='one_duty_per_shift'), models.CheckConstraint(condition=models.Q(('ends_at__gt', models.F('begins_at'))), name='a_duty_ends_after_it_begins'), django.contrib.postgres.constraints.ExclusionConstraint(expressions=[(devices.roster.models.OnlyNumber(django.db.models.functions.comparison.Cast('officer', models.BigIntegerField()), django.db.models.functions.comparison.Cast('officer', models.BigIntegerField()), models.Value('[]')), '&&'), (devices.roster.models.TimeRange('begins_at', 'ends_at'), '&&')], name='no_officer_on_two_duties_at_once')],
            },
        ),
        migrations.CreateModel(
            name='Placement',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('docked', models.BooleanField()),
                ('at', models.DateTimeField()),
                ('received_at', models.DateTimeField()),
                ('bay', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='devices.bay')),
                ('camera', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='placements', to='devices.camera')),
                ('said_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='devices.dock')),
            ],
            options={
                'indexes': [models.Index(fields=['camera', '-at'], name='placements_of_a_camera'), django.contrib.postgres.indexes.BrinIndex(fields=['received_at'], name='placements_by_arrival')],
            },
        ),
        migrations.CreateModel(
            name='PolicyVersion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField(unique=True)),
                ('decided', models.JSONField(default=dict)),
                ('reason', models.CharField(max_length=200)),
                ('decided_at', models.DateTimeField()),
                ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-number'],
            },
        ),
        migrations.CreateModel(
            name='PreShiftTest',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.UUIDField(editable=False, null=True, unique=True)),
                ('at', models.DateTimeField()),
                ('confirmed', models.CharField(choices=[('tap', 'By a tap'), ('badge', 'By scanning a badge'), ('camera', 'By scanning the camera')], default='tap', max_length=10)),
                ('passed', models.BooleanField()),
                ('checks', models.JSONField()),
                ('facts', models.JSONField()),
                ('note', models.CharField(blank=True, max_length=400)),
                ('duty_begins_at', models.DateTimeField(null=True)),
                ('duty_ends_at', models.DateTimeField(null=True)),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('camera', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='tests', to='devices.camera')),
                ('officer', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='tests', to='devices.officer')),
            ],
            options={
                'ordering': ['-at'],
                'indexes': [models.Index(fields=['camera', '-at'], name='tests_of_a_camera'), models.Index(fields=['at', 'id'], name='tests_by_time')],
            },
        ),
        migrations.CreateModel(
            name='Fault',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.UUIDField(editable=False, null=True, unique=True)),
                ('code', models.CharField(max_length=32)),
                ('severity', models.CharField(choices=[('minor', 'Minor'), ('major', 'Major'), ('critical', 'Critical')], max_length=10)),
                ('state', models.CharField(choices=[('open', 'Open'), ('acknowledged', 'Acknowledged'), ('in_repair', 'In repair'), ('resolved', 'Resolved')], default='open', max_length=15)),
                ('source', models.CharField(choices=[('camera', 'The camera itself'), ('test', 'Pre-shift test'), ('officer', 'Officer'), ('quartermaster', 'Quartermaster'), ('commander', 'Commander'), ('it', 'IT')], max_length=15)),
                ('words', models.CharField(blank=True, max_length=400)),
                ('facts', models.JSONField(default=dict)),
                ('opened_at', models.DateTimeField()),
                ('told_at', models.DateTimeField(blank=True, null=True)),
                ('acknowledge_by', models.DateTimeField()),
                ('acknowledged_at', models.DateTimeField(blank=True, null=True)),
                ('escalated_at', models.DateTimeField(blank=True, null=True)),
                ('quiet_since', models.DateTimeField(blank=True, null=True)),
                ('resolved_at', models.DateTimeField(blank=True, null=True)),
                ('resolution', models.CharField(blank=True, choices=[('repaired', 'Repaired'), ('replaced', 'Replaced'), ('no_fault', 'No fault found'), ('went_away', 'Went away by itself'), ('graver', 'Told again as critical')], max_length=10)),
                ('resolution_words', models.CharField(blank=True, max_length=400)),
                ('acknowledged_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('camera', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='fault_records', to='devices.camera')),
                ('opened_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('resolved_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('officer', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='fault_records', to='devices.officer')),
                ('test', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='fault_records', to='devices.preshifttest')),
            ],
            options={
                'ordering': ['-opened_at'],
                'indexes': [models.Index(fields=['opened_at'], name='faults_by_time')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('state', 'resolved'), _negated=True), fields=('camera', 'code'), name='one_open_fault_per_camera_and_code')],
            },
        ),
        migrations.CreateModel(
            name='ProfileVersion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField()),
                ('chosen', models.JSONField()),
                ('digest', models.CharField(max_length=64)),
                ('note', models.CharField(blank=True, max_length=200)),
                ('made_at', models.DateTimeField()),
                ('made_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('profile', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='versions', to='devices.profile')),
            ],
            options={
                'ordering': ['profile', '-number'],
                'constraints': [models.UniqueConstraint(fields=('profile', 'number'), name='one_version_of_a_number_per_profile')],
            },
        ),
        migrations.CreateModel(
            name='PutAside',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reason', models.CharField(max_length=200)),
                ('at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('camera', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='put_aside', to='devices.camera')),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('ended_at', None)), fields=('camera',), name='put_aside_once')],
            },
        ),
        migrations.CreateModel(
            name='Quarantined',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('unknown_serial', 'Serial number nobody enrolled'), ('other_station', 'Camera of another station'), ('foreign_serial', 'One token, two serial numbers')], max_length=20)),
                ('serial', models.CharField(max_length=40)),
                ('first_at', models.DateTimeField()),
                ('last_at', models.DateTimeField()),
                ('times', models.PositiveIntegerField(default=1)),
                ('settled_at', models.DateTimeField(blank=True, null=True)),
                ('note', models.CharField(blank=True, max_length=200)),
                ('camera', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='devices.camera')),
                ('dock', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='quarantined', to='devices.dock')),
                ('settled_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('settled_at', None)), fields=('kind', 'serial', 'dock', 'camera'), name='one_open_quarantine_per_serial_and_sender', nulls_distinct=False)],
            },
        ),
        migrations.CreateModel(
            name='Reading',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField()),
                ('received_at', models.DateTimeField()),
                ('device_time', models.DateTimeField()),
                ('clock_wrong', models.BooleanField()),
                ('boot', models.IntegerField()),
                ('sequence', models.BigIntegerField()),
                ('mode', models.CharField(max_length=10)),
                ('docked', models.BooleanField()),
                ('battery_percent', models.SmallIntegerField()),
                ('battery_state', models.CharField(max_length=12)),
                ('battery_health_percent', models.SmallIntegerField(null=True)),
                ('storage_free_mb', models.IntegerField()),
                ('bytes_waiting', models.BigIntegerField()),
                ('offload', models.CharField(max_length=12)),
                ('firmware_version', models.CharField(max_length=40)),
                ('temperature_c', models.FloatField(null=True)),
                ('faults', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=32), default=list, size=None)),
                ('camera', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='readings', to='devices.camera')),
            ],
            options={
                'indexes': [models.Index(fields=['camera', '-at'], name='readings_of_a_camera'), django.contrib.postgres.indexes.BrinIndex(fields=['at'], name='readings_by_time'), django.contrib.postgres.indexes.BrinIndex(fields=['received_at'], name='readings_by_arrival')],
            },
        ),
        migrations.CreateModel(
            name='ReadingDay',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField()),
                ('readings', models.IntegerField()),
                ('battery_lowest', models.SmallIntegerField()),
                ('battery_highest', models.SmallIntegerField()),
                ('recording_minutes', models.IntegerField()),
                ('docked_minutes', models.IntegerField()),
                ('temperature_highest', models.FloatField(null=True)),
                ('camera', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='days', to='devices.camera')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('camera', 'day'), name='one_row_per_camera_and_day')],
            },
        ),
        migrations.CreateModel(
            name='Recall',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=60)),
                ('reason', models.CharField(max_length=200)),
                ('lot', models.CharField(blank=True, max_length=40)),
                ('firmware_version', models.CharField(blank=True, max_length=40)),
                ('made_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('ended_because', models.CharField(blank=True, max_length=200)),
                ('ended_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('made_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('model', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='recalls', to='devices.cameramodel')),
            ],
            options={
                'ordering': ['-made_at', '-id'],
                'constraints': [models.CheckConstraint(condition=models.Q(('model__isnull', False), ('lot__gt', ''), ('firmware_version__gt', ''), _connector='OR'), name='a_recall_says_which_cameras'), models.CheckConstraint(condition=models.Q(models.Q(('ended_at', None), ('ended_because', '')), models.Q(('ended_at__isnull', False), ('ended_because__gt', '')), _connector='OR'), name='a_recall_ends_for_a_reason'), models.UniqueConstraint(condition=models.Q(('ended_at', None)), fields=('model', 'lot', 'firmware_version'), name='one_open_recall_of_the_same_cameras', nulls_distinct=False)],
            },
        ),
        migrations.CreateModel(
            name='Recalled',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('joined_at', models.DateTimeField()),
                ('came_in_at', models.DateTimeField(blank=True, null=True)),
                ('cleared_at', models.DateTimeField(blank=True, null=True)),
                ('cleared_because', models.CharField(blank=True, max_length=200)),
                ('camera', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='recalls', to='devices.camera')),
                ('cleared_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('recall', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='cameras', to='devices.recall')),
            ],
            options={
                'ordering': ['recall', 'camera'],
                'constraints': [models.UniqueConstraint(fields=('recall', 'camera'), name='recalled_once'), models.CheckConstraint(condition=models.Q(models.Q(('cleared_at', None), ('cleared_because', '')), models.Q(('cleared_at__isnull', False), ('cleared_because__gt', '')), _connector='OR'), name='a_camera_is_cleared_for_a_reason')],
            },
        ),
        migrations.CreateModel(
            name='Release',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('firmware', 'Firmware'), ('profile', 'Device profile')], max_length=8)),
                ('version', models.CharField(max_length=40)),
                ('hardware', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=40), blank=True, default=list, size=None)),
                ('from_versions', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=40), blank=True, default=list, size=None)),
                ('notes', models.TextField(blank=True)),
                ('urgency', models.CharField(choices=[('critical', 'Critical: 15 days'), ('high', 'High: 30 days'), ('medium', 'Medium: 60 days'), ('low', 'Low: 90 days')], default='low', max_length=8)),
                ('minimum_battery_percent', models.PositiveSmallIntegerField(default=30)),
                ('file_name', models.CharField(max_length=100)),
                ('key', models.CharField(max_length=100, unique=True)),
                ('size', models.BigIntegerField()),
                ('sha1', models.CharField(max_length=40)),
                ('md5', models.CharField(max_length=32)),
                ('sha256', models.CharField(max_length=64)),
                ('signature', models.BinaryField(default=b'')),
                ('state', models.CharField(choices=[('received', 'Being verified'), ('verified', 'Waiting for approval'), ('approved', 'Approved'), ('recalled', 'Recalled')], default='received', max_length=9)),
                ('tried_at', models.DateTimeField(blank=True, null=True)),
                ('uploaded_at', models.DateTimeField()),
                ('approved_at', models.DateTimeField(blank=True, null=True)),
                ('recalled_at', models.DateTimeField(blank=True, null=True)),
                ('recalled_because', models.CharField(blank=True, max_length=200)),
                ('image_removed_at', models.DateTimeField(blank=True, null=True)),
                ('approved_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('fits', models.ManyToManyField(related_name='releases', to='devices.cameramodel')),
                ('profile_version', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='release', to='devices.profileversion')),
                ('signed_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to='devices.certificate')),
                ('uploaded_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-uploaded_at'],
                'constraints': [models.UniqueConstraint(fields=('kind', 'version'), name='one_content_per_kind_and_version'), models.UniqueConstraint(condition=models.Q(('kind', 'firmware'), models.Q(('approved_at', None), ('state', 'recalled'), _negated=True)), fields=('sha256',), name='one_version_per_firmware_content'), models.CheckConstraint(condition=models.Q(('approved_by', None), models.Q(('approved_by', models.F('uploaded_by')), _negated=True), _connector='OR'), name='nobody_approves_their_own_release'), models.CheckConstraint(condition=models.Q(models.Q(('kind', 'firmware'), ('profile_version', None)), models.Q(('kind', 'profile'), ('profile_version__isnull', False)), _connector='OR'), name='a_profile_release_is_of_a_profile'), models.CheckConstraint(condition=models.Q(('image_removed_at', None), ('state', 'recalled'), _connector='OR'), name='only_a_recalled_release_loses_its_image')],
            },
        ),
        migrations.CreateModel(
            name='Repair',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.UUIDField(editable=False, null=True, unique=True)),
                ('maintainer', models.CharField(max_length=100)),
                ('rma_number', models.CharField(blank=True, max_length=60)),
                ('reason', models.CharField(max_length=400)),
                ('sanitised_at', models.DateTimeField(blank=True, null=True)),
                ('sanitised_how', models.CharField(blank=True, max_length=100)),
                ('cannot_sanitise', models.CharField(blank=True, max_length=200)),
                ('sent_at', models.DateTimeField(blank=True, null=True)),
                ('returned_at', models.DateTimeField(blank=True, null=True)),
                ('work_done', models.CharField(blank=True, max_length=400)),
                ('parts_replaced', models.CharField(blank=True, max_length=400)),
                ('checked_after', models.CharField(blank=True, max_length=200)),
                ('approved_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('camera', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='repairs', to='devices.camera')),
                ('fault', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='repairs', to='devices.fault')),
                ('returned_to', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('sanitised_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-sent_at'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('returned_at', None)), fields=('camera',), name='one_open_repair_per_camera'), models.CheckConstraint(condition=models.Q(('returned_at', None), ('returned_at__gte', models.F('sent_at')), _connector='OR'), name='nothing_returns_before_it_left'), models.CheckConstraint(condition=models.Q(('sent_at', None), ('sanitised_at__isnull', False), models.Q(('cannot_sanitise', ''), _negated=True), _connector='OR'), name='nothing_leaves_unsanitised_unsaid')],
            },
        ),
        migrations.CreateModel(
            name='Reservation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('title', models.CharField(blank=True, max_length=60)),
                ('begins_at', models.DateTimeField()),
                ('ends_at', models.DateTimeField()),
                ('reason', models.CharField(max_length=200)),
                ('made_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('camera', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='reservations', to='devices.camera')),
                ('ended_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('made_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('officer', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='reservations', to='devices.officer')),
            ],
            options={
                'ordering': ['begins_at', 'camera'],
                'indexes': [models.Index(condition=models.Q(('ended_at', None)), fields=['ends_at'], name='reservations_to_come')],
                'constraints': [models.CheckConstraint(condition=models.Q(('ends_at__gt', models.F('begins_at'))), name='a_reservation_ends_after_it_begins'), models.CheckConstraint(condition=models.Q(models.Q(('officer__isnull', False), ('title', '')), models.Q(('officer', None), ('title__gt', '')), _connector='OR'), name='a_reservation_is_for_an_officer_or_an_event'), django.contrib.postgres.constraints.ExclusionConstraint(condition=models.Q(('ended_at', None)), expressions=[(devices.roster.models.OnlyNumber(django.db.models.functions.comparison.Cast('camera', models.BigIntegerField()), django.db.models.functions.comparison.Cast('camera', models.BigIntegerField()), models.Value('[]')), '&&'), (devices.roster.models.TimeRange('begins_at', 'ends_at'), '&&')], name='no_camera_reserved_twice_at_once')],
            },
        ),
        migrations.CreateModel(
            name='RollbackOrder',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reason', models.CharField(max_length=200)),
                ('signature', models.BinaryField()),
                ('ordered_at', models.DateTimeField()),
                ('confirmed_at', models.DateTimeField(blank=True, null=True)),
                ('confirmed_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('ordered_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('release', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='rollback_orders', to='devices.release')),
                ('signed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='devices.certificate')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('confirmed_by', None), models.Q(('confirmed_by', models.F('ordered_by')), _negated=True), _connector='OR'), name='nobody_confirms_their_own_order')],
            },
        ),
        migrations.CreateModel(
            name='Rollout',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=60)),
                ('state', models.CharField(choices=[('draft', 'Draft'), ('approved', 'Approved'), ('running', 'Running'), ('paused', 'Paused'), ('finished', 'Finished'), ('aborted', 'Aborted')], default=devices.rollouts.rules.Course['DRAFT'], max_length=8)),
                ('wanted', models.JSONField(default=dict)),
                ('windows', models.JSONField(default=list)),
                ('success_percent', models.PositiveSmallIntegerField(default=95)),
                ('soak', models.DurationField()),
                ('most_failures', models.PositiveIntegerField(default=2)),
                ('most_failures_percent', models.PositiveSmallIntegerField(default=5)),
                ('most_per_dock', models.PositiveSmallIntegerField(default=2)),
                ('most_per_station', models.PositiveSmallIntegerField(default=8)),
                ('most_at_once', models.PositiveSmallIntegerField(default=16)),
                ('most_mbit_each', models.PositiveSmallIntegerField(default=25)),
                ('made_at', models.DateTimeField()),
                ('started_at', models.DateTimeField(blank=True, null=True)),
                ('paused_because', models.CharField(blank=True, max_length=200)),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('forgiven_at', models.DateTimeField(blank=True, null=True)),
                ('approved_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('changed_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('made_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('order', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='rollouts', to='devices.rollbackorder')),
                ('release', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='rollouts', to='devices.release')),
                ('repairs_of', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='repairs', to='devices.rollout')),
            ],
            options={
                'ordering': ['-made_at'],
                'constraints': [models.CheckConstraint(condition=models.Q(('approved_by', None), models.Q(models.Q(('approved_by', models.F('made_by')), _negated=True), models.Q(('approved_by', models.F('changed_by')), _negated=True)), _connector='OR'), name='nobody_approves_their_own_rollout')],
            },
        ),
        migrations.CreateModel(
            name='RuleChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('rule', models.CharField(max_length=40)),
                ('enabled', models.BooleanField(default=True)),
                ('severity', models.CharField(choices=[('minor', 'Minor'), ('major', 'Major'), ('critical', 'Critical')], max_length=10)),
                ('opens_after', models.DurationField()),
                ('clears_after', models.DurationField()),
                ('limit', models.FloatField(null=True)),
                ('reason', models.CharField(max_length=200)),
                ('at', models.DateTimeField()),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-pk'],
                'indexes': [models.Index(fields=['rule', '-id'], name='changes_of_a_rule')],
            },
        ),
        migrations.CreateModel(
            name='ScreenToken',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key_id', models.CharField(max_length=8, unique=True)),
                ('digest', models.CharField(max_length=64)),
                ('made_at', models.DateTimeField()),
                ('ends_at', models.DateTimeField(blank=True, null=True)),
                ('revoked_at', models.DateTimeField(blank=True, null=True)),
                ('opened_at', models.DateTimeField(blank=True, null=True)),
                ('made_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('screen', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='tokens', to='devices.screen')),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('revoked_at', None)), fields=('screen',), name='one_token_in_force_per_screen'), models.CheckConstraint(condition=models.Q(('opened_at__isnull', False), ('ends_at__isnull', False), _connector='OR'), name='a_link_that_waits_has_an_end')],
            },
        ),
        migrations.CreateModel(
            name='ServiceChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('before', models.CharField(choices=[('in_service', 'In service'), ('out_of_service', 'Out of service'), ('in_repair', 'In repair'), ('lost', 'Lost'), ('retired', 'Retired')], max_length=20)),
                ('after', models.CharField(choices=[('in_service', 'In service'), ('out_of_service', 'Out of service'), ('in_repair', 'In repair'), ('lost', 'Lost'), ('retired', 'Retired')], max_length=20)),
                ('reason', models.CharField(max_length=200)),
                ('at', models.DateTimeField()),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('camera', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='service_changes', to='devices.camera')),
            ],
            options={
                'ordering': ['-at'],
                'indexes': [models.Index(fields=['camera', '-at'], name='service_changes_of_a_camera')],
            },
        ),
        migrations.AddField(
            model_name='shift',
            name='kind',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='shifts', to='devices.shiftkind'),
        ),
        migrations.CreateModel(
            name='Rotation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('first_on', models.DateField()),
                ('last_on', models.DateField(blank=True, null=True)),
                ('unit', models.CharField(blank=True, max_length=60)),
                ('officer', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='rotations', to='devices.officer')),
                ('pattern', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='devices.pattern')),
                ('kind', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='devices.shiftkind')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('last_on', None), ('last_on__gte', models.F('first_on')), _connector='OR'), name='a_rotation_ends_after_it_begins'), django.contrib.postgres.constraints.ExclusionConstraint(expressions=[(devices.roster.models.OnlyNumber(django.db.models.functions.comparison.Cast('officer', models.BigIntegerField()), django.db.models.functions.comparison.Cast('officer', models.BigIntegerField()), models.Value('[]')), '&&'), (devices.roster.models.DateRange('first_on', 'last_on', models.Value('[]')), '&&')], name='no_officer_in_two_rotations_at_once')],
            },
        ),
        migrations.CreateModel(
            name='Silence',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('began_at', models.DateTimeField()),
                ('detected_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(null=True)),
                ('camera', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='silences', to='devices.camera')),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('ended_at', None)), fields=('camera',), name='one_open_silence_per_camera')],
            },
        ),
        migrations.CreateModel(
            name='StandIn',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('offered_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('handed_at', models.DateTimeField(blank=True, null=True)),
                ('camera', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='stand_ins', to='devices.camera')),
                ('fault', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='stand_ins', to='devices.fault')),
                ('offered_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('officer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='stand_ins', to='devices.officer')),
                ('shift', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='stand_ins', to='devices.shift')),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('ended_at', None)), fields=('shift', 'officer'), name='one_open_stand_in_per_officer_and_shift'), models.UniqueConstraint(condition=models.Q(('ended_at', None)), fields=('shift', 'camera'), name='one_open_stand_in_per_camera_and_shift')],
            },
        ),
        migrations.AddField(
            model_name='shift',
            name='station',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='shifts', to='devices.station'),
        ),
        migrations.AddField(
            model_name='screen',
            name='stations',
            field=models.ManyToManyField(related_name='screens', to='devices.station'),
        ),
        migrations.CreateModel(
            name='Quiet',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('silence', 'Silence'), ('maintenance', 'Maintenance')], max_length=12)),
                ('reason', models.CharField(max_length=200)),
                ('begins_at', models.DateTimeField()),
                ('ends_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(null=True)),
                ('alert', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='quiets', to='devices.alert')),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('dock', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='devices.dock')),
                ('ended_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('station', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='devices.station')),
            ],
            options={
                'ordering': ['ends_at'],
                'constraints': [models.CheckConstraint(condition=models.Q(('ends_at__gt', models.F('begins_at'))), name='a_quiet_ends_after_it_begins'), models.CheckConstraint(condition=models.Q(models.Q(('alert__isnull', False), ('dock', None), ('kind', 'silence'), ('station', None)), models.Q(('alert', None), ('kind', 'maintenance'), ('station__isnull', False)), _connector='OR'), name='a_quiet_is_for_one_alert_or_one_place')],
            },
        ),
        migrations.CreateModel(
            name='Posting',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='postings', to=settings.AUTH_USER_MODEL)),
                ('station', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='postings', to='devices.station')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('user', 'station'), name='one_posting_per_station')],
            },
        ),
        migrations.AddField(
            model_name='officer',
            name='station',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='officers', to='devices.station'),
        ),
        migrations.AddField(
            model_name='dock',
            name='station',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='docks', to='devices.station'),
        ),
        migrations.AddField(
            model_name='desk',
            name='station',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='desks', to='devices.station'),
        ),
        migrations.CreateModel(
            name='CountScan',
            fields=[
                ('event_id', models.UUIDField(primary_key=True, serialize=False)),
                ('raw', models.CharField(max_length=120)),
                ('at', models.DateTimeField()),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('camera', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='devices.camera')),
                ('count', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='scans', to='devices.count')),
                ('officer', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='devices.officer')),
                ('station', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='devices.station')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('count', 'camera'), name='scanned_once_in_a_count')],
            },
        ),
        migrations.AddField(
            model_name='camera',
            name='station',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='cameras', to='devices.station'),
        ),
        migrations.CreateModel(
            name='Assignment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('tag', models.CharField(blank=True, db_default='', max_length=30)),
                ('unit', models.CharField(blank=True, max_length=60)),
                ('at', models.DateTimeField()),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('camera', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='devices.camera')),
                ('model', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='devices.cameramodel')),
                ('profile', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='assignments', to='devices.profile')),
                ('station', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='devices.station')),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('unit', ''), _negated=True), fields=('unit',), name='one_profile_per_unit'), models.UniqueConstraint(condition=models.Q(('tag', ''), _negated=True), fields=('tag',), name='one_profile_per_tag'), models.CheckConstraint(condition=models.Q(models.Q(('camera__isnull', False), ('model', None), ('station', None), ('tag', ''), ('unit', '')), models.Q(('camera', None), ('model', None), ('station', None), ('unit', ''), models.Q(('tag', ''), _negated=True)), models.Q(('camera', None), ('model', None), ('station', None), ('tag', ''), models.Q(('unit', ''), _negated=True)), models.Q(('camera', None), ('model', None), ('station__isnull', False), ('tag', ''), ('unit', '')), models.Q(('camera', None), ('model__isnull', False), ('station', None), ('tag', ''), ('unit', '')), _connector='OR'), name='a_profile_is_assigned_to_one_thing')],
            },
        ),
        migrations.CreateModel(
            name='TakenOff',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('officer', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='taken_off', to='devices.officer')),
                ('shift', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='taken_off', to='devices.shift')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('shift', 'officer'), name='taken_off_once_per_shift')],
            },
        ),
        migrations.CreateModel(
            name='Wave',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveSmallIntegerField()),
                ('percent', models.PositiveSmallIntegerField(blank=True, null=True)),
                ('count', models.PositiveIntegerField(blank=True, null=True)),
                ('opened_at', models.DateTimeField(blank=True, null=True)),
                ('done_at', models.DateTimeField(blank=True, null=True)),
                ('rollout', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='waves', to='devices.rollout')),
            ],
            options={
                'ordering': ['rollout', 'number'],
                'constraints': [models.UniqueConstraint(fields=('rollout', 'number'), name='one_wave_of_a_number'), models.CheckConstraint(condition=models.Q(models.Q(('count__isnull', False), ('percent', None)), models.Q(('count', None), ('percent__isnull', False)), _connector='OR'), name='a_wave_is_a_share_or_a_number')],
            },
        ),
        migrations.CreateModel(
            name='Deployment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(choices=[('planned', 'Planned'), ('offered', 'Offered'), ('downloading', 'Downloading'), ('installing', 'Installing'), ('awaiting_proof', 'Awaiting proof'), ('cancelling', 'Cancelling'), ('succeeded', 'Succeeded'), ('failed', 'Failed'), ('skipped', 'Skipped'), ('cancelled', 'Cancelled'), ('timed_out', 'Timed out')], default=devices.rollouts.rules.Turn['PLANNED'], max_length=14)),
                ('since', models.DateTimeField()),
                ('by', models.DateTimeField(blank=True, null=True)),
                ('back_by', models.DateTimeField(blank=True, null=True)),
                ('begin_by', models.DateTimeField(blank=True, null=True)),
                ('offered_at', models.DateTimeField(blank=True, null=True)),
                ('offer', models.PositiveIntegerField(blank=True, null=True)),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('failed_at', models.DateTimeField(blank=True, null=True)),
                ('fetched', models.BooleanField(default=False)),
                ('from_version', models.CharField(blank=True, max_length=40)),
                ('boot', models.IntegerField(blank=True, null=True)),
                ('progress_percent', models.PositiveSmallIntegerField(blank=True, null=True)),
                ('reason', models.CharField(blank=True, max_length=300)),
                ('installed_at', models.DateTimeField(blank=True, null=True)),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('said', models.PositiveIntegerField(default=0)),
                ('camera', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='deployments', to='devices.camera')),
                ('rollout', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='deployments', to='devices.rollout')),
                ('wave', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='deployments', to='devices.wave')),
            ],
            options={
                'ordering': ['rollout', 'camera'],
                'indexes': [models.Index(condition=models.Q(('state__in', ['awaiting_proof', 'cancelling', 'downloading', 'installing', 'offered'])), fields=['by'], name='deployments_with_a_deadline'), models.Index(fields=['rollout', 'state'], name='deployments_by_state')],
                'constraints': [models.UniqueConstraint(fields=('rollout', 'camera'), name='one_turn_per_rollout'), models.UniqueConstraint(fields=('offer',), name='one_turn_per_offer'), models.UniqueConstraint(condition=models.Q(('state__in', ['awaiting_proof', 'cancelling', 'downloading', 'installing', 'offered'])), fields=('camera',), name='one_active_deployment_per_camera')],
            },
        ),
        migrations.CreateModel(
            name='Applied',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=64)),
                ('asked', models.CharField(max_length=64)),
                ('answer', models.JSONField(default=dict)),
                ('at', models.DateTimeField(db_index=True)),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('by', 'key'), name='one_answer_per_sender_and_key')],
            },
        ),
        migrations.CreateModel(
            name='CameraHealth',
            fields=[
                ('boot', models.IntegerField(null=True)),
                ('received', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), default=list, size=None)),
                ('heard_at', models.DateTimeField(null=True)),
                ('hearing', models.CharField(choices=[('never', 'Never heard'), ('heard', 'Heard'), ('late', 'Late'), ('silent', 'Silent')], default='never', max_length=10)),
                ('expected_by', models.DateTimeField(null=True)),
                ('camera', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='health', serialize=False, to='devices.camera')),
                ('sequence', models.BigIntegerField(null=True)),
                ('received_at', models.DateTimeField(null=True)),
                ('measured_at', models.DateTimeField(null=True)),
                ('device_time', models.DateTimeField(null=True)),
                ('clock_offset_s', models.FloatField(null=True)),
                ('clock_wrong', models.BooleanField(default=False)),
                ('mode', models.CharField(blank=True, choices=[('off', 'Off'), ('buffering', 'Buffering'), ('recording', 'Recording'), ('sleep', 'Sleep')], max_length=10)),
                ('battery_percent', models.SmallIntegerField(null=True)),
                ('battery_state', models.CharField(blank=True, choices=[('charging', 'Charging'), ('full', 'Full'), ('discharging', 'Discharging')], max_length=12)),
                ('battery_health_percent', models.SmallIntegerField(null=True)),
                ('storage_used_mb', models.IntegerField(null=True)),
                ('storage_free_mb', models.IntegerField(null=True)),
                ('clips_waiting', models.BigIntegerField(null=True)),
                ('bytes_waiting', models.BigIntegerField(null=True)),
                ('offload', models.CharField(blank=True, choices=[('queued', 'Queued'), ('transferring', 'Transferring'), ('complete', 'Complete'), ('failed', 'Failed')], max_length=12)),
                ('firmware_version', models.CharField(blank=True, max_length=40)),
                ('firmware_digest', models.CharField(blank=True, max_length=64)),
                ('profile_version', models.CharField(blank=True, max_length=40)),
                ('profile_digest', models.CharField(blank=True, max_length=64)),
                ('profile_since', models.DateTimeField(null=True)),
                ('temperature_c', models.FloatField(null=True)),
                ('faults', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=32), default=list, size=None)),
                ('latitude', models.FloatField(null=True)),
                ('longitude', models.FloatField(null=True)),
                ('accuracy_m', models.FloatField(null=True)),
                ('docked', models.BooleanField(null=True)),
                ('placed_at', models.DateTimeField(null=True)),
                ('moved_at', models.DateTimeField(null=True)),
                ('seen_docked', models.BooleanField(null=True)),
                ('seen_at', models.DateTimeField(null=True)),
                ('seen_boot', models.IntegerField(null=True)),
                ('seen_sequence', models.BigIntegerField(null=True)),
                ('since', models.DateTimeField(null=True)),
                ('reading_at', models.DateTimeField(null=True)),
                ('locate_number', models.IntegerField(db_default=0, default=0)),
                ('locate_asked_at', models.DateTimeField(null=True)),
                ('bay', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='claimed_by', to='devices.bay')),
                ('seen_bay', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='devices.bay')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='BatteryMonth',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('month', models.DateField()),
                ('capacity_percent', models.FloatField()),
                ('hours_seen', models.FloatField()),
                ('camera', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='battery_months', to='devices.camera')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('camera', 'month'), name='one_battery_row_per_camera_and_month')],
            },
        ),
        migrations.CreateModel(
            name='BatterySpell',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('began_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField()),
                ('docked', models.BooleanField()),
                ('first_percent', models.SmallIntegerField()),
                ('last_percent', models.SmallIntegerField()),
                ('buffering_h', models.FloatField()),
                ('buffering_drop', models.FloatField()),
                ('recording_h', models.FloatField()),
                ('recording_drop', models.FloatField()),
                ('sleep_h', models.FloatField()),
                ('sleep_drop', models.FloatField()),
                ('charge_h', models.FloatField()),
                ('charge_rise', models.FloatField()),
                ('middle_h', models.FloatField()),
                ('middle_rise', models.FloatField()),
                ('top_up_h', models.FloatField()),
                ('top_up_rise', models.FloatField()),
                ('camera', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='battery_spells', to='devices.camera')),
            ],
            options={
                'indexes': [django.contrib.postgres.indexes.BrinIndex(fields=['began_at'], name='battery_spells_by_time')],
                'constraints': [models.UniqueConstraint(fields=('camera', 'began_at'), name='one_battery_spell_per_camera_and_moment')],
            },
        ),
        migrations.CreateModel(
            name='DeploymentWord',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField()),
                ('execution', models.CharField(max_length=12)),
                ('finished', models.CharField(blank=True, max_length=8)),
                ('code', models.IntegerField(blank=True, null=True)),
                ('details', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=500), blank=True, default=list, size=None)),
                ('deployment', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='words', to='devices.deployment')),
            ],
            options={
                'ordering': ['id'],
                'indexes': [models.Index(fields=['deployment', 'id'], name='words_of_a_deployment')],
            },
        ),
        migrations.CreateModel(
            name='DeskClosing',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('since', models.DateTimeField()),
                ('at', models.DateTimeField()),
                ('last_event', models.BigIntegerField(default=0)),
                ('issued', models.PositiveIntegerField()),
                ('returned', models.PositiveIntegerField()),
                ('out', models.PositiveIntegerField()),
                ('overdue', models.PositiveIntegerField()),
                ('settled', models.PositiveIntegerField()),
                ('after', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='followed_by', to='devices.deskclosing')),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('desk', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='closings', to='devices.desk')),
            ],
            options={
                'ordering': ['-at'],
                'indexes': [models.Index(fields=['desk', '-at'], name='closings_of_a_desk')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('after', None)), fields=('desk',), name='one_first_closing_per_desk')],
            },
        ),
        migrations.AddConstraint(
            model_name='bay',
            constraint=models.UniqueConstraint(fields=('dock', 'position'), name='one_bay_per_position'),
        ),
        migrations.AddField(
            model_name='kioskpin',
            name='locked_at',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='devices.desk'),
        ),
        migrations.AddField(
            model_name='kioskpin',
            name='set_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddIndex(
            model_name='shift',
            index=models.Index(fields=['begins_at', 'station'], name='shifts_by_time'),
        ),
        migrations.AddConstraint(
            model_name='shift',
            constraint=models.UniqueConstraint(fields=('station', 'kind', 'on'), name='one_shift_per_station_kind_and_day'),
        ),
        migrations.AddConstraint(
            model_name='desk',
            constraint=models.UniqueConstraint(condition=models.Q(('ended_at', None)), fields=('station', 'name'), name='one_desk_of_a_name_per_station'),
        ),
        migrations.AddIndex(
            model_name='camera',
            index=models.Index(fields=['station', 'number'], name='camera_by_station'),
        ),
        migrations.AddConstraint(
            model_name='camera',
            constraint=models.UniqueConstraint(fields=('home_bay',), name='one_camera_at_home_in_a_bay'),
        ),
        migrations.RunPython(indexes_first, migrations.RunPython.noop),
        migrations.RunSQL(THE_LEDGER_IS_KEPT, NOT_KEPT),
        migrations.RunSQL(ROOM_TO_REWRITE, migrations.RunSQL.noop),
        migrations.RunSQL(TESTS_FAULTS_AND_REPAIRS_ARE_KEPT, migrations.RunSQL.noop),
        migrations.RunSQL(CUSTODY_IS_KEPT, migrations.RunSQL.noop),
        migrations.RunSQL(UPDATES_ARE_KEPT, migrations.RunSQL.noop),
        migrations.RunSQL(WHAT_A_DESK_TOLD_IS_KEPT, migrations.RunSQL.noop),
        migrations.RunSQL(INSPECTIONS_ARE_KEPT, migrations.RunSQL.noop),
        migrations.RunSQL(OFFERS_ARE_NUMBERED, migrations.RunSQL.noop),
    ]
