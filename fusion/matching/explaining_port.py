"""The port to what matching services show of a comparison to people; apart from Matcher, as no decision needs it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol, runtime_checkable

from biometrics.errors import ServiceUnavailable
from biometrics.explanation import Explanation
from biometrics.template import Modality, Template
from fusion.matching.matchers import Matcher


@runtime_checkable
class ExplainingMatcher(Protocol):
    """A matching service that explains comparisons. It raises as Matcher does."""

    async def explain(self, probe: Template, reference: Template, timeout_s: float) -> Explanation:
        """What a comparison of two templates rests on; its score is that of `Matcher.compare`."""


def explaining_matcher(matchers: Mapping[Modality, Matcher], modality: Modality) -> ExplainingMatcher:
    """The service of a modality.

    Raises:
        ServiceUnavailable: there is none here that explains.
    """
    found = matchers.get(modality)
    if not isinstance(found, ExplainingMatcher):
        what = f"There is no {modality.lower()} service here that explains comparisons."
        raise ServiceUnavailable(what, modality=modality)
    return found
