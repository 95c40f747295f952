from django.db import migrations, models

# The last move that history kept says since when; what is older than history, its last word does.
FILLED = """
UPDATE devices_camerahealth health SET moved_at = coalesce(least((
    SELECT move.at FROM devices_placement move
    WHERE move.camera_id = health.camera_id AND move.docked = health.docked
    ORDER BY move.at DESC LIMIT 1), health.placed_at), health.placed_at)
WHERE health.placed_at IS NOT NULL
"""


class Migration(migrations.Migration):

    dependencies = [
        ('devices', '0033_what_failed_is_not_forgotten'),
    ]

    operations = [
        migrations.AddField(
            model_name='camerahealth',
            name='moved_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.RunSQL(FILLED, migrations.RunSQL.noop),
        migrations.AddField(
            model_name='preshifttest',
            name='duty_begins_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='preshifttest',
            name='duty_ends_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddIndex(
            model_name='duty',
            index=models.Index(fields=['officer', 'begins_at'], name='duties_of_an_officer'),
        ),
    ]
