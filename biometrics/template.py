"""Templates: the packed features of one sample, with modality, position and the model that made them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum

from biometrics.errors import PositionInvalid, TemplateMalformed, TemplateModelMismatch


class Modality(StrEnum):
    """A biometric characteristic type (ISO/IEC 2382-37)."""

    FACE = "FACE"
    FINGERPRINT = "FINGERPRINT"
    IRIS = "IRIS"


class Position(StrEnum):
    """Which instance of the characteristic: the face, one of ten fingers, one of two eyes.

    Left and right as seen by the subject.
    """

    UNKNOWN = "UNKNOWN"
    FACE = "FACE"
    RIGHT_THUMB = "RIGHT_THUMB"
    RIGHT_INDEX = "RIGHT_INDEX"
    RIGHT_MIDDLE = "RIGHT_MIDDLE"
    RIGHT_RING = "RIGHT_RING"
    RIGHT_LITTLE = "RIGHT_LITTLE"
    LEFT_THUMB = "LEFT_THUMB"
    LEFT_INDEX = "LEFT_INDEX"
    LEFT_MIDDLE = "LEFT_MIDDLE"
    LEFT_RING = "LEFT_RING"
    LEFT_LITTLE = "LEFT_LITTLE"
    RIGHT_EYE = "RIGHT_EYE"
    LEFT_EYE = "LEFT_EYE"

    def comparable(self, other: Position) -> bool:
        """Whether samples of these two positions may come from one source: equal, or at least one UNKNOWN."""
        return self == other or Position.UNKNOWN in (self, other)


FINGERS = tuple(p for p in Position if p.name.endswith(("THUMB", "INDEX", "MIDDLE", "RING", "LITTLE")))
EYES = (Position.RIGHT_EYE, Position.LEFT_EYE)

POSITIONS: dict[Modality, tuple[Position, ...]] = {
    Modality.FACE: (Position.FACE,),
    Modality.FINGERPRINT: (*FINGERS, Position.UNKNOWN),
    Modality.IRIS: (*EYES, Position.UNKNOWN),
}


def check_position(modality: Modality, position: Position) -> Position:
    """Return the position to store: FACE for a face of UNKNOWN position, else the position as given.

    Raises:
        PositionInvalid: the modality does not have this position.
    """
    if modality is Modality.FACE and position is Position.UNKNOWN:
        return Position.FACE
    if position not in POSITIONS[modality]:
        allowed = ", ".join(POSITIONS[modality])
        raise PositionInvalid(
            f"{position} is no position of {modality}. Use one of: {allowed}.",
            field="position",
            modality=modality,
            position=position,
        )
    return position


class MissingReason(StrEnum):
    """Why a position has no sample (ISO/IEC 19794, BIAS 30108-1)."""

    NOT_CAPTURED = "NOT_CAPTURED"
    AMPUTATED = "AMPUTATED"
    BANDAGED = "BANDAGED"
    DAMAGED = "DAMAGED"
    LOW_QUALITY = "LOW_QUALITY"
    SERVICE_UNAVAILABLE = "SERVICE_UNAVAILABLE"


MAX_OTHERS = 4
"""Most templates of other models that a template brings along."""


@dataclass(frozen=True, slots=True)
class Template:
    """The features of one sample, in the packed form of the model that made them.

    Args:
        modality: the biometric characteristic.
        model_id: extractor and version; templates of equal model ids are comparable, and those of some pairs of models
            (infra/calibrations/pairs.py).
        data: packed features, at least one byte; the folder `template` of each matching
            service documents its layout. Never shown in a repr, as it is biometric data.
        others: up to 4 templates of the same sample by other models, for comparison with references of these models;
            not stored.

    Raises:
        TemplateMalformed: no data, or no model id; or `others` has too many, of another modality or with others.
    """

    modality: Modality
    model_id: str
    data: bytes = field(repr=False)
    others: tuple[Template, ...] = field(default=(), repr=False)

    def __post_init__(self) -> None:
        if not self.data:
            raise TemplateMalformed("The template has no data. Extract it from an image first.", field="data")
        if not self.model_id:
            raise TemplateMalformed(
                "The template has no model_id. Send it as ExtractTemplate returned it.", field="model_id"
            )
        if self.others:
            self._check_others()

    def _check_others(self) -> None:
        if len(self.others) > MAX_OTHERS:
            raise TemplateMalformed(
                f"{len(self.others)} templates of other models were sent with one, and at most {MAX_OTHERS} are taken. "
                "Send it as ExtractTemplate returned it.",
                field="others",
            )
        if any(each.others or each.modality is not self.modality for each in self.others):
            raise TemplateMalformed(
                "A template's others must be of its modality, without others of their own. Send it as ExtractTemplate "
                "returned it.",
                field="others",
            )

    @property
    def by_each(self) -> tuple[Template, ...]:
        """The sample's templates by every model, this one first."""
        return self.alone, *self.others

    @property
    def alone(self) -> Template:
        """The template without those of other models, as it is stored."""
        return replace(self, others=()) if self.others else self

    def of_model(self, model_id: str) -> Template:
        """The same data under another model's id, which has the same layout."""
        return self.alone if self.model_id == model_id else Template(self.modality, model_id, self.data)

    def require(self, modality: Modality, model_id: str) -> None:
        """Check that the template is of this modality and model.

        Raises:
            TemplateMalformed: it is of another modality.
            TemplateModelMismatch: it is of another model; enrol the subject again with this one.
        """
        if self.modality is not modality:
            raise TemplateMalformed(
                f"A {self.modality} template was sent where {modality} is compared. Send a {modality} template, or "
                f"this one to the {self.modality.lower()} service.",
                field="modality",
            )
        if self.model_id != model_id:
            raise TemplateModelMismatch(
                f"The template was made by {self.model_id}, and this service compares {model_id}. "
                "Extract it again from the image.",
                template_model_id=self.model_id[:100],
                service_model_id=model_id,
            )
