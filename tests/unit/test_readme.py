from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

from infra.setting_fields import PREFIX
from infra.settings import OTHER_VARIABLES, Settings

README = (Path(__file__).parents[2] / "README.md").read_text()


def test_settings_table() -> None:
    """The README lists every setting but the rare ones with its default and its description, and no other."""
    rows = dict(re.findall(r"^\| `([A-Z_]+)` \| (.*) \|$", README, re.MULTILINE))
    for each in fields(Settings):
        if each.metadata["rare"]:
            continue
        default = str(each.default).lower() if isinstance(each.default, bool) else str(each.default)
        shown = f"`{default}`" if default else ""
        assert f"{shown} | {each.metadata['doc']}" == rows.pop(each.name.upper())
    assert {name.removeprefix(PREFIX) for name in OTHER_VARIABLES} == set(rows)


def test_length() -> None:
    """The README is read in one sitting: at most 150 lines."""
    assert len(README.splitlines()) <= 150
