"""Why a snapshot is not loaded."""

from __future__ import annotations

from enum import StrEnum

from biometrics.errors import SnapshotUnusable


class Fault(StrEnum):
    """Reason of SnapshotUnusable.

    MISSING: there is no such file. OTHER_STORE, OTHER_PARTITION, OTHER_MODALITY: it is of another one.
    OTHER_EPOCH: the store was set back after it was made. TRUNCATED: the file ends too early.
    DAMAGED: its content was changed, or was sealed with another key. NEWER_VERSION: a newer program wrote it.
    KEY_GONE: its key was destroyed, as a subject in it was erased. TOO_OLD: the change feed does not reach back to it.
    """

    MISSING = "MISSING"
    OTHER_STORE = "OTHER_STORE"
    OTHER_PARTITION = "OTHER_PARTITION"
    OTHER_MODALITY = "OTHER_MODALITY"
    OTHER_EPOCH = "OTHER_EPOCH"
    TRUNCATED = "TRUNCATED"
    DAMAGED = "DAMAGED"
    NEWER_VERSION = "NEWER_VERSION"
    KEY_GONE = "KEY_GONE"
    TOO_OLD = "TOO_OLD"


WORDS = {
    Fault.MISSING: "has no file",
    Fault.OTHER_STORE: "is of another store",
    Fault.OTHER_PARTITION: "is of another partition",
    Fault.OTHER_MODALITY: "is of another modality",
    Fault.OTHER_EPOCH: "was made before the store was set back",
    Fault.TRUNCATED: "ends too early",
    Fault.DAMAGED: "is damaged, or sealed with another key",
    Fault.NEWER_VERSION: "was written by a newer program",
    Fault.KEY_GONE: "has no key any more, as a subject in it was erased",
    Fault.TOO_OLD: "is older than the change feed",
}


def unusable(fault: Fault, name: str, **metadata: str) -> SnapshotUnusable:
    """The error for a snapshot.

    Args:
        fault: why it is not loaded.
        name: of its file.
        metadata: further facts.
    """
    message = f"The snapshot {name} {WORDS[fault]}. Make a new one: biofusion gallery snapshot."
    return SnapshotUnusable(message, reason=fault, snapshot=name, **metadata)
