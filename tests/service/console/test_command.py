"""`biofusion console`."""

from __future__ import annotations

import pytest

from cli.main import cli
from console.people.users_file import UsersFile
from tests.support.console.running import PASSWORD


def run(*words):
    """The exit code of a command."""
    with pytest.raises(SystemExit) as ended:
        cli.main(words)
    return ended.value.code


def test_a_user_is_added(tmp_path, capsys):
    """A user who is added can log in with the roles that were given."""
    path = tmp_path / "users"
    roles = ("--role", "reviewer", "--role", "operator")
    assert 0 == run("console", "add-user", "ada", *roles, "--users-file", str(path), "--password", PASSWORD)
    assert "ada can log in to the console as reviewer, operator." in capsys.readouterr().out
    person = UsersFile(path).person("ada", PASSWORD)
    assert person is not None
    assert {"reviewer", "operator"} == person.roles


def test_a_console_that_nobody_could_use(tmp_path, monkeypatch, capsys):
    """Without users and without a provider the console does not start, and says what is missing."""
    monkeypatch.setenv("BIOFUSION_CONSOLE_USERS_FILE", str(tmp_path / "none"))
    assert 0 != run("console", "--port", "0")
    assert "Nobody could log in. Add a user: `biofusion console add-user" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("CONSOLE_HOST", "0.0.0.0", "TLS is off"),
        ("CONSOLE_FUSION_TARGET", "fusion.internal:50050", "TLS is off"),
        ("CONSOLE_PICTURE_ORIGIN", "http://images.internal/", "https://HOST"),
        ("CONSOLE_OIDC_ISSUER", "https://id.example.org", "together"),
    ],
)
def test_settings_that_cannot_be(console_settings, monkeypatch, capsys, name, value, told):
    """Plain text to other machines, and half a setting, are refused at the start."""
    monkeypatch.setenv("BIOFUSION_CONSOLE_USERS_FILE", console_settings.console_users_file)
    monkeypatch.setenv(f"BIOFUSION_{name}", value)
    assert 0 != run("console", "--port", "0")
    assert told in capsys.readouterr().err
