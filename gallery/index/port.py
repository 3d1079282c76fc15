"""The port to 1:N search over one modality."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from biometrics.template import Position, Template
from gallery.index.search.rank import IndexHit
from gallery.patience import IsWanted, always
from gallery.store.values import ConsistencyToken


class Index(Protocol):
    """A disposable copy of the store's references of one modality, kept current from its change feed.

    `search` and `score_subjects` are CPU-bound: call them in a worker thread. Each sees one state
    of every subject, whatever is applied meanwhile.
    """

    @property
    def is_ready(self) -> bool:
        """Whether all subjects have been loaded once. It stays so while the store is down."""

    @property
    def last_error(self) -> str:
        """Why the store cannot be followed now, "" when it can."""

    @property
    def skipped_count(self) -> int:
        """Enrolled references of this modality that the comparator does not accept, e.g. of an older model."""

    @property
    def applied(self) -> ConsistencyToken:
        """The newest change that is searchable; `START` while nothing has been loaded."""

    async def start(self) -> None:
        """Load all subjects, then follow the feed in a background task until `close`.

        Raises:
            StoreUnavailable: the store does not answer; nothing was started.
        """

    async def run(self) -> None:
        """Load and follow until cancelled, trying again while the store is down; instead of `start`."""

    async def close(self) -> None:
        """End the background task and the threads; those of a later search are new ones. The store stays open."""

    async def wait_for(self, token: ConsistencyToken, timeout_s: float) -> None:
        """Return when the write that returned this token is searchable; at once for `START`.

        Raises:
            IndexBehind: not within `timeout_s`.
            StoreSetBack: that can never be: the write was lost.
            FieldInvalid: the token is not one of this store.
        """

    async def require_gallery(self, gallery: str) -> None:
        """Return if the gallery exists; the store is asked only where nobody in it is searched.

        Raises:
            GalleryNotFound: nobody was ever enrolled in it, and it is not "default".
            IndexBehind: the subjects have not been loaded yet.
        """

    def true(self, token: ConsistencyToken) -> AbstractAsyncContextManager[None]:
        """A search inside it is answered from the store's own history: the store is asked once it is done.

        A store that cannot be asked is taken to be what it was, unless there is a token.

        Raises:
            IndexBehind: the store was set back to an earlier state, and the index is loaded anew.
            StoreSetBack: the token's write was lost.
            StoreUnavailable: there is a token, and the store does not answer.
        """

    def search(
        self, probe: Template, position: Position, gallery: str, limit: int, is_wanted: IsWanted = always
    ) -> Sequence[IndexHit]:
        """The best subjects of a gallery, in order of falling score, then of subject id.

        A comparator that screens compares the probe in full with the references of a large gallery that
        screen best (gallery/index/search/compare.py); the others are no candidates.

        Args:
            probe: compared with the references of comparable positions.
            position: of the probe; UNKNOWN is comparable with all.
            gallery: an unknown one is empty.
            limit: most subjects returned.
            is_wanted: whether the caller still waits; asked between pieces of work.

        Raises:
            DeadlineExpired: the caller does not wait any more.
            IndexBehind: the subjects have not been loaded yet.
            TemplateMalformed, TemplateModelMismatch: the probe cannot be compared.
        """

    def score_subjects(
        self, probe: Template, position: Position, subject_ids: Sequence[str], is_wanted: IsWanted = always
    ) -> Sequence[IndexHit]:
        """Those of the subjects that have references of a comparable position, in the order of `search`.

        All references are compared in full.

        Raises:
            DeadlineExpired, IndexBehind, TemplateMalformed, TemplateModelMismatch: as in `search`.
        """

    def count(self, gallery: str) -> int:
        """Enrolled subjects of the gallery, "" for all, with at least one reference that is searched.

        Raises:
            IndexBehind: the subjects have not been loaded yet.
        """
