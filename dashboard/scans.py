"""What a scanned or typed code names: a camera, or the officer whose badge it is."""

from django.db.models import Q, QuerySet

from devices.inventory import codes
from devices.inventory.models import Camera, Officer

LONGEST = 64


def camera_named(cameras: QuerySet[Camera], code: str) -> Camera | None:
    """The one of these cameras with this label, name, serial number, asset tag or other code."""
    if not _sound(code):
        return None
    named = Q(serial__iexact=code) | Q(asset_tag__iexact=code) | Q(codes__value=code)
    digits = code.upper().removeprefix("C")
    if (number := codes.number_on(code)) is not None and number < 2**31:
        named |= Q(number=number)
    elif digits.isascii() and digits.isdigit() and len(digits) < 10:
        named |= Q(number=int(digits))
    return cameras.filter(named).order_by("number").first()


def officer_named(officers: QuerySet[Officer], code: str) -> Officer | None:
    """The one of these officers with this badge number or credential."""
    if not _sound(code):
        return None
    named = Q(badge_number__iexact=code) | Q(credentials__value=code)
    return officers.filter(named, active=True).order_by("badge_number").first()


def stands_on(camera: Camera, code: str) -> bool:
    """Whether this code can be read off the camera alone; its name could be known by heart."""
    return code.upper() not in {camera.name, str(camera.number)}


def _sound(code: str) -> bool:
    return 0 < len(code) <= LONGEST and code.isprintable()
