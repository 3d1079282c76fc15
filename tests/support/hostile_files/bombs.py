"""All small files that are costly to decode, by name."""

from __future__ import annotations

from tests.support.hostile_files import animated, jpeg, jpeg2000, plain, png, tiff
from tests.support.hostile_files.registry import ENTERED

BOMBS = {
    name: make
    for module in (jpeg, tiff, plain, animated, png, jpeg2000)
    for name, make in ENTERED.items()
    if make.__module__ == module.__name__
}
"""The files by name, in the order of the formats above."""
