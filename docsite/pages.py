"""All pages of the site as Markdown: those of docs/, the documents elsewhere in the tree, and the generated ones."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from cli.main import cli
from docsite.api import overview, package_page
from docsite.commands import commands
from docsite.contracts import read_contracts
from docsite.links import for_site
from docsite.modules import modules
from docsite.paths import missing
from docsite.tables import metrics, models, reasons, settings
from docsite.tree import documents

API = "reference/api"
"""Where the pages of the packages of contracts are."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page.

    Args:
        source: path of its document in the tree; of a generated one where it would be.
        name: path among the site's pages.
        text: Markdown, with links as in the tree.
    """

    source: str
    name: str
    text: str


def read_pages(root: Path) -> list[Page]:
    """Every page, tables of the reference in their places."""
    contracts = read_contracts(root / "protos", "biofusion")
    tables: dict[str, Callable[[], str]] = {
        "services": partial(overview, contracts),
        "commands": partial(commands, cli, "biofusion"),
        "settings": settings,
        "metrics": metrics,
        "errors": reasons,
        "models": models,
        "modules": partial(modules, root),
    }
    pages = [*_written(root, tables)]
    for package, of_package in contracts.items():
        name = f"{API}/{package}.md"
        pages.append(Page(f"docs/{name}", name, package_page(package, of_package)))
    return pages


def linked(pages: list[Page], root: Path) -> tuple[dict[str, str], list[str]]:
    """The text of each page with the site's links, by name; and what is wrong: links and paths that lead nowhere."""
    faults: list[str] = []
    names = {each.source: each.name for each in pages} | {f"docs/{name}": name for name in pictures(root)}
    texts = {}
    for each in pages:
        texts[each.name] = for_site(each.text, each.source, each.name, names, root, faults.append)
        faults += [f"{each.source}: there is no {path}" for path in missing(each.text, each.source, root)]
    return texts, faults


def pictures(root: Path) -> list[str]:
    """What else the pages need, pictures and style sheets, by path within docs/."""
    files = (path for path in sorted((root / "docs").rglob("*")) if path.is_file() and path.suffix != ".md")
    return [str(path.relative_to(root / "docs")) for path in files]


def _written(root: Path, tables: dict[str, Callable[[], str]]) -> Iterator[Page]:
    """The pages that are documents of the tree."""
    own = {str(path.relative_to(root)): path for path in sorted((root / "docs").rglob("*.md"))}
    names = {source: source.removeprefix("docs/") for source in own} | documents(root)
    for source, name in names.items():
        text = (root / source).read_text(encoding="utf-8")
        for table, made in tables.items():
            marker = f"<!-- table: {table} -->"
            if marker in text:
                text = text.replace(marker, made())
        yield Page(source, name, text)
