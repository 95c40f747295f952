from django.db import migrations, models

# Clients know what was offered before by its turn's own number; no offer to come has one of those.
NUMBERS = """
CREATE SEQUENCE devices_offers AS integer OWNED BY devices_deployment.offer;
SELECT setval('devices_offers', coalesce(max(id), 0) + 1, FALSE) FROM devices_deployment;
UPDATE devices_deployment SET offer = id WHERE offered_at IS NOT NULL;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('devices', '0038_an_image_that_nobody_needs_is_removed'),
    ]

    operations = [
        migrations.AddField(
            model_name='deployment',
            name='offer',
            field=models.PositiveIntegerField(blank=True, null=True),
        ),
        migrations.AddConstraint(
            model_name='deployment',
            constraint=models.UniqueConstraint(fields=('offer',), name='one_turn_per_offer'),
        ),
        migrations.RunSQL(NUMBERS, 'DROP SEQUENCE devices_offers'),
    ]
