"""What a comparison rests on, asked of the fusion service and read into shapes."""

from __future__ import annotations

from typing import Any

import numpy as np
from biofusion.fusion.v1 import decisions_pb2
from biofusion.type.v1 import explanation_pb2, modality_pb2, sample_pb2
from numpy.typing import NDArray

from console.people.person import Person
from console.values.cases import Case
from console.values.drawing import Drawn, Overlay, mark, path_of
from console.values.samples import Tab
from console.wire.calls import Calls
from infra.images.decode import ImageLimits, decode

WITHIN_S = 8.0
"""Seconds that it may take: the page waits for it."""
_CELL_PX = 16
_ANY_SIZE = ImageLimits(min_side_px=1)


class Explanations:
    """Asks what comparisons rest on.

    Args:
        calls: to the services.
    """

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    async def explain(self, person: Person, case: Case, tab: Tab, image: bytes, template: Any) -> Drawn:
        """What the comparison of the probe's sample with the enrolled one rests on.

        Args:
            person: who looks.
            case: of the samples.
            tab: which of them.
            image: of the probe; b"" if there is only a template.
            template: of the probe, as it was sealed; None if there is a picture.

        Raises:
            CallFailed: there is nothing to compare, or a service does not answer.
        """
        modality = modality_pb2.Modality.Value(f"MODALITY_{tab.modality}")
        position = modality_pb2.Position.Value(f"POSITION_{tab.position}")
        sample = sample_pb2.Sample(modality=modality, position=position)
        if template is None:
            sample.image.data = image
        else:
            sample.template.CopyFrom(template)
        request = decisions_pb2.ExplainEvidenceRequest(
            subject_id=case.subject_id, reference_position=position, sample=sample
        )
        method = self._calls.fusion.decisions.ExplainEvidence
        answer = await self._calls.ask(method, request, person, case=case.name, within_s=WITHIN_S)
        return _drawn(answer.explanation, is_blind=case.is_blind)


def _drawn(explanation: explanation_pb2.Explanation, *, is_blind: bool) -> Drawn:
    """Without what tells how alike the two are while the case is blind."""
    kind = explanation.WhichOneof("findings")
    if kind == "fingerprint":
        return _prints(explanation.fingerprint, is_blind=is_blind)
    if kind == "iris":
        return _irises(explanation.iris, is_blind=is_blind)
    networks = () if is_blind else explanation.face.networks
    facts = tuple((f"fact.cosine_{each.network}", f"{each.cosine:.2f}") for each in networks)
    return Drawn(Overlay(0, 0), Overlay(0, 0), facts=facts)


def _prints(found: explanation_pb2.FingerprintFindings, *, is_blind: bool) -> Drawn:
    pairs = () if is_blind else found.pairs
    of_probe = {each.probe_index: number for number, each in enumerate(pairs, 1)}
    of_candidate = {each.reference_index: number for number, each in enumerate(pairs, 1)}
    facts = () if is_blind else (("fact.pairs", str(len(pairs))),)
    return Drawn(_print(found.probe, of_probe), _print(found.reference, of_candidate), facts=facts)


def _print(content: explanation_pb2.PrintContent, pairs: dict[int, int]) -> Overlay:
    marks = tuple(
        mark(each.x_px, each.y_px, each.angle_degrees, forks=each.is_bifurcation, pair=pairs.get(index, 0))
        for index, each in enumerate(content.minutiae)
    )
    return Overlay(content.width_px, content.height_px, marks, path_of(_mask(content.area_png)), _CELL_PX)


def _irises(found: explanation_pb2.IrisFindings, *, is_blind: bool) -> Drawn:
    masks = [_mask(each) for each in (found.probe_mask_png, found.reference_mask_png)]
    probe, candidate = (Overlay(each.shape[1], each.shape[0], area=path_of(each)) for each in masks)
    if is_blind:
        return Drawn(probe, candidate)
    facts = (
        ("fact.compared", f"{100 * found.compared_fraction:.0f} %"),
        ("fact.differing", f"{100 * found.differing_fraction:.1f} %"),
        ("fact.rotation", f"{found.rotation_degrees:.0f}°"),
    )
    return Drawn(probe, candidate, path_of(_mask(found.differing_png)), facts)


def _mask(png: bytes) -> NDArray[np.bool_]:
    if not png:
        return np.zeros((0, 0), np.bool_)
    return np.asarray(decode(png, _ANY_SIZE).gray > 127)
