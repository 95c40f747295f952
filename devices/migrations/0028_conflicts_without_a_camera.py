"""A conflict of a desk is kept even where what was scanned names no camera."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("devices", "0027_tags_and_speeds")]

    operations = [
        migrations.AlterField(
            model_name="deskconflict",
            name="camera",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="devices.camera",
            ),
        ),
    ]
