"""Reads the samples of a row from its files: inside one folder only, and within limits."""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from pathlib import Path

from biometrics.errors import FieldInvalid, InvalidInput
from biometrics.sample import EncodedImage, Sample
from biometrics.template import Position
from fusion.bulk.row import ManifestRow, RowSample
from fusion.requests.limits import MAX_SAMPLES, require_few
from gallery.subject import Missing
from infra.records import Opened, opened
from infra.wire.field_paths import located

MAX_BYTES = 64 * 2**20
"""Most bytes of all files of a row."""


class SampleFiles:
    """The files beside a manifest, or in a folder of records. Its calls read and compute: run them in a thread.

    Args:
        base: the folder, without links. What is outside of it is not read.
    """

    def __init__(self, base: Path) -> None:
        self._base = base

    def read(self, row: ManifestRow) -> tuple[tuple[Sample, ...], tuple[Missing, ...]]:
        """The samples of a row, and its missing positions with those that its records state.

        Raises:
            InvalidInput: a file is missing, outside, too large or not a regular file, or a record cannot be used.
        """
        left, samples, gone = MAX_BYTES, list[Sample](), list[Missing]()
        for number, each in enumerate(row.samples):
            found, used = self._sample(each, number, left)
            left -= used
            samples += found.samples
            gone += [Missing(one.modality, one.position, one.reason) for one in found.missing]
            require_few("samples", samples, MAX_SAMPLES)
        return tuple(samples), _joined(row.missing, gone, samples)

    def _sample(self, each: RowSample, number: int, left: int) -> tuple[Opened, int]:
        if each.template is not None:
            assert each.modality is not None
            return Opened((Sample(each.modality, each.position, each.template, each.quality),)), 0
        field = f"samples[{number}].{'record' if each.is_record else 'image'}"
        data = self._bytes(each.path, field, left)
        try:
            if each.is_record:
                position = None if each.position is Position.UNKNOWN else each.position
                return opened(data, each.format, each.modality, position, number), len(data)
            assert each.modality is not None
            return Opened((Sample(each.modality, each.position, EncodedImage(data, each.resolution_dpi)),)), len(data)
        except InvalidInput as error:
            raise located(error, f"samples[{number}]") from error

    def _bytes(self, path: str, field: str, most: int) -> bytes:
        """The content of a regular file; a pipe or device is not waited for."""
        try:
            handle = os.open(self._inside(path, field), os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except (OSError, ValueError):
            raise FieldInvalid(field, "there is no such file, or it cannot be opened.") from None
        try:
            facts = os.fstat(handle)
            if not stat.S_ISREG(facts.st_mode):
                raise FieldInvalid(field, "it is no regular file.")
            if facts.st_size > most:
                raise FieldInvalid(field, f"the files of a row may have {MAX_BYTES} bytes together.")
            with open(handle, "rb", closefd=False) as file:
                return file.read(facts.st_size)
        except OSError:
            raise FieldInvalid(field, "the file cannot be read.") from None
        finally:
            os.close(handle)

    def _inside(self, path: str, field: str) -> Path:
        if "\0" in path or ".." in Path(path).parts:
            raise FieldInvalid(field, "a path without `..` is needed.")
        try:
            resolved = (self._base / path).resolve()
        except (OSError, RuntimeError, ValueError):
            raise FieldInvalid(field, "this path cannot be used.") from None
        if not resolved.is_relative_to(self._base):
            raise FieldInvalid(field, "the file is not in the folder of the source.")
        return resolved


def _joined(stated: Sequence[Missing], gone: Sequence[Missing], samples: Sequence[Sample]) -> tuple[Missing, ...]:
    """What the row states, and what its records state of positions that have neither a sample nor a statement.

    Raises:
        FieldInvalid: the row states a position twice.
    """
    if len({(each.modality, each.position) for each in stated}) < len(stated):
        raise FieldInvalid("missing", "a position is stated twice.")
    known = {(each.modality, each.position) for each in stated} | {(each.modality, each.position) for each in samples}
    found = {(each.modality, each.position): each for each in gone}
    return *stated, *(each for place, each in found.items() if place not in known)
