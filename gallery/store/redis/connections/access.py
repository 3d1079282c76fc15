"""How to connect to a Redis server: user, password, certificates, and what keeps a write safe there."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from redis.credentials import CredentialProvider

from biometrics.errors import ConfigurationInvalid


@dataclass(frozen=True, slots=True)
class Access:
    """Who connects, and how.

    Args:
        user: ACL user; "" for the default user.
        password_file: file with the password in its first line; "" if there is none. Read again for every connection.
        authority: PEM file of the authority that signed the server's certificate; "": those of the machine.
        certificate: PEM file of this client's certificate; "" if the server asks for none.
        key: PEM file of its private key.
    """

    user: str = ""
    password_file: str = ""
    authority: str = ""
    certificate: str = ""
    key: str = ""

    def options(self, *, tls: bool) -> dict[str, Any]:
        """Arguments of a connection of redis-py.

        Raises:
            ConfigurationInvalid: there is a user without a password file, or a file of TLS is missing.
        """
        options: dict[str, Any] = {}
        if self.password_file:
            options["credential_provider"] = PasswordFile(self.user, self.password_file)
        elif self.user:
            raise ConfigurationInvalid("BIOFUSION_REDIS_USER needs BIOFUSION_REDIS_PASSWORD_FILE.")
        if tls:
            options |= {
                "ssl_ca_certs": _file(self.authority),
                "ssl_certfile": _file(self.certificate),
                "ssl_keyfile": _file(self.key),
            }
        return options


@dataclass(frozen=True, slots=True)
class Demands:
    """What a server must do to keep acknowledged writes.

    Args:
        allow_unsafe: accept one that may lose them.
        sync_is_managed: the provider states that each write is on disk when it is acknowledged; believed if the server
            forbids CONFIG GET.
        replicas: how many replicas must confirm each write; 0: none.
        replicas_on_disk: whether they confirm it when it is on their disk, and not when they have it in memory.
        confirm_s: seconds in which they must.
        min_replicas: the least `min-replicas-to-write` that the server must have.
    """

    allow_unsafe: bool = False
    sync_is_managed: bool = False
    replicas: int = 0
    replicas_on_disk: bool = False
    confirm_s: float = 1.0
    min_replicas: int = 0


class PasswordFile(CredentialProvider):
    """The user, and the password that is in a file when a connection is made.

    Args:
        user: "" for the default user.
        path: of the file.
    """

    def __init__(self, user: str, path: str) -> None:
        self._user, self._path = user, path

    def get_credentials(self) -> tuple[str] | tuple[str, str]:
        """User, if it is not the default one, and password.

        Raises:
            ConfigurationInvalid: the file cannot be read, or its first line is empty.
        """
        password = _first_line(self._path)
        return (self._user, password) if self._user else (password,)

    async def get_credentials_async(self) -> tuple[str] | tuple[str, str]:
        """As `get_credentials`: the client's own version of it logs a warning at every connection."""
        return self.get_credentials()


def _first_line(path: str) -> str:
    try:
        lines = Path(path).read_text().splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationInvalid(
            f"The file that BIOFUSION_REDIS_PASSWORD_FILE names cannot be read ({type(error).__name__})."
        ) from error
    if not lines or not lines[0]:
        raise ConfigurationInvalid("The first line of the file that BIOFUSION_REDIS_PASSWORD_FILE names is empty.")
    return lines[0]


def _file(path: str) -> str | None:
    if path and not Path(path).is_file():
        raise ConfigurationInvalid(f"There is no file {path}, which a BIOFUSION_REDIS_TLS_… setting names.")
    return path or None
