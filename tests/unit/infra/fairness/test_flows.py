from __future__ import annotations

import pytest

from infra.fairness.flows import Flows, current_flow, machine_of


class Call:
    """The part of a call's context that tells its flow."""

    def __init__(self, peer: str, token: str = "") -> None:
        self._peer, self._metadata = peer, (("authorization", token),) if token else None

    def peer(self) -> str:
        """See grpc.aio.ServicerContext."""
        return self._peer

    def invocation_metadata(self) -> tuple[tuple[str, str], ...] | None:
        """See grpc.aio.ServicerContext."""
        return self._metadata


@pytest.mark.parametrize(
    ("peer", "machine"),
    [("ipv4:192.0.2.1:5000", "ipv4:192.0.2.1"), ("ipv6:[2001:db8::1]:5000", "ipv6:[2001:db8::1]"), ("unix:", "unix:")],
)
async def test_without_a_name_all_connections_of_a_machine_are_one_flow(peer: str, machine: str) -> None:
    """The port is left out, so that more connections bring no more turns."""
    assert machine == machine_of(peer)
    assert machine == Flows().learn(Call(peer), None) == current_flow.get()


async def test_a_flow_is_known_by_connection_and_token() -> None:
    """A proxy sends the tokens of several callers over one connection."""
    flows = Flows()
    flows.learn(Call("ipv4:192.0.2.1:5000", "Bearer a"), "issuer#ann")
    flows.learn(Call("ipv4:192.0.2.1:5000", "Bearer b"), "issuer#ben")
    assert "issuer#ann" == flows.known(Call("ipv4:192.0.2.1:5000", "Bearer a"))
    assert "issuer#ben" == flows.known(Call("ipv4:192.0.2.1:5000", "Bearer b"))
    assert flows.known(Call("ipv4:192.0.2.1:5001", "Bearer a")) is None
    assert "Bearer" not in repr(flows._known)


async def test_the_number_of_remembered_connections_is_bounded() -> None:
    """The oldest is forgotten."""
    flows = Flows(2)
    for port in range(3):
        flows.learn(Call(f"ipv4:192.0.2.1:{port}"), None)
    assert [None, "ipv4:192.0.2.1"] == [flows.known(Call(f"ipv4:192.0.2.1:{port}")) for port in (0, 2)]
