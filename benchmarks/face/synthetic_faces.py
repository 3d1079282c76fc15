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
from services.face.comparator import SEGMENT_ROWS, FaceStack, PairComparator
from services.face.comparison.int8_codes import coded
from services.face.template.features import DIMENSIONS, PAIR_DIMENSIONS, Embeddings, joined, rounded

LIMIT = 20
IN_COMMON, OWN_DIMENSIONS = 0.835, 22

# A rotation, so that what dlib's vectors have in common is not in one number.
_SPREAD = np.linalg.qr(np.random.default_rng(0).standard_normal((DIMENSIONS, DIMENSIONS)))[0].astype(np.float32)


class WithoutScreening:
    """A face comparator without screening: only the exact comparison in float32."""

    def __init__(self) -> None:
        faces = PairComparator()
        self.stack, self.compare = faces.stack, faces.compare


def index_state(
    count: int, stack: type[FaceStack] = FaceStack, dimensions: int = PAIR_DIMENSIONS
) -> IndexState[FaceStack]:
    """The state of an index of `count` faces, one per subject, in stacks of the given class."""
    parts = [range(first, min(first + SEGMENT_ROWS, count)) for first in range(0, count, SEGMENT_ROWS)]
    segments = tuple(_segment(numbers, unit(len(numbers), numbers.start + 1, dimensions), stack) for numbers in parts)
    return IndexState(
        gallery_sets=[(DEFAULT_GALLERY,)],
        subjects=Subjects(tuple(map(_block, parts))),
        segments_of={SegmentKey(Position.FACE, 0): segments},
    )


def unit(count: int, seed: int, dimensions: int = PAIR_DIMENSIONS) -> Embeddings:
    """Unit vectors, float32 (count, dimensions), whose scores are distributed as those of different people.

    SFace's 128 numbers are random: the cosines' standard deviation is 0.088. In the pair they are followed by those of
    dlib's network, which have a part in common, and differ in few dimensions: cosines of 0.835 ± 0.035 (LFW View 1).
    """
    random = np.random.default_rng(seed)
    sface = _scaled(random.standard_normal((count, DIMENSIONS), np.float32))
    if dimensions == DIMENSIONS:
        return sface
    own = _scaled(random.standard_normal((count, OWN_DIMENSIONS), np.float32))
    dlib = np.zeros_like(sface)
    dlib[:, 1 : OWN_DIMENSIONS + 1] = np.sqrt(1 - IN_COMMON) * own
    dlib[:, 0] = np.sqrt(IN_COMMON)
    return joined(sface, dlib @ _SPREAD)


def equal_halves(vectors: Embeddings) -> Embeddings:
    """Vectors of 256 numbers scaled so that either half has the length that templates of the pair need."""
    return joined(*(_scaled(half) for half in np.split(vectors, 2, axis=1)))


def _scaled(vectors: Embeddings) -> Embeddings:
    scaled: Embeddings = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return scaled


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
