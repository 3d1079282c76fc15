"""Group commit: records that wait for the disk share one write, by a thread of its own.

A record is on disk when `append` returns. What several callers append at once is written at once, so that the disk is
waited for once (DeWitt et al., Implementation techniques for main memory database systems, 1984).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Lock, Thread
from time import monotonic
from typing import Any

from audit.chain_folder import SEGMENT_BYTES, check_instance
from audit.heads import EVERY, EVERY_S, Head
from audit.lines import HEAD, OPEN, body
from audit.signing import SigningKey
from audit.tail import Draft, Tail
from audit.waiting import Waiting, tell
from biometrics.errors import AuditUnavailable, ConfigurationInvalid

log = logging.getLogger("biofusion.audit")

GROUP = 512
"""Most records written at once."""

RETRY_S = 1.0
"""Seconds after which a log that could not be written is tried again, with a head."""


class AuditLog:
    """The chain of one process. Safe to use from several event loops.

    Args:
        folder: of all chains; this one is in the folder `instance` in it.
        instance: name of the process, which no other has.
        key: signs the heads.
        facts: what the record of its start says, besides when, by whom, and how much a crash had left.
        segment_bytes: length from which on a file is followed by another.

    Raises:
        ConfigurationInvalid: the log cannot be opened or written.
    """

    def __init__(
        self, folder: Path, instance: str, key: SigningKey, facts: dict[str, Any], segment_bytes: int = SEGMENT_BYTES
    ) -> None:
        self._key, self._folder = key, folder / check_instance(instance)
        self._tail = Tail(self._folder, instance, segment_bytes)
        self._waiting: SimpleQueue[Waiting | None] = SimpleQueue()
        self._gate, self._is_ended = Lock(), False
        self._unsigned, self._due = 0, 0.0
        self._is_ready = True
        self.head: Head | None = None
        draft = self._tail.draft()
        draft.add(OPEN, body({"time": now(), "instance": instance, "cut": self._tail.end.cut, **facts}))
        try:
            self._commit(draft, self._signed(draft, closed=False))
        except OSError as error:
            self._tail.close()
            raise ConfigurationInvalid(f"The audit log in {folder} cannot be written: {error.strerror}.") from error
        self._thread = Thread(target=self._run, name="audit log", daemon=True)
        self._thread.start()

    def is_writable(self) -> bool:
        """Whether the last write was one; while it was not, it is tried again every second."""
        return self._is_ready

    async def append(self, kind: str, of: bytes) -> None:
        """Append a record and wait until it is on disk.

        If the caller is cancelled meanwhile, it is appended all the same.

        Args:
            kind: capital letters.
            of: the record's body, as `lines.body` makes it.

        Raises:
            AuditUnavailable: it cannot be written.
        """
        waiting = Waiting(kind, of, asyncio.get_running_loop().create_future())
        with self._gate:
            if self._is_ended:
                raise AuditUnavailable("The audit log is closed, as the process ends. Try again.")
            self._waiting.put(waiting)
        await waiting.done

    def close(self) -> None:
        """Write what waits and a last head; idempotent."""
        with self._gate:
            if self._is_ended:
                return
            self._is_ended = True
            self._waiting.put(None)
        self._thread.join()

    def _run(self) -> None:
        is_open = True
        while is_open:
            group, is_open = self._next()
            if group:
                self._write(group)
            elif is_open:
                self._sign(closed=False)
        self._sign(closed=True)
        self._tail.close()

    def _next(self) -> tuple[list[Waiting], bool]:
        """The records that wait, none when a head is due; and whether more may come."""
        group: list[Waiting] = []
        with suppress(Empty):
            each = self._waiting.get(timeout=self._wait_s)
            while True:
                if each is None:
                    return group, False
                group.append(each)
                if len(group) == GROUP:
                    break
                each = self._waiting.get_nowait()
        return group, True

    @property
    def _wait_s(self) -> float | None:
        """Seconds until a head is due; None if it is not."""
        if not self._is_ready:
            return RETRY_S
        return max(0.0, self._due - monotonic()) if self._unsigned else None

    def _write(self, group: Sequence[Waiting]) -> None:
        draft = self._tail.draft()
        for each in group:
            draft.add(each.kind, each.body)
        is_due = self._unsigned + len(group) >= EVERY or (self._unsigned and monotonic() >= self._due)
        head = self._signed(draft, closed=False) if is_due else None
        if head is None and not self._unsigned:
            self._due = monotonic() + EVERY_S
        error = self._committed(draft, head)
        if error is None and head is None:
            self._unsigned += len(group)
        tell(group, error)

    def _sign(self, *, closed: bool) -> None:
        draft = self._tail.draft()
        self._committed(draft, self._signed(draft, closed=closed))

    def _signed(self, draft: Draft, *, closed: bool) -> Head:
        """A head of all records of the draft, which is added to it."""
        end = self._tail.end
        head = Head.signed(self._key, end.chain, end.instance, draft.n, draft.digest, now(), closed=closed)
        draft.add(HEAD, body(head.fields))
        return head

    def _committed(self, draft: Draft, head: Head | None) -> OSError | None:
        """Write a draft; returns the error if it cannot be."""
        try:
            self._commit(draft, head)
        except OSError as error:
            if self._is_ready:
                log.error("the audit log in %s cannot be written: %s", self._folder, error.strerror)  # noqa: TRY400 - of the disk
            self._is_ready = False
            return error
        if not self._is_ready:
            log.warning("the audit log in %s can be written again", self._folder)
        self._is_ready = True
        return None

    def _commit(self, draft: Draft, head: Head | None) -> None:
        self._tail.commit(draft)
        if head is not None:
            self._unsigned, self.head = 0, head
            log.info("audit head %s", head.json)


def now() -> str:
    """The time, RFC 3339 in UTC with milliseconds."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
