"""How addresses name things."""

from datetime import date

from devices.inventory import codes


class CameraNumber:
    """/cameras/C0417/, as people say it; a plain 417 finds it too."""

    regex = "C?[0-9]{1,9}"

    def to_python(self, value: str) -> int:
        number = int(value.removeprefix("C"))
        if number >= 2**31:
            raise ValueError(value)
        return number

    def to_url(self, value: int | str) -> str:
        return value if isinstance(value, str) else codes.name(value)


class DockCode:
    """/docks/D03/. What no import would take names no dock."""

    regex = "[A-Za-z0-9._-]{1,20}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


class KeyId(DockCode):
    """The public part of a token."""

    regex = "[a-z2-7]{8}"


class Day:
    """/2026-11-24/."""

    regex = "[0-9]{4}-[0-9]{2}-[0-9]{2}"

    def to_python(self, value: str) -> date:
        return date.fromisoformat(value)

    def to_url(self, value: date | str) -> str:
        return value if isinstance(value, str) else value.isoformat()
