"""The words of pages."""

from __future__ import annotations

import re
import string
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from biofusion.review.v1 import review_pb2
from biofusion.type.v1 import decision_pb2, modality_pb2, sample_pb2

from console.web.words import best, languages

FOLDER = Path(__file__).parents[3] / "console"
FIELDS = string.Formatter()
ENUMS = {
    "state": review_pb2.ReviewState,
    "verdict": review_pb2.Verdict,
    "why": review_pb2.VerdictReason,
    "role": review_pb2.ReviewRole,
    "position": modality_pb2.Position,
    "modality": modality_pb2.Modality,
    "found": decision_pb2.EvidenceStatus,
    "outcome": decision_pb2.Outcome,
    "because": decision_pb2.DecisionReason,
    "quality": sample_pb2.QualityReason,
}


def test_every_language_has_every_message():
    """All languages have the same messages, with the same values to be filled in."""
    english, *others = ({key: fields(text) for key, text in each._messages.items()} for each in languages().values())
    assert 1 == len(others)
    assert [english] == others


def fields(text):
    """The values that a message needs."""
    return {name for _, name, _, _ in FIELDS.parse(text) if name}


def test_pages_use_messages_that_there_are():
    """Every message that a page or a module names is there."""
    texts = [file.read_text() for pattern in ("*.html", "*.py") for file in FOLDER.rglob(pattern)]
    named = {key for text in texts for key in re.findall(r'\bt\(["\']([a-z_.A-Z]+[a-z])["\'][,)]', text)}
    assert len(named) > 100
    assert set() == named - set(languages()["en"]._messages)


@pytest.mark.parametrize("kind", ENUMS)
def test_every_value_has_a_word(kind):
    """Every value that services can state has a word."""
    prefix = ENUMS[kind].Name(0).removesuffix("UNSPECIFIED")
    names = {name.removeprefix(prefix) for name in dict(ENUMS[kind].items())} - {"UNSPECIFIED"}
    assert set() == {name for name in names if not languages()["en"].has(f"{kind}.{name}")}


@pytest.mark.parametrize(
    ("accepted", "language"),
    [("ar-EG,ar;q=0.9,en;q=0.5", "ar"), ("de,en;q=0.4,ar;q=0.2", "en"), ("de", "en"), ("", "en"), ("ar;q=x", "en")],
)
def test_the_language_of_a_browser(accepted, language):
    """The first language that there is counts."""
    assert language == best(accepted)


def test_spans_and_moments():
    """Lengths of time have two units at most; times are in UTC."""
    words = languages()["en"]
    spans = [timedelta(days=2, hours=3), timedelta(hours=5, minutes=7), timedelta(minutes=-4)]
    assert ["2 d 3 h", "5 h 7 min", "4 min"] == [words.span(each) for each in spans]
    assert "2026-11-30 04:00 UTC" in words.moment(datetime(2026, 11, 30, 4, tzinfo=UTC))
    assert "–" == words.moment(None)
