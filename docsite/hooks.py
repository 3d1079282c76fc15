"""What MkDocs calls while it builds the site (mkdocs.yml, `hooks`)."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.plugins import get_plugin_logger
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

from cli.main import cli
from docsite.api import overview, package_page
from docsite.commands import commands
from docsite.contracts import Contract, read_contracts
from docsite.links import for_site
from docsite.navigation import expanded
from docsite.paths import missing
from docsite.tables import reasons, settings
from docsite.tree import documents

ROOT = Path(__file__).parents[1]
API = "reference/api"
"""Where the pages of the packages of contracts are."""

log = get_plugin_logger("docsite")


@lru_cache(1)
def contracts() -> dict[str, list[Contract]]:
    """The contracts, by package."""
    return read_contracts(ROOT / "protos", "biofusion")


TABLES = {
    "services": lambda: overview(contracts()),
    "commands": lambda: commands(cli, "biofusion"),
    "settings": settings,
    "errors": reasons,
}
"""What stands in a page in place of `<!-- table: NAME -->`."""


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the generated pages and the documents outside of docs/; complete the navigation."""
    for package, of_package in contracts().items():
        files.append(File.generated(config, f"{API}/{package}.md", content=package_page(package, of_package)))
    for name, site_name in documents(ROOT).items():
        files.append(File.generated(config, site_name, content=(ROOT / name).read_text(encoding="utf-8")))
    config.nav = expanded(config.nav or [], [each.src_uri for each in files.documentation_pages()])
    return files


def on_page_markdown(markdown: str, *, page: Page, files: Files, **_others: object) -> str:
    """Put the tables in their places, and turn links of the tree into links of the site."""
    for name, table in TABLES.items():
        marker = f"<!-- table: {name} -->"
        if marker in markdown:
            markdown = markdown.replace(marker, table())
    outside = documents(ROOT)
    pages = {f"docs/{each.src_uri}": each.src_uri for each in files} | outside
    site_name = page.file.src_uri
    source = next((name for name, own in outside.items() if own == site_name), f"docs/{site_name}")
    for path in missing(markdown, source, ROOT):
        log.warning("%s: there is no %s", source, path)
    return for_site(markdown, source, site_name, pages, ROOT, log.warning)
