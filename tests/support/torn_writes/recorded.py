"""The record of a process's writes (recorder.c), and the files that a power cut at any moment of it would leave.

Written bytes, sizes and names that were not synced may be on the disk or not, in any combination: `left_at` drops them
all, or keeps a random half of the pages.
"""

from __future__ import annotations

import os
import random
import shutil
import struct
import subprocess
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

_HEAD = struct.Struct("<cQQQ")
PAGE = 4096


@dataclass(frozen=True, slots=True)
class Event:
    """One entry of the record; fields as in recorder.c."""

    kind: str
    inode: int
    offset: int
    data: bytes


@dataclass
class Disk:
    """What is on the disk, and what was written since, at one moment of the record."""

    files: dict[int, bytearray] = field(default_factory=dict)
    names: dict[str, int] = field(default_factory=dict)
    waiting: dict[int, list[Event]] = field(default_factory=lambda: defaultdict(list))
    waiting_names: list[Event] = field(default_factory=list)

    def take(self, event: Event) -> None:
        """Carry out the next event."""
        match event.kind:
            case "W" | "T":
                self.waiting[event.inode].append(event)
            case "S":
                self._sync(event.inode)
            case "N" | "R" | "L" | "U":
                if event.kind == "N":
                    self.files[event.inode], self.waiting[event.inode] = bytearray(), []
                self.waiting_names.append(event)

    def left(self, rng: random.Random | None) -> dict[str, bytes]:
        """Content of the files by name after a power cut; with `rng` some of what was not synced is there."""
        files, names = {inode: bytearray(content) for inode, content in self.files.items()}, dict(self.names)
        if rng is not None:
            for event in self.waiting_names[: rng.randrange(len(self.waiting_names) + 1)]:
                _rename(names, event)
            for inode, events in self.waiting.items():
                for event in events:
                    _change(files[inode], event, rng)
        return {name: bytes(files[inode]) for name, inode in names.items()}

    def _sync(self, inode: int) -> None:
        if inode not in self.files:  # the folder
            for event in self.waiting_names:
                _rename(self.names, event)
            self.waiting_names.clear()
            return
        for event in self.waiting.pop(inode, ()):
            _change(self.files[inode], event, None)
        for event in [each for each in self.waiting_names if each.kind == "N" and each.inode == inode]:
            _rename(self.names, event)
            self.waiting_names.remove(event)


def build(folder: Path) -> dict[str, str]:
    """Compile the recorder; returns the environment in which a process is recorded, its store in `folder/store`."""
    compiler, library = shutil.which("cc"), folder / "recorder.so"
    assert compiler is not None
    source = Path(__file__).with_name("recorder.c")
    subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-o", library, source, "-ldl", "-pthread"], check=True)
    (folder / "store").mkdir()
    return {
        **os.environ,
        "LD_PRELOAD": str(library),
        "RECORDED_FOLDER": str(folder / "store"),
        "RECORD": str(folder / "record"),
    }


def events_of(record: Path) -> Iterator[Event]:
    """All whole entries of a record."""
    with record.open("rb") as file:
        while len(head := file.read(_HEAD.size)) == _HEAD.size:
            kind, inode, offset, length = _HEAD.unpack(head)
            data = file.read(length)
            if len(data) == length:
                yield Event(kind.decode(), inode, offset, data)


def left_at(
    events: Sequence[Event], moments: Sequence[int], rng: random.Random
) -> Iterator[tuple[list[str], dict[str, bytes]]]:
    """For each moment, a number of events, rising: lines printed until then, and the files left by a power cut.

    Every other moment drops all that was not synced; the others keep a random half of it.
    """
    disk, printed, done = Disk(), bytearray(), 0
    for number, moment in enumerate(moments):
        for event in events[done:moment]:
            disk.take(event)
            if event.kind == "P":
                printed += event.data
        done = moment
        yield printed.decode().split("\n")[:-1], disk.left(rng if number % 2 else None)


def _change(content: bytearray, event: Event, rng: random.Random | None) -> None:
    """Carry out a write or a new size; with `rng`, each page of it with a probability of 1/2."""
    if event.kind == "T":
        if rng is None or rng.random() < 0.5:
            content[event.offset :] = bytes(max(0, event.offset - len(content)))
        return
    for start in range(0, len(event.data), PAGE):
        if rng is None or rng.random() < 0.5:
            piece, place = event.data[start : start + PAGE], event.offset + start
            content.extend(bytes(max(0, place - len(content))))
            content[place : place + len(piece)] = piece


def _rename(names: dict[str, int], event: Event) -> None:
    first, _, second = event.data.decode().partition("\0")
    match event.kind:
        case "N":
            names[first] = event.inode
        case "R" if first in names:
            names[second] = names.pop(first)
        case "L" if first in names:
            names[second] = names[first]
        case "U":
            names.pop(first, None)
