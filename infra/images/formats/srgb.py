"""Colours of a wide gamut → sRGB, for the formats in which phones send them."""

from __future__ import annotations

import io

from PIL import Image as Pillow
from PIL import ImageCms

FORMATS = ("HEIF", "AVIF")
_SRGB = ImageCms.createProfile("sRGB")


def to_srgb(image: Pillow.Image) -> Pillow.Image:
    """The image in sRGB, if it states another profile that can be used. Older formats stay as they always were."""
    profile = image.info.get("icc_profile")
    if not profile or image.format not in FORMATS or image.mode != "RGB":
        return image
    try:
        ImageCms.profileToProfile(image, ImageCms.ImageCmsProfile(io.BytesIO(profile)), _SRGB, inPlace=True)
    except (ImageCms.PyCMSError, OSError):
        return image  # a profile that cannot be used is none
    return image
