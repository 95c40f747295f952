"""What may be received, approved and called behind. Pure."""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import Any

from devices.releases.versions import is_older

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
