"""Services that get more calls than they can handle."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest
from biofusion.matching.v1 import matching_pb2
from biofusion.type.v1 import sample_pb2
from grpc_health.v1 import health_pb2, health_pb2_grpc

from biometrics.template import Modality
from cli.local.all_in_one import running
from infra.models.supply import ensure_all, ensure_assets
from infra.settings import Settings
from infra.wire.status import error_info, retry_delay_s
from tests.service import pictures

EXTRACT = "/biofusion.face.v1.FaceService/ExtractTemplate"


@pytest.fixture
def channel(tmp_path: Path) -> Iterator[grpc.Channel]:
    """A channel to services with one worker."""
    ensure_all()
    ensure_assets()
    store = f"sqlite:///{tmp_path / 'store.db'}"
    with (
        running(Settings(store_url=store, log_level="WARNING", worker_count=1)) as address,
        grpc.insecure_channel(address) as channel,
    ):
        yield channel


def extraction() -> bytes:
    """A request that takes some tens of milliseconds."""
    image = sample_pb2.Image(data=pictures.of(Modality.FACE))
    return matching_pb2.ExtractTemplateRequest(image=image).SerializeToString()


def test_overload_is_refused_at_once_with_a_retry_time(channel: grpc.Channel) -> None:
    """Every call is answered, refused with ErrorInfo and RetryInfo, or past its deadline; health is answered."""
    extract, request = channel.unary_unary(EXTRACT), extraction()
    for _ in range(3):
        extract(request, timeout=60)
    calls = [extract.future(request, timeout=1.5) for _ in range(400)]
    health = health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest(), timeout=60)
    codes = Counter(call.code() for call in calls)
    assert health_pb2.HealthCheckResponse.SERVING == health.status
    assert codes[grpc.StatusCode.OK] > 0
    assert codes[grpc.StatusCode.RESOURCE_EXHAUSTED] > 200
    assert set(codes) <= {
        grpc.StatusCode.OK,
        grpc.StatusCode.RESOURCE_EXHAUSTED,
        grpc.StatusCode.DEADLINE_EXCEEDED,
    }
    refused = [call.trailing_metadata() for call in calls if call.code() is grpc.StatusCode.RESOURCE_EXHAUSTED]
    assert {"OVERLOADED"} == {error_info(each).reason for each in refused}
    assert all(retry_delay_s(each) > 0 for each in refused)


def test_many_calls_with_long_deadlines_are_answered(channel: grpc.Channel) -> None:
    """Sixty concurrent calls with deadlines of ten minutes are all answered, also if the first ones took a second."""
    extract, request = channel.unary_unary(EXTRACT), extraction()
    for _ in range(3):
        extract(request, timeout=60)
    calls = [extract.future(request, timeout=600) for _ in range(60)]
    assert {grpc.StatusCode.OK} == {call.code() for call in calls}
