"""The policy's file while a server runs: read again when it changes, and the last good one is kept."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from pathlib import Path

from biometrics.errors import ConfigurationInvalid
from fusion.access.judging import Judge
from fusion.access.reading import policy_of
from infra.file_watch import FileWatch

log = logging.getLogger("biofusion.policy")


def read_policy(path: Path) -> Judge:
    """The policy in a file.

    Raises:
        ConfigurationInvalid: it cannot be read or used.
    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise ConfigurationInvalid(f"Cannot read the policy {path}: {error.strerror}.") from error
    return Judge(policy_of(raw))


class PolicyFile:
    """The policy in force.

    Args:
        path: of the file.
        clock: returns seconds, rising.

    Raises:
        ConfigurationInvalid: the file cannot be used: a server does not start without the policy it was given.
    """

    def __init__(self, path: Path, clock: Callable[[], float] = time.monotonic) -> None:
        self._path, self._watch = path, FileWatch(path, clock=clock)
        self._judge = read_policy(path)
        log.info("policy %s is in force: %d rules", self._judge.policy.label, len(self._judge.policy.rules))

    async def current(self) -> Judge:
        """The newest policy that can be used. A file that cannot is logged, once, and the one before stays in force."""
        if self._watch.has_changed():
            await self._read()
        return self._judge

    async def _read(self) -> None:
        before = self._judge.policy.label
        try:
            judge = await asyncio.to_thread(read_policy, self._path)
        except ConfigurationInvalid as error:
            log.warning("policy %s stays in force: %s", before, error.message)
            return
        if judge.policy.label != before:
            self._judge = judge
            log.info(
                "policy %s is in force instead of %s: %d rules", judge.policy.label, before, len(judge.policy.rules)
            )
