from __future__ import annotations

import os
import subprocess
import sys

import pytest

PROVOKED = """
{first}
import socket, threading
import grpc

server = socket.create_server(("127.0.0.1", 0))
port = server.getsockname()[1]

def tell() -> None:
    connection, _ = server.accept()
    server.close()
    connection.sendall(bytes.fromhex("000000040000000000" "0000080700000000000000000000000002"))
    connection.recv(1 << 16)
    connection.shutdown(socket.SHUT_WR)  # sent data arrives before the end

teller = threading.Thread(target=tell)
teller.start()
with grpc.insecure_channel(f"127.0.0.1:{{port}}", [("grpc.enable_http_proxy", 0)]) as channel:
    try:
        channel.unary_unary("/no/Method")(b"", timeout=3)
    except grpc.RpcError:
        pass
teller.join()
"""
"""A server whose first frames are SETTINGS and GOAWAY with an error, on which gRPC's core prints a line."""


def words(first: str, **environment: str) -> str:
    """What such a process writes to standard error, with these words before gRPC is imported."""
    kept = {name: value for name, value in os.environ.items() if name != "GRPC_VERBOSITY"} | environment
    script = [sys.executable, "-c", PROVOKED.format(first=first)]
    return subprocess.run(script, env=kept, capture_output=True, text=True, check=True).stderr


@pytest.mark.parametrize(
    "first", ["import services.running", "import fusion.__main__", "import cli.main; cli.main.quiet()"]
)
def test_grpcs_core_prints_nothing(first: str) -> None:
    """Neither in a service nor in the command, unless the user asks for it."""
    assert "goaway" not in words(first).lower()
    assert "goaway" in words(first, GRPC_VERBOSITY="INFO").lower()
