"""Columns of ids and of galleries, which become Python objects only where somebody asks for one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import overload

import numpy as np
from numpy.typing import NDArray

from biometrics.packed_templates import PackedTemplates

Galleries = tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class TextColumn(Sequence[str]):
    """TextColumn joined in UTF-8.

    Args:
        joined: the bytes of each text, and where it begins.
    """

    joined: PackedTemplates

    def __len__(self) -> int:
        return len(self.joined)

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[str]: ...
    def __getitem__(self, index: int | slice) -> str | Sequence[str]:
        if isinstance(index, slice):
            return self.take(np.arange(len(self))[index])
        row = range(len(self))[index]
        first, end = self.joined.starts[row : row + 2].tolist()
        return self.joined.data[first:end].tobytes().decode()

    def __iter__(self) -> Iterator[str]:
        whole = self.joined.data.tobytes().decode()
        if len(whole) == self.joined.data.size:  # a byte for each character
            return (whole[first:end] for first, end in pairwise(self.joined.starts.tolist()))
        return (each.decode() for each in self.joined)

    @classmethod
    def of(cls, texts: Sequence[str]) -> TextColumn:
        """Join texts; what is a column already is returned as it is."""
        return texts if isinstance(texts, TextColumn) else cls(PackedTemplates.of([each.encode() for each in texts]))

    @classmethod
    def joined_of(cls, parts: Sequence[Sequence[str]]) -> TextColumn:
        """The texts of several columns or lists, in order."""
        return cls(PackedTemplates.joined([cls.of(part).joined for part in parts]))

    def take(self, rows: NDArray[np.int64]) -> TextColumn:
        """The texts of these rows, in their order."""
        return TextColumn(self.joined.take(rows))


@dataclass(frozen=True, slots=True, eq=False)
class GalleryColumn(Sequence[Galleries]):
    """The galleries of subjects, of which many are in the same.

    Args:
        table: the sets of galleries that occur, each sorted.
        codes: int32, shape (subjects,): index into `table`.
    """

    table: Sequence[Galleries]
    codes: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.codes)

    @overload
    def __getitem__(self, index: int) -> Galleries: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Galleries]: ...
    def __getitem__(self, index: int | slice) -> Galleries | Sequence[Galleries]:
        if isinstance(index, slice):
            return GalleryColumn(self.table, self.codes[index])
        return self.table[int(self.codes[index])]

    def __iter__(self) -> Iterator[Galleries]:
        return (self.table[code] for code in self.codes.tolist())

    @classmethod
    def of(cls, galleries: Sequence[Galleries]) -> GalleryColumn:
        """Number the sets; what is a column already is returned as it is."""
        if isinstance(galleries, GalleryColumn):
            return galleries
        numbers: dict[Galleries, int] = {}
        codes = [numbers.setdefault(each, len(numbers)) for each in galleries]
        return cls(list(numbers), np.array(codes, np.int32))

    @classmethod
    def joined_of(cls, parts: Sequence[Sequence[Galleries]]) -> GalleryColumn:
        """The sets of several columns or lists, in order; a set may be in the table more than once."""
        columns = [cls.of(part) for part in parts]
        firsts = np.cumsum([0, *(len(each.table) for each in columns)]).tolist()
        codes = [each.codes + np.int32(first) for each, first in zip(columns, firsts, strict=False)]
        return cls([own for each in columns for own in each.table], np.concatenate(codes))

    def take(self, rows: NDArray[np.int64]) -> GalleryColumn:
        """The sets of these rows, in their order."""
        return GalleryColumn(self.table, self.codes[rows])
