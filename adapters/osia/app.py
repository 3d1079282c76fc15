"""Assembles the adapter: its operations, and what they call."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from starlette.applications import Starlette

from adapters.keeping.sealing import read_seal
from adapters.osia.door import Door
from adapters.osia.http import Http
from adapters.osia.operations import Perform
from adapters.osia.references import References
from adapters.osia.tasks.database import Database
from adapters.osia.tasks.tasks import FIRST_WAIT_S, Tasks
from adapters.osia.wire.creations import Creations
from adapters.osia.wire.galleries import Galleries
from adapters.osia.wire.persons import Persons
from adapters.osia.wire.searches import Searches
from adapters.osia.wire.templates import Templates
from adapters.osia.wire.two_sets import TwoSets
from adapters.serving import health_routes
from adapters.wire.fusion import Fusion
from adapters.wire.matchers import Matchers
from infra.callbacks.origins import Origins
from infra.settings import Settings, data_dir

PORT = 8060
"""Where it listens unless a setting says otherwise."""


def build(settings: Settings, fusion: Fusion, first_wait_s: float = FIRST_WAIT_S) -> Starlette:
    """The adapter. Must be called inside a running event loop; its lifespan works on tasks and ends the connections.

    Args:
        settings: of the adapter.
        fusion: the service.
        first_wait_s: seconds before the second attempt at a callback.

    Raises:
        ConfigurationInvalid: a file cannot be used, or other machines could call without a token.
    """
    door, matchers = Door(settings), Matchers(settings, fusion)
    callbacks = Origins.parse(settings.osia_callback_origins, "BIOFUSION_OSIA_CALLBACK_ORIGINS", "callback")
    sources = Origins.parse(settings.osia_reference_origins, "BIOFUSION_OSIA_REFERENCE_ORIGINS", "imageRef")
    key = settings.osia_key_file
    seal = read_seal(key, "BIOFUSION_OSIA_KEY_FILE") if key else None
    database = Database(settings.osia_database or str(data_dir() / "osia.db"))
    performers = _performers(settings, fusion, matchers, database, References(sources, settings.max_image_bytes))
    tasks = Tasks(
        database,
        seal,
        callbacks,
        lambda call: performers[call.operation](call),
        settings.osia_callback_attempts,
        first_wait_s,
    )

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        working = asyncio.create_task(tasks.run()) if seal else None
        yield
        if working:
            working.cancel()
            with suppress(asyncio.CancelledError):
                await working
        database.close()
        await matchers.close()
        await fusion.close()

    http = Http(door, tasks, performers, settings.adapter_max_body_mb * 2**20)
    return Starlette(routes=[*http.routes(), *health_routes(fusion)], lifespan=lifespan)


def _performers(
    settings: Settings, fusion: Fusion, matchers: Matchers, database: Database, references: References
) -> dict[str, Perform]:
    """What does each operation."""
    drops, fetch = settings.osia_drop_data, references.fetch
    persons = Persons(fusion, database, fetch, drops_data=drops)
    creations = Creations(fusion, persons, database, fetch, drops_data=drops)
    galleries = Galleries(fusion)
    searches = Searches(fusion, galleries, matchers, fetch, settings.fpir)
    return {
        "createEncounterNoIds": creations.without_ids,
        "createEncounterNoId": creations.without_id,
        "createEncounter": creations.with_ids,
        "readAllEncounters": persons.read_all,
        "readEncounter": persons.read_one,
        "updateEncounter": persons.update,
        "deleteEncounter": persons.delete_one,
        "mergeEncounter": persons.merge,
        "moveEncounter": persons.move,
        "updateEncounterStatus": persons.update_status,
        "updateEncounterGalleries": persons.update_galleries,
        "readTemplate": Templates(fusion, persons).read,
        "deleteAll": persons.delete_all,
        "identify": searches.identify,
        "identifyFromId": searches.identify_enrolled,
        "identifyFromEncounterId": searches.identify_enrolled,
        "verifyFromId": searches.verify,
        "verifyFromBio": TwoSets(fusion, matchers, fetch).verify,
        "readGalleries": galleries.read_names,
        "readGalleryContent": galleries.read_content,
    }
