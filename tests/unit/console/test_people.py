"""Users, logins and what ends them."""

from __future__ import annotations

import stat

import pytest

from biometrics.errors import ConfigurationInvalid
from console.people.attempts import MOST, PAUSE_S, Attempts
from console.people.person import Person, pseudonym
from console.people.sessions import Sessions
from console.people.users_file import UsersFile, add
from infra.identity.intent import SAFE

ADA, BEN = Person("ada", frozenset({"reviewer"})), Person("ben", frozenset({"operator"}))
PASSWORD = "correct horse battery"


@pytest.fixture
def sessions(clock):
    """15 minutes idle, an hour at most, two of a person."""
    return Sessions(900, 3600, 2, clock)


def test_a_login_ends_when_it_is_not_used(sessions, clock):
    """What the person does keeps a login open; what pages ask by themselves does not."""
    used, idle = sessions.begin(ADA), sessions.begin(BEN)
    clock.now = 600
    assert sessions.find(used, is_used=True)
    assert sessions.find(idle, is_used=False)
    clock.now = 1000
    assert sessions.find(used, is_used=True)
    assert sessions.find(idle, is_used=True) is None


def test_a_login_ends_in_any_case(sessions, clock):
    """However much it is used, a login ends."""
    secret = sessions.begin(ADA)
    for clock.now in range(0, 3600, 600):
        assert sessions.find(secret, is_used=True)
    clock.now = 3600
    assert sessions.find(secret, is_used=True) is None


def test_a_further_login_ends_the_oldest(sessions):
    """A person has two logins at most; others' stay."""
    other, *own = sessions.begin(BEN), sessions.begin(ADA), sessions.begin(ADA), sessions.begin(ADA)
    assert [False, True, True] == [sessions.find(each, is_used=True) is not None for each in own]
    assert sessions.find(other, is_used=True)


def test_each_login_has_its_form_token(sessions):
    """Forms of one login do not count in another."""
    first, second = (sessions.find(sessions.begin(ADA), is_used=True) for _ in range(2))
    assert first.form_token != second.form_token


def test_users(tmp_path):
    """A user logs in by the right password only; the file is for its owner, and holds no password."""
    path = tmp_path / "users"
    add(path, ADA, PASSWORD)
    add(path, BEN, PASSWORD)
    assert 0o600 == stat.S_IMODE(path.stat().st_mode)
    assert PASSWORD not in path.read_text()
    users = UsersFile(path)
    assert [ADA, None, None] == [
        users.person("ada", PASSWORD),
        users.person("ada", PASSWORD + "!"),
        users.person("eve", PASSWORD),
    ]


@pytest.mark.parametrize(
    ("person", "password", "told"),
    [
        (Person("a b", frozenset({"reviewer"})), PASSWORD, "A name has"),
        (Person("a:b", frozenset({"reviewer"})), PASSWORD, "A name has"),
        (Person("eve", frozenset({"king"})), PASSWORD, "needs roles"),
        (ADA, "short", "needs 12"),
    ],
)
def test_users_that_cannot_be(tmp_path, person, password, told):
    """A name, a role or a password that cannot be used is refused with what is needed."""
    with pytest.raises(ConfigurationInvalid, match=told):
        add(tmp_path / "users", person, password)


def test_a_file_that_is_none(tmp_path):
    """A line that is no user is an error, and not a user without a password."""
    path = tmp_path / "users"
    path.write_text("ada:reviewer:plain:secret\n")
    with pytest.raises(ConfigurationInvalid, match="add-user"):
        UsersFile(path)


def test_attempts(clock):
    """After some wrong passwords a name waits; a right one begins anew."""
    attempts = Attempts(clock)
    for _ in range(MOST):
        assert not attempts.are_too_many("ada")
        attempts.failed("ada")
    assert attempts.are_too_many("ada")
    assert not attempts.are_too_many("ben")
    clock.now = PAUSE_S
    assert not attempts.are_too_many("ada")
    attempts.failed("ada")
    assert not attempts.are_too_many("ada")


def test_names_that_services_take():
    """A subject of any characters has a name that services take, the same each time."""
    assert "kiosk-7" == pseudonym("kiosk-7")
    assert SAFE.fullmatch(pseudonym("auth0|ü 1"))
    assert pseudonym("auth0|ü 1") == pseudonym("auth0|ü 1") != pseudonym("auth0|ü 2")
