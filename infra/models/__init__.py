"""Model files: their origin, verification, rewriting, and the sessions that run them."""

import os

# By default onnxruntime sends events to its makers. It reads this when it is loaded.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
