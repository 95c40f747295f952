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


class Day:
    """/2026-11-24/."""

    regex = "[0-9]{4}-[0-9]{2}-[0-9]{2}"

    def to_python(self, value: str) -> date:
        return date.fromisoformat(value)

    def to_url(self, value: date | str) -> str:
        return value if isinstance(value, str) else value.isoformat()
