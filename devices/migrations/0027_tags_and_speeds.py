import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('devices', '0026_recalls'),
    ]

    operations = [
        migrations.AddField(
            model_name='camera',
            name='tags',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=30), blank=True, db_default=[], default=list, size=None),
        ),
        migrations.AddField(
            model_name='rollout',
            name='most_mbit_each',
            field=models.PositiveSmallIntegerField(default=25),
        ),
    ]
