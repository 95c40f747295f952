"""`python -m fleet.reset`: the next start begins with nothing. Refused while the fleet runs."""

import os
import shutil
from pathlib import Path

from fleet.paths import var_dir
from fleet.services import places
from fleet.services.group import sole_owner
from fleet.terminal import say

# Only what we made ourselves: VAR_DIR may be a folder that holds more.
OURS = (
    "postgres",
    "redis",
    "logs",
    "sockets",
    "static",
    "database-url",
    "secret-key",
    "beat-schedule*",
    "demo-*",
    "prepared",
    "first-run-code",
    "uploads",
)


def main() -> None:
    if os.environ.get("DATABASE_URL", "").strip():
        raise SystemExit(
            "DATABASE_URL names a database of your own; make reset empties the embedded one "
            "alone. Drop yours with its own tools."
        )
    var = var_dir()
    with sole_owner(var):
        for pattern in OURS:
            for path in var.glob(pattern):
                _remove(path)
        for elsewhere in (places.nobodys_home(var), places.sockets(var)):
            _remove(elsewhere)
    say(f"{var} is empty. The next `make run` starts anew.")


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


if __name__ == "__main__":
    main()
