"""A name server for tests: one name, with the addresses that the test currently sets."""

from __future__ import annotations

import asyncio
import ipaddress


class NameServer(asyncio.DatagramProtocol):
    """Answers every question of type A with `addresses`, everything else with nothing (RFC 1035).

    Attributes:
        asked: names that were asked for, in order.
    """

    def __init__(self) -> None:
        self.addresses: list[str] = []
        self.asked: list[str] = []
        self.port = 0
        self._transport: asyncio.DatagramTransport | None = None

    async def start(self) -> None:
        """Listen on a free port of 127.0.0.1."""
        loop = asyncio.get_running_loop()
        self._transport, _ = await loop.create_datagram_endpoint(lambda: self, local_addr=("127.0.0.1", 0))
        self.port = self._transport.get_extra_info("sockname")[1]

    def stop(self) -> None:
        """Stop listening."""
        if self._transport:
            self._transport.close()

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """Answer one query."""
        end = data.index(b"\0", 12) + 5
        self.asked.append(_name(data[12 : end - 5]))
        question, is_a = data[12:end], data[end - 4 : end - 2] == b"\0\1"
        found = self.addresses if is_a else []
        head = data[:2] + b"\x84\0" + b"\0\1" + len(found).to_bytes(2, "big") + b"\0\0\0\0"
        record = b"\xc0\x0c\0\1\0\1" + bytes(4) + b"\0\4"  # the name above, A, IN, to be kept for 0 s
        answers = b"".join(record + ipaddress.ip_address(each).packed for each in found)
        assert self._transport is not None
        self._transport.sendto(head + question + answers, addr)


def _name(labels: bytes) -> str:
    """A name of labels, each after its length."""
    found = []
    while labels:
        found.append(labels[1 : labels[0] + 1].decode())
        labels = labels[labels[0] + 1 :]
    return ".".join(found)
