"""Small records that state what is not there: pictures of 65,535 × 65,535 px, wrong counts and lengths."""

from __future__ import annotations

import struct
import zlib

from tests.support.records.image_records import (
    PIXELS,
    Shown,
    fac_2005,
    fac_2011,
    fir_2005,
    fir_2011,
    iir_2005,
    iir_2011,
)
from tests.support.records.nist_files import binary_4, face_10, iris_17, nist_file, print_14
from tests.support.records.tags import face_39794, passport

HUGE = 65_535


def huge() -> dict[str, bytes]:
    """Small records that state pictures of 65,535 × 65,535 px."""
    size = {"width": HUGE, "height": HUGE}
    png = huge_png()
    jpeg = b"\xff\xd8\xff\xc0\x00\x0b\x08\xff\xff\xff\xff\x01\x01\x11\x00\xff\xd9"
    wsq = b"\xff\xa0\xff\xa2\x00\x11\x00\xff\xff\xff\xff\xff" + bytes(8) + b"\xff\xa1"
    wide = {"f06": str(HUGE), "f07": str(HUGE)}
    return {
        "raw finger 2005": fir_2005(Shown(**size)),
        "raw finger 2011": fir_2011(Shown(**size)),
        "WSQ finger": fir_2011(Shown(picture=wsq, compression=2, **size)),
        "JPEG finger": fir_2011(Shown(picture=jpeg, compression=3, **size)),
        "PNG finger": fir_2011(Shown(picture=png, compression=6, **size)),
        "face 2005": fac_2005(Shown(picture=jpeg, **size)),
        "face 2011": fac_2011(Shown(picture=jpeg, **size)),
        "face 39794": passport(face_39794(jpeg, size=(HUGE, HUGE))),
        "raw eye 2005": iir_2005((1, [Shown(code=1, compression=2, **size)])),
        "raw eye 2011": iir_2011(Shown(code=1, compression=2, **size)),
        "Type-14": nist_file(print_14(1, 2, b"", **wide)),
        "Type-14 with bytes": nist_file(print_14(1, 2, bytes(12), **wide)),
        "Type-10": nist_file(face_10(1, jpeg, **wide)),
        "Type-17": nist_file(iris_17(1, 1, bytes(12), **wide)),
        "Type-4": nist_file(lying_4()),
        "PNG alone": fir_2011(Shown(picture=png, compression=6, width=4, height=3)),
    }


def lying_4() -> tuple[int, bytes]:
    """A Type-4 of 12 pixels that states 65,535 × 65,535."""
    kind, body = binary_4(1, [2], bytes(12))
    return kind, body[:13] + b"\xff\xff\xff\xff" + body[17:]


def huge_png() -> bytes:
    """A PNG of no pixels."""
    head = struct.pack(">IIBBBBB", HUGE, HUGE, 8, 0, 0, 0, 0)
    chunks = [b"IHDR" + head, b"IDAT" + zlib.compress(b""), b"IEND"]
    body = b"".join(struct.pack(">I", len(each) - 4) + each + struct.pack(">I", zlib.crc32(each)) for each in chunks)
    return b"\x89PNG\r\n\x1a\n" + body


def lying() -> dict[str, bytes]:
    """Records whose counts and lengths are of what is not there."""
    pixels = PIXELS
    return {
        "count of representations": fir_2011(Shown(), count=HUGE),
        "count of fingers": fir_2005(Shown(), count=255),
        "count of faces": fac_2011(Shown(picture=pixels), count=HUGE),
        "count of eyes": iir_2011(Shown(code=1, compression=2), count=HUGE),
        "length of a picture": fir_2011(Shown(picture_length=0xFFFFFFFF)),
        "length of a face's block": fac_2005(Shown(picture=pixels), block_length=0xFFFFFFFF),
        "short block of a face": fac_2005(Shown(picture=pixels), block_length=7),
        "length of a header": iir_2005((1, [Shown(code=1, compression=2)]), header_length=HUGE),
        "landmarks": fac_2011(Shown(picture=pixels, landmarks=0)).replace(b"\x01\x02\x03", b"\xff\xff\xff", 1),
        "length of the record": b"FIR\x00020\x00\xff\xff\xff\xff\x00\x01\x00\x01",
        "length in tags": b"\x75\x84\xff\xff\xff\xff\x7f\x61",
        "length of a Type-1": b"1.001:99999999999999999999\x1d1.002:0500\x1c",
        "length of a Type-4": nist_file((4, b"\xff\xff\xff\xff" + bytes(14))),
        "minutiae": b"FMR\x00030\x00\xff\xff\xff\xff\x00\x01\x00" + b"\xff" * 30,
    }
