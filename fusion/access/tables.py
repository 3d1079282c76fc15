"""Tables of a TOML file, read strictly: errors name the path, and keys that nobody reads are refused."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from enum import Enum
from typing import Any, TypeVar

from biometrics.errors import ConfigurationInvalid

E = TypeVar("E", bound=Enum)

WINDOW = re.compile(r"(\d{1,6})(s|min|h|d)")
SECONDS = {"s": 1.0, "min": 60.0, "h": 3600.0, "d": 86400.0}


class Table:
    """One table; `ended` refuses keys that were not read.

    Args:
        value: as the TOML reader gives it.
        path: where it stands, e.g. `rules[2]`; "" for the file.

    Raises:
        ConfigurationInvalid: it is no table. Every method raises it if what is there is of another form.
    """

    def __init__(self, value: Any, path: str = "") -> None:
        if not isinstance(value, dict):
            raise wrong(path, "a table is needed")
        self._value, self.path, self._read = value, path, set[str]()

    def at(self, key: str) -> str:
        """The path of a key."""
        return f"{self.path}.{key}" if self.path else key

    def text(self, key: str, default: str | None = None) -> str:
        """A text of 1 to 200 characters; needed if there is no default."""
        value = self._get(key, default)
        if not isinstance(value, str) or (default is None and not value) or len(value) > 200:
            raise wrong(self.at(key), "a text of 1 to 200 characters is needed")
        return value

    def flag(self, key: str) -> bool:
        """True or false; false if it is left out."""
        value = self._get(key, False)
        if not isinstance(value, bool):
            raise wrong(self.at(key), "true or false is needed")
        return value

    def count(self, key: str, most: int = 1_000_000) -> int:
        """A number from 1 on, needed."""
        value = self._get(key, None)
        if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= most:
            raise wrong(self.at(key), f"a number from 1 to {most} is needed")
        return value

    def seconds(self, key: str) -> float:
        """A length of time such as `30s`, `10min`, `1h` or `7d`, in seconds; needed, up to 31 days."""
        found = WINDOW.fullmatch(self.text(key))
        seconds = int(found[1]) * SECONDS[found[2]] if found else 0.0
        if not 0 < seconds <= 31 * SECONDS["d"]:
            raise wrong(self.at(key), "a length of time such as 30s, 10min, 1h or 7d is needed, up to 31d")
        return seconds

    def texts(self, key: str, *, is_needed: bool = True) -> tuple[str, ...]:
        """A list of texts, each once; if it is needed, at least one."""
        value = self._get(key, [])
        if not isinstance(value, list) or not all(isinstance(each, str) and each for each in value):
            raise wrong(self.at(key), "a list of texts is needed")
        if is_needed and not value:
            raise wrong(self.at(key), "at least one is needed")
        if len(set(value)) < len(value):
            raise wrong(self.at(key), "something is named twice")
        return tuple(value)

    def choice(self, key: str, kind: type[E], default: E) -> E:
        """A member of an enumeration by its value, or in lower case by its name if values are numbers."""
        names = {str(each.value) if isinstance(each.value, str) else each.name.lower(): each for each in kind}
        value = self._get(key, None)
        if value is None:
            return default
        if value not in names:
            raise wrong(self.at(key), f"one of {', '.join(names)} is needed")
        return names[value]

    def table(self, key: str) -> Table:
        """A table within; empty if it is left out."""
        return Table(self._get(key, {}), self.at(key))

    def tables(self, key: str) -> Iterator[Table]:
        """A list of tables; none if it is left out."""
        value = self._get(key, [])
        if not isinstance(value, list):
            raise wrong(self.at(key), "a list of tables is needed")
        for number, each in enumerate(value):
            with closed(Table(each, f"{self.at(key)}[{number}]")) as table:
                yield table

    def names(self) -> list[str]:
        """The keys, in the order of the file."""
        return list(self._value)

    def ended(self) -> None:
        """Refuse keys that were not read, as a misspelt one would be lost unnoticed."""
        for key in self._value:
            if key not in self._read:
                raise wrong(self.at(key[:40]), f"there is no such key; {', '.join(sorted(self._read))} are read")

    def _get(self, key: str, default: Any) -> Any:
        self._read.add(key)
        return self._value.get(key, default)


@contextmanager
def closed(table: Table) -> Iterator[Table]:
    """The table, whose keys must all be read within."""
    yield table
    table.ended()


def wrong(path: str, what: str) -> ConfigurationInvalid:
    """The error about what stands at a path."""
    return ConfigurationInvalid(f"The policy cannot be used: {path or 'the file'}: {what}.", path=path)


def known(names: Iterable[str], allowed: Iterable[str], path: str, what: str) -> None:
    """Refuse names that are not declared."""
    declared = tuple(allowed)
    for each in names:
        if each not in declared:
            raise wrong(path, f"{each[:80]!r} is no {what}; known: {', '.join(declared) or 'none'}")
