"""Training by contrast: two surroundings of one minutia are to have the same signs, all others of the batch others.

Loss: InfoNCE (van den Oord, Li and Vinyals, "Representation learning with contrastive predictive coding", 2018) of the
codes' products. Codes are tanh of the numbers at first and their signs at last, with the gradient of tanh.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from services.fingerprint.extraction.ridge_signs import BITS, PATCH_PX
from training.fingerprint.network import RidgeNet
from training.fingerprint.patches import IMPRESSIONS, LEVELS, Surroundings
from training.onnx_file import write

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Plan:
    """Parameters of a training run.

    Args:
        steps: how many.
        fingers: in a batch.
        minutiae: of each of them in a batch, each in two impressions.
        rate: highest learning rate.
        seed: of initial weights, batches and augmentation.
        hardening: from which share of the steps on codes turn into signs, and from which they are signs.
    """

    steps: int = 3000
    fingers: int = 24
    minutiae: int = 16
    rate: float = 2e-3
    seed: int = 3
    hardening: tuple[float, float] = (0.3, 0.7)


def train(samples: Surroundings, held_out: Surroundings, plan: Plan, out: Path, tell: Callable[[str], None]) -> None:
    """Train a network and write it to `out` every tenth of the steps, and at their end.

    Args:
        samples: what to train on.
        held_out: other fingers, to measure on.
        plan: parameters.
        out: the file, see `export`.
        tell: called with the loss and what is measured, after every tenth of the steps.
    """
    torch.manual_seed(plan.seed)
    random = np.random.default_rng(plan.seed)
    network, sharpness = RidgeNet(), nn.Parameter(torch.tensor(10.0))
    optimizer = torch.optim.AdamW([*network.parameters(), sharpness], plan.rate, weight_decay=1e-4)
    losses: list[float] = []
    for step, (chosen, finger) in enumerate(_batches(samples, plan, random)):
        share = step / plan.steps
        for group in optimizer.param_groups:
            group["lr"] = plan.rate * min(1.0, step / 100 + 0.05) * (0.5 + 0.5 * math.cos(math.pi * share))
        codes = _codes(network(chosen), _softness(share, plan.hardening))
        loss = _contrast(codes, finger, sharpness.clamp(2, 40))
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(network.parameters(), 5.0)
        optimizer.step()
        losses.append(float(loss.detach()))
        if (step + 1) % max(plan.steps // 10, 1) == 0 or step + 1 == plan.steps:
            export(network, out)
            tell(f"step {step + 1} of {plan.steps}: loss {np.mean(losses):.3f}; {measured(network, held_out)}")
            losses.clear()


def measured(network: RidgeNet, held_out: Surroundings) -> str:
    """How well the signs tell minutiae apart, in one line.

    The share of mated ones that agree in more bits than all but one in a hundred of those of another finger, and of
    others of the same finger; and how often the mate is the nearest.
    """
    network.eval()
    mated, others, same, nearest = [], [], [], []
    before: NDArray[np.float32] | None = None
    for finger in np.unique(held_out.finger):
        patches = held_out.patches[held_out.finger == finger]
        with torch.no_grad():
            one, other = (np.sign(network(_floats(patches[:, k])).numpy()) for k in range(2))
        likeness = one @ other.T / BITS
        mated.append(np.diag(likeness))
        same.append(likeness[~np.eye(len(likeness), dtype=np.bool_)])
        nearest.append(likeness.argmax(axis=1) == np.arange(len(likeness)))
        if before is not None:
            others.append((before @ other.T / BITS).ravel())
        before = one
    network.train()
    likenesses = np.concatenate(mated)
    shares = [np.mean(likenesses > np.quantile(np.concatenate(each), 0.99)) for each in (others, same)]
    return (
        f"{len(likenesses)} minutiae: above 99 % of another finger's {shares[0]:.3f}, of the same finger's "
        f"{shares[1]:.3f}, nearest {np.concatenate(nearest).mean():.3f}"
    )


def export(network: RidgeNet, path: Path) -> None:
    """Write the network; input `patches` float32 (n, 1, 64, 64), output `numbers` float32 (n, 32)."""
    was_training = network.training
    write(network.eval(), torch.zeros(2, 1, PATCH_PX, PATCH_PX), path, ("patches", "numbers"), "n")
    network.train(was_training)


def _batches(samples: Surroundings, plan: Plan, rng: np.random.Generator) -> Iterator[tuple[Tensor, Ints]]:
    """Two impressions of each of n minutiae, one after the other, (2n, 1, 64, 64), and the finger of each minutia."""
    order = np.argsort(samples.finger, kind="stable")
    _, first, count = np.unique(samples.finger[order], return_index=True, return_counts=True)
    usable = np.flatnonzero(count >= plan.minutiae)
    for _ in range(plan.steps):
        rows = np.concatenate(
            [
                order[first[each] + rng.choice(count[each], plan.minutiae, replace=False)]
                for each in rng.choice(usable, plan.fingers, replace=False)
            ]
        )
        pairs = np.stack([rng.choice(IMPRESSIONS, 2, replace=False) for _ in rows])
        both = [_floats(samples.patches[rows, pairs[:, k]]) for k in range(2)]
        yield _varied(torch.cat(both), rng), samples.finger[rows]


def _floats(patches: NDArray[np.int8]) -> Tensor:
    return torch.from_numpy(patches[:, None].astype(np.float32) / LEVELS)


def _varied(patches: Tensor, rng: np.random.Generator) -> Tensor:
    """Fainter or stronger, and some with nothing beyond a straight edge, as at the end of a finger."""
    count = len(patches)
    angle, reach = rng.uniform(0, 2 * np.pi, count), rng.uniform(4, 30, count)
    reach[rng.random(count) >= 0.2] = np.inf
    at = np.arange(PATCH_PX) - (PATCH_PX - 1) / 2
    along = at[None, None, :] * np.cos(angle)[:, None, None] + at[None, :, None] * np.sin(angle)[:, None, None]
    kept = torch.from_numpy((along < reach[:, None, None])[:, None])
    strength = torch.from_numpy(rng.uniform(0.6, 1.4, (count, 1, 1, 1)).astype(np.float32))
    return patches * kept * strength


def _softness(share: float, hardening: tuple[float, float]) -> float:
    """1: codes are tanh; 0: signs."""
    begin, end = hardening
    return 1 - min(1.0, max(0.0, (share - begin) / (end - begin)))


def _codes(numbers: Tensor, softness: float) -> Tensor:
    """Of length 1, or a little less."""
    soft = torch.tanh(1.5 * numbers)
    hard = soft + (torch.sign(numbers) - soft).detach()
    return (softness * soft + (1 - softness) * hard) / BITS**0.5


def _contrast(codes: Tensor, finger: Ints, sharpness: Tensor) -> Tensor:
    """Cross-entropy of each code against those of all minutiae in the other impressions, both ways.

    Other minutiae of the same finger are left out half of the time, by the parity of the finger: they are near each
    other, so their surroundings overlap.
    """
    count = len(finger)
    likeness = sharpness * codes[:count] @ codes[count:].T
    own = torch.arange(count)
    alike = torch.from_numpy(
        (finger[:, None] == finger[None]) & (finger[:, None] % 2 == 0) & ~np.eye(count, dtype=bool)
    )
    likeness = likeness.masked_fill(alike, -1e4)
    return nn.functional.cross_entropy(likeness, own) + nn.functional.cross_entropy(likeness.T, own)
