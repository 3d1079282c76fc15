"""The short form of `make images`: the smallest image is built without a daemon and run as a pod."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from images.base import make_base
from images.build import build, image, layers
from images.redis import make_redis
from images.sbom import bill_of_materials
from images.tools import Containers, Unavailable, provide
from images.trial import played, wait_until_serving
from infra.settings import PORTS
from tests.support.kubernetes import render

OVERLAY = "overlays/kind"


@pytest.fixture(scope="module")
def containers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Containers]:
    """The images of fusion and of Redis."""
    try:
        provide()
    except Unavailable as error:
        pytest.skip(str(error))
    made = Containers(tmp_path_factory.mktemp("images"))
    base = make_base(made)
    build(made, "fusion", base)
    make_redis(made, base, render(OVERLAY).container("redis")["image"])
    yield made
    made.run("buildah", "rmi", "--all", "--force")


def test_an_image_serves_without_rights(containers: Containers) -> None:
    """The rendered manifests run: a service without rights on a read-only root, and Redis by its own command."""
    with played(containers, OVERLAY, ["redis", "fusion"]) as pods:
        wait_until_serving(f"{pods['fusion'].address}:{PORTS['fusion']}", "biofusion.fusion.v1.DecisionService")
        assert 2 * [(65532, True)] == [(each.user, each.is_read_only) for each in pods.values()]


def test_an_image_tells_what_it_holds(containers: Containers) -> None:
    """The list of parts has the project, the packages of its lock and Debian's, and neither pip nor a compiler."""
    with containers.files(image("fusion")) as root:
        told = json.loads(bill_of_materials(root, "biofusion/fusion", layers(containers, image("fusion"))))
        assert not list(root.rglob("pip.conf"))
    parts = {each["bom-ref"] for each in told["components"]}
    lock = (Path(__file__).parents[2] / "locks/fusion.lock").read_text(encoding="utf-8")
    assert {"pypi:biofusion", "pypi:grpcio", "pypi:redis", "deb:python3.11", "deb:libc6"} <= parts
    assert {each.removeprefix("pypi:") for each in parts if each.startswith("pypi:")} <= {
        "biofusion",
        *(line.partition("==")[0] for line in lock.splitlines()),
    }
