"""Numbers in messages and tables: exact, and as a person would type them."""

from __future__ import annotations


def exact(number: float) -> str:
    """The shortest decimal that reads back as the number: 1000000, 0.999999999, 1e-9.

    A limit must not be rounded: the rounded one may be refused.
    """
    if isinstance(number, int) or (number.is_integer() and abs(number) < 1e16):
        return str(int(number))
    digits, _, exponent = repr(float(number)).partition("e")
    return f"{digits}e{int(exponent)}" if exponent else digits
