"""The two halves of a search that several indexes make together (search/rounds.py)."""

from __future__ import annotations

from biometrics.comparison import Stack
from biometrics.template import Position, Template
from gallery.index.content import IndexContent
from gallery.index.feed_reader import FeedReader
from gallery.index.search.rank import IndexHit
from gallery.index.search.rounds import Round
from gallery.index.search.search import Search, Searching
from gallery.index.status import Status
from gallery.patience import IsWanted, always


class InRounds(Status[Stack]):
    """An index's part in such searches, for a comparator with a screened share; of the index's own model only.

    Args:
        reader: keeps the references.
        searching: searches them.
    """

    def __init__(self, reader: FeedReader[IndexContent[Stack]], searching: Searching[Stack]) -> None:
        super().__init__(reader)
        self._searching = searching

    def screen(
        self,
        probe: Template,
        position: Position,
        gallery: str,
        limit: int,
        wanted_rows: int = 0,
        is_wanted: IsWanted = always,
    ) -> Round[Stack]:
        """First round.

        Args:
            probe: as in `Index.search`.
            position: as in `Index.search`.
            gallery: as in `Index.search`.
            limit: as in `Index.search`.
            wanted_rows: number of best screening scores wanted; 0: as many as are fair.
            is_wanted: as in `Index.search`.

        Raises:
            DeadlineExpired, IndexBehind, TemplateMalformed, TemplateModelMismatch: as in `Index.search`.
        """
        return self._searching.screened(
            Search(probe, position, gallery, limit), self._reader.state.state, wanted_rows, is_wanted
        )

    def compare_screened(
        self, known: Round[Stack], position: Position, limit: int, floor: float, is_wanted: IsWanted = always
    ) -> list[IndexHit]:
        """Second round: the best subjects by those of the rows whose screening scores reach the floor.

        Raises:
            DeadlineExpired: the caller no longer waits.
        """
        return self._searching.compared(known, position, limit, floor, is_wanted)
