"""`python -m docsite`: write the site's pages and its configuration into build/, for the generator of the site.

Nothing but mkdocs.yml knows which generator that is.
"""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import yaml

from docsite.navigation import expanded
from docsite.pages import linked, pictures, read_pages

ROOT = Path(__file__).parents[1]
OUT = ROOT / "build"


def main() -> int:
    """Write build/pages/ and build/mkdocs.yml; 1 where a link or a path that a document names leads nowhere."""
    texts, faults = linked(read_pages(ROOT), ROOT)
    for fault in faults:
        sys.stderr.write(f"{fault}\n")
    _write(texts)
    _configure(list(texts))
    return 1 if faults else 0


def _write(texts: dict[str, str]) -> None:
    shutil.rmtree(OUT / "pages", ignore_errors=True)
    for name, text in texts.items():
        path = OUT / "pages" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    for name in pictures(ROOT):
        (OUT / "pages" / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / "docs" / name, OUT / "pages" / name)


def _configure(names: list[str]) -> None:
    """mkdocs.yml with its navigation expanded, as JSON, which is YAML too."""
    configuration = yaml.safe_load((ROOT / "mkdocs.yml").read_text(encoding="utf-8"))
    configuration["nav"] = expanded(configuration["nav"], names)
    (OUT / "mkdocs.yml").write_text(json.dumps(configuration, indent=1), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
