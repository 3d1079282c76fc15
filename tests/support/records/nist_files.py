"""ANSI/NIST-ITL files, put together from records for tests; every length may be made to lie."""

from __future__ import annotations

from collections.abc import Sequence
from struct import pack

from formats.nist.written import tagged

SECRET = "DOE,JANE^Q"
"""A name in Type-2 and in comments: it must be in nothing that is made of the file."""

Numbered = tuple[int, bytes]
"""A record's type and bytes."""


def nist_file(*records: Numbered, listed: Sequence[tuple[int, int]] | None = None, native: str = "19.69") -> bytes:
    """Return a file of Type-1, a Type-2 with a name, and these records, whose IDCs count from 1."""
    person = tagged(2, [(2, "00"), (18, SECRET), (22, "19800101"), (24, "F")])
    kinds = [(2, 0), *((kind, index) for index, (kind, _) in enumerate(records, start=1))]
    contents = [f"1\x1f{len(kinds)}", *(f"{kind}\x1f{idc:02}" for kind, idc in (listed or kinds))]
    first = tagged(1, [(2, "0500"), (3, "\x1e".join(contents)), (4, "T"), (11, native), (12, "39.37"), (13, SECRET)])
    return first + person + b"".join(data for _, data in records)


def print_14(idc: int, code: int | str, picture: bytes | None, **changed: str) -> Numbered:
    """Return a Type-14 of 4×3 raw grey pixels at 500 dpi; `changed` replaces fields, e.g. f11="PNG"."""
    return _tagged(
        14, {2: f"{idc:02}", 3: "0", 4: SECRET, **_size(), 12: "8", 13: str(code), 20: SECRET}, picture, changed
    )


def face_10(idc: int, picture: bytes, **changed: str) -> Numbered:
    """Return a Type-10 of a face in JPEG."""
    return _tagged(10, {2: f"{idc:02}", 3: "FACE", **_size("JPEGB"), 12: "SRGB"}, picture, changed)


def iris_17(idc: int, eye: int, picture: bytes, **changed: str) -> Numbered:
    """Return a Type-17 of raw grey pixels."""
    return _tagged(17, {2: f"{idc:02}", 3: str(eye), **_size(), 12: "8", 13: "GRAY"}, picture, changed)


def minutiae_9(idc: int, rows: Sequence[str], **changed: str) -> Numbered:
    """Return a Type-9 with fields of INCITS 378; a row is index, x, y, angle/2, kind and quality."""
    values = {2: f"{idc:02}", 3: "0", 4: "S", 126: "27\x1f513\x1f0", 128: "300", 129: "400", 130: "1", 131: "500"}
    values |= {
        132: "500",
        134: "7",
        135: "61\x1f1\x1f2",
        136: str(len(rows)),
        137: "\x1e".join(rows).replace(" ", "\x1f"),
    }
    return _tagged(9, values, None, changed)


def other(kind: int, idc: int) -> Numbered:
    """Return a tagged record of another type, with a picture whose bytes look like separators and fields."""
    return kind, tagged(kind, [(2, f"{idc:02}"), (999, b"\x1d\x1c14.013:2\x1c")])


def binary_4(idc: int, codes: Sequence[int], picture: bytes, compression: int = 0, native: int = 1) -> Numbered:
    """Return a Type-4 of 4×3 pixels."""
    positions = bytes([*codes, *[255] * (6 - len(codes))])
    body = bytes([idc, 0]) + positions + pack(">BHHB", native, 4, 3, compression) + picture
    return 4, pack(">I", len(body) + 4) + body


def _size(compression: str = "NONE") -> dict[int, str]:
    return {6: "4", 7: "3", 8: "1", 9: "500", 10: "500", 11: compression}


def _tagged(kind: int, values: dict[int, str], picture: bytes | None, changed: dict[str, str]) -> Numbered:
    values |= {int(name[1:]): value for name, value in changed.items()}
    fields: list[tuple[int, str | bytes]] = [(number, value) for number, value in sorted(values.items()) if value]
    return kind, tagged(kind, fields if picture is None else [*fields, (999, picture)])
