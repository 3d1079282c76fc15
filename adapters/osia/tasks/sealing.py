"""Seals what is kept of a task: AES-256-GCM, bound to the task and to what it is."""

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
    """

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)

    def closed(self, value: Any, task_id: str, what: str) -> bytes:
        """A value, sealed."""
        nonce = os.urandom(_NONCE)
        text = json.dumps(value, separators=(",", ":")).encode()
        return nonce + self._cipher.encrypt(nonce, text, f"{task_id}/{what}".encode())

    def opened(self, sealed: bytes, task_id: str, what: str) -> Any:
        """The value again. Raises ConfigurationInvalid: it was sealed with another key."""
        try:
            text = self._cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], f"{task_id}/{what}".encode())
        except InvalidTag as error:
            raise ConfigurationInvalid("A task was sealed with another key than BIOFUSION_OSIA_KEY_FILE's.") from error
        return json.loads(text)


def read_key(file: str) -> bytes:
    """The key in a file of 32 bytes or 64 hexadecimal digits. Raises ConfigurationInvalid: there is none."""
    try:
        data = Path(file).read_bytes()
        key = data if len(data) == KEY else bytes.fromhex(data.decode("ascii").strip())
    except (OSError, ValueError):
        key = b""
    if len(key) != KEY:
        raise ConfigurationInvalid(
            "The file of BIOFUSION_OSIA_KEY_FILE holds no key of 32 bytes. Make one by `openssl rand -hex 32`."
        )
    return key
