"""`python3 -m fleet.provision run|test`: what this checkout needs is installed in .venv.

Runs before there is anything to import, with whatever Python the machine has: the
standard library only, and nothing newer than Python 3.8.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
RUN = [ROOT / "requirements.txt"]
TEST = [*RUN, ROOT / "requirements" / "dev.txt"]
OLDEST = (3, 11)
UPDATE_CLIENT = (("swupdate", "swupdate"), ("cpio", "cpio"), ("openssl", "openssl"))
QUIETLY = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
PROXY = (("nginx", "nginx"), ("setfacl", "acl"))
# Where Debian keeps what only administrators call; it is on nobody else's path.
PATH = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin"])
LOOKED: "list[bool]" = []  # once the system has said which packages there are
WITHOUT_A_SCREEN = "chromium-headless-shell"  # draws the same pages for a third of the work
BROWSERS = (WITHOUT_A_SCREEN, "chromium", "chromium-browser", "google-chrome")


def main(purpose: str) -> None:
    if sys.version_info < OLDEST:
        held = ".".join(str(part) for part in sys.version_info[:2])
        raise SystemExit(f"This needs Python 3.11 or newer, and {sys.executable} is {held}.")
    provide_packages(TEST if purpose == "test" else RUN)
    if purpose == "test":
        provide_browser()
        provide_update_client()
        provide_proxy()


def provide_packages(locks: "list[Path]") -> None:
    """`.venv` holds what the locks name, by their digests. Nothing happens when it does already.

    A `.venv` that is a link is somebody's own: it is used as it is.
    """
    note = VENV / "provided"
    if VENV.is_symlink() or (note.exists() and covers(note.read_text(), locks)):
        return
    say("Setting up the Python environment (once, about half a minute) …")
    if not (VENV / "bin" / "python").exists():
        make_venv()
    install(locks)
    note.write_text("\n".join(digest(lock) for lock in locks))


def covers(noted: str, locks: "list[Path]") -> bool:
    return {digest(lock) for lock in locks} <= set(noted.split())


def digest(lock: Path) -> str:
    return hashlib.sha256(lock.read_bytes()).hexdigest()


def make_venv() -> None:
    """Debian keeps this part of Python in a package of its own."""
    if called([sys.executable, "-m", "venv", VENV]) is None:
        return
    version = "python{}.{}-venv".format(*sys.version_info[:2])
    apt(version)
    if said := called([sys.executable, "-m", "venv", "--clear", VENV]):
        raise SystemExit(f"No environment could be made: {said}\nInstall {version} and try again.")


def install(locks: "list[Path]") -> None:
    wanted = [part for lock in locks for part in ("-r", lock)]
    pip = [VENV / "bin" / "python", "-m", "pip", "--disable-pip-version-check", "install", "-q"]
    if said := called([*pip, "--require-hashes", "--no-deps", *wanted]):
        raise SystemExit(
            f"The packages could not be installed: {said}\n"
            "Is the package index within reach? Try again when it is; nothing is half done."
        )


def provide_browser() -> None:
    """The suite looks at the pages with Chromium; without it the suite fails, so it says so now."""
    for package, enough in ((WITHOUT_A_SCREEN, [WITHOUT_A_SCREEN]), ("chromium", BROWSERS)):
        if not any(shutil.which(name) for name in enough):
            say(f"Installing {package} for the suite …")
            apt(package)
    if not any(shutil.which(name) for name in BROWSERS):
        raise SystemExit("The suite needs Chromium: install it (apt-get install chromium).")


def provide_update_client() -> None:
    """The suite updates SWUpdate, which Debian has, with images that it packs and signs itself."""
    for program, package in UPDATE_CLIENT:
        provide_program(program, package)


def provide_proxy() -> None:
    """The suite asks through nginx, set up as docs/operations.md says. Debian starts it where it
    is installed; nobody asked for a web server on this machine."""
    came = not shutil.which("nginx", path=PATH)
    for program, package in PROXY:
        provide_program(program, package)
    if came and shutil.which("systemctl"):
        called([*as_root(), "systemctl", "disable", "--now", "nginx"])


def provide_program(program: str, package: str) -> None:
    if not shutil.which(program, path=PATH):
        say(f"Installing {package} for the suite …")
        apt(package)
    if not shutil.which(program, path=PATH):
        raise SystemExit(f"The suite needs {package}: install it (apt-get install {package}).")


def apt(package: str) -> None:
    """Asks the system for `package` where we may; the caller looks whether it came."""
    if not shutil.which("apt-get"):
        return
    look_for_packages()
    called([*as_root(), "apt-get", "install", "-qq", "-y", package], QUIETLY)


def look_for_packages() -> None:
    """The system knows which packages there are: asked until it has once said so."""
    if not LOOKED and called([*as_root(), "apt-get", "update", "-qq"], QUIETLY) is None:
        LOOKED.append(True)


def as_root() -> "list[object]":
    return [] if os.getuid() == 0 else ["sudo", "-n"]


def called(command: "list[object]", environment: "dict[str, str] | None" = None) -> "str | None":
    """None when `command` did its work; else the last thing it said."""
    words = [str(part) for part in command]
    try:
        ran = subprocess.run(words, capture_output=True, text=True, check=False, env=environment)
    except OSError as error:
        return str(error)
    said = (ran.stderr or ran.stdout).strip().splitlines()
    return None if ran.returncode == 0 else (said or ["it gave no reason"])[-1]


def say(sentence: str) -> None:
    print(sentence, flush=True)  # noqa: T201


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "run")
