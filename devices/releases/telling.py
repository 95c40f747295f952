"""What the ledger says of a release."""

from typing import Any

from devices.releases.models import Release


def subject_of(release: Release) -> str:
    return f"{release.kind} {release.version}"


def facts_of(release: Release) -> dict[str, Any]:
    return {
        "version": release.version,
        "file": release.file_name,
        "size": release.size,
        "sha256": release.sha256,
    }
