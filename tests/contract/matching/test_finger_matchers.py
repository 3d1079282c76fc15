"""Both adapters of the FingerMatcher port, in this process and over gRPC, give the same answers and errors."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from biometrics.errors import BiofusionError
from biometrics.explanation import Explanation
from biometrics.sample import EncodedImage, EncodedMinutiae, SlapImage
from biometrics.slap import LEFT_TO_RIGHT, Segment, Slap
from biometrics.template import Modality, Template
from cli.local.local_finger_matcher import LocalFingerMatcher
from formats.contents import MinutiaeContent, RecordFormat
from formats.read import read
from fusion.matching.connect import connect
from fusion.matching.explaining_port import explaining_matcher
from fusion.matching.finger_port import Exported, FingerMatcher, finger_matcher
from gallery.store.open_store import open_store
from gallery.store.options import StoreOptions
from infra.models.supply import ensure_all, ensure_assets
from infra.serving.server import Server
from infra.settings import Settings
from infra.workers import Workers
from services.assembly import MatchingService
from services.fingerprint import __main__ as fingerprint
from tests.support.records import of_pictures as made

INDEX, MIDDLE, RING, LITTLE = LEFT_TO_RIGHT[Slap.RIGHT_FOUR]
TIMEOUT_S = 60.0


@dataclass(frozen=True)
class Pair:
    """The two adapters, before one service."""

    local: Any
    remote: Any

    async def both(self, ask: Callable[[Any], Any]) -> list[object]:
        """The answer of each, or its error's class, reason, message and facts."""
        return [await self._answer(ask, each) for each in (self.local, self.remote)]

    async def _answer(self, ask: Callable[[Any], Any], matcher: FingerMatcher) -> object:
        try:
            return await ask(matcher)
        except BiofusionError as error:
            return error.reason, error.message, sorted(error.metadata.items())


@pytest.fixture(scope="module")
def hand() -> made.Gray:
    """Four fingers of a right hand."""
    ensure_assets()
    return made.slap().gray


@pytest.fixture(scope="module")
def box() -> Segment:
    """Where the index finger is in it."""
    ensure_assets()
    down, across = np.nonzero(made.slap().labels == 1)
    return Segment(INDEX, int(across.min()), int(down.min()), int(across.max()), int(down.max()))


@pytest.fixture
async def pair(tmp_path: Path) -> AsyncIterator[Pair]:
    """A fingerprint service behind both adapters."""
    ensure_all()
    ensure_assets()
    settings = Settings(store_url=f"sqlite:///{tmp_path / 'store.db'}", port=0)
    store = open_store(settings.store, StoreOptions.of(settings))
    workers = Workers(settings.workers, settings.max_pending)
    service: MatchingService = await asyncio.to_thread(fingerprint.assemble, store, workers, settings)
    server = Server(settings, 0, lambda: False)
    await server.start([service.registration])
    remote = connect(Modality.FINGERPRINT, server.address, settings.max_message_bytes)
    assert service.own is not None
    yield Pair(LocalFingerMatcher(service.recognizer, service.own), remote)
    await remote.close()
    await server.stop()
    await service.index.close()
    workers.close()
    await store.close()


async def templates(pair: Pair) -> list[Template]:
    """Those of two demo prints."""
    images = [EncodedImage(made.encoded(made.finger(number)), 500.0) for number in (1, 3)]
    return [(await pair.local.extract(each, INDEX, TIMEOUT_S)).template for each in images]


async def test_both_are_finger_matchers(pair: Pair) -> None:
    """Either can be taken for the fingerprint service among the matching services."""
    for each in (pair.local, pair.remote):
        assert finger_matcher({Modality.FINGERPRINT: each}) is each
        assert explaining_matcher({Modality.FINGERPRINT: each}, Modality.FINGERPRINT) is each


async def test_slaps(pair: Pair, hand: made.Gray, box: Segment) -> None:
    """Fingers that are found, those of segments, and one that cannot be extracted."""
    image = EncodedImage(made.encoded(hand), 500.0, is_of_record=True)
    blank = Segment(LITTLE, 0, 0, 150, 150)
    segments = (box, blank)
    for slap in (SlapImage(image, Slap.RIGHT_FOUR), SlapImage(image, Slap.UNKNOWN_FOUR, segments)):
        local, remote = await pair.both(lambda each, slap=slap: each.extract_fingers(slap, TIMEOUT_S))
        assert local == remote
        assert len(local) > 1
    assert ["", True] == [local[0].failure_reason, local[1].failure_reason != ""]


