"""Addresses that are secrets, sealed: a copied database does not hold what opens them.

The key follows from the server's own (HKDF-SHA-256) and from the channel's salt, so that no
sealed address opens in another channel's row. Whoever changes the server's key adds them again.
"""

import os
from base64 import b64decode, b64encode

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

_PURPOSE = b"fleet: the address of a channel, 1"
_NONCE = 12  # bytes, as AES-GCM wants it


class Unreadable(Exception):
    """This server's key does not open it."""


def sealed(secret: str, *, salt: str) -> str:
    """The secret, as it may be stored; another text each time."""
    nonce = os.urandom(_NONCE)
    return b64encode(nonce + _lock(salt).encrypt(nonce, secret.encode(), None)).decode()


def opened(stored: str, *, salt: str) -> str:
    """What was sealed. Raises Unreadable with another key or salt, or if a letter is changed."""
    try:
        raw = b64decode(stored, validate=True)
        return _lock(salt).decrypt(raw[:_NONCE], raw[_NONCE:], None).decode()
    except (InvalidTag, ValueError):
        raise Unreadable from None


def _lock(salt: str) -> AESGCM:
    derive = HKDF(algorithm=SHA256(), length=32, salt=salt.encode(), info=_PURPOSE)
    return AESGCM(derive.derive(settings.SECRET_KEY.encode()))
