"""Memory of an index beside the packed templates: one face, ten fingers or two eyes a subject, ids of 36 characters."""

from __future__ import annotations

import sys
import uuid
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from benchmarks.face.synthetic_faces import unit
from benchmarks.fingerprint.synthetic_fingers import finger
from benchmarks.harness import Row, compare
from benchmarks.iris.synthetic_irises import random_codes, template
from benchmarks.limits import read_bytes_per_s
from biometrics.comparison import Comparator
from biometrics.packed_templates import PackedTemplates
from biometrics.template import FINGERS, Position, Template
from gallery.index.columns.memory import array_bytes
from gallery.index.content import IndexContent
from gallery.references import NAME_BYTES, POSITION_ORDER, ReferencePage
from gallery.store.keyed_names import SIZE, subject_name
from gallery.subject import DEFAULT_GALLERY
from services.face.comparator import SEGMENT_ROWS, PairComparator
from services.face.template.features import pack
from services.fingerprint.comparator import FingerprintComparator
from services.iris.comparator import IrisComparator

PAGE = 4096
SEGMENT = 4096
DIFFERENT = 512
"""Different templates of a kind; subjects repeat them."""


class Kind(NamedTuple):
    """One modality.

    Args:
        name: for the table.
        comparator: makes the stacks.
        positions: of each subject's references.
        samples: templates.
        subjects: in the index.
        segment_size: of the index.
    """

    name: str
    comparator: Comparator[Any]
    positions: Sequence[Position]
    samples: Sequence[Template]
    subjects: int
    segment_size: int


def measure() -> Row:
    """Print the bytes of each modality; the row compares applying pages of faces with copying their templates."""
    for kind in (_faces(), _fingers(), _irises()):
        _print_bytes(kind)
    faces, copies = _faces(), iter(range(10**9))
    pages = [page_of(faces, range(first, first + PAGE)) for first in range(0, 16 * PAGE, PAGE)]

    def load() -> None:
        content = IndexContent(faces.comparator, SEGMENT_ROWS, bytes(SIZE))
        content.apply(ReferencePage.joined(pages[:8]))
        content.apply(ReferencePage.joined(pages[8:]))

    def copy() -> int:
        return next(copies) + sum(len(page.templates.data.tobytes()) for page in pages)

    size = sum(page.templates.data.nbytes for page in pages)
    limit = (1000 * size / read_bytes_per_s(), "reading the templates")
    return compare(
        f"{16 * PAGE:,} faces of a store's pages into an index", load, "copying their templates", copy, limit
    )


def page_of(kind: Kind, numbers: range) -> ReferencePage:
    """Subjects of these numbers as a store returns them."""
    ids = [str(uuid.UUID(int=number)) for number in numbers]
    count, each = len(ids), len(kind.positions)
    samples = [kind.samples[(number * each + k) % len(kind.samples)].data for number in numbers for k in range(each)]
    names = b"".join(subject_name(bytes(SIZE), subject_id) for subject_id in ids)
    return ReferencePage(
        partitions=np.zeros(count, np.int32),
        names=np.frombuffer(names, np.uint8).reshape(-1, NAME_BYTES),
        subject_ids=ids,
        galleries=[(DEFAULT_GALLERY,)] * count,
        owners=np.repeat(np.arange(count, dtype=np.int32), each),
        positions=np.tile(np.array([POSITION_ORDER[position] for position in kind.positions], np.int8), count),
        model_ids=[kind.comparator.model_id],
        models=np.zeros(count * each, np.int16),
        templates=PackedTemplates.of(samples),
    )


def _print_bytes(kind: Kind) -> None:
    content = IndexContent(kind.comparator, kind.segment_size, bytes(SIZE))
    packed = 0
    for first in range(0, kind.subjects, PAGE):
        page = page_of(kind, range(first, min(first + PAGE, kind.subjects)))
        packed += page.templates.data.nbytes
        content.apply(page)
    references, whole = kind.subjects * len(kind.positions), content.memory_bytes
    segments = content.state.segments(Position.UNKNOWN, DEFAULT_GALLERY)
    stacks = array_bytes(segment.stack for segment in segments)
    print(
        f"{kind.name}: {references:,} references of {packed / references:.0f} bytes; stack {stacks / references:.0f}, "
        f"columns {(whole - stacks) / references:.1f} bytes each ({(whole - stacks) / kind.subjects:.0f} a subject); "
        f"index {whole / packed:.2f} × the packed templates",
        file=sys.stderr,
    )


def _faces() -> Kind:
    faces = [pack(vector) for vector in unit(DIFFERENT, 1)]
    return Kind("face", PairComparator(), [Position.FACE], faces, 200_000, SEGMENT_ROWS)


def _fingers() -> Kind:
    fingers = [finger(number) for number in range(DIFFERENT)]
    return Kind("finger", FingerprintComparator(), FINGERS, fingers, PAGE, SEGMENT)


def _irises() -> Kind:
    eyes = [template(*eye) for eye in zip(*random_codes(DIFFERENT), strict=True)]
    return Kind("iris", IrisComparator(), [Position.LEFT_EYE, Position.RIGHT_EYE], eyes, 4 * PAGE, SEGMENT)
