from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('devices', '0037_a_firmware_content_is_one_version'),
    ]

    operations = [
        migrations.AddField(
            model_name='release',
            name='image_removed_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddConstraint(
            model_name='release',
            constraint=models.CheckConstraint(condition=models.Q(('image_removed_at', None), ('state', 'recalled'), _connector='OR'), name='only_a_recalled_release_loses_its_image'),
        ),
    ]
