"""Extracts an image by the own model, and by each other model of which there are references."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from typing import Any, TypeVar

from biometrics.errors import AcquisitionFailed, IndexBehind
from biometrics.template import Position, Template
from gallery.index.port import Index
from infra.images.decode import Image
from services.compared import ComparedModel
from services.extraction import Extraction, Extractor

Details = TypeVar("Details")


def extracted(
    own: Extractor[Details], others: Iterable[ComparedModel[Any]], index: Index, image: Image, position: Position
) -> Extraction[Details]:
    """The own model's extraction; its template brings along those of other models. Runs in a worker thread.

    An image that only the own model can use is compared with its references only.

    Raises:
        AcquisitionFailed, ImageTooSmall: as the own extractor.
    """
    found = own.extract(image, position)
    templates: list[Template] = []
    for model in others:
        if model.extractor and _may_have(index, model):
            with suppress(AcquisitionFailed):
                templates.append(model.extractor.extract(image, position).template)
    return replace(found, template=replace(found.template, others=tuple(templates))) if templates else found


def _may_have(index: Index, model: ComparedModel[Any]) -> bool:
    """Whether there may be references of the model: in the index, or where it does not know of them."""
    try:
        return not model.is_searched or model.model_id in index.models()
    except IndexBehind:
        return True
