"""A console on a free port in a thread of this process, and browsers without a screen that use it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass

import httpx

from console.app import users_file
from console.people.person import Person
from console.people.users_file import add
from console.serving import server_of
from infra.settings import Settings
from tests.support.http_serving import served

PASSWORD = "correct horse battery"
PEOPLE = {
    "ada": {"reviewer"},
    "ben": {"reviewer"},
    "sol": {"supervisor"},
    "ops": {"operator"},
    "both": {"reviewer", "supervisor"},
}
TOKEN = re.compile(r'name="form_token" value="([^"]+)"')
ETAG = re.compile(r'name="etag" value="([^"]+)"')
SAME = {"verdict": "SAME", "reason": "DETAILS_AGREE", "note": ""}


def add_people(settings: Settings) -> None:
    """Make the file of users, with all of PEOPLE."""
    for name, roles in PEOPLE.items():
        add(users_file(settings), Person(name, frozenset(roles)), PASSWORD)


def running_console(settings: Settings) -> AbstractContextManager[str]:
    """Its address."""
    return served(lambda: server_of(settings))


@dataclass(frozen=True)
class Browser:
    """Somebody's browser without scripts.

    Args:
        client: keeps its cookies.
        address: of the console.
        cookies: that it keeps.
    """

    client: httpx.Client
    address: str
    cookies: dict[str, str]

    def get(self, path: str, **headers: str) -> httpx.Response:
        """A page."""
        return self.client.get(path, headers=headers)

    def post(
        self, path: str, form: dict[str, str] | None = None, *, on: str = "/login", **headers: str
    ) -> httpx.Response:
        """A form, with the token of the page `on` unless it carries one."""
        form = dict(form or {})
        if "form_token" not in form:
            found = TOKEN.search(self.get(on).text)
            assert found
            form["form_token"] = found[1]
        return self.client.post(path, data=form, headers={"Origin": self.address, **headers})


@contextmanager
def browser(address: str, person: str = "", password: str = PASSWORD) -> Iterator[Browser]:
    """A browser, in which a person is logged in. Cookies are kept by hand, as httpx keeps no secure ones for HTTP."""
    jar = _Cookies()
    hooks = {"request": [jar.add], "response": [jar.keep]}
    with httpx.Client(base_url=address, event_hooks=hooks, trust_env=False, timeout=60) as client:
        made = Browser(client, address, jar.kept)
        if person:
            answer = made.post("/login", {"name": person, "password": password})
            assert 303 == answer.status_code
        yield made


def verdict_on(browser: Browser, case: str, **changes: str) -> dict[str, str]:
    """The form of a verdict, as it was shown, on which SAME and then the changes are filled in."""
    found = ETAG.search(browser.get(f"/cases/{case}").text)
    assert found
    return SAME | {"etag": found[1]} | changes


class _Cookies:
    """Cookies as browsers keep them on this machine."""

    def __init__(self) -> None:
        self.kept: dict[str, str] = {}

    def add(self, request: httpx.Request) -> None:
        request.headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.kept.items())

    def keep(self, response: httpx.Response) -> None:
        for stated in response.headers.get_list("set-cookie"):
            name, _, value = stated.partition(";")[0].partition("=")
            self.kept[name] = value
            if "Max-Age=0" in stated:
                del self.kept[name]
