from __future__ import annotations

import json

import pytest

from infra.connections import is_this_machine, quiet, service_config


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("localhost:50050", True),
        ("LOCALHOST.:50050", True),
        ("face.localhost:1", True),
        ("127.0.0.1:50050", True),
        ("127.8.9.10", True),
        ("0.0.0.0:1", True),
        ("[::1]:50050", True),
        ("::1", True),
        ("dns:///localhost:1", True),
        ("dns:127.0.0.1:1", True),
        ("ipv4:127.0.0.1:1,127.0.0.1:2", True),
        ("ipv6:[::1]:1", True),
        ("unix:/run/matching.sock", True),
        ("unix-abstract:matching", True),
        ("ipv4:127.0.0.1:1,192.0.2.1:2", False),
        ("face.biofusion.svc.cluster.local:50051", False),
        ("dns:///face.example:50051", False),
        ("localhost.example:1", False),
        ("192.0.2.1:50050", False),
        ("[2001:db8::1]:50050", False),
        ("", False),
    ],
)
def test_loopback_targets_are_told_from_others(target: str, *, expected: bool) -> None:
    """In every form that gRPC takes; no proxy is used for them."""
    assert expected == is_this_machine(target)


def test_the_core_is_silenced_unless_it_was_asked_to_speak() -> None:
    """What the user set stays."""
    unset, asked = {}, {"GRPC_VERBOSITY": "DEBUG"}
    quiet(unset)
    quiet(asked)
    assert ({"GRPC_VERBOSITY": "NONE"}, {"GRPC_VERBOSITY": "DEBUG"}) == (unset, asked)


def test_only_what_ended_before_it_began_is_sent_again_by_itself() -> None:
    """UNAVAILABLE is, of every service, and nothing throttles it; an overload is not, as that would add to it."""
    config = json.loads(service_config())
    (methods,) = config["methodConfig"]
    assert ["UNAVAILABLE"] == methods["retryPolicy"]["retryableStatusCodes"]
    assert 4 == len(methods["name"])
    assert "retryThrottling" not in config
