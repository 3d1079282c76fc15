"""Opens what the data share encrypts for a partner, in the form of MOSIP 1.2 and in that of before."""

from __future__ import annotations

import base64
import binascii
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization.pkcs12 import load_key_and_certificates

from biometrics.errors import ConfigurationInvalid

VERSION, SPLITTER = b"VER_R2", b"#KEY_SPLITTER#"
_THUMBPRINT, _ADDITIONAL, _NONCE = 32, 32, 12
_OLD_NONCES = (16, 32)
_KEYS = {16, 24, 32}


class EnvelopeInvalid(Exception):
    """It is none of these forms, is damaged, or is meant for another key."""


class Envelopes:
    """Opens them.

    Args:
        key: the partner's.
    """

    def __init__(self, key: RSAPrivateKey) -> None:
        self._key = key
        self._padding = OAEP(MGF1(hashes.SHA256()), hashes.SHA256(), None)

    def opened(self, envelope: bytes) -> bytes:
        """What is in an envelope in base64url. CPU-bound. Raises EnvelopeInvalid."""
        try:
            data = _decoded(envelope)
            before, splitter, after = data.partition(SPLITTER)
            if not splitter:
                raise EnvelopeInvalid
            wrapped = self._key.key_size // 8
            is_new = before.startswith(VERSION) and len(before) == len(VERSION) + _THUMBPRINT + wrapped
            if not is_new and len(before) not in (wrapped, _THUMBPRINT + wrapped):
                raise EnvelopeInvalid
            key = self._key.decrypt(before[-wrapped:], self._padding)
            if len(key) not in _KEYS:
                raise EnvelopeInvalid
            return _new(AESGCM(key), after) if is_new else _old(AESGCM(key), after)
        except (ValueError, InvalidTag):
            raise EnvelopeInvalid from None


def _decoded(envelope: bytes) -> bytes:
    text = envelope.strip().rstrip(b"=")
    try:
        return base64.b64decode(text + b"=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except binascii.Error:
        raise EnvelopeInvalid from None


def _new(cipher: AESGCM, data: bytes) -> bytes:
    """Additional data, which begin with the nonce, and the ciphertext with its tag."""
    additional = data[:_ADDITIONAL]
    return cipher.decrypt(additional[:_NONCE], data[_ADDITIONAL:], additional)


def _old(cipher: AESGCM, data: bytes) -> bytes:
    """The ciphertext with its tag, and the nonce: of 16 bytes in MOSIP's code, of 32 in its text."""
    for size in _OLD_NONCES:
        try:
            return cipher.decrypt(data[-size:], data[:-size], None)
        except InvalidTag:
            continue
    raise EnvelopeInvalid


def read_envelopes(file: str, password_file: str) -> Envelopes:
    """The envelopes of the partner whose key is in a PKCS#12 file.

    Args:
        file: PKCS#12.
        password_file: file of its password; "" without one.

    Raises:
        ConfigurationInvalid: the files cannot be used.
    """
    try:
        password = Path(password_file).read_bytes().strip() if password_file else None
        key, _certificate, _others = load_key_and_certificates(Path(file).read_bytes(), password)
    except (OSError, ValueError) as error:
        raise ConfigurationInvalid(
            "The file of BIOFUSION_MOSIP_ABIS_PARTNER_FILE, or its password in "
            "BIOFUSION_MOSIP_ABIS_PARTNER_PASSWORD_FILE, cannot be used."
        ) from error
    if not isinstance(key, RSAPrivateKey):
        raise ConfigurationInvalid("The file of BIOFUSION_MOSIP_ABIS_PARTNER_FILE holds no private RSA key.")
    return Envelopes(key)
