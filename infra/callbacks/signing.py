"""The signature of a callback: HMAC with SHA-256 (RFC 2104) over time and body."""

from __future__ import annotations

import hmac
from hashlib import sha256
from pathlib import Path

from biometrics.errors import ConfigurationInvalid

SIGNATURE = "Biofusion-Signature"
"""Header `t=<seconds since 1970>,v1=<hex HMAC of "<t>.<body>">`."""
DELIVERY = "Biofusion-Delivery"
"""Header with the message's id, a UUID: equal for all attempts, also for those that are asked for again."""
LEAST_SECRET = 32
"""Fewest bytes of the key."""


def read_secret(file: str) -> bytes:
    """The key of the signatures: the file's content without white space at its ends.

    Raises:
        ConfigurationInvalid: the file cannot be read, or has fewer than 32 bytes.
    """
    try:
        secret = Path(file).read_bytes().strip()
    except OSError as error:
        raise ConfigurationInvalid("The file of BIOFUSION_JOB_CALLBACK_SECRET_FILE cannot be read.") from error
    if len(secret) < LEAST_SECRET:
        raise ConfigurationInvalid(
            f"The file of BIOFUSION_JOB_CALLBACK_SECRET_FILE has fewer than {LEAST_SECRET} bytes. Make one by "
            "`openssl rand -hex 32`."
        )
    return secret


def signature(secret: bytes, time_s: int, body: bytes) -> str:
    """The value of the header `SIGNATURE`."""
    return f"t={time_s},v1={hmac.new(secret, b'%d.%s' % (time_s, body), sha256).hexdigest()}"
