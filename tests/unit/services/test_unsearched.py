"""A search that left partitions out, on its way from the index to the wire and to fusion's port."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest
from biofusion.matching.v1 import matching_pb2

from biometrics.sample import Sample
from biometrics.template import Modality, Position
from cli.local.local_matcher import LocalMatcher
from gallery.index.port import GallerySearch
from gallery.index.search.rank import IndexHit
from gallery.store.values import START
from infra.calibrations import load_calibration
from infra.wire import convert
from infra.workers import Workers
from services.fingerprint.comparator import FingerprintComparator
from services.recognizer import Recognizer
from services.servicer import MatchingServicer
from tests.support.builders import vector
from tests.support.fakes.comparators import VectorComparator

SAMPLE = Sample(Modality.FINGERPRINT, Position.RIGHT_INDEX, vector([1, 0, 0, 0]))
HIT = IndexHit("ann", 0.5, Position.RIGHT_INDEX, 1)


@dataclass
class PartialIndex:
    """An index that could search a part of its partitions only."""

    unsearched: tuple[int, ...] = (2, 5)

    async def require_gallery(self, gallery: str) -> None:
        """See Index."""

    @asynccontextmanager
    async def confirmed(self, token: str) -> AsyncIterator[None]:
        """See Index."""
        yield

    def search_reachable(self, *asked: object) -> GallerySearch:
        """See Index."""
        return GallerySearch([HIT], 7, self.unsearched)


@pytest.fixture
def recognizer() -> Recognizer:
    """The use cases over that index."""
    calibration = load_calibration(FingerprintComparator.comparator_id)
    workers = Workers(1, 4)
    return Recognizer(_Extractor(), VectorComparator(), calibration, PartialIndex(), workers, workers, None)


class _Extractor:
    modality = Modality.FINGERPRINT


async def test_the_answer_on_the_wire_says_how_many_partitions_are_missing(recognizer: Recognizer) -> None:
    """SearchGallery answers with what was found, and the number of partitions that were not searched."""
    request = matching_pb2.SearchGalleryRequest(probe=convert.sample_to_wire(SAMPLE))
    found = await MatchingServicer(recognizer, None, []).SearchGallery(request, None)
    assert (["ann"], 7, 2) == (
        [each.subject_id for each in found.candidates],
        found.searched_subject_count,
        found.unsearched_partition_count,
    )


async def test_fusion_in_the_same_process_is_told_too(recognizer: Recognizer) -> None:
    """The matcher without a wire passes the number on."""
    found = await LocalMatcher(recognizer).search(SAMPLE, "default", 10, START, 1.0)
    assert (["ann"], 7, 2) == ([hit.subject_id for hit in found.hits], found.subject_count, found.unsearched_count)
