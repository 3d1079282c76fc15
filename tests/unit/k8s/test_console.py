"""The console in a cluster."""

from __future__ import annotations

import urllib.parse

import pytest

from console.web.addresses import Addresses
from console.web.door import ALIVE
from infra.settings import PORTS, REVIEW_PORT
from tests.support.kubernetes import NAME, Manifests, render, settings_of, with_components


@pytest.fixture(scope="module")
def manifests(tmp_path_factory: pytest.TempPathFactory) -> Manifests:
    """The base with review cases and the console."""
    return with_components(tmp_path_factory.mktemp("console"), "review", "console")


def test_it_reaches_fusion_and_reviews_alone(manifests: Manifests) -> None:
    """Its targets lead to them and the policies let it through, to nothing else of ours; no pod of ours comes in."""
    settings, labels = settings_of(manifests, "console"), manifests.labels("console")
    for target, room, port in (
        (settings.console_fusion_target, "fusion", PORTS["fusion"]),
        (settings.console_review_target, "review", REVIEW_PORT),
    ):
        host, stated = urllib.parse.urlsplit(target).path.lstrip("/").split(":")
        assert (room, port) == manifests.behind(host, int(stated))
    assert ["fusion", "review"] == sorted(each for each in manifests.servers() if manifests.connects(labels, each))
    assert not any(manifests.connects(manifests.labels(each), "console") for each in manifests.workloads())
    assert not manifests.connects({NAME: "stranger"}, "console")


def test_browsers_reach_it_by_tls(manifests: Manifests) -> None:
    """It listens for other pods with the certificate of a Secret, at its own port, and probes ask at its door."""
    settings, container = settings_of(manifests, "console"), manifests.container("console")
    assert ("console", settings.console_port) == manifests.behind("console", 443)
    assert not Addresses.of(settings, settings.console_port).is_loopback
    assert settings.console_origin.startswith("https://")
    files = {settings.console_tls_certificate, settings.console_tls_key, settings.console_oidc_secret_file}
    assert files <= set(manifests.files("console"))
    for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
        assert {"path": ALIVE, "port": "https", "scheme": "HTTPS"} == container[probe]["httpGet"]
    before = container["lifecycle"]["preStop"]["sleep"]["seconds"]
    assert before + settings.drain_s < manifests.pod("console")["terminationGracePeriodSeconds"]


def test_it_has_no_more_rights_than_fusion(manifests: Manifests) -> None:
    """It runs as fusion does, and has neither the store's key nor Redis's password."""
    assert manifests.pod("fusion")["securityContext"] == manifests.pod("console")["securityContext"]
    assert manifests.container("fusion")["securityContext"] == manifests.container("console")["securityContext"]
    secrets = {each["secret"]["secretName"] for each in manifests.pod("console")["volumes"] if "secret" in each}
    assert {"console-tls", "console-oidc", "tls-console"} == secrets


def test_the_review_service_believes_it_alone() -> None:
    """With certificates it calls by TLS, and its own identity is the console that the review service is told of."""
    manifests = render("overlays/review")
    settings, certificate = settings_of(manifests, "console"), manifests.of_kind("Certificate")["console"]["spec"]
    assert not settings.allow_insecure_bind
    files = {settings.tls_certificate, settings.tls_key, settings.tls_authority}
    assert files <= set(manifests.files("console"))
    assert certificate["uris"] == [settings_of(manifests, "review").review_consoles]
    (secret,) = [each["secret"] for each in manifests.pod("console")["volumes"] if each["name"] == "tls"]
    assert certificate["secretName"] == secret["secretName"]
