"""`python -m benchmarks.versions CHECKOUT SETS/…/images.csv…`: processor time of extraction against another version.

CHECKOUT holds another version of the project, e.g. by `git worktree add CHECKOUT COMMIT`, whose models have been
fetched: into another cache folder, `--models CACHE`, if they are not those of this version. Of each set up to 40 images
are extracted by both versions in turn, each in a process of its own with one thread, and all templates compared with
all. The ratio is this version's processor time over the other's.
"""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import click
import numpy as np
from numpy.typing import NDArray

from biometrics.template import Modality
from evaluation.data.images_csv import read_images
from infra.models.model_cache import cache_dir

ROUNDS, IMAGES = 7, 40
HERE = Path(__file__).parents[1]
WORKER = """
import importlib, sys, time
from dataclasses import replace
from pathlib import Path
from biometrics.errors import BiofusionError
from biometrics.template import Position

def first(*names):
    for name in names:
        try:
            return importlib.import_module(name)
        except ModuleNotFoundError:
            pass

decode = first("infra.images.decode", "infra.image").decode
name, *rows = sys.argv[1:]
extractor = getattr(importlib.import_module(f"services.{name}.extractor"), f"{name.title()}Extractor").load()
comparator = getattr(importlib.import_module(f"services.{name}.comparator"), f"{name.title()}Comparator")()
images = []
for row in rows:
    dpi, path = row.split(":", 1)
    image = decode(Path(path).read_bytes())
    images.append(replace(image, resolution_dpi=float(dpi)) if dpi else image)

def extracted():
    for image in images:
        try:
            yield extractor.extract(image, Position.UNKNOWN).template
        except BiofusionError:
            pass

stack = comparator.stack(list(extracted()))
comparator.compare(stack, stack)
print("ready", flush=True)
for _ in sys.stdin:
    begin = time.process_time()
    for _ in extracted():
        pass
    middle = time.process_time()
    comparator.compare(stack, stack)
    print(middle - begin, time.process_time() - middle, flush=True)
"""


def measured(other: Path, models: Path, modality: Modality, rows: list[str]) -> NDArray[np.float64]:
    """Processor seconds, float64 (rounds, 2 versions, 2): extraction and comparison; this version is the first."""
    environment = {**os.environ, "PYTHONPATH": ".:gen", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    with ExitStack() as stack:
        processes = [
            stack.enter_context(
                subprocess.Popen(
                    [sys.executable, "-c", WORKER, modality.name.lower(), *rows],
                    cwd=each,
                    env={**environment, "BIOFUSION_CACHE_DIR": str(cache)},
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    text=True,
                )
            )
            for each, cache in ((HERE, cache_dir()), (other, models))
        ]
        for each in processes:
            _line(each)
        return np.array([[[float(word) for word in _asked(each)] for each in processes] for _ in range(ROUNDS)])


def _asked(process: subprocess.Popen[str]) -> list[str]:
    assert process.stdin
    process.stdin.write("\n")
    process.stdin.flush()
    return _line(process).split()


def _line(process: subprocess.Popen[str]) -> str:
    assert process.stdout
    line = process.stdout.readline()
    if not line:
        raise click.ClickException("A version ended; what it printed to standard error says why.")
    return line


@click.command()
@click.argument("other", type=click.Path(path_type=Path, exists=True, file_okay=False, resolve_path=True))
@click.argument("sets", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--modality", type=click.Choice([each.name for each in Modality]), required=True)
@click.option("--models", type=click.Path(path_type=Path, resolve_path=True), help="The other's cache folder.")
def main(other: Path, sets: tuple[Path, ...], modality: str, models: Path | None) -> None:
    """Print, for each set, the processor time of an image and of a comparison, and the ratio of both versions."""
    for path in sets:
        found = read_images(path, Modality[modality])
        chosen = found[:: max(1, len(found) // IMAGES)][:IMAGES]
        rows = [f"{row.resolution_dpi or ''}:{row.path.resolve()}" for row in chosen]
        seconds = measured(other, models or cache_dir(), Modality[modality], rows)
        for k, (what, count) in enumerate((("extraction", len(rows)), ("comparison", len(rows) ** 2))):
            ratios = seconds[:, 0, k] / seconds[:, 1, k]
            low, middle, high = np.quantile(ratios, (0.25, 0.5, 0.75))
            ours, others = 1000 * np.median(seconds[:, :, k], axis=0) / count
            click.echo(
                f"{path.parent.name}, {what}: {ours:.4g} and {others:.4g} ms, "
                f"{middle:.2f} times the other's ({low:.2f}–{high:.2f}), {len(rows)} images, {ROUNDS} rounds"
            )


if __name__ == "__main__":
    main()
