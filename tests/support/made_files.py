"""Image files made byte by byte, in forms that Pillow does not write."""

from __future__ import annotations

import io
import struct
import zlib

from PIL import Image as Pillow

SHORT, LONG = 3, 4
Entry = tuple[int, int, int]


def encoded(image: Pillow.Image, kind: str = "PNG", **options: object) -> bytes:
    """The image as a file."""
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def png(width: int, height: int, colour: int = 2, depth: int = 8, interlace: int = 0, extra: bytes = b"") -> bytes:
    """A black PNG at the highest compression, with `extra` chunks before its pixels."""
    samples = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[colour]
    deflate = zlib.compressobj(9)
    row = bytes(1 + width * samples * depth // 8)
    pixels = b"".join([deflate.compress(row) for _ in range(height * (2 if interlace else 1))]) + deflate.flush()
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, interlace)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + extra + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def chunk(kind: bytes, data: bytes) -> bytes:
    """A chunk of a PNG."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def tiff(entries: list[Entry], data: bytes = b"", further: int = 0) -> bytes:
    """A TIFF of one directory at byte 8, followed by `data` and `further` empty directories."""
    directory = struct.pack("<H", len(entries)) + b"".join(
        struct.pack("<HHII", tag, kind, 1, value) for tag, kind, value in sorted(entries)
    )
    end = 8 + len(directory) + 4 + len(data)
    one = struct.pack("<H", 3) + b"".join(struct.pack("<HHII", tag, LONG, 1, 64) for tag in (256, 257, 273))
    chain = [one + struct.pack("<I", end + (n + 1) * (len(one) + 4)) for n in range(further)]
    if chain:
        chain[-1] = one + bytes(4)
    return (
        b"II*\0" + struct.pack("<I", 8) + directory + struct.pack("<I", end if further else 0) + data + b"".join(chain)
    )


def gray_entries(width: int, height: int, data_at: int, size: int, compression: int = 1) -> list[Entry]:
    """The directory entries of a grey TIFF of one strip."""
    return [
        (256, LONG, width), (257, LONG, height), (258, SHORT, 8), (259, SHORT, compression), (262, SHORT, 1),
        (273, LONG, data_at), (277, SHORT, 1), (278, LONG, height), (279, LONG, size),
    ]  # fmt: skip
