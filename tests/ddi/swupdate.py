"""SWUpdate, an update client that we did not write: its images, and the client itself."""

import hashlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

HARDWARE = "1.0"
PATIENCE_S = 20


@dataclass(frozen=True)
class Signer:
    """A key and the certificate that cameras believe, in a folder."""

    key: Path
    certificate: Path


def a_signer(folder: Path, name: str) -> Signer:
    key, certificate = folder / f"{name}.key", folder / f"{name}.pem"
    run(
        *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30"),
        *("-keyout", key, "-out", certificate, "-subj", f"/CN={name}"),
        *("-addext", "extendedKeyUsage=emailProtection", "-addext", "keyUsage=digitalSignature"),
    )
    return Signer(key, certificate)


def an_image(
    signer: Signer, content: bytes, installs_to: Path, *, version: str, hardware: str = HARDWARE
) -> bytes:
    """A signed .swu that writes ``content`` to that file."""
    with tempfile.TemporaryDirectory() as folder:
        at = Path(folder)
        (at / "fw.bin").write_bytes(content)
        digest = hashlib.sha256(content).hexdigest()
        (at / "sw-description").write_text(
            f'software = {{ version = "{version}"; hardware-compatibility: ["{hardware}"];\n'
            f'  images: ( {{ filename = "fw.bin"; type = "rawfile"; path = "{installs_to}";\n'
            f'    sha256 = "{digest}"; }} ); }}\n'
        )
        run(
            *("openssl", "cms", "-sign", "-in", at / "sw-description", "-outform", "DER"),
            *("-out", at / "sw-description.sig", "-signer", signer.certificate),
            *("-inkey", signer.key, "-nosmimecap", "-binary"),
        )
        names = b"sw-description\nsw-description.sig\nfw.bin\n"
        packed = subprocess.run(
            ["cpio", "-o", "-H", "crc"], cwd=at, input=names, capture_output=True, check=True
        )
        return packed.stdout


@dataclass
class Device:
    """A camera's SWUpdate, in a folder of its own because it deletes what lies around."""

    folder: Path
    process: subprocess.Popen[bytes]

    @property
    def log(self) -> str:
        return (self.folder / "log").read_text(errors="replace")

    def look_now(self) -> None:
        """It polls at once, as a camera does whose dock was told that something is there."""
        self._told("hawkbitcfg", "--trigger")

    def boot_script(self, offer: int) -> None:
        """What a camera's boot script says when the new image is up."""
        self._told("sendtohawkbit", str(offer), "2", "success", "closed", "booted")

    def _told(self, *words: str) -> None:
        subprocess.run(
            ["swupdate-ipc", *words],
            env=surroundings(self.folder),
            capture_output=True,
            timeout=PATIENCE_S,
            check=True,
        )


@contextmanager
def device(address: str, serial: str, token: str, signer: Signer, *more: str) -> Iterator[Device]:
    """A running SWUpdate that polls this address, with its own token or its dock's; ``more`` are
    words for its poller."""
    folder = Path(tempfile.mkdtemp(prefix="swu"))
    (folder / "id.cfg").write_text(
        "globals : { verbose = true; };\n"
        f'identify : ( {{ name = "serialNo"; value = "{serial}"; }} );\n'
    )
    poller = [
        "-t",
        "DEFAULT",
        "-u",
        address,
        "-i",
        serial,
        "-g" if token.startswith("d.") else "-k",
        token,
        "-p",
        "1",
        "-w",
        "1",
        *more,
    ]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [
                *("swupdate", "-v", "-k", str(signer.certificate), "-H", f"bodycam:{HARDWARE}"),
                *("-f", str(folder / "id.cfg"), "-u", " ".join(poller)),
            ],
            cwd=folder,
            env=surroundings(folder),
            stdout=log,
            stderr=log,
            start_new_session=True,
            restore_signals=False,  # as systemd starts it: a line that broke is no SIGPIPE
        )
    try:
        yield Device(folder, process)
    finally:
        process.terminate()
        try:
            process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(PATIENCE_S)
        shutil.rmtree(folder, ignore_errors=True)


def surroundings(folder: Path) -> dict[str, str]:
    return {**os.environ, "TMPDIR": str(folder), "HOME": str(folder)}


def run(*words: object) -> None:
    subprocess.run([str(word) for word in words], capture_output=True, check=True)
