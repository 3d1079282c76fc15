"""The Matcher port on a recogniser in this process: fusion calls it without serialisation."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Coroutine, Sequence
from typing import Any, TypeVar

from biometrics.errors import (
    AcquisitionFailed,
    ComparatorUncalibrated,
    DeadlineExpired,
    InvalidInput,
    Overloaded,
    ServiceUnavailable,
    StoreSetBack,
    TemplateModelMismatch,
)
from biometrics.explanation import Explanation
from biometrics.sample import EncodedImage, Sample
from biometrics.template import Position, Template
from fusion.matching.matchers import Extracted, Found, Hit
from gallery.store.values import ConsistencyToken
from infra.deadlines import Deadline, current_deadline
from infra.serving.request_ids import current_request_id
from infra.wire.status import code_of
from services.merging import CalibratedHit
from services.recognizer import Recognizer

log = logging.getLogger("biofusion.call")

T = TypeVar("T")

REFUSALS = (
    InvalidInput,
    AcquisitionFailed,
    TemplateModelMismatch,
    ComparatorUncalibrated,
    StoreSetBack,
    Overloaded,
)
"""Errors about the request, which the caller gets unchanged; all other errors become ServiceUnavailable."""


class LocalMatcher:
    """A Matcher that calls a recogniser directly; it raises the same errors as one that calls over gRPC.

    Args:
        recognizer: the matching service's use cases.
    """

    def __init__(self, recognizer: Recognizer[Any, Any]) -> None:
        self._recognizer = recognizer
        self.modality = recognizer.modality

    async def extract(self, image: EncodedImage, position: Position, timeout_s: float) -> Extracted:
        """Extract an image's template."""
        extraction = await self._call("extract", self._recognizer.extract(image, position), timeout_s)
        return Extracted(extraction.template, extraction.quality, getattr(extraction.details, "resolution", None))

    async def compare(self, probe: Template, references: Sequence[Template], timeout_s: float) -> list[float]:
        """Raw scores of a probe against references, in order; a small number is compared directly, without deadline."""
        try:
            scores = self._recognizer.scores_at_once(probe, references)
        except REFUSALS:
            raise
        except Exception as error:
            raise self._unavailable(error, "compare") from error
        if scores is None:
            scores = await self._call("compare", self._recognizer.scores(probe, references), timeout_s)
        return scores

    async def explain(self, probe: Template, reference: Template, timeout_s: float) -> Explanation:
        """What a comparison of two templates rests on."""
        return await self._call("explain", self._recognizer.template_scores.explain(probe, reference), timeout_s)

    async def search(self, probe: Sample, gallery: str, limit: int, token: ConsistencyToken, timeout_s: float) -> Found:
        """The subjects of a gallery that score highest with the probe."""
        work = self._recognizer.hits(probe, gallery, limit, token)
        found = await self._call("search", work, timeout_s)
        return Found(list(map(_hit, found.hits)), found.subject_count, len(found.unsearched))

    async def score(
        self, probe: Sample, subject_ids: Sequence[str], token: ConsistencyToken, timeout_s: float
    ) -> list[Hit]:
        """Scores of the probe against the named subjects."""
        work = self._recognizer.subject_hits(probe, subject_ids, token)
        return list(map(_hit, await self._call("score", work, timeout_s)))

    async def _call(self, what: str, work: Coroutine[Any, Any, T], timeout_s: float) -> T:
        """Do the work under the earlier of two deadlines: the caller's, and `timeout_s` from now."""
        before = current_deadline.set(min(current_deadline.get(), Deadline.after(timeout_s)))
        begin = time.monotonic()
        try:
            async with asyncio.timeout(timeout_s):
                return await work
        except REFUSALS:
            raise
        except Exception as error:
            raise self._unavailable(error, what) from error
        finally:
            current_deadline.reset(before)
            took_ms = 1000 * (time.monotonic() - begin)
            log.debug("%s %s %.1f ms request_id=%s", self.modality, what, took_ms, current_request_id.get())

    def _unavailable(self, error: Exception, what: str) -> ServiceUnavailable:
        """The error that a caller over gRPC would get; an unexpected error is logged."""
        code = code_of(DeadlineExpired("") if isinstance(error, TimeoutError) else error).name
        if code == "INTERNAL":
            log.error("%s %s failed request_id=%s", self.modality, what, current_request_id.get(), exc_info=error)
        return ServiceUnavailable(
            f"The {self.modality.lower()} service does not answer ({code}). Try again, or leave its samples out.",
            modality=self.modality,
            code=code,
        )


def _hit(hit: CalibratedHit) -> Hit:
    best = hit.hit
    return Hit(
        best.subject_id,
        best.score,
        best.reference_position,
        best.comparison_count,
        hit.calibration.comparator_id,
        hit.model_id,
    )
