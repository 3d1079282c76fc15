from __future__ import annotations

from contextlib import suppress

from infra.serving.exchange import drop_traceback


def from_cause(error: BaseException, cause: BaseException) -> None:
    """Raise the error from another."""
    raise error from cause


def raised(error: BaseException, cause: BaseException) -> None:
    """Return the error after it has been raised from another."""
    with suppress(BaseException):
        from_cause(error, cause)


def test_tracebacks_of_chained_errors_are_dropped() -> None:
    """Also those of causes and of a group's members, and if causes are circular."""
    first, second, third = ValueError("1"), ValueError("2"), ValueError("3")
    raised(third, third)
    raised(second, first)
    raised(first, second)
    group = BaseExceptionGroup("g", [second, third])
    drop_traceback(group)
    assert [None] * 4 == [each.__traceback__ for each in (first, second, third, group)]
