"""Fields → the bytes of a tagged record, with the length that counts its own digits."""

from __future__ import annotations

from collections.abc import Sequence

_FS, _GS = b"\x1c", b"\x1d"
Values = list[tuple[int, str | bytes]]
"""(number, value) in the order of the record, without .001."""


def tagged(kind: int, values: Sequence[tuple[int, str | bytes]]) -> bytes:
    r"""Return a record of this type; its first field is its length in bytes, its last byte a file separator.

    >>> tagged(2, [(2, "00")])
    b'2.001:18\x1d2.002:00\x1c'
    """
    body = _GS.join(_field(kind, number, value) for number, value in values) + _FS
    before = len(_field(kind, 1, "")) + len(_GS) + len(body)
    length = before + 1
    while before + len(str(length)) != length:
        length = before + len(str(length))
    return _field(kind, 1, str(length)) + _GS + body


def _field(kind: int, number: int, value: str | bytes) -> bytes:
    return b"%d.%03d:" % (kind, number) + (value if isinstance(value, bytes) else value.encode("ascii"))
