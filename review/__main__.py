"""`python -m review`: the review service in a process of its own, on the store of the fusion service.

Its door is fusion's, with the same policy and audit log; only here is anything of fusion imported.
"""

from __future__ import annotations

from fusion.configured import fusion_model
from fusion.wire.access.assembly import door_of
from fusion.wire.witness.opening import open_audit, recorded
from gallery.erased_memory import overwrite_freed
from gallery.erasure_follower import scrubbed_after_erasures
from gallery.store.open_store import check_store, open_store
from gallery.store.options import StoreOptions
from infra.deadlines import seconds_left
from infra.serving.server import Server, run_process
from infra.settings import REVIEW_PORT, Settings
from review.options import ReviewOptions
from review.wire.assembly import ReviewProcess


async def run(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT."""
    store = open_store(settings.store, StoreOptions.of(settings), left_s=seconds_left)
    await check_store(store)
    audit = open_audit(settings, fusion_model(settings))
    server = Server(settings, REVIEW_PORT, door=door_of(settings, store, audit.calls if audit else None))
    process = ReviewProcess(store, ReviewOptions.of(settings), audit.reviews if audit else None)
    async with scrubbed_after_erasures(store):
        await server.start(recorded([process.registration], audit))
        process.start()
        await server.run_until_signal()
        await process.close()
    await store.close()
    if audit:
        await audit.close()


def main() -> None:
    """Run the review service as the environment configures it."""
    overwrite_freed()
    run_process(run)


if __name__ == "__main__":
    main()
