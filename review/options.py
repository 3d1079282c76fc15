"""What reviews can be told."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Self

from infra.callbacks.origins import Origins
from infra.callbacks.signing import read_secret

HOUR_S = 3600.0
MOST_SEALED_S = 14 * 24 * HOUR_S
"""Longest time for which anything is sealed with a case."""


@dataclass(frozen=True, slots=True)
class ReviewOptions:
    """Options of reviews; all times in seconds.

    Args:
        lease_s: for which a claim holds without being renewed.
        due_s: within which a case should be decided, by default.
        expiry_s: after which it expires.
        sealed_s: after which what is sealed with a case can no longer be opened, by default.
        retention_s: for which a case is kept after its end.
        keeps_images: whether pictures and templates may be sealed with cases.
        consoles: names of the callers that may state persons.
        origins: whom callbacks may be sent to.
        secret_file: the key with which callbacks are signed; "" if there are none.
    """

    lease_s: float = 900.0
    due_s: float = 24 * HOUR_S
    expiry_s: float = 14 * 24 * HOUR_S
    sealed_s: float = 72 * HOUR_S
    retention_s: float = 90 * 24 * HOUR_S
    keeps_images: bool = False
    consoles: tuple[str, ...] = ()
    origins: Origins = field(default_factory=Origins)
    secret_file: str = ""

    @classmethod
    def of(cls, settings: Any) -> Self:
        """The options among the settings of a program.

        Raises:
            ConfigurationInvalid: an origin or the key of the signatures cannot be used.
        """
        origins = Origins.parse(settings.job_callback_origins)
        if origins.allowed:
            read_secret(settings.job_callback_secret_file)
        return cls(
            lease_s=settings.review_lease_s,
            due_s=settings.review_due_h * HOUR_S,
            expiry_s=settings.review_expiry_h * HOUR_S,
            sealed_s=settings.review_sealed_h * HOUR_S,
            retention_s=settings.review_retention_days * 24 * HOUR_S,
            keeps_images=settings.review_keep_images,
            consoles=tuple(each.strip() for each in settings.review_consoles.split(",") if each.strip()),
            origins=origins,
            secret_file=settings.job_callback_secret_file,
        )
