"""Manifests of imports, whose rows have templates that the fake matching services know."""

from __future__ import annotations

import json
from base64 import b64encode
from pathlib import Path


def manifest_of_faces(folder: Path, count: int) -> dict[str, str]:
    """The spec of an import of subjects `p0000` and so on, each with a face of its own; its file is in the folder."""
    lines = [json.dumps(_row(number)) for number in range(count)]
    (folder / "people.jsonl").write_text("\n".join(lines))
    return {"source": "people.jsonl"}


def _row(number: int) -> dict[str, object]:
    face = b64encode(f"face {number}".encode()).decode()
    sample = {"modality": "FACE", "template": face, "model_id": "face-model-1"}
    return {"subject_id": f"p{number:04}", "samples": [sample]}
