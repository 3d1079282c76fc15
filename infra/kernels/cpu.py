"""The CPU that kernels are compiled for, if one is stated: images are built on one machine and run on others.

`NUMBA_CPU_NAME` and `NUMBA_CPU_FEATURES` state it, as numba documents; without them it compiles for the CPU at hand.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import cast

from llvmlite import binding  # type: ignore[import-untyped]  # no type hints of its own

from biometrics.errors import ConfigurationInvalid

_V2 = ("cx16", "popcnt", "sse3", "sse4.1", "sse4.2", "ssse3")
_V3 = (*_V2, "avx", "avx2", "bmi", "bmi2", "f16c", "fma", "lzcnt", "movbe")
_V4 = (*_V3, "avx512bw", "avx512cd", "avx512dq", "avx512f", "avx512vl")
NEEDS = {"x86-64-v2": _V2, "x86-64-v3": _V3, "x86-64-v4": _V4}
"""Level (x86-64 psABI, "Micro-Architecture Levels") → what a CPU of it has, in LLVM's words."""


def check_cpu(environment: Mapping[str, str] = os.environ, features: Mapping[str, bool] | None = None) -> None:
    """Check that this machine can run kernels compiled for the stated level; other names are not checked.

    Args:
        environment: may state `NUMBA_CPU_NAME`.
        features: of this machine; None asks it.

    Raises:
        ConfigurationInvalid: its CPU is of a lower level; it would be killed by an illegal instruction.
    """
    level = environment.get("NUMBA_CPU_NAME", "")
    if level not in NEEDS:
        return
    found = cast("Mapping[str, bool]", binding.get_host_cpu_features()) if features is None else features
    if lacking := [each for each in NEEDS[level] if not found.get(each)]:
        raise ConfigurationInvalid(
            f"The kernels are compiled for CPUs of level {level}, and this one lacks {', '.join(lacking)}. "
            "Use another machine, or build the image for a lower level with the build argument CPU.",
            level=level,
        )
