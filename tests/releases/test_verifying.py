"""What is believed of an image, and everything that is not: by the real verifier and openssl."""

import subprocess
import tempfile
from datetime import UTC, datetime

import pytest

from devices.errors import Refused
from devices.releases.models import Certificate
from devices.releases.receiving.verifying import verify
from tests.releases import images
from tests.releases.images import description, end, entry, swu

FILES = {"rootfs.bin": b"firmware " * 1000, "boot.bin": b"\1\2\3" * 777}


def judged(raw, *trusted, signature=None, now=None):
    """What the verifier says of these bytes, for a department that trusts these people."""
    certificates = [Certificate(name=f"c{n}", pem=one.pem) for n, one in enumerate(trusted)]
    with tempfile.TemporaryFile() as file:
        file.write(raw)
        file.seek(0)
        return verify(file, certificates, signature=signature, now=now or datetime.now(UTC))


def refused(raw, *trusted, **how):
    with pytest.raises(Refused) as refusal:
        judged(raw, *trusted, **how)
    return str(refusal.value)


def test_an_image_signed_by_one_of_ours_is_what_it_says(maker, stranger):
    verified = judged(swu(maker, FILES, hardware=("1.0", "1.1")), stranger, maker)

    assert verified.certificate.name == "c1"
    assert (verified.version, verified.hardware) == ("4.3.0", ("1.0", "1.1"))


def test_an_image_that_cpio_itself_packed_is_read(maker, tmp_path):
    said = description(FILES)
    packed = {"sw-description": said.encode(), "sw-description.sig": maker.sign(said.encode())}
    for name, content in {**packed, **FILES}.items():
        (tmp_path / name).write_bytes(content)
    names = "\n".join([*packed, *FILES]).encode()

    raw = subprocess.run(
        ["cpio", "-o", "-H", "crc"], input=names, cwd=tmp_path, capture_output=True, check=True
    ).stdout

    assert judged(raw, maker).version == "4.3.0"


def test_an_image_without_sums_is_held_to_its_sha256_alone(maker):
    said = description(FILES).encode()
    parts = {"sw-description": said, "sw-description.sig": maker.sign(said), **FILES}

    raw = b"".join(entry(name, one, magic=b"070701") for name, one in parts.items()) + end()

    assert judged(raw, maker).version == "4.3.0"


def test_who_an_authority_of_ours_vouches_for_is_believed(keys):
    authority = images.authority(keys)

    verified = judged(swu(images.vouched(keys, authority)), authority)

    assert verified.certificate.name == "c0"


def test_a_detached_signature_stands_for_any_other_file(maker):
    raw = b"some other format" * 1000

    assert judged(raw, maker, signature=maker.sign(raw)).certificate.name == "c0"


def test_a_certificate_that_has_ended_vouches_for_nothing(maker, keys):
    ended = images.signer(keys, "ended", days=0)

    assert refused(swu(ended), maker, ended) == "The signer's certificate has ended."
    early = datetime(2019, 1, 1, tzinfo=UTC)
    assert refused(swu(ended), ended, now=early) == (
        "The signer's certificate is not in force yet."
    )


@pytest.mark.parametrize("purpose", ["extendedKeyUsage=serverAuth", "basicConstraints=CA:false"])
def test_a_certificate_for_something_else_signs_no_image(keys, purpose):
    name = f"other-{purpose[-5:]}"
    other = images.signer(keys, name, purpose=purpose)

    assert refused(swu(other), other) == (
        "The signer's certificate is not for signing (emailProtection)."
    )


def forged(maker, *entries):
    """A well-signed description, and then whatever follows."""
    said = description(FILES).encode()
    first = [entry("sw-description", said), entry("sw-description.sig", maker.sign(said))]
    return b"".join([*first, *entries])


ROOTFS, BOOT = (entry(name, FILES[name]) for name in FILES)
PLAIN = "The image holds a file whose name is no plain name."
LONG = "The image holds a file whose name is empty or too long."


