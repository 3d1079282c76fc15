"""`python -m training.iris`: render eyes, train the segmentation network, export it. Needs the extra `training`."""

from __future__ import annotations

import argparse
import hashlib
import sys
import time
from pathlib import Path

import torch

from training.iris.dataset import rendered
from training.iris.export import export
from training.iris.train import Plan, train

HELD_OUT_SEED = 900_000  # far from the training seeds


def main() -> None:
    """Train and export the shipped network, or a variant of it."""
    parser = argparse.ArgumentParser(prog="python -m training.iris", description=main.__doc__)
    parser.add_argument("--work", type=Path, default=Path("/tmp/biofusion-training"), help="for the renders")  # noqa: S108  # a default that can be lost
    parser.add_argument("--out", type=Path, default=Path("iris-segmentation.onnx"))
    parser.add_argument("--renders", type=int, default=20_000, help="a multiple of 1,000")
    parser.add_argument("--epochs", type=int, default=Plan().epochs)
    parser.add_argument("--workers", type=int, default=2, help="rendering processes, then training threads")
    chosen = parser.parse_args()
    begin = time.monotonic()

    def tell(line: str) -> None:
        sys.stdout.write(f"{time.monotonic() - begin:6.0f} s  {line}\n")
        sys.stdout.flush()

    held_out = rendered(chosen.work, HELD_OUT_SEED, 1000, chosen.workers, tell)
    samples = rendered(chosen.work, 0, chosen.renders, chosen.workers, tell)
    torch.set_num_threads(chosen.workers)
    network = train(samples, held_out, Plan(epochs=chosen.epochs), tell)
    export(network, chosen.out)
    data = chosen.out.read_bytes()
    tell(f"{chosen.out}: {len(data)} bytes, sha256 {hashlib.sha256(data).hexdigest()}")


if __name__ == "__main__":
    main()
