"""Tags and lengths (DER, ISO/IEC 7816), and a face record of ISO/IEC 39794-5 made of them."""

from __future__ import annotations


def tag(number: int, *values: bytes) -> bytes:
    """Return one element: its tag, its length in the shortest form, its value."""
    value = b"".join(values)
    length = len(value)
    if length < 0x80:
        stated = bytes([length])
    else:
        digits = length.to_bytes((length.bit_length() + 7) // 8, "big")
        stated = bytes([0x80 | len(digits)]) + digits
    return number.to_bytes(1 + (number > 0xFF), "big") + stated + value


def face_39794(
    picture: bytes, code: int = 2, scores: tuple[int, ...] = (), size: tuple[int, int] | None = None, copies: int = 1
) -> bytes:
    """Return a FaceImageDataBlock with what the picture is not found by: an id, a device, a person's gender."""
    measures = b"" if size is None else tag(0xA7, tag(0x80, _number(size[0])), tag(0x81, _number(size[1])))
    information = tag(0xA1, tag(0xA0, tag(0x80, bytes([code]))), measures)
    image = tag(0xA1, tag(0xA0, tag(0xA0, tag(0x80, picture), information)))
    blocks = [
        tag(0x30, tag(0xA0, tag(0x80, b"\x01"), tag(0x81, b"\x01")), tag(0xA1, tag(0x80, bytes([score]))))
        for score in scores
    ]
    qualities = tag(0xA3, *blocks) if blocks else b""
    person = tag(0xA8, tag(0xA0, tag(0xA1, tag(0x80, b"\x02"))))
    part = tag(0x30, tag(0x80, b"\x00"), image, qualities, person)
    return tag(0x65, tag(0xA0, tag(0x80, b"\x03"), tag(0x81, b"\x07\xe3")), tag(0xA1, *[part] * copies))


def _number(value: int) -> bytes:
    return value.to_bytes(value.bit_length() // 8 + 1, "big")


def passport(*records: bytes, block: int = 0x5F2E) -> bytes:
    """Return data group 2 of a passport with these records."""
    header = tag(0xA1, tag(0x80, b"\x01\x01"), tag(0x87, b"\x01\x01"), tag(0x88, b"\x00\x08"))
    templates = [tag(0x7F60, header, tag(block, record)) for record in records]
    return tag(0x75, tag(0x7F61, tag(0x02, bytes([len(records)])), *templates))
