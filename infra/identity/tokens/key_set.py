"""A set of public keys (JWKS, RFC 7517): which of them can verify which signature."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from jwt import PyJWK, PyJWTError

MOST = 100
"""Keys of a set that are looked at."""

LEAST_RSA_BITS = 2048

_CURVES = {"ES256": "P-256", "ES384": "P-384", "ES512": "P-521", "EdDSA": "Ed25519"}


@dataclass(frozen=True, slots=True)
class Key:
    """One public key.

    Args:
        kid: its id; "" without one.
        algorithm: the only signature that it is for; "" for each that its kind allows.
        curve: of an elliptic curve; "" of RSA.
        public: the key itself.
    """

    kid: str
    algorithm: str
    curve: str
    public: Any

    def verifies(self, algorithm: str) -> bool:
        """Whether it is for this signature."""
        return self.algorithm in ("", algorithm) and self.curve == _CURVES.get(algorithm, "")


@dataclass(frozen=True, slots=True)
class KeySet:
    """The usable keys of an issuer."""

    keys: tuple[Key, ...]

    @classmethod
    def parse(cls, raw: bytes) -> KeySet:
        """Read a set; keys that are secret, for encryption, too short or of an unknown kind are left out.

        Raises:
            ValueError: it is no JWKS, or no usable key is left.
        """
        found = json.loads(raw)
        listed = found.get("keys") if isinstance(found, dict) else None
        if not isinstance(listed, list):
            raise ValueError("no list of keys")  # noqa: TRY004 - a wrong value of a file, not of an argument
        keys = tuple(key for each in listed[:MOST] if isinstance(each, dict) and (key := _key(each)))
        if not keys:
            raise ValueError("no usable key")
        return cls(keys)

    def find(self, kid: str, algorithm: str) -> Any | None:
        """The public key of this id for this signature; without an id, the only one for it; None if there is none."""
        fit = [each.public for each in self.keys if each.verifies(algorithm) and kid in ("", each.kid)]
        return fit[0] if len(fit) == 1 or (fit and kid) else None


def _key(jwk: Mapping[str, Any]) -> Key | None:
    if jwk.get("kty") not in ("RSA", "EC", "OKP") or jwk.get("use", "sig") != "sig":
        return None
    public = {name: value for name, value in jwk.items() if name not in ("d", "p", "q", "dp", "dq", "qi", "oth")}
    try:
        key = PyJWK(public).key
    except (PyJWTError, ValueError, TypeError, KeyError):
        return None
    if jwk["kty"] == "RSA" and key.key_size < LEAST_RSA_BITS:
        return None
    return Key(str(jwk.get("kid", "")), str(jwk.get("alg", "")), str(jwk.get("crv", "")), key)
