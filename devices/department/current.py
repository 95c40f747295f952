"""The numbers in force: the installation's own, and over them what the department decided."""

from time import monotonic

from django.conf import settings

from devices.department.models import PolicyVersion
from devices.department.rules import with_decided
from devices.policy import Policy

BELIEVED_FOR_S = 5.0  # a report costs no query for this; a decision holds everywhere by then


class _Remembered:
    def __init__(self) -> None:
        self.policy: Policy | None = None
        self.read_at = 0.0


_remembered = _Remembered()


def policy() -> Policy:
    """The department's numbers as they are now, at most ``BELIEVED_FOR_S`` seconds old."""
    known = _remembered.policy
    if known is None or monotonic() - _remembered.read_at > BELIEVED_FOR_S:
        known = _remembered.policy = as_decided()
        _remembered.read_at = monotonic()
    return known


def as_decided() -> Policy:
    """The same, asked of the database."""
    newest = PolicyVersion.objects.order_by("-number").values_list("decided", flat=True).first()
    return with_decided(settings.POLICY, newest or {})


def forget() -> None:
    """Ask again at the next question."""
    _remembered.policy = None
