"""Takes the pictures of docs/guide.md: a small simulated team at work, in a real browser.

    python -m benchmarks.pictures [--out docs/images]

Needs Chromium and a few minutes: a run, an audit with fresh answers, a dozen screenshots. Everything is simulated.
"""

from __future__ import annotations

import argparse
import io
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, FloatRect, Page, expect, sync_playwright

from autodata.home import Home
from benchmarks.pages import ROOT, serve_app
from benchmarks.report import say
from tests.browser.conftest import CHROMIUM_ARGS, find_chromium, settle

RUN = "cs-0001"
PICTURE_MAX = 300_000
"""Bytes that a picture may have."""
BAR: FloatRect = {"x": 0, "y": 846, "width": 1440, "height": 54}


@dataclass(frozen=True, slots=True)
class Camera:
    """A browser on one app, and the folder that its pictures go to."""

    browser: Browser
    address: str
    folder: Path

    def open(self, path: str, *, name: str = "Ann", scheme: str = "light") -> Page:
        """A page of the app as one reviewer sees it, at rest."""
        context = self.browser.new_context(
            viewport={"width": 1440, "height": 900},
            color_scheme=scheme,  # type: ignore[arg-type]
        )
        context.add_cookies([{"name": "autodata_reviewer", "value": name, "url": self.address}])
        page = context.new_page()
        page.goto(f"{self.address}/{path}")
        page.wait_for_selector("[data-testid=stMainBlockContainer]", timeout=60_000)
        rest(page)
        return page

    def take(self, page: Page, name: str, clip: FloatRect | None = None) -> None:
        """Keep what is on screen as `guide-NAME.png`. Raises RuntimeError when it is larger than PICTURE_MAX bytes."""
        rest(page)
        picture = Image.open(io.BytesIO(page.screenshot(clip=clip))).convert("RGB")
        path = self.folder / f"guide-{name}.png"
        picture.save(path, optimize=True)
        if path.stat().st_size > PICTURE_MAX:  # fewer colours are the last resort: small marks lose theirs
            picture.quantize(256, kmeans=2, dither=Image.Dither.NONE).save(path, optimize=True)
        if path.stat().st_size > PICTURE_MAX:
            raise RuntimeError(f"{path} has {path.stat().st_size:,} bytes, more than {PICTURE_MAX:,}")
        say(f"{path.name}: {path.stat().st_size // 1000} kB")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "images", help="folder of the pictures")
    parser.add_argument("--home", type=Path, help="a home to work in, kept afterwards; it is filled when it is empty")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    expect.set_options(timeout=60_000)
    with tempfile.TemporaryDirectory(prefix="autodata-pictures-") as folder:
        home = Home(options.home or Path(folder))
        if not (home.root / "runs").exists():
            fill(home)
        with serve_app(home) as address, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=find_chromium(), args=CHROMIUM_ARGS)
            camera = Camera(browser, address, options.out)
            clean = photograph_reviewing(camera)
            photograph_looking(camera)
            photograph_dispute(camera, home, clean)
            browser.close()
    return 0


def fill(home: Home) -> None:
    """A run, an audit of some of its tasks on fresh answers, and copies with a planted fault."""
    say("running …")
    call(home, "run", str(ROOT / "samples" / "cs"), "--limit", "16", "--quiet")
    say("auditing …")
    call(home, "audit", RUN, "--plan", "medium", "--yes", "--quiet", accepted=(0, 1))
    call(home, "canaries", "plant", RUN, "--count", "2", "--reviewer", "Lea")


def photograph_reviewing(camera: Camera) -> str:
    """The Review page as a reviewer works through it; returns the task without an alarm that was shown."""
    page = camera.open("review")
    expect(page.locator(".verdictline.broken")).to_be_visible()
    camera.take(page, "violation")
    page.keyboard.press("x")
    expect(page.get_by_text("Reject because")).to_be_visible()
    camera.take(page, "reasons", BAR)
    page.keyboard.press("1")
    expect(page.get_by_role("button", name="Say what it was")).to_be_visible()
    camera.take(page, "decided", BAR)
    page = camera.open(f"review?run={RUN}&audit=clear")
    camera.take(page, "task")
    clean = page.locator(".taskid").inner_text()
    page.keyboard.press("e")
    question = page.get_by_role("dialog").get_by_label("Question")
    expect(question).to_be_visible()
    question.fill(f"{question.input_value()} Name the cost of each choice.")
    question.press("Tab")
    expect(page.get_by_role("dialog").locator("ins").first).to_be_visible()
    camera.take(page, "fix")
    page = camera.open(f"review?run={RUN}&audit=flagged")
    page.get_by_role("tab", name="Audit").click()
    camera.take(page, "audit")
    return clean


def photograph_looking(camera: Camera) -> None:
    """Tasks and Overview."""
    page = camera.open("tasks")
    page.locator(".dvn-scroller").wait_for(timeout=60_000)
    camera.take(page, "tasks")
    page = camera.open("tasks?tasks.look=Maps&tasks.group=By+round&tasks.scope=All+rounds")
    camera.take(page, "maps")
    camera.take(camera.open("", scheme="dark"), "overview")


def photograph_dispute(camera: Camera, home: Home, task: str) -> None:
    """Two votes that differ, as the lead sees them."""
    call(home, "team", "set", "--quorum", "2", "--lead", "Lea", "--reviewer", "Lea")
    call(home, "decide", task, "approve", "--reviewer", "Ann", "--note", "the bound holds in every answer")
    call(home, "decide", task, "reject", "--reviewer", "Bo", "--reason", "Luck", "--note", "weak 2 nearly has it")
    page = camera.open("review?decision=disputed", name="Lea", scheme="dark")
    expect(page.get_by_text("The votes differ")).to_be_visible()
    camera.take(page, "dispute")


def call(home: Home, *words: str, accepted: tuple[int, ...] = (0,)) -> None:
    """Run one command of the product on `home`. Raises RuntimeError with what it said when it fails."""
    done = subprocess.run(
        [sys.executable, "-m", "autodata.cli", *words, "--home", str(home.root)],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    if done.returncode not in accepted:
        raise RuntimeError(f"autodata {' '.join(words)} ended with {done.returncode}: {done.stderr[-2000:]}")


def rest(page: Page) -> None:
    """Wait until nothing moves any more: charts and pieces draw a moment after their data has come."""
    settle(page, 60_000)
    page.wait_for_timeout(1_200)
    settle(page, 60_000)


if __name__ == "__main__":
    sys.exit(main())
