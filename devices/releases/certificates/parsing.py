"""Reads the certificates that a department believes. Pure."""

from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID

from devices.errors import Refused

LONGEST = 16 * 1024
SHORTEST_RSA = 2048
WEAK = (hashes.SHA1, hashes.MD5)


@dataclass(frozen=True)
class Read:
    """A certificate as it is kept: again as PEM, so that nothing beside it is."""

    pem: str
    fingerprint: str
    ends_at: datetime


def read(pem: str, now: datetime) -> Read:
    """The one certificate in this text; refuses what cannot vouch for an image."""
    if "PRIVATE KEY" in pem:
        raise Refused(
            "This holds a private key. Keep it where images are signed; add the certificate alone."
        )
    try:
        found = x509.load_pem_x509_certificates(pem[:LONGEST].encode())
    except ValueError:
        raise Refused("This is no certificate in PEM (-----BEGIN CERTIFICATE-----).") from None
    if len(found) != 1:
        raise Refused("This holds several certificates; add them one by one.")
    one = found[0]
    _refuse_weak(one)
    if one.not_valid_after_utc <= now:
        raise Refused(f"This certificate ended on {one.not_valid_after_utc:%Y-%m-%d}.")
    if not (_vouches_for_others(one) or _signs(one)):
        raise Refused(
            "This certificate is not for signing images: it lacks the purpose emailProtection, "
            "which SWUpdate asks for."
        )
    return Read(
        one.public_bytes(Encoding.PEM).decode(),
        one.fingerprint(hashes.SHA256()).hex(),
        one.not_valid_after_utc,
    )


def _refuse_weak(one: x509.Certificate) -> None:
    try:
        key = one.public_key()
    except ValueError:
        raise Refused("The key of this certificate is of no kind known here.") from None
    if isinstance(key, rsa.RSAPublicKey) and key.key_size < SHORTEST_RSA:
        raise Refused(f"The key of this certificate has {key.key_size} bits; 2048 are the least.")
    if not isinstance(key, rsa.RSAPublicKey | ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey):
        raise Refused("The key of this certificate is of no kind known here.")
    if isinstance(one.signature_hash_algorithm, WEAK):
        raise Refused("This certificate is signed with a broken hash (SHA-1 or MD5).")


def _vouches_for_others(one: x509.Certificate) -> bool:
    try:
        return one.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except (x509.ExtensionNotFound, ValueError):
        return False


def _signs(one: x509.Certificate) -> bool:
    try:
        usage = one.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except (x509.ExtensionNotFound, ValueError):
        return False
    return ExtendedKeyUsageOID.EMAIL_PROTECTION in usage
