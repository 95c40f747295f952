"""Where the embedded services keep their files and sockets.

Settings asks as well, so that `manage.py` finds them from another terminal.
"""

import hashlib
import os
import stat
from pathlib import Path
from urllib.parse import quote

LONGEST_SOCKET = 100  # a unix socket's path may have 107 bytes on Linux
NOBODYS_FOLDERS = Path("/var/lib")


def short(var: Path) -> str:
    """A name for this installation that is the same at every start."""
    return hashlib.sha256(bytes(var)).hexdigest()[:12]


def nobodys_home(var: Path) -> Path:
    """The database's folder where it must run as `nobody`, who may not enter VAR_DIR."""
    return NOBODYS_FOLDERS / f"fleet-{short(var)}"


def sockets(var: Path) -> Path:
    """The folder of the sockets: a private one in /tmp when `var` lies too deep for a socket."""
    near = var / "sockets"
    if len(bytes(near / ".s.PGSQL.5432")) <= LONGEST_SOCKET:
        return near
    return Path("/tmp") / f"fleet-{os.getuid()}-{short(var)}"  # noqa: S108 (see `private`)


def private(folder: Path) -> Path:
    """`folder`, made if absent; it is ours, and nobody else may enter it."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid():
        raise SystemExit(f"{folder} belongs to somebody else: remove it or choose another VAR_DIR.")
    if stat.S_IMODE(found.st_mode) != 0o700:
        folder.chmod(0o700)
    return folder


def write_private(path: Path, words: str) -> None:
    """`path` holds exactly `words`, whole or not at all, readable by its owner alone."""
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(words)
    draft.replace(path)


def database_url_file(var: Path) -> Path:
    return var / "database-url"


def database_url(var: Path) -> str:
    """The embedded database's address, written by its first start."""
    path = database_url_file(var)
    if path.exists():
        return path.read_text().strip()
    return f"postgresql://fleet@{quote(str(sockets(var)), safe='')}/fleet"


def redis_socket(var: Path) -> Path:
    return sockets(var) / "redis.sock"


def redis_url(var: Path) -> str:
    return f"unix://{redis_socket(var)}?db=0"
