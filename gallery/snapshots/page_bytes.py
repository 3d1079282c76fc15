"""Pages of references ↔ the bytes of a chunk.

Little-endian: six numbers of 8 bytes (subjects, references, bytes of ids, bytes of templates, unreadable subjects,
bytes of the last array), then the columns:

- where each id begins (8 bytes per subject, and one more), where each template begins (8 per reference, and one more);
- code of each subject's galleries (4), owner of each reference (4), its model (2), name of each subject (16), position
  of each reference (1), name of each unreadable subject (16);
- the ids, the templates, and a msgpack array `[model ids, sets of galleries]`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from struct import Struct
from typing import Any, TypeVar

import msgpack  # type: ignore[import-untyped]  # no type hints of its own
import numpy as np
from numpy.typing import NDArray

from biometrics.packed_templates import PackedTemplates
from gallery.columns_of_text import GalleryColumn, TextColumn
from gallery.references import NAME_BYTES, ReferencePage

Number = TypeVar("Number", bound=np.integer)
KINDS = (np.int8, np.uint8, np.int16, np.int32, np.int64)
LITTLE_ENDIAN: dict[type[np.integer], np.dtype[Any]] = {each: np.dtype(each).newbyteorder("<") for each in KINDS}

HEAD = Struct("<6Q")
CHUNK_BYTES = 1_000_000
"""A chunk has about so many bytes; more only if a single subject has."""
SUBJECT_BYTES, REFERENCE_BYTES = 64, 16
"""About what a subject and a reference take beside the template."""


def pieces(page: ReferencePage) -> Iterator[ReferencePage]:
    """The page in parts that make a chunk each; the unreadable ones are in the first."""
    count = len(page.names)
    first_reference = np.searchsorted(page.owners, np.arange(count + 1))
    sizes = page.templates.starts[first_reference] + REFERENCE_BYTES * first_reference
    sizes = sizes + SUBJECT_BYTES * np.arange(count + 1)
    page = replace(page, subject_ids=TextColumn.of(page.subject_ids), galleries=GalleryColumn.of(page.galleries))
    first, unreadable = 0, page.unreadable
    while first < count or unreadable:
        end = int(np.searchsorted(sizes, sizes[first] + CHUNK_BYTES, "right")) - 1
        end = min(count, max(end, first + 1))
        yield replace(page.of_subjects(np.arange(first, end)), unreadable=unreadable)
        first, unreadable = end, ()


def packed(page: ReferencePage) -> bytes:
    """The bytes of a page of one partition."""
    ids, galleries = TextColumn.of(page.subject_ids).joined, GalleryColumn.of(page.galleries)
    known = list(dict.fromkeys(galleries.codes.tolist()))
    codes = np.zeros(len(galleries.table), np.int32)
    codes[known] = np.arange(len(known))
    words: bytes = msgpack.packb([list(page.model_ids), [galleries.table[code] for code in known]])
    unreadable = b"".join(page.unreadable)
    numbers = HEAD.pack(
        len(page.names), len(page.owners), ids.data.size, page.templates.data.size, len(page.unreadable), len(words)
    )
    columns = (
        _column(ids.starts, np.int64),
        _column(page.templates.starts, np.int64),
        _column(codes[galleries.codes], np.int32),
        _column(page.owners, np.int32),
        _column(page.models, np.int16),
        _column(page.names, np.uint8),
        _column(page.positions, np.int8),
    )
    return b"".join([numbers, *columns, unreadable, ids.data.tobytes(), page.templates.data.tobytes(), words])


def unpacked(data: NDArray[np.uint8], partition: int) -> ReferencePage:
    """The page; its columns are views of the data.

    Raises:
        ValueError: these are not the bytes of a page.
    """
    if data.size < HEAD.size:
        raise ValueError
    subjects, references, id_bytes, template_bytes, unreadable, words = HEAD.unpack(data[: HEAD.size].tobytes())
    columns = _Columns(data)
    id_starts = columns.next(np.int64, subjects + 1)
    starts = columns.next(np.int64, references + 1)
    codes = columns.next(np.int32, subjects)
    owners = columns.next(np.int32, references)
    models = columns.next(np.int16, references)
    names = columns.next(np.uint8, NAME_BYTES * subjects).reshape(-1, NAME_BYTES)
    positions = columns.next(np.int8, references)
    left_out = columns.next(np.uint8, NAME_BYTES * unreadable).tobytes()
    ids, templates = columns.next(np.uint8, id_bytes), columns.next(np.uint8, template_bytes)
    model_ids, table = msgpack.unpackb(columns.next(np.uint8, words))
    return ReferencePage(
        partitions=np.full(subjects, partition, np.int32),
        names=names,
        subject_ids=TextColumn(PackedTemplates(ids, id_starts)),
        galleries=GalleryColumn([tuple(each) for each in table], codes),
        owners=owners,
        positions=positions,
        model_ids=model_ids,
        models=models,
        templates=PackedTemplates(templates, starts),
        unreadable=[left_out[NAME_BYTES * row :][:NAME_BYTES] for row in range(unreadable)],
    )


class _Columns:
    def __init__(self, data: NDArray[np.uint8]) -> None:
        self._data, self._place = data, HEAD.size

    def next(self, kind: type[Number], count: int) -> NDArray[Number]:
        column: NDArray[Number] = np.frombuffer(self._data, LITTLE_ENDIAN[kind], count, self._place)
        self._place += column.nbytes
        return column


def _column(values: NDArray[np.integer], kind: type[Number]) -> bytes:
    return values.astype(LITTLE_ENDIAN[kind], copy=False).tobytes()
