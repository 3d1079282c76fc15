"""The console in Chromium: by the keyboard alone, with axe-core, and without a report of the content policy."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator

import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from playwright.sync_api import Browser

from tests.support.console.chromium import FIGURES, Screen, chromium

PAGES = {"ada": ["/queue", "/history"], "ops": ["/galleries", "/jobs", "/model", "/charts", "/services", "/try"]}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The browser."""
    with chromium() as started:
        yield started


@pytest.fixture(scope="module")
def screen_of(browser: Browser, console: str) -> Iterator[Callable[..., Screen]]:
    """Opens a window of its own for each person."""
    contexts = []

    def opened(name: str = "", **options: object) -> Screen:
        contexts.append(browser.new_context(**({"viewport": {"width": 1360, "height": 900}} | options)))
        screen = Screen(contexts[-1], console)
        if name:
            screen.log_in(name)
        return screen

    yield opened
    for context in contexts:
        context.close()


def picture(screen: Screen, name: str) -> None:
    """Keep a picture of the page for the documentation, if it is asked for."""
    if os.environ.get("FIGURES"):
        FIGURES.mkdir(parents=True, exist_ok=True)
        screen.page.screenshot(path=FIGURES / f"{name}.png", full_page=True)


def check(screen: Screen, name: str = "") -> None:
    """No violation, no report."""
    assert [] == screen.violations()
    assert [] == screen.reports
    if name:
        picture(screen, name)


def give(screen: Screen, verdict: str, reason_keys: str, name: str = "") -> None:
    """Claim the next case, look at it, and give a verdict, by the keyboard alone."""
    screen.to("button.primary.large")
    screen.leave("Enter")
    screen.page.wait_for_load_state("networkidle")
    assert 2 == screen.page.locator(".pane img").count()
    screen.to("[data-pane=probe]")
    for key in ("+", "+", "ArrowRight", "]"):
        screen.page.keyboard.press(key)
    turned = [
        screen.page.locator(f"[data-pane={side}] .sheet").evaluate("e => e.style.transform")
        for side in ("probe", "candidate")
    ]
    assert ["translate(-40px, 0px) rotate(5deg) scale(1.5625)"] * 2 == turned
    screen.page.keyboard.press("0")
    if name:
        check(screen, name)
    screen.to("input[name=verdict]")
    screen.page.keyboard.press("Space")
    for _ in range(("SAME", "DIFFERENT", "CANNOT_TELL").index(verdict)):
        screen.page.keyboard.press("ArrowDown")
    screen.page.keyboard.press("Tab")
    screen.page.keyboard.type(reason_keys)
    screen.to("form.verdict button")
    screen.leave("Enter")


def test_a_disputed_case_by_the_keyboard(screen_of: Callable[..., Screen], open_case: Callable[..., str]) -> None:
    """Two reviewers and a supervisor decide a case without a mouse; axe-core finds nothing on any page."""
    login = screen_of()
    login.open("/login")
    check(login, "login")
    case = open_case(priority=9, due_time=Timestamp(seconds=int(time.time() + 600)))  # before those of other tests
    ada, ben, sol = screen_of("ada"), screen_of("ben"), screen_of("sol")
    check(ada, "queue")
    give(ada, "SAME", "Details agree", "case-blind")
    check(ada)
    give(ben, "DIFFERENT", "Details disagree")
    sol.page.wait_for_url("**/queue")
    give(sol, "SAME", "Details agree", "case-supervisor")
    sol.page.wait_for_url(f"**/cases/{case}*")
    assert "Decided: Same person" in sol.page.inner_text(".result")
    check(sol, "case-closed")


@pytest.mark.parametrize("person", PAGES)
def test_pages(screen_of: Callable[..., Screen], open_case: Callable[..., str], person: str) -> None:
    """Every page passes axe-core and fits 680 px, which is 1360 px at 200 %, in both directions of writing."""
    for priority, due_h in ((9, 1.4), (8, 0.2), (5, 22), (5, 30), (2, 70)):
        open_case(priority=priority, due_time=Timestamp(seconds=int(time.time() + 3600 * due_h)))
    for language in ("en", "ar"):
        screen = screen_of(person, locale=language)
        for path in PAGES[person]:
            screen.open(path)
            assert ("rtl" if language == "ar" else "ltr") == screen.page.evaluate("document.dir")
            check(screen, path.strip("/") if language == "en" else "queue-ar" * (path == "/queue"))
            screen.page.set_viewport_size({"width": 680, "height": 450})
            assert not screen.scrolls_sideways()
            screen.page.set_viewport_size({"width": 1360, "height": 900})
        screen.open("/nowhere")
        assert [] == screen.violations()


def test_a_case_at_200_percent_from_right_to_left(
    screen_of: Callable[..., Screen], open_case: Callable[..., str], ada
) -> None:
    """The page of a case fits a window of 680 px in Arabic, and what shows pictures stays as it is."""
    case = open_case()
    ada.post(f"/cases/{case}/claim", on="/queue")
    screen = screen_of("ada", locale="ar", viewport={"width": 680, "height": 450})
    screen.open(f"/cases/{case}?tab=2")
    screen.page.wait_for_load_state("networkidle")
    assert not screen.scrolls_sideways()
    assert "ltr" == screen.page.locator(".pane").first.evaluate("e => getComputedStyle(e).direction")
    check(screen, "case-ar-200-percent")


def test_a_picture_from_the_camera(screen_of: Callable[..., Screen], services) -> None:
    """A picture that the camera takes is identified, and the answer shown."""
    screen = screen_of("ops")
    screen.open("/try")
    screen.to("[data-camera=file1]")
    screen.page.keyboard.press("Enter")
    screen.page.locator("[data-shoot]:focus").wait_for()
    screen.page.keyboard.press("Enter")
    screen.page.locator("[data-camera-told]:not(:empty)").wait_for()
    screen.to("button[value=identify]")
    screen.leave("Enter")
    assert "REVIEW" in screen.page.inner_text(".result")
    method, request = services.asked[-1]
    assert ("IdentifySubjects", b"\x89PNG") == (method, request.samples[0].image.data[:4])
    check(screen, "try-result")
