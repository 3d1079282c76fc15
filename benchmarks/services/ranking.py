"""Ranking 300 subjects by 13 samples, one thread, against a full decision on each, as the tests' reference does."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import combinations

import numpy as np

from benchmarks.harness import Row, compare, median_ms
from biometrics.comparison import Comparison
from biometrics.quality import Quality
from biometrics.sample import Sample
from biometrics.template import EYES, FINGERS, Modality, Position, Template
from fusion.configured import fusion_model
from fusion.evidence.likeness import Likeness, Likenesses, Relation
from fusion.matching.matchers import Hit
from fusion.ranking.identification import answer
from fusion.ranking.ranking import Asked, rank
from fusion.ranking.search import Searched
from fusion.samples.probes import Probe
from infra.settings import Settings
from tests.unit.fusion.exhaustive_ranking import rank_all

Place = tuple[Modality, Position]
EVERY: tuple[Place, ...] = (
    (Modality.FACE, Position.FACE),
    *((Modality.FINGERPRINT, finger) for finger in FINGERS),
    *((Modality.IRIS, eye) for eye in EYES),
)
SCORES = {Modality.FACE: (-0.1, 0.35), Modality.FINGERPRINT: (0.0, 12.0), Modality.IRIS: (-2.0, 6.0)}
"""Lowest and highest score of non-mated comparisons by modality, roughly."""

MODEL = fusion_model(Settings())
MATE = 7
LARGE = {"3 samples × 1,000": (3, 1000), "13 samples × 1,299": (13, 1299), "64 samples × 1,000": (64, 1000)}


def measure() -> Row:
    """Rank the small case; the CPU time of larger cases is also printed."""
    few = searched(13, 300)
    asked = Asked((), None, None, 600)
    row = compare(
        "ranking of 300 subjects by 13 samples",
        lambda: _ranked(few, asked),
        "a decision about each",
        lambda: rank_all(few, asked, MODEL).answer(10),
        (0.0, ""),
    )
    for what, (count, subjects) in LARGE.items():
        many = searched(count, subjects)
        print(f"{what}: {_cpu_ms(many, asked):.1f} ms of CPU")
    numbers = np.random.default_rng(0).normal(size=(300, 13))
    limit = median_ms(lambda: numbers.sum(axis=1).argsort())
    return replace(row, limit_ms=limit, limit="a sum and a sort")


def _cpu_ms(lists: Sequence[Searched], asked: Asked) -> float:
    """The least CPU time of some runs, ms."""
    times = []
    for _ in range(5):
        begin = time.process_time()
        _ranked(lists, asked)
        times.append(time.process_time() - begin)
    return 1000 * min(times)


def _ranked(lists: Sequence[Searched], asked: Asked) -> object:
    ranking = rank(lists, replace(asked, subject_count=2 * len(lists[0].hits)), MODEL)
    return ranking.is_incomplete, ranking.has_match, answer(ranking, 10)


def searched(sample_count: int, subject_count: int) -> list[Searched]:
    """Results of searches by `sample_count` samples, spread evenly over positions; one of the subjects is the mate."""
    places = (
        sorted((EVERY * 5)[:sample_count], key=EVERY.index) if sample_count > 3 else [EVERY[0], EVERY[1], EVERY[11]]
    )
    return [_searched(probe, subject_count) for probe in _probes(places)]


def _probes(places: Sequence[Place]) -> Iterator[Probe]:
    rng = np.random.default_rng(0)
    alike: list[list[Likeness]] = [[] for _ in places]
    for one, other in combinations(range(len(places)), 2):
        if places[one][0] is places[other][0]:
            same = places[one] == places[other]
            what = Relation.SAME_SOURCE if same else Relation.OTHER_SOURCE
            likeness = Likeness(other, Comparison(1.0, 1.0, 0.1, ""), what, rng.uniform(0.2, 0.6) if same else 1.0)
            alike[one].append(likeness)
            alike[other].append(replace(likeness, sample=one))
    for number, (modality, position) in enumerate(places):
        template = Template(modality, "made-up", b"made up")
        yield Probe(
            Sample(modality, position, template), template, Quality(60.0), None, number, Likenesses(alike[number])
        )


def _searched(probe: Probe, subject_count: int) -> Searched:
    low, high = SCORES[probe.modality]
    scores = low + (high - low) * np.random.default_rng(probe.number).beta(2, 8, subject_count)
    scores[MATE] = 3 * high
    ids = [f"subject-{number:05}" for number in range(subject_count)]
    hits = {each: Hit(each, score, probe.position, 1) for each, score in zip(ids, scores.tolist(), strict=True)}
    return Searched(probe, hits, float(scores.min()), 2 * subject_count)
