"""init: what this SDK is, and what it can do."""

from __future__ import annotations

from importlib.metadata import version

from adapters.mosip_biosdk.envelope import Json
from adapters.mosip_biosdk.segments import TYPES

API_VERSION = "0.9"
METHODS = ("QUALITY_CHECK", "MATCH", "EXTRACT", "CONVERT_FORMAT")
"""SEGMENT is offered and not among them: the schema of MOSIP's compliance kit has no such word."""


def information() -> Json:
    """The SDK. Parameters of init change nothing, as settings say where the services are."""
    return {
        "apiVersion": API_VERSION,
        "sdkVersion": version("biofusion"),
        "supportedModalities": list(TYPES),
        "supportedMethods": {each: list(TYPES) for each in METHODS},
        "otherInfo": {},
        "productOwner": {"organization": "Biofusion", "type": "1"},
    }
