"""Counts how often two systems agreed, and writes down where they did not, in a thread."""

from __future__ import annotations

import logging
import threading
from collections import Counter, deque
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from biometrics.errors import ConfigurationInvalid, FieldInvalid
from fusion.shadow import counts_file, disagreements
from fusion.shadow.decisions import Beside, OtherDecision, Pair

log = logging.getLogger("biofusion.shadow")

MOST_WAITING = 10_000
"""Most disagreements that wait to be written; further ones are only counted."""

MOST_SYSTEMS = 100
"""Most systems that are told apart."""


class Recorder:
    """Records decisions of other systems beside those of this service.

    Counts are changed at once; the files follow in a thread, which writes all that waits together. The interpreter
    waits for it at its end. Each process needs files of its own.

    Args:
        path: the file of disagreements; the counts are beside it, in `<path>.counts`.

    Raises:
        ConfigurationInvalid: a file cannot be read or written.
    """

    def __init__(self, path: Path) -> None:
        self._path, self._counts_path = path, path.with_name(f"{path.name}.counts")
        counts, self._unwritten = counts_file.read(self._counts_path)
        self._counts = Counter(counts)
        self._systems = {each.system for each in counts}
        self._waiting: deque[bytes] = deque()
        self._lock = threading.Lock()
        self._is_changed = self._is_writing = False
        self._thread = ThreadPoolExecutor(1, "shadow")
        try:
            disagreements.append(path, ())
        except OSError as error:
            raise ConfigurationInvalid(
                f"BIOFUSION_SHADOW_FILE: {path} cannot be written: {error.strerror}. Name a file in an existing folder."
            ) from error

    def require_room(self, other: OtherDecision) -> None:
        """Check, before anything is decided, that the other system can be told apart.

        Raises:
            FieldInvalid: 100 others are known already.
        """
        if other.system not in self._systems and len(self._systems) >= MOST_SYSTEMS:
            raise FieldInvalid("other_decision.system", f"{MOST_SYSTEMS} other systems are counted already.")

    def record(self, beside: Beside) -> None:
        """Count a pair of decisions, and write it down if they differ."""
        pair = beside.pair
        line = None if pair.agrees else disagreements.line_of(beside)
        with self._lock:
            self._systems.add(pair.system)
            self._counts[pair] += 1
            if line is not None and len(self._waiting) < MOST_WAITING:
                self._waiting.append(line)
            elif line is not None:
                self._unwritten += 1
            self._is_changed = True
            if self._is_writing:
                return
            self._is_writing = True
        self._thread.submit(self._write_all)

    def counts(self, system: str) -> tuple[list[tuple[Pair, int]], int]:
        """Pairs of outcomes with their counts, in order, of one system or, if it is "", of all; and the unwritten."""
        with self._lock:
            found = [(pair, count) for pair, count in self._counts.items() if system in ("", pair.system)]
            return sorted(found), self._unwritten

    def close(self) -> None:
        """Write what waits, and end."""
        self._thread.shutdown()

    def _write_all(self) -> None:
        while True:
            with self._lock:
                if not self._is_changed:
                    self._is_writing = False
                    return
                self._is_changed = False
                lines = list(self._waiting)
                self._waiting.clear()
            self._append(lines)
            self._save()

    def _append(self, lines: list[bytes]) -> None:
        if not lines:
            return
        try:
            disagreements.append(self._path, lines)
        except OSError as error:
            log.warning("%d disagreements cannot be written to %s: %s", len(lines), self._path, error.strerror)
            with self._lock:
                self._unwritten += len(lines)

    def _save(self) -> None:
        with self._lock:
            counts: dict[Pair, int] = dict(self._counts)
            unwritten = self._unwritten
        try:
            counts_file.write(self._counts_path, counts, unwritten)
        except OSError as error:
            log.warning("the counts cannot be written to %s: %s", self._counts_path, error.strerror)
