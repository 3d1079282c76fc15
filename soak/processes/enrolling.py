"""`python -m soak.processes.enrolling URL KEY_FILE [unsafe]`: enrol the numbers read from standard input until killed.

Each number has a request id of its own, so that the same number again is the same request. Prints a number when its
enrolment was acknowledged. A store that does not answer is asked again.
"""

from __future__ import annotations

import asyncio
import sys
from datetime import UTC, datetime
from random import Random
from uuid import UUID

from biometrics.errors import StoreUnavailable
from biometrics.template import Modality, Position, Template
from gallery.store.open_store import open_store
from gallery.store.options import StoreOptions
from gallery.store.values import Enrolment
from gallery.subject import DEFAULT_GALLERY, Encounter, Reference

CALLERS = 64
TIME = datetime(2026, 1, 1, tzinfo=UTC)
KINDS = (
    (Modality.FACE, Position.FACE, 512),
    (Modality.FINGERPRINT, Position.RIGHT_INDEX, 418),
    (Modality.FINGERPRINT, Position.LEFT_INDEX, 418),
    (Modality.IRIS, Position.LEFT_EYE, 1024),
)
CANARY = b"a-template-in-clear-"


def wanted(number: int) -> Enrolment:
    """The enrolment of a number, always the same one."""
    rng = Random(number)
    references = tuple(
        Reference(position, Template(modality, "made-up-1", CANARY + rng.randbytes(size - len(CANARY))), 50.0)
        for modality, position, size in KINDS
    )
    return Enrolment(
        request_id=str(UUID(int=rng.getrandbits(128), version=4)),
        digest="d",
        subject_id=f"person-{number}",
        galleries=(DEFAULT_GALLERY,),
        encounter=Encounter("e1", TIME, references),
        create_subject=True,
    )


async def main(url: str, key_file: str, unsafe: str = "") -> None:
    """Enrol until killed, or until standard input ends."""
    store = open_store(url, StoreOptions(key_file=key_file, allow_unsafe_store=bool(unsafe)))
    numbers = iter([int(line) for line in sys.stdin.read().split()])

    async def call() -> None:
        for number in numbers:
            while True:
                try:
                    await store.enroll(wanted(number))
                    break
                except StoreUnavailable:
                    await asyncio.sleep(0.01)
            sys.stdout.write(f"{number}\n")
            sys.stdout.flush()

    await asyncio.gather(*(call() for _ in range(CALLERS)))
    await store.close()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
