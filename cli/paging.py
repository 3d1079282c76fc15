"""Lists that come in pages."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


def pages(method: Any, request: Any, timeout_s: float) -> Iterator[Any]:
    """The answers of a list method, page by page.

    Args:
        method: of a stub; its answers have a `next_page_token`.
        request: of the first page; its `page_token` is set for each further one.
        timeout_s: of each call.
    """
    while True:
        page = method(request, timeout=timeout_s)
        yield page
        if not page.next_page_token:
            return
        request.page_token = page.next_page_token
