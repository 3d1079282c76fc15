"""Documents of the tree outside of docs/ that are pages of the site too."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

AT_THE_ROOT = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md", "THIRD_PARTY.md")
BUILT = ("build", "dist", "out")
"""Folders at the root that are not part of the tree."""

NOT_OURS = ("docs", *BUILT)
"""Folders at the root that hold no document to be added; nor do those whose names begin with a dot."""


@lru_cache(4)
def documents(root: Path) -> dict[str, str]:
    """Path in the tree → path in the site's sources, of the root's documents and each package's README.md."""
    found = {name: f"project/{'readme' if name == 'README.md' else name[:-3].lower()}.md" for name in AT_THE_ROOT}
    for path in _readmes(root):
        found[f"{path}/README.md"] = f"packages/{path.replace('/', '-')}.md"
    return {name: page for name, page in found.items() if (root / name).is_file()}


def _readmes(root: Path) -> Iterator[str]:
    """Paths of the folders of code that have a README.md, in order."""
    for folder in sorted(each for each in root.iterdir() if each.is_dir() and each.name not in NOT_OURS):
        if not folder.name.startswith("."):
            yield from sorted(str(path.parent.relative_to(root)) for path in folder.rglob("README.md"))
