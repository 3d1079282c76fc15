"""Images for the tests, generated or taken from packages, and images that services refuse."""

from __future__ import annotations

import io
import struct
import zlib

import numpy as np
from PIL import Image

from biometrics.template import Modality
from infra.models.model_cache import asset
from rendering.eyes import render_eye


def png(pixels: np.ndarray, **options: object) -> bytes:
    """Pixels as a PNG file."""
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG", **options)
    return buffer.getvalue()


def eye(identity: int, capture: int = 0) -> bytes:
    """A rendered eye."""
    return png(render_eye(identity, capture))


def of(modality: Modality) -> bytes:
    """An image that the modality's service can use."""
    match modality:
        case Modality.FACE:
            return asset("portrait-astronaut")
        case Modality.FINGERPRINT:
            return asset("finger-1")
        case Modality.IRIS:
            return eye(1)


def another_of(modality: Modality) -> bytes:
    """An image of somebody else that the modality's service can use."""
    match modality:
        case Modality.FACE:
            return asset("portrait-hopper")
        case Modality.FINGERPRINT:
            return asset("finger-3")
        case Modality.IRIS:
            return eye(2)


def two_people() -> bytes:
    """An image of one person and another farther away, whose face has about 0.4 of the area."""
    near, far = (np.asarray(Image.open(io.BytesIO(asset(name)))) for name in ("portrait-hopper", "portrait-astronaut"))
    canvas = np.full((600, 1200, 3), 120, np.uint8)
    canvas[: near.shape[0], : near.shape[1]] = near[:600]
    canvas[60:435, 800:1138] = np.asarray(Image.fromarray(far[:300, 90:360]).resize((338, 375)))
    return png(canvas)


def huge_header(width: int, height: int) -> bytes:
    """A PNG whose header declares more pixels than its few bytes contain."""
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(b"")), (b"IEND", b"")]
    body = b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )
    return b"\x89PNG\r\n\x1a\n" + body


def animated() -> bytes:
    """A GIF of two frames."""
    frames = [Image.new("L", (64, 64), grey) for grey in (0, 200)]
    buffer = io.BytesIO()
    frames[0].save(buffer, "GIF", save_all=True, append_images=frames[1:])
    return buffer.getvalue()


BLANK = png(np.full((480, 640), 128, np.uint8))

REFUSED = {
    "empty": (b"", "IMAGE_UNDECODABLE"),
    "text": (b"this is no image", "IMAGE_UNDECODABLE"),
    "truncated": (BLANK[: len(BLANK) // 2], "IMAGE_UNDECODABLE"),
    "1x1": (png(np.zeros((1, 1), np.uint8)), "IMAGE_TOO_SMALL"),
    "20000x20000": (huge_header(20_000, 20_000), "IMAGE_TOO_LARGE"),
    "animated": (animated(), "IMAGE_UNSUPPORTED"),
}
"""Images that every service refuses with INVALID_ARGUMENT, and the reason."""
