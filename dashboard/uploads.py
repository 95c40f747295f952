"""A file between its preview and its import: kept on the server, for an hour, for one person."""

import os
import secrets
from pathlib import Path
from time import time

from django.conf import settings
from django.http import HttpRequest

KEPT_FOR_S = 3600
IN_SESSION = "upload"


def keep(request: HttpRequest, raw: bytes) -> None:
    """Keep this file for the person who sent it; an earlier one of theirs goes."""
    forget(request)
    name = secrets.token_hex(16)
    folder = _folder()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    _sweep(folder)
    file = os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(file, "wb") as kept:
        kept.write(raw)
    request.session[IN_SESSION] = name


def kept(request: HttpRequest) -> bytes | None:
    """The file this person sent last, if it is still there."""
    path = _path(request)
    try:
        return path.read_bytes() if path else None
    except FileNotFoundError:
        return None


def forget(request: HttpRequest) -> None:
    path = _path(request)
    if path:
        path.unlink(missing_ok=True)
        del request.session[IN_SESSION]


def _path(request: HttpRequest) -> Path | None:
    name = request.session.get(IN_SESSION)
    return _folder() / name if name else None


def _folder() -> Path:
    return Path(settings.VAR_DIR) / "uploads"


def _sweep(folder: Path) -> None:
    for path in folder.iterdir():
        if time() - path.stat().st_mtime > KEPT_FOR_S:
            path.unlink(missing_ok=True)
