"""The flow of a call: the callers that share one turn. A caller with a proven name; else the machine that calls.

Who calls is known only after authentication, which costs time. So the flow of each connection is remembered, with the
token that it sent: an overloaded server can then refuse a call before it looks at it.
"""

from __future__ import annotations

from collections import OrderedDict
from contextvars import ContextVar
from typing import Any

REMEMBERED = 10_000
"""Connections whose flow is remembered: about 2 MB."""

OWN = ""
"""The flow of work that serves no call, e.g. of jobs."""

current_flow: ContextVar[str] = ContextVar("current_flow", default=OWN)
"""The flow of the call that this task, or a worker thread working for it, serves."""


def machine_of(peer: str) -> str:
    """The machine of a peer as gRPC names it: `ipv4:192.0.2.1:5000` → `ipv4:192.0.2.1`; `unix:` for any socket."""
    if peer.startswith("unix"):
        return "unix:"
    return peer.rpartition(":")[0] or peer


class Flows:
    """Remembers the flows of connections.

    Args:
        most: connections that are remembered.
    """

    def __init__(self, most: int = REMEMBERED) -> None:
        self._most = most
        self._known: OrderedDict[tuple[str, int], str] = OrderedDict()

    def known(self, context: Any) -> str | None:
        """The flow that earlier calls of this connection and token had; None: there was none, or it is forgotten."""
        return self._known.get(_connection(context))

    def learn(self, context: Any, name: str | None) -> str:
        """The flow of a call, which is the current one from now on.

        Args:
            context: of the call.
            name: of the caller; None without a proof.
        """
        connection = _connection(context)
        flow = name or machine_of(connection[0])
        if self._known.get(connection) != flow:
            self._known[connection] = flow
            if len(self._known) > self._most:
                self._known.popitem(last=False)
        current_flow.set(flow)
        return flow


def _connection(context: Any) -> tuple[str, int]:
    """A connection, and the hash of its token: a token is a secret that is kept nowhere longer than its call."""
    proofs = [value for key, value in context.invocation_metadata() or () if key == "authorization"]
    return context.peer(), hash(tuple(proofs))
