"""How much one record may hold. All are checked on numbers, before anything is allocated for them."""

from __future__ import annotations

from biometrics.errors import ImageTooLarge, RecordMalformed

MOST_BYTES = 64 * 1024 * 1024
"""Of a record with all that is in it."""
MOST_SAMPLES = 1000
"""Of one record: images, minutiae and positions without a sample together."""
MOST_PIXELS = 65_000_000
"""Of one image, as the record states its size."""


def check_bytes(count: int) -> None:
    """Raise RecordMalformed if a record has more bytes than are read."""
    if count > MOST_BYTES:
        raise RecordMalformed(
            f"The record has {count} bytes; at most {MOST_BYTES} are read. Send its samples as several records.",
            bytes=str(count),
            limit=str(MOST_BYTES),
        )


def check_samples(count: int, where: str) -> None:
    """Raise RecordMalformed if a record states more samples than are read."""
    if count > MOST_SAMPLES:
        raise RecordMalformed(
            f"{where} states {count} samples; at most {MOST_SAMPLES} are read. Send them as several records.",
            samples=str(count),
            limit=str(MOST_SAMPLES),
        )


def check_pixels(width: int, height: int, where: str) -> None:
    """Raise ImageTooLarge if a record states an image with more pixels than are read."""
    if width * height > MOST_PIXELS:
        raise ImageTooLarge(
            f"{where} states an image of {width}×{height} pixels; at most {MOST_PIXELS} are read.",
            width=str(width),
            height=str(height),
            limit=str(MOST_PIXELS),
        )
