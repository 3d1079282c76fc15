"""The adapters in a cluster."""

from __future__ import annotations

import urllib.parse

import pytest
from starlette.routing import Route

from adapters.mosip_abis.app import PORT as ABIS_PORT
from adapters.mosip_biosdk.app import PORT as SDK_PORT
from adapters.osia.app import PORT as OSIA_PORT
from adapters.serving import check_door, health_routes
from infra.settings import PORTS
from tests.support.kubernetes import NAME, Manifests, render, settings_of, with_components

REACHED = {
    "osia": ["face", "fingerprint", "fusion", "iris"],
    "mosip-biosdk": ["face", "fingerprint", "fusion", "iris"],
    "mosip-abis": ["fusion"],
}
"""What each adapter calls."""
CALLED = {"osia": OSIA_PORT, "mosip-biosdk": SDK_PORT}
"""Those that have callers, and their ports."""


@pytest.fixture(scope="module")
def manifests(tmp_path_factory: pytest.TempPathFactory) -> Manifests:
    """The base with all adapters."""
    return with_components(tmp_path_factory.mktemp("adapters"), "adapters")


@pytest.mark.parametrize("name", REACHED)
def test_each_reaches_what_it_calls(manifests: Manifests, name: str) -> None:
    """The policies let it through to that and to nothing else of ours; no pod of ours comes in, and no stranger."""
    labels = manifests.labels(name)
    assert REACHED[name] == sorted(each for each in manifests.servers() if manifests.connects(labels, each))
    assert not any(manifests.connects(manifests.labels(each), name) for each in manifests.workloads())
    assert not manifests.connects({NAME: "stranger"}, name)


@pytest.mark.parametrize("name", REACHED)
def test_targets_lead_to_the_services(manifests: Manifests, name: str) -> None:
    """Where it finds fusion and the matching services are their Services and ports."""
    settings = settings_of(manifests, name)
    targets = {"fusion": settings.adapter_fusion_target}
    if name in CALLED:
        targets |= {each: getattr(settings, f"{each}_target") for each in ("face", "fingerprint", "iris")}
    for room, target in targets.items():
        host, port = urllib.parse.urlsplit(target).path.lstrip("/").split(":")
        assert (room, PORTS[room]) == manifests.behind(host, int(port))


@pytest.mark.parametrize("name", CALLED)
def test_callers_reach_it_by_tls(manifests: Manifests, name: str) -> None:
    """It listens for other pods with the certificate of a Secret, at its own port."""
    settings = settings_of(manifests, name)
    check_door(settings)
    assert (name, CALLED[name]) == manifests.behind(name, 443)
    assert {settings.adapter_tls_certificate, settings.adapter_tls_key} <= set(manifests.files(name))


def test_osia_asks_for_tokens(manifests: Manifests) -> None:
    """Whoever reaches it needs one of the issuer; the key of its file of tasks is in a Secret."""
    settings = settings_of(manifests, "osia")
    assert settings.token_issuer
    assert settings.token_keys.startswith("https://")
    assert settings.osia_key_file in manifests.files("osia")


@pytest.mark.parametrize("name", REACHED)
def test_probes_and_drain(manifests: Manifests, name: str) -> None:
    """They ask at the health paths, and the pod is killed only after its drain time."""
    known = {each.path for each in health_routes(None) if isinstance(each, Route)}  # type: ignore[arg-type]
    container = manifests.container(name)
    for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
        asked = container[probe]["httpGet"]
        assert asked["path"] in known
        assert (asked.get("scheme") == "HTTPS") == (name in CALLED)
    assert [CALLED.get(name, ABIS_PORT)] == [each["containerPort"] for each in container["ports"]]
    assert "/health/live" == container["livenessProbe"]["httpGet"]["path"]
    before = container["lifecycle"]["preStop"]["sleep"]["seconds"]
    drain = int(manifests.environment(name)["BIOFUSION_DRAIN_S"])
    assert before + drain < manifests.pod(name)["terminationGracePeriodSeconds"]


@pytest.mark.parametrize(("name", "setting"), [("osia", "OSIA_DATABASE"), ("mosip-abis", "MOSIP_ABIS_DATABASE")])
def test_its_file_is_on_a_volume_of_one_pod(manifests: Manifests, name: str, setting: str) -> None:
    """One pod at a time has the volume, which outlives it."""
    spec = manifests.workloads()[name]["spec"]
    assert (1, "Recreate") == (spec["replicas"], spec["strategy"]["type"])
    (volume,) = [each for each in manifests.pod(name)["volumes"] if "persistentVolumeClaim" in each]
    claim = manifests.of_kind("PersistentVolumeClaim")[volume["persistentVolumeClaim"]["claimName"]]
    assert ["ReadWriteOnce"] == claim["spec"]["accessModes"]
    (mount,) = [each for each in manifests.container(name)["volumeMounts"] if each["name"] == volume["name"]]
    assert manifests.environment(name)[f"BIOFUSION_{setting}"].startswith(f"{mount['mountPath']}/")


@pytest.mark.parametrize("name", REACHED)
def test_it_has_no_more_rights_than_fusion(manifests: Manifests, name: str) -> None:
    """It runs as fusion does, with a root that is read-only, and has no secret of the store."""
    assert manifests.pod("fusion")["securityContext"] == manifests.pod(name)["securityContext"]
    assert manifests.container("fusion")["securityContext"] == manifests.container(name)["securityContext"]
    secrets = {each["secret"]["secretName"] for each in manifests.pod(name)["volumes"] if "secret" in each}
    assert {"redis", "biofusion-key"}.isdisjoint(secrets)
    assert name == manifests.pod(name)["serviceAccountName"]
    assert [name] == manifests.container(name)["args"]


@pytest.mark.parametrize("name", REACHED)
def test_with_certificates(name: str) -> None:
    """It calls by TLS with its own identity, which the matching services let in if it calls them."""
    manifests = render("overlays/adapters")
    settings, certificate = settings_of(manifests, name), manifests.of_kind("Certificate")[name]["spec"]
    assert not settings.allow_insecure_bind
    check_door(settings)
    assert {settings.tls_certificate, settings.tls_key, settings.tls_authority} <= set(manifests.files(name))
    (secret,) = [each["secret"] for each in manifests.pod(name)["volumes"] if each["name"] == "tls"]
    assert certificate["secretName"] == secret["secretName"]
    for room in ("face", "fingerprint", "iris"):
        allowed = settings_of(manifests, room).allowed_callers.split(",")
        assert (name in CALLED) == (certificate["uris"][0] in allowed)
