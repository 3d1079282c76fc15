"""Image records of ISO/IEC 19794-4, -5 and -6, written field by field for tests; every number may be made to lie."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from struct import pack

PIXELS = bytes(range(12))
"""A picture of 4×3 grey pixels."""
PNM = b"P5\n4 3\n255\n" + PIXELS
JPEG = b"\xff\xd8\xff\xe0 stands for a photograph \xff\xd9"


@dataclass(frozen=True)
class Shown:
    """What one representation shows; the codes are those of the standards."""

    code: int = 2
    picture: bytes = PIXELS
    width: int = 4
    height: int = 3
    compression: int = 0
    depth: int = 8
    qualities: Sequence[int] = (80,)
    unit: int = 2
    dots: tuple[int, int] = (197, 197)
    impression: int = 0
    kind: int = 3
    unused: bytes = b""
    picture_length: int | None = None
    landmarks: int = 0
    certificates: int | None = None
    number: int = 1
    views: int = 1
    extra: dict[str, int] = field(default_factory=dict)

    @property
    def stored_length(self) -> int:
        """The length that the record states of the picture."""
        return len(self.picture) if self.picture_length is None else self.picture_length


def _captured(shown: Shown) -> bytes:
    date = pack(">H", 2024) + bytes([2, 29, 12, 30, 0]) + pack(">H", 0xFFFF)
    qualities = b"".join(pack(">BHH", score, 0x101, 1) for score in shown.qualities)
    return date + pack(">BHH", 1, 2, 3) + bytes([len(shown.qualities)]) + qualities


def _record(magic: bytes, count: int, rest: bytes, bodies: Sequence[bytes], certified: int = 0) -> bytes:
    blocks = b"".join(pack(">I", len(body) + 4) + body for body in bodies)
    header = pack(">HB", count, certified) + rest
    return magic + pack(">I", 12 + len(header) + len(blocks)) + header + blocks


def fir_2011(*all_shown: Shown, count: int | None = None, certified: int = 0) -> bytes:
    """Return finger images of 2011."""
    bodies = []
    for shown in all_shown:
        certificates = (
            b"" if shown.certificates is None else bytes([shown.certificates]) + bytes(3 * shown.certificates)
        )
        bodies.append(
            _captured(shown)
            + certificates
            + pack(">BBB", shown.code, shown.number, shown.unit)
            + pack(">HHHH", *shown.dots, *shown.dots)
            + pack(">BBB", shown.depth, shown.compression, shown.impression)
            + pack(">HHI", shown.width, shown.height, shown.stored_length)
            + shown.picture
            + shown.unused
        )
    return _record(b"FIR\x00020\x00", len(bodies) if count is None else count, b"\x01", bodies, certified)


def fir_2005(*all_shown: Shown, count: int | None = None) -> bytes:
    """Return finger images of 2005; resolution, depth and compression of the first hold for all."""
    first = all_shown[0]
    blocks = b""
    for shown in all_shown:
        body = pack(">BBBBB", shown.code, shown.views, shown.number, *shown.qualities, shown.impression)
        body += pack(">HHB", shown.width, shown.height, 0) + shown.picture + shown.unused
        blocks += pack(">I", len(body) + 4) + body
    header = pack(">HHBB", 7, 31, len(all_shown) if count is None else count, first.unit)
    header += pack(">HHHHBBH", *first.dots, *first.dots, first.depth, first.compression, 0)
    return b"FIR\x00010\x00" + (14 + len(header) + len(blocks)).to_bytes(6, "big") + header + blocks


def fac_2005(*all_shown: Shown, count: int | None = None, block_length: int | None = None) -> bytes:
    """Return faces of 2005, as passports hold them."""
    blocks = b""
    for shown in all_shown:
        body = pack(">H", shown.landmarks) + bytes([1, 2, 3]) + bytes(11) + bytes(8 * shown.landmarks)
        body += pack(">BBHH", 1, shown.compression, shown.width, shown.height) + bytes([1, 2, 0, 9])
        body += pack(">H", shown.qualities[0] if shown.qualities else 0) + shown.picture
        blocks += pack(">I", len(body) + 4 if block_length is None else block_length) + body
    header = pack(">H", len(all_shown) if count is None else count)
    return b"FAC\x00010\x00" + pack(">I", 12 + len(header) + len(blocks)) + header + blocks


def fac_2011(*all_shown: Shown, count: int | None = None) -> bytes:
    """Return faces of 2011."""
    bodies = []
    for shown in all_shown:
        person = pack(">H", shown.landmarks) + bytes([1, 2, 3, 180]) + bytes(11) + bytes(8 * shown.landmarks)
        image = pack(">BBHHBHBB", 1, shown.compression, shown.width, shown.height, 0, 0, 0, 1)
        bodies.append(
            _captured(shown) + person + image + pack(">I", shown.stored_length) + shown.picture + shown.unused
        )
    return _record(b"FAC\x00030\x00", len(bodies) if count is None else count, b"\x00\x00", bodies)


def iir_2011(*all_shown: Shown, count: int | None = None) -> bytes:
    """Return irises of 2011; `compression` is the code of the image's format."""
    bodies = []
    for shown in all_shown:
        head = pack(">HBBBB", shown.number, shown.code, shown.kind, shown.compression, 0)
        head += pack(">HHBHHH", shown.width, shown.height, shown.depth, 0, 0xFFFF, 0xFFFF) + bytes(12)
        bodies.append(_captured(shown) + head + pack(">I", shown.stored_length) + shown.picture + shown.unused)
    return _record(b"IIR\x00020\x00", len(bodies) if count is None else count, b"\x02", bodies)


def iir_2005(*eyes: tuple[int, Sequence[Shown]], header_length: int = 45) -> bytes:
    """Return irises of 2005; size and format of the first image hold for all."""
    first = eyes[0][1][0]
    header = pack(">HBHHH", 5, len(eyes), header_length, 0, 0)
    header += pack(">HHHBB", first.compression, first.width, first.height, first.depth, 1) + b"0" * 16
    blocks = b""
    for code, images in eyes:
        blocks += pack(">BH", code, len(images))
        for shown in images:
            blocks += pack(">HBHHI", shown.number, *shown.qualities, 0, 0, shown.stored_length) + shown.picture
    return b"IIR\x00010\x00" + pack(">I", 12 + len(header) + len(blocks)) + header + blocks
