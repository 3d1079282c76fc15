"""Who gets in, what every answer carries, and requests that break the rules."""

from __future__ import annotations

import pytest

from console.web.door import ALIVE
from tests.support.console.running import PASSWORD, browser

PATHS = ("/login", "/queue", "/cases/none", "/static/console.css", "/static/htmx.js", "/nowhere")


@pytest.mark.parametrize("path", PATHS)
def test_headers(ada, path):
    """Every answer forbids inline scripts, frames, other origins and guessing of types; pages are not kept."""
    headers = ada.get(path).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'; script-src 'self'; style-src 'self';" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert "nosniff" == headers["x-content-type-options"]
    assert "camera=()" in headers["permissions-policy"]
    assert path.startswith("/static") or "no-store" == headers["cache-control"]
    assert "server" not in headers


def test_cookies(console):
    """The cookie of a login is bound to this host and TLS, hidden from scripts, and not sent from other sites."""
    with browser(console) as made:
        answer = made.post("/login", {"name": "ada", "password": PASSWORD})
        (cookie,) = [each for each in answer.headers.get_list("set-cookie") if each.startswith("__Host-session=")]
        assert {"HttpOnly", "Path=/", "SameSite=strict", "Secure"} == set(cookie.split("; ")[1:])


@pytest.mark.parametrize("path", ["/queue", "/history", "/galleries", "/try", "/cases/x", "/cases/x/probe/0.png"])
def test_pages_need_a_login(console, path):
    """Without a login every page leads to it."""
    with browser(console) as made:
        answer = made.get(path)
        assert (303, f"/login?next={path}") == (answer.status_code, answer.headers["location"])


@pytest.mark.parametrize(
    ("person", "path"), [("ada", "/galleries"), ("ada", "/try"), ("ops", "/queue"), ("ops", "/cases/x/probe/0.png")]
)
def test_pages_need_a_role(request, person, path):
    """Reviewers do not see operators' pages, nor the other way round."""
    assert 403 == request.getfixturevalue(person).get(path).status_code


def test_a_form_needs_its_token(ada, open_case):
    """A form without the login's token, or with that of another login, changes nothing."""
    case = open_case()
    for token in ("", "another"):
        answer = ada.post(f"/cases/{case}/claim", {"form_token": token})
        assert 403 == answer.status_code
    assert "Claim" in ada.get(f"/cases/{case}").text


@pytest.mark.parametrize("origin", ["https://evil.example", "null", ""])
def test_a_form_of_another_site(ada, origin):
    """A form that another site sends is refused before it is read."""
    assert 403 == ada.post("/queue/next", on="/queue", Origin=origin).status_code


def test_another_host(ada):
    """A name that somebody else points here is refused, so that no page of theirs can read ours."""
    assert 421 == ada.get("/queue", Host="rebound.example").status_code


def test_a_probe(console):
    """Who asks whether the console answers needs no login and no name of it, and learns nothing else."""
    with browser(console) as made:
        answer = made.get(ALIVE, Host="10.0.0.7:8050")
    assert (200, "The console answers.") == (answer.status_code, answer.text)


def test_a_large_form(ada):
    """A form over the limit is refused."""
    assert 413 == ada.post("/language", {"language": "x" * 70_000}, on="/queue").status_code


def test_a_wrong_password(console):
    """A wrong password tells nothing of whether there is such a user; after five a name has to wait."""
    with browser(console) as made:
        answers = [made.post("/login", {"name": "cleo", "password": "wrong"}) for _ in range(6)]
        assert [401] * 5 + [429] == [each.status_code for each in answers]
        assert "do not fit" in answers[0].text


def test_where_a_login_leads(console):
    """After the login only paths of the console are followed."""
    for wanted, led in (
        ("/queue?view=mine", "/queue?view=mine"),
        ("//evil.example", "/"),
        ("https://evil.example", "/"),
    ):
        with browser(console) as made:
            form = {"name": "ada", "password": PASSWORD, "next": wanted}
            assert led == made.post("/login", form).headers["location"]


def test_logout(console):
    """After the logout the cookie opens nothing."""
    with browser(console, "ada") as made:
        kept = dict(made.cookies)
        assert 303 == made.post("/logout", on="/queue").status_code
        made.cookies.update(kept)
        assert "/login" in made.get("/queue").headers["location"]


def test_trying_it_out_is_for_this_machine(ops):
    """Through a proxy, behind which others may be, the page is not there."""
    assert 200 == ops.get("/try").status_code
    assert 404 == ops.get("/try", **{"X-Forwarded-For": "192.0.2.1"}).status_code
