"""Fixtures of the fusion tests: fake matchers whose scores are LLRs, and a store in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from biometrics.calibration.score_calibration import Calibration
from biometrics.errors import AcquisitionFailed, BiofusionError
from biometrics.quality import Quality
from biometrics.sample import EncodedImage, Sample
from biometrics.template import Modality, Position, Template
from fusion.matching.matchers import Extracted, Found, Hit
from fusion.models.model import FusionModel
from gallery.store.values import ConsistencyToken
from tests.support.fakes.memory_store import MemoryStore

COMPARATORS = {modality: f"{modality.lower()}-test-1" for modality in Modality}
UUID = "11111111-1111-4111-8111-{:012d}"


def calibration(modality: Modality) -> Calibration:
    """A calibration whose LLR is the score to 1e-6, where that is between -6 and 6."""
    return Calibration(
        comparator_id=COMPARATORS[modality],
        model_id=f"{modality.lower()}-model-1",
        family="affine",
        scores=(-1.0, 1.0),
        llrs=(-1.0, 1.0),
        quality=None,
        fmr_scores=(0.0, 12.0),
        fmr_log10=(0.0, -12.0),
        margin=1.0,
        mated_count=3_000_000_000_000,
        non_mated_count=3_000_000_000_000,
        effective_mated_count=3_000_000_000_000,
        effective_non_mated_count=3_000_000_000_000,
        people_count=100,
        sensors=(),
        folds=2,
        cllr=0.1,
        min_cllr=0.1,
        cllr_by_family={"affine": 0.1},
        source="made up for tests",
        date="2026-01-01",
        command="none",
    )


def model() -> FusionModel:
    """FMR 1e-4, FPIR 1e-2, a review band of two powers of ten."""
    calibrations = {COMPARATORS[modality]: calibration(modality) for modality in Modality}
    return FusionModel(calibrations, COMPARATORS, fmr=1e-4, fpir=1e-2, review_band_llr=2.0)


def template(modality: Modality, who: str) -> Template:
    """A template of a person: its data is the person's name."""
    return Template(modality, f"{modality.lower()}-model-1", who.encode())


def sample(modality: Modality, who: str, position: Position = Position.UNKNOWN) -> Sample:
    """An image of a person; `nobody` cannot be used."""
    return Sample(modality, position, EncodedImage(who.encode()))


@dataclass
class FakeMatcher:
    """A Matcher over the store's subjects: `mated` when the names are equal, else `non_mated`.

    Set `error` to make every call raise it, `returned` to limit what a search returns, `unsearched` to make the first
    `unsearched_calls` searches say that so many partitions were not searched.
    """

    modality: Modality
    store: MemoryStore
    mated: float = 5.0
    non_mated: float = -3.0
    error: BiofusionError | None = None
    returned: tuple[str, ...] | None = None
    unsearched: int = 0
    unsearched_calls: int = 1_000_000
    scored: list[str] = field(default_factory=list)
    quality: float = 80.0

    async def extract(self, image: EncodedImage, position: Position, timeout_s: float) -> Extracted:
        """A template of the image's bytes."""
        self._answer()
        if image.data == b"nobody":
            raise AcquisitionFailed("Nothing there.", reason="NOTHING_FOUND")
        return Extracted(template(self.modality, image.data.decode()), Quality(self.quality))

    async def compare(self, probe: Template, references: Sequence[Template], timeout_s: float) -> list[float]:
        """Scores by name."""
        self._answer()
        return [self.mated if reference.data == probe.data else self.non_mated for reference in references]

    async def search(self, probe: Sample, gallery: str, limit: int, token: ConsistencyToken, timeout_s: float) -> Found:
        """All subjects of the gallery, or those in `returned`."""
        self._answer()
        ids = [i for i, subject in self.store.subjects.items() if gallery in subject.galleries]
        hits = self._hits(probe, ids if self.returned is None else [i for i in ids if i in self.returned])
        self.unsearched_calls -= 1
        unsearched = self.unsearched if self.unsearched_calls >= 0 else 0
        return Found(hits[:limit], len(self._hits(probe, ids)), unsearched)

    async def score(
        self, probe: Sample, subject_ids: Sequence[str], token: ConsistencyToken, timeout_s: float
    ) -> list[Hit]:
        """Scores by name."""
        self._answer()
        self.scored += subject_ids
        return self._hits(probe, subject_ids)

    def _hits(self, probe: Sample, subject_ids: Sequence[str]) -> list[Hit]:
        hits = []
        for subject_id in subject_ids:
            references = [
                reference
                for reference in self.store.subjects[subject_id].active_references
                if reference.modality is self.modality and reference.position.comparable(probe.position)
            ]
            scores = [self.mated if r.template.data == probe.source.data else self.non_mated for r in references]
            if scores:
                best = scores.index(max(scores))
                hits.append(Hit(subject_id, scores[best], references[best].position, len(scores)))
        return sorted(hits, key=lambda hit: (-hit.score, hit.subject_id))

    def _answer(self) -> None:
        if self.error:
            raise self.error


def matchers(store: MemoryStore) -> dict[Modality, FakeMatcher]:
    """One fake matcher per modality."""
    return {modality: FakeMatcher(modality, store) for modality in Modality}
