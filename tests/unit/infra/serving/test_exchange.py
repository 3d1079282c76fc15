from __future__ import annotations

from contextlib import suppress

from infra.serving.exchange import let_go


def from_cause(error: BaseException, cause: BaseException) -> None:
    """Raise it from another."""
    raise error from cause


def raised(error: BaseException, cause: BaseException) -> None:
    """Make the error as it is when it has been raised from another."""
    with suppress(BaseException):
        from_cause(error, cause)


def test_errors_that_come_from_each_other_are_let_go() -> None:
    """Those they came from too, also where an error comes from itself or from what it caused, and those of a group."""
    first, second, third = ValueError("1"), ValueError("2"), ValueError("3")
    raised(third, third)
    raised(second, first)
    raised(first, second)
    group = BaseExceptionGroup("g", [second, third])
    let_go(group)
    assert [None] * 4 == [each.__traceback__ for each in (first, second, third, group)]
