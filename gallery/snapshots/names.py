"""Names of snapshot files."""

from __future__ import annotations

from secrets import token_hex

from biometrics.template import Modality


def prefix_of(store_id: str, partition: int, modality: Modality) -> str:
    """How the names of all snapshots of one partition and modality of a store begin."""
    return f"{store_id}-{modality.value.lower()}-{partition:04}-"


def new_name(store_id: str, partition: int, modality: Modality) -> str:
    """A name that no other snapshot has, e.g. `5f0c1d2e-face-0007-9b3e07aa1c9f00a2.snapshot`."""
    return f"{prefix_of(store_id, partition, modality)}{token_hex(8)}.snapshot"
