"""k8s/overlays/cloud: nothing of the store is in the cluster, and nothing but its parts is reached from it."""

from __future__ import annotations

import ipaddress

import pytest

from gallery.store.options import StoreOptions
from gallery.store.redis.connections.address import Address
from infra.settings import PORTS
from tests.support.kubernetes import Manifests, render, settings_of


@pytest.fixture
def manifests() -> Manifests:
    """What is sent to a cluster."""
    return render("overlays/cloud")


def test_the_store_is_elsewhere(manifests: Manifests) -> None:
    """There is no Redis, no volume and no key file; all four have the same settings of the store, KMS and snapshots."""
    assert set(PORTS) == set(manifests.workloads())
    assert {} == manifests.of_kind("PersistentVolumeClaim") | manifests.of_kind("StatefulSet")
    (options,) = {StoreOptions.of(settings_of(manifests, room)) for room in PORTS}
    assert ("", True) == (options.key_file, bool(options.kms_key))
    settings = settings_of(manifests, "face")
    assert Address.parse(settings.store).tls
    assert (True, "biofusion") == (settings.redis_sync_is_managed, settings.redis_user)
    assert settings.snapshots.startswith("s3://")


@pytest.mark.parametrize("room", PORTS)
def test_each_service_has_a_role(manifests: Manifests, room: str) -> None:
    """Its account names a role of its own."""
    account = manifests.of_kind("ServiceAccount")[manifests.pod(room)["serviceAccountName"]]
    assert account["metadata"]["annotations"]["eks.amazonaws.com/role-arn"].endswith(f"-{room}")


def test_nothing_outside_its_own_network_is_reached(manifests: Manifests) -> None:
    """Every block of addresses that a policy lets out to is private, or that of the machine itself."""
    rules = [rule for each in manifests.of_kind("NetworkPolicy").values() for rule in each["spec"].get("egress", [])]
    blocks = [peer["ipBlock"]["cidr"] for rule in rules for peer in rule["to"] if "ipBlock" in peer]
    assert 4 == len(blocks)
    assert all(ipaddress.ip_network(each).is_private for each in blocks)
