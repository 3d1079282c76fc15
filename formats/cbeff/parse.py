"""XML → the BIRs in it, by expat's events: no tree is built, and what is not asked for is not collected.

Document types, entities and processing instructions are refused where they begin: nothing is ever expanded or fetched.
"""

from __future__ import annotations

from xml.parsers import expat

from biometrics.errors import RecordMalformed, RecordUnsupported
from formats.cbeff.information import NAMESPACE, Information
from formats.limits import check_samples

MOST_DEPTH = 32
MOST_BLOCK_CHARACTERS = 16 * 1024 * 1024
"""Of one data block in base64, with its line breaks."""
MOST_CHARACTERS = 4096
"""Of any other text that is kept."""
MOST_ELEMENTS = 100_000
MOST_TAG_BYTES = 256 * 1024
"""Of one tag with its attributes, or of a comment."""
_CHUNK = 64 * 1024
_FIELDS = {
    ("BDBInfo", "Format", "Type"): "format_type",
    ("BDBInfo", "Type"): "types",
    ("BDBInfo", "Subtype"): "subtypes",
    ("BDBInfo", "Quality", "Score"): "score",
    ("BDBInfo", "Encryption"): "encrypted",
    ("BDB",): "block",
}
_ENTRY = ("others", "entry")
_EXCEPTION = "EXCEPTION"


def parse(data: bytes) -> list[Information]:
    """Return all BIRs of a document in the order in which they begin, also those inside others.

    Raises:
        RecordMalformed: not well-formed, too deep, too many BIRs, too long a text, or a header stated twice.
        RecordUnsupported: a document type, an entity or a processing instruction; a root that is no BIR.
    """
    return _Parser().parse(data)


class _Parser:
    """The events' state: which elements are open, and the text of the one that is being collected."""

    def __init__(self) -> None:
        self.found: list[Information] = []
        self._birs: list[Information] = []
        self._open: list[str] = []
        """Names of the open elements, BIRs included; "?" for those of other namespaces."""
        self._field: str | None = None
        self._text: list[str] = []
        self._characters = 0
        self._elements = 0

    def parse(self, data: bytes) -> list[Information]:
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters_came
        parser.StartDoctypeDeclHandler = _refuse_document_type
        parser.ProcessingInstructionHandler = _refuse_instruction
        try:
            for start in range(0, len(data), _CHUNK):
                parser.Parse(data[start : start + _CHUNK], False)
                self._check_progress(start - parser.CurrentByteIndex)
            parser.Parse(b"", True)
        except expat.ExpatError as error:
            reason = expat.ErrorString(error.code)
            raise RecordMalformed(f"The XML is not well-formed: {reason}, in line {error.lineno}.") from None
        except (LookupError, ValueError):
            raise RecordUnsupported("The XML has an unknown encoding. Send it in UTF-8.") from None
        return self.found

    def _check_progress(self, behind: int) -> None:
        if behind > MOST_TAG_BYTES:
            raise RecordMalformed(f"The XML has a tag or comment of more than {MOST_TAG_BYTES} bytes.")

    def _start(self, qualified: str, attributes: dict[str, str]) -> None:
        namespace, _, name = qualified.rpartition(" ")
        name = name if namespace == NAMESPACE else "?"
        if not self._open and name != "BIR":
            raise RecordUnsupported("The XML is no CBEFF record: its root is not a BIR of ISO/IEC 19785-3.")
        self._open.append(name)
        self._elements += 1
        if self._elements > MOST_ELEMENTS:
            raise RecordMalformed(f"The XML has more than {MOST_ELEMENTS} elements.")
        if len(self._open) > MOST_DEPTH:
            raise RecordMalformed(f"The XML is nested deeper than {MOST_DEPTH} elements.")
        if len(self._birs) == len(self._open) - 1 and name == "BIR":
            self._start_bir()
        else:
            self._start_field(attributes)

    def _start_bir(self) -> None:
        check_samples(len(self.found) + 1, "The CBEFF record")
        if self._birs:
            self._birs[-1].has_children = True
        self._birs.append(Information(len(self.found) + 1))
        self.found.append(self._birs[-1])

    def _start_field(self, attributes: dict[str, str]) -> None:
        path = tuple(self._open[len(self._birs) :])
        self._field = _FIELDS.get(path)
        if path == _ENTRY and attributes.get("key", "").strip().upper() == _EXCEPTION:
            self._field = "exception"
        self._text, self._characters = [], 0

    def _characters_came(self, text: str) -> None:
        if self._field is None:
            return
        limit = MOST_BLOCK_CHARACTERS if self._field == "block" else MOST_CHARACTERS
        self._characters += len(text)
        if self._characters > limit:
            raise RecordMalformed(f"{self._birs[-1].where} has a text of more than {limit} characters.")
        self._text.append(text)

    def _end(self, _: str) -> None:
        if len(self._birs) == len(self._open):
            self._birs.pop()
        elif self._field is not None:
            self._keep(self._field)
        self._field = None
        self._open.pop()

    def _keep(self, name: str) -> None:
        bir, text = self._birs[-1], "".join(self._text).strip()
        if getattr(bir, name) and name != "exception":
            raise RecordMalformed(f"{bir.where} states its {'/'.join(_path(name))} twice.")
        setattr(bir, name, text)


def _path(name: str) -> tuple[str, ...]:
    return next(path for path, known in _FIELDS.items() if known == name)


def _refuse_document_type(*_: object) -> None:
    raise RecordUnsupported("The XML has a document type (DTD) or entities, which are not read. Send it without.")


def _refuse_instruction(*_: object) -> None:
    raise RecordUnsupported("The XML has a processing instruction, which is not read. Send it without.")
