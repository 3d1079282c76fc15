"""The base of the images, made from Debian's packages where no image registry is reached: Python 3.11 and busybox."""

from __future__ import annotations

import os
from pathlib import Path
from tempfile import TemporaryDirectory

from images.tools import ROOT, Containers

NAME = "localhost/biofusion/base:dev"
RELEASE = "bookworm"
PACKAGES = ("base-files", "busybox", "ca-certificates", "libstdc++6", "python3.11", "python3.11-venv")
EPOCH = 315532800
"""Time of every file and image, 1980-01-01: two builds are equal, and layers stay the same from version to version."""

_SOURCES = (Path("/etc/apt/sources.list.d/debian.sources"), Path("/etc/apt/sources.list"))


def make_base(containers: Containers) -> str:
    """Make the base image; returns its name."""
    with TemporaryDirectory() as folder:
        tar = Path(folder) / "base.tar"
        containers.run(
            *("env", f"SOURCE_DATE_EPOCH={EPOCH}", "mmdebstrap", "--variant=extract"),
            "--hook-dir=/usr/share/mmdebstrap/hooks/merged-usr",
            f"--include={','.join(PACKAGES)}",
            f'--extract-hook=sh {ROOT / "images" / "base.sh"} "$1"',
            *(RELEASE, tar, *_sources()),
        )
        container = containers.run("buildah", "from", "scratch")
        containers.run("buildah", "add", "--quiet", container, tar, "/")
        containers.run("buildah", "config", "--env", "PATH=/usr/bin", "--cmd", "sh", container)
        containers.run("buildah", "commit", "--quiet", "--rm", "--timestamp", str(EPOCH), container, NAME)
    return NAME


def _sources() -> list[Path]:
    """This machine's own list of packages, if it is of the release; mmdebstrap knows another."""
    found = [each for each in _SOURCES if os.access(each, os.R_OK) and RELEASE in each.read_text(encoding="utf-8")]
    return found[:1]
