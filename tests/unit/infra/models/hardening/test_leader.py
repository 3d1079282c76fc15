"""Hardening of LEADER, tested on its hardened form."""

from __future__ import annotations

import numpy as np
import onnx
import pytest

from biometrics.errors import ModelCorrupt
from infra.models.hardening import leader
from infra.models.manifest import manifest
from infra.models.model_cache import load_bytes
from infra.models.onnx_model import OnnxModel
from infra.models.supply import ensure


@pytest.fixture(scope="module")
def hardened() -> bytes:
    """The hardened model, built into the cache if needed."""
    ensure([manifest().models["leader"]])
    return load_bytes("leader")


def test_detours_are_gone(hardened: bytes) -> None:
    """No operator of the conversion's detours remains."""
    left = {node.op_type for node in onnx.load_from_string(hardened).graph.node}
    assert not left & {"SpaceToDepth", "Tile", "Tanh", "Pow", "ReduceMean"}


def test_minutiae_are_found_in_generated_ridges(hardened: bytes) -> None:
    """All eight generated minutiae are found, and no others."""
    ridges = leader._ridges(128, 160)
    output = OnnxModel.from_bytes(hardened).run(input=ridges)[0]
    assert (1, 128, 160, 4) == output.shape
    assert np.count_nonzero(output[..., 3] >= 0.35) == 8


def test_direction_and_type_are_given_at_minutiae_only(hardened: bytes) -> None:
    """Direction and type are 0 away from minutiae of confidence 0.3 or more, except at the first pixel."""
    output = OnnxModel.from_bytes(hardened).run(input=leader._ridges(128, 160))[0][0]
    given = np.any(output[..., 1:3] != 0, axis=-1)
    given[0, 0] = False
    assert np.argwhere(output[..., 3] >= 0.3).tolist() == np.argwhere(given).tolist()


def test_a_blank_picture_has_no_minutiae(hardened: bytes) -> None:
    """On an image without minutiae the graph runs and finds none."""
    output = OnnxModel.from_bytes(hardened).run(input=np.full((1, 96, 128, 1), 255, np.float32))[0]
    assert 0 == np.count_nonzero(output[..., 3] >= 0.35)


def test_the_check_accepts_equal_outputs_and_refuses_others(hardened: bytes) -> None:
    """A model passes compared with itself, and fails if one weight of its last layers is changed by 10 %."""
    leader.check(hardened, hardened)
    model = onnx.load_from_string(hardened)
    tensor = next(each for each in model.graph.initializer if "head_conv_typ" in each.name and len(each.dims) == 4)
    changed = onnx.numpy_helper.from_array(onnx.numpy_helper.to_array(tensor) * np.float32(1.1), tensor.name)
    tensor.CopyFrom(changed)
    with pytest.raises(ModelCorrupt, match="differs"):
        leader.check(hardened, model.SerializeToString())


def test_another_graph_is_refused(hardened: bytes) -> None:
    """A graph that lacks the layers to rewrite, here the rewritten one, raises ModelCorrupt."""
    with pytest.raises(ModelCorrupt, match="no '"):
        leader.harden(hardened)
