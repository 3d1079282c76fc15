"""The packed data of many templates of one model, joined in one array."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class PackedTemplates:
    """The packed data of many templates of one model, joined.

    Args:
        data: uint8, shape (bytes,).
        starts: int64, shape (templates + 1,): where each template begins, from 0, and where the last one ends.
    """

    data: NDArray[np.uint8] = field(repr=False)
    starts: NDArray[np.int64] = field(repr=False)

    def __len__(self) -> int:
        return len(self.starts) - 1

    def __iter__(self) -> Iterator[bytes]:
        """The data of each template."""
        whole = self.data.tobytes()
        return (whole[first:end] for first, end in pairwise(self.starts.tolist()))

    @classmethod
    def of(cls, templates: Sequence[bytes]) -> PackedTemplates:
        """Join the data of templates."""
        starts = np.zeros(len(templates) + 1, np.int64)
        np.cumsum([len(each) for each in templates], out=starts[1:])
        return cls(np.frombuffer(b"".join(templates), np.uint8), starts)

    @classmethod
    def joined(cls, parts: Sequence[PackedTemplates]) -> PackedTemplates:
        """The templates of several, in order."""
        starts = np.zeros(sum(map(len, parts)) + 1, np.int64)
        np.cumsum(np.concatenate([np.diff(part.starts) for part in parts]), out=starts[1:])
        return cls(np.concatenate([part.data for part in parts]), starts)

    def take(self, rows: NDArray[np.int64]) -> PackedTemplates:
        """A copy of the templates of these rows, in their order."""
        sizes = np.diff(self.starts)[rows]
        starts = np.zeros(rows.size + 1, np.int64)
        np.cumsum(sizes, out=starts[1:])
        if rows.size and (np.diff(rows) == 1).all():
            return PackedTemplates(self.data[self.starts[rows[0]] : self.starts[rows[-1] + 1]].copy(), starts)
        places = np.repeat(self.starts[rows] - starts[:-1], sizes) + np.arange(starts[-1])
        return PackedTemplates(self.data[places], starts)
