"""`python -m training.fingerprint`: make up ridges, train the network that describes them, and export it.

Needs the extra `training`.
"""

from __future__ import annotations

import argparse
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
import torch

from training.fingerprint.patches import Surroundings, rendered
from training.fingerprint.train import Plan, train
from training.progress import described, teller

HELD_OUT_SEED = 900_000  # far from the training seeds
HELD_OUT = 100
AT_ONCE = 100  # fingers of one file
STEPS = Plan().steps


def main() -> None:
    """Train and export the network."""
    parser = argparse.ArgumentParser(prog="python -m training.fingerprint", description=main.__doc__)
    parser.add_argument("--work", type=Path, default=Path("/tmp/biofusion-training"), help="for the ridges")  # noqa: S108  # a default that can be lost
    parser.add_argument("--out", type=Path, default=Path("ridge-signs.onnx"))
    parser.add_argument("--fingers", type=int, default=2000, help="made up, a multiple of 100")
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("--workers", type=int, default=2, help="processes that make ridges, then training threads")
    chosen = parser.parse_args()
    tell = teller()

    chosen.work.mkdir(parents=True, exist_ok=True)
    parts = [(first, AT_ONCE) for first in range(0, chosen.fingers, AT_ONCE)]
    with ProcessPoolExecutor(chosen.workers) as pool:
        made = list(pool.map(rendered, *zip(*((chosen.work, *part) for part in parts), strict=True)))
    samples = Surroundings(
        np.concatenate([each.patches for each in made]), np.concatenate([each.finger for each in made])
    )
    held_out = rendered(chosen.work, HELD_OUT_SEED, HELD_OUT)
    tell(f"{len(samples.finger)} minutiae of {chosen.fingers} made-up fingers, {len(held_out.finger)} held out")
    torch.set_num_threads(chosen.workers)
    train(samples, held_out, Plan(steps=chosen.steps), chosen.out, tell)
    tell(described(chosen.out))


if __name__ == "__main__":
    main()
