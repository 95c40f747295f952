"""The present as every page asks of it: this moment, and the numbers in force."""

from django.utils.timezone import now

from devices.board.cards import Asked
from devices.department import current


def present() -> Asked:
    """Now, by the policy that is in force."""
    return Asked(now(), current.policy())
