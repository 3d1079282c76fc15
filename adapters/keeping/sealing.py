"""Seals what is kept of a request: AES-256-GCM, bound to the request and to what it is."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from biometrics.errors import ConfigurationInvalid

KEY, _NONCE = 32, 12


class Seal:
    """Seals and opens JSON.

    Args:
        key: 32 bytes.
        setting: that names its file, for errors.
    """

    def __init__(self, key: bytes, setting: str) -> None:
        self._cipher, self._setting = AESGCM(key), setting

    def closed(self, value: Any, name: str, what: str) -> bytes:
        """A value, sealed.

        Args:
            value: JSON.
            name: of the request.
            what: the value is to the request.
        """
        nonce = os.urandom(_NONCE)
        text = json.dumps(value, separators=(",", ":")).encode()
        return nonce + self._cipher.encrypt(nonce, text, f"{name}/{what}".encode())

    def opened(self, sealed: bytes, name: str, what: str) -> Any:
        """The value again. Raises ConfigurationInvalid: it was sealed with another key."""
        try:
            text = self._cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], f"{name}/{what}".encode())
        except InvalidTag as error:
            raise ConfigurationInvalid(f"A request was sealed with another key than {self._setting}'s.") from error
        return json.loads(text)


def read_seal(file: str, setting: str) -> Seal:
    """The seal by the key in a file of 32 bytes or 64 hexadecimal digits, which the setting names.

    Raises:
        ConfigurationInvalid: there is none.
    """
    try:
        data = Path(file).read_bytes()
        key = data if len(data) == KEY else bytes.fromhex(data.decode("ascii").strip())
    except (OSError, ValueError):
        key = b""
    if len(key) != KEY:
        raise ConfigurationInvalid(
            f"The file of {setting} holds no key of 32 bytes. Make one by `openssl rand -hex 32`."
        )
    return Seal(key, setting)
