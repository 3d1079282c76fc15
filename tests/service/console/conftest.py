"""A console in front of the real services, with a store of pictures beside it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import grpc
import pytest
from biofusion.review.v1 import review_pb2, review_pb2_grpc
from biofusion.type.v1 import decision_pb2, modality_pb2

from infra.models.supply import ensure_scripts
from infra.settings import Settings
from rendering.eyes import render_eye
from tests.service.pictures import png
from tests.support.console.made_print import made_print
from tests.support.console.picture_server import PictureServer, picture_server
from tests.support.console.running import Browser, add_people, browser, running_console
from tests.support.console.services import Services, running_services
from tests.support.review.desk import new_request

FINGER, EYE = modality_pb2.POSITION_RIGHT_INDEX, modality_pb2.POSITION_LEFT_EYE
FINGERPRINT, IRIS = modality_pb2.MODALITY_FINGERPRINT, modality_pb2.MODALITY_IRIS
LLR, SCORE = 2.71828, 0.57721
"""What must not be told to who is blind."""


METRICS = b"""
biofusion_decisions_total{operation="identify",outcome="MATCH",modalities="FACE+IRIS"} 812.0
biofusion_decisions_total{operation="identify",outcome="REVIEW",modalities="FACE+IRIS"} 41.0
biofusion_decisions_total{operation="identify",outcome="NO_MATCH",modalities="FACE+IRIS"} 95.0
biofusion_decisions_total{operation="verify",outcome="MATCH",modalities="FINGERPRINT"} 310.0
biofusion_decisions_total{operation="verify",outcome="REVIEW",modalities="FINGERPRINT"} 66.0
biofusion_sample_quality_bucket{service="face",le="10.0"} 2.0
biofusion_sample_quality_bucket{service="face",le="20.0"} 5.0
biofusion_sample_quality_bucket{service="face",le="30.0"} 9.0
biofusion_sample_quality_bucket{service="face",le="40.0"} 16.0
biofusion_sample_quality_bucket{service="face",le="50.0"} 31.0
biofusion_sample_quality_bucket{service="face",le="60.0"} 62.0
biofusion_sample_quality_bucket{service="face",le="70.0"} 140.0
biofusion_sample_quality_bucket{service="face",le="80.0"} 301.0
biofusion_sample_quality_bucket{service="face",le="90.0"} 470.0
biofusion_sample_quality_bucket{service="face",le="+Inf"} 510.0
biofusion_sample_quality_bucket{service="fingerprint",le="10.0"} 1.0
biofusion_sample_quality_bucket{service="fingerprint",le="20.0"} 3.0
biofusion_sample_quality_bucket{service="fingerprint",le="30.0"} 8.0
biofusion_sample_quality_bucket{service="fingerprint",le="40.0"} 22.0
biofusion_sample_quality_bucket{service="fingerprint",le="50.0"} 51.0
biofusion_sample_quality_bucket{service="fingerprint",le="60.0"} 90.0
biofusion_sample_quality_bucket{service="fingerprint",le="70.0"} 180.0
biofusion_sample_quality_bucket{service="fingerprint",le="80.0"} 420.0
biofusion_sample_quality_bucket{service="fingerprint",le="90.0"} 701.0
biofusion_sample_quality_bucket{service="fingerprint",le="+Inf"} 733.0
"""


@pytest.fixture(scope="session")
def pictures() -> Iterator[PictureServer]:
    """A store of pictures."""
    with picture_server() as server:
        yield server


@pytest.fixture(scope="session")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    """What the console calls."""
    with running_services(tmp_path_factory.mktemp("reviews"), ("ann", "eve")) as running:
        yield running


@pytest.fixture(scope="session")
def console_settings(services: Services, pictures: PictureServer, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Of a console with local users."""
    pictures.metrics = METRICS
    settings = Settings(
        console_port=0,
        console_fusion_target=services.address,
        console_users_file=str(tmp_path_factory.mktemp("console") / "users"),
        console_picture_origin=pictures.address,
        console_metrics=pictures.address.replace("/pictures/", "/metrics"),
        console_sessions=20,
        drain_s=1.0,
    )
    add_people(settings)
    return settings


