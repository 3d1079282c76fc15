"""Chimeric people: a face, a finger and an eye of different people combined as one person. Deterministic."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from biometrics.calibration.curves import Floats
from biometrics.comparison import Comparator
from biometrics.errors import FieldInvalid
from biometrics.template import Template
from evaluation.data.csv_rows import read_rows
from evaluation.evaluate import TEMPLATES
from evaluation.protocol.template_cache import TemplateCache
from studies.references.impression_kinds import KINDS

Numbers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Source:
    """One finger, eye or face of an evaluated set.

    Args:
        set_number: number of the folder it is from.
        subject: its subject in that set.
        templates: templates of its usable images, in order of samples.csv.
        qualities: qualities of the same images, 0–100.
    """

    set_number: int
    subject: str
    templates: tuple[Template, ...]
    qualities: tuple[float, ...]


def sources_of(folder: Path, set_number: int, comparator: Comparator[Any]) -> list[Source]:
    """The fingers, eyes or faces of a folder of `biofusion evaluate`, those with most images first.

    Of the two eyes of a person, only the one with more images is taken.

    Raises:
        FieldInvalid: no samples.csv of `biofusion evaluate`.
        ConfigurationInvalid: its templates cannot be read.
    """
    rows = [fields for _, fields in read_rows(folder / "samples.csv", ("path", "subject", "position"))]
    with TemplateCache(folder / TEMPLATES) as cache:
        known = {key.split("|", 4)[4]: each for key, each in cache.items() if key.startswith(comparator.model_id + "|")}
    found: dict[tuple[str, str], list[tuple[Template, float]]] = {}
    for row in rows:
        sample = known.get(row["path"])
        if sample and sample.template:
            template = Template(comparator.modality, comparator.model_id, sample.template)
            found.setdefault((row["subject"], row["position"]), []).append((template, sample.quality))
    best: dict[str, Source] = {}
    for (subject, _), images in sorted(found.items(), key=lambda each: (-len(each[1]), each[0])):
        best.setdefault(subject, Source(set_number, subject, *zip(*images, strict=True)))
    return list(best.values())


@dataclass(frozen=True, slots=True)
class Column:
    """One comparator's scores of all samples of all people with each other.

    Args:
        scores: float32, shape (n, n) with n = people · samples; NaN where both samples are the same image.
        qualities: quality of each sample, 0–100, shape (n,).
        set_number: number of the set that each sample is from, shape (n,).
    """

    scores: NDArray[np.float32]
    qualities: Floats
    set_number: Numbers


def column_of(sources: Sequence[Source], samples: int, comparator: Comparator[Any], condition: str) -> Column:
    """Compare the samples of chimeric people: sample i is image i of its source; after the last, images repeat.

    Args:
        sources: one per person, with at least one image each.
        samples: number of samples of each person.
        comparator: comparator of their templates.
        condition: how templates are made worse first (studies/references/impression_kinds.py); "" for not at all.
    """
    images = [[number % len(each.templates) for number in range(samples)] for each in sources]
    picked = [(place, source, image) for place, source in enumerate(sources) for image in images[place]]
    templates = [source.templates[image] for _, source, image in picked]
    probes, references = _worse(templates, comparator, condition)
    scores = np.asarray(comparator.compare(comparator.stack(probes), comparator.stack(references)), np.float32)
    identity = np.asarray([place * 1000 + image for place, _, image in picked])
    scores[identity[:, None] == identity] = np.nan
    qualities = np.asarray([source.qualities[image] for _, source, image in picked])
    return Column(scores, qualities, np.asarray([source.set_number for _, source, _ in picked]))


def _worse(
    templates: Sequence[Template], comparator: Comparator[Any], condition: str
) -> tuple[Sequence[Template], Sequence[Template]]:
    if not condition:
        return templates, templates
    kind = KINDS.get(comparator.modality)
    if kind is None or condition not in kind.conditions:
        raise FieldInvalid("condition", f"{condition} is no condition of {comparator.modality}.")
    of_probes, of_references = kind.conditions[condition]
    return (
        [kind.perturbed(each, of_probes, 2 * number) for number, each in enumerate(templates)],
        [kind.perturbed(each, of_references, 2 * number + 1) for number, each in enumerate(templates)],
    )
