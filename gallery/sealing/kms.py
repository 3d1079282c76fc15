"""A key-encryption key in AWS KMS (extra `aws`): it never leaves the service, which wraps and unwraps the data keys.

KMS rotates the material of a key itself, and keeps the old material for as long as the key exists. So a rotation of the
store wraps new data keys under the present material, and an older copy of the key table can still be opened by whoever
may use the KMS key. To end that, make another KMS key, name it, run `biofusion gallery rotate-keys`, and then schedule
the deletion of the old one in KMS.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from threading import Lock
from typing import Any

from biometrics.errors import KeyUnavailable, KeyWrong

log = logging.getLogger(__name__)

CONTEXT = "biofusion"
"""Name in the encryption context, which KMS writes to its own log."""
CONNECT_S, READ_S = 2.0, 5.0
ATTEMPTS = 3
REFUSALS = {
    "AccessDeniedException",
    "DisabledException",
    "IncorrectKeyException",
    "InvalidArnException",
    "InvalidCiphertextException",
    "InvalidGrantTokenException",
    "InvalidKeyUsageException",
    "InvalidSignatureException",
    "KMSInvalidStateException",
    "NotFoundException",
    "UnrecognizedClientException",
    "ValidationException",
}
"""Errors that trying again does not mend."""


class AwsKms:
    """KeyEncryption by one symmetric KMS key.

    Credentials and region are found as in all AWS programs; a region in the key's ARN goes before.

    Args:
        key_id: id, ARN or alias of the key.
        endpoint: URL of the service; "" for that of the region.
    """

    def __init__(self, key_id: str, endpoint: str = "") -> None:
        self._key_id, self._endpoint = key_id, endpoint
        self._making = Lock()
        self._client: Any = None

    async def current(self) -> str:
        """See KeyEncryption. It is the key's ARN, also if an alias was named."""
        found = await self._call(lambda kms: kms.describe_key(KeyId=self._key_id))
        return str(found["KeyMetadata"]["Arn"])

    async def wrap(self, data_key: bytes, context: str) -> tuple[str, bytes]:
        """See KeyEncryption."""
        made = await self._call(
            lambda kms: kms.encrypt(KeyId=self._key_id, Plaintext=data_key, EncryptionContext={CONTEXT: context})
        )
        return str(made["KeyId"]), bytes(made["CiphertextBlob"])

    async def unwrap(self, key_id: str, wrapped: bytes, context: str) -> bytes:
        """See KeyEncryption."""
        opened = await self._call(
            lambda kms: kms.decrypt(KeyId=key_id, CiphertextBlob=wrapped, EncryptionContext={CONTEXT: context})
        )
        return bytes(opened["Plaintext"])

    async def is_prepared(self) -> bool:
        """See KeyEncryption. KMS makes its own next key."""
        return False

    async def renew(self) -> str:
        """See KeyEncryption. Nothing is made: KMS rotates the key itself."""
        return await self.current()

    async def destroy(self, key_id: str) -> None:
        """See KeyEncryption. Nothing is destroyed, as the KMS key may have other users; the log says what to do."""
        log.warning(
            "No data key is wrapped by the KMS key %s any more. Schedule its deletion in KMS, so that older copies of "
            "the key table cannot be opened.",
            key_id,
        )

    async def close(self) -> None:
        """See KeyEncryption."""
        if self._client is not None:
            self._client.close()

    async def _call(self, work: Callable[[Any], Any]) -> Any:
        return await asyncio.to_thread(self._answer, work)

    def _answer(self, work: Callable[[Any], Any]) -> Any:
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415  # an extra

        try:
            return work(self._opened())
        except ClientError as error:
            code = str(error.response.get("Error", {}).get("Code", ""))
            if code in REFUSALS:
                raise KeyWrong(
                    f"AWS KMS refuses to use the key {self._key_id} ({code}). Name the key that the store was sealed "
                    "with, and allow kms:Encrypt, kms:Decrypt and kms:DescribeKey on it."
                ) from error
            raise KeyUnavailable(f"AWS KMS cannot be used now ({code}). Try again.") from error
        except BotoCoreError as error:
            raise KeyUnavailable(f"AWS KMS cannot be reached ({type(error).__name__}). Try again.") from error

    def _opened(self) -> Any:
        import boto3  # noqa: PLC0415  # an extra
        from botocore.config import Config  # noqa: PLC0415

        with self._making:
            if self._client is None:
                parts = self._key_id.split(":")
                self._client = boto3.client(
                    "kms",
                    region_name=parts[3] if self._key_id.startswith("arn:") and len(parts) > 3 else None,
                    endpoint_url=self._endpoint or None,
                    config=Config(
                        connect_timeout=CONNECT_S,
                        read_timeout=READ_S,
                        retries={"total_max_attempts": ATTEMPTS, "mode": "standard"},
                    ),
                )
            return self._client