@pytest.mark.parametrize(
    ("entries", "said"),
    [
        ((entry("../etc/passwd", b"x"), end()), PLAIN),
        ((entry("/etc/passwd", b"x"), end()), PLAIN),
        ((entry("a/b", b"x"), end()), PLAIN),
        ((entry("..", b"x"), end()), PLAIN),
        ((entry("a..b", b"x"), end()), PLAIN),
        ((entry("a\x00b", b"x"), end()), PLAIN),
        ((entry("a\u202eb", b"x"), end()), PLAIN),
        ((entry("x" * 4096, b"x"), end()), LONG),
        ((entry("", b"x"), end()), LONG),
        (
            (entry("link", b"/etc/passwd", mode=0o120777), end()),
            "The image holds something other than plain files.",
        ),
        (
            (entry("folder", b"", mode=0o40755), end()),
            "The image holds something other than plain files.",
        ),
        (
            (entry("device", b"", mode=0o60644), end()),
            "The image holds something other than plain files.",
        ),
        ((ROOTFS, ROOTFS, end()), "The image holds rootfs.bin twice."),
        (
            (entry("sw-description", b"x"), end()),
            "The image holds sw-description twice.",
        ),
        (
            (entry("rootfs.bin", FILES["rootfs.bin"], links=2), entry("boot.bin", b"", links=2)),
            "The image holds boot.bin as a link.",
        ),
        ((ROOTFS, end()), "The image lacks boot.bin."),
        (
            (ROOTFS, BOOT, entry("more.bin", b"x"), end()),
            "The image holds more.bin, which sw-description does not name.",
        ),
        ((ROOTFS, BOOT, end(), b"more"), "The image has something after its end."),
        ((ROOTFS, BOOT, end(), b"\0" * 70_000), "The image has something after its end."),
        ((entry("rootfs.bin", b"x", size=0xFFFFFFFF), end()), "The image is cut short."),
        ((ROOTFS, b"07070X" + b"0" * 104), "The image is no cpio archive in newc or crc format."),
        ((ROOTFS, b"070702" + b"-" * 104), "The image is no cpio archive in newc or crc format."),
        (
            tuple(entry(f"f{n}", b"") for n in range(250)),
            "The image holds more than 202 files.",
        ),
    ],
)  # fmt: skip
def test_what_is_hidden_in_an_archive_is_refused(maker, entries, said):
    assert refused(forged(maker, *entries), maker) == said


@pytest.mark.parametrize(
    "raw", [b"", b"\x1f\x8b" + b"\0" * 500, b"PK\3\4" + b"\0" * 500, b"MZ" * 300]
)
def test_what_is_no_image_is_refused(maker, raw):
    assert refused(raw, maker) in {
        "The image is cut short.",
        "The image is no cpio archive in newc or crc format.",
    }


def test_a_description_of_a_megabyte_is_not_read(maker):
    raw = swu(maker, text="#" * 1_000_000 + description(FILES))

    assert refused(raw, maker) == "sw-description is larger than 256 KB."


@pytest.mark.parametrize(
    "signature", [b"", b"0\x82", b"\x30\x03\x02\x01\x01", b"\x30" + b"\xff" * 900]
)
def test_a_detached_signature_that_is_none_is_refused(maker, signature):
    assert refused(b"anything", maker, signature=signature) in {
        "The signature is no CMS signature in DER.",
    }  # fmt: skip


def test_a_detached_signature_of_something_else_is_refused(maker):
    assert refused(b"anything", maker, signature=maker.sign(b"something")) == (
        "The signature does not match: what was signed has been changed."
    )


def test_what_comes_in_pieces_is_verified_as_a_file_is(maker):
    raw = swu(maker, FILES)
    pieces = (raw[n : n + 1000] for n in range(0, len(raw), 1000))
    certificate = Certificate(name="maker", pem=maker.pem)

    assert verify(pieces, [certificate], signature=None, now=datetime.now(UTC)).version == "4.3.0"


def test_the_public_authorities_of_the_web_vouch_for_nothing_here(maker, keys, monkeypatch):
    """What the machine trusts for web pages is not what the department trusts for firmware."""
    stranger = images.signer(keys, "web")
    monkeypatch.setenv("SSL_CERT_FILE", str(stranger.certificate))

    assert "not among ours" in refused(swu(stranger), maker)
