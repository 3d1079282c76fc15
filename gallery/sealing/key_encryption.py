"""The port to the key-encryption key, which wraps the data keys. It is kept outside the store and the key table."""

from __future__ import annotations

from typing import Protocol


class KeyEncryption(Protocol):
    """Wraps data keys under a key that never leaves where it is kept, or never leaves memory.

    Every method raises KeyUnavailable if the key cannot be used: missing, refused, or another one.
    """

    async def current(self) -> str:
        """Id of the key that wraps now."""

    async def wrap(self, data_key: bytes, context: str) -> tuple[str, bytes]:
        """Wrap a data key of 32 bytes under the current key.

        Args:
            data_key: what is wrapped.
            context: bound to the result: it is unwrapped with the same context only.

        Returns:
            Id of the wrapping key, and the wrapped data key.
        """

    async def unwrap(self, key_id: str, wrapped: bytes, context: str) -> bytes:
        """The data key."""

    async def is_prepared(self) -> bool:
        """Whether the next key exists already, and `renew` takes it."""

    async def renew(self) -> str:
        """Make a new current key, beside the old ones, or take the prepared one, and return its id."""

    async def destroy(self, key_id: str) -> None:
        """Destroy a key that is not the current one, so that what it wrapped cannot be opened by anybody."""

    async def close(self) -> None:
        """Release connections."""
