"""k8s/components/observability: metrics are served and reached, and rules and dashboard name what the code declares."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from gallery.store.redis.connections.address import Address
from infra.settings import PORTS, Settings
from infra.telemetry.instruments import Histogram
from tests.support.kubernetes import NAME, ROOT, Manifests, Resource, render, settings_of, with_components
from tests.support.telemetry.metrics import every_instrument

COMPONENT = ROOT / "k8s" / "components" / "observability"
RUNBOOK = "docs/how-to/watch-the-services.md"
TESTS = Path(__file__).with_name("alerts_test.yaml")
OF_OTHERS = {
    "up",
    "ALERTS",
    "process_cpu_seconds_total",
    "redis_up",
    "redis_memory_used_bytes",
    "redis_memory_max_bytes",
    "redis_aof_last_write_status",
    "redis_aof_last_bgrewrite_status",
    "kubelet_volume_stats_available_bytes",
    "kubelet_volume_stats_capacity_bytes",
}
"""Metrics of Prometheus, its client, Redis's exporter and the kubelet."""

NAMES = re.compile(r"\b(?:biofusion|redis|kubelet|process)[_:][a-z0-9_:]+|\bup\b")


@pytest.fixture(scope="module")
def manifests(tmp_path_factory: pytest.TempPathFactory) -> Manifests:
    """The production overlay with the component, and with the review service."""
    folder = tmp_path_factory.mktemp("observability")
    above = os.path.relpath(ROOT / "k8s", folder.resolve())
    lines = ["resources:", f"  - {above}/overlays/production", "components:"]
    lines += [f"  - {above}/components/{name}" for name in ("review", "observability")]
    (folder / "kustomization.yaml").write_text("\n".join(lines))
    return render(str(folder))


def rules() -> list[dict[str, Any]]:
    """All rules."""
    spec = yaml.safe_load((COMPONENT / "rules.yaml").read_text())["spec"]
    return [rule for group in spec["groups"] for rule in group["rules"]]


def expressions_of_dashboard() -> list[str]:
    """All expressions of the dashboard."""
    panels = json.loads((COMPONENT / "biofusion.json").read_text())["panels"]
    return [target["expr"] for panel in panels for target in panel.get("targets", [])]


def metrics(expression: str) -> set[str]:
    """The metrics that an expression names."""
    return set(NAMES.findall(re.sub(r"\{[^}]*\}", "", expression)))


def known() -> set[str]:
    """The names of all series: what the code declares, what the rules record, and what others have."""
    found = OF_OTHERS | {rule["record"] for rule in rules() if "record" in rule}
    for each in every_instrument():
        parts = ("_bucket", "_sum", "_count") if isinstance(each, Histogram) else ("",)
        found |= {each.name + part for part in parts}
    return found


@pytest.mark.parametrize("room", PORTS)
def test_metrics_are_served_at_the_port_that_is_scraped(manifests: Manifests, room: str) -> None:
    """A pod serves its metrics at the port named `metrics`, beside its calls, and logs JSON."""
    settings = Settings.from_environment(manifests.environment(room))
    ports = {each["name"]: each["containerPort"] for each in manifests.container(room)["ports"]}
    assert {"grpc": PORTS[room], "health": settings.health_port, "metrics": settings.metrics_port} == ports
    assert (PORTS[room], "json") == (manifests.port(room), settings.log_format)


def test_the_exporter_of_redis_logs_in_as_the_services_do(manifests: Manifests) -> None:
    """It has the user and the password of the Secret, and a port named `metrics`."""
    (exporter,) = (each for each in manifests.pod("redis")["containers"] if each["name"] == "exporter")
    given = {each["name"]: each for each in exporter["env"]}
    assert Settings.from_environment(manifests.environment("face")).redis_user == given["REDIS_USER"]["value"]
    assert {"name": "redis", "key": "password"} == given["REDIS_PASSWORD"]["valueFrom"]["secretKeyRef"]
    assert ["metrics"] == [each["name"] for each in exporter["ports"]]


def test_the_exporter_of_redis_speaks_as_redis_does(manifests: Manifests, tmp_path: Path) -> None:
    """By TLS, with the certificate of Redis, where Redis speaks nothing else; in plain text where it has no TLS."""
    plain = with_components(tmp_path, "observability")
    for each, scheme in ((manifests, "rediss"), (plain, "redis")):
        (exporter,) = (one for one in each.pod("redis")["containers"] if one["name"] == "exporter")
        given = {variable["name"]: variable.get("value", "") for variable in exporter["env"]}
        assert f"{scheme}://127.0.0.1:6379" == given["REDIS_ADDR"]
        assert ("rediss" == scheme) == Address.parse(settings_of(each, "face").store).tls
        files = {value for name, value in given.items() if name.endswith("_FILE")}
        assert ({"/secrets/tls/tls.crt", "/secrets/tls/tls.key"} if scheme == "rediss" else set()) == files
        mounts = [mount["mountPath"] for mount in exporter.get("volumeMounts", [])]
        assert (["/secrets/tls"] if files else []) == mounts


