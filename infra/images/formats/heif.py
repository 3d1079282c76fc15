"""Registers the HEIC decoder (libheif, libde265) if the package `pi-heif` is installed; decoders only."""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec


@cache
def register_heif() -> bool:
    """Let Pillow open HEIF; returns whether it can."""
    if find_spec("pi_heif") is None:
        return False
    import pi_heif  # noqa: PLC0415  # an optional package

    pi_heif.register_heif_opener(decode_threads=1, thumbnails=False, depth_images=False, aux_images=False)
    return True
