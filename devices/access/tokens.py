"""What tokens look like, and whether one is right. Pure: nothing here is stored or looked up.

``d.k3q7x2ab.<32 characters>``: whose token it is, a public key id that finds the row, and a
secret of 160 random bits. With that many bits a plain SHA-256 cannot be guessed back, so
checking one costs microseconds and a flood of wrong ones costs no more.
"""

import base64
import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from enum import StrEnum

_KEY_BYTES = 5  # 8 characters
_SECRET_BYTES = 20  # 160 bits, 32 characters
_SHAPE = re.compile(r"([dcask])\.([a-z2-7]{8})\.[a-z2-7]{32}", re.ASCII)
_LENGTH = 1 + 1 + 8 + 1 + 32


class TokenKind(StrEnum):
    """Who speaks with it: the first letter of the token."""

    DOCK = "d"
    CAMERA = "c"
    API = "a"
    SCREEN = "s"
    KIOSK = "k"


@dataclass(frozen=True, repr=False)
class Minted:
    """A new token. ``plaintext`` is shown once and never stored."""

    plaintext: str
    key_id: str
    digest: str


@dataclass(frozen=True)
class Claimed:
    """What a well-formed token says it is. Nothing is proven until ``matches``."""

    kind: TokenKind
    key_id: str


def mint(kind: TokenKind) -> Minted:
    """A new token of this kind, from the operating system's randomness."""
    key_id = _random(_KEY_BYTES)
    plaintext = f"{kind.value}.{key_id}.{_random(_SECRET_BYTES)}"
    return Minted(plaintext=plaintext, key_id=key_id, digest=digest(plaintext))


def parse(plaintext: str) -> Claimed | None:
    """What this token claims to be; None for anything that never was one of ours."""
    if len(plaintext) != _LENGTH:
        return None
    shape = _SHAPE.fullmatch(plaintext)
    return Claimed(kind=TokenKind(shape[1]), key_id=shape[2]) if shape else None


def matches(plaintext: str, stored_digest: str) -> bool:
    """Whether this is the token whose digest was stored; takes as long for every wrong one."""
    return hmac.compare_digest(digest(plaintext), stored_digest)


def digest(plaintext: str) -> str:
    """What is stored in place of the token: SHA-256 over the whole of it, in hexadecimal."""
    return hashlib.sha256(plaintext.encode("utf-8", "surrogatepass")).hexdigest()


def _random(size: int) -> str:
    return base64.b32encode(secrets.token_bytes(size)).decode("ascii").lower()
