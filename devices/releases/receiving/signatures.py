"""Whether one of the department's certificates stands behind a CMS signature.

`openssl` does it: it is what SWUpdate itself verifies with, every distribution keeps it, and no
private key comes near. Python's `cryptography` makes such signatures and does not verify them.
Everything passes through memory (memfd): nothing is written anywhere.
"""

import os
import re
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass

from devices.errors import Refused

LONGEST = 64 * 1024  # bytes of a signature
MOST_CERTIFICATES = 8  # that come inside one
STDIN = "/dev/stdin"
NO_TRUST_OF_ITS_OWN = ("-no-CAfile", "-no-CApath", "-no-CAstore")
EMAIL_PROTECTION = b"E-mail Protection"

_ERROR = re.compile(rb"error (\d+) at")
_NOT_YET, _ENDED, _PURPOSE = 9, 10, 26


@dataclass(frozen=True)
class Trust:
    """Whom to believe, in PEM, and the moment that counts, in seconds of Unix time."""

    openssl: str
    anchors: Sequence[str]
    at: int


def signer_of(signature: bytes, content: bytes | None, trust: Trust) -> int:
    """Which of the anchors stands behind this signature of ``content`` (None: of standard input).

    Refuses, in a sentence, what is no signature, one of other content, and every signer whose
    certificate no anchor vouches for, has ended, or is not for signing (emailProtection).
    """
    if len(signature) > LONGEST or signature[:1] != b"\x30":
        raise Refused("The signature is no CMS signature in DER.")
    with _Memory() as memory:
        signer, certificates = memory.hold(b""), memory.hold(b"")
        _signed(signature, content, trust, memory, (signer, certificates))
        found = memory.read(signer)
        if found.count(b"BEGIN CERTIFICATE") != 1:
            raise Refused("The signature is not of exactly one signer.")
        if memory.read(certificates).count(b"BEGIN CERTIFICATE") > MOST_CERTIFICATES:
            raise Refused("The signature carries too many certificates.")
        return _vouched(trust, memory, signer, certificates)


def _signed(
    signature: bytes,
    content: bytes | None,
    trust: Trust,
    memory: "_Memory",
    out: tuple[str, str],
) -> None:
    of = STDIN if content is None else memory.hold(content)
    known = memory.hold("\n".join(trust.anchors).encode())
    said = memory.openssl(
        trust.openssl,
        *("cms", "-verify", "-noverify", "-binary", "-inform", "DER"),
        *("-in", memory.hold(signature), "-content", of, "-certfile", known),
        *("-signer", out[0], "-certsout", out[1], "-out", "/dev/null"),
        stdin=None if content is None else subprocess.DEVNULL,
    )
    if said.returncode == 0:
        return
    if b"Error reading SMIME Content Info" in said.stderr or b"asn1" in said.stderr.lower():
        raise Refused("The signature is no CMS signature in DER.")
    if b"signer certificate not found" in said.stderr:
        raise Refused("It was signed by somebody whose certificate is not among ours.")
    raise Refused("The signature does not match: what was signed has been changed.")


def _vouched(trust: Trust, memory: "_Memory", signer: str, certificates: str) -> int:
    """The first anchor that vouches for the signer; the refusal that comes nearest, if none."""
    errors: set[int] = set()
    for number, anchor in enumerate(trust.anchors):
        said = memory.openssl(
            trust.openssl,
            *("verify", *NO_TRUST_OF_ITS_OWN, "-partial_chain", "-purpose", "smimesign"),
            *("-attime", str(trust.at), "-trusted", memory.hold(anchor.encode())),
            *("-untrusted", certificates) if memory.read_of(certificates) else (),
            signer,
        )
        if said.returncode == 0:
            _for_signing(trust, memory, signer)
            return number
        errors |= {int(code) for code in _ERROR.findall(said.stderr + said.stdout)}
    if _ENDED in errors:
        raise Refused("The signer's certificate has ended.")
    if _NOT_YET in errors:
        raise Refused("The signer's certificate is not in force yet.")
    if _PURPOSE in errors:
        raise Refused("The signer's certificate is not for signing (emailProtection).")
    raise Refused("It was signed by somebody whose certificate is not among ours.")


def _for_signing(trust: Trust, memory: "_Memory", signer: str) -> None:
    """`openssl` takes a certificate without any purpose for one of every purpose."""
    said = memory.openssl(
        trust.openssl, "x509", "-in", signer, "-noout", "-ext", "extendedKeyUsage"
    )
    if EMAIL_PROTECTION not in said.stdout:
        raise Refused("The signer's certificate is not for signing (emailProtection).")


class _Memory:
    """Files that are nowhere but in memory, and `openssl` that sees them and nothing else."""

    def __enter__(self) -> "_Memory":
        self._held: list[int] = []
        return self

    def __exit__(self, *_: object) -> None:
        for fd in self._held:
            os.close(fd)

    def hold(self, raw: bytes) -> str:
        """A file with these bytes, by the name that `openssl` knows it by."""
        fd = os.memfd_create("held")
        self._held.append(fd)
        os.write(fd, raw)
        return f"/dev/fd/{fd}"

    def read(self, name: str) -> bytes:
        fd = int(name.rpartition("/")[2])
        return os.pread(fd, os.fstat(fd).st_size, 0)

    def read_of(self, name: str) -> bool:
        return b"BEGIN CERTIFICATE" in self.read(name)

    def openssl(
        self, program: str, *words: str, stdin: int | None = subprocess.DEVNULL
    ) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(  # noqa: S603 (no shell; every word is ours)
            [program, *words],
            stdin=stdin,
            capture_output=True,
            env={"OPENSSL_CONF": "/dev/null"},
            pass_fds=self._held,
            check=False,
        )
