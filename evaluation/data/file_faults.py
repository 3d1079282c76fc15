"""Why a file cannot be read or written, in words for a message."""

from __future__ import annotations

import zlib


def why(error: Exception) -> str:
    """What an exception of reading or writing a file says, in lower case and without the path.

    Of a file's content only csv.Error says something itself.
    """
    match error:
        case OSError(strerror=str(said)) if said:
            return said[0].lower() + said[1:]
        case UnicodeDecodeError():
            return "it is no UTF-8 text"
        case OSError() | EOFError() | zlib.error():
            return "its compressed data are damaged, or end too early"
    return str(error)
