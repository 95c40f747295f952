"""`MAIL_URL`, taken apart for Django. Without one, mails are files in VAR_DIR/mail."""

from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

SCHEMES = ("smtp", "smtps", "smtp+tls")
_PORTS = {"smtp": 25, "smtps": 465, "smtp+tls": 587}


def settings(url: str, folder: Path) -> dict[str, Any]:
    """Django's EMAIL_* settings. A mail server that does not answer is waited for 5 s."""
    if not url:
        backend = "django.core.mail.backends.filebased.EmailBackend"
        return {"EMAIL_BACKEND": backend, "EMAIL_FILE_PATH": folder}
    where = urlsplit(url)
    return {
        "EMAIL_HOST": where.hostname or "",
        "EMAIL_PORT": where.port or _PORTS[where.scheme],
        "EMAIL_HOST_USER": unquote(where.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(where.password or ""),
        "EMAIL_USE_SSL": where.scheme == "smtps",
        "EMAIL_USE_TLS": where.scheme == "smtp+tls",
        "EMAIL_TIMEOUT": 5,
    }
