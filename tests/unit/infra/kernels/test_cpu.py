from __future__ import annotations

import pytest

from biometrics.errors import ConfigurationInvalid
from infra.kernels.cpu import NEEDS, check_cpu


def test_a_cpu_of_a_lower_level_is_told() -> None:
    """A machine that cannot run the code is told by level and what it lacks, before it runs any."""
    older = dict.fromkeys(NEEDS["x86-64-v2"], True)
    with pytest.raises(ConfigurationInvalid, match=r"of level x86-64-v3, and this one lacks avx, avx2, .* build arg"):
        check_cpu({"NUMBA_CPU_NAME": "x86-64-v3"}, older)


@pytest.mark.parametrize("level", ["x86-64-v2", "x86-64-v3"])
def test_a_cpu_of_the_level_or_a_higher_one_will_do(level: str) -> None:
    """A CPU that has what the level needs is accepted."""
    check_cpu({"NUMBA_CPU_NAME": level}, dict.fromkeys(NEEDS["x86-64-v4"], True))


@pytest.mark.parametrize("environment", [{}, {"NUMBA_CPU_NAME": "generic"}])
def test_without_a_level_nothing_is_asked(environment: dict[str, str]) -> None:
    """Code for the CPU at hand, and code for any, runs."""
    check_cpu(environment, {})
