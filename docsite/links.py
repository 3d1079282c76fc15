"""Links between documents, as they are written for readers of the tree, → links of the site.

A document may link to any file of the tree. What is a page of the site becomes a link to it; a file that is none is
shown by its path, once; what is not there is a fault.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from posixpath import dirname, join, normpath, relpath

LINK = re.compile(
    r"(?P<fence>^```.*?^```$)|(?P<code>`[^`\n]*`(?!\]))|(?P<image>!?)\[(?P<text>[^\]]*)\]\((?P<to>[^)\s]+)\)",
    re.DOTALL | re.MULTILINE,
)
"""A block of code, words of code (which hold no links), or a link."""

OUTSIDE = re.compile(r"[a-z][a-z0-9+.-]*:|#")
"""Addresses of the web, mail addresses, and places within the page itself."""


def for_site(
    text: str, source: str, site_name: str, pages: Mapping[str, str], root: Path, warn: Callable[[str], None]
) -> str:
    """The text with each link as the site has it.

    Args:
        text: Markdown.
        source: path of the document in the tree, "docs/index.md"; of a generated page where it would be.
        site_name: path of its page in the site's sources, "index.md".
        pages: path in the tree → path in the site's sources, of every page and picture.
        root: of the tree.
        warn: is told of each link that leads nowhere.
    """

    def changed(found: re.Match[str]) -> str:
        if found["to"] is None or OUTSIDE.match(found["to"]):
            return found[0]
        path, _, place = found["to"].partition("#")
        target = normpath(join(dirname(source), path))
        page = next(
            (pages[name] for name in (target, f"{target}/README.md", f"{target}/index.md") if name in pages), ""
        )
        if page:
            link = relpath(page, dirname(site_name) or ".") + (f"#{place}" if place else "")
            return f"{found['image']}[{found['text']}]({link})"
        if not (root / target).exists():
            warn(f"{source}: there is no {target}")
        return _named(found["text"], target)

    return LINK.sub(changed, text)


def _named(text: str, target: str) -> str:
    """A file that is no page: its path, after the link's words unless these are the path already or hold code."""
    words = text.strip("`")
    if f"/{target}/".endswith(f"/{words.strip('/')}/"):
        return f"`{target}{'/' if words.endswith('/') else ''}`"
    return text if "`" in text else f"{text} (`{target}`)"
