"""k8s/components/policy: the file can be used, and is about the callers whom components/mtls gives names."""

from __future__ import annotations

from pathlib import Path

import pytest

from fusion.access.explaining import explained
from fusion.access.findings import findings
from fusion.access.operations import Operation
from fusion.access.policy import Policy
from fusion.access.policy_file import read_policy
from infra.identity.caller import Caller, Proof
from infra.identity.intent import Intent
from infra.identity.visit import Visit
from tests.support.kubernetes import Manifests, settings_of, with_components

FILE = "policy.toml"


@pytest.fixture
def manifests(tmp_path: Path) -> Manifests:
    """What is sent to a cluster with both components."""
    return with_components(tmp_path, "mtls", "policy")


@pytest.fixture
def policy(manifests: Manifests, tmp_path: Path) -> Policy:
    """The policy that fusion finds in its pod."""
    mounted = manifests.files("fusion")[settings_of(manifests, "fusion").policy_file]
    (tmp_path / FILE).write_text(mounted, encoding="utf-8")
    return read_policy(tmp_path / FILE).policy


def test_it_is_as_its_author_means_it(policy: Policy) -> None:
    """Fusion can use it, and `biofusion policy check` notes nothing."""
    assert [] == findings(policy)


def test_it_lets_callers_of_the_cluster_ask_what_is_served_and_no_more(manifests: Manifests, policy: Policy) -> None:
    """Whoever has a certificate of the cluster's authority may read which models there are; all else is refused."""
    (purpose,) = policy.purposes
    names = [uri for each in manifests.of_kind("Certificate").values() for uri in each["spec"].get("uris", [])]
    assert names
    for name in names:
        visit = Visit(Caller(name, Proof.CERTIFICATE), Intent(purpose, "case", "officer"))
        allowed = {each for each in Operation if explained(policy, visit, each, None).rule}
        assert {Operation.INFO} == allowed
    stranger = Visit(Caller("spiffe://example.org/ns/biofusion/sa/fusion", Proof.CERTIFICATE), Intent(purpose, "", ""))
    assert explained(policy, stranger, Operation.INFO, None).rule is None
