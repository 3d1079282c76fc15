"""Many sealed sets, opened and joined as columns, without a Python object per reference."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from biometrics.packed_templates import PackedTemplates
from gallery.references import POSITIONS
from gallery.sealing.sealed_set import model_ids, parts

ENTRY = np.dtype(
    [("position", "u1"), ("model", "u1"), ("flags", "u1"), ("unused", "u1"), ("size", "<u4"), ("quality", "<f8")]
)
"""As `sealed_set.ENTRY`."""


@dataclass(frozen=True, slots=True)
class Columns:
    """References as columns, in the order of the sets.

    Args:
        owners: int32, shape (references,): the owner of each reference.
        positions: int8, shape (references,).
        model_ids: the models that occur.
        models: int16, shape (references,): index into `model_ids`.
        templates: the references' packed data.
    """

    owners: NDArray[np.int32]
    positions: NDArray[np.int8]
    model_ids: list[str]
    models: NDArray[np.int16]
    templates: PackedTemplates = field(repr=False)


class JoinedSets:
    """Collects opened sets."""

    def __init__(self) -> None:
        self._owners: list[int] = []
        self._entries: list[bytes] = []
        self._models: list[bytes] = []
        self._data: list[bytes] = []

    def __len__(self) -> int:
        return len(self._owners)

    def add(self, owner: int, sealed: bytes, place: bytes, key: bytes) -> None:
        """Open a set, and keep it as one of this owner's.

        Raises:
            RecordUnreadable: as `sealed_set.opened`.
        """
        entries, models, data = parts(sealed, place, key)
        self._owners.append(owner)
        self._entries.append(entries)
        self._models.append(models)
        self._data.append(data)

    def drop_after(self, count: int) -> None:
        """Keep the first `count` sets only."""
        for each in (self._owners, self._entries, self._models, self._data):
            del each[count:]

    def columns(self) -> tuple[Columns, set[int]]:
        """The columns, and the owners of sets with a value that no reference can have: leave them out and join anew."""
        entries = np.frombuffer(b"".join(self._entries), ENTRY)
        counts = np.fromiter(map(len, self._entries), np.int64, len(self)) // ENTRY.itemsize
        owners = np.repeat(np.array(self._owners, np.int32), counts)
        names, models, known = self._numbered(entries["model"], counts)
        starts = np.zeros(entries.size + 1, np.int64)
        np.cumsum(entries["size"], out=starts[1:])
        sizes = np.diff(starts[np.concatenate([[0], np.cumsum(counts)])])
        stored = np.fromiter(map(len, self._data), np.int64, len(self))
        bad = set(owners[(entries["position"] >= len(POSITIONS)) | (entries["size"] == 0) | ~known].tolist())
        bad.update(np.array(self._owners)[sizes != stored].tolist())
        templates = PackedTemplates(np.frombuffer(b"".join(self._data), np.uint8), starts)
        return Columns(owners, entries["position"].astype(np.int8), names, models, templates), bad

    def _numbered(
        self, local: NDArray[np.uint8], counts: NDArray[np.int64]
    ) -> tuple[list[str], NDArray[np.int16], NDArray[np.bool_]]:
        """Ids of all models, the model of each reference, and whether it has one."""
        numbers: dict[str, int] = {}
        firsts: dict[bytes, int] = {}
        of_sets: list[int] = []
        for packed in dict.fromkeys(self._models):
            firsts[packed] = len(of_sets)
            of_sets += [numbers.setdefault(each, len(numbers)) for each in _model_ids(packed)]
            of_sets += [-1] * (256 - len(of_sets) + firsts[packed])
        first = np.fromiter((firsts[packed] for packed in self._models), np.int64, len(self))
        models = np.array(of_sets, np.int16)[np.repeat(first, counts) + local]
        return list(numbers), models, models >= 0


def _model_ids(packed: bytes) -> tuple[str, ...]:
    try:
        return model_ids(packed)[:256]
    except (ValueError, struct.error):
        return ()
