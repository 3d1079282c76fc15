"""An ONNX model loaded from verified bytes, run by any number of threads."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from biometrics.errors import ModelCorrupt
from infra.deadlines import current_deadline

ERRORS_ONLY = 3  # onnxruntime's log severity


class OnnxModel:
    """An onnxruntime session on the CPU with a fixed thread count.

    Args:
        session: made by `from_bytes`.
    """

    def __init__(self, session: onnxruntime.InferenceSession) -> None:
        self._session = session
        self._outputs = [output.name for output in session.get_outputs()]

    @classmethod
    def from_bytes(cls, data: bytes, threads: int = 1) -> OnnxModel:
        """Make the session; takes 0.1–1 s for the models here.

        Args:
            data: the model, without external data; from `infra.models.model_cache.load_bytes`.
            threads: onnxruntime's own threads per run; 1: the caller's thread does all the work.

        Raises:
            ModelCorrupt: onnxruntime cannot load it.
        """
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.log_severity_level = ERRORS_ONLY
        try:
            return cls(onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"]))
        except Exception as error:  # onnxruntime's exceptions share no base class but this
            raise ModelCorrupt("onnxruntime cannot load the model. Run `biofusion models`.") from error

    @property
    def inputs(self) -> Mapping[str, tuple[int, ...]]:
        """Shape of each input by its name; a dynamic dimension is -1."""
        return {value.name: tuple(_size(size) for size in value.shape) for value in self._session.get_inputs()}

    @property
    def outputs(self) -> tuple[str, ...]:
        """Names of the outputs, in the order in which `run` returns them."""
        return tuple(self._outputs)

    def run(self, **inputs: NDArray[np.generic]) -> list[NDArray[np.float32]]:
        """Run the model; thread-safe, and the interpreter lock is released meanwhile.

        It stops at the model's next node when the result is no longer wanted.

        Args:
            inputs: one array per input name, of the model's shape and type.

        Returns:
            One array per output.

        Raises:
            DeadlineExpired: the deadline has passed or the caller has gone.
        """
        deadline, options = current_deadline.get(), onnxruntime.RunOptions()
        deadline.check()
        with deadline.stopping(partial(setattr, options, "terminate", True)):
            try:
                return list(self._session.run(self._outputs, inputs, options))
            except Exception:
                deadline.check()
                raise


def _size(size: int | str | None) -> int:
    return size if isinstance(size, int) else -1
