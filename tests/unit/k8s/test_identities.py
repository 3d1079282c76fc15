"""k8s/components/mtls and redis-tls: each service shows a certificate of its own identity, for the names it has."""

from __future__ import annotations

import os
import urllib.parse
from pathlib import Path
from typing import Any

import pytest

from gallery.store.redis.connections.address import Address
from infra.settings import PORTS
from tests.support.kubernetes import ROOT, Manifests, render, settings_of, with_components

PLACE = "/secrets/tls"
MATCHING = ("face", "fingerprint", "iris")


@pytest.fixture
def manifests() -> Manifests:
    """What is sent to a cluster for production."""
    return render("overlays/production")


def certificates(manifests: Manifests) -> dict[str, Any]:
    """Specs of the certificates, but the authority's, by name."""
    made = {name: each["spec"] for name, each in manifests.of_kind("Certificate").items()}
    authority = made.pop("authority")
    assert authority["isCA"]
    issuer = manifests.of_kind("Issuer")["authority"]
    assert authority["secretName"] == issuer["spec"]["ca"]["secretName"]
    return made


@pytest.mark.parametrize("room", [*PORTS, "redis"])
def test_a_certificate_is_for_the_account_of_its_pods(manifests: Manifests, room: str) -> None:
    """The identity is the account, in the namespace, under which the pods run that mount the certificate's Secret."""
    certificate = certificates(manifests)[room]
    namespace = manifests.workloads()[room]["metadata"]["namespace"]
    assert [f"spiffe://biofusion/ns/{namespace}/sa/{manifests.pod(room)['serviceAccountName']}"] == certificate["uris"]
    assert {"server auth", "client auth"} <= set(certificate["usages"])
    assert "authority" == certificate["issuerRef"]["name"]
    (volume,) = [each for each in manifests.pod(room)["volumes"] if each["name"] == "tls"]
    assert certificate["secretName"] == volume["secret"]["secretName"]


def test_certificates_are_for_the_names_that_callers_use(manifests: Manifests) -> None:
    """Those in fusion's targets, those of the store, and those of fusion in other namespaces."""
    names = {name: set(each.get("dnsNames", [])) for name, each in certificates(manifests).items()}
    settings = settings_of(manifests, "fusion")
    for modality in set(PORTS) - {"fusion"}:
        target = urllib.parse.urlsplit(getattr(settings, f"{modality}_target")).path.lstrip("/")
        assert target.split(":")[0] in names[modality]
    address = Address.parse(settings.store)
    assert address.tls
    assert {host for host, _ in address.hosts} <= names["redis"]
    assert {f"{pod}.redis" for pod in manifests.pods("redis")} <= names["redis"]
    assert {"fusion.biofusion", "fusion.biofusion.svc"} <= names["fusion"]


@pytest.mark.parametrize("room", PORTS)
def test_services_speak_tls_only(manifests: Manifests, room: str) -> None:
    """The files that the settings name are in the mount of the certificate, and no insecure port is allowed."""
    settings, files = settings_of(manifests, room), manifests.files(room)
    assert not settings.allow_insecure_bind
    named = (settings.tls_certificate, settings.tls_key, settings.tls_authority)
    redis = (settings.redis_tls_certificate, settings.redis_tls_key, settings.redis_tls_authority)
    assert (f"{PLACE}/tls.crt", f"{PLACE}/tls.key", f"{PLACE}/ca.crt") == named == redis
    assert set(named) <= set(files)
    variables = {each["name"]: each.get("value") for each in manifests.container(room)["env"]}
    assert f"{PLACE}/ca.crt" == variables["BIOFUSION_TLS_CLIENT_AUTHORITY"]


def allowed_callers(manifests: Manifests, room: str) -> str:
    """Who may call a service."""
    (found,) = [
        each["value"] for each in manifests.container(room)["env"] if each["name"] == "BIOFUSION_ALLOWED_CALLERS"
    ]
    return str(found)


def test_only_fusion_may_call_a_matching_service(manifests: Manifests) -> None:
    """The identity that they let in is that of fusion's certificate."""
    assert {allowed_callers(manifests, room) for room in MATCHING} == {*certificates(manifests)["fusion"]["uris"]}


def test_another_namespace_has_other_identities(tmp_path: Path) -> None:
    """An overlay with another namespace has it in the identities, in fusion's names, and in no other place."""
    production = (ROOT / "k8s/overlays/production/kustomization.yaml").read_text()
    (tmp_path / "kustomization.yaml").write_text(
        production.replace("namespace: biofusion", "namespace: other").replace("../../", f"{_above(tmp_path)}/")
    )
    other = render(str(tmp_path))
    made = certificates(other)
    assert ["spiffe://biofusion/ns/other/sa/face"] == made["face"]["uris"]
    assert {"spiffe://biofusion/ns/other/sa/fusion"} == {allowed_callers(other, room) for room in MATCHING}
    assert "fusion.other.svc" in made["fusion"]["dnsNames"]


def test_redis_has_no_plain_port(tmp_path: Path) -> None:
    """Its configuration ends the plain port, asks for certificates, and is read by the server of the base too."""
    for number, names in enumerate((("mtls", "redis-tls"), ("mtls", "redis-cluster-tls"))):
        folder = tmp_path / str(number)
        folder.mkdir()
        files = with_components(folder, *names).files("redis")
        lines = files["/config.d/tls.conf"].splitlines()
        assert {"port 0", "tls-port 6379", "tls-auth-clients yes", "tls-cluster yes", "tls-replication yes"} <= {*lines}
        assert {line.split()[1] for line in lines if "-file " in line} <= set(files)
        assert "include /config.d/*.conf" in files["/config/redis.conf"].splitlines()


def _above(folder: Path) -> str:
    return os.path.relpath(ROOT / "k8s", folder.resolve())
