"""An issuer of tokens for tests."""

from __future__ import annotations

import json
import time
from functools import cache
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

ISSUER, AUDIENCE = "https://issuer.example.org", "biofusion"

_JWK = {"RS": RSAAlgorithm, "PS": RSAAlgorithm, "ES": ECAlgorithm, "Ed": OKPAlgorithm}


def key(algorithm: str = "ES256", name: str = "") -> Any:
    """A private key for this signature; the same one for the same name."""
    return _key(algorithm, name)


@cache
def _key(algorithm: str, name: str) -> Any:
    if algorithm.startswith(("RS", "PS")):
        return rsa.generate_private_key(65537, 2048)
    return ed25519.Ed25519PrivateKey.generate() if algorithm == "EdDSA" else ec.generate_private_key(ec.SECP256R1())


def jwk(private: Any, kid: str, algorithm: str = "ES256", **more: str) -> dict[str, str]:
    """The public key, as an issuer publishes it."""
    public: dict[str, str] = _JWK[algorithm[:2]].to_jwk(private.public_key(), as_dict=True)
    return public | {"kid": kid} | more


def key_set(*keys: dict[str, str]) -> bytes:
    """The issuer's key set."""
    return json.dumps({"keys": keys}).encode()


def claims(**changed: Any) -> dict[str, Any]:
    """What a valid token says, with changes; None leaves a claim out."""
    now = int(time.time())
    said = {"iss": ISSUER, "aud": AUDIENCE, "sub": "kiosk-7", "iat": now, "exp": now + 600} | changed
    return {name: value for name, value in said.items() if value is not None}


def token(
    private: Any = None, kid: str | None = "one", algorithm: str = "ES256", headers: Any = (), **changed: Any
) -> str:
    """A token, signed by the issuer's first key or another one."""
    more = dict(headers) | ({"kid": kid} if kid is not None else {})
    return jwt.encode(claims(**changed), private or key(algorithm), algorithm, more)
