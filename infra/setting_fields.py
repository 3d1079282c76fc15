"""Fields of settings: their documentation, their ranges, and how their texts are read."""

from __future__ import annotations

from dataclasses import field
from typing import Any

from biometrics.errors import ConfigurationInvalid
from biometrics.exact_numbers import exact

PREFIX = "BIOFUSION_"


def setting(default: Any, doc: str, low: float | None = None, high: float | None = None, *, rare: bool = False) -> Any:
    """A settings field with its documentation and, for numbers, its range; a rare one is not in the README."""
    return field(default=default, metadata={"doc": doc, "low": low, "high": high, "rare": rare})


_BOOLEANS = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}


def parsed(name: str, text: str, default: Any) -> Any:
    """The value of a variable, of the type of its default. Raises ConfigurationInvalid."""
    try:
        return _BOOLEANS[text.lower()] if isinstance(default, bool) else type(default)(text)
    except (KeyError, ValueError):
        raise ConfigurationInvalid(f"{name} is {text!r}; a value of type {type(default).__name__} is needed.") from None


def check_range(name: str, value: float, low: float | None, high: float | None) -> None:
    """Refuse a number out of its range. Raises ConfigurationInvalid."""
    if low is not None and high is not None and not low <= value <= high:
        raise ConfigurationInvalid(
            f"{PREFIX}{name.upper()} is {exact(value)}; {exact(low)} to {exact(high)} is allowed."
        )


def check_together(settings: Any, one: str, other: str) -> None:
    """Refuse one of two settings without the other. Raises ConfigurationInvalid."""
    if bool(getattr(settings, one)) != bool(getattr(settings, other)):
        raise ConfigurationInvalid(f"{PREFIX}{one.upper()} and {PREFIX}{other.upper()} are needed together.")
