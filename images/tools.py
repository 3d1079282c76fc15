"""The programs that build and run images here, all packages of Debian, and the files that tell them what to use."""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
PROGRAMS = ("buildah", "mmdebstrap", "podman", "runc")
PACKAGES = (*PROGRAMS, "catatonit", "containernetworking-plugins", "iptables")
"""Debian's packages of the programs, of the pause process of pods, and of the network between them."""


LIMITS = {"nofile": resource.RLIMIT_NOFILE, "nproc": resource.RLIMIT_NPROC}
ENOUGH = 16384


class Unavailable(Exception):
    """The programs cannot be had on this machine."""


def provide() -> None:
    """Install what is missing from the Debian packages that this machine is set up for.

    Raises:
        Unavailable: it is no machine with apt, the user is not root, or a package cannot be installed.
    """
    missing = [each for each in PROGRAMS if not shutil.which(each)]
    if os.geteuid() != 0:
        raise Unavailable("Images are built and run by root here; this user is another one.")
    if missing and not shutil.which("apt-get"):
        raise Unavailable(f"There is no {', '.join(missing)}, and no apt-get that installs it.")
    if missing:
        for words in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", *PACKAGES]):
            environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
            done = subprocess.run(["apt-get", *words], env=environment, capture_output=True, text=True, check=False)
            if done.returncode:
                raise Unavailable(f"apt-get {words[0]} failed: {done.stderr.strip().splitlines()[-1:]}")


@dataclass(frozen=True, slots=True)
class Containers:
    """Images and containers in a folder of their own, beside those that the machine may have.

    Args:
        folder: absolute; made if it is not there.
    """

    folder: Path

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "storage.conf").write_text(
            f'[storage]\ndriver = "overlay"\ngraphroot = "{self.folder}/graph"\nrunroot = "{self.folder}/run"\n'
        )
        # podman's own limits are above what a sandbox may set: lower ones are stated.
        stated = [f'"{name}={_most(kind)}:{_most(kind)}"' for name, kind in LIMITS.items()]
        (self.folder / "containers.conf").write_text(
            f'[containers]\ndefault_ulimits = [{", ".join(stated)}]\nlog_driver = "k8s-file"\n'
            f'[network]\nnetwork_config_dir = "{self.folder}/networks"\n'
            f'[engine]\nruntime = "runc"\ncgroup_manager = "cgroupfs"\nevents_logger = "file"\n'
        )

    @property
    def environment(self) -> Mapping[str, str]:
        """Variables by which buildah and podman find these folders."""
        return os.environ | {
            "CONTAINERS_STORAGE_CONF": str(self.folder / "storage.conf"),
            "CONTAINERS_CONF": str(self.folder / "containers.conf"),
        }

    def run(self, *words: str | Path, log: Path | None = None) -> str:
        """Run a command with these folders in the project's root; return what it prints.

        Raises:
            RuntimeError: it failed; the message has its last lines.
        """
        done = subprocess.run(
            [str(each) for each in words],
            cwd=ROOT,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT if log else subprocess.PIPE,
            text=True,
            check=False,
        )
        if log:
            log.write_text(done.stdout)
        if done.returncode:
            said = (done.stdout if log else done.stderr).strip().splitlines()[-20:]
            raise RuntimeError("\n".join([f"{' '.join(map(str, words[:3]))} … failed:", *said]))
        return done.stdout.strip()

    @contextmanager
    def files(self, image: str) -> Iterator[Path]:
        """The root of an image's file system, as a folder."""
        container = self.run("buildah", "from", "--pull-never", image)
        try:
            yield Path(self.run("buildah", "mount", container))
        finally:
            self.run("buildah", "rm", container)


def _most(kind: int) -> int:
    """What is enough, or this process's own hard limit if that is less."""
    most = resource.getrlimit(kind)[1]
    return ENOUGH if most == resource.RLIM_INFINITY else min(most, ENOUGH)
