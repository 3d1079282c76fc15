"""Addresses that callers give: what is listed is used, and nothing else is connected to."""

from __future__ import annotations

import base64
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import pytest

from adapters.osia.app import build
from infra.models.model_cache import asset
from infra.settings import Settings
from tests.service import pictures
from tests.service.fusion.requests import someone
from tests.service.osia.bodies import encounter
from tests.support.adapters.running import running_adapter
from tests.support.http_serving import LOOK_S

NAME = "https://pictures.example.org"
"""An origin that is listed, and that no test asks for."""


class Place(ThreadingHTTPServer):
    """Has files by their paths, or a redirection; keeps what was asked."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.files: dict[str, bytes] = {}
        self.moved = ""
        self.asked: list[str] = []

    @property
    def origin(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    """Answers for a place."""

    server: Place

    def do_GET(self) -> None:
        """Give a file."""
        self.server.asked.append(self.path)
        path = self.path.partition("?")[0]
        self.send_response(200 if path in self.server.files else 302)
        self.send_header("Location", self.server.moved)
        self.end_headers()
        self.wfile.write(self.server.files.get(path, b""))

    def do_POST(self) -> None:
        """Take a callback."""
        self.rfile.read(int(self.headers["Content-Length"]))
        self.do_GET()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def places() -> Iterator[tuple[Place, Place]]:
    """A place that is listed, and one that is not."""
    both = Place(), Place()
    threads = [threading.Thread(target=each.serve_forever, args=(LOOK_S,), daemon=True) for each in both]
    for each in threads:
        each.start()
    both[0].moved = f"{both[1].origin}/inside"
    yield both
    for place, thread in zip(both, threads, strict=True):
        place.shutdown()
        thread.join()
        place.server_close()


@pytest.fixture(scope="module")
def client(
    osia_settings: Settings, places: tuple[Place, Place], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[httpx.Client]:
    """A caller of an adapter with lists."""
    listed = f"{places[0].origin},{NAME}"
    settings = replace(
        osia_settings,
        osia_database=str(tmp_path_factory.mktemp("addresses") / "osia.db"),
        osia_callback_origins=listed,
        osia_reference_origins=listed,
        osia_callback_attempts=1,
    )
    with (
        running_adapter(settings, build) as address,
        httpx.Client(base_url=address, params={"transactionId": "t"}, trust_env=False, timeout=60) as made,
    ):
        yield made


def forged(ours: int, port: int) -> dict[str, str]:
    """Addresses of the place that is not listed, and of others, in all ways to write them."""
    listed = f"http://127.0.0.1:{ours}"
    return {
        "loopback": f"http://127.0.0.1:{port}/inside",
        "loopback by TLS": f"https://127.0.0.1:{port}/inside",
        "a name of loopback": f"http://localhost:{port}/inside",
        "loopback of IPv6": f"http://[::1]:{port}/inside",
        "IPv4 in IPv6": f"http://[::ffff:127.0.0.1]:{port}/inside",
        "IPv4 in IPv6, hexadecimal": f"http://[::ffff:7f00:1]:{port}/inside",
        "all addresses": f"http://0.0.0.0:{port}/inside",
        "a decimal host": f"http://2130706433:{port}/inside",
        "a hexadecimal host": f"http://0x7f000001:{port}/inside",
        "an octal host": f"http://0177.0.0.1:{port}/inside",
        "a short host": f"http://127.1:{port}/inside",
        "the listed port of another spelling": f"http://2130706433:{ours}/inside",
        "IPv4 in IPv6 with the listed port": f"http://[::ffff:127.0.0.1]:{ours}/inside",
        "metadata of a cloud": "http://169.254.169.254/latest/meta-data/",
        "metadata of a cloud, IPv6": "http://[fd00:ec2::254]/latest/meta-data/",
        "a user before the host": f"http://user:word@127.0.0.1:{port}/inside",
        "the listed origin as a user": f"{NAME}@127.0.0.1:{port}/inside",
        "the listed address as a user": f"{listed}@127.0.0.1:{port}/inside",
        "a backslash": f"{listed}\\@127.0.0.1:{port}/inside",
        "a fragment": f"http://127.0.0.1:{port}#@127.0.0.1:{ours}/inside",
        "a longer name": f"{NAME}.127.0.0.1.nip.io/inside",
        "no scheme": f"//127.0.0.1:{port}/inside",
        "another scheme": f"gopher://127.0.0.1:{port}/inside",
        "a file": "file:///etc/passwd",
        "a header": f"{listed}/x HTTP/1.1\r\nX: y",
    }


@pytest.mark.parametrize("case", sorted(forged(1, 2)))
def test_no_other_address_is_connected_to(client: httpx.Client, places: tuple[Place, Place], case: str) -> None:
    """It is 400 as a callback, and as a reference to an image and to a template; the answer does not repeat it."""
    address, before = forged(places[0].server_port, places[1].server_port)[case], [len(each.asked) for each in places]
    answers = [client.get("/v1/galleries", params={"callback": address})]
    for name in ("imageRef", "templateRef"):
        data = {"biometricType": "FINGER", name: address}
        answers.append(client.post("/v1/identify/g", json={"filter": {}, "biometricData": [data]}))
    for each in answers:
        assert 400 == each.status_code, each.text
        assert "BIOFUSION_OSIA_" in each.text or "https URL" in each.text
        assert "inside" not in each.text
    assert before == [len(each.asked) for each in places]


def test_redirections_are_not_followed(client: httpx.Client, places: tuple[Place, Place]) -> None:
    """A listed place that points to another: a reference is refused, and a callback is not delivered."""
    there, inside = places
    address = f"{there.origin}/moved"
    for name in ("imageRef", "templateRef"):
        data = {"biometricType": "FINGER", name: address}
        answer = client.post("/v1/identify/g", json={"filter": {}, "biometricData": [data]})
        assert (400, True) == (answer.status_code, "STATUS_302" in answer.text), answer.text
    task_id = client.get("/v1/galleries", params={"callback": address}).json()["taskId"]
    for _ in range(2000):
        if (state := client.get(f"/v1/tasks/{task_id}/status").json()) == "RESPONSE_ERROR":
            break
    assert "RESPONSE_ERROR" == state
    assert [] == inside.asked


def test_references_are_fetched(client: httpx.Client, places: tuple[Place, Place]) -> None:
    """A person is enrolled by images that are referred to, and found by one of them and by a template."""
    there, person, gallery = places[0], someone(), someone()
    there.files |= {"/eye": pictures.eye(41), "/again": pictures.eye(41, 1), "/finger": asset("finger-1")}
    eye = {"biometricType": "IRIS", "biometricSubType": "EYE_LEFT", "imageRef": f"{there.origin}/eye?key=1"}
    finger: dict[str, Any] = {"biometricType": "FINGER", "biometricSubType": "RIGHT_INDEX", "resolution": 500}
    body = encounter(gallery, eye, finger | {"imageRef": f"{there.origin}/finger"})
    path = f"/v1/persons/{person}/encounters/first"
    created = client.post(path, json=body)
    assert (200, 2) == (created.status_code, len(created.json()["others"]["qualities"])), created.text
    assert "/eye?key=1" in there.asked
    (told,) = client.get(f"{path}/templates").json()
    there.files["/template"] = base64.b64decode(told["template"])
    probes = [
        eye | {"imageRef": f"{there.origin}/again"},
        {"biometricType": "FINGER", "biometricSubType": "RIGHT_INDEX", "templateRef": f"{there.origin}/template"},
    ]
    for each in probes:
        (found,) = client.post(f"/v1/identify/{gallery}", json={"filter": {}, "biometricData": [each]}).json()
        assert (person, "MATCH") == (found["personId"], found["others"]["outcome"])
