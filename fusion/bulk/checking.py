"""Parses the rows of a part and checks their templates, many at a time: one call of a service in place of hundreds."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from biometrics.errors import BiofusionError, InvalidInput
from biometrics.template import Modality, Template
from fusion.bulk.row import ManifestRow
from fusion.bulk.sources import Line
from fusion.bulk.work.tools import TIMEOUT_S
from fusion.samples.probes import Matchers

BATCH = 100
MOST_BYTES = 2**20
"""Most bytes of templates that one call sends; the rows of a batch with more are checked one by one."""


@dataclass(frozen=True, slots=True)
class Parsed:
    """A row, or why it is none.

    Args:
        row: the row.
        error: in place of the row.
        is_checked: whether all its samples are templates, and each was accepted by its service.
    """

    row: ManifestRow | None
    error: InvalidInput | None = None
    is_checked: bool = False


class Rows:
    """The rows of a part; a batch is parsed and checked when the first of its rows is asked for.

    Args:
        lines: of the part.
        matchers: the matching services.
    """

    def __init__(self, lines: Sequence[Line], matchers: Matchers) -> None:
        self._batches = [lines[at : at + BATCH] for at in range(0, len(lines), BATCH)]
        self._matchers = matchers
        self._tasks: dict[int, asyncio.Task[list[Parsed]]] = {}

    async def parsed(self, place: int) -> Parsed:
        """The row in this place of the part."""
        batch = place // BATCH
        if batch not in self._tasks:
            self._tasks[batch] = asyncio.create_task(self._parsed(self._batches[batch]))
        return (await self._tasks[batch])[place % BATCH]

    async def _parsed(self, lines: Sequence[Line]) -> list[Parsed]:
        rows = [await _parsed(line) for line in lines]
        templates = [_templates(each) for each in rows]
        all_of_it = [each for of_one in templates for each in of_one or ()]
        if not all_of_it or sum(len(each.data) for each in all_of_it) > MOST_BYTES or not await self._accept(all_of_it):
            return rows
        return [Parsed(each.row, each.error, is_checked=bool(of)) for each, of in zip(rows, templates, strict=True)]

    async def _accept(self, templates: Sequence[Template]) -> bool:
        """Whether the services can compare all of them; if not, each row finds out for itself."""
        try:
            for modality in Modality:
                own = [each for each in templates if each.modality is modality]
                if own:
                    await self._matchers[modality].compare(own[0], own, TIMEOUT_S)
        except (BiofusionError, KeyError):
            return False
        return True


async def _parsed(line: Line) -> Parsed:
    try:
        return Parsed(await line.row())
    except InvalidInput as error:
        return Parsed(None, error)


def _templates(parsed: Parsed) -> list[Template] | None:
    """The templates of a row whose samples are all templates; None of another one."""
    samples = parsed.row.samples if parsed.row else ()
    found = [each.template for each in samples if each.template is not None]
    return found if found and len(found) == len(samples) else None
