from django.db import migrations, models

# What was offered before may begin as long as it could until now.
AS_KNOWN = """
UPDATE devices_deployment SET failed_at = ended_at WHERE state IN ('failed', 'timed_out');
UPDATE devices_deployment SET begin_by = back_by WHERE state IN ('offered', 'downloading');
"""


class Migration(migrations.Migration):

    dependencies = [
        ('devices', '0032_when_a_commander_knew'),
    ]

    operations = [
        migrations.AddField(
            model_name='deployment',
            name='failed_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='deployment',
            name='begin_by',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.RunSQL(AS_KNOWN, migrations.RunSQL.noop),
    ]
