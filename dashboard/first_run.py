"""An empty installation belongs to whoever can read its set-up code.

The code lies in a file only this installation's own account can read, so a stranger on the
network who finds a fresh server first cannot claim it. It ends with the first user.
"""

import hmac
import os
import secrets
from pathlib import Path

from django.conf import settings
from django.contrib.auth.models import User

ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # nothing that looks like something else
GROUPS, LETTERS = 3, 4  # 60 bits


def wanted() -> bool:
    """Whether this installation still has nobody: not a demonstration, and no user yet."""
    return not settings.DEMO and not User.objects.exists()


def code_file() -> Path:
    return Path(settings.VAR_DIR) / "first-run-code"


def code() -> str:
    """The set-up code, made the first time it is asked for."""
    path = code_file()
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    with os.fdopen(file, "w") as kept:
        made = "-".join(_group() for _ in range(GROUPS))
        kept.write(f"{made}\n")
    return made


def is_code(typed: str) -> bool:
    """Whether this is the set-up code, however it was spaced."""
    bare = "".join(typed.upper().split()).replace("-", "")
    return hmac.compare_digest(bare.encode(), code().replace("-", "").encode())


def forget_code() -> None:
    code_file().unlink(missing_ok=True)


def _group() -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(LETTERS))
