"""Stands in for `redis-cli` where scripts of k8s/ are run, as the package of the server has none.

It knows `-h`, `-p`, `--user`, `-e`, `--no-auth-warning` and `--rdb`; the password is in REDISCLI_AUTH. The answer is
printed as text, an error too, and then the exit code is 1.
"""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path
from typing import BinaryIO


def install(folder: Path) -> None:
    """Make an executable `redis-cli` in a folder."""
    path = folder / "redis-cli"
    path.write_text(f'#!/bin/sh\nexec {sys.executable} -SE {__file__} "$@"\n')
    path.chmod(0o755)


def main(words: list[str]) -> int:
    """Send the command, print the answer, and return the exit code."""
    options = {"--user": "default", "-h": "127.0.0.1", "-p": "6379", "--rdb": ""}
    while words and words[0].startswith("-"):
        option = words.pop(0)
        if option in options:
            options[option] = words.pop(0)
    commands = [words or ["sync"]]
    if password := os.environ.get("REDISCLI_AUTH"):
        commands.insert(0, ["auth", options["--user"], password])
    with socket.create_connection((options["-h"], int(options["-p"]))) as connection:
        answers = connection.makefile("rb")
        for command in commands:
            parts = [each.encode() for each in command]
            packed = b"".join(b"$%d\r\n%b\r\n" % (len(each), each) for each in parts)
            connection.sendall(b"*%d\r\n%b" % (len(parts), packed))
            if command == ["sync"]:
                Path(options["--rdb"]).write_bytes(copied(answers))
                return 0
            failed, text = answer(answers)
            if failed:
                break
    sys.stdout.write(f"{text}\n")
    return int(failed)


def copied(stream: BinaryIO) -> bytes:
    """The RDB file that a server sends to a replica; empty lines come before it while it is made."""
    while not (line := stream.readline().strip()):
        pass
    return stream.read(int(line[1:]))


def answer(stream: BinaryIO) -> tuple[bool, str]:
    """Whether the answer is an error, and its text."""
    line = stream.readline().decode().rstrip("\r\n")
    if line.startswith("$"):
        return False, stream.read(int(line[1:]) + 2)[:-2].decode()
    return line.startswith("-"), line[1:]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
