"""One call: what it shows beside the certificate, and what becomes of its errors."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import grpc

from biometrics.errors import ConfigurationInvalid
from infra.identity.tokens.token_check import LONGEST
from infra.wire.status import error_info

Metadata = tuple[tuple[str, str], ...]


class CallFailed(Exception):
    """A service refused a call, or did not answer.

    Args:
        status: name of the gRPC status.
        reason: of the service's error, UPPER_SNAKE; "" if it gave none.
        message: its sentence.
    """

    def __init__(self, status: str, reason: str, message: str) -> None:
        super().__init__(f"{status} {reason}")
        self.status, self.reason, self.message = status, reason, message


async def ask(method: Any, request: Any, metadata: Metadata, within_s: float) -> Any:
    """The answer of a call.

    Args:
        method: of a stub.
        request: its request.
        metadata: what it shows and states.
        within_s: seconds that it may take.

    Raises:
        CallFailed: the service refuses it, or does not answer.
    """
    try:
        return await method(request, timeout=within_s, metadata=metadata)
    except grpc.aio.AioRpcError as error:
        reason = error_info(error.trailing_metadata()).reason
        raise CallFailed(error.code().name, reason, error.details() or "") from error


def shown_token(file: str) -> Metadata:
    """The metadata that shows a token; none without a file, which is read each time so that it can be replaced.

    Raises:
        ConfigurationInvalid: the file cannot be read, or holds no token.
    """
    if not file:
        return ()
    try:
        token = Path(file).read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationInvalid("The file of the token cannot be read.") from error
    if not token or len(token) > LONGEST or not token.isprintable():
        raise ConfigurationInvalid("The file of the token does not contain a token, in one line.")
    return (("authorization", f"Bearer {token}"),)
