"""Fusion apart from the matching services: they know each other, and their callers, by certificates."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import grpc
import pytest
from biofusion.face.v1 import face_pb2_grpc
from biofusion.fusion.v1 import decisions_pb2, subjects_pb2
from biofusion.matching.v1 import matching_pb2
from biofusion.type.v1 import decision_pb2, sample_pb2

from biometrics.template import Modality
from cli.local.all_in_one import running
from cli.stubs import FusionStubs
from infra.models.supply import ensure_all, ensure_assets
from infra.settings import Settings
from infra.wire.status import error_info
from tests.service import pictures
from tests.support.apart import fusion_of
from tests.support.tls import Authority

NAMES = "spiffe://example.org/"
PARTS = ("matching", "fusion", "kiosk")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Certificates of the parts."""
    folder = tmp_path_factory.mktemp("apart")
    authority = Authority.make(folder, "authority")
    for name in PARTS:
        authority.sign(name, f"URI:{NAMES}{name},DNS:localhost,IP:127.0.0.1")
    return folder


@pytest.fixture(scope="module")
def addresses(folder: Path) -> Iterator[dict[str, str]]:
    """Addresses of the matching services, which take calls of fusion alone, and of fusion, which takes the kiosk's."""
    ensure_all()
    ensure_assets()
    authority = str(folder / "authority.pem")
    common = Settings(
        store_url=f"sqlite:///{folder / 'store.db'}",
        log_level="WARNING",
        tls_authority=authority,
        **shown(folder, "matching"),
        tls_client_authority=authority,
        allowed_callers=f"{NAMES}fusion",
    )
    fusions = replace(common, allowed_callers=f"{NAMES}kiosk", **shown(folder, "fusion"))
    with running(common) as matching, fusion_of(fusions, matching) as fusion:
        yield {"matching": matching, "fusion": fusion}


def shown(folder: Path, name: str) -> dict[str, str]:
    """The settings of a part's certificate."""
    return {"tls_certificate": str(folder / f"{name}.pem"), "tls_key": str(folder / f"{name}.key")}


def secure(folder: Path, name: str, address: str) -> grpc.Channel:
    """A channel that shows a certificate."""
    files = (folder / each for each in ("authority.pem", f"{name}.key", f"{name}.pem"))
    return grpc.secure_channel(address, grpc.ssl_channel_credentials(*(each.read_bytes() for each in files)))


def test_certificates_between_all_parts(folder: Path, addresses: dict[str, str]) -> None:
    """A kiosk enrols and verifies by fusion, which calls all three services; these let neither in what is not meant."""
    samples = [
        sample_pb2.Sample(modality=number, image=sample_pb2.Image(data=pictures.of(modality)))
        for number, modality in enumerate(Modality, start=1)
    ]
    with secure(folder, "kiosk", addresses["fusion"]) as channel:
        fusion = FusionStubs(channel)
        request = subjects_pb2.EnrollSubjectRequest(request_id=str(uuid.uuid4()), subject_id="ann", samples=samples)
        fusion.subjects.EnrollSubject(request, timeout=60)
        wanted = decisions_pb2.VerifySubjectRequest(subject_id="ann", samples=samples)
        decision = fusion.decisions.VerifySubject(wanted, timeout=60).decision
    assert (decision_pb2.OUTCOME_MATCH, 3) == (decision.outcome, len(decision.evidence))
    with secure(folder, "kiosk", addresses["matching"]) as channel:
        face = face_pb2_grpc.FaceServiceStub(channel)
        assert "CALLER_NOT_ALLOWED" == refusal(face.CompareTemplates, matching_pb2.CompareTemplatesRequest())
    with secure(folder, "matching", addresses["fusion"]) as channel:
        assert "CALLER_NOT_ALLOWED" == refusal(FusionStubs(channel).decisions.VerifySubject, wanted)


def refusal(method: grpc.UnaryUnaryMultiCallable, request: object) -> str:
    """Why a call is refused."""
    with pytest.raises(grpc.RpcError) as caught:
        method(request, timeout=60)
    return error_info(caught.value.trailing_metadata()).reason
