"""What a call is for: its purpose, the case it belongs to, and who asked for it, as the caller states them in metadata.

They are metadata and not fields of requests (docs/decisions/0055): all methods have them alike, those of
`google.longrunning.Operations` too, and a call is refused before its message is read.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Self

from biometrics.errors import FieldInvalid

PURPOSE_HEADER = "biofusion-purpose"
CASE_HEADER = "biofusion-case"
OFFICER_HEADER = "biofusion-officer"

SAFE = re.compile(r"[A-Za-z0-9._:/+@=-]{1,128}")
"""What the three may consist of: nothing that could be taken for another part of a log line or record."""


@dataclass(frozen=True, slots=True)
class Intent:
    """What a call is for.

    Args:
        purpose: one of the purposes that the policy names, e.g. `border-control`; "" if none is stated.
        case: reference to the case or file that the call belongs to; "" if none is stated.
        officer: pseudonym of the person who acts; "" if none is stated.
    """

    purpose: str = ""
    case: str = ""
    officer: str = ""

    @classmethod
    def from_metadata(cls, metadata: object) -> Self:
        """The intent in a call's metadata.

        Raises:
            FieldInvalid: a value is stated twice, or has characters other than `SAFE`.
        """
        stated: dict[str, str] = {}
        for key, value in metadata or ():  # type: ignore[attr-defined]  # grpc's metadata types differ by call kind
            if key not in _FIELDS:
                continue
            if _FIELDS[key] in stated:
                raise FieldInvalid(key, "it is stated twice in the call's metadata; state it once.")
            if not (isinstance(value, str) and SAFE.fullmatch(value)):
                allowed = "1 to 128 letters, digits and . _ : / + @ = - are allowed in this metadata."
                raise FieldInvalid(key, allowed)
            stated[_FIELDS[key]] = value
        return cls(**stated)

    @property
    def metadata(self) -> tuple[tuple[str, str], ...]:
        """What a client sends with a call."""
        return tuple((key, value) for key, name in _FIELDS.items() if (value := getattr(self, name)))


_FIELDS = {PURPOSE_HEADER: "purpose", CASE_HEADER: "case", OFFICER_HEADER: "officer"}
