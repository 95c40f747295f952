"""The worker's own alarm clock."""

from time import time

from celery import shared_task

from fleet import heartbeats


@shared_task
def worker_heartbeat() -> None:
    """Proves the whole way: beat, Redis, worker."""
    heartbeats.beat("worker", time())
