"""Sealed packages: all that is stored of a subject, as rows of a manifest, for the owner of a key only.

The rows are JSON Lines in UTF-8, one per encounter, sealed by HPKE in base mode (RFC 9180): DHKEM(X25519, HKDF-SHA256),
HKDF-SHA256, AES-256-GCM, with the info "biofusion package 1". A package is the encapsulated key and the ciphertext.
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Mapping, Sequence
from typing import Any

from cryptography.exceptions import InvalidTag, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key

from biometrics.errors import FieldInvalid
from biometrics.template import Position
from gallery.subject import Encounter, EncounterState, Missing, Reference, Subject

INFO = b"biofusion package 1"
MAX_PEM_BYTES = 16 * 1024
SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)

Fields = dict[str, Any]


def seal_subject(subject: Subject, recipient: str) -> bytes:
    """The package of a subject.

    Args:
        subject: with its templates.
        recipient: public key, X25519 in PEM.

    Raises:
        FieldInvalid: the key cannot be used.
    """
    lines = [json.dumps(row, separators=(",", ":")) + "\n" for row in rows_of(subject)]
    return SUITE.encrypt("".join(lines).encode(), public_key(recipient), info=INFO)


def open_package(package: bytes, private: bytes) -> list[Mapping[str, Any]]:
    """The rows in a package.

    Args:
        package: as it was sealed.
        private: key of the recipient, X25519 in PEM without a password.

    Raises:
        FieldInvalid: the key cannot be used, or the package was sealed for another one, or is damaged.
    """
    try:
        lines = SUITE.decrypt(package, _private_key(private), info=INFO)
        return [json.loads(line) for line in lines.splitlines()]
    except (InvalidTag, ValueError):
        raise FieldInvalid("package", "it is damaged, or was sealed for the owner of another key.") from None


def public_key(pem: str) -> X25519PublicKey:
    """A recipient's key.

    Raises:
        FieldInvalid: the text is no PEM of an X25519 public key.
    """
    try:
        key = load_pem_public_key(pem.encode()) if len(pem) <= MAX_PEM_BYTES else None
    except (ValueError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, X25519PublicKey):
        raise FieldInvalid(
            "recipient_public_key", "an X25519 public key in PEM is needed, e.g. by `openssl pkey -pubout`."
        )
    return key


def rows_of(subject: Subject) -> Sequence[Fields]:
    """The encounters of a subject as rows of a manifest (docs/how-to/migrate.md)."""
    return [_row(subject, each) for each in subject.encounters]


def _row(subject: Subject, encounter: Encounter) -> Fields:
    row: Fields = {
        "subject_id": subject.subject_id,
        "encounter_id": encounter.encounter_id,
        "galleries": list(subject.galleries),
        "samples": [_sample(each) for each in encounter.references],
    }
    if encounter.state is not EncounterState.ACTIVE:
        row["state"] = str(encounter.state)
    if encounter.expire_time:
        row["expire_time"] = encounter.expire_time.isoformat()
    if encounter.missing:
        row["missing"] = [_missing(each) for each in encounter.missing]
    return row


def _sample(reference: Reference) -> Fields:
    template = reference.template
    fields: Fields = {"modality": str(reference.modality), "model_id": template.model_id}
    if reference.position is not Position.UNKNOWN:
        fields["position"] = str(reference.position)
    if reference.quality is not None:
        fields["quality"] = reference.quality
    return fields | {"template": b64encode(template.data).decode()}


def _missing(missing: Missing) -> Fields:
    return {"modality": str(missing.modality), "position": str(missing.position), "reason": str(missing.reason)}


def _private_key(pem: bytes) -> X25519PrivateKey:
    try:
        key = load_pem_private_key(pem, None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, X25519PrivateKey):
        raise FieldInvalid("key", "an X25519 private key in PEM, without a password, is needed.")
    return key
