"""Keys that sign heads: Ed25519 (RFC 8032), in PEM files. Who verifies needs the public key alone."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization as pem
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from biometrics.errors import ConfigurationInvalid

_BLOCK = re.compile(rb"-----BEGIN PUBLIC KEY-----.*?-----END PUBLIC KEY-----", re.DOTALL)

PublicKeys = Mapping[str, Ed25519PublicKey]
"""Public keys by their fingerprints."""


class SigningKey:
    """Signs heads.

    Args:
        key: the private key.
    """

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key
        self.fingerprint = fingerprint(key.public_key())

    @classmethod
    def load(cls, path: Path) -> SigningKey:
        """Read a key file.

        Raises:
            ConfigurationInvalid: it cannot be read, or is no private key of Ed25519.
        """
        try:
            key = pem.load_pem_private_key(_read(path), None)
        except (ValueError, TypeError, UnsupportedAlgorithm):
            key = None
        if not isinstance(key, Ed25519PrivateKey):
            made = "`biofusion audit keygen` makes one."
            raise ConfigurationInvalid(f"{path} is no private key of Ed25519 in PEM without a password; {made}")
        return cls(key)

    def sign(self, text: bytes) -> str:
        """The signature, 128 hexadecimal digits."""
        return self._key.sign(text).hex()


def make(path: Path) -> Path:
    """Make a key file, mode 0600, and beside it PATH.pub with the public key, whose path is returned.

    Raises:
        ConfigurationInvalid: there is such a file already, or it cannot be written.
    """
    key = Ed25519PrivateKey.generate()
    private = key.private_bytes(pem.Encoding.PEM, pem.PrivateFormat.PKCS8, pem.NoEncryption())
    public = key.public_key().public_bytes(pem.Encoding.PEM, pem.PublicFormat.SubjectPublicKeyInfo)
    create(path, private, 0o600)
    create(beside := path.with_name(path.name + ".pub"), public, 0o644)
    return beside


def create(path: Path, content: bytes, mode: int) -> None:
    """Write a new file.

    Raises:
        ConfigurationInvalid: there is one, or it cannot be written.
    """
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
            file.write(content)
    except OSError as error:
        raise ConfigurationInvalid(f"Cannot make the file {path}: {error.strerror}.") from error


def public_keys(paths: tuple[Path, ...]) -> PublicKeys:
    """All public keys of some PEM files: of a key that was replaced, and of the one after it.

    Raises:
        ConfigurationInvalid: a file cannot be read, or has something else in it.
    """
    found: dict[str, Ed25519PublicKey] = {}
    for path in paths:
        keys = [_public(block) for block in _BLOCK.findall(_read(path))]
        if not keys:
            raise ConfigurationInvalid(f"{path} has no public key; `biofusion audit keygen` writes one beside the key.")
        for key in keys:
            if key is None:
                raise ConfigurationInvalid(f"{path} has a public key that is not one of Ed25519.")
            found[fingerprint(key)] = key
    return found


def is_signed(key: Ed25519PublicKey, text: bytes, signature: str) -> bool:
    """Whether the key has signed the text."""
    try:
        key.verify(bytes.fromhex(signature), text)
    except (InvalidSignature, ValueError):
        return False
    return True


def fingerprint(key: Ed25519PublicKey) -> str:
    """The first 16 hexadecimal digits of the SHA-256 of a public key's 32 bytes."""
    return sha256(key.public_bytes(pem.Encoding.Raw, pem.PublicFormat.Raw)).hexdigest()[:16]


def _public(block: bytes) -> Ed25519PublicKey | None:
    try:
        key = pem.load_pem_public_key(block)
    except (ValueError, UnsupportedAlgorithm):
        return None
    return key if isinstance(key, Ed25519PublicKey) else None


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ConfigurationInvalid(f"Cannot read the key file {path}: {error.strerror}.") from error
