"""The fingerprint template whose comparison with itself takes longest: as many minutiae as allowed, all alike."""

from __future__ import annotations

import numpy as np
from biofusion.type.v1 import modality_pb2, sample_pb2

from services.fingerprint.template.features import MODEL_ID, FingerFeatures, Minutiae, mask_shape, pack

SIDE_PX, ROWS = 500, 10


def costly_print() -> sample_pb2.Template:
    """A hundred ridge endings in a grid, with one direction and equal signs."""
    places = np.linspace(40, SIDE_PX - 40, ROWS, dtype=np.float32)
    x, y = (each.ravel() for each in np.meshgrid(places, places))
    same = np.ones(len(x), np.float32)
    minutiae = Minutiae(x, y, same, np.zeros(len(x), np.bool_), same, np.zeros(len(x), np.uint32))
    features = FingerFeatures(SIDE_PX, SIDE_PX, np.ones(mask_shape(SIDE_PX, SIDE_PX), np.bool_), minutiae)
    return sample_pb2.Template(modality=modality_pb2.MODALITY_FINGERPRINT, model_id=MODEL_ID, data=pack(features))
