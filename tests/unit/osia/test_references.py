"""Addresses that a caller of the OSIA adapter gives."""

from __future__ import annotations

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler

import pytest

from adapters.osia.faults import Refused
from adapters.osia.references import References
from infra.callbacks.origins import Origins
from tests.support.http_serving import answering

SETTING = "BIOFUSION_OSIA_REFERENCE_ORIGINS"


class Store(BaseHTTPRequestHandler):
    """Has a picture, a large one, and a redirection."""

    def do_GET(self) -> None:
        """Answer by the path."""
        self.send_response(302 if self.path == "/moved" else 200)
        self.send_header("Location", "/picture")
        self.end_headers()
        self.wfile.write(b"picture" * (100 if self.path == "/large" else 1))


@pytest.fixture(scope="module")
def origin() -> Iterator[str]:
    """Where the store is."""
    with answering(Store) as made:
        yield made


async def test_what_is_listed_is_fetched(origin: str) -> None:
    """The bytes of a listed origin are fetched; not what is too large, and not what a redirection points to."""
    references = References(Origins.parse(origin, SETTING, "imageRef"), 100)
    assert b"picture" == await references.fetch(f"{origin}/picture", "image")
    for path, cause in (("large", "TOO_LARGE"), ("moved", "STATUS_302")):
        with pytest.raises(Refused) as caught:
            await references.fetch(f"{origin}/{path}", "image")
        assert f"image: it cannot be fetched ({cause})." == caught.value.message


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1/",
        "http://169.254.169.254/latest/meta-data",
        "http://[::1]/",
        "https://hooks.example.org@127.0.0.1/",
        "file:///etc/passwd",
        "https://hooks.example.org:444/",
        "not an address",
    ],
)
async def test_what_is_not_listed_is_refused(address: str) -> None:
    """Nothing is connected to."""
    references = References(Origins.parse("https://hooks.example.org", SETTING, "imageRef"), 100)
    with pytest.raises(Refused, match="400") as caught:
        await references.fetch(address, "image")
    assert f"image: its origin is not among those of {SETTING}." == caught.value.message
