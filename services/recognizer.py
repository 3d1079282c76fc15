"""The use cases of every matching service: extract, compare, search."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractContextManager
from typing import Generic, ParamSpec, TypeVar

from biometrics.calibration.score_calibration import Calibration
from biometrics.comparison import Candidate, Comparator, Comparison
from biometrics.errors import FieldInvalid
from biometrics.sample import EncodedImage, Sample
from biometrics.template import Modality, Position, Template, check_position
from gallery.index.port import GallerySearch, Index
from gallery.store.values import ConsistencyToken
from gallery.subject import DEFAULT_GALLERY, check_id
from infra.images.decode import Image
from infra.images.guard.lanes import Lanes
from infra.wire.field_paths import at
from infra.workers import Workers
from services.compared import ComparedModel, ComparedModels, Paired
from services.extraction import Extraction, Extractor
from services.extraction_by_models import extracted
from services.loop_share import LoopShare
from services.merging import CalibratedHit, FoundHits, SearchResult, candidates_of, merged
from services.template_scores import TemplateScores, check_count, is_wanted_here

Details = TypeVar("Details")
Stack = TypeVar("Stack")
P = ParamSpec("P")
T = TypeVar("T")

MAX_SUBJECTS = 1_000
MAX_CANDIDATES = 1_000
DEFAULT_CANDIDATES = 20
INDEX_WAIT_S = 5.0


class Recognizer(Generic[Details, Stack]):
    """The use cases of one modality over an extractor, a comparator and an index.

    Args:
        extractor: image → template.
        comparator: templates → scores.
        calibration: scores → LLR and FMR; of this comparator and model.
        index: the enrolled references.
        workers: threads for long computations other than searches.
        searchers: threads that wait for searches; these run on the index's own threads, several searches per pass.
        lanes: decode images.
        at_once: up to so many references are compared on the event loop, since handing them to a thread and waiting
            would take longer than comparing them.
        turn: limits that time per iteration of the event loop.
        models: all models that are compared, if there are others than that of extractor, comparator and calibration.
        resolve: the gallery that a name stands for, e.g. an alias.
    """

    def __init__(
        self,
        extractor: Extractor[Details],
        comparator: Comparator[Stack],
        calibration: Calibration,
        index: Index,
        workers: Workers,
        searchers: Workers,
        lanes: Lanes,
        at_once: int = 1,
        turn: LoopShare | None = None,
        models: ComparedModels | None = None,
        resolve: Callable[[str], Awaitable[str]] | None = None,
    ) -> None:
        self._extractor = extractor
        own = ComparedModel(comparator, {comparator.model_id: calibration}, extractor)
        self.models = models or ComparedModels(own)
        self.template_scores = TemplateScores(self.models, workers, at_once, turn or LoopShare())
        self.calibration = calibration
        self._index = index
        self._workers = workers
        self._searchers = searchers
        self._lanes = lanes
        self._resolve = resolve

    @property
    def modality(self) -> Modality:
        """The modality recognised."""
        return self._extractor.modality

    @property
    def index(self) -> Index:
        """The enrolled references."""
        return self._index

    async def extract(self, image: EncodedImage, position: Position) -> Extraction[Details]:
        """Decode and extract an image, off the event loop.

        The template brings along those of other models of which there are references in the index.

        Raises:
            InvalidInput: the image or position cannot be used.
            AcquisitionFailed: the image shows no usable characteristic.
        """
        position = check_position(self.modality, position)
        with at("image"), self.in_hand(image):
            decoded = await self.decoded(image)
            return await self.computed(extracted, self._extractor, self.models.others, self._index, decoded, position)

    def in_hand(self, image: EncodedImage) -> AbstractContextManager[None]:
        """Context that counts the bytes of an image while it is in progress; raises Overloaded if they are too many."""
        return self._lanes.in_hand(image.data)

    async def decoded(self, image: EncodedImage) -> Image:
        """Decode an image, with the resolution that is stated for it. Raises InvalidInput."""
        decoded = await self._lanes.decode(image.data)
        return decoded.stated(image.resolution_dpi, image.vertical_dpi, is_of_record=image.is_of_record)

    async def computed(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """The result of a long computation, in a worker thread."""
        return await self._workers.run(work, *args, **kwargs)

    async def compare(self, probe: Template, references: Sequence[Template]) -> list[Comparison]:
        """Compare one probe with each reference, in order. Raises as `scores`."""
        scores = await self.scores(probe, references)
        groups = self.models.grouped(probe, references)
        if len(groups) == 1:
            return groups[0][0].calibration.comparisons(scores)
        found: dict[int, Comparison] = {}
        for paired, numbers in groups:
            found.update(zip(numbers, paired.calibration.comparisons([scores[n] for n in numbers]), strict=True))
        return [found[number] for number in range(len(scores))]

    async def scores(self, probe: Template, references: Sequence[Template]) -> list[float]:
        """The raw scores of one probe with each reference, in order. Raises as `TemplateScores.scores`."""
        return await self.template_scores.scores(probe, references)

    def scores_at_once(self, probe: Template, references: Sequence[Template]) -> list[float] | None:
        """The scores if they can be computed on the event loop; see `TemplateScores.scores_at_once`."""
        return self.template_scores.scores_at_once(probe, references)

    async def search(self, probe: Sample, gallery: str, limit: int | None, token: ConsistencyToken) -> SearchResult:
        """The subjects of a gallery most like the probe; `limit` None means 20. Raises as `hits`."""
        found = await self.hits(probe, gallery, limit, token)
        return SearchResult(candidates_of(found.hits), found.subject_count, len(found.unsearched))

    async def hits(self, probe: Sample, gallery: str, limit: int | None, token: ConsistencyToken) -> FoundHits:
        """The raw scores of `search`, how many subjects were searched, and which partitions were not.

        Raises:
            IndexBehind: the index is not loaded, or has not reached the token within 5 s.
            StoreSetBack: the store has lost the write that the token stands for.
            GalleryNotFound: no subject was ever enrolled in the gallery, and it is not "default".
        """
        limit = DEFAULT_CANDIDATES if limit is None else limit
        if not 1 <= limit <= MAX_CANDIDATES:
            raise FieldInvalid("max_candidate_count", f"1 to {MAX_CANDIDATES} is allowed.")
        gallery = check_id(gallery or DEFAULT_GALLERY, "gallery")
        gallery = await self._resolve(gallery) if self._resolve else gallery
        pairs = await self._pairs(probe)
        await self._wait_for(token)
        await self._index.require_gallery(gallery)
        async with self._index.confirmed(token):
            with at("probe.template"):
                found = await self._searchers.run(self._search, pairs, probe.position, gallery, limit)
                hits = merged(pairs, [found.hits, *found.others], limit)
                return FoundHits(hits, found.subject_count, found.unsearched)

    async def score_subjects(
        self, probe: Sample, subject_ids: Sequence[str], token: ConsistencyToken
    ) -> list[Candidate]:
        """Compare the probe with named subjects, best first; subjects without a comparable reference are omitted.

        Raises as `subject_hits`.
        """
        return candidates_of(await self.subject_hits(probe, subject_ids, token))

    async def subject_hits(
        self, probe: Sample, subject_ids: Sequence[str], token: ConsistencyToken
    ) -> Sequence[CalibratedHit]:
        """The raw scores of `score_subjects`.

        Raises:
            FieldInvalid: no subject, too many, or one whose id has the wrong form.
            IndexBehind: the index is not loaded, or has not reached the token within 5 s.
        """
        check_count("subject_ids", len(subject_ids), MAX_SUBJECTS)
        for number, subject_id in enumerate(subject_ids):
            check_id(subject_id, f"subject_ids[{number}]")
        pairs = await self._pairs(probe)
        await self._wait_for(token)
        async with self._index.confirmed(token):
            with at("probe.template"):
                return await self._workers.run(self._score_subjects, pairs, probe.position, subject_ids)

    def _search(self, pairs: Sequence[Paired], position: Position, gallery: str, limit: int) -> GallerySearch:
        template, *others = [each.probe for each in pairs]
        return self._index.search_reachable(template, position, gallery, limit, is_wanted_here(), others)

    def _score_subjects(
        self, pairs: Sequence[Paired], position: Position, subject_ids: Sequence[str]
    ) -> list[CalibratedHit]:
        found = self._index.score_by_each([each.probe for each in pairs], position, subject_ids, is_wanted_here())
        return merged(pairs, found, len(subject_ids))

    async def _pairs(self, probe: Sample) -> list[Paired]:
        """What the probe is compared with."""
        if probe.modality is not self.modality:
            raise FieldInvalid("probe.modality", f"this service compares {self.modality}, not {probe.modality}.")
        if isinstance(probe.source, Template):
            with at("probe.template"):
                pairs = self.models.searched(probe.source)
                for each in pairs:
                    each.model.check(each.probe)
                return pairs
        if not isinstance(probe.source, EncodedImage):
            raise FieldInvalid("probe", "send an image, a template, or a record of one sample.")
        with at("probe"):
            return self.models.searched((await self.extract(probe.source, probe.position)).template)

    async def _wait_for(self, token: ConsistencyToken) -> None:
        if token:
            await self._index.wait_for(token, INDEX_WAIT_S)
