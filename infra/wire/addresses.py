"""The addresses in a gRPC target, and whether they are on this machine."""

from __future__ import annotations

import ipaddress


def addresses(target: str) -> list[tuple[str, int]]:
    """Host and port of each address of a gRPC target, e.g. `localhost:50050` or `ipv4:127.0.0.1:1,127.0.0.1:2`.

    Empty for a Unix socket. A missing or invalid port is 443, as in gRPC.
    """
    if target.startswith(_UNIX):
        return []
    names = target.rsplit("/", 1)[-1]
    for scheme in ("dns:", "ipv4:", "ipv6:"):
        names = names.removeprefix(scheme)
    return [_host_and_port(each) for each in names.split(",")]


def is_this_machine(target: str) -> bool:
    """Whether a gRPC target is a Unix socket or all of its addresses are loopback."""
    return all(_is_loopback(host) for host, _ in addresses(target))


_UNIX = ("unix:", "unix-abstract:")


def _host_and_port(address: str) -> tuple[str, int]:
    if address.startswith("["):
        host, _, port = address[1:].partition("]")
    elif address.count(":") > 1:
        host, port = address, ""
    else:
        host, _, port = address.partition(":")
    digits = port.removeprefix(":")
    return host, int(digits) if digits.isascii() and digits.isdecimal() else 443


def _is_loopback(host: str) -> bool:
    name = host.rstrip(".").lower()
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified
