"""The port to 1:N search over one modality."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Protocol

from biometrics.template import Position, Template
from gallery.index.figures import Figures
from gallery.index.search.rank import IndexHit
from gallery.patience import IsWanted, always
from gallery.store.values import ConsistencyToken


@dataclass(frozen=True, slots=True)
class GallerySearch:
    """Result of a search of what can be reached.

    Args:
        hits: the best subjects of the partitions that were searched, in the order of `Index.search`.
        subject_count: subjects of the gallery with at least one reference that is searched; of partitions that were not
            searched, as it was known last.
        unsearched: the partitions that were not searched in time, ascending; empty: the search is complete.
        others: the best subjects by each of the other templates of the sample, likewise.
    """

    hits: Sequence[IndexHit] = field(repr=False)
    subject_count: int
    unsearched: tuple[int, ...] = ()
    others: tuple[Sequence[IndexHit], ...] = field(default=(), repr=False)


class Index(Protocol):
    """A disposable copy of the store's references of one modality, kept current from its change feed.

    `search` and `score_subjects` are CPU-bound: call them in a worker thread. Each sees one state
    of every subject, whatever is applied meanwhile.
    """

    @property
    def is_ready(self) -> bool:
        """Whether all subjects have been loaded once. It stays True while the store is down."""

    @property
    def is_healthy(self) -> bool:
        """Whether it is ready and has not dropped its copy in the last 3 s, so that a check each second notices it."""

    @property
    def last_error(self) -> str:
        """Why the store cannot be followed now; "" if it can."""

    @property
    def skipped_count(self) -> int:
        """Number of enrolled references of this modality that no comparator accepts (e.g. an older model)."""

    @property
    def unreadable_count(self) -> int:
        """Number of subjects that the store could not read, e.g. as a record is damaged; they are not searched."""

    @property
    def figures(self) -> Figures:
        """What operators see of it."""

    @property
    def applied(self) -> ConsistencyToken:
        """Token of the newest change of each partition that is searchable; `START` before the first load."""

    async def start(self) -> None:
        """Load all subjects, then follow the feed in a background task until `close`.

        Raises:
            StoreUnavailable: the store does not answer; nothing was started.
        """

    async def run(self) -> None:
        """Load and follow until cancelled, retrying while the store is down; an alternative to `start`."""

    async def close(self) -> None:
        """End the background task and the threads; a later search starts new threads. The store stays open."""

    async def wait_for(self, token: ConsistencyToken, timeout_s: float) -> None:
        """Return when the write that returned this token is searchable; at once for `START`.

        Raises:
            IndexBehind: the write is not searchable within `timeout_s`.
            StoreSetBack: it never will be: the write was lost.
            FieldInvalid: the token was not made by this store.
        """

    async def require_gallery(self, gallery: str) -> None:
        """Return if the gallery exists; the store is read only if the index has no subject in it.

        Raises:
            GalleryNotFound: nobody was ever enrolled in it, and it is not "default".
            IndexBehind: the subjects have not been loaded yet.
        """

    def confirmed(self, token: ConsistencyToken) -> AbstractAsyncContextManager[None]:
        """Context for a search whose result must be true to the store: on exit the index is checked against it.

        If the store does not answer the check, the result stands, unless there is a token.

        Raises:
            IndexBehind: the store was set back to an earlier state, and the index is being reloaded.
            StoreSetBack: the token's write was lost.
            StoreUnavailable: there is a token, and the store does not answer.
        """

    def search(
        self, probe: Template, position: Position, gallery: str, limit: int, is_wanted: IsWanted = always
    ) -> Sequence[IndexHit]:
        """The best subjects of a gallery, in order of falling score, then of subject id.

        The probe is compared with the references of its own model.

        In a large gallery a screening comparator compares the probe in full only with the references that
        screen best (gallery/index/search/compare.py); the others are not candidates.

        Args:
            probe: template to search with.
            position: position of the probe: it is compared with references of comparable positions, all if UNKNOWN.
            gallery: name of the gallery; an unknown one is taken as empty.
            limit: most subjects returned.
            is_wanted: whether the caller still waits; checked between pieces of work.

        Raises:
            DeadlineExpired: the caller no longer waits.
            IndexBehind: the subjects have not been loaded yet, or a partition cannot be searched now.
            TemplateMalformed, TemplateModelMismatch: the probe cannot be compared.
        """

    def search_reachable(
        self,
        probe: Template,
        position: Position,
        gallery: str,
        limit: int,
        is_wanted: IsWanted = always,
        others: Sequence[Template] = (),
    ) -> GallerySearch:
        """As `search`, but if some partitions cannot be searched now, the others are, and the result names them.

        Each of several templates is searched with, each with the references of its own model. All hits are of one
        state of every subject, so that a subject whose reference is being replaced by one of another model is found by
        one of the templates.

        Args:
            probe: as in `search`.
            position: as in `search`.
            gallery: as in `search`.
            limit: most subjects returned for each template.
            is_wanted: as in `search`.
            others: templates of the same sample, of other models than the probe and each other.

        Raises:
            IndexBehind: no partition can be searched.
            DeadlineExpired, TemplateMalformed, TemplateModelMismatch: as in `search`.
        """

    def score_subjects(
        self, probe: Template, position: Position, subject_ids: Sequence[str], is_wanted: IsWanted = always
    ) -> Sequence[IndexHit]:
        """Hits of those subjects that have references of a comparable position, in the order of `search`.

        All of these references are compared in full.

        Raises:
            DeadlineExpired, IndexBehind, TemplateMalformed, TemplateModelMismatch: as in `search`.
        """

    def score_by_each(
        self, probes: Sequence[Template], position: Position, subject_ids: Sequence[str], is_wanted: IsWanted = always
    ) -> Sequence[Sequence[IndexHit]]:
        """As `score_subjects` by each template of one sample; all hits are of one state of every subject.

        Args:
            probes: of different models, at least one.
            position: as in `search`.
            subject_ids: as in `score_subjects`.
            is_wanted: as in `search`.

        Raises:
            DeadlineExpired, IndexBehind, TemplateMalformed, TemplateModelMismatch: as in `search`.
        """

    def count(self, gallery: str) -> int:
        """Number of subjects of the gallery, "" for all, with at least one reference that is searched.

        It may ask other machines: call it in a worker thread.

        Raises:
            IndexBehind: the subjects have not been loaded yet.
        """

    def models(self) -> Sequence[str]:
        """The models of which it holds references, its own first.

        Raises:
            IndexBehind: the subjects have not been loaded yet.
        """

    def count_of(self, model_id: str) -> int:
        """Number of subjects with at least one reference of a model, as `count`; 0 for a model that is not compared."""
