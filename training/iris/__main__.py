"""`python -m training.iris`: render eyes, train the segmentation network, export it. Needs the extra `training`.

1. Render plain pictures, and train on them from random weights; left out if `--start` names a network.
2. Render wide pictures and other plain ones, and train on both together from the first network's weights. With the
   second network as `--start`, other `--seeds` and a lower `--rate`, it is trained further.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

import torch

from training.iris.dataset import Rendered, rendered
from training.iris.train import Plan, train
from training.progress import described, teller

HELD_OUT_SEED = 900_000  # far from the training seeds
HELD_OUT = 1000
SECOND_PLAIN_SHARE = 4 / 11  # of the second training's pictures: with wide ones alone, eyes like those before got worse
SECOND_PLAIN_SEED = 20_000  # after the first training's
FIRST, SECOND = Plan(), Plan(epochs=3, rate=3e-3, average=0.998)


def main() -> None:
    """Train and export the shipped network, or a variant of it."""
    parser = argparse.ArgumentParser(prog="python -m training.iris", description=main.__doc__)
    parser.add_argument("--work", type=Path, default=Path("/tmp/biofusion-training"), help="for the renders")  # noqa: S108  # a default that can be lost
    parser.add_argument("--out", type=Path, default=Path("iris-segmentation.onnx"))
    parser.add_argument("--first", type=int, default=20_000, help="pictures of the first training, a multiple of 1,000")
    parser.add_argument("--second", type=int, default=22_000, help="pictures of the second one, a multiple of 11,000")
    parser.add_argument("--start", type=Path, help="an exported network instead of the first training")
    parser.add_argument("--seeds", type=int, default=0, help="added to the seeds of the second one's pictures")
    parser.add_argument("--rate", type=float, default=SECOND.rate, help="the second one's highest learning rate")
    parser.add_argument("--workers", type=int, default=2, help="rendering processes, then training threads")
    chosen = parser.parse_args()
    tell = teller()

    def pictures(first: int, count: int, *, wide: bool) -> Rendered:
        return rendered(chosen.work, first, count, chosen.workers, tell, wide=wide)

    torch.set_num_threads(chosen.workers)
    held_out = {name: pictures(HELD_OUT_SEED, HELD_OUT, wide=name == "wide") for name in ("plain", "wide")}
    start: Path | None = chosen.start
    if start is None:
        start = chosen.out.with_suffix(".first.onnx")
        train(pictures(0, chosen.first, wide=False), held_out, FIRST, start, tell)
    plain = round(SECOND_PLAIN_SHARE * chosen.second)
    wide = pictures(chosen.seeds, chosen.second - plain, wide=True)
    samples = wide + pictures(chosen.seeds + SECOND_PLAIN_SEED, plain, wide=False)
    train(samples, held_out, replace(SECOND, rate=chosen.rate), chosen.out, tell, start)
    tell(described(chosen.out))


if __name__ == "__main__":
    main()
