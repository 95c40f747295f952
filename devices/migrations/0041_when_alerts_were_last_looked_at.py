from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('devices', '0040_files_are_verified_by_turns'),
    ]

    operations = [
        migrations.CreateModel(
            name='Looked',
            fields=[
                ('pace', models.CharField(max_length=10, primary_key=True, serialize=False)),
                ('at', models.DateTimeField()),
            ],
        ),
    ]
