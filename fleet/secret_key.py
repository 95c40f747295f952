"""The key that signs sessions, when the environment brings none: made once and kept."""

import secrets
from contextlib import suppress
from pathlib import Path

from fleet.services.places import private, write_private


def kept_in(folder: Path) -> str:
    """The key in `folder`/secret-key (0600), made now if there is none.

    Several processes may start at once: the first link wins, and all read the same key.
    """
    path = folder / "secret-key"
    if not path.exists():
        private(folder)
        draft = folder / f"secret-key.{secrets.token_hex(4)}"
        write_private(draft, secrets.token_urlsafe(64))
        with suppress(FileExistsError):
            path.hardlink_to(draft)
        draft.unlink()
    return path.read_text().strip()
