"""Bytes of memory that arrays take, wherever they are in dataclasses and tuples."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields, is_dataclass

import numpy as np


def array_bytes(values: Iterable[object]) -> int:
    """Bytes of all arrays in these values: in fields of dataclasses and in tuples; each array once."""
    return sum({id(array): array.nbytes for value in values for array in _arrays(value)}.values())


def _arrays(value: object) -> list[np.ndarray]:
    if isinstance(value, np.ndarray):
        return [value]
    if is_dataclass(value):
        return [array for each in fields(value) for array in _arrays(getattr(value, each.name))]
    if isinstance(value, tuple | list):
        return [array for each in value for array in _arrays(each)]
    return []
