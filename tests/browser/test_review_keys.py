"""Keys pressed faster than the page follows: none is lost, and none acts on a task that was not painted."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from autodata.home import Home
from autodata.journal import read_records
from tests.browser.conftest import settle
from tests.support.journals import write_run

pytestmark = pytest.mark.browser

WATCH = """() => {
  const roots = () => [...document.querySelectorAll('[data-testid^=stBidiComponent], [data-testid^=stBidiComponent] *')]
    .map(host => host.shadowRoot).filter(Boolean)
  const read = selector => roots().map(root => root.querySelector(selector)?.textContent).find(Boolean)
  const before = [read('.taskid'), read('.answer .words')]
  const changed = () => read('.taskid') && read('.taskid') !== before[0] && read('.answer .words') !== before[1]
  window.painted = new Promise(done => {
    const look = () => changed()
      ? requestAnimationFrame(() => requestAnimationFrame(() => requestAnimationFrame(done)))
      : requestAnimationFrame(look)
    look()
  })
}"""
"""Sets `window.painted`: a promise kept when the next task's name and answers were on screen for three frames."""


def fill(home: Home) -> None:
    write_run(home, "cs-1", 8, plans=[("too_easy", "accepted")], words=120)
    home.root.joinpath("reviewer.json").write_text('{"name": "ann"}')


@pytest.fixture
def opened(serve: Callable[..., tuple[str, Home]], open_page: Callable[..., Page]) -> tuple[Page, Home]:
    """Review at rest with eight waiting tasks."""
    address, home = serve(fill)
    page = open_page(f"{address}/review")
    expect(page.locator(".taskid")).to_be_visible()
    page.wait_for_timeout(300)
    settle(page)
    return page, home


def list_decisions(home: Home) -> list[tuple[str, str]]:
    if not home.reviews.exists():
        return []
    return [(record.data["verdict"], record.data["reason"]) for record in read_records(home.reviews)]


def rest(page: Page) -> None:
    page.wait_for_timeout(600)
    settle(page)
    page.wait_for_timeout(300)
    settle(page)


def test_reason_pressed_before_its_bar_is_there(opened: tuple[Page, Home]) -> None:
    page, home = opened
    before = page.locator(".taskid").inner_text()
    page.keyboard.press("x")
    page.keyboard.press("2")
    expect(page.locator(".taskid")).not_to_have_text(before, timeout=15_000)
    rest(page)
    assert list_decisions(home) == [("reject", "Luck")]


def test_undo_pressed_right_after_a_decision(opened: tuple[Page, Home]) -> None:
    page, home = opened
    before = page.locator(".taskid").inner_text()
    page.keyboard.press("a")
    page.keyboard.press("u")
    expect(page.locator("[aria-live=polite]").filter(has_text="is open again")).to_be_visible(timeout=15_000)
    expect(page.locator(".taskid")).to_have_text(before)
    assert list_decisions(home) == [("approve", ""), ("undo", "")]


def test_keys_pressed_as_tasks_are_painted_are_all_kept(opened: tuple[Page, Home]) -> None:
    page, home = opened
    for _ in range(4):
        page.evaluate(WATCH)
        page.keyboard.press("a")
        page.evaluate("() => window.painted")
    rest(page)
    decided = [record.data["task_id"] for record in read_records(home.reviews)]
    assert list_decisions(home) == [("approve", "")] * 4
    assert len(set(decided)) == 4


def test_held_key_decides_on_one_task(opened: tuple[Page, Home]) -> None:
    page, home = opened
    for _ in range(25):
        page.keyboard.down("a")
        page.wait_for_timeout(30)
    page.keyboard.up("a")
    rest(page)
    assert list_decisions(home) == [("approve", "")]


def test_fast_arrows_go_as_far_as_they_were_pressed(opened: tuple[Page, Home]) -> None:
    page, home = opened
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    expect(page.locator(".reason")).to_contain_text("4th", timeout=15_000)
    rest(page)
    expect(page.locator(".reason")).to_contain_text("4th")
    assert list_decisions(home) == []
