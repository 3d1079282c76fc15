"""Templates ↔ records of finger minutiae."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from biometrics.errors import FieldInvalid, RecordUnsupported, TemplateModelMismatch
from biometrics.sample import EncodedMinutiae
from biometrics.template import Modality, Position, Template
from formats.blocks import CARDS, MINUTIAE
from formats.contents import MinutiaeContent, RecordFormat
from formats.minutiae.cards.write import CardOptions, write_card
from formats.minutiae.selection import most_confident
from formats.minutiae.writing.write import write_record
from formats.read import read
from infra.calibrations.pairs import EARLIER_MINUTIAE
from services.fingerprint.template.features import MODEL_ID, pack, unpack
from services.fingerprint.template.foreign import FOREIGN_MODEL_ID, from_content, to_content

MOST_VIEWS = 255
WRITTEN = (MODEL_ID, EARLIER_MINUTIAE, FOREIGN_MODEL_ID)
"""The models whose templates are written into records; signs have no place there."""


@dataclass(frozen=True, slots=True)
class Exported:
    """A template to be written into a record.

    Args:
        template: of this service, or made from a record of others.
        position: its finger.
        quality: of its sample, 0–100; None if unknown.
    """

    template: Template
    position: Position
    quality: float | None = None


def template_of(minutiae: EncodedMinutiae) -> tuple[Template, float | None]:
    """The template of one finger view in a record, and the quality that the record claims.

    Raises:
        RecordMalformed, RecordUnsupported: it is damaged, or holds no single view of minutiae.
        AcquisitionFailed: TOO_FEW_MINUTIAE.
    """
    samples = read(minutiae.data, RecordFormat[minutiae.format]).samples
    if len(samples) != 1 or not isinstance(samples[0], MinutiaeContent):
        raise RecordUnsupported(f"One view of minutiae is needed, {len(samples)} samples are in the record.")
    template = Template(Modality.FINGERPRINT, FOREIGN_MODEL_ID, pack(from_content(samples[0])))
    return template, samples[0].quality


def record_of(exported: Sequence[Exported], record_format: RecordFormat, most: int | None) -> bytes:
    """The templates as one record, the most certain minutiae of each.

    Args:
        exported: 1–255; one for a card.
        record_format: one of finger minutiae.
        most: most minutiae of each; None: 60 for a card, all for the other formats.

    Raises:
        FieldInvalid: another format, too many templates, or a number of minutiae out of range.
        TemplateMalformed, TemplateModelMismatch: a template cannot be read.
    """
    if record_format not in MINUTIAE:
        raise FieldInvalid("format", f"{record_format} is no format of minutiae. Use one of: {', '.join(MINUTIAE)}.")
    is_card = record_format in CARDS
    limit = 1 if is_card else MOST_VIEWS
    if not 1 <= len(exported) <= limit:
        raise FieldInvalid("templates", f"1 to {limit} go into this record, {len(exported)} were sent.")
    if most is not None and not 1 <= most <= MOST_VIEWS:
        raise FieldInvalid("max_minutia_count", f"1 to {MOST_VIEWS} is allowed.")
    contents = [_content(each) for each in exported]
    if is_card:
        options = CardOptions() if most is None else CardOptions(most=most)
        return write_card(contents[0], record_format, options)
    chosen = [each if most is None else most_confident(each, most) for each in contents]
    return write_record(chosen, record_format)


def _content(exported: Exported) -> MinutiaeContent:
    template = exported.template
    if template.model_id not in WRITTEN:
        raise TemplateModelMismatch(
            f"The template was made by {template.model_id}, and this service writes those of {', '.join(WRITTEN)}.",
            template_model_id=template.model_id[:100],
            service_model_id=MODEL_ID,
        )
    template.require(Modality.FINGERPRINT, template.model_id)
    return to_content(unpack(template.data), exported.position, exported.quality)
