"""Enums of the domain and of the wire, by tables made once: a lookup takes a tenth of what parsing names took."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, Generic, TypeVar

from biometrics.errors import FieldInvalid

E = TypeVar("E", bound=StrEnum)


class Names(Generic[E]):
    """One enum of the domain and of the wire, looked up both ways: `PREFIX_NAME` there is `NAME` here.

    Args:
        domain: the domain's.
        wire: the generated wrapper.
        prefix: of the wire's names.
        field: named in errors.
    """

    def __init__(self, domain: type[E], wire: Any, prefix: str, field: str = "") -> None:
        numbers: dict[str, int] = dict(wire.items())
        self._to_wire = {each: numbers[prefix + each] for each in domain if prefix + each in numbers}
        self._from_wire = {number: each for each, number in self._to_wire.items()}
        self._prefix = prefix
        self._field = field

    def to_wire(self, value: E) -> Any:
        """The wire's number."""
        return self._to_wire[value]

    def known(self, number: int) -> E | None:
        """The domain's value, or None where the wire has a number that this version does not know, or has for none."""
        return self._from_wire.get(number)

    def from_wire(self, number: int) -> E:
        """The domain's value.

        Raises:
            FieldInvalid: the wire has a number that this version does not know, or has for none.
        """
        value = self._from_wire.get(number)
        if value is None:
            names = ", ".join(self._prefix + each for each in self._to_wire)
            raise FieldInvalid(self._field, f"must be stated: one of {names}.")
        return value
