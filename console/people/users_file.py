"""The file of local users: one line each, `NAME:ROLE,ROLE:scrypt:N:R:P:SALT:HASH`, read again when it changes.

Passwords are hashed by scrypt (RFC 7914) with N = 2^15, r = 8, p = 3: 32 MiB and about 0.2 s (OWASP's advice).
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from base64 import b64decode, b64encode
from dataclasses import dataclass
from pathlib import Path

from biometrics.errors import ConfigurationInvalid
from console.people.person import ROLES, Person
from infra.file_watch import FileWatch
from infra.identity.intent import SAFE

SHORTEST = 12
"""Fewest characters of a password (NIST SP 800-63B asks for at least 8)."""
_COST = (2**15, 8, 3)
_MEMORY = 64 * 1024 * 1024
_LONGEST = 1024


@dataclass(frozen=True, slots=True)
class _User:
    person: Person
    cost: tuple[int, int, int]
    salt: bytes
    hashed: bytes

    def knows(self, password: str) -> bool:
        return hmac.compare_digest(self.hashed, _hash(password, self.salt, self.cost))


class UsersFile:
    """Local users.

    Args:
        path: of the file; without it there are no users.

    Raises:
        ConfigurationInvalid: a line cannot be read.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._watch = FileWatch(path)
        self._users = _read(path)
        self._nobody = _User(Person("nobody", frozenset()), _COST, secrets.token_bytes(16), secrets.token_bytes(32))

    def __len__(self) -> int:
        return len(self._users)

    def person(self, name: str, password: str) -> Person | None:
        """The person of this name if the password is right; takes as long if there is none. Takes about 0.2 s."""
        if self._watch.has_changed():
            self._users = _read(self._path)
        user = self._users.get(name, self._nobody)
        return user.person if user.knows(password[:_LONGEST]) and user is not self._nobody else None


def add(path: Path, person: Person, password: str) -> None:
    """Add a user to a file, or replace the one of this name.

    Raises:
        ConfigurationInvalid: the name, a role or the password cannot be used, or the file cannot.
    """
    if not SAFE.fullmatch(person.name) or ":" in person.name:
        raise ConfigurationInvalid("A name has 1 to 128 letters, digits and . _ / + @ = - characters.")
    if not person.roles or not person.roles <= set(ROLES):
        raise ConfigurationInvalid(f"A user needs roles, some of {', '.join(ROLES)}.")
    if len(password) < SHORTEST or len(password) > _LONGEST:
        raise ConfigurationInvalid(f"A password needs {SHORTEST} to {_LONGEST} characters.")
    salt = secrets.token_bytes(16)
    users = _read(path) | {person.name: _User(person, _COST, salt, _hash(password, salt, _COST))}
    _write(path, "".join(_line(each) for each in users.values()))


def _hash(password: str, salt: bytes, cost: tuple[int, int, int]) -> bytes:
    n, r, p = cost
    return hashlib.scrypt(password.encode(), salt=salt, n=n, r=r, p=p, maxmem=_MEMORY, dklen=32)


def _line(user: _User) -> str:
    roles = ",".join(sorted(user.person.roles))
    numbers = ":".join(map(str, user.cost))
    salt, hashed = (b64encode(each).decode() for each in (user.salt, user.hashed))
    return f"{user.person.name}:{roles}:scrypt:{numbers}:{salt}:{hashed}\n"


def _read(path: Path) -> dict[str, _User]:
    try:
        lines = path.read_text(encoding="ascii").splitlines()
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationInvalid(f"The file of users {path} cannot be read.") from error
    try:
        users = [_user(line) for line in lines if line.strip() and not line.startswith("#")]
    except ValueError as error:
        raise ConfigurationInvalid(
            f"A line of {path} is no user. Make it with `biofusion console add-user`."
        ) from error
    return {each.person.name: each for each in users}


def _user(line: str) -> _User:
    name, roles, method, n, r, p, salt, hashed = line.strip().split(":")
    found = frozenset(roles.split(","))
    if method != "scrypt" or not found <= set(ROLES):
        raise ValueError(method)
    return _User(Person(name, found), (int(n), int(r), int(p)), b64decode(salt), b64decode(hashed))


def _write(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        whole = path.with_name(f".{path.name}.new")
        with os.fdopen(os.open(whole, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="ascii") as file:
            file.write(text)
        whole.replace(path)
    except OSError as error:
        raise ConfigurationInvalid(f"The file of users {path} cannot be written: {error.strerror}.") from error
