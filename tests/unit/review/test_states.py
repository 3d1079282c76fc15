"""The states of a case: every pair of state and command."""

from __future__ import annotations

import pytest

from biometrics.errors import PreconditionFailed
from review.states import Command, ReviewState, next_state

ALLOWED = """
OPEN                CLAIM      CLAIMED
OPEN                EXPIRE     EXPIRED
OPEN                WITHDRAW   WITHDRAWN
CLAIMED             GIVE_BACK  OPEN
CLAIMED             DECIDE     FIRST_VERDICT
CLAIMED             EXPIRE     EXPIRED
CLAIMED             WITHDRAW   WITHDRAWN
FIRST_VERDICT       CLAIM      SECOND_CLAIMED
FIRST_VERDICT       EXPIRE     EXPIRED
FIRST_VERDICT       WITHDRAW   WITHDRAWN
SECOND_CLAIMED      GIVE_BACK  FIRST_VERDICT
SECOND_CLAIMED      AGREE      CLOSED
SECOND_CLAIMED      DISPUTE    DISPUTED
SECOND_CLAIMED      EXPIRE     EXPIRED
SECOND_CLAIMED      WITHDRAW   WITHDRAWN
DISPUTED            SUPERVISE  SUPERVISOR_CLAIMED
DISPUTED            EXPIRE     EXPIRED
DISPUTED            WITHDRAW   WITHDRAWN
SUPERVISOR_CLAIMED  GIVE_BACK  DISPUTED
SUPERVISOR_CLAIMED  DECIDE     CLOSED
SUPERVISOR_CLAIMED  EXPIRE     EXPIRED
SUPERVISOR_CLAIMED  WITHDRAW   WITHDRAWN
"""
TABLE = {(state, command): following for state, command, following in map(str.split, ALLOWED.split("\n")[1:-1])}


@pytest.mark.parametrize("state", ReviewState)
@pytest.mark.parametrize("command", Command)
def test_every_pair(state: ReviewState, command: Command) -> None:
    """A command leads to the state of the table, and is refused where the table has none."""
    following = TABLE.get((state.value, command.value))
    if following is not None:
        assert following == next_state(state, command).value
        return
    with pytest.raises(PreconditionFailed) as error:
        next_state(state, command)
    assert "CASE_STATE" == error.value.reason
