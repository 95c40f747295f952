from django.db import migrations, models

# Until now their number was kept: the first so many of those that failed.
FORGIVEN_UNTIL = """
UPDATE devices_rollout r SET forgiven_at = (
    SELECT max(first.ended_at) FROM (
        SELECT d.ended_at FROM devices_deployment d
        WHERE d.rollout_id = r.id AND d.state IN ('failed', 'timed_out')
        ORDER BY d.ended_at LIMIT r.failures_forgiven) AS first)
WHERE r.failures_forgiven > 0
"""
FORGIVEN_IN_NUMBER = """
UPDATE devices_rollout r SET failures_forgiven = (
    SELECT count(*) FROM devices_deployment d
    WHERE d.rollout_id = r.id AND d.state IN ('failed', 'timed_out')
      AND d.ended_at <= r.forgiven_at)
"""


class Migration(migrations.Migration):

    dependencies = [
        ('devices', '0029_drift_is_repaired'),
    ]

    operations = [
        migrations.AddField(
            model_name='rollout',
            name='forgiven_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.RunSQL(FORGIVEN_UNTIL, FORGIVEN_IN_NUMBER),
        migrations.RemoveField(
            model_name='rollout',
            name='failures_forgiven',
        ),
    ]
