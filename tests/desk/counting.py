"""A station to count, and scans of what stands there."""

from uuid import uuid4

from devices.custody import actions as custody
from devices.custody.actions import Terms, Told
from devices.desk.counts import actions, reading
from devices.desk.counts.actions import Shown
from devices.desk.counts.rules import Standing
from devices.inventory.models import Officer


def shown(*raws, typed=False):
    return [Shown(uuid4(), raw, typed) for raw in raws]


def scan(count, *raws, by, now, typed=False):
    """The answers to these codes, read one after the other."""
    return actions.scan(count, shown(*raws, typed=typed), by=by, now=now)


def lists(count, now):
    """The cameras in each list, by name."""
    found = reading.picture(count, now)
    return {one: [line.camera for line in found.of(one)] for one in Standing}


def says(count, camera, now):
    lines = reading.picture(count, now).lines
    return next(one.says for one in lines if one.camera == str(camera))


def goes_out(camera, badge, *, by, now):
    """The officer takes the camera for a shift."""
    officer = Officer.objects.get(badge_number=badge)
    return custody.check_out(camera, officer, Terms(), told=Told(by=by, now=now))
