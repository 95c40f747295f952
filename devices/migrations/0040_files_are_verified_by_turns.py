from django.db import migrations

# Whoever verified has ended with the process that was replaced; nothing was tried since.
NOT_TRIED = "UPDATE devices_release SET tried_at = NULL WHERE tried_at IS NOT NULL"


class Migration(migrations.Migration):

    dependencies = [
        ('devices', '0039_each_offer_has_a_number'),
    ]

    operations = [
        migrations.RenameField(
            model_name='release',
            old_name='verify_by',
            new_name='tried_at',
        ),
        migrations.RunSQL(NOT_TRIED, migrations.RunSQL.noop),
    ]
