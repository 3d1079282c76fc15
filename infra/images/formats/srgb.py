"""Converts wide-gamut colours to sRGB, for the formats in which phones send them (HEIF, AVIF)."""

from __future__ import annotations

import io

from PIL import Image as Pillow
from PIL import ImageCms

FORMATS = ("HEIF", "AVIF")
_SRGB = ImageCms.createProfile("sRGB")


def to_srgb(image: Pillow.Image) -> Pillow.Image:
    """The image in sRGB if it carries another, usable profile. Formats other than HEIF and AVIF are not converted."""
    profile = image.info.get("icc_profile")
    if not profile or image.format not in FORMATS or image.mode != "RGB":
        return image
    try:
        ImageCms.profileToProfile(image, ImageCms.ImageCmsProfile(io.BytesIO(profile)), _SRGB, inPlace=True)
    except (ImageCms.PyCMSError, OSError):
        return image  # an unusable profile counts as none
    return image
