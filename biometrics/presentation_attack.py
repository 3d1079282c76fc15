"""What is known of a presentation attack: a print, mask, mould or lens in place of the person (ISO/IEC 30107-1)."""

from __future__ import annotations

from enum import StrEnum


class PresentationAttack(StrEnum):
    """Whether a sample is a presentation attack. No detector is shipped, so nothing else can be said yet."""

    NOT_ASSESSED = "NOT_ASSESSED"
