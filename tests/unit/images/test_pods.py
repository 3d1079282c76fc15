from __future__ import annotations

from pathlib import Path

import pytest

from images.pods import LEFT_OUT, pod, workloads
from tests.support.kubernetes import render

MANIFESTS = render("overlays/kind")
NAMES = ["face", "fingerprint", "fusion", "iris", "redis"]


def test_every_workload_becomes_a_pod():
    """The four services and Redis are played."""
    assert NAMES == sorted(workloads(MANIFESTS.resources))


@pytest.mark.parametrize("name", NAMES)
def test_a_pod_runs_what_the_manifest_says(tmp_path: Path, name: str):
    """Image, command, settings and rights are those rendered; what podman does not know is left out."""
    *maps, played = pod(MANIFESTS.resources, name, tmp_path, {"redis": "10.0.0.1"})
    assert {"ConfigMap"} == {each["kind"] for each in maps}
    (container,) = played["spec"]["containers"]
    rendered = MANIFESTS.container(name)
    changed = {*LEFT_OUT, "securityContext", "volumeMounts"}
    kept = {key: value for key, value in rendered.items() if key not in changed}
    assert kept == {key: value for key, value in container.items() if key not in changed}
    paths = [[each["mountPath"] for each in one["volumeMounts"]] for one in (rendered, container)]
    assert paths[0] == paths[1]
    rights = {key: MANIFESTS.pod(name)["securityContext"][key] for key in ("runAsUser", "runAsGroup", "runAsNonRoot")}
    assert rendered["securityContext"] | rights == container["securityContext"]


@pytest.mark.parametrize("name", NAMES)
def test_a_pod_finds_secrets_and_services(tmp_path: Path, name: str):
    """The files of its Secrets are in folders, and the names of Services have addresses."""
    *_, played = pod(MANIFESTS.resources, name, tmp_path, {"redis": "10.0.0.1"})
    assert [{"ip": "10.0.0.1", "hostnames": ["redis"]}] == played["spec"]["hostAliases"]
    assert not [each for each in played["spec"]["volumes"] if "secret" in each]
    assert "onlyForTryingOut" == (tmp_path / "redis" / "password").read_text()
    empty = [each["name"] for each in played["spec"]["volumes"] if "emptyDir" in each]
    assert all(each.startswith(f"{name}-") for each in empty)
    mounted = {each["name"] for each in played["spec"]["containers"][0]["volumeMounts"]}
    assert mounted <= {each["name"] for each in played["spec"]["volumes"]}
