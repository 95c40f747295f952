"""`python -m devices.releases.receiving.verifier FD`: judges its standard input, and ends.

A process of its own, because it reads what a stranger may have made: with little memory and time,
without our environment, database or network, and nothing is extracted to anywhere. What it is told
comes by the open file FD; all that it says is one line of JSON: what the file is, or a refusal.
"""

import json
import os
import resource
import signal
import sys
import sysconfig
from base64 import b64decode
from typing import Any

from devices.errors import Refused
from devices.releases.receiving import description, signatures
from devices.releases.receiving.archive import Archive
from devices.releases.receiving.signatures import Trust

MEMORY = 512 * 1024**2
PROCESSOR_S = 300
WRITTEN = 1024**2  # into memory: certificates and signatures
DEADLINE_S = 600

DESCRIPTION, SIGNATURE = "sw-description", "sw-description.sig"
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_NEVER = ("os.exec", "os.fork", "os.posix_spawn", "os.spawn", "os.system", "pty.spawn",
          "socket.__new__", "socket.bind", "socket.connect", "ctypes.dlopen")  # fmt: skip


def main(task_fd: int) -> None:
    """Judge standard input as the task says; print one line."""
    with os.fdopen(task_fd, "rb") as told:
        task = json.load(told)
    trust = Trust(task["openssl"], task["anchors"], task["at"])
    _stay_within(trust.openssl)
    try:
        if task["signed_inside"]:
            said = image(sys.stdin.buffer.read, trust)
        else:
            said = detached(b64decode(task["signature"]), trust)
    except Refused as refused:
        said = {"refused": str(refused)}
    print(json.dumps(said))  # noqa: T201 (what it is for)


def image(read: Any, trust: Trust) -> dict[str, Any]:
    """What this SWUpdate image is; refuses one that is not whole, or not signed by one of ours."""
    archive = Archive(read)
    files = archive.files()
    text = _kept(archive, files, DESCRIPTION, description.LONGEST)
    signature = _kept(archive, files, SIGNATURE, signatures.LONGEST)
    anchor = signatures.signer_of(signature, text, trust)
    said = description.read(_decoded(text))
    found = {entry.name: archive.take(entry).sha256 for entry in files}
    for name, digest in said.files.items():
        if name not in found:
            raise Refused(f"The image lacks {name}.")
        if found[name] != digest:
            raise Refused(f"{name} is not what was signed: its sha256 is another.")
    if unknown := sorted(found.keys() - said.files.keys()):
        raise Refused(f"The image holds {unknown[0]}, which sw-description does not name.")
    return {"anchor": anchor, "version": said.version[:80], "hardware": sorted(said.hardware)[:50]}


def detached(signature: bytes, trust: Trust) -> dict[str, Any]:
    """Whose signature of standard input this is."""
    return {"anchor": signatures.signer_of(signature, None, trust)}


def _kept(archive: Archive, files: Any, name: str, longest: int) -> bytes:
    entry = next(files, None)
    if entry is None or entry.name != name:
        if name == SIGNATURE:
            raise Refused("The image is unsigned: sw-description.sig does not follow.")
        raise Refused("The image does not begin with sw-description.")
    return archive.take(entry, keep_up_to=longest).kept


def _decoded(text: bytes) -> str:
    try:
        return text.decode("utf-8")
    except UnicodeDecodeError:
        raise Refused("sw-description is not in UTF-8.") from None


def _stay_within(openssl: str) -> None:
    """Limits that nothing here can lift again; what `openssl` does stays within them too."""
    signal.alarm(DEADLINE_S)
    sys.dont_write_bytecode = True
    for what, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, PROCESSOR_S),
        (resource.RLIMIT_FSIZE, WRITTEN),
        (resource.RLIMIT_NOFILE, 64),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))
    homes = tuple(
        os.path.realpath(sysconfig.get_path(name)) + os.sep for name in ("stdlib", "platstdlib")
    )

    def ask(event: str, args: tuple[Any, ...]) -> None:
        if event == "subprocess.Popen" and args[0] != openssl:
            raise PermissionError(event)
        if event in _NEVER or (event == "open" and not _may_open(args, homes)):
            raise PermissionError(event)

    sys.addaudithook(ask)


def _may_open(args: tuple[Any, ...], homes: tuple[str, ...]) -> bool:
    path, _, flags = args
    if not isinstance(path, str | bytes | os.PathLike) or os.fsdecode(path) == os.devnull:
        return True  # one that is open already, or nothing at all
    return not flags & _WRITES and os.path.realpath(os.fsdecode(path)).startswith(homes)


if __name__ == "__main__":
    main(int(sys.argv[1]))
