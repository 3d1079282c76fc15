"""The words of pages, one file of messages for each language. All languages have the same messages."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "messages"
DEFAULT = "en"
RIGHT_TO_LEFT = frozenset({"ar", "fa", "he", "ur"})


class Words:
    """The messages of one language.

    Args:
        language: its code, e.g. `ar`.
        messages: by key.
    """

    def __init__(self, language: str, messages: dict[str, str]) -> None:
        self.language, self._messages = language, messages

    @property
    def direction(self) -> str:
        """`ltr` or `rtl`."""
        return "rtl" if self.language in RIGHT_TO_LEFT else "ltr"

    def __call__(self, key: str, **values: object) -> str:
        """A message with values filled in. Raises KeyError: there is none."""
        return self._messages[key].format(**values) if values else self._messages[key]

    def has(self, key: str) -> bool:
        """Whether there is a message of this key."""
        return key in self._messages

    def name(self, kind: str, value: str) -> str:
        """The word for a value of an enumeration; the value itself if this version does not know it."""
        return self._messages.get(f"{kind}.{value}", value.replace("_", " ").lower())

    def moment(self, at: datetime | None) -> str:
        """A time, in UTC to the minute, from left to right in every language; "–" if there is none."""
        return f"\u2066{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC\u2069" if at else "–"

    def span(self, span: timedelta) -> str:
        """A length of time in its two largest units, whatever its sign."""
        minutes = int(abs(span.total_seconds()) // 60)
        days, hours = minutes // 1440, minutes // 60 % 24
        if days:
            return self("span.days", days=days, hours=hours)
        return self("span.hours", hours=hours, minutes=minutes % 60) if hours else self("span.minutes", minutes=minutes)


@cache
def languages() -> dict[str, Words]:
    """All languages that there are messages of, the default one first."""
    files = sorted(FOLDER.glob("*.json"), key=lambda file: (file.stem != DEFAULT, file.stem))
    return {file.stem: Words(file.stem, json.loads(file.read_text(encoding="utf-8"))) for file in files}


def best(accepted: str) -> str:
    """The language that a browser's Accept-Language asks for; the default one if there is none of them."""
    wanted = []
    for index, part in enumerate(accepted.split(",")[:20]):
        code, _, weight = part.strip().partition(";q=")
        try:
            wanted.append((-float(weight or 1), index, code.partition("-")[0].lower()))
        except ValueError:
            continue
    return next((code for _, _, code in sorted(wanted) if code in languages()), DEFAULT)
