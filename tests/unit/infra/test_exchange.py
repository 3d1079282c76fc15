from __future__ import annotations

from infra.exchange import let_go


def raised(error: BaseException, cause: BaseException) -> BaseException:
    """The error as it is when it has been raised from another."""
    try:
        raise error from cause
    except BaseException as caught:  # noqa: BLE001 - looked at
        return caught


def test_errors_that_come_from_each_other_are_let_go() -> None:
    """Those they came from too, also where an error comes from itself or from what it caused, and those of a group."""
    first, second, third = ValueError("1"), ValueError("2"), ValueError("3")
    raised(third, third)
    raised(second, first)
    raised(first, second)
    group = BaseExceptionGroup("g", [second, third])
    let_go(group)
    assert [None] * 4 == [each.__traceback__ for each in (first, second, third, group)]
