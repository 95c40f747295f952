"""Keys, certificates and SWUpdate images as a maker makes them: with openssl, for each test."""

import hashlib
import subprocess
from dataclasses import dataclass
from pathlib import Path

EMAIL = "extendedKeyUsage=emailProtection"


@dataclass(frozen=True)
class Signer:
    """A key and its certificate."""

    key: Path
    certificate: Path

    @property
    def pem(self) -> str:
        return self.certificate.read_text()

    def sign(self, content: bytes) -> bytes:
        """A detached CMS signature, in DER."""
        return _openssl(
            *("cms", "-sign", "-signer", str(self.certificate), "-inkey", str(self.key)),
            *("-outform", "DER", "-nosmimecap", "-binary"),
            given=content,
        )


def signer(folder: Path, name: str = "maker", *, purpose: str = EMAIL, days: int = 30) -> Signer:
    """Somebody who signs, with a certificate of their own making that lasts so many days.

    ``days`` below 1 makes one that has ended.
    """
    key, certificate = folder / f"{name}.key", folder / f"{name}.pem"
    ends = () if days > 0 else ("-not_before", "20200101000000Z", "-not_after", "20200201000000Z")
    request = folder / f"{name}.csr"
    _openssl(
        *("req", "-new", "-newkey", "rsa:2048", "-nodes", "-keyout", str(key)),
        *("-out", str(request), "-subj", f"/CN={name}"),
    )
    extensions = folder / f"{name}.ext"
    extensions.write_text(f"{purpose}\nkeyUsage=digitalSignature\n")
    if ends:
        return _ended(folder, name, key, request, extensions)
    _openssl(
        *("x509", "-req", "-in", str(request), "-signkey", str(key), "-days", str(days)),
        *("-extfile", str(extensions), "-out", str(certificate)),
    )
    return Signer(key, certificate)


def _ended(folder: Path, name: str, key: Path, request: Path, extensions: Path) -> Signer:
    """`openssl x509` of Debian 12 begins every certificate now; `openssl ca` does not have to."""
    home, certificate = folder / f"{name}-ca", folder / f"{name}.pem"
    home.mkdir()
    (home / "index").write_text("")
    (home / "serial").write_text("01\n")
    config = home / "ca.cnf"
    config.write_text(
        f"[ca]\ndefault_ca=own\n[own]\ndatabase={home}/index\nserial={home}/serial\n"
        f"new_certs_dir={home}\ndefault_md=sha256\npolicy=any\n[any]\ncommonName=supplied\n"
    )
    _openssl(
        *("ca", "-batch", "-config", str(config), "-selfsign", "-keyfile", str(key)),
        *("-in", str(request), "-out", str(certificate), "-notext"),
        *("-startdate", "20200101000000Z", "-enddate", "20200201000000Z"),
        *("-extfile", str(extensions)),
    )
    return Signer(key, certificate)


def authority(folder: Path, name: str = "authority") -> Signer:
    """Somebody who vouches for signers."""
    key, certificate = folder / f"{name}.key", folder / f"{name}.pem"
    _openssl(
        *("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", str(key)),
        *("-out", str(certificate), "-days", "30", "-subj", f"/CN={name}"),
        *("-addext", "keyUsage=keyCertSign"),
    )
    return Signer(key, certificate)


def vouched(folder: Path, by: Signer, name: str = "vouched", *, purpose: str = EMAIL) -> Signer:
    """A signer whose certificate an authority made."""
    key, request = folder / f"{name}.key", folder / f"{name}.csr"
    certificate, extensions = folder / f"{name}.pem", folder / f"{name}.ext"
    _openssl(
        *("req", "-new", "-newkey", "rsa:2048", "-nodes", "-keyout", str(key)),
        *("-out", str(request), "-subj", f"/CN={name}"),
    )
    extensions.write_text(f"{purpose}\nkeyUsage=digitalSignature\n".lstrip())
    _openssl(
        *("x509", "-req", "-in", str(request), "-CA", str(by.certificate), "-CAkey", str(by.key)),
        *("-CAcreateserial", "-days", "30", "-extfile", str(extensions), "-out", str(certificate)),
    )
    return Signer(key, certificate)


def description(
    files: dict[str, bytes], *, version: str = "4.3.0", hardware: tuple[str, ...] = ("1.0",)
) -> str:
    listed = ", ".join(
        f'{{ filename = "{name}"; type = "rawfile"; path = "/tmp/{name}"; '
        f'sha256 = "{hashlib.sha256(content).hexdigest()}"; }}'
        for name, content in files.items()
    )
    named = ", ".join(f'"{one}"' for one in hardware)
    return (
        "# as swupdate reads it\n"
        f'software = {{ version = "{version}"; hardware-compatibility: [ {named} ]; '
        f"images: ( {listed} ); }}\n"
    )


def swu(
    by: Signer | None,
    files: dict[str, bytes] | None = None,
    *,
    version: str = "4.3.0",
    hardware: tuple[str, ...] = ("1.0",),
    text: str | None = None,
) -> bytes:
    """A whole image: description, signature, then the files."""
    files = {"rootfs.bin": b"firmware " * 1000} if files is None else files
    said = (text or description(files, version=version, hardware=hardware)).encode()
    first = [entry("sw-description", said)]
    if by is not None:
        first.append(entry("sw-description.sig", by.sign(said)))
    return b"".join([*first, *(entry(name, content) for name, content in files.items()), end()])


def entry(
    name: str,
    content: bytes,
    *,
    mode: int = 0o100644,
    magic: bytes = b"070702",
    links: int = 1,
    size: int | None = None,
    crc: int | None = None,
) -> bytes:
    """One file of a cpio archive."""
    fields = (
        *(7, mode, 0, 0, links, 0, len(content) if size is None else size, 0, 0, 0, 0),
        *(len(name.encode()) + 1, (sum(content) & 0xFFFFFFFF if magic == b"070702" else 0)),
    )
    if crc is not None:
        fields = (*fields[:-1], crc)
    head = magic + b"".join(b"%08X" % field for field in fields) + name.encode() + b"\0"
    return _padded(head) + _padded(content)


def end() -> bytes:
    return entry("TRAILER!!!", b"", mode=0, crc=0) + b"\0" * 256


def _padded(raw: bytes) -> bytes:
    return raw + b"\0" * (-len(raw) % 4)


def _openssl(*words: str, given: bytes = b"") -> bytes:
    done = subprocess.run(["openssl", *words], input=given, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout
