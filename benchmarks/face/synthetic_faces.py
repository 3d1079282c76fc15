"""Synthetic faces for benchmarks: random unit vectors, in segments as an index has them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from biometrics.template import Position, Template
from gallery.index.exact import IndexHit
from gallery.index.search.search import Search, Searching
from gallery.index.segment import POSITION_ORDER, Entry, Row, Segment
from gallery.subject import DEFAULT_GALLERY, Reference
from services.face.comparator import SEGMENT_ROWS, FaceComparator, FaceStack
from services.face.comparison.int8_codes import coded
from services.face.template.features import Embeddings, pack, rounded

LIMIT = 20


@dataclass(frozen=True)
class MadeRows(Sequence[Row]):
    """Rows of an index that are made on access, so that templates are not held in memory twice."""

    first: int
    vectors: Embeddings

    def __len__(self) -> int:
        """Number of rows."""
        return len(self.vectors)

    def __getitem__(self, row: Any) -> Any:
        """A subject with one reference."""
        reference = Reference(Position.FACE, pack(self.vectors[row]), 90.0)
        number = self.first + int(row)
        return Entry(number, f"s{number}", (DEFAULT_GALLERY,), (reference,), 0), reference


@dataclass(frozen=True)
class MadeContent:
    """The part of an index's content that `Searching` uses."""

    all_segments: Sequence[Segment[FaceStack]]

    def segments(self, _position: Position, _gallery: str) -> Sequence[Segment[FaceStack]]:
        """All segments, for any position and gallery."""
        return self.all_segments


class WithoutScreening:
    """A face comparator without screening: only the exact comparison in float32."""

    def __init__(self) -> None:
        faces = FaceComparator()
        self.stack, self.compare = faces.stack, faces.compare


def index_content(count: int, stack: type[FaceStack] = FaceStack) -> MadeContent:
    """The content of an index of `count` faces, one per subject, in stacks of the given class."""
    firsts = range(0, count, SEGMENT_ROWS)
    return MadeContent([_segment(first, unit(min(SEGMENT_ROWS, count - first), first + 1), stack) for first in firsts])


def unit(count: int, seed: int) -> Embeddings:
    """Random unit vectors, float32 (count, 128)."""
    vectors = np.random.default_rng(seed).standard_normal((count, 128), np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def searched(searching: Searching[FaceStack], made: MadeContent, probes: Sequence[Template]) -> list[list[IndexHit]]:
    """The best 20 subjects for each probe, searched in one batch."""
    return searching.answers([Search(probe, Position.FACE, DEFAULT_GALLERY, LIMIT) for probe in probes], made)  # type: ignore[arg-type]  # only what is used


def _segment(first: int, vectors: Embeddings, stack: type[FaceStack]) -> Segment[FaceStack]:
    count = len(vectors)
    segment = Segment(
        rows=MadeRows(first, vectors),
        stack=stack(coded(rounded(vectors))),
        ordinals=np.arange(first, first + count),
        positions=np.full(count, POSITION_ORDER[Position.FACE], np.int8),
        alive=np.ones(count, np.bool_),
    )
    segment.__dict__["widest"] = 1  # every subject has one reference; avoids counting them
    return segment
