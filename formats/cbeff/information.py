"""What a biometric information record (BIR) says of its data block, and the words of its header."""

from __future__ import annotations

from dataclasses import dataclass, field

from biometrics.errors import RecordMalformed, RecordUnsupported
from biometrics.template import FINGERS, Modality, Position

NAMESPACE = "http://standards.iso.org/iso-iec/19785/-3/ed-2/"

MODALITY_OF_FORMAT = {"7": Modality.FINGERPRINT, "2": Modality.FINGERPRINT, "8": Modality.FACE, "9": Modality.IRIS}
"""By the type of the format: finger picture, minutiae, face, iris. Its organisation differs between writers."""
TYPES = {"Finger": Modality.FINGERPRINT, "Face": Modality.FACE, "Iris": Modality.IRIS}
EXCEPTION_PHOTO = "ExceptionPhoto"
_DIGITS = {
    "Thumb": "THUMB",
    "IndexFinger": "INDEX",
    "MiddleFinger": "MIDDLE",
    "RingFinger": "RING",
    "LittleFinger": "LITTLE",
}
_SIDES = {"Left": "LEFT", "Right": "RIGHT"}


@dataclass(slots=True)
class Information:
    """The header of one BIR and its data block, as text; "" where the BIR does not have it.

    Args:
        number: place among all BIRs of the document, from 1.
        format_type: BDBInfo/Format/Type.
        types: BDBInfo/Type, words.
        subtypes: BDBInfo/Subtype, words.
        score: BDBInfo/Quality/Score.
        encrypted: BDBInfo/Encryption.
        exception: others/entry with the key EXCEPTION.
        block: BDB, in base64.
        has_children: whether BIRs are inside it.
    """

    number: int
    format_type: str = ""
    types: str = ""
    subtypes: str = ""
    score: str = ""
    encrypted: str = ""
    exception: str = ""
    block: str = field(default="", repr=False)
    has_children: bool = False

    @property
    def where(self) -> str:
        """The place in the document for messages."""
        return f"BIR {self.number}"

    @property
    def is_exception_photo(self) -> bool:
        """Whether it is a photograph of what could not be captured: no sample."""
        return EXCEPTION_PHOTO in self.types.split()

    def modality(self) -> Modality | None:
        """Return the modality that the header states; None if it states none.

        Raises:
            RecordUnsupported: another kind of data block or characteristic.
            RecordMalformed: format and type contradict each other.
        """
        if self.format_type and self.format_type not in MODALITY_OF_FORMAT:
            raise RecordUnsupported(
                f"{self.where} has a data block of a format type other than 7 (finger), 2 (minutiae), 8 (face) and "
                "9 (iris)."
            )
        by_format = MODALITY_OF_FORMAT.get(self.format_type)
        by_type = {TYPES[word] for word in self.types.split() if word in TYPES}
        if self.types and not by_type:
            raise RecordUnsupported(f"{self.where} is of no finger, face or iris.")
        if by_format and by_type and by_format not in by_type:
            raise RecordMalformed(
                f"{self.where} has the format of a {by_format} and the type {'/'.join(sorted(by_type))}."
            )
        return by_format or (by_type.pop() if len(by_type) == 1 else None)

    def position(self, modality: Modality) -> Position:
        """Return the position that the subtype states; UNKNOWN if it states none, or several fingers.

        Raises:
            RecordMalformed: words that are none of the schema.
        """
        words = [word for word in self.subtypes.split() if word.upper() != "UNKNOWN"]
        if any(word not in _SIDES and word not in _DIGITS for word in words):
            raise RecordMalformed(f"{self.where} has a subtype with a word that the schema does not have.")
        if modality is Modality.FACE:
            return Position.FACE
        sides = [_SIDES[word] for word in words if word in _SIDES]
        digits = [_DIGITS[word] for word in words if word in _DIGITS]
        if modality is Modality.IRIS:
            digits = ["EYE"]
        if len(sides) != 1 or len(digits) != 1:
            return Position.UNKNOWN
        return Position(f"{sides[0]}_{digits[0]}")


def subtype(position: Position) -> str:
    """Return the words of a position; "" for a face or an unknown position."""
    if position in FINGERS:
        side, digit = position.split("_")
        return f"{side.capitalize()} {next(word for word, known in _DIGITS.items() if known == digit)}"
    return {Position.RIGHT_EYE: "Right", Position.LEFT_EYE: "Left"}.get(position, "")
