"""Splitting extended data into blocks.

A block is a type (2 bytes), a length (2) and data. Most records count these four bytes in the length, some that follow
ISO/IEC 19794-2:2005 do not. The reading that ends where the data ends is taken; if none does, one that ends a byte
before or after it, as there are records that state one byte too many or too few.
"""

from __future__ import annotations

from biometrics.errors import RecordMalformed
from formats.cursor import Cursor
from formats.minutiae.extended.kinds import Block

HEAD = 4
MOST_BLOCKS = 100
"""Of one view, so that a record of empty blocks takes no longer to read than others of its size."""
READINGS = ((HEAD, 0), (0, 0), (HEAD, 1), (0, 1))
"""Bytes of its own that a length counts, and how far the last block may end from the end of the data; first wins."""


def read_blocks(cursor: Cursor) -> tuple[Block, ...]:
    """The blocks of a view, in order, and the cursor after them.

    Raises:
        RecordMalformed: the length lies beyond the data by more than a byte, or those of the blocks do not add up.
    """
    stated = cursor.number(2, "the length of the extended data")
    if stated > cursor.left + 1:
        raise RecordMalformed(
            f"{cursor.where}: {stated} bytes of extended data are announced, and {cursor.left} are left."
        )
    data = bytes(cursor.take(min(stated, cursor.left), "the extended data"))
    for counted, slack in READINGS:
        blocks = _split(data, counted, slack)
        if blocks is not None:
            return blocks
    raise RecordMalformed(
        f"{cursor.where}: the lengths of the blocks of extended data do not add up to {stated}, or there are over "
        f"{MOST_BLOCKS}."
    )


def _split(data: bytes, counted: int, slack: int) -> tuple[Block, ...] | None:
    """The blocks if they end at most `slack` bytes before or after the end of the data, else None."""
    blocks: list[Block] = []
    at = 0
    while len(data) - at >= HEAD:
        kind, length = int.from_bytes(data[at : at + 2], "big"), int.from_bytes(data[at + 2 : at + HEAD], "big")
        after = at + HEAD + length - counted
        if length < counted or after > len(data) + slack or len(blocks) == MOST_BLOCKS:
            return None
        blocks.append(Block(kind, data[at + HEAD : after]))
        at = after
    return tuple(blocks) if abs(len(data) - at) <= slack else None
