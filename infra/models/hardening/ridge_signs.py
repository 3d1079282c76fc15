"""Returns the network that describes the ridges around a minutia: `docs/measurements/model_cards/ridge-signs.md`.

This project trained it; `python -m training.fingerprint` makes it. That takes too long for set-up, so the file is kept
in this folder.
"""

from __future__ import annotations

from pathlib import Path

FILE = Path(__file__).with_suffix(".onnx")


def build() -> bytes:
    """Return the network as it was trained.

    Input: `patches`, float32 (n, 1, 64, 64), see services/fingerprint/extraction/ridge_signs.py.
    Output: `numbers`, float32 (n, 32), of which the signs count.
    """
    return FILE.read_bytes()
