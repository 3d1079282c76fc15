"""Measures the figures that depend on this version's code: sealed sets, rows, stacks, the rate of opening."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from secrets import token_bytes
from time import perf_counter
from typing import Any

from benchmarks.face.synthetic_faces import unit
from benchmarks.fingerprint.synthetic_fingers import finger
from benchmarks.iris.synthetic_irises import random_codes, template
from biometrics.comparison import Comparator
from biometrics.template import POSITIONS, Modality, Position, Template
from gallery.sealing.key_table import HEAD, KEY_BYTES, KEYS, KeyRef
from gallery.sealing.sealed_set import Place, opened, seal
from gallery.store.records import encounters
from gallery.store.records.heads import Head
from gallery.subject import DEFAULT_GALLERY, Encounter, Reference
from services.face.comparator import PairComparator
from services.face.template.features import pack
from services.fingerprint.comparator import FingerprintComparator
from services.iris.comparator import IrisComparator
from studies.capacity.needs.figures import COUNTS, Figure, Kind

COMMAND = "python -m studies.capacity --measure"
SUBJECT_ID = "0f8fad5b-d9cb-469f-a165-70867728950e"
PLACE_BYTES = 18
"""Partition and name of a subject, by which its rows are found."""
POSITION_BYTES = 20
"""A feed position: epoch, mark, number."""
SETS = 2000
COMPARATORS: Mapping[Modality, Callable[[], Any]] = {
    Modality.FACE: PairComparator,
    Modality.FINGERPRINT: FingerprintComparator,
    Modality.IRIS: IrisComparator,
}


def measured(template_bytes: Mapping[Modality, int]) -> dict[str, Figure]:
    """All figures that this command measures, by name.

    Args:
        template_bytes: bytes of a template of each modality.
    """
    found = {
        "key_bytes": Figure(
            KEY_BYTES + HEAD.size / KEYS, "B", "key of a subject, in the key table", Kind.MEASURED, COMMAND
        )
    }
    for modality, size in template_bytes.items():
        references = references_of(modality, COUNTS[modality], size)
        sealed, opening_us = sealing(references)
        name = modality.lower()
        stack = stack_bytes(COMPARATORS[modality](), made_up(modality))
        found |= {
            f"sealed_bytes.{modality.value}": _figure(sealed, "B", f"sealed set of a subject, {name}"),
            f"open_us.{modality.value}": _figure(
                round(opening_us, 2), "µs", f"opening of the sealed set, one core, {name}"
            ),
            f"stack_bytes.{modality.value}": _figure(
                round(stack), "B", f"stack of the comparator, for each reference, {name}"
            ),
        }
    found["subject_row_bytes"] = _figure(
        subject_rows(), "B", "head, encounter and gallery of a subject, with their keys"
    )
    what = "feed entry and receipt of a write, by the lengths of their fields"
    found["write_row_bytes"] = Figure(write_rows(), "B", what, Kind.DERIVED, "gallery/store/backend.py")
    return found


def references_of(modality: Modality, count: int, size: int) -> list[Reference]:
    """References of random bytes, which seal as templates do."""
    positions = [each for each in POSITIONS[modality] if each is not Position.UNKNOWN][:count]
    model_id = COMPARATORS[modality].model_id  # type: ignore[attr-defined]  # the classes have it
    return [Reference(each, Template(modality, model_id, token_bytes(size)), 80.0) for each in positions]


def sealing(references: Sequence[Reference]) -> tuple[int, float]:
    """Bytes of the sealed set of these references, and µs in which it is opened, the median of `SETS`."""
    place, key = Place(1, bytes(16), 0, references[0].modality), token_bytes(KEY_BYTES)
    sealed = seal(references, place, KeyRef(0, 0), key)
    times = []
    for _ in range(SETS):
        begin = perf_counter()
        opened(sealed, place, key)
        times.append(perf_counter() - begin)
    return len(sealed), 1e6 * sorted(times)[SETS // 2]


def subject_rows() -> int:
    """Bytes of a subject's head, encounter and gallery membership, with the keys by which they are found."""
    head = Head(SUBJECT_ID, (DEFAULT_GALLERY,), 1, 1, sum(COUNTS.values()), KeyRef(1, 1)).packed
    references = [each for modality in COUNTS for each in references_of(modality, COUNTS[modality], 8)]
    row = encounters.pack(Encounter("e1", datetime(2026, 1, 1, tzinfo=UTC), tuple(references)), 0)
    membership = len(DEFAULT_GALLERY) + len(SUBJECT_ID)
    keys = (2 + len(COUNTS)) * PLACE_BYTES + len(SUBJECT_ID)
    return len(head) + len(row.encounter_id) + len(row.record) + membership + keys


def write_rows() -> int:
    """Bytes of the feed entry and the receipt of one write: names and hashes of 16 bytes, kind, position, time."""
    return (POSITION_BYTES + 1 + 16) + (16 + 16 + POSITION_BYTES + 8)


@lru_cache
def made_up(modality: Modality, count: int = 500) -> list[Template]:
    """Different made-up templates that the comparator unpacks."""
    if modality is Modality.FACE:
        return [pack(each) for each in unit(count, 1)]
    if modality is Modality.FINGERPRINT:
        return [finger(number) for number in range(count)]
    return [template(*each) for each in zip(*random_codes(count), strict=True)]


def stack_bytes(comparator: Comparator[Any], templates: Sequence[Template]) -> float:
    """Bytes of memory that a stack of these templates keeps, for each of them.

    The least of five, as other threads of the process may keep something meanwhile.
    """
    comparator.stack(templates[:2])
    return min(_kept(comparator, templates) for _ in range(5)) / len(templates)


def _kept(comparator: Comparator[Any], templates: Sequence[Template]) -> int:
    tracemalloc.start()
    stack = comparator.stack(templates)
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    del stack
    return kept


def _figure(value: float, unit: str, what: str) -> Figure:
    return Figure(value, unit, what, Kind.MEASURED, COMMAND)
