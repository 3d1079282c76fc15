"""The review service in a cluster."""

from __future__ import annotations

import urllib.parse
from pathlib import Path

from biofusion.review.v1 import review_pb2

from infra.settings import REVIEW_PORT
from tests.support.kubernetes import NAME, settings_of, with_components


def test_fusion_opens_cases_in_it(tmp_path: Path) -> None:
    """Fusion's target leads to its port, the policies let fusion in and nobody else, and it reaches fusion's store."""
    manifests = with_components(tmp_path, "review")
    settings = settings_of(manifests, "review")
    settings.check_bind()
    assert (-1, REVIEW_PORT) == (settings.port, manifests.port("review"))
    target = urllib.parse.urlsplit(settings_of(manifests, "fusion").review_target)
    host, port = target.path.lstrip("/").split(":")
    assert ("review", REVIEW_PORT) == manifests.behind(host, int(port))
    assert settings_of(manifests, "fusion").review_outcomes == "REVIEW"
    assert manifests.connects(manifests.labels("fusion"), "review")
    assert manifests.connects(manifests.labels("review"), "redis")
    assert not manifests.connects(manifests.labels("face"), "review")
    assert not manifests.connects({NAME: "stranger"}, "review")
    (probed,) = review_pb2.DESCRIPTOR.services_by_name.values()
    assert probed.full_name == manifests.container("review")["readinessProbe"]["grpc"]["service"]
    assert settings_of(manifests, "review").store == settings_of(manifests, "fusion").store
    assert settings_of(manifests, "review").key_file == settings_of(manifests, "fusion").key_file


def test_it_is_held_to_the_same_as_fusion(tmp_path: Path) -> None:
    """With certificates, policy and audit log, it has them as fusion has."""
    manifests = with_components(tmp_path, "review", "mtls", "review-mtls", "policy", "audit")
    own, fusion = settings_of(manifests, "review"), settings_of(manifests, "fusion")
    for name in ("tls_certificate", "tls_client_authority", "policy_file", "audit_folder", "audit_key_file"):
        assert getattr(own, name) == getattr(fusion, name) != ""
    (secret,) = [each["secret"] for each in manifests.pod("review")["volumes"] if each["name"] == "tls"]
    assert manifests.of_kind("Certificate")["review"]["spec"]["secretName"] == secret["secretName"]
    own.check_bind()
