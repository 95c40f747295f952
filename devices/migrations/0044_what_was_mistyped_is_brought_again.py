from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('devices', '0043_a_location_is_corrected'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='release',
            name='one_content_per_kind_and_version',
        ),
        migrations.AddConstraint(
            model_name='release',
            constraint=models.UniqueConstraint(condition=models.Q(('approved_at', None), ('state', 'recalled'), _negated=True), fields=('kind', 'version'), name='one_content_per_kind_and_version'),
        ),
    ]
