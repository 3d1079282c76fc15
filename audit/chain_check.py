"""Verifies one chain, line by line."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from audit.chain_folder import segments
from audit.faults import Fault, FaultKind
from audit.heads import EVERY, Head
from audit.lines import GENESIS, HASH, SEGMENT, is_whole, kind_and_number, parsed
from audit.signing import PublicKeys

MOST_FAULTS = 100
"""Faults of a chain that are told; the others are counted."""

MOST_UNSIGNED = 2 * EVERY
"""More records than this are never without a head: after `EVERY` of them and those of one group there is one."""

TOLD = 10_000
"""Records after which the progress is told."""

_HEAD = b'{"kind":"HEAD",'


@dataclass(frozen=True, slots=True)
class Checked:
    """What a chain's folder holds.

    Args:
        folder: its name.
        chain: id of the chain, by its first record; "" if that cannot be read.
        instance: name of its writer, likewise.
        first: number of the first record that is there.
        records: number of those that are.
        digest: hash of the last one, as it stands there.
        head: the last head that is in order; None if there is none.
        unsigned: number of records after it.
        torn: bytes after the last whole line: a process is writing, or ended while it was.
        faults: what is wrong, at most `MOST_FAULTS`.
        fault_count: number of all faults.
    """

    folder: str
    chain: str
    instance: str
    first: int
    records: int
    digest: str
    head: Head | None
    unsigned: int
    torn: int
    faults: tuple[Fault, ...]
    fault_count: int


class ChainCheck:
    """Verifies the chain in one folder; see `verification.verify` for the arguments."""

    def __init__(
        self, folder: Path, keys: PublicKeys, kept: Mapping[str, Sequence[Head]], *, may_begin_later: bool
    ) -> None:
        self._folder, self._keys, self._all_kept, self._may_begin_later = folder, keys, kept, may_begin_later
        self._faults: list[Fault] = []
        self._fault_count = 0
        self._chain, self._instance = "", folder.name
        self._kept: dict[int, str] = {}
        self._first = self._next = self._signed = self._records = 0
        self._digest = GENESIS
        self._head: Head | None = None
        self._torn = 0

    def run(self, progress: Callable[[int], None]) -> Checked:
        """Read all of it once."""
        files = segments(self._folder)
        self._begin(files)
        for place, (number, path) in enumerate(files):
            expected = files[0][0] + place
            if number != expected and (not place or number != files[place - 1][0] + 1):
                self._fault(FaultKind.MISSING, f"There is no file before {path.name} in the folder.")
            self._read(number, path, is_last=place == len(files) - 1, progress=progress)
        self._end()
        return Checked(
            self._folder.name,
            self._chain,
            self._instance,
            self._first,
            self._records,
            self._digest.decode("ascii", "replace"),
            self._head,
            self._next - self._signed,
            self._torn,
            tuple(self._faults),
            self._fault_count,
        )

    def _begin(self, files: Sequence[tuple[int, Path]]) -> None:
        """Take from the first record which chain this is and where it begins."""
        with files[0][1].open("rb") as file:
            record = parsed(file.readline()[HASH + 1 :]) or {}
        self._chain, self._instance = str(record.get("chain", "")), str(record.get("instance", self._folder.name))
        kept = self._all_kept.get(self._chain, ())
        self._kept = {each.n: each.hash for each in kept}
        if files[0][0] == 0:
            return
        self._first = self._next = self._signed = number if isinstance(number := record.get("n"), int) else 0
        self._digest = str(record.get("previous", "")).encode("ascii", "replace")
        if not self._may_begin_later:
            self._fault(FaultKind.MISSING, f"The files before {files[0][1].name} are not in the folder.")

    def _read(self, number: int, path: Path, *, is_last: bool, progress: Callable[[int], None]) -> None:
        """Read a file. The loop does as little as it can for each line: there may be many millions."""
        count, digest, kept, is_first = self._next, self._digest, self._kept, True
        with path.open("rb") as file:
            for line in file:
                own, record = line[:HASH], line[HASH + 1 : -1]
                if sha256(digest + record).hexdigest().encode() != own or not is_whole(line):
                    if is_last and line[-1:] != b"\n":
                        self._torn = len(line)
                        break
                    count = self._broken(line, count)
                if is_first or record.startswith(_HEAD):
                    self._look(record, count, digest, number if is_first else None)
                    is_first = False
                if count in kept:
                    self._compare(count, digest)
                count, digest = count + 1, own
                self._records += 1
                if self._records % TOLD == 0:
                    progress(self._records)
        self._next, self._digest = count, digest

    def _broken(self, line: bytes, expected: int) -> int:
        """Tell that a line does not follow from the one before; returns the number of its record."""
        found = kind_and_number(line[HASH + 1 : -1]) if is_whole(line) else None
        number = expected if found is None else found[1]
        if number > expected:
            what = f"The records {expected} to {number - 1} are not before it."
            self._fault(FaultKind.MISSING, what, expected)
        elif number < expected:
            self._fault(FaultKind.MOVED, f"Record {number} is in the place of record {expected}.", expected)
        else:
            self._fault(FaultKind.CHANGED, "It, or the one before it, is not as it was written.", expected)
        return number

    def _look(self, record: bytes, count: int, digest: bytes, segment: int | None) -> None:
        """Look at a head, or at the first record of a file."""
        fields = parsed(record) or {}
        if segment is not None:
            self._look_at_first(fields, segment)
        if fields.get("kind") == "HEAD":
            self._look_at_head(Head.of(fields), count, digest)

    def _look_at_first(self, fields: dict[str, Any], segment: int) -> None:
        is_first = fields.get("kind") == SEGMENT
        if not is_first or fields.get("segment") != segment or fields.get("chain") != self._chain:
            what = f"The file of number {segment} does not begin as the file of this number and chain."
            self._fault(FaultKind.MOVED, what, self._next)

    def _look_at_head(self, head: Head | None, count: int, digest: bytes) -> None:
        if count - self._signed > MOST_UNSIGNED:
            self._fault(FaultKind.UNSIGNED, f"{count - self._signed} records before it are without a head.", count)
        facts = (self._chain, self._instance, count, digest.decode("ascii", "replace"))
        if head is None or (head.chain, head.instance, head.n, head.hash) != facts:
            self._fault(FaultKind.BADLY_SIGNED, "The head does not stand for the records before it.", count)
        elif not head.is_by(self._keys):
            known = "with another key than it names" if head.key in self._keys else f"with an unknown key, {head.key}"
            self._fault(FaultKind.BADLY_SIGNED, f"The head is signed {known[:60]}.", count)
        else:
            self._head = head
        self._signed = count

    def _compare(self, count: int, digest: bytes) -> None:
        """Compare with a head that was kept."""
        if self._kept.pop(count).encode() != digest:
            what = "The records before it are not those of a head that was kept: they were written again."
            self._fault(FaultKind.FORKED, what, count)

    def _end(self) -> None:
        if self._next in self._kept:
            self._compare(self._next, self._digest)
        for n in sorted(each for each in self._kept if each > self._next):
            what = f"It ends with {self._next} records; a head was kept that has {n}."
            self._fault(FaultKind.TRUNCATED, what, self._next)
        if self._next - self._signed > MOST_UNSIGNED:
            what = f"The last {self._next - self._signed} records are without a head."
            self._fault(FaultKind.UNSIGNED, what, self._signed)

    def _fault(self, kind: FaultKind, what: str, number: int | None = None) -> None:
        self._fault_count += 1
        if len(self._faults) < MOST_FAULTS:
            where = self._instance if number is None else f"{self._instance}/{number}"
            self._faults.append(Fault(kind, where, what))
