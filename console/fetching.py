"""Fetches from addresses that the operator has set: within limits, without redirections, without a proxy."""

from __future__ import annotations

import ssl
import time
from dataclasses import dataclass, field
from http.client import HTTPException
from urllib.request import HTTPSHandler, ProxyHandler, Request, build_opener

from biometrics.errors import Unavailable
from infra.identity.reading import NoRedirect, cause_of, limited


@dataclass(frozen=True, slots=True)
class Fetching:
    """How something is fetched.

    Args:
        most_bytes: of an answer.
        within_s: seconds that it may take.
        context: whom to trust, and which certificate to show; None: the authorities of the machine, and none.
    """

    most_bytes: int
    within_s: float
    context: ssl.SSLContext | None = field(default=None, repr=False)

    def fetch(self, url: str, form: bytes | None = None, headers: dict[str, str] | None = None) -> bytes:
        """The bytes of an answer; call it in a thread.

        Args:
            url: http or https, of the operator's choice.
            form: body of a POST, form-encoded; None: a GET.
            headers: of the request.

        Raises:
            Unavailable: there is none: the reason is FETCH_FAILED and `cause` the HTTP status or the error's class.
        """
        end = time.monotonic() + self.within_s
        request = Request(url, data=form, headers=headers or {})  # noqa: S310 - addresses are checked by the settings
        opener = build_opener(NoRedirect, ProxyHandler({}), HTTPSHandler(context=self.context))
        try:
            with opener.open(request, timeout=self.within_s) as response:
                return limited(response, self.most_bytes, end)
        except (OSError, HTTPException, ValueError) as error:
            cause = cause_of(error)
            raise Unavailable(f"It cannot be fetched: {cause}.", reason="FETCH_FAILED", cause=cause) from error
