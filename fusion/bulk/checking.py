"""Parses rows and checks their templates, many at a time: one call of a service in place of hundreds."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from biometrics.errors import BiofusionError, InvalidInput
from biometrics.template import Modality, Template
from fusion.bulk.row import ManifestRow
from fusion.bulk.sources import Line
from fusion.bulk.work.outcomes import REFUSALS
from fusion.bulk.work.tools import TIMEOUT_S
from fusion.samples.probes import Matchers

MOST_BYTES = 2**20
"""Most bytes of templates that one call sends."""
STEP = 32
"""Rows that are parsed, in about 20 µs each, before others get their turn on the event loop."""

Placed = tuple[int, Template]
"""A template, and the place of its row."""


@dataclass(frozen=True, slots=True)
class Parsed:
    """A row of a source.

    Args:
        number: from 1; in a manifest, the number of the line.
        name: what its result is called.
        row: the row, or why it is none.
        is_checked: whether all its samples are templates, and each was accepted by its service.
    """

    number: int
    name: str
    row: ManifestRow | InvalidInput
    is_checked: bool = False

    @property
    def has_files(self) -> bool:
        """Whether it has samples in files."""
        return isinstance(self.row, ManifestRow) and not self.row.templates

    @property
    def good(self) -> ManifestRow:
        """The row. Raises InvalidInput if it is none."""
        if isinstance(self.row, InvalidInput):
            raise self.row
        return self.row


async def parsed(lines: Sequence[Line], matchers: Matchers) -> list[Parsed]:
    """The rows of these lines, in order."""
    rows = []
    for number, line in enumerate(lines):
        rows.append(await _row(line))
        if number % STEP == STEP - 1:
            await asyncio.sleep(0)
    of_model: dict[tuple[Modality, str], list[Placed]] = defaultdict(list)
    for place, row in enumerate(rows):
        for each in _templates(row):
            of_model[each.modality, each.model_id].append((place, each))
    unsure = {place for own in of_model.values() for place in await _not_accepted(own, matchers)}
    return [
        Parsed(line.number, _name(line, row), row, is_checked=bool(_templates(row)) and place not in unsure)
        for place, (line, row) in enumerate(zip(lines, rows, strict=True))
    ]


async def _row(line: Line) -> ManifestRow | InvalidInput:
    try:
        return await line.row()
    except InvalidInput as error:
        return error


def _templates(row: ManifestRow | InvalidInput) -> Sequence[Template]:
    return row.templates if isinstance(row, ManifestRow) else ()


def _name(line: Line, row: ManifestRow | InvalidInput) -> str:
    return row.subject_id if isinstance(row, ManifestRow) else line.name


async def _not_accepted(own: Sequence[Placed], matchers: Matchers) -> set[int]:
    """The rows whose templates, of one model, their service does not accept; found by halving.

    All of them if the service does not answer: then each row finds out for itself.
    """
    templates = [each for _, each in own]
    try:
        if sum(len(each.data) for each in templates) <= MOST_BYTES:
            await matchers[templates[0].modality].compare(templates[0], templates, TIMEOUT_S)
            return set()
    except REFUSALS:
        pass
    except (BiofusionError, KeyError):
        return {place for place, _ in own}
    if len(own) == 1:
        return {own[0][0]}
    half = len(own) // 2
    return await _not_accepted(own[:half], matchers) | await _not_accepted(own[half:], matchers)
