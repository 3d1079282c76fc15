"""Compares fingerprint templates by descriptors, relaxation and elastic alignment, and screens galleries."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from biometrics.comparison import Scores
from biometrics.errors import TemplateMalformed
from biometrics.explanation import Explained
from biometrics.packed_templates import PackedTemplates
from biometrics.template import Modality, Template
from infra.calibrations.pairs import EARLIER_COMPARATOR, EARLIER_MINUTIAE, FOREIGN_COMPARATOR, FOREIGN_MINUTIAE
from infra.kernels.kernel import kernel
from services.fingerprint.comparison.explanation import Pairing, pairing
from services.fingerprint.comparison.findings import explained
from services.fingerprint.comparison.prints import Prints, at, new_room, open_in, precedes
from services.fingerprint.comparison.score import MIN_PAIRS, score
from services.fingerprint.comparison.stack import PrintStack, gathered, stacked
from services.fingerprint.screening.screening import screen_all, units
from services.fingerprint.template.arrays import Indices, Print, Workspace, workspace
from services.fingerprint.template.features import BLANK, MODEL_ID, minutiae_count, pack, unpack
from services.fingerprint.template.unpacking import Packed
from services.kernels.warm_up import exercise

AT_ONCE = 2
"""Most references that are compared on the event loop: 0.2 ms, or 3 ms if 100 minutiae of each are all alike."""

EXHAUSTIVE_ROWS = 250
"""Galleries of up to this many references are compared in full. Of larger ones the best by screening are: this many, or
`screened_share` if that is more. Of 1,000 that is a quarter (how many mates it keeps: docs/measurements/search.md)."""


class FingerprintComparator:
    """Compares minutiae sets (comparison/) and screens galleries (screening/). Implements `ScreeningComparator`.

    Score: √(local · geometric) and what paired minutiae that are alike add, minus the score expected by chance
    (comparison/score.py), about −0.4 to 9, higher is more alike; 0 if fewer than three minutiae look alike. a·b and b·a
    score the same. Signs of ridges count if both templates have them; if not, the score is that of the previous model,
    `EarlierMinutiaeComparator`, or of others' minutiae. The calibration of the pair of models maps scores to LLRs.
    """

    modality = Modality.FINGERPRINT
    comparator_id = "fingerprint-signs-1"
    model_id = MODEL_ID
    screened_share = 0.05

    def __init__(self) -> None:
        """Compile the kernels, or load them from the cache, so that no request waits for it."""
        exercise(self, Template(self.modality, self.model_id, pack(BLANK)))

    def stack(self, templates: Sequence[Template]) -> PrintStack:
        """Check templates and encode their minutiae, about 0.06 ms each.

        Raises:
            TemplateMalformed: a template's data is not what its model id promises.
            TemplateModelMismatch: a template of another model.
        """
        return self.stack_packed(self._packed(templates))

    def stack_packed(self, templates: PackedTemplates) -> PrintStack:
        """As `stack`, of the data of templates of this model. Raises TemplateMalformed."""
        return stacked(templates)

    def gather(self, parts: Sequence[tuple[PrintStack, Indices]]) -> PrintStack:
        """One stack of chosen rows of several stacks, in order."""
        return gathered(parts)

    def compare(self, probes: PrintStack, references: PrintStack) -> Scores:
        """Compare every probe with every reference; float32, shape (probes, references)."""
        scores = np.empty((len(probes), len(references)), np.float32)
        _compare(probes.opened, probes.packed, references.packed, scores, workspace())
        return scores

    def compare_templates(self, probe: Template, references: Sequence[Template]) -> Scores:
        """Compare one template with each reference; float32, shape (references,). Raises as `stack`."""
        one, others = (stacked(self._packed(each), is_gallery=False) for each in ([probe], references))
        scores: Scores = self.compare(one, others)[0]
        return scores

    def compare_pairs(
        self,
        probes: PrintStack,
        references: PrintStack,
        probe_rows: NDArray[np.int64],
        reference_rows: NDArray[np.int64],
    ) -> Scores:
        """Compare pairs of a probe row and a reference row; float32, shape (pairs,)."""
        scores = np.empty(len(probe_rows), np.float32)
        _compare_pairs(probes.opened, probes.packed, references.packed, probe_rows, reference_rows, scores, workspace())
        return scores

    def screen(self, probes: PrintStack, references: PrintStack) -> Scores:
        """Screening scores of every probe with every reference; float32, shape (probes, references), ≥ 0.

        They rank the references of one probe; they are not comparable across probes, and not symmetric.
        """
        scores = np.empty((len(probes), len(references)), np.float32)
        screen_all(probes.packed, probes.codes, references.packed, references.codes, units(), scores)
        return scores

    def screening_error(self, probes: PrintStack, references: PrintStack) -> float:  # noqa: ARG002 - the port's signature
        """0: screening scores only rank, they do not approximate `compare`."""
        return 0.0

    def pairing(self, probe: Template, reference: Template) -> Pairing:
        """The pairs of minutiae that the score of two templates rests on. Raises as `stack`."""
        one, other = (stacked(self._packed([each]), is_gallery=False) for each in (probe, reference))
        return pairing(one, other)

    def explain(self, probe: Template, reference: Template) -> Explained:
        """The score of two templates with what it is made of. Raises as `stack`."""
        return explained(self.pairing(probe, reference), unpack(probe.data), unpack(reference.data))

    def check(self, template: Template) -> None:
        """Refuse a template with too few minutiae, which would score 0 with every other one.

        Raises:
            TemplateMalformed: it has fewer than three.
        """
        count = minutiae_count(template.data)
        if template.model_id == self.model_id and count < MIN_PAIRS:
            raise TemplateMalformed(
                f"The fingerprint template has {count} minutiae, and at least {MIN_PAIRS} are needed to compare it. "
                "Extract it from an image of more of the finger."
            )

    def _packed(self, templates: Sequence[Template]) -> PackedTemplates:
        for template in templates:
            template.require(self.modality, self.model_id)
        return PackedTemplates.of([template.data for template in templates])


class EarlierMinutiaeComparator(FingerprintComparator):
    """The comparison of the previous model's templates, which have no signs; its scores are as they were.

    Own templates have the same minutiae: with templates of that model they are compared without their signs.
    """

    comparator_id = EARLIER_COMPARATOR
    model_id = EARLIER_MINUTIAE


class ForeignMinutiaeComparator(FingerprintComparator):
    """The same comparison, without signs, for minutiae that other extractors found, laid out as the own ones.

    Other extractors find other minutiae and other spurious ones, so the scores have a calibration of their own.
    """

    comparator_id = FOREIGN_COMPARATOR
    model_id = FOREIGN_MINUTIAE


@kernel
def _compare(probes: Prints, packed: Packed, references: Packed, scores: Scores, w: Workspace) -> None:
    memory = new_room()
    for row in range(scores.shape[1]):
        reference = open_in(memory, references, row)
        for k in range(scores.shape[0]):
            scores[k, row] = _score(at(probes, k), reference, precedes(packed, k, references, row), w)


@kernel
def _compare_pairs(
    probes: Prints,
    packed: Packed,
    references: Packed,
    probe_rows: Indices,
    reference_rows: Indices,
    scores: Scores,
    w: Workspace,
) -> None:
    memory = new_room()
    for pair in range(len(scores)):
        k, row = probe_rows[pair], reference_rows[pair]
        reference = open_in(memory, references, row)
        scores[pair] = _score(at(probes, k), reference, precedes(packed, k, references, row), w)


@kernel
def _score(probe: Print, reference: Print, in_order: bool, w: Workspace) -> float:  # noqa: FBT001 - a kernel takes no keywords
    """Score of two prints; always lays the one that `precedes` over the other, so that a·b equals b·a."""
    if in_order:
        return float(score(probe, reference, w))
    return float(score(reference, probe, w))
