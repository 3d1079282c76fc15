"""One request, once it is known whose it is and that it can be understood."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from infra.requests.idempotence import derived_uuid


@dataclass(frozen=True, slots=True)
class Call:
    """A request of an operation.

    Args:
        operation: its name.
        path: ids in its path, by name.
        query: what its query says.
        body: its JSON; None without one.
        seed: from which the ids of its requests to fusion are made: those of a repetition are the same.
    """

    operation: str
    path: Mapping[str, str]
    query: Mapping[str, Any]
    body: Any = field(repr=False)
    seed: str

    def request_id(self, step: str = "") -> str:
        """The id of a request to fusion, equal for each repetition of this call."""
        return derived_uuid(f"{self.seed}\n{step}")

    @property
    def person(self) -> str:
        """The person in the path."""
        return self.path["personId"]

    @property
    def encounter(self) -> str:
        """The encounter in the path."""
        return self.path["encounterId"]
