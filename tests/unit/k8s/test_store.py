"""The store in k8s/: its key and passwords come from files, and its servers keep what they acknowledge."""

from __future__ import annotations

import json
import urllib.parse
from pathlib import Path

import pytest
import redis

from gallery.sealing.key_file import Content
from gallery.store.open_store import open_store
from gallery.store.options import StoreOptions
from gallery.store.redis.connections.access import Access
from gallery.store.redis.connections.safety import CONFIGURATION
from infra.settings import PORTS, Settings
from tests.support.builders import enrolment
from tests.support.kubernetes import Manifests, render
from tests.support.redis.from_manifests import DeployedRedis
from tests.support.redis.stores import redis_store

SAFE = {"appendfsync": "always", "no-appendfsync-on-rewrite": "no", "min-replicas-to-write": "0"}
"""What the services demand of a server, apart from an append-only file and no eviction."""


@pytest.mark.parametrize("room", PORTS)
def test_every_service_finds_its_key_and_its_password(manifests: Manifests, room: str) -> None:
    """Both files are in read-only mounts of whole Secrets: a changed one is seen by the service while it runs."""
    options = StoreOptions.of(Settings.from_environment(manifests.environment(room)))
    files = manifests.files(room)
    for wanted in (options.key_file, options.redis_password_file):
        assert wanted in files
        (mount,) = [
            each for each in manifests.container(room)["volumeMounts"] if wanted.startswith(f"{each['mountPath']}/")
        ]
        assert mount["readOnly"]
        assert "subPath" not in mount
        (volume,) = [each for each in manifests.pod(room)["volumes"] if each["name"] == mount["name"]]
        assert 0o440 == volume["secret"]["defaultMode"]
    assert not any("admin" in path for path in files)


def test_services_open_the_same_store(manifests: Manifests) -> None:
    """All four have the same settings of the store, and these can be used."""
    (settings,) = {
        (settings.store, StoreOptions.of(settings))
        for settings in (Settings.from_environment(manifests.environment(room)) for room in PORTS)
    }
    open_store(*settings)


def test_no_password_is_in_a_url_or_a_setting(manifests: Manifests) -> None:
    """No variable of a service comes from a Secret, no URL has a user, and no command of a pod holds a password."""
    for workload in manifests.workloads():
        container = manifests.container(workload)
        if workload in PORTS:
            assert not any("secretKeyRef" in each.get("valueFrom", {}) for each in container["env"])
        for value in manifests.environment(workload).values():
            assert urllib.parse.urlsplit(value.split(",")[0]).username is None
        words = container.get("command", []) + container.get("args", [])
        assert not any("pass" in word for word in words)


def test_the_base_has_no_secrets() -> None:
    """Base and production refer to Secrets that exist; the kind overlay makes them."""
    assert [{}, {}] == [render(each).of_kind("Secret") for each in ("base", "overlays/production")]
    assert {"redis", "biofusion-key"} == set(render("overlays/kind").of_kind("Secret"))


def test_the_key_of_the_kind_overlay_says_that_it_is_public() -> None:
    """It can be used, and whoever reads the file or a store's header sees that it protects nothing."""
    text = render("overlays/kind").files("face")["/secrets/key/key"]
    content = Content.unpack(text.encode())
    assert "publicly-known" == content.current
    assert content.keys[content.current].startswith(b"publicly known")
    assert {"publicly-known"} == set(json.loads(text)["keys"])


def test_a_server_keeps_room_for_a_rewrite(manifests: Manifests) -> None:
    """`maxmemory` is at most three quarters of the container's limit."""
    lines = dict(line.split(" ", 1) for line in manifests.files("redis")["/config/redis.conf"].splitlines() if line)
    limit = manifests.container("redis")["resources"]["limits"]["memory"]
    assert limit.endswith("Gi")
    assert lines["maxmemory"].endswith("gb")
    assert int(lines["maxmemory"].removesuffix("gb")) <= 0.75 * int(limit.removesuffix("Gi"))


async def test_the_services_user_can_do_what_a_store_needs_and_no_more(tmp_path: Path) -> None:
    """A real server with the files of the manifests is accepted, and keeps what it had when it is started again.

    Nobody else gets in, and the services' user can neither change the server nor touch other keys.
    """
    manifests = render("overlays/kind")
    server = DeployedRedis(manifests, tmp_path)
    server.start()
    password = tmp_path / "secrets" / "password"
    password.parent.mkdir(exist_ok=True)
    password.write_text(manifests.files("face")["/secrets/redis/password"])
    user = manifests.environment("face")["BIOFUSION_REDIS_USER"]
    try:
        async with redis_store(server.process.url, access=Access(user, str(password)), rewrite_delay_s=0.01) as store:
            await store.enroll(enrolment("anna"))
            await store.delete("anna", "r", "d")
            await store.enroll(enrolment("berta", request_id="b"))
            server.process.stop()
            server.start()
        async with redis_store(server.process.url, access=Access(user, str(password))) as store:
            assert ["berta"] == [each.subject_id for each in (await store.list_summaries(10)).subjects]
        with redis.Redis(port=server.process.port, username=user, password=password.read_text()) as client:
            assert SAFE == {name: client.config_get(name)[name] for name in CONFIGURATION}
            assert ["yes", "noeviction"] == [
                client.config_get(name)[name] for name in ("appendonly", "maxmemory-policy")
            ]
            for refused in (["FLUSHALL"], ["CONFIG", "SET", "appendfsync", "no"], ["GET", "other"], ["SHUTDOWN"]):
                with pytest.raises(redis.exceptions.NoPermissionError):
                    client.execute_command(*refused)
        with redis.Redis(port=server.process.port) as client, pytest.raises(redis.AuthenticationError):
            client.ping()
    finally:
        server.process.stop()