@pytest.fixture(scope="session")
def console(console_settings: Settings) -> Iterator[str]:
    """Its address."""
    ensure_scripts()
    with running_console(console_settings) as address:
        yield address


@pytest.fixture(scope="session")
def ada(console: str) -> Iterator[Browser]:
    """A reviewer."""
    with browser(console, "ada") as made:
        yield made


@pytest.fixture(scope="session")
def ben(console: str) -> Iterator[Browser]:
    """Another reviewer."""
    with browser(console, "ben") as made:
        yield made


@pytest.fixture(scope="session")
def sol(console: str) -> Iterator[Browser]:
    """A supervisor."""
    with browser(console, "sol") as made:
        yield made


@pytest.fixture(scope="session")
def ops(console: str) -> Iterator[Browser]:
    """An operator."""
    with browser(console, "ops") as made:
        yield made


@pytest.fixture
def open_case(services: Services, pictures: PictureServer) -> Callable[..., str]:
    """Opens a case, about `ann` if nobody else is named, with pictures by reference; returns its id."""
    probes = {
        "probe finger/1": (FINGERPRINT, FINGER, made_print(7, (9, -6), noise=1)),
        "probe-eye": (IRIS, EYE, render_eye(7, 1)),
    }
    candidates = {
        "candidate-finger": (FINGERPRINT, FINGER, made_print(7)),
        "candidate-eye": (IRIS, EYE, render_eye(7, 0)),
    }
    pictures.pictures |= {name: png(pixels) for name, (_, _, pixels) in (probes | candidates).items()}

    def opened(subject_id: str = "ann", **fields: object) -> str:
        given: dict[str, object] = {
            "decision": decision(),
            "probe_samples": [referred(name, *of[:2]) for name, of in probes.items()],
            "candidate_samples": [referred(name, *of[:2]) for name, of in candidates.items()],
            "gallery": "default",
            "caller_reference": "application-4711",
            "priority": 9,
        }
        with grpc.insecure_channel(services.address) as channel:
            stub = review_pb2_grpc.ReviewServiceStub(channel)
            made = stub.CreateReviewCase(new_request(subject_id, **(given | fields)), timeout=60)
        return str(made.review_case.name.removeprefix("reviewCases/"))

    return opened


@pytest.fixture
def case(ada: Browser, open_case: Callable[..., str]) -> Iterator[str]:
    """A case that Ada has claimed."""
    made = open_case()
    assert 303 == ada.post(f"/cases/{made}/claim", on="/queue").status_code
    yield made
    ada.post(f"/cases/{made}/give-back", on="/queue")


def referred(reference: str, modality: int, position: int) -> review_pb2.ReviewSample:
    """A picture by its reference."""
    return review_pb2.ReviewSample(modality=modality, position=position, image_reference=reference)


def decision() -> decision_pb2.Decision:
    """A decision that goes to review, with scores."""
    made = decision_pb2.Decision(
        outcome=decision_pb2.OUTCOME_REVIEW,
        llr=LLR,
        fmr=1e-4,
        match_threshold_llr=4.0,
        review_threshold_llr=2.0,
        reasons=[decision_pb2.DECISION_REASON_REVIEW_BAND],
    )
    for modality, position in ((FINGERPRINT, FINGER), (IRIS, EYE)):
        each = made.evidence.add(
            modality=modality,
            position=position,
            reference_position=position,
            status=decision_pb2.EVIDENCE_STATUS_COMPARED,
            contribution_llr=LLR / 2,
            comparison_count=1,
            quality=64.0,
        )
        each.comparison.score, each.comparison.llr, each.comparison.fmr = SCORE, LLR / 2, 0.00314
    return made
