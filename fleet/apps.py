from django.apps import AppConfig


class FleetConfig(AppConfig):
    name = "fleet"

    def ready(self) -> None:
        """Whoever enqueues a task finds the broker."""
        from fleet import celery  # noqa: F401
