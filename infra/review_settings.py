"""The settings of review cases."""

from __future__ import annotations

from dataclasses import dataclass

from infra.setting_fields import setting


@dataclass(frozen=True)  # no slots: several bases with slots cannot be joined
class ReviewSettings:
    """A part of `infra.settings.Settings`: of the service that keeps review cases, and of fusion, which opens them."""

    review_outcomes: str = setting(
        "",
        "outcomes of which fusion opens a review case by itself: `REVIEW`, or `REVIEW,MATCH`; default: none",
        rare=True,
    )
    review_target: str = setting("", "where fusion finds the review service; `biofusion serve` has its own", rare=True)
    review_lease_s: float = setting(
        900.0, "time for which a reviewer's claim on a case holds without being renewed, seconds", 5, 86_400, rare=True
    )
    review_due_h: float = setting(24.0, "time in which a case should be decided, hours", 0.01, 8760, rare=True)
    review_expiry_h: float = setting(
        336.0, "time after which a case that is not decided expires, hours", 0.01, 8760, rare=True
    )
    review_retention_days: float = setting(
        90.0, "time for which a case is kept after its end, days", 0.01, 3650, rare=True
    )
    review_keep_images: bool = setting(
        False,
        "pictures and templates are sealed with cases that open, under keys that are destroyed early; also at fusion, "
        "which then sends those of the request",
        rare=True,
    )
    review_sealed_h: float = setting(
        72.0, "time after which what is sealed with a case can no longer be opened, hours", 0.01, 336, rare=True
    )
    review_consoles: str = setting(
        "",
        "callers that may state the person who looks, separated by `,`: SPIFFE ids, or `ISSUER#SUBJECT`; default: "
        "none, and the person is the subject of the caller's token",
        rare=True,
    )
