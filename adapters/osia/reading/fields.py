"""Checks JSON objects field by field. Errors name the path, never a value or the name of an unknown field."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from adapters.osia.faults import bad

Check = Callable[[Any, str], Any]
"""Takes a value and its path; returns what is read of it, or raises Refused."""


def text(value: Any, path: str) -> str:
    """A string."""
    if not isinstance(value, str):
        raise bad(f"{path}: a string is needed.")
    return value


def number(value: Any, path: str) -> int:
    """An integer."""
    if not isinstance(value, int) or isinstance(value, bool):
        raise bad(f"{path}: an integer is needed.")
    return value


def one_of(*words: str) -> Check:
    """One of some words."""

    def check(value: Any, path: str) -> str:
        if not isinstance(value, str) or value not in words:
            raise bad(f"{path}: it is not one of {', '.join(words) if len(words) < 10 else 'the values of OSIA'}.")
        return value

    return check


def list_of(item: Check, most: int, least: int = 0) -> Check:
    """A list, of `least` to `most` items."""

    def check(value: Any, path: str) -> list[Any]:
        if not isinstance(value, list) or not least <= len(value) <= most:
            raise bad(f"{path}: a list of {least} to {most} items is needed.")
        return [item(each, f"{path}[{index}]") for index, each in enumerate(value)]

    return check


def refused(why: str) -> Check:
    """A field of the interface that is not honoured."""

    def check(_value: Any, path: str) -> Any:
        raise bad(f"{path}: {why}")

    return check


def anything(value: Any, _path: str) -> Any:
    """Any value."""
    return value


def record(fields: Mapping[str, Check], required: tuple[str, ...] = ()) -> Check:
    """An object with these fields and no others; null counts as left out."""

    def check(value: Any, path: str) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise bad(f"{path or 'the body'}: an object is needed.")
        dot = f"{path}." if path else ""
        if not set(value) <= set(fields):
            raise bad(f"{path or 'the body'}: it has a field that this interface does not know.")
        given = {name: each for name, each in value.items() if each is not None}
        for name in required:
            if name not in given:
                raise bad(f"{dot}{name}: it is required.")
        return {name: fields[name](each, f"{dot}{name}") for name, each in given.items()}

    return check
