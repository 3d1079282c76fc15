"""Builds the targets of the Containerfile with buildah, and compares what two builds made."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from images.base import EPOCH
from images.tools import ROOT, Containers

SERVICES = ("fusion", "face", "fingerprint", "iris")
TARGETS = (*SERVICES, "gallery", "console", "adapters")
CERTIFICATES = "/run/secrets/certificates"
_INDEX = ("index-url", "extra-index-url", "trusted-host", "proxy")


def image(target: str) -> str:
    """Name of a target's image, as overlays/kind names it."""
    return f"localhost/biofusion/{target}:dev"


def build(containers: Containers, target: str, base: str) -> None:
    """Build a target on a base; the log is in the folder of the containers."""
    with _secrets() as secrets:
        containers.run(
            *("buildah", "build", "--isolation", "chroot", "--layers", "--timestamp", str(EPOCH)),
            *("--build-arg", f"PYTHON={base}", "--build-arg", f"VERSION={version()}", *secrets),
            *("--file", "Containerfile", "--target", target, "--tag", image(target), ROOT),
            log=containers.folder / f"{target}.log",
        )


@cache
def version() -> str:
    """The version that the tags of the repository give."""
    told = subprocess.run(
        [sys.executable, "-m", "hatchling", "version"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return told.stdout.strip()


def layers(containers: Containers, name: str) -> list[str]:
    """The digests of an image's layers, uncompressed; equal ones hold the same files with the same times."""
    told = json.loads(containers.run("buildah", "inspect", "--type", "image", name))
    return [str(each) for each in told["OCIv1"]["rootfs"]["diff_ids"]]


def sizes_mb(containers: Containers, name: str) -> tuple[float, float]:
    """Megabytes (10⁶ bytes) of an image: unpacked, and compressed with gzip as a registry stores and sends it."""
    whole = json.loads(containers.run("podman", "image", "inspect", name))[0]["Size"]
    with TemporaryDirectory(dir=containers.folder) as folder:
        containers.run("buildah", "push", "--quiet", name, f"oci:{folder}:any")
        packed = sum(each.stat().st_size for each in Path(folder).rglob("*") if each.is_file())
    return whole / 1e6, packed / 1e6


@contextmanager
def _secrets() -> Iterator[list[str]]:
    """How pip reaches the packages on this machine, for the build only: no layer holds it."""
    with TemporaryDirectory() as folder:
        lines, words = ["[global]"], []
        if authority := os.environ.get("PIP_CERT") or os.environ.get("SSL_CERT_FILE"):
            lines.append(f"cert = {CERTIFICATES}")
            words = ["--secret", f"id=certificates,src={authority}"]
        for line in _pip_settings():
            name, _, value = line.partition("=")
            if name.split(".")[-1] in _INDEX and "file:" not in value:
                lines.append(f"{name.split('.')[-1]} = {value.strip(chr(39))}")
        settings = Path(folder) / "pip.conf"
        settings.write_text("\n".join(lines) + "\n")
        yield [*words, "--secret", f"id=pip,src={settings}"]


def _pip_settings() -> list[str]:
    command = [sys.executable, "-m", "pip", "config", "list"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
