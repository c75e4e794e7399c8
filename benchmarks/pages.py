"""The real app on a home at size, in a real browser: decisions, changed filters, and how long pages take to open.

A is pressed on the Review page; the time runs from the key's event in the browser to the frame after the next task's
id is on screen. Decisions are made one after the other, each after the page has come to rest. A filter of the Tasks
page is clicked; the time runs from the click to the frame after another table is drawn. A page is painted when what it
is about is on screen: the table, the key figures, the task.

    python -m benchmarks.pages            20,000 tasks, 100,000 rounds; about two minutes
    python -m benchmarks.pages --full     100,000 tasks, 500,000 rounds; most of the time is filling the home

Needs Chromium: the distribution's, or Playwright's own (`playwright install chromium`).
"""

from __future__ import annotations

import argparse
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from autodata.home import Home
from autodata.index import open_index
from benchmarks.filled import FULL, QUICK, build_home
from benchmarks.report import Bar, print_report, say, take_p95
from tests.browser.conftest import CHROMIUM_ARGS, find_chromium, settle

ROOT = Path(__file__).resolve().parents[1]
PRESSES, OPENINGS, ROUNDS_OF_FILTERS = 30, 6, 4
TABLE = "[class*='st-key-tasks-table-'] canvas"
SHOWN = {
    "Overview": ("", ".figures"),
    "Tasks": ("tasks", TABLE),
    "Tasks, every round by gap": ("tasks?tasks.scope=All+rounds&tasks.order=Gap%2C+largest+first", TABLE),
    "Tasks, small maps": ("tasks?tasks.look=Maps", ".map"),
    "Review": ("review", ".taskid"),
}
"""Pages with their addresses, and what is on screen once they are painted."""

FILTERS = ("Right", "Too easy", "Too hard", "Violated")
"""Filters that are each put on and taken off again."""

KEY_MS, OPEN_MS, FILTER_MS = 300, 1500, 700
"""Milliseconds that a decision, a page and a changed filter may take at the 95th percentile."""

GIVEN_UP_MS = 20_000
"""Milliseconds after which a press or a click counts as lost."""

READ_ID = """() => {
  for (const host of document.querySelectorAll('[data-testid^=stBidiComponent], [data-testid^=stBidiComponent] *')) {
    const found = host.shadowRoot && host.shadowRoot.querySelector('.taskid')
    if (found) return found.textContent
  }
  return ''
}"""
FRAMES = """async () => {
  for (let frame = 0; frame < 3; frame++) await new Promise(requestAnimationFrame)
}"""
"""A key means the task that was painted when it was pressed, and a task counts as painted two frames after it came."""

WATCH = f"""() => {{
  const read = {READ_ID}
  const before = read()
  window.painted = new Promise(done => {{
    window.addEventListener('keydown', event => {{
      const look = () => {{
        const now = read()
        if (now && now !== before) requestAnimationFrame(() => done(performance.now() - event.timeStamp))
        else requestAnimationFrame(look)
      }}
      look()
    }}, {{capture: true, once: true}})
  }})
}}"""

