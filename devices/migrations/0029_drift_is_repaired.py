import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('devices', '0028_conflicts_without_a_camera'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='assignment',
            name='a_profile_is_assigned_to_one_thing',
        ),
        migrations.AddField(
            model_name='assignment',
            name='tag',
            field=models.CharField(blank=True, db_default='', max_length=30),
        ),
        migrations.AddField(
            model_name='camerahealth',
            name='profile_since',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='rollout',
            name='repairs_of',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='repairs', to='devices.rollout'),
        ),
        migrations.AddConstraint(
            model_name='assignment',
            constraint=models.UniqueConstraint(condition=models.Q(('tag', ''), _negated=True), fields=('tag',), name='one_profile_per_tag'),
        ),
        migrations.AddConstraint(
            model_name='assignment',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('camera__isnull', False), ('model', None), ('station', None), ('tag', ''), ('unit', '')), models.Q(('camera', None), ('model', None), ('station', None), ('unit', ''), models.Q(('tag', ''), _negated=True)), models.Q(('camera', None), ('model', None), ('station', None), ('tag', ''), models.Q(('unit', ''), _negated=True)), models.Q(('camera', None), ('model', None), ('station__isnull', False), ('tag', ''), ('unit', '')), models.Q(('camera', None), ('model__isnull', False), ('station', None), ('tag', ''), ('unit', '')), _connector='OR'), name='a_profile_is_assigned_to_one_thing'),
        ),
    ]
