"""Fields of a manifest's row: read from JSON, with errors that name the field and never show its content."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, TypeVar

from biometrics.errors import FieldInvalid
from gallery.subject import check_id

E = TypeVar("E", bound=StrEnum)
Fields = Mapping[str, Any]


def known_only(fields: Fields, known: frozenset[str], where: str = "") -> None:
    """Refuse fields that nobody reads, as a misspelt one would be lost unnoticed.

    Raises:
        FieldInvalid: there is one. Its name is shown if it has at most 40 characters.
    """
    for name in fields:
        if name not in known:
            raise FieldInvalid(f"{where}{name[:40]}", f"there is no such field; {', '.join(sorted(known))} are read.")


def spec_of(spec: Any) -> Fields:
    """The spec of a job as fields. Raises FieldInvalid if it is no object."""
    if not isinstance(spec, dict):
        raise FieldInvalid("spec", "an object is needed.")
    return spec


def flag(fields: Fields, name: str) -> bool:
    """True or false; false if it is left out."""
    value = fields.get(name, False)
    if not isinstance(value, bool):
        raise FieldInvalid(name, "true or false is needed.")
    return value


def text(fields: Fields, name: str, where: str = "", *, is_needed: bool = False) -> str:
    """A text; "" if it is left out. Raises FieldInvalid if it is no text, or needed and left out."""
    value = fields.get(name, "")
    if not isinstance(value, str) or (is_needed and not value) or not _is_unicode(value):
        raise FieldInvalid(f"{where}{name}", "a text is needed.")
    return value


def gallery(fields: Fields) -> str:
    """The name of a gallery; "" if it is left out. Raises FieldInvalid if it is no id."""
    name = text(fields, "gallery")
    return check_id(name, "gallery") if name else ""


def _is_unicode(value: str) -> bool:
    """Whether it can be written in UTF-8: JSON may hold halves of pairs."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def texts(fields: Fields, name: str) -> tuple[str, ...]:
    """A list of texts; empty if it is left out."""
    values = fields.get(name, [])
    if not isinstance(values, list) or not all(isinstance(each, str) for each in values):
        raise FieldInvalid(name, "a list of texts is needed.")
    return tuple(values)


def number(fields: Fields, name: str, where: str = "") -> float | None:
    """A number; None if it is left out."""
    value = fields.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise FieldInvalid(f"{where}{name}", "a number is needed.")
    return float(value)


def objects(fields: Fields, name: str) -> tuple[Fields, ...]:
    """A list of objects; empty if it is left out."""
    values = fields.get(name, [])
    if not isinstance(values, list) or not all(isinstance(each, dict) for each in values):
        raise FieldInvalid(name, "a list of objects is needed.")
    return tuple(values)


def choice(fields: Fields, name: str, kind: type[E], where: str = "", *, is_needed: bool = False) -> E | None:
    """A member of an enumeration by its name; None if it is left out."""
    value = text(fields, name, where, is_needed=is_needed)
    if not value:
        return None
    if value not in kind.__members__:
        raise FieldInvalid(f"{where}{name}", f"use one of: {', '.join(kind.__members__)}.")
    return kind[value]


def time(fields: Fields, name: str) -> datetime | None:
    """A time in ISO 8601 with its zone; None if it is left out."""
    value = text(fields, name)
    if not value:
        return None
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        raise FieldInvalid(name, "a time such as 2030-01-01T00:00:00Z is needed.") from None
    if found.tzinfo is None:
        raise FieldInvalid(name, "state the zone of the time, e.g. Z for UTC.")
    return found.astimezone(UTC)
