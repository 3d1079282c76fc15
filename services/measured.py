"""The use cases of a matching service, measured for operators, and what they see of its index and models."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any

from biometrics.sample import EncodedImage, Sample
from biometrics.template import Position, Template
from gallery.index.state import EVERY_GALLERY
from gallery.store.values import ConsistencyToken
from infra.images.decode import Image
from infra.telemetry.instruments import Reading
from infra.telemetry.metrics import gallery
from infra.telemetry.metrics.stages import STAGE_SECONDS, stage
from services.extraction import Extraction
from services.merging import CalibratedHit, FoundHits
from services.recognizer import Details, Recognizer, Stack


class MeasuredRecognizer(Recognizer[Details, Stack]):
    """As `Recognizer`; each use case is a stage of its call."""

    @property
    def waiting_count(self) -> int:
        """Pieces of work that wait for a thread."""
        return self._workers.waiting_count + self._searchers.waiting_count

    @cached_property
    def _service(self) -> str:
        return self.modality.value.lower()

    async def extract(self, image: EncodedImage, position: Position) -> Extraction[Details]:
        """See Recognizer; `decode` is a stage within."""
        with stage(self._service, "extract"):
            extraction = await super().extract(image, position)
        gallery.QUALITY.record(extraction.quality.value, self._service)
        return extraction

    async def decoded(self, image: EncodedImage) -> Image:
        """See Recognizer."""
        with stage(self._service, "decode"):
            return await super().decoded(image)

    async def scores(self, probe: Template, references: Sequence[Template]) -> list[float]:
        """See Recognizer."""
        with stage(self._service, "compare"):
            return await super().scores(probe, references)

    def scores_at_once(self, probe: Template, references: Sequence[Template]) -> list[float] | None:
        """See Recognizer."""
        begin = time.perf_counter()
        scores = super().scores_at_once(probe, references)
        if scores is not None:
            STAGE_SECONDS.record(time.perf_counter() - begin, self._service, "compare")
        return scores

    async def hits(self, probe: Sample, gallery: str, limit: int | None, token: ConsistencyToken) -> FoundHits:
        """See Recognizer; waiting for the token included."""
        with stage(self._service, "search"):
            return await super().hits(probe, gallery, limit, token)

    async def subject_hits(
        self, probe: Sample, subject_ids: Sequence[str], token: ConsistencyToken
    ) -> Sequence[CalibratedHit]:
        """See Recognizer; waiting for the token included."""
        with stage(self._service, "score"):
            return await super().subject_hits(probe, subject_ids, token)


def readings(core: MeasuredRecognizer[Any, Any]) -> Iterator[Reading]:
    """The values of a service now. Asks other machines if its index is there: call it off the event loop."""
    index, service = core.index, core.modality.lower()
    figures = index.figures
    yield Reading(gallery.READY, index.is_ready and not index.last_error, (service,))
    yield Reading(gallery.SKIPPED, index.skipped_count, (service,))
    yield Reading(gallery.UNREADABLE, index.unreadable_count, (service,))
    yield Reading(gallery.BYTES, figures.memory_bytes, (service,))
    yield Reading(gallery.PASSES, figures.pass_count, (service,))
    yield Reading(gallery.SEARCHES, figures.search_count, (service,))
    yield Reading(gallery.BACKLOG, core.waiting_count, (service,))
    if figures.behind_s is not None:
        yield Reading(gallery.BEHIND_S, figures.behind_s, (service,))
    for each in core.models:
        calibration = each.calibration
        labels = service, each.model_id, calibration.comparator_id, calibration.date
        yield Reading(gallery.MODEL, 1, labels)
    if index.is_ready:
        yield Reading(gallery.SUBJECTS, index.count(EVERY_GALLERY), (service,))
