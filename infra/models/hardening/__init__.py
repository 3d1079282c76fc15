"""Rewrites published ONNX files once, at set-up, into the form that runs.

Each module that `models.toml` names hardens one model and offers either

- `harden(original: bytes) -> bytes`, pure and deterministic on every machine, and
  `check(original: bytes, hardened: bytes) -> None`, which raises ModelCorrupt when outputs differ; or
- `build() -> bytes` for a model that this project makes itself.

Deterministic means: elementwise arithmetic in float64 rounded once to float32, `graph.to_bytes` at the end.
"""
