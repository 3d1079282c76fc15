"""Training by stochastic gradient descent on rendered eyes, and measuring the network on held-out ones."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from training.iris.dataset import Rendered
from training.iris.export import export, restored
from training.iris.network import OUTPUTS, IrisNet
from training.iris.samples import TARGETS


@dataclass(frozen=True, slots=True)
class Plan:
    """Parameters of a training run.

    Args:
        epochs: passes over the samples.
        batch: samples per step.
        rate: highest learning rate.
        seed: seed of initial weights, order and augmentation.
        average: share that the running average of the weights keeps at each step; it is what is measured and exported.
            0: the weights themselves.
    """

    epochs: int = 7
    batch: int = 32
    rate: float = 4e-3
    seed: int = 7
    average: float = 0.0


def train(
    samples: Rendered,
    held_out: Mapping[str, Rendered],
    plan: Plan,
    out: Path,
    tell: Callable[[str], None],
    start: Path | None = None,
) -> None:
    """Train a network and export it, after every epoch, so that one broken off is of use.

    Args:
        samples: what to train on.
        held_out: what to measure on, by name.
        plan: parameters.
        out: the file, see `export`.
        tell: called with the loss and the held-out IoU after every epoch.
        start: a file that `export` wrote, to begin from its weights; none: random ones.
    """
    torch.manual_seed(plan.seed)
    first = restored(start, _images(samples.images[:: len(samples) // 200])) if start else IrisNet()
    network: IrisNet = first.to(memory_format=torch.channels_last)
    if start:
        tell(f"{start.name}: IoU of {_told(network, held_out)}")
    averaged = AveragedModel(network, multi_avg_fn=get_ema_multi_avg_fn(plan.average), use_buffers=True)
    optimizer = torch.optim.AdamW(network.parameters(), plan.rate, weight_decay=1e-3)
    steps = plan.epochs * (len(samples) // plan.batch)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: _rate(step / steps))
    for epoch in range(plan.epochs):
        network.train()
        losses = []
        for images, targets in _batches(samples, plan.batch, np.random.default_rng([plan.seed, epoch])):
            optimizer.zero_grad()
            loss = _loss(network(images), targets)
            loss.backward()
            optimizer.step()
            schedule.step()
            averaged.update_parameters(network)
            losses.append(float(loss.detach()))
        export(averaged.module, out)
        measured = _told(averaged.module, held_out)
        tell(f"epoch {epoch + 1} of {plan.epochs}: loss {np.mean(losses):.4f}; IoU of {measured}")


def _told(network: IrisNet, held_out: Mapping[str, Rendered]) -> str:
    return "; ".join(f"{name}: {_named(measure(network, samples))}" for name, samples in held_out.items())


def _named(overlaps: tuple[float, ...]) -> str:
    return ", ".join(f"{name} {value:.3f}" for name, value in zip(TARGETS, overlaps, strict=True))


def _rate(share: float) -> float:
    """Learning rate as a share of the highest: rises over the first 5 % of the steps, then falls along a cosine."""
    return share / 0.05 if share < 0.05 else 0.5 + 0.5 * math.cos(math.pi * min((share - 0.05) / 0.95, 1.0))


def _batches(samples: Rendered, batch: int, rng: np.random.Generator) -> Iterator[tuple[Tensor, Tensor]]:
    order = rng.permutation(len(samples))
    for start in range(0, len(order) - batch + 1, batch):
        chosen = order[start : start + batch]
        images, targets = samples.images[chosen], samples.targets[chosen]
        if rng.random() < 0.5:
            images, targets = images[..., ::-1], targets[..., ::-1]
        yield _images(images), _targets(targets)


def _images(images: NDArray[np.uint8]) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(images[:, None], np.float32))


def _targets(packed: NDArray[np.uint8]) -> Tensor:
    bits = (packed[:, None] >> np.arange(OUTPUTS, dtype=np.uint8)[:, None, None]) & 1
    return torch.from_numpy(np.ascontiguousarray(bits, np.float32))


def _loss(logits: Tensor, targets: Tensor) -> Tensor:
    """Cross-entropy per pixel plus Dice loss per sample; all targets have the same weight."""
    entropy = nn.functional.binary_cross_entropy_with_logits(logits, targets, reduction="none")
    shares = torch.sigmoid(logits)
    both = (shares * targets).sum(dim=(2, 3))
    either = shares.sum(dim=(2, 3)) + targets.sum(dim=(2, 3))
    dice = 1 - (2 * both + 30) / (either + 30)
    return 2 * entropy.mean() + 0.25 * dice.mean()


def measure(network: IrisNet, held_out: Rendered) -> tuple[float, ...]:
    """Return the intersection over union of each target over all held-out samples together."""
    network.eval()
    both, either = torch.zeros(OUTPUTS), torch.zeros(OUTPUTS)
    for start in range(0, len(held_out), 50):
        with torch.no_grad():
            found = network(_images(held_out.images[start : start + 50])) > 0
        wanted = _targets(held_out.targets[start : start + 50]) > 0.5
        both += (found & wanted).sum(dim=(0, 2, 3))
        either += (found | wanted).sum(dim=(0, 2, 3))
    return tuple(float(value) for value in both / either.clamp(min=1))
