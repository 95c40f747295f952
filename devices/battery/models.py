from django.contrib.postgres.indexes import BrinIndex
from django.db import models

from devices.battery.rules import LEARNED_COLUMNS, Learned


class Battery(models.Model):
    """What a camera's battery has shown so far. Percentages are of what it holds when full.

    A figure is None until there is evidence; `rules.py` then takes the model's. ``…_hours_seen``
    is how many hours of evidence a figure rests on.
    """

    camera = models.OneToOneField(
        "devices.Camera", models.CASCADE, related_name="battery", primary_key=True
    )
    buffering_percent_h = models.FloatField(null=True)
    buffering_hours_seen = models.FloatField(default=0)
    recording_percent_h = models.FloatField(null=True)
    recording_hours_seen = models.FloatField(default=0)
    sleep_percent_h = models.FloatField(null=True)
    sleep_hours_seen = models.FloatField(default=0)
    # Drain of an hour of duty, whatever it is made of.
    duty_percent_h = models.FloatField(null=True)
    # Charging goes at one speed up to a knee and slower above it.
    charge_percent_h = models.FloatField(null=True)
    top_up_percent_h = models.FloatField(null=True)
    knee_percent = models.FloatField(null=True)
    charge_hours_seen = models.FloatField(default=0)
    # Share of a duty hour spent recording.
    recording_share = models.FloatField(null=True)
    # Capacity against the model's when new, in percent.
    capacity_percent = models.FloatField(null=True)
    # In four of five duties the hours were no further off than this share of them.
    error_share = models.FloatField(null=True)
    learned_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"battery of {self.camera}"

    @property
    def learned(self) -> Learned:
        return Learned(*(getattr(self, column) for column in LEARNED_COLUMNS))


class BatterySpell(models.Model):
    """An unbroken spell out of a bay or in one, and what it did to the battery, mode by mode.

    It is the evidence that figures are learnt from. Nothing unknown lies inside: a gap in the
    readings, another boot or a change of place ends it. ``…_h`` are hours, the others percent.
    """

    camera = models.ForeignKey("devices.Camera", models.CASCADE, related_name="battery_spells")
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField()
    docked = models.BooleanField()
    first_percent = models.SmallIntegerField()
    last_percent = models.SmallIntegerField()
    buffering_h = models.FloatField()
    buffering_drop = models.FloatField()
    recording_h = models.FloatField()
    recording_drop = models.FloatField()
    sleep_h = models.FloatField()
    sleep_drop = models.FloatField()
    # Charging below 70 %, from there to 90 % where the knee lies, and above.
    charge_h = models.FloatField()
    charge_rise = models.FloatField()
    middle_h = models.FloatField()
    middle_rise = models.FloatField()
    top_up_h = models.FloatField()
    top_up_rise = models.FloatField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["camera", "began_at"], name="one_battery_spell_per_camera_and_moment"
            )
        ]
        indexes = [BrinIndex(fields=["began_at"], name="battery_spells_by_time")]

    def __str__(self) -> str:
        return f"{self.camera_id} {'in' if self.docked else 'out'} from {self.began_at}"


class BatteryMonth(models.Model):
    """A camera's capacity in one month, so that wear is seen and a retirement can be planned."""

    camera = models.ForeignKey("devices.Camera", models.CASCADE, related_name="battery_months")
    month = models.DateField()
    capacity_percent = models.FloatField()
    hours_seen = models.FloatField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["camera", "month"], name="one_battery_row_per_camera_and_month"
            )
        ]

    def __str__(self) -> str:
        return f"{self.camera_id} in {self.month:%Y-%m}"


class Forecast(models.Model):
    """Hours that were foretold for a duty, and the hours that the battery then had in it."""

    camera = models.ForeignKey("devices.Camera", models.CASCADE, related_name="forecasts")
    made_at = models.DateTimeField()
    for_at = models.DateTimeField()
    hours = models.FloatField()
    low_hours = models.FloatField()
    high_hours = models.FloatField()
    actual_hours = models.FloatField(null=True)
    settled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["camera", "for_at"], name="one_forecast_per_camera_and_moment"
            )
        ]
        indexes = [models.Index(fields=["settled_at", "for_at"], name="forecasts_to_settle")]

    def __str__(self) -> str:
        return f"{self.hours:.1f} h for {self.camera_id}"
