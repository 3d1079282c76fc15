"""k8s/components: what each changes in the base, and that their combinations are valid."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import yaml

from gallery.store.open_store import open_store
from gallery.store.options import StoreOptions
from infra.settings import PORTS
from tests.support.kubernetes import settings_of, with_components

VALIDATE = Path(sys.executable).with_name("kubernetes-validate")
OLDEST = "1.34"
SCHEMALESS = re.compile(r"Couldn't find schema for kind (Certificate|Issuer|RayCluster|PodMonitor|PrometheusRule) ")
"""Kinds of cert-manager, KubeRay and Prometheus's operator, whose schemas are not Kubernetes'."""
SETS = (
    ("redis-cluster", "snapshots", "jobs", "audit"),
    ("mtls", "redis-tls", "redis-care", "kms", "aws", "observability"),
    ("redis-care", "redis-cluster", "mtls"),
    ("mtls", "redis-cluster-tls", "redis-care", "snapshots", "jobs", "autoscaling", "autoscaling-queue"),
    ("mtls", "redis-cluster-tls", "policy", "audit", "jobs", "observability", "autoscaling", "autoscaling-queue"),
    ("mtls", "ray", "audit"),
    ("mtls", "managed-redis", "aws", "kms", "snapshots-s3", "autoscaling", "audit", "observability"),
    ("observability",),
    ("review", "console", "mtls", "review-mtls", "console-mtls", "aws", "kms", "autoscaling", "policy", "audit"),
    ("adapters", "mtls", "adapters-mtls", "autoscaling", "policy", "audit"),
    ("adapters/osia", "redis-cluster"),
)
"""Components that are used together."""


def test_results_are_valid(tmp_path: Path) -> None:
    """Kubernetes takes each combination, and every service can open the store with its settings."""
    rendered = []
    for number, names in enumerate(SETS):
        folder = tmp_path / str(number)
        folder.mkdir()
        manifests = with_components(folder, *names)
        for room in PORTS:
            settings = settings_of(manifests, room)
            open_store(settings.store, StoreOptions.of(settings))
        rendered.append(folder / "rendered.yaml")
        rendered[-1].write_text(yaml.dump_all(manifests.resources, Dumper=yaml.CSafeDumper))
    command = [str(VALIDATE), "--strict", "--quiet", "-k", OLDEST, *map(str, rendered)]
    finished = subprocess.run(command, capture_output=True, text=True, check=False)
    told = [each for each in (finished.stdout + finished.stderr).splitlines() if not SCHEMALESS.search(each)]
    assert (0, []) == (finished.returncode, told)


def test_snapshots_are_on_a_volume_that_the_matching_services_share(tmp_path: Path) -> None:
    """The setting names the place of the volume, which every pod of a matching service may write."""
    manifests = with_components(tmp_path, "snapshots")
    (claim,) = manifests.of_kind("PersistentVolumeClaim")
    assert ["ReadWriteMany"] == manifests.of_kind("PersistentVolumeClaim")[claim]["spec"]["accessModes"]
    for room in set(PORTS) - {"fusion"}:
        (volume,) = [each for each in manifests.pod(room)["volumes"] if "persistentVolumeClaim" in each]
        assert claim == volume["persistentVolumeClaim"]["claimName"]
        (mount,) = [each for each in manifests.container(room)["volumeMounts"] if each["name"] == volume["name"]]
        assert {"name": "snapshots", "mountPath": settings_of(manifests, room).snapshots} == mount


def test_files_of_jobs_are_on_a_volume_that_the_fusion_pods_share(tmp_path: Path) -> None:
    """Jobs may read and write the place of the volume, which only the fusion pods have."""
    manifests = with_components(tmp_path, "jobs")
    (claim,) = manifests.of_kind("PersistentVolumeClaim")
    assert ["ReadWriteMany"] == manifests.of_kind("PersistentVolumeClaim")[claim]["spec"]["accessModes"]
    claims = [each for each in manifests.pod("fusion")["volumes"] if "persistentVolumeClaim" in each]
    assert [claim] == [each["persistentVolumeClaim"]["claimName"] for each in claims]
    mounts = manifests.container("fusion")["volumeMounts"]
    (mount,) = [each for each in mounts if each["name"] == claims[0]["name"]]
    assert settings_of(manifests, "fusion").job_folders == mount["mountPath"]
    assert not any("persistentVolumeClaim" in each for each in manifests.pod("face")["volumes"])


def test_the_audit_log_is_on_a_volume_that_outlives_its_pods(tmp_path: Path) -> None:
    """Only fusion writes to it: each pod in the folder of its name, by the keys of a Secret that operators make."""
    manifests = with_components(tmp_path, "audit")
    (claim,) = manifests.of_kind("PersistentVolumeClaim")
    assert ["ReadWriteMany"] == manifests.of_kind("PersistentVolumeClaim")[claim]["spec"]["accessModes"]
    claims = {each["name"]: each.get("persistentVolumeClaim") for each in manifests.pod("fusion")["volumes"]}
    mounts = {each["mountPath"]: claims[each["name"]] for each in manifests.container("fusion")["volumeMounts"]}
    settings, files = settings_of(manifests, "fusion"), manifests.files("fusion")
    assert {"claimName": claim} == mounts[settings.audit_folder]
    names = {each["name"]: each.get("valueFrom") for each in manifests.container("fusion")["env"]}
    assert {"fieldRef": {"fieldPath": "metadata.name"}} == names["BIOFUSION_AUDIT_INSTANCE"]
    assert {settings.audit_key_file, settings.audit_signing_key_file} <= set(files)
    assert "audit-keys" not in manifests.of_kind("Secret")
    assert not settings_of(manifests, "face").audit_folder


def test_snapshots_in_s3_need_no_volume(tmp_path: Path) -> None:
    """The setting names a bucket."""
    manifests = with_components(tmp_path, "aws", "snapshots-s3")
    assert settings_of(manifests, "face").snapshots.startswith("s3://")
    assert {} == manifests.of_kind("PersistentVolumeClaim")


def test_with_kms_there_is_no_key_file(tmp_path: Path) -> None:
    """The setting names a KMS key, and the Secret of the key file is not mounted."""
    manifests = with_components(tmp_path, "aws", "kms")
    for room in PORTS:
        settings = settings_of(manifests, room)
        assert ("", True) == (settings.key_file, bool(settings.kms_key))
        secrets = {each["secret"]["secretName"] for each in manifests.pod(room)["volumes"] if "secret" in each}
        assert {"redis"} == secrets


def test_aws_knows_each_service_by_its_account(tmp_path: Path) -> None:
    """Each runs under an account of its own, without a token for the cluster, and reaches AWS by HTTPS."""
    manifests = with_components(tmp_path, "aws")
    policy = manifests.of_kind("NetworkPolicy")["aws"]["spec"]
    (expression,) = policy["podSelector"]["matchExpressions"]
    ports = {rule["to"][0]["ipBlock"]["cidr"]: rule["ports"][0]["port"] for rule in policy["egress"]}
    assert 443 == ports["0.0.0.0/0"]
    for room in PORTS:
        pod = manifests.pod(room)
        account = manifests.of_kind("ServiceAccount")[pod["serviceAccountName"]]
        assert room == account["metadata"]["name"]
        assert [False, False] == [account["automountServiceAccountToken"], pod["automountServiceAccountToken"]]
        assert room in expression["values"]


def test_autoscalers_state_the_numbers_of_pods(tmp_path: Path) -> None:
    """There is one for each service, by CPU and by calls that wait; their Deployments state no numbers."""
    manifests = with_components(tmp_path, "review", "autoscaling", "autoscaling-queue")
    scalers = manifests.of_kind("HorizontalPodAutoscaler")
    assert set(PORTS) == set(scalers)
    assert 2 == manifests.workloads()["review"]["spec"]["replicas"]
    for room in PORTS:
        assert "replicas" not in manifests.workloads()[room]["spec"]
        spec = scalers[room]["spec"]
        assert {"apiVersion": "apps/v1", "kind": "Deployment", "name": room} == spec["scaleTargetRef"]
        assert 2 <= spec["minReplicas"] < spec["maxReplicas"]
        assert ["Resource", "Pods"] == [each["type"] for each in spec["metrics"]]
