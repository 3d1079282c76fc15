"""k8s/components: what each changes in the production overlay, and that its result is valid."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from gallery.store.open_store import open_store
from gallery.store.options import StoreOptions
from infra.settings import PORTS, Settings
from tests.support.kubernetes import ROOT, Manifests, render

VALIDATE = Path(sys.executable).with_name("kubernetes-validate")
OLDEST = "1.34"
SETS = (("snapshots", "jobs"), ("aws", "snapshots-s3"), ("aws", "kms"), ("aws", "kms", "snapshots-s3"))
"""Components that are used together."""


def with_components(folder: Path, names: tuple[str, ...]) -> Manifests:
    """The production overlay with components, rendered from a new folder."""
    above = os.path.relpath(ROOT / "k8s", folder.resolve())
    lines = ["resources:", f"  - {above}/overlays/production"]
    lines += ["components:", *(f"  - {above}/components/{name}" for name in names)]
    (folder / "kustomization.yaml").write_text("\n".join(lines))
    return render(str(folder))


def settings_of(manifests: Manifests, room: str) -> Settings:
    """What a service makes of its pod's environment."""
    return Settings.from_environment(manifests.environment(room))


@pytest.mark.parametrize("names", SETS)
def test_results_are_valid(tmp_path: Path, names: tuple[str, ...]) -> None:
    """Kubernetes takes them, and every service can open the store with its settings."""
    manifests = with_components(tmp_path, names)
    for room in PORTS:
        settings = settings_of(manifests, room)
        open_store(settings.store, StoreOptions.of(settings))
    rendered = tmp_path / "rendered.yaml"
    kubectl = Path(sys.executable).with_name("kubectl")
    subprocess.run([str(kubectl), "kustomize", str(tmp_path), "-o", str(rendered)], check=True)
    command = [str(VALIDATE), "--strict", "--quiet", "-k", OLDEST, str(rendered)]
    finished = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (0, "") == (finished.returncode, finished.stdout + finished.stderr)


def test_snapshots_are_on_a_volume_that_the_matching_services_share(tmp_path: Path) -> None:
    """The setting names the place of the volume, which every pod of a matching service may write."""
    manifests = with_components(tmp_path, ("snapshots",))
    (claim,) = manifests.of_kind("PersistentVolumeClaim")
    assert ["ReadWriteMany"] == manifests.of_kind("PersistentVolumeClaim")[claim]["spec"]["accessModes"]
    for room in set(PORTS) - {"fusion"}:
        (volume,) = [each for each in manifests.pod(room)["volumes"] if "persistentVolumeClaim" in each]
        assert claim == volume["persistentVolumeClaim"]["claimName"]
        (mount,) = [each for each in manifests.container(room)["volumeMounts"] if each["name"] == volume["name"]]
        assert {"name": "snapshots", "mountPath": settings_of(manifests, room).snapshots} == mount


def test_files_of_jobs_are_on_a_volume_that_the_fusion_pods_share(tmp_path: Path) -> None:
    """Jobs may read and write the place of the volume, which only the fusion pods have."""
    manifests = with_components(tmp_path, ("jobs",))
    (claim,) = manifests.of_kind("PersistentVolumeClaim")
    assert ["ReadWriteMany"] == manifests.of_kind("PersistentVolumeClaim")[claim]["spec"]["accessModes"]
    claims = [each for each in manifests.pod("fusion")["volumes"] if "persistentVolumeClaim" in each]
    assert [claim] == [each["persistentVolumeClaim"]["claimName"] for each in claims]
    mounts = manifests.container("fusion")["volumeMounts"]
    (mount,) = [each for each in mounts if each["name"] == claims[0]["name"]]
    assert settings_of(manifests, "fusion").job_folders == mount["mountPath"]
    assert not any("persistentVolumeClaim" in each for each in manifests.pod("face")["volumes"])


def test_snapshots_in_s3_need_no_volume(tmp_path: Path) -> None:
    """The setting names a bucket."""
    manifests = with_components(tmp_path, ("aws", "snapshots-s3"))
    assert settings_of(manifests, "face").snapshots.startswith("s3://")
    assert {} == manifests.of_kind("PersistentVolumeClaim")


@pytest.mark.parametrize("room", PORTS)
def test_with_kms_there_is_no_key_file(tmp_path: Path, room: str) -> None:
    """The setting names a KMS key, and the Secret of the key file is not mounted."""
    manifests = with_components(tmp_path, ("aws", "kms"))
    settings = settings_of(manifests, room)
    assert ("", True) == (settings.key_file, bool(settings.kms_key))
    secrets = {each["secret"]["secretName"] for each in manifests.pod(room)["volumes"] if "secret" in each}
    assert {"redis"} == secrets


@pytest.mark.parametrize("room", PORTS)
def test_aws_knows_the_services_by_an_account(tmp_path: Path, room: str) -> None:
    """Each service runs under the service account, without a token for the cluster, and reaches AWS by HTTPS."""
    manifests = with_components(tmp_path, ("aws",))
    pod = manifests.pod(room)
    account = manifests.of_kind("ServiceAccount")[pod["serviceAccountName"]]
    assert [False, False] == [account["automountServiceAccountToken"], pod["automountServiceAccountToken"]]
    policy = manifests.of_kind("NetworkPolicy")["aws"]["spec"]
    (expression,) = policy["podSelector"]["matchExpressions"]
    assert room in expression["values"]
    ports = {rule["to"][0]["ipBlock"]["cidr"]: rule["ports"][0]["port"] for rule in policy["egress"]}
    assert 443 == ports["0.0.0.0/0"]