WATCH_TABLE = """() => {
  const read = () => {
    const table = document.querySelector("[class*='st-key-tasks-table-']")
    if (table?.querySelector('canvas')) return table.className
    return document.querySelector('.st-key-tasks-nothing') ? 'nothing' : ''
  }
  const before = read()
  window.changed = new Promise(done => {
    window.addEventListener('click', event => {
      const look = () => {
        const now = read()
        if (now && now !== before) requestAnimationFrame(() => done(performance.now() - event.timeStamp))
        else requestAnimationFrame(look)
      }
      look()
    }, {capture: true, once: true})
  })
}"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--full", action="store_true", help="100,000 tasks and 500,000 rounds")
    parser.add_argument("--json", action="store_true", help="one JSON object on stdout")
    options = parser.parse_args()
    wanted = FULL if options.full else QUICK
    with tempfile.TemporaryDirectory(prefix="autodata-bench-") as folder:
        home = Home(Path(folder))
        with open_index(home) as index:
            build_home(index, home, wanted)
        rows, bars = measure_pages(home)
    title = f"{wanted:,} tasks, {PRESSES} decisions in a row, {OPENINGS} openings of each page, headless Chromium"
    return print_report("pages", title, ["what", "p50 ms", "p95 ms"], rows, bars, json=options.json)


def measure_pages(home: Home) -> tuple[list[tuple[str, float, float]], list[Bar]]:
    """Rows of the report, and what is held against a bar."""
    home.root.joinpath("reviewer.json").write_text('{"name": "ann"}')
    with serve_app(home) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=CHROMIUM_ARGS)
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        say("opening pages …")
        opened = {name: time_openings(page, f"{address}/{path}", mark) for name, (path, mark) in SHOWN.items()}
        say("changing filters …")
        filtered = time_filters(page, address)
        say("deciding …")
        decided, rested = time_decisions(page, address)
        browser.close()
    rows = [("Review: decision key to next task painted", *_summarise(decided))]
    rows.append(("Review: decision key to page at rest", *_summarise(rested)))
    rows.append(("Tasks: filter to its table painted", *_summarise(filtered)))
    for name, (painted, whole) in opened.items():
        rows += [(f"{name}: painted", *_summarise(painted)), (f"{name}: at rest", *_summarise(whole))]
    bars = [Bar("decision key to next task painted, p95", take_p95(decided), "<=", KEY_MS, "ms")]
    bars += [
        Bar(f"{name} painted, p95", take_p95(opened[name][0]), "<=", OPEN_MS, "ms") for name in ("Tasks", "Overview")
    ]
    bars.append(Bar("filter to its table painted, p95", take_p95(filtered), "<=", FILTER_MS, "ms"))
    return rows, bars


def time_filters(page: Page, address: str) -> list[float]:
    """Milliseconds from each click on a filter to its table on screen; the first round warms up."""
    _open(page, f"{address}/tasks", TABLE)
    times = []
    for number in range(ROUNDS_OF_FILTERS + 1):
        for name in (name for name in FILTERS for _ in range(2)):
            page.evaluate(WATCH_TABLE)
            page.get_by_role("button", name=name, exact=True).click()
            taken = _await_paint(page, "changed", f"the filter {name}")
            settle(page, 60_000)
            times += [taken] if number else []
    return times


def time_decisions(page: Page, address: str) -> tuple[list[float], list[float]]:
    """Milliseconds from each press to the next task on screen, and to the page at rest; two presses warm up."""
    _open(page, f"{address}/review", ".taskid")
    painted, rested = [], []
    for _ in range(PRESSES + 2):
        page.evaluate(FRAMES)
        page.evaluate(WATCH)
        started = time.perf_counter()
        page.keyboard.press("a")
        painted.append(_await_paint(page, "painted", "the key A"))
        settle(page)
        rested.append((time.perf_counter() - started) * 1000)
    return painted[2:], rested[2:]


def time_openings(page: Page, url: str, mark: str) -> tuple[list[float], list[float]]:
    """Milliseconds from the address to `mark` on screen, and to the page at rest, in a browser that has seen the app
    before."""
    _open(page, url, mark)
    times = [_open(page, url, mark) for _ in range(OPENINGS)]
    return [painted for painted, _ in times], [whole for _, whole in times]


@contextmanager
def serve_app(home: Home) -> Iterator[str]:
    """The app on `home`; yields its address. Raises RuntimeError when it does not come up within a minute."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    options = {
        "server.headless": "true",
        "server.address": "127.0.0.1",
        "server.port": str(port),
        "server.fileWatcherType": "none",
        "browser.gatherUsageStats": "false",
    }
    server = subprocess.Popen(
        [sys.executable, "-m", "streamlit", "run", "app.py", *(f"--{name}={value}" for name, value in options.items())],
        cwd=ROOT,
        env={**os.environ, "AUTODATA_HOME": str(home.root)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        address = f"http://127.0.0.1:{port}"
        _wait_until_healthy(address, server)
        yield address
    finally:
        server.terminate()
        server.wait(timeout=60)


def _wait_until_healthy(address: str, server: subprocess.Popen[bytes], timeout_s: float = 60.0) -> None:
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline and server.poll() is None:
        try:
            with urllib.request.urlopen(f"{address}/_stcore/health", timeout=1) as response:
                if response.status == 200:
                    return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"the app at {address} did not come up")


def _await_paint(page: Page, promise: str, what: str) -> float:
    """Milliseconds that `window.<promise>` tells. Raises RuntimeError when it tells none, as for a lost key."""
    waited = f"[window.{promise}, new Promise(done => setTimeout(() => done(null), {GIVEN_UP_MS}))]"
    taken = page.evaluate(f"() => Promise.race({waited})")
    if taken is None:
        raise RuntimeError(f"nothing new was painted within {GIVEN_UP_MS // 1000} s of {what}")
    return float(taken)


def _open(page: Page, url: str, mark: str) -> tuple[float, float]:
    started = time.perf_counter()
    page.goto(url)
    page.wait_for_selector(mark, timeout=60_000)
    painted = time.perf_counter()
    settle(page, 60_000)
    return (painted - started) * 1000, (time.perf_counter() - started) * 1000


def _summarise(times: list[float]) -> tuple[float, float]:
    return round(sorted(times)[len(times) // 2], 1), round(take_p95(times), 1)


if __name__ == "__main__":
    sys.exit(main())
