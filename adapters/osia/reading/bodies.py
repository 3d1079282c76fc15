"""The bodies of requests."""

from __future__ import annotations

from typing import Any

from adapters.osia.faults import bad
from adapters.osia.reading.fields import Check, anything, list_of, number, one_of, record, refused, text

ALL = "ALL"
"""The gallery that stands for all of them."""
ACTIVE, INACTIVE = "ACTIVE", "INACTIVE"
FINGERS = tuple(
    f"{side}_{name}" for side in ("RIGHT", "LEFT") for name in ("THUMB", "INDEX", "MIDDLE", "RING", "LITTLE")
)
COMPRESSIONS = ("NONE", "WSQ", "JPEG", "JPEG2000", "PNG")
MOST_SAMPLES, MOST_GALLERIES = 64, 64

_SEALED = refused("encrypted or signed data cannot be read here; send it in the clear over TLS.")

_MISSING = record({"biometricSubType": text, "presence": one_of("BANDAGED", "AMPUTATED", "DAMAGED")})

BIOMETRIC = record(
    {
        "biometricType": one_of("FACE", "FINGER", "IRIS", "SIGNATURE", "UNKNOWN"),
        "biometricSubType": text,
        "instance": text,
        "encounterId": text,
        "image": text,
        "imageRef": text,
        "captureDate": text,
        "captureDevice": text,
        "impressionType": text,
        "width": number,
        "height": number,
        "bitdepth": number,
        "mimeType": text,
        "resolution": number,
        "compression": one_of(*COMPRESSIONS),
        "missing": list_of(_MISSING, MOST_SAMPLES),
        "metadata": text,
        "comment": text,
        "template": text,
        "templateRef": text,
        "templateFormat": text,
        "quality": number,
        "qualityFormat": text,
        "algorithm": text,
        "vendor": text,
        "encryption": _SEALED,
        "integrity": _SEALED,
    },
    ("biometricType",),
)
BIOMETRICS = list_of(BIOMETRIC, MOST_SAMPLES, 1)


def galleries(value: Any, path: str) -> list[str]:
    """Names of galleries, each once, none of them ALL."""
    found: list[str] = list_of(text, MOST_GALLERIES, 1)(value, path or "the body")
    if len(set(found)) < len(found):
        raise bad(f"{path or 'the body'}: a gallery is named twice.")
    if ALL in found:
        raise bad(f"{path or 'the body'}: {ALL} is reserved for searches of all galleries.")
    return found


def encounter(*, drops_data: bool) -> Check:
    """An encounter.

    Args:
        drops_data: whether contextual and biographic data are dropped; else they are refused.
    """
    other = anything if drops_data else refused("it cannot be kept here. Leave it out; a setting can drop it.")
    return record(
        {
            "encounterId": text,
            "status": one_of(ACTIVE, INACTIVE),
            "encounterType": text,
            "createdDate": text,
            "updatedDate": text,
            "galleries": galleries,
            "clientData": refused("it cannot be kept here, and so not be given back. Leave it out."),
            "contextualData": other,
            "biographicData": other,
            "biometricData": BIOMETRICS,
            "encryption": _SEALED,
            "integrity": _SEALED,
        },
        ("status", "encounterType", "galleries", "biometricData"),
    )


def _filter(value: Any, path: str) -> list[str]:
    """The biometric types that a search is limited to; all if none is named."""
    if isinstance(value, dict) and not set(value) <= {"biometricType"}:
        raise bad(f"{path}: searches can be filtered by biometricType only, as no other data are kept here.")
    kinds = list_of(one_of("FACE", "FINGER", "IRIS"), 3, 1)
    found: dict[str, list[str]] = record({"biometricType": kinds})(value, path)
    return found.get("biometricType", [])


IDENTIFY = record(
    {"filter": _filter, "biometricData": BIOMETRICS, "encryption": _SEALED, "integrity": _SEALED},
    ("filter", "biometricData"),
)


def empty_filter(value: Any, _path: str) -> None:
    """The filter of a search by an enrolled person: nothing can be left out of that."""
    if value is not None and _filter(value, "the body"):
        raise bad("the body: a search by an enrolled person takes all that is enrolled; it cannot be filtered.")


VERIFY = record({"biometricData": BIOMETRICS, "encryption": _SEALED, "integrity": _SEALED}, ("biometricData",))
VERIFY_TWO = record(
    {"biometricData1": BIOMETRICS, "biometricData2": BIOMETRICS, "encryption": _SEALED, "integrity": _SEALED},
    ("biometricData1", "biometricData2"),
)
