"""Changed copies of an image, used as probes where there is only one photograph."""

from __future__ import annotations

import io
from collections.abc import Callable

from PIL import Image, ImageEnhance, ImageFilter, ImageOps

ROTATION_DEGREES = 4.0
CROPPED_SHARE = 0.03
SCALE = 0.9
BRIGHTNESS = 0.9
JPEG_QUALITY = 80

WHAT_IS_CHANGED = (
    f"turned by {ROTATION_DEGREES:g}°, cropped by {CROPPED_SHARE:.0%} a side, darkened by {1 - BRIGHTNESS:.0%}, "
    f"JPEG {JPEG_QUALITY}"
)


def changed_copy(data: bytes, *, resample: bool = True) -> bytes:
    """The image turned, cropped, darkened and compressed again.

    Args:
        data: an encoded image.
        resample: also scale it by 0.9; not for fingerprints, whose resolution must not change.
    """
    return _edited(data, lambda image: _changed(image, SCALE if resample else 1.0))


def mirrored(data: bytes) -> bytes:
    """The image mirrored left to right; a mirrored fingerprint matches no finger."""
    return _edited(data, ImageOps.mirror)


def blurred(data: bytes, radius_px: float) -> bytes:
    """The image out of focus."""
    return _edited(data, lambda image: image.filter(ImageFilter.GaussianBlur(radius_px)))


def encoded(image: Image.Image) -> bytes:
    """PNG bytes of an image."""
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def _changed(image: Image.Image, scale: float) -> Image.Image:
    ground = 255 if image.mode == "L" else (255, 255, 255)
    turned = image.rotate(ROTATION_DEGREES, Image.Resampling.BICUBIC, fillcolor=ground)
    across, down = (round(CROPPED_SHARE * side) for side in turned.size)
    cropped = ImageOps.crop(turned, (across, down, across, down))
    sized = cropped.resize([round(scale * side) for side in cropped.size], Image.Resampling.LANCZOS)
    return ImageEnhance.Brightness(sized).enhance(BRIGHTNESS)


def _edited(data: bytes, edit: Callable[[Image.Image], Image.Image]) -> bytes:
    with Image.open(io.BytesIO(data)) as opened:
        image = edit(opened.convert("L" if opened.mode in ("1", "L") else "RGB"))
    out = io.BytesIO()
    image.save(out, "JPEG", quality=JPEG_QUALITY)
    return out.getvalue()
