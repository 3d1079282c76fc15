"""Running a small model."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from pathlib import Path

import numpy as np
import pytest
from onnx import TensorProto, helper

from biometrics.errors import DeadlineExpired, ModelCorrupt
from infra.deadlines import Caller, Deadline, Wanted, current_deadline
from infra.models.onnx_model import OnnxModel

ROOT = Path(__file__).parents[4]


def doubling() -> bytes:
    """A model whose output is twice its input, of any number of rows."""
    ends = [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", 3]) for name in ("x", "y")]
    graph = helper.make_graph([helper.make_node("Add", ["x", "x"], ["y"])], "doubling", ends[:1], ends[1:])
    opsets = [helper.make_opsetid("", 17)]
    return bytes(helper.make_model(graph, opset_imports=opsets, ir_version=8).SerializeToString())


def test_nothing_is_told_to_the_makers_of_the_library(tmp_path: Path) -> None:
    """A process that runs models gets no id for telemetry, and keeps no events that would be sent."""
    program = f"from {__name__} import OnnxModel, doubling; OnnxModel.from_bytes(doubling())"
    environment = os.environ | {"HOME": str(tmp_path), "TMPDIR": str(tmp_path)}
    environment.pop("ORT_DISABLE_TELEMETRY", None)
    subprocess.run([sys.executable, "-c", program], cwd=ROOT, env=environment, check=True)
    assert [] == [each for each in tmp_path.rglob("*") if each.is_file()]


def test_run() -> None:
    """Inputs are passed by name, outputs returned in order."""
    (output,) = OnnxModel.from_bytes(doubling()).run(x=np.ones((2, 3), np.float32))
    assert [[2.0, 2.0, 2.0]] * 2 == output.tolist()


def test_shapes_and_names() -> None:
    """A model states its inputs' shapes, -1 for dynamic, and its outputs' names."""
    model = OnnxModel.from_bytes(doubling())
    assert ({"x": (-1, 3)}, ("y",)) == (model.inputs, model.outputs)


def test_bytes_that_are_not_a_model_are_refused() -> None:
    """Bytes that onnxruntime cannot load raise ModelCorrupt."""
    with pytest.raises(ModelCorrupt):
        OnnxModel.from_bytes(b"no model")


def test_many_threads_may_run_one_model() -> None:
    """Concurrent runs do not mix up their data."""
    model = OnnxModel.from_bytes(doubling())
    inputs = [np.full((1, 3), number, np.float32) for number in range(50)]
    with ThreadPoolExecutor(4) as pool:
        outputs = list(pool.map(lambda x: model.run(x=x)[0][0, 0], inputs))
    assert [2.0 * number for number in range(50)] == outputs


class Impatient(Caller):
    """A caller that goes away when the run has begun."""

    def stopping(self, stop: Callable[[], None]) -> AbstractContextManager[None]:
        """See Caller."""
        self.go()
        return super().stopping(stop)


@pytest.mark.parametrize(
    "deadline", [Deadline.after(-1.0), Wanted(Deadline.after(3600).at, Impatient())], ids=["before", "during"]
)
def test_a_run_stops_when_its_caller_goes(deadline: Deadline) -> None:
    """Whether the caller goes before the run or during it."""
    model = OnnxModel.from_bytes(doubling())
    token = current_deadline.set(deadline)
    try:
        with pytest.raises(DeadlineExpired):
            model.run(x=np.ones((2, 3), np.float32))
    finally:
        current_deadline.reset(token)
