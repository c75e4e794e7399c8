"""The running app in a real browser: one server per module, filled homes, headless Chromium."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from autodata.home import Home, open_home

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM_ARGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SETTLED = """() => {
  const app = document.querySelector('[data-testid=stApp]')
  return app && app.getAttribute('data-test-script-state') === 'notRunning'
    && !document.querySelector('[data-stale=true]') && !document.querySelector('[data-testid=stSkeleton]')
}"""


def settle(page: Page, timeout: int = 30_000) -> None:
    """Wait until the script has finished and nothing on the page is stale."""
    page.wait_for_function(SETTLED, timeout=timeout)


def find_chromium() -> str | None:
    """The distribution's Chromium; None leaves Playwright its own."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if found := shutil.which(name):
            return found
    return None


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Closed with its module: while Playwright is open, no test of this process can run an event loop of its own."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=CHROMIUM_ARGS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def serve(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., tuple[str, Home]]]:
    """`serve(fill)` fills a fresh home by `fill(home)` and starts the app on it; returns its address and the home."""
    servers: list[subprocess.Popen[bytes]] = []

    def start(fill: Callable[[Home], object]) -> tuple[str, Home]:
        home = open_home(tmp_path_factory.mktemp("home"))
        fill(home)
        port = _find_free_port()
        server = subprocess.Popen(
            [
                sys.executable, "-m", "streamlit", "run", "app.py",
                "--server.headless", "true", "--server.address", "127.0.0.1", "--server.port", str(port),
                "--server.fileWatcherType", "none", "--browser.gatherUsageStats", "false",
            ],
            cwd=ROOT,
            env={**os.environ, "AUTODATA_HOME": str(home.root)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )  # fmt: skip
        servers.append(server)
        address = f"http://127.0.0.1:{port}"
        _wait_until_healthy(address, server)
        return address, home

    yield start
    for server in servers:
        server.terminate()
        server.wait(timeout=30)


@pytest.fixture
def open_page(browser: Browser) -> Iterator[Callable[..., Page]]:
    """`open_page(url, size=(w, h), scheme="dark")` opens a page and waits for it. `page.outside` lists the addresses
    it asked for beyond this machine, `page.errors` its script errors."""
    contexts = []

    def start(url: str, size: tuple[int, int] = (1440, 900), scheme: str = "light") -> Page:
        context = browser.new_context(
            viewport={"width": size[0], "height": size[1]},
            color_scheme=scheme,  # type: ignore[arg-type]
        )
        contexts.append(context)
        page = context.new_page()
        page.outside, page.errors = [], []  # type: ignore[attr-defined]
        page.on("request", lambda request: _note_outside(page, request.url))
        page.on("pageerror", lambda error: page.errors.append(str(error)))  # type: ignore[attr-defined]
        page.goto(url)
        page.wait_for_selector("[data-testid=stMainBlockContainer]", timeout=60_000)
        settle(page, 60_000)
        return page

    yield start
    for context in contexts:
        context.close()


def _note_outside(page: Page, url: str) -> None:
    if not url.startswith(("http://127.0.0.1", "ws://127.0.0.1", "data:", "blob:")):
        page.outside.append(url)  # type: ignore[attr-defined]


def _find_free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until_healthy(address: str, server: subprocess.Popen[bytes], timeout_s: float = 60.0) -> None:
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        if server.poll() is not None:
            raise RuntimeError(f"the app ended with code {server.returncode} before it was healthy")
        try:
            with urllib.request.urlopen(f"{address}/_stcore/health", timeout=1) as response:
                if response.status == 200:
                    return
        except OSError:
            time.sleep(0.2)
    raise RuntimeError(f"the app at {address} was not healthy after {timeout_s:.0f} s")
