"""k8s/gallery: a pod in which an operator runs `biofusion gallery` on the store that the services have."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest

from gallery.store.open_store import open_store
from gallery.store.options import StoreOptions
from infra.settings import Settings
from tests.support.kubernetes import NAME, Manifests, render


@pytest.fixture
def tool() -> Manifests:
    """What is sent to a cluster."""
    return render("gallery")


@pytest.fixture
def pod(tool: Manifests) -> dict[str, Any]:
    """The pod's spec."""
    spec: dict[str, Any] = tool.of_kind("Pod")["gallery"]["spec"]
    return spec


@pytest.mark.parametrize("folder", ["overlays/kind", "overlays/production"])
def test_it_opens_the_store_of_the_services(pod: dict[str, Any], folder: str) -> None:
    """Its settings are those of the services, and the files that they name are in its mounts."""
    (container,) = pod["containers"]
    (source,) = container["envFrom"]
    environment = render(folder).of_kind("ConfigMap")[source["configMapRef"]["name"]]["data"]
    settings = Settings.from_environment(environment)
    open_store(settings.store, StoreOptions.of(settings))
    mounts = {each["mountPath"]: each for each in container["volumeMounts"]}
    assert "readOnly" not in mounts[str(Path(settings.key_file).parent)]
    assert mounts[str(Path(settings.redis_password_file).parent)]["readOnly"]
    if settings.redis_tls_certificate:
        (tls,) = [each["secret"] for each in pod["volumes"] if each["name"] == "tls"]
        certificate = render(folder).of_kind("Certificate")["gallery"]["spec"]
        assert (certificate["secretName"], True) == (tls["secretName"], tls["optional"])
        assert mounts[str(Path(settings.redis_tls_certificate).parent)]["readOnly"]


def test_it_has_a_copy_of_the_key_file_that_it_may_change(pod: dict[str, Any], tmp_path: Path) -> None:
    """The first container copies the key from the Secret, if there is one, to memory, for its owner only."""
    (first,) = pod["initContainers"]
    shell, flag, script = first["command"]
    for place in ("/from", "/secrets/key"):
        (tmp_path / place.lstrip("/")).mkdir(parents=True)
        script = script.replace(f"{place}/", f"{tmp_path}{place}/")
    subprocess.run([f"/bin/{shell}", flag, script], check=True)
    assert [] == list((tmp_path / "secrets" / "key").iterdir())
    (tmp_path / "from" / "key").write_text("content")
    subprocess.run([f"/bin/{shell}", flag, script], check=True)
    copy = tmp_path / "secrets" / "key" / "key"
    assert ("content", 0o600) == (copy.read_text(), copy.stat().st_mode & 0o777)
    volumes = {each["name"]: each for each in pod["volumes"]}
    assert "Memory" == volumes["key"]["emptyDir"]["medium"]
    assert {"secretName": "biofusion-key", "optional": True, "defaultMode": 0o440} == volumes["from"]["secret"]


def test_it_has_no_rights_and_ends_by_itself(pod: dict[str, Any]) -> None:
    """It runs without rights, and not for ever."""
    assert pod["securityContext"]["runAsNonRoot"]
    assert not pod["automountServiceAccountToken"]
    assert pod["activeDeadlineSeconds"]
    for container in pod["containers"] + pod["initContainers"]:
        assert {
            "allowPrivilegeEscalation": False,
            "capabilities": {"drop": ["ALL"]},
            "readOnlyRootFilesystem": True,
        } == container["securityContext"]


def test_it_reaches_the_store_only(tool: Manifests) -> None:
    """The policies let it through to Redis, and to nothing else but names."""
    everything = Manifests(tool.resources + render("overlays/production").resources)
    labels = tool.of_kind("Pod")["gallery"]["metadata"]["labels"]
    assert "gallery" == labels[NAME]
    assert ["redis"] == [
        each for each in everything.servers() if each != "fusion" and everything.connects(labels, each)
    ]
