"""Comments of contracts → Markdown."""

from __future__ import annotations

import re

NAMES = re.compile(r"`[^`]*`|\b(?:[a-z][a-z0-9]*(?:_[a-z0-9]+)+|[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+|[A-Z]{5,})\b")
"""snake_case and UPPER_CASE names, words of capitals, and what is code already."""

LIST_ITEM = re.compile(r"^- ")


def prose(comment: str) -> str:
    """A comment as paragraphs and lists: names are code, and a list begins after an empty line."""
    lines = [line.removeprefix(" ").rstrip() for line in comment.rstrip("\n").split("\n")]
    spaced: list[str] = []
    for line in lines:
        if LIST_ITEM.match(line) and spaced and spaced[-1] and not _in_list(spaced):
            spaced.append("")
        spaced.append(line)
    return with_code("\n".join(spaced))


def cell(comment: str) -> str:
    """A comment as one line of a table."""
    return with_code(" ".join(comment.split())).replace("|", "\\|")


def with_code(text: str) -> str:
    """The text for Markdown, its names as code and its angle brackets as text."""
    safe = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return NAMES.sub(lambda found: found[0] if found[0].startswith("`") else f"`{found[0]}`", safe)


def _in_list(lines: list[str]) -> bool:
    """Whether the last line belongs to a list: an item, or what an item goes on with."""
    last = next((line for line in reversed(lines) if not line.startswith("  ")), "")
    return bool(LIST_ITEM.match(last))
