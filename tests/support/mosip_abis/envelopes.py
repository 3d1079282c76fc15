"""Encrypted files of a data share, in the forms of MOSIP since 1.2 and before it, and the key of whom they are for."""

from __future__ import annotations

import base64
import os
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from functools import cached_property

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12
from cryptography.x509.oid import NameOID

SPLITTER = b"#KEY_SPLITTER#"
_OAEP = padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), None)


class Form(Enum):
    """Of an encrypted file."""

    SINCE_1_2 = "VER_R2"
    BEFORE_1_2 = "nonce of 16 bytes at the end"
    BEFORE_1_2_AS_TOLD = "nonce of 32 bytes at the end"


@dataclass(frozen=True)
class PartnerKey:
    """A key of 2048 bits with its certificate."""

    @cached_property
    def private(self) -> rsa.RSAPrivateKey:
        """Made once."""
        return rsa.generate_private_key(65537, 2048)

    @cached_property
    def certificate(self) -> x509.Certificate:
        """Its own issuer, for a day."""
        name, now = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "an ABIS")]), datetime.now(UTC)
        builder = x509.CertificateBuilder(name, name, self.private.public_key(), x509.random_serial_number())
        builder = builder.not_valid_before(now - timedelta(1)).not_valid_after(now + timedelta(1))
        return builder.sign(self.private, hashes.SHA256())

    @property
    def thumbprint(self) -> bytes:
        """32 bytes."""
        return self.certificate.fingerprint(hashes.SHA256())

    def file(self, password: bytes) -> bytes:
        """Key and certificate as PKCS#12."""
        sealing = BestAvailableEncryption(password)
        return pkcs12.serialize_key_and_certificates(b"abis", self.private, self.certificate, None, sealing)


def encrypted(data: bytes, key: PartnerKey, form: Form) -> bytes:
    """The file in base64url, for the holder of the key."""
    secret = os.urandom(32)
    wrapped = key.private.public_key().encrypt(secret, _OAEP)
    if form is Form.SINCE_1_2:
        extra = os.urandom(32)
        rest = extra + AESGCM(secret).encrypt(extra[:12], data, extra)
        return base64.urlsafe_b64encode(b"VER_R2" + key.thumbprint + wrapped + SPLITTER + rest)
    nonce = os.urandom(16 if form is Form.BEFORE_1_2 else 32)
    rest = AESGCM(secret).encrypt(nonce, data, None) + nonce
    return base64.urlsafe_b64encode(key.thumbprint + wrapped + SPLITTER + rest)
