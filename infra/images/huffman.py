"""Huffman tables as JPEG and WSQ files state them (ITU-T T.81, annex C and B.2.4.2)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from biometrics.errors import ImageUndecodable

LONGEST_CODE = 16
MOST_TABLES = 8

Code = tuple[bytes, bytes]
"""The number of codes of 1 to 16 bits, and the symbols in the order of their codes."""


def stated_codes(content: bytes) -> dict[int, Code]:
    """Read the tables of a segment, by their number.

    Raises:
        ImageUndecodable: the segment ends within one, or states more than 8.
    """
    found: dict[int, Code] = {}
    while content:
        number, counts = content[0], content[1 : 1 + LONGEST_CODE]
        end = 1 + LONGEST_CODE + sum(counts)
        if end > len(content) or number in found or len(found) == MOST_TABLES:
            raise _wrong()
        found[number] = counts, content[1 + LONGEST_CODE : end]
        content = content[end:]
    return found


def lookup(code: Code) -> NDArray[np.uint16]:
    """For each 16 bits the length of the code that they begin with, times 256, plus its symbol; 0 if there is none.

    Codes of one length follow each other, and the next longer ones follow the last with zeros appended.

    Raises:
        ImageUndecodable: more codes than there can be.
    """
    counts, symbols = code
    table = np.zeros(2**LONGEST_CODE, np.uint16)
    at = number = 0
    for length, count in enumerate(counts, 1):
        width = 1 << (LONGEST_CODE - length)
        if at + count * width > table.size:
            raise _wrong()
        entries = length * 256 + np.frombuffer(symbols, np.uint8, count, number).astype(np.uint16)
        table[at : at + count * width] = np.repeat(entries, width)
        at, number = at + count * width, number + count
    return table


def _wrong() -> ImageUndecodable:
    return ImageUndecodable("The image is damaged: its Huffman tables are wrong. Send the whole file.")