def test_metrics_are_scraped_as_they_are_served(manifests: Manifests, tmp_path: Path) -> None:
    """By TLS where a service has a certificate, which an annotation of its pods tells the monitor."""
    plain = with_components(tmp_path, "observability")
    for each in (manifests, plain):
        (endpoint,) = each.of_kind("PodMonitor")["biofusion"]["spec"]["podMetricsEndpoints"]
        (rule,) = endpoint["relabelings"]
        assert ["__meta_kubernetes_pod_annotation_prometheus_io_scheme"] == rule["sourceLabels"]
        assert ("https", "__scheme__") == (rule["replacement"], rule["targetLabel"])
        for workload in (*PORTS, "redis"):
            notes = each.workloads()[workload]["spec"]["template"]["metadata"].get("annotations", {})
            has_tls = workload in PORTS and bool(settings_of(each, workload).tls_certificate)
            assert ("https" if has_tls else None) == notes.get("prometheus.io/scheme")


def test_every_pod_with_a_port_of_metrics_is_scraped_and_reached(manifests: Manifests) -> None:
    """The monitor and the network policy select the same pods: those that have such a port."""
    (monitor,) = manifests.of_kind("PodMonitor").values()
    policy = manifests.of_kind("NetworkPolicy")["metrics"]["spec"]
    assert monitor["spec"]["selector"] == policy["podSelector"]
    (chosen,) = policy["podSelector"]["matchExpressions"]
    workloads = manifests.workloads()
    with_port = [name for name in workloads if "metrics" in _ports(manifests.pod(name))]
    assert sorted(chosen["values"]) == sorted(manifests.labels(name)[NAME] for name in with_port)
    (rule,) = policy["ingress"]
    assert [{"protocol": "TCP", "port": "metrics"}] == rule["ports"]
    (peer,) = rule["from"]
    assert {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "monitoring"}}} == peer


def test_rules_and_dashboard_name_metrics_that_there_are() -> None:
    """No expression names a metric that nobody has."""
    expressions = [rule["expr"] for rule in rules()] + expressions_of_dashboard()
    named = {name for expression in expressions for name in metrics(expression)}
    assert set() == named - known()


def test_every_metric_is_shown() -> None:
    """Each metric that the code declares is in the dashboard or a rule that it shows."""
    shown = " ".join([*expressions_of_dashboard(), *(rule["expr"] for rule in rules())])
    assert [] == [each.name for each in every_instrument() if each.name not in shown]


def test_every_alert_has_a_runbook() -> None:
    """Each alert names its section, which there is, and no section is of an alert that there is not."""
    alerts = [rule for rule in rules() if "alert" in rule]
    sections = re.findall(r"^### (\w+)$", (ROOT / RUNBOOK).read_text(), re.MULTILINE)
    assert [rule["alert"] for rule in alerts] == sections
    for rule in alerts:
        assert f"{RUNBOOK}#{rule['alert'].lower()}" == rule["annotations"]["runbook_url"]
        assert rule["labels"]["severity"] in ("critical", "warning")


def test_alerts_fire_on_what_they_are_for(tmp_path: Path) -> None:
    """Prometheus evaluates the rules over four hours: on what is usual none fires, on what is not each one does."""
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("promtool is not installed; it is in Debian's package prometheus")
    spec = yaml.safe_load((COMPONENT / "rules.yaml").read_text())["spec"]
    (tmp_path / "rules.yml").write_text(yaml.safe_dump(spec))
    tests = yaml.safe_load(TESTS.read_text())
    every = [{"labels": f'{{alertname="{rule["alert"]}"}}', "value": 1} for rule in rules() if "alert" in rule]
    for each in (each for test in tests["tests"] for each in test["promql_expr_test"]):
        each["exp_samples"] = every if each["exp_samples"] == "EVERY" else each["exp_samples"]
    (tmp_path / "tests.yml").write_text(yaml.safe_dump(tests))
    finished = subprocess.run(
        [promtool, "test", "rules", "tests.yml"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert 0 == finished.returncode, finished.stdout + finished.stderr


def _ports(pod: Resource) -> list[str]:
    return [port["name"] for container in pod["containers"] for port in container.get("ports", [])]