async def test_refused_slaps(pair: Pair, hand: made.Gray, box: Segment) -> None:
    """What is no image, an empty platen, a missing finger too many, and segments that cannot be cut."""
    image, blank = (EncodedImage(made.encoded(each), 500.0) for each in (hand, np.full_like(hand, 235)))
    bad = [
        SlapImage(EncodedImage(b"no image"), Slap.RIGHT_FOUR),
        SlapImage(EncodedImage(b""), Slap.RIGHT_FOUR),
        SlapImage(blank, Slap.RIGHT_FOUR),
        SlapImage(image, Slap.TWO_THUMBS),
        SlapImage(image, Slap.RIGHT_FOUR, missing=(LITTLE,)),
        SlapImage(image, Slap.RIGHT_FOUR, (box, box)),
        SlapImage(image, Slap.RIGHT_FOUR, (Segment(INDEX, 9000, 0, 9100, 10),)),
    ]
    for slap in bad:
        local, remote = await pair.both(lambda each, slap=slap: each.extract_fingers(slap, TIMEOUT_S))
        assert isinstance(local, tuple)
        assert local == remote


async def test_explanations(pair: Pair) -> None:
    """What two prints have in common is the same, and so is the error of a template that cannot be compared."""
    first, second = await templates(pair)
    broken = Template(Modality.FINGERPRINT, first.model_id, b"broken")
    for probe, reference, kind in ((first, second, Explanation), (broken, first, tuple), (first, broken, tuple)):
        local, remote = await pair.both(
            lambda each, probe=probe, reference=reference: each.explain(probe, reference, TIMEOUT_S)
        )
        assert isinstance(local, kind)
        assert local == remote


async def test_minutiae(pair: Pair) -> None:
    """Minutiae of others become one and the same template; those of each format."""
    first, _ = await templates(pair)
    for name in (RecordFormat.ISO_19794_2_2005, RecordFormat.ANSI_378_2009, RecordFormat.ISO_19794_2_2011):
        exported = [Exported(first, INDEX, 55.0)]
        data = await pair.local.export(exported, name, None, TIMEOUT_S)
        local, remote = await pair.both(
            lambda each, data=data, name=name: each.template_of(EncodedMinutiae(data, name), TIMEOUT_S)
        )
        assert isinstance(local, Template)
        assert local == remote


async def test_refused_minutiae(pair: Pair) -> None:
    """A truncated record, one of another format, one of two views, and one with too few minutiae."""
    both = await templates(pair)
    name = RecordFormat.ISO_19794_2_2011
    two = await pair.local.export([Exported(each, INDEX, None) for each in both], name, None, TIMEOUT_S)
    few = await pair.local.export([Exported(both[0], INDEX, None)], name, 2, TIMEOUT_S)
    for data, stated in ((two[:50], name), (two, RecordFormat.ANSI_378_2004), (two, name), (few, name)):
        local, remote = await pair.both(
            lambda each, data=data, stated=stated: each.template_of(EncodedMinutiae(data, stated), TIMEOUT_S)
        )
        assert isinstance(local, tuple)
        assert local[0] == remote[0]


@pytest.mark.parametrize("most", [None, 12])
async def test_exports(pair: Pair, most: int | None) -> None:
    """Records of all formats of minutiae are equal to the byte, and hold as many minutiae as asked for."""
    first, second = await templates(pair)
    for name in (each for each in RecordFormat if "19794_2" in each or "378" in each or "CARD" in each):
        exported = [Exported(first, INDEX, 55.0), Exported(second, MIDDLE, None)][: 1 if "CARD" in name else 2]
        local, remote = await pair.both(
            lambda each, name=name, exported=exported: each.export(exported, name, most, TIMEOUT_S)
        )
        assert isinstance(local, bytes)
        assert local == remote
        views = [each for each in read(local, name).samples if isinstance(each, MinutiaeContent)]
        assert len(exported) == len(views)
        assert most is None or {most} == {len(each) for each in views}


async def test_refused_exports(pair: Pair) -> None:
    """No template, two on a card, a format that is none of minutiae, a number out of range, and a foreign model."""
    (first, second), compact = await templates(pair), RecordFormat.COMPACT_CARD
    iso, one = RecordFormat.ISO_19794_2_2011, [Exported(first, INDEX, None)]
    other = [Exported(Template(Modality.FINGERPRINT, "another-1", first.data), INDEX, None)]
    broken = [Exported(Template(Modality.FINGERPRINT, first.model_id, b"broken"), INDEX, None)]
    calls = [
        ([], iso, None),
        ([*one, Exported(second, MIDDLE, None)], compact, None),
        (one, RecordFormat.ISO_19794_4_2011, None),
        (one, iso, 0),
        (one, iso, 256),
        (other, iso, None),
        (broken, iso, None),
    ]
    for exported, name, most in calls:
        local, remote = await pair.both(
            lambda each, exported=exported, name=name, most=most: each.export(exported, name, most, TIMEOUT_S)
        )
        assert isinstance(local, tuple)
        assert local[0] == remote[0], (name, most)
