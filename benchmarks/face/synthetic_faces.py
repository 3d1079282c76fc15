"""Synthetic faces for benchmarks: random unit vectors, in segments as an index has them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from biometrics.template import Position, Template
from gallery.index.columns.segment import Segment, SegmentKey
from gallery.index.columns.subjects import SubjectBlock, Subjects, starts_of
from gallery.index.exact import IndexHit
from gallery.index.search.search import Search, Searching
from gallery.index.state import IndexState
from gallery.references import NAME_BYTES
from gallery.subject import DEFAULT_GALLERY
from services.face.comparator import SEGMENT_ROWS, FaceComparator, FaceStack
from services.face.comparison.int8_codes import coded
from services.face.template.features import Embeddings, rounded

LIMIT = 20


class WithoutScreening:
    """A face comparator without screening: only the exact comparison in float32."""

    def __init__(self) -> None:
        faces = FaceComparator()
        self.stack, self.compare = faces.stack, faces.compare


def index_state(count: int, stack: type[FaceStack] = FaceStack) -> IndexState[FaceStack]:
    """The state of an index of `count` faces, one per subject, in stacks of the given class."""
    parts = [range(first, min(first + SEGMENT_ROWS, count)) for first in range(0, count, SEGMENT_ROWS)]
    segments = tuple(_segment(numbers, unit(len(numbers), numbers.start + 1), stack) for numbers in parts)
    return IndexState(
        gallery_sets=[(DEFAULT_GALLERY,)],
        subjects=Subjects(tuple(map(_block, parts))),
        segments_of={SegmentKey(Position.FACE, 0): segments},
    )


def unit(count: int, seed: int) -> Embeddings:
    """Random unit vectors, float32 (count, 128)."""
    vectors = np.random.default_rng(seed).standard_normal((count, 128), np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def searched(
    searching: Searching[FaceStack], made: IndexState[FaceStack], probes: Sequence[Template]
) -> list[list[IndexHit]]:
    """The best 20 subjects for each probe, searched in one batch."""
    searches = [Search(probe, Position.FACE, DEFAULT_GALLERY, LIMIT) for probe in probes]
    return [hits for (hits,) in searching.answers(searches, made)]


def segments_of(made: IndexState[FaceStack]) -> Sequence[Segment[FaceStack]]:
    """All segments."""
    return made.segments(Position.FACE, DEFAULT_GALLERY)


def _segment(numbers: range, vectors: Embeddings, stack: type[FaceStack]) -> Segment[FaceStack]:
    return Segment(Position.FACE, stack(coded(rounded(vectors))), np.arange(numbers.start, numbers.stop), widest=1)


def _block(numbers: range) -> SubjectBlock:
    """Subjects s0, s1, … with one face each; searches need no names."""
    ids = [f"s{number}".encode() for number in numbers]
    return SubjectBlock(
        ordinals=np.arange(numbers.start, numbers.stop),
        names=np.zeros((len(numbers), NAME_BYTES), np.uint8),
        ids=np.frombuffer(b"".join(ids), np.uint8),
        starts=starts_of(np.array([len(each) for each in ids])),
        galleries=np.zeros(len(numbers), np.int32),
        reference_counts=np.ones(len(numbers), np.int32),
        skipped_counts=np.zeros(len(numbers), np.int32),
    )
