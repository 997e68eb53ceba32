"""The encryption of MinIO's administration API, with the caller's secret key as the password.

A message is 32 bytes of salt, one byte that names the cipher, 8 bytes of nonce, then fragments of 16 KiB. Each fragment
is sealed with the nonce and its number, counted from 1; its associated data tells whether it is the last one, and holds
the tag of an empty message with the number 0.
"""

import os
import struct

from argon2.low_level import Type, hash_secret_raw
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, ChaCha20Poly1305

from .errors import Refused

CIPHERS = {0: AESGCM, 1: ChaCha20Poly1305}
FRAGMENT, TAG = 16 * 1024, 16


def encrypt(password: str, message: bytes) -> bytes:
    salt, nonce = os.urandom(32), os.urandom(8)
    stream = Stream(password, salt, 0, nonce)
    return salt + b"\0" + nonce + b"".join(stream.fragments(message, FRAGMENT, stream.cipher.encrypt))


def decrypt(password: str, data: bytes) -> bytes:
    salt, cipher, nonce, sealed = data[:32], data[32:33], data[33:41], data[41:]
    if len(nonce) < 8 or cipher[0] not in CIPHERS:
        raise unreadable()
    stream = Stream(password, salt, cipher[0], nonce)
    try:
        return b"".join(stream.fragments(sealed, FRAGMENT + TAG, stream.cipher.decrypt))
    except InvalidTag:
        raise unreadable() from None


class Stream:
    def __init__(self, password: str, salt: bytes, cipher: int, nonce: bytes) -> None:
        key = hash_secret_raw(
            password.encode(), salt, time_cost=1, memory_cost=64 * 1024, parallelism=4, hash_len=32, type=Type.ID
        )
        self.cipher = CIPHERS[cipher](key)
        self.nonce = nonce
        self.associated = self.cipher.encrypt(self.numbered(0), b"", b"")

    def numbered(self, number: int) -> bytes:
        return self.nonce + struct.pack("<I", number)

    def fragments(self, data: bytes, size: int, transform):
        count = max(1, -(-len(data) // size))
        for index in range(count):
            mark = b"\x80" if index == count - 1 else b"\0"
            fragment = data[index * size : (index + 1) * size]
            yield transform(self.numbered(index + 1), fragment, mark + self.associated)


def unreadable() -> Refused:
    return Refused(400, "XMinioAdminConfigBadJSON", "The body cannot be decrypted with the caller's secret key.")
