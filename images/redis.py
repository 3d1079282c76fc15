"""An image in the place of Redis's own, of the server that the tests run: no registry of images is reached."""

from __future__ import annotations

import os
from pathlib import Path

from images.base import EPOCH
from images.tools import Containers
from tests.support.redis_process import redis_server

USER = 65532
"""As the manifest says."""


def make_redis(containers: Containers, base: str, name: str) -> None:
    """Make it.

    Args:
        containers: where it is put.
        base: image with what the manifest's commands call: sh, sha256sum, cut.
        name: by which the manifest calls it.
    """
    container = containers.run("buildah", "from", "--pull-never", base)
    server = redis_server()
    containers.run("buildah", "copy", "--quiet", "--chmod", "755", container, server, "/usr/bin/redis-server")
    for folder in ("data", "run/redis"):
        path = Path(containers.run("buildah", "mount", container)) / folder
        path.mkdir()
        os.chown(path, USER, USER)
    containers.run("buildah", "config", "--user", f"{USER}:{USER}", "--cmd", "redis-server", container)
    containers.run("buildah", "commit", "--quiet", "--rm", "--timestamp", str(EPOCH), container, name)
