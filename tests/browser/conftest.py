"""A real Chromium, driven by Playwright."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

# Playwright's own download of a browser is not used: the system's is what readers have.
PROGRAMS = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@dataclass(frozen=True)
class Window:
    """How a reader looks at the page."""

    width: int
    height: int
    dark: bool = False
    unfolded: bool = False
    media: str = "screen"


@dataclass
class Sight:
    """What was seen of a page."""

    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    dialogs: list[str] = field(default_factory=list)
    measures: dict[str, Any] = field(default_factory=dict)
    png: bytes = b""


# Everything that sticks out of the window is named, so that a failure says what to mend.
MEASURE = """(width => {
  const wide = [...document.querySelectorAll('body *')].filter(
    element => element.getBoundingClientRect().right > width + 0.5 && !element.closest('pre'));
  const style = selector => {
    const element = document.querySelector(selector);
    return element ? getComputedStyle(element) : {};
  };
  const pictures = [...document.querySelectorAll('.picture .plot')];
  const findings = [...document.querySelectorAll('.finding')];
  return {
    inner: innerWidth,
    scroll: document.documentElement.scrollWidth,
    wide: wide.map(element => element.className || element.tagName),
    background: style('body').backgroundColor,
    title: style('h1').color,
    scripts: document.scripts.length,
    text: document.body.innerText,
    heights: findings.map(element => element.querySelector('summary').offsetHeight),
    pictures: pictures.map(plot => [
      plot.querySelectorAll('polyline, .bar').length,
      plot.getBoundingClientRect().width,
      Math.min(...[...plot.querySelectorAll('text')].map(text => text.getBBox().height)),
    ]),
    bodies: findings.map(element => element.querySelector('.body').offsetHeight),
  };
})(%d)"""

PHONE_BELOW = 600
UNFOLD = "document.querySelectorAll('details').forEach(one => { one.open = true; })"


def _look(page: Page, address: str, window: Window) -> Sight:
    """Open the address in the page and say what is seen."""
    sight = Sight()
    page.on("request", lambda request: sight.requests.append(request.url))
    page.on("console", lambda message: sight.complaints.append(message.text))
    page.on("pageerror", lambda error: sight.complaints.append(str(error)))
    page.on("dialog", lambda dialog: (sight.dialogs.append(dialog.message), dialog.dismiss()))
    page.emulate_media(media=window.media)
    page.goto(address, wait_until="load")
    if window.unfolded:
        page.evaluate(UNFOLD)
    sight.measures = page.evaluate(MEASURE % window.width)
    sight.png = page.screenshot()
    return sight


# Not for the session: while it is open, its event loop is the thread's, and nobody else's can run.
@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """The running browser; the tests are skipped where there is none."""
    program = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if program is None:
        pytest.skip(f"no browser: none of {', '.join(PROGRAMS)} is installed")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=[*FLAGS])
        yield browser
        browser.close()


@pytest.fixture
def window() -> type[Window]:
    """How a reader looks at a page: width, height, dark, unfolded, media."""
    return Window


@pytest.fixture
def look(chromium: Browser) -> Callable[[Path, Window], Sight]:
    """Open a file in the browser and say what is seen."""

    def open_file(path: Path, window: Window) -> Sight:
        context = chromium.new_context(
            viewport={"width": window.width, "height": window.height},
            color_scheme="dark" if window.dark else "light",
            is_mobile=window.width < PHONE_BELOW,
        )
        with context:
            return _look(context.new_page(), path.as_uri(), window)

    return open_file
