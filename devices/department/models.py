from django.conf import settings
from django.db import models


class PolicyVersion(models.Model):
    """One decision about the department's numbers. The greatest ``number`` is in force.

    ``decided`` holds only what differs from the defaults of `policy.py`, by name: spans in
    seconds, everything else as it is. Rows are never changed or removed.
    """

    number = models.PositiveIntegerField(unique=True)
    decided = models.JSONField(default=dict)
    reason = models.CharField(max_length=200)
    decided_at = models.DateTimeField()
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        ordering = ["-number"]

    def __str__(self) -> str:
        return f"policy {self.number}"
