"""A real Chromium, spoken to over the DevTools protocol."""

import asyncio
import base64
import itertools
import json
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from tornado.httpclient import AsyncHTTPClient, HTTPRequest
from tornado.websocket import WebSocketClientConnection, websocket_connect

PROGRAMS = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--remote-debugging-port=0",
)
START_SECONDS = 30
ANSWER_SECONDS = 20
LARGEST_MESSAGE = 64 * 1024 * 1024


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
    bodies: findings.map(element => element.querySelector('.body').offsetHeight),
  };
})(%d)"""

UNFOLD = "document.querySelectorAll('details').forEach(one => { one.open = true; })"


class Session:
    """One page of the browser."""

    def __init__(self, socket: WebSocketClientConnection) -> None:
        self.sight = Sight()
        self.loaded = asyncio.Event()
        self._address = ""
        self._socket = socket
        self._numbers = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[Mapping[str, Any]]] = {}

    async def listen(self) -> None:
        """Take in answers and events until the page is closed."""
        while (message := await self._socket.read_message()) is not None:
            answer = json.loads(message)
            if waiting := self._waiting.pop(answer.get("id", 0), None):
                waiting.set_result(answer)
            elif "method" in answer:
                self._notice(answer["method"], answer.get("params", {}))

    async def ask(self, method: str, **params: Any) -> Mapping[str, Any]:
        """Send a command and wait for its answer."""
        number = next(self._numbers)
        # Kept here, too: the answer may come while the command is still being written.
        waiting = self._waiting[number] = asyncio.get_running_loop().create_future()
        command = {"id": number, "method": method, "params": params}
        await self._socket.write_message(json.dumps(command))
        answer = await asyncio.wait_for(waiting, ANSWER_SECONDS)
        assert "error" not in answer, answer
        return answer["result"]  # type: ignore[no-any-return]

    async def evaluate(self, expression: str) -> Any:
        """The value of an expression in the page."""
        answer = await self.ask("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def _notice(self, method: str, params: Mapping[str, Any]) -> None:
        if method == "Network.requestWillBeSent":
            self.sight.requests.append(params["request"]["url"])
        elif method == "Log.entryAdded":
            self.sight.complaints.append(params["entry"]["text"])
        elif method == "Runtime.consoleAPICalled":
            self.sight.complaints.append(f"console.{params['type']}")
        elif method == "Page.javascriptDialogOpening":
            self.sight.dialogs.append(params["message"])
        elif method == "Page.frameNavigated":
            self._address = params["frame"]["url"]
        elif method == "Page.loadEventFired" and self._address.startswith("file:"):
            # The blank page that the browser begins with has a load event, too.
            self.loaded.set()


async def _look(port: int, address: str, window: Window) -> Sight:
    """Open the address in a fresh page, look at it and close it."""
    request = HTTPRequest(f"http://127.0.0.1:{port}/json/new?about:blank", method="PUT", body="")
    made = json.loads((await AsyncHTTPClient().fetch(request)).body)
    url = made["webSocketDebuggerUrl"]
    socket = await websocket_connect(url, max_message_size=LARGEST_MESSAGE)
    session = Session(socket)
    listening = asyncio.create_task(session.listen())
    try:
        await _prepare(session, window)
        await session.ask("Page.navigate", url=address)
        await asyncio.wait_for(session.loaded.wait(), ANSWER_SECONDS)
        if window.unfolded:
            await session.evaluate(UNFOLD)
        session.sight.measures = await session.evaluate(MEASURE % window.width)
        shot = await session.ask("Page.captureScreenshot")
        session.sight.png = base64.b64decode(shot["data"])
        await session.ask("Page.close")
    finally:
        socket.close()
        await listening
    return session.sight


async def _prepare(session: Session, window: Window) -> None:
    for domain in ("Page", "Network", "Log", "Runtime"):
        await session.ask(f"{domain}.enable")
    await session.ask(
        "Emulation.setDeviceMetricsOverride",
        width=window.width,
        height=window.height,
        deviceScaleFactor=1,
        mobile=window.width < 600,
    )
    scheme = {"name": "prefers-color-scheme", "value": "dark" if window.dark else "light"}
    await session.ask("Emulation.setEmulatedMedia", media=window.media, features=[scheme])


@pytest.fixture(scope="session")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The DevTools port of a running browser; the tests are skipped where there is none."""
    program = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if program is None:
        pytest.skip(f"no browser: none of {', '.join(PROGRAMS)} is installed")
    profile = tmp_path_factory.mktemp("chromium")
    process = subprocess.Popen(
        [program, *FLAGS, f"--user-data-dir={profile}", "about:blank"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield _port(process, profile / "DevToolsActivePort")
    finally:
        process.terminate()
        process.wait(START_SECONDS)


def _port(process: "subprocess.Popen[bytes]", file: Path) -> int:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        if file.exists() and (lines := file.read_text().splitlines()):
            return int(lines[0])
        time.sleep(0.05)
    raise AssertionError("the browser did not open its DevTools port")


@pytest.fixture
def window() -> type[Window]:
    """How a reader looks at a page: width, height, dark, unfolded, media."""
    return Window


@pytest.fixture
def look(chromium: int) -> Callable[[Path, Window], Sight]:
    """Open a file in the browser and say what is seen."""
    return lambda page, window: asyncio.run(_look(chromium, page.as_uri(), window))
