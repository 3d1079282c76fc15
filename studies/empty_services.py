"""`python -m studies.empty_services`: memory of each service without a gallery, with its processes that decode images.

As in a new pod, no kernel is compiled yet, and compiling takes memory that is kept. Private memory is what no other
process shares; PSS is the whole with its part of shared pages, as Linux counts them.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from soak.processes.process import Process

SERVICES = {
    "services.face": "biofusion.face.v1.FaceService",
    "services.fingerprint": "biofusion.fingerprint.v1.FingerprintService",
    "services.iris": "biofusion.iris.v1.IrisService",
    "fusion": "biofusion.fusion.v1.DecisionService",
}
MIB = 1 << 20


def family(pid: int) -> Iterator[int]:
    """A process and all that it started."""
    yield pid
    for thread in Path(f"/proc/{pid}/task").iterdir():
        for child in (thread / "children").read_text().split():
            yield from family(int(child))


def memory(pid: int) -> dict[str, int]:
    """Bytes by kind, of one process."""
    lines = (line.split() for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:])
    return {words[0].rstrip(":"): int(words[1]) << 10 for words in lines}


def measured(module: str, service: str, folder: Path) -> tuple[int, int, int]:
    """Number of processes, private bytes and PSS in bytes of a service that is ready."""
    settings = {"BIOFUSION_STORE_URL": f"sqlite:///{folder / 'store.db'}", "BIOFUSION_WORKER_COUNT": "2"}
    settings |= {"NUMBA_CACHE_DIR": str(folder / "kernels")}
    process = Process(module, settings, folder / "log")
    try:
        process.wait(service, 600)
        found = [memory(each) for each in family(process.pid)]
    finally:
        process.kill()
    private = sum(each["Private_Clean"] + each["Private_Dirty"] for each in found)
    return len(found), private, sum(each["Pss"] for each in found)


def main() -> None:
    """Print a row for each service."""
    print("| service | processes | private, MiB | with its part of shared pages, MiB |\n|---|---|---|---|")
    for module, service in SERVICES.items():
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
            count, private, whole = measured(module, service, Path(folder))
        print(f"| {module} | {count} | {private // MIB} | {whole // MIB} |")


if __name__ == "__main__":
    main()
