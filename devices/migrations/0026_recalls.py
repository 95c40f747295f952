import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ('devices', '0025_the_rollout_engine'),
    ]

    operations = [
        migrations.AddField(
            model_name='camera',
            name='lot',
            field=models.CharField(blank=True, db_default='', max_length=40),
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
                'constraints': [
                    models.CheckConstraint(condition=models.Q(('model__isnull', False), ('lot__gt', ''), ('firmware_version__gt', ''), _connector='OR'), name='a_recall_says_which_cameras'),
                    models.CheckConstraint(condition=models.Q(models.Q(('ended_at', None), ('ended_because', '')), models.Q(('ended_at__isnull', False), ('ended_because__gt', '')), _connector='OR'), name='a_recall_ends_for_a_reason'),
                    models.UniqueConstraint(condition=models.Q(('ended_at', None)), fields=('model', 'lot', 'firmware_version'), name='one_open_recall_of_the_same_cameras', nulls_distinct=False),
                ],
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
                'constraints': [
                    models.UniqueConstraint(fields=('recall', 'camera'), name='recalled_once'),
                    models.CheckConstraint(condition=models.Q(models.Q(('cleared_at', None), ('cleared_because', '')), models.Q(('cleared_at__isnull', False), ('cleared_because__gt', '')), _connector='OR'), name='a_camera_is_cleared_for_a_reason'),
                ],
            },
        ),
    ]
