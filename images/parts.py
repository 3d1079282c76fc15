"""The steps of `make images`, each with the figures that it found."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

from images.base import make_base
from images.build import SERVICES, TARGETS, build, image, layers, sizes_mb
from images.redis import make_redis
from images.sbom import bill_of_materials
from images.tools import ROOT, Containers
from images.trial import enrol_and_identify, played, wait_until_serving
from infra.settings import PORTS
from soak.figures import Figure
from tests.support.kubernetes import render

FOLDER = ROOT / "build" / "images"
MOST_MB = 450
OVERLAY = "overlays/kind"
MOST_CPU_S = 10.0
"""Of a service until it listens; compiling takes 14 to 49 s."""


def build_all(containers: Containers) -> None:
    """The base, every target, and Redis under the name that the manifest has."""
    base = make_base(containers)
    for target in TARGETS:
        build(containers, target, base)
    make_redis(containers, base, render(OVERLAY).container("redis")["image"])


def sizes(containers: Containers) -> Iterator[Figure]:
    """Whether each image is small enough, unpacked and as a registry sends it."""
    for target in TARGETS:
        unpacked, packed = sizes_mb(containers, image(target))
        goal = f"< {MOST_MB}"
        yield Figure(f"{target}: unpacked, MB", goal, f"{unpacked:.0f}", unpacked < MOST_MB)
        yield Figure(f"{target}: as sent, MB", goal, f"{packed:.0f}", packed < MOST_MB)


def parts(containers: Containers, folder: Path) -> Iterator[Figure]:
    """Write each image's list of what it holds; an invalid one is an error."""
    folder.mkdir(parents=True, exist_ok=True)
    for target in TARGETS:
        with containers.files(image(target)) as root:
            text = bill_of_materials(root, f"biofusion/{target}", layers(containers, image(target)))
        (folder / f"{target}.cdx.json").write_text(text, encoding="utf-8")
        yield Figure(f"{target}: parts in {target}.cdx.json", "valid", f"{text.count('bom-ref') - 1}", is_reached=True)


def built_twice(first: Containers) -> Iterator[Figure]:
    """Build everything again, from nothing, and compare the digests of all layers."""
    second = Containers(FOLDER / "second")
    base = make_base(second)
    for target in TARGETS:
        build(second, target, base)
        pairs = list(zip(layers(first, image(target)), layers(second, image(target)), strict=True))
        equal = sum(one == other for one, other in pairs)
        yield Figure(f"{target}: layers equal in two builds", "all", f"{equal} of {len(pairs)}", equal == len(pairs))
    second.run("buildah", "rmi", "--all", "--force")
    shutil.rmtree(second.folder)


def trial(containers: Containers) -> Iterator[Figure]:
    """Play the manifests, wait until all serve, and send an enrolment and an identification."""
    with played(containers, OVERLAY, ["redis", *SERVICES]) as pods:
        for name in SERVICES:
            wait_until_serving(f"{pods[name].address}:{PORTS[name]}")
        for name in SERVICES:
            used = pods[name].cpu_s
            yield Figure(f"{name}: CPU until all serve, s", f"< {MOST_CPU_S:.0f}", f"{used:.1f}", used < MOST_CPU_S)
        found = " ".join(enrol_and_identify(f"{pods['fusion'].address}:{PORTS['fusion']}"))
        yield Figure("enrolment and identification", "ann OUTCOME_MATCH", found, found == "ann OUTCOME_MATCH")
        for name in SERVICES:
            pod = pods[name]
            brought, compiled = pod.kernels()
            kept = pod.user == 65532 and pod.is_read_only
            yield Figure(f"{name}: user 65532, read-only root", "yes", f"{pod.user}, {pod.is_read_only}", kept)
            if name != "fusion":
                said = f"{compiled} ({brought} files came with the image)"
                yield Figure(f"{name}: kernels compiled in the pod", "0", said, brought > 0 and not compiled)
