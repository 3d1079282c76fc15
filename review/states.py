"""The states of a case, and which command leads from one to the next: all that is allowed is in one table."""

from __future__ import annotations

from enum import StrEnum

from biometrics.errors import PreconditionFailed


class ReviewState(StrEnum):
    """How far a case is. CLOSED, EXPIRED and WITHDRAWN are final."""

    OPEN = "OPEN"
    CLAIMED = "CLAIMED"
    FIRST_VERDICT = "FIRST_VERDICT"
    SECOND_CLAIMED = "SECOND_CLAIMED"
    DISPUTED = "DISPUTED"
    SUPERVISOR_CLAIMED = "SUPERVISOR_CLAIMED"
    CLOSED = "CLOSED"
    EXPIRED = "EXPIRED"
    WITHDRAWN = "WITHDRAWN"

    @property
    def is_final(self) -> bool:
        """Whether nobody can act on the case any more."""
        return self in (ReviewState.CLOSED, ReviewState.EXPIRED, ReviewState.WITHDRAWN)


class Command(StrEnum):
    """What moves a case."""

    CLAIM = "CLAIM"
    """A reviewer takes it."""
    SUPERVISE = "SUPERVISE"
    """A supervisor takes it."""
    GIVE_BACK = "GIVE_BACK"
    """Who has it gives it back, or the lease has ended."""
    DECIDE = "DECIDE"
    """The first reviewer, or the supervisor, gives a verdict."""
    AGREE = "AGREE"
    """The second reviewer gives the verdict of the first."""
    DISPUTE = "DISPUTE"
    """The second reviewer gives another verdict."""
    EXPIRE = "EXPIRE"
    """Its time has passed."""
    WITHDRAW = "WITHDRAW"
    """It is not needed any more, or its subject was erased."""


_S = ReviewState

_MOVES: dict[tuple[ReviewState, Command], ReviewState] = {
    (_S.OPEN, Command.CLAIM): _S.CLAIMED,
    (_S.CLAIMED, Command.GIVE_BACK): _S.OPEN,
    (_S.CLAIMED, Command.DECIDE): _S.FIRST_VERDICT,
    (_S.FIRST_VERDICT, Command.CLAIM): _S.SECOND_CLAIMED,
    (_S.SECOND_CLAIMED, Command.GIVE_BACK): _S.FIRST_VERDICT,
    (_S.SECOND_CLAIMED, Command.AGREE): _S.CLOSED,
    (_S.SECOND_CLAIMED, Command.DISPUTE): _S.DISPUTED,
    (_S.DISPUTED, Command.SUPERVISE): _S.SUPERVISOR_CLAIMED,
    (_S.SUPERVISOR_CLAIMED, Command.GIVE_BACK): _S.DISPUTED,
    (_S.SUPERVISOR_CLAIMED, Command.DECIDE): _S.CLOSED,
}
_ENDS = {Command.EXPIRE: _S.EXPIRED, Command.WITHDRAW: _S.WITHDRAWN}
"""From every state that is not final."""


def next_state(state: ReviewState, command: Command) -> ReviewState:
    """The state after a command.

    Raises:
        PreconditionFailed: CASE_STATE, the command is not possible in this state.
    """
    following = _ENDS.get(command) if not state.is_final and command in _ENDS else _MOVES.get((state, command))
    if following is None:
        raise PreconditionFailed(
            f"The case is {state}, in which {command} is not possible. Read it again.", reason="CASE_STATE", state=state
        )
    return following
