"""The memory that an index may fill. What does not fit is left out by name of its partition, and never silently."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from gallery.references import ReferencePage

log = logging.getLogger(__name__)

LARGEST_RATIO = 5
"""Bytes of an index for each byte of a template, at most: 4.5 for fingers, 1.2 for others (docs/capacity.md)."""

COLUMNS = 256
"""Bytes of a subject beside its references, at most: its id, its names and what the table of names keeps free."""

MARGIN = 1.25
"""Of what the page before took: a larger share of prints may have many minutiae."""

RESERVE = 8
"""An eighth is kept for what changes add: entries that were replaced and not tidied up, and a larger table of names."""

MIB = 1 << 20


class Room:
    """Decides what still fits.

    Args:
        most_bytes: bytes that the index may fill; 0: any number.
        measured: bytes that it holds now.

    Attributes:
        left_out: the partitions of subjects that did not fit. They stay incomplete until the index is loaded again.
    """

    def __init__(self, most_bytes: int, measured: Callable[[], int]) -> None:
        self._most, self._measured = most_bytes, measured
        self._fill = most_bytes - most_bytes // RESERVE
        self._held = 0  # at most so many bytes are held
        self._share = 1.0  # of the most that a page could take
        self.left_out: frozenset[int] = frozenset()

    @property
    def has_another(self) -> bool:
        """Whether a second index of the same references would fit beside this one."""
        return not self._most or 2 * self._measured() <= self._most

    def admitted(self, page: ReferencePage) -> tuple[ReferencePage, Sequence[bytes]]:
        """As much of the page as fits, with its subjects without references; and the names of the others.

        Args:
            page: of different subjects.
        """
        needed = int(self._share * _most_of(page))
        if not (self._most and needed) or self._held + needed <= self._fill:
            self._held += needed
            return page, ()
        self._held = self._measured()
        rows = np.unique(page.owners)
        fitting = min(rows.size, rows.size * max(0, self._fill - self._held) // needed)
        self._held += needed * fitting // max(1, rows.size)
        left_out = rows[fitting:]
        if not left_out.size:
            return page, ()
        self._leave_out(page.partitions[left_out].tolist())
        kept = np.setdiff1d(np.arange(len(page.names)), left_out)
        names = [bytes(each) for each in page.names[left_out]]
        return replace(page.of_subjects(kept), unreadable=page.unreadable), names

    def learn(self, page: ReferencePage, held: int) -> None:
        """What a page takes: the bytes of the arrays that were made of it. Later ones are taken to be alike."""
        if self._most and page.templates.data.nbytes:
            self._share = min(1.0, MARGIN * held / _most_of(page))

    def _leave_out(self, partitions: Sequence[int]) -> None:
        if not self.left_out:
            log.warning(
                "The index is full: it holds %d MiB of the %d MiB that it may fill. Further references are left out, "
                "and searches say that they are incomplete. Start it again with more memory, "
                "BIOFUSION_INDEX_MEMORY_MB or BIOFUSION_INDEX_MEMORY_SHARE.",
                self._held // MIB,
                self._most // MIB,
            )
        self.left_out |= set(partitions)


def _most_of(page: ReferencePage) -> int:
    return LARGEST_RATIO * page.templates.data.nbytes + COLUMNS * len(page.names)
