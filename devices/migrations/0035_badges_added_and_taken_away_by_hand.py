from django.db import migrations, models

# What a file did not bring: it always says badge, and what was added by hand is in the ledger by
# its ending. Badges that were taken away before this are not known any more.
BY_HAND = """
UPDATE devices_credential held SET by_hand = TRUE
FROM devices_officer officer
WHERE officer.id = held.officer_id
  AND (held.kind <> 'badge' OR EXISTS (
      SELECT FROM devices_ledgerentry told
      WHERE told.verb = 'badge added' AND told.subject = 'officer ' || officer.badge_number
        AND told.facts->>'ends_in'
            = '…' || right(held.value, CASE WHEN length(held.value) > 7 THEN 4 ELSE 2 END)))
"""


class Migration(migrations.Migration):

    dependencies = [
        ('devices', '0034_since_when_and_for_which_duty'),
    ]

    operations = [
        migrations.CreateModel(
            name='EndedCredential',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('bare', models.CharField(max_length=64, unique=True)),
                ('ended_at', models.DateTimeField()),
            ],
        ),
        migrations.AddField(
            model_name='credential',
            name='by_hand',
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.RunSQL(BY_HAND, migrations.RunSQL.noop),
    ]
