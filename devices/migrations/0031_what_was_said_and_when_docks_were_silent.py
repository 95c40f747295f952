import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('devices', '0030_failures_are_forgiven_until'),
    ]

    operations = [
        migrations.AddField(
            model_name='reading',
            name='battery_health_percent',
            field=models.SmallIntegerField(null=True),
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
    ]
