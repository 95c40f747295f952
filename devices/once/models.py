from django.conf import settings
from django.db import models


class Applied(models.Model):
    """What a program was answered when it changed something, kept so that it may ask again.

    ``key`` is its Idempotency-Key, ``asked`` stands for what it sent with it.
    """

    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    key = models.CharField(max_length=64)
    asked = models.CharField(max_length=64)
    answer = models.JSONField(default=dict)
    at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["by", "key"], name="one_answer_per_sender_and_key")
        ]

    def __str__(self) -> str:
        return self.key
