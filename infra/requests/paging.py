"""Sizes of pages of lists."""

from __future__ import annotations

from biometrics.errors import FieldInvalid


def page_size(asked: int, default: int, most: int) -> int:
    """The size of a page of a list: 0 means the default, and a larger number than `most` means `most` (AIP-158).

    Raises:
        FieldInvalid: the number is negative.
    """
    if asked < 0:
        raise FieldInvalid("page_size", "0, for the default, or more is allowed.")
    return min(asked or default, most)
