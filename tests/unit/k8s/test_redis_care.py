"""k8s/components/redis-care: its scripts on a real server, and that its Jobs reach every server."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from tests.support.builders import enrolment
from tests.support.kubernetes import ROOT, render
from tests.support.redis.from_manifests import ran
from tests.support.redis.groups import waited_for
from tests.support.redis.stores import redis_store
from tests.support.redis_process import RedisProcess

SCRIPTS = ROOT / "k8s" / "components" / "redis-care"
MIB = 1 << 20


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RedisProcess]:
    """A running server with as much memory as its manifests state a limit."""
    (tmp_path / "server").mkdir()
    process = RedisProcess(tmp_path / "server", "--maxmemory", f"{64 * MIB}")
    process.start()
    yield process
    process.stop()


async def test_a_backup_holds_what_was_acknowledged_before_it(server: RedisProcess, tmp_path: Path) -> None:
    """A server that starts from the newest copy has the subjects; older copies than the kept ones are removed."""
    backups, restored = tmp_path / "backups", tmp_path / "restored"
    backups.mkdir()
    restored.mkdir()
    for each in ("20260101T000000Z", "20260102T000000Z"):
        (backups / f"127.0.0.1_{server.port}.{each}.rdb").touch()
    async with redis_store(server.url) as store:
        await store.enroll(enrolment("anna"))
    told = ran(SCRIPTS / "backup.sh", tmp_path, str(backups), "2", f"127.0.0.1:{server.port}")
    assert "1 primaries are copied." in told
    old, newest = sorted(backups.iterdir())
    assert "20260102T000000Z" in old.name
    newest.rename(restored / "dump.rdb")
    other = RedisProcess(restored)
    other.start("--appendonly", "no")
    try:
        with redis.Redis(port=other.port) as client:
            client.config_set("appendonly", "yes")
            waited_for(lambda: not client.info("persistence")["aof_rewrite_in_progress"])
        async with redis_store(other.url) as store:
            assert ["anna"] == [each.subject_id for each in (await store.list_summaries(10)).subjects]
    finally:
        other.stop()


def test_the_alarm_fails_before_memory_or_disk_is_full(server: RedisProcess, tmp_path: Path) -> None:
    """It says how full each is; a nearly empty server passes, one on a small disk or with a low bar does not."""
    address = f"127.0.0.1:{server.port}"
    assert f"{address}: " in ran(SCRIPTS / "alarm.sh", tmp_path, "80", str(1 << 40), address)
    for percent, disk in (("80", "1000"), ("0", str(1 << 40))):
        with pytest.raises(AssertionError, match="nearly full"):
            ran(SCRIPTS / "alarm.sh", tmp_path, percent, disk, address)


def test_an_unlimited_server_is_an_alarm(tmp_path: Path) -> None:
    """Without `maxmemory` the machine would end it."""
    process = RedisProcess(tmp_path, "--maxmemory", "0")
    process.start()
    try:
        with pytest.raises(AssertionError, match="has no maxmemory"):
            ran(SCRIPTS / "alarm.sh", tmp_path, "80", "1000", f"127.0.0.1:{process.port}")
    finally:
        process.stop()


def test_the_jobs_ask_every_server() -> None:
    """Their list is that of the StatefulSet's pods, their policies let them through, and the disk is the volume's."""
    manifests = render("overlays/production")
    for job in ("redis-backup", "redis-alarm"):
        environment = manifests.environment(job)
        assert [f"{pod}.redis:6379" for pod in manifests.pods("redis")] == environment["SERVERS"].split()
        assert manifests.connects(manifests.labels(job), "redis")
        assert "tls-redis" in {v["secret"]["secretName"] for v in manifests.pod(job)["volumes"] if "secret" in v}
    (claim,) = manifests.workloads()["redis"]["spec"]["volumeClaimTemplates"]
    storage = claim["spec"]["resources"]["requests"]["storage"]
    assert int(storage.removesuffix("Gi")) << 30 == int(manifests.environment("redis-alarm")["DISK_BYTES"])


@pytest.mark.parametrize("script", sorted(ROOT.glob("k8s/**/*.sh")), ids=lambda path: path.name)
def test_scripts_are_plain_shell(script: Path) -> None:
    """Each can be read by the shell of Debian, that of the image."""
    subprocess.run(["/bin/sh", "-n", str(script)], check=True)
