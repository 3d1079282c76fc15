"""Minutiae and images → an ANSI/NIST-ITL file (2011): Types 1, 2 (that names nobody), 9, 10, 14 and 17."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from biometrics.errors import FieldInvalid
from formats.contents import MinutiaeContent
from formats.nist.write_images import Picture, picture_fields
from formats.nist.write_minutiae import minutiae_fields
from formats.nist.written import Values, tagged

_VERSION = "0500"
_NO_BINARY_IMAGE = "00.00"
_MINUTIAE_TYPE = 9
_NAME = re.compile(r"[ -~]{1,32}")
_MOST_RECORDS = 99
"""IDCs have two digits."""


@dataclass(frozen=True, slots=True)
class Transaction:
    """What Type-1 says of a file. Texts have 1–32 printable ASCII characters.

    Args:
        kind: type of the transaction, as the receiver's profile names it (1.004).
        created: day of the file (1.005); also written as the day of capture of its images.
        destination: agency that the file goes to (1.007).
        originator: agency that it comes from (1.008); also written as the source of its images.
        number: control number of the transaction (1.009).
    """

    kind: str
    created: date
    destination: str
    originator: str
    number: str

    def __post_init__(self) -> None:
        for name in ("kind", "destination", "originator", "number"):
            if not _NAME.fullmatch(getattr(self, name)):
                raise FieldInvalid(name, "It must have 1–32 printable ASCII characters.")


def write(
    transaction: Transaction, minutiae: Sequence[MinutiaeContent] = (), pictures: Sequence[Picture] = ()
) -> bytes:
    """Return a file with one record of each given sample; equal arguments give equal bytes. No person is named in it.

    Args:
        transaction: for Type-1.
        minutiae: become records of Type-9 with the fields of INCITS 378, at most 255 minutiae each.
        pictures: become records of Type-10, 14 or 17 by their modality.

    Raises:
        FieldInvalid: more than 98 samples; minutiae without the size of their image, or out of range; a picture that
            cannot be written.
    """
    if len(minutiae) + len(pictures) >= _MOST_RECORDS:
        raise FieldInvalid("minutiae", f"A file holds at most {_MOST_RECORDS - 1} samples. Write several files.")
    bodies: list[tuple[int, Values]] = [(2, [])]
    bodies += [(_MINUTIAE_TYPE, minutiae_fields(content)) for content in minutiae]
    bodies += [picture_fields(picture, transaction.created, transaction.originator) for picture in pictures]
    records = [tagged(kind, [(2, f"{identifier:02}"), *values]) for identifier, (kind, values) in enumerate(bodies)]
    return b"".join([_first(transaction, [kind for kind, _ in bodies]), *records])


def _first(transaction: Transaction, kinds: list[int]) -> bytes:
    listed = [f"1\x1f{len(kinds)}", *(f"{kind}\x1f{identifier:02}" for identifier, kind in enumerate(kinds))]
    return tagged(
        1,
        [
            (2, _VERSION),
            (3, "\x1e".join(listed)),
            (4, transaction.kind),
            (5, f"{transaction.created:%Y%m%d}"),
            (7, transaction.destination),
            (8, transaction.originator),
            (9, transaction.number),
            (11, _NO_BINARY_IMAGE),
            (12, _NO_BINARY_IMAGE),
        ],
    )
