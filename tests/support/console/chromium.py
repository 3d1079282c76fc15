"""Debian's Chromium, without a screen, and what it reports of pages."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.support.console.running import PASSWORD

FIGURES = Path(__file__).parents[3] / "docs" / "figures" / "console"
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


WITHIN_MS = 180_000
"""Time in which a page must have come, also on a busy machine."""


@contextmanager
def chromium() -> Iterator[Browser]:
    """The browser; the test is skipped where there is none."""
    path = shutil.which("chromium")
    if path is None:
        pytest.skip("chromium is not there: apt-get install chromium")
    arguments = [
        "--no-sandbox",
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream",
        "--no-proxy-server",
    ]
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=arguments)
        yield started
        started.close()


class Screen:
    """One person's window.

    Args:
        context: of the browser, with cookies of its own.
        address: of the console.
    """

    def __init__(self, context: BrowserContext, address: str) -> None:
        context.set_default_timeout(WITHIN_MS)
        self.page: Page = context.new_page()
        self._address = address
        self.reports: list[str] = []
        """What the browser reports: violations of the policy, and errors of scripts."""
        self.page.on("console", lambda said: self.reports.append(said.text) if said.type == "error" else None)
        self.page.on("pageerror", lambda error: self.reports.append(str(error)))

    def open(self, path: str) -> None:
        """Open a page."""
        self.page.goto(self._address + path)

    def log_in(self, name: str) -> None:
        """Log in, by the keyboard alone."""
        self.open("/login")
        self.to("#name")
        self.page.keyboard.type(name)
        self.page.keyboard.press("Tab")
        self.page.keyboard.type(PASSWORD)
        self.leave("Enter")

    def to(self, selector: str) -> None:
        """Press Tab until this element has the focus; it fails if it cannot be reached."""
        for _ in range(80):
            self.page.keyboard.press("Tab")
            if self.page.evaluate("selector => document.activeElement.matches(selector)", selector):
                return
        raise AssertionError(f"{selector} cannot be reached by the keyboard")

    def leave(self, key: str) -> None:
        """Press a key that leads to another page."""
        with self.page.expect_navigation():
            self.page.keyboard.press(key)

    def violations(self) -> list[str]:
        """What axe-core finds on the page."""
        found = Axe().run(self.page, options=RULES).response["violations"]
        return [f"{each['id']}: {node['html'][:160]}" for each in found for node in each["nodes"]]

    def scrolls_sideways(self) -> bool:
        """Whether the page is wider than the window."""
        return bool(self.page.evaluate("document.documentElement.scrollWidth > window.innerWidth + 1"))
