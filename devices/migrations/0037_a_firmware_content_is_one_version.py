from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('devices', '0036_who_changed_a_rollout_does_not_approve_it'),
    ]

    operations = [
        migrations.AddConstraint(
            model_name='release',
            constraint=models.UniqueConstraint(condition=models.Q(('kind', 'firmware'), models.Q(('approved_at', None), ('state', 'recalled'), _negated=True)), fields=('sha256',), name='one_version_per_firmware_content'),
        ),
    ]
