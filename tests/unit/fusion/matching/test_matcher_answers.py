"""fusion.matching.matchers: answers of a newer service, and invalid answers."""

from __future__ import annotations

from math import inf, nan
from typing import Any

import grpc
import pytest
from biofusion.iris.v1 import iris_pb2
from biofusion.matching.v1 import matching_pb2
from biofusion.type.v1 import comparison_pb2, modality_pb2, sample_pb2

from biometrics.errors import ServiceUnavailable
from biometrics.quality import Quality, QualityReason
from biometrics.template import Modality, Position, Template
from fusion.matching.matchers import Extracted, Found, Hit
from tests.unit.fusion.matching.odd_service import CALLS, GARBAGE, GOOD, Odd, extracted, matcher_of

NEWER = 12_345
"""An enum value that only a later version may define."""


def _candidate(**others: Any) -> matching_pb2.Candidate:
    fields = {"subject_id": "ann", "comparison": comparison_pb2.Comparison(score=2.0), "comparison_count": 3}
    return matching_pb2.Candidate(**{**fields, **others})


_NAN = comparison_pb2.Comparison(score=nan)
_UNCALIBRATED = comparison_pb2.Comparison(score=2.0, comparator_id="iris-newer-9")


@pytest.mark.parametrize(
    ("call", "answer", "expected"),
    [
        (
            "extract",
            extracted(sample_pb2.Quality(value=50.0, reasons=[NEWER, sample_pb2.QUALITY_REASON_BLURRED])),
            Extracted(Template(Modality.IRIS, "newer-9", b"code"), Quality(50.0, (QualityReason.BLURRED,))),
        ),
        (
            "extract",
            extracted(GOOD, modality=modality_pb2.MODALITY_UNSPECIFIED),
            Extracted(Template(Modality.IRIS, "newer-9", b"code"), Quality(50.0)),
        ),
        (
            "search",
            matching_pb2.SearchGalleryResponse(
                candidates=[_candidate(reference_position=NEWER)],
                searched_subject_count=4,
                unsearched_partition_count=2,
            ),
            Found([Hit("ann", 2.0, Position.UNKNOWN, 3)], 4, 2),
        ),
        (
            "search",
            matching_pb2.SearchGalleryResponse(candidates=[_candidate(comparison_count=-1)]),
            Found([Hit("ann", 2.0, Position.UNKNOWN, 1)], 1),
        ),
        (
            "search",
            matching_pb2.SearchGalleryResponse(
                candidates=[
                    _candidate(
                        comparison=comparison_pb2.Comparison(score=2.0, comparator_id="iris-hamming-3"),
                        reference_model_id="iris-9",
                    )
                ]
            ),
            Found([Hit("ann", 2.0, Position.UNKNOWN, 3, "iris-hamming-3", "iris-9")], 1),
        ),
        (
            "score",
            matching_pb2.ScoreSubjectsResponse(candidates=[_candidate(reference_position=NEWER)]),
            [Hit("ann", 2.0, Position.UNKNOWN, 3)],
        ),
    ],
)
async def test_values_of_a_newer_service_are_tolerated(call: str, answer: Any, expected: object) -> None:
    """An unknown position becomes UNKNOWN, an unknown reason is left out, and a count is at least one."""
    async with matcher_of(Odd(answer)) as matcher:
        assert expected == await CALLS[call](matcher)


@pytest.mark.parametrize(
    ("call", "answer"),
    [
        ("extract", extracted(GOOD, modality=NEWER)),
        ("extract", extracted(GOOD, modality=modality_pb2.MODALITY_FACE)),
        ("extract", extracted(GOOD, data=b"")),
        ("extract", extracted(GOOD, model_id="")),
        ("extract", extracted(sample_pb2.Quality(value=nan))),
        ("extract", extracted(sample_pb2.Quality(value=101.0))),
        ("extract", iris_pb2.ExtractTemplateResponse()),
        ("compare", matching_pb2.CompareTemplatesResponse()),
        ("compare", matching_pb2.CompareTemplatesResponse(comparisons=[_NAN])),
        ("compare", matching_pb2.CompareTemplatesResponse(comparisons=[comparison_pb2.Comparison(score=inf)])),
        ("compare", matching_pb2.CompareTemplatesResponse(comparisons=[comparison_pb2.Comparison()] * 2)),
        ("search", matching_pb2.SearchGalleryResponse(candidates=[_candidate(comparison=_NAN)])),
        ("search", matching_pb2.SearchGalleryResponse(candidates=[_candidate(subject_id="")])),
        ("score", matching_pb2.ScoreSubjectsResponse(candidates=[_candidate(comparison=_NAN)])),
        ("search", matching_pb2.SearchGalleryResponse(candidates=[_candidate(comparison=_UNCALIBRATED)])),
        ("score", matching_pb2.ScoreSubjectsResponse(candidates=[_candidate(comparison=_UNCALIBRATED)])),
        ("score", grpc.StatusCode.UNIMPLEMENTED),
        ("compare", GARBAGE),
    ],
)
async def test_an_invalid_answer_is_the_services_fault(call: str, answer: Any) -> None:
    """An invalid answer is ServiceUnavailable, neither an error of the caller's sample nor an internal error."""
    async with matcher_of(Odd(answer)) as matcher:
        with pytest.raises(ServiceUnavailable) as caught:
            await CALLS[call](matcher)
    assert ("VERSION_SKEW", "IRIS") == (caught.value.metadata["cause"], caught.value.metadata["modality"])
