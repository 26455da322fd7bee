"""A256CBC-HS512 of RFC 7518, section 5.2: AES-256-CBC, then HMAC-SHA-512. No keys live here."""

from __future__ import annotations

import hmac
import os
from typing import Final

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.padding import PKCS7

KEY_BYTES: Final = 64
_HALF: Final = 32
_IV: Final = 16
_TAG: Final = 32


class Tampered(Exception):
    """The value was changed, cut, moved to another place or sealed with another key."""


def encrypt(key: bytes, plain: bytes, aad: bytes, *, iv: bytes = b"") -> bytes:
    """Return IV, ciphertext and the 32-byte tag in one piece.

    `key` is 64 bytes: the MAC key, then the encryption key. `iv` is for test vectors only.
    """
    iv = iv or os.urandom(_IV)
    padder = PKCS7(algorithms.AES.block_size).padder()
    encryptor = Cipher(algorithms.AES(_checked(key)[_HALF:]), modes.CBC(iv)).encryptor()
    body = iv + encryptor.update(padder.update(plain) + padder.finalize()) + encryptor.finalize()
    return body + _tag(key, body, aad)


def decrypt(key: bytes, sealed: bytes, aad: bytes) -> bytes:
    """Return the plain bytes; raises Tampered before a single byte is decrypted."""
    body, tag = sealed[:-_TAG], sealed[-_TAG:]
    if len(body) < 2 * _IV or not hmac.compare_digest(tag, _tag(_checked(key), body, aad)):
        raise Tampered("the value does not belong to this key and place")
    decryptor = Cipher(algorithms.AES(key[_HALF:]), modes.CBC(body[:_IV])).decryptor()
    unpadder = PKCS7(algorithms.AES.block_size).unpadder()
    padded = decryptor.update(body[_IV:]) + decryptor.finalize()
    return unpadder.update(padded) + unpadder.finalize()


def _checked(key: bytes) -> bytes:
    if len(key) != KEY_BYTES:
        raise ValueError(f"A256CBC-HS512 needs a key of {KEY_BYTES} bytes, not {len(key)}.")
    return key


def _tag(key: bytes, body: bytes, aad: bytes) -> bytes:
    length = (len(aad) * 8).to_bytes(8, "big")
    return hmac.digest(key[:_HALF], aad + body + length, "sha512")[:_TAG]
