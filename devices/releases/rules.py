"""What may be received, approved and called behind. Pure."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import Any

from devices.releases.versions import Age, age, is_older

LARGEST = 2 * 1024**3  # bytes: field.md's images have 400 to 900 MB
LONGEST_NOTES = 4000
MOST_VERSIONS = 50
SWU = ".swu"

_FILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,99}")
_VERSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,39}")

# field.md: the patching clock, in days from the approval.
PATCH_WITHIN = {
    "critical": timedelta(days=15),
    "high": timedelta(days=30),
    "medium": timedelta(days=60),
    "low": timedelta(days=90),
}


@dataclass(frozen=True)
class Meta:
    """What the person who uploads says of a release; the image is held to it."""

    file_name: str
    version: str
    models: tuple[int, ...]
    hardware: tuple[str, ...] = ()
    from_versions: tuple[str, ...] = ()
    notes: str = ""
    urgency: str = "low"
    minimum_battery_percent: int = 30
    signature: bytes = b""

    @property
    def signed_inside(self) -> bool:
        """Whether the file is an SWUpdate image, which carries its signature itself."""
        return self.file_name.lower().endswith(SWU)


def refusals(meta: Meta, size: int) -> Iterator[str]:
    """Every reason why a release told so cannot be received, a sentence each."""
    if not _FILE_NAME.fullmatch(meta.file_name) or ".." in meta.file_name:
        yield (
            "A file's name has at most 100 letters, digits, dots, plus, hyphens and underscores, "
            "and begins with a letter or digit."
        )
    if not _VERSION.fullmatch(meta.version):
        yield (
            "A version has at most 40 letters, digits, dots, plus, hyphens and underscores, such "
            "as 4.3.0."
        )
    if not meta.models:
        yield "Say which camera models it is for."
    if meta.urgency not in PATCH_WITHIN:
        yield "Say how urgent it is: critical, high, medium or low."
    if not 0 <= meta.minimum_battery_percent <= 100:
        yield "The least battery is a whole number from 0 to 100 percent."
    yield from _too_much(meta)
    yield from _signature(meta)
    if not size:
        yield "The file is empty."
    if size > LARGEST:
        yield f"The file is larger than {LARGEST // 1024**3} GB."


def _too_much(meta: Meta) -> Iterator[str]:
    if len(meta.notes) > LONGEST_NOTES or not _plain(meta.notes):
        yield f"Notes are plain text of at most {LONGEST_NOTES} characters."
    for named, what in ((meta.hardware, "hardware"), (meta.from_versions, "versions")):
        if len(named) > MOST_VERSIONS or not all(_VERSION.fullmatch(one) for one in named):
            yield (
                f"Name at most {MOST_VERSIONS} {what}, each of letters, digits, dots and hyphens, "
                "with commas."
            )


def _signature(meta: Meta) -> Iterator[str]:
    if meta.signed_inside and meta.signature:
        yield "An SWUpdate image carries its signature inside; send none beside it."
    if meta.signed_inside and not meta.hardware:
        yield "Say which hardware revisions those cameras have; the image is held to it."
    if not meta.signed_inside and not meta.signature:
        yield "It is unsigned: send the detached signature (CMS, DER) with the file."


def _plain(text: str) -> bool:
    return all(char.isprintable() or char in "\n\t" for char in text.replace("\r\n", "\n"))


def against_image(meta: Meta, version: str, hardware: Collection[str]) -> Iterator[str]:
    """Where what an image says of itself differs from what its uploader said."""
    if version != meta.version:
        yield f"The image says it is version {version}; you said {meta.version}."
    for revision in sorted(set(meta.hardware) - set(hardware)):
        said = ", ".join(sorted(hardware)) or "none"
        yield f"The image is not for hardware {revision}; it is for {said}."


_CALLED = {
    "file_name": "file name",
    "models": "camera models",
    "hardware": "hardware",
    "from_versions": "versions it may come from",
    "notes": "notes",
    "urgency": "urgency",
    "minimum_battery_percent": "least battery",
    "signature": "signature",
}


def differing(one: Meta, other: Meta) -> list[str]:
    """What is said otherwise of the same file, in words; in which order is nobody's matter."""
    return [words for name, words in _CALLED.items() if _told(one, name) != _told(other, name)]


def _told(meta: Meta, name: str) -> Any:
    told = getattr(meta, name)
    if isinstance(told, tuple):
        return set(told)
    return told.strip() if isinstance(told, str) else told


def patch_by(urgency: str, approved_at: datetime) -> datetime:
    """Until when every camera should run it."""
    return approved_at + PATCH_WITHIN[urgency]


def days_left(by: datetime, now: datetime) -> int:
    """Whole days until then, counted up; past it, how many days late, negative."""
    return ceil((by - now) / timedelta(days=1))


def is_behind(reported: str, wanted: str) -> bool:
    """Whether a camera that reports this version still has to be brought to ``wanted``.

    One that runs something newer has not; one that said nothing, or something that cannot be
    compared, has.
    """
    return reported != wanted and not is_older(wanted, than=reported)


@dataclass(frozen=True, slots=True)
class Clock:
    """An approved firmware, and by when every camera of its models should run it."""

    release_id: int
    version: str
    approved_at: datetime
    by: datetime

    def follows(self, other: "Clock") -> bool:
        """Whether it is the newer: by its version, or by its approval where nobody can tell."""
        match age(self.version, other.version):
            case Age.NEWER:
                return True
            case Age.OLDER:
                return False
            case _:
                return self.approved_at > other.approved_at


def lacked(reported: str, clocks: Iterable[Clock]) -> list[Clock]:
    """Which of these a camera that reports this version still has to be brought to, by their days.

    The first is the day that counts: what was approved since puts off nothing.
    """
    several = list(clocks)
    runs = next((one for one in several if one.version == reported), None)
    missing = [
        one
        for one in several
        if (one.follows(runs) if runs is not None else is_behind(reported, one.version))
    ]
    return sorted(missing, key=lambda one: one.by)


def newest(clocks: Iterable[Clock]) -> list[Clock]:
    """Those of these that no other one follows."""
    several = list(clocks)
    return [one for one in several if not any(other.follows(one) for other in several)]


def order_text(kind: str, version: str, sha256: str, reason: str) -> str:
    """What is signed to order a rollback, to the byte: one fact a line, each line ended by LF."""
    return (
        "Rollback order\n"
        f"Release: {kind} {version}\n"
        f"SHA-256: {sha256}\n"
        f"Reason: {' '.join(reason.split())}\n"
    )


def meta_from(said: Mapping[str, Any], signature: bytes) -> Meta:
    """What was said, as values; whoever reads it has seen to the types."""
    return Meta(
        file_name=said["file_name"],
        version=said["version"],
        models=tuple(said["models"]),
        hardware=tuple(said["hardware"]),
        from_versions=tuple(said["from_versions"]),
        notes=said["notes"],
        urgency=said["urgency"],
        minimum_battery_percent=said["minimum_battery_percent"],
        signature=signature,
    )
