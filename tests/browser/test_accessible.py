"""Contrast measured on what is drawn, in both schemes; focus that can be seen; layouts that fit a tablet."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from autodata.home import Home
from tests.browser.conftest import settle
from tests.support.journals import write_run

pytestmark = pytest.mark.browser

FAINT = """() => {
  const parse = text => {
    const parts = text.match(/[\\d.]+/g).map(Number)
    const scale = text.startsWith('color(srgb') ? 255 : 1
    return [parts[0] * scale, parts[1] * scale, parts[2] * scale, parts[3] ?? 1]
  }
  const shine = colour => {
    const [r, g, b] = colour.map(v => { v /= 255; return v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4 })
    return .2126 * r + .7152 * g + .0722 * b
  }
  const cover = (top, under) => [0, 1, 2].map(i => top[i] * top[3] + under[i] * (1 - top[3])).concat(1)
  const above = element => element.assignedSlot || element.parentElement || element.getRootNode().host
  const chain = element => { const all = []; for (let e = element; e; e = above(e)) all.push(e); return all }
  const dark = getComputedStyle(document.querySelector('[data-testid=stApp]')).colorScheme === 'dark'
  const PASSED_OVER = 'style, script, canvas, :disabled, [aria-hidden=true], .stSlider'
  const found = []
  const look = root => {
    for (const element of root.querySelectorAll('*')) {
      if (element.shadowRoot) look(element.shadowRoot)
      const text = [...element.childNodes].filter(n => n.nodeType === 3).map(n => n.textContent.trim()).join('')
      const box = element.getBoundingClientRect(), style = getComputedStyle(element)
      const hidden = box.width < 2 || box.height < 2 || box.top > innerHeight || style.visibility === 'hidden'
      // A disabled control and what lies over the end of a slider's track are no text to be read.
      if (!text || hidden || element.closest(PASSED_OVER)) continue
      const parents = chain(element)
      const shade = parents.reduce((sum, e) => sum * Number(getComputedStyle(e).opacity), 1)
      if (!shade) continue
      const under = parents.map(e => parse(getComputedStyle(e).backgroundColor)).reverse()
        .reduce((below, top) => cover(top, below), dark ? [19, 22, 21, 1] : [255, 255, 255, 1])
      const ink = parse(element.namespaceURI.includes('svg') ? style.fill : style.color)
      const seen = cover([ink[0], ink[1], ink[2], ink[3] * shade], under)
      const [high, low] = [shine(seen), shine(under)].sort((a, b) => b - a)
      const ratio = (high + .05) / (low + .05), large = parseFloat(style.fontSize) >= 24
      if (ratio < (large ? 3 : 4.5)) found.push(`${text.slice(0, 40)}: ${ratio.toFixed(2)}`)
    }
  }
  look(document)
  return found
}"""
"""Texts whose contrast with what lies under them is below WCAG AA: 4.5, or 3 from 24 pixels on (success criterion
1.4.3, relative luminance as defined there)."""


def fill(home: Home) -> None:
    write_run(home, "cs-1", 6, plans=[("too_easy", "narrow_gap", "accepted"), ("failed_on_strong",)], words=60)
    write_run(home, "cs-2", 2, plans=[("failed_quality", "accepted")], words=60, parity_broken=True)
    home.root.joinpath("reviewer.json").write_text('{"name": "ann"}')


@pytest.fixture(scope="module")
def app(serve: Callable[..., tuple[str, Home]]) -> str:
    address, _ = serve(fill)
    return str(address)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    "path", ["", "tasks", "tasks?tasks.look=Maps", "review", "review?run=cs-2", "runs", "settings"]
)
def test_every_text_stands_out_enough(app: str, open_page: Callable[..., Page], path: str, scheme: str) -> None:
    page = open_page(f"{app}/{path}", scheme=scheme)
    page.wait_for_timeout(500)
    settle(page)
    assert page.evaluate(FAINT) == []


def test_the_reason_bar_stands_out_enough(app: str, open_page: Callable[..., Page]) -> None:
    page = open_page(f"{app}/review?run=cs-1")
    expect(page.locator(".taskid")).to_be_visible()
    page.keyboard.press("x")
    expect(page.get_by_text("Reject because")).to_be_visible()
    assert page.evaluate(FAINT) == []


def test_focus_is_drawn_where_the_keyboard_is(app: str, open_page: Callable[..., Page]) -> None:
    page = open_page(f"{app}/review?run=cs-1")
    row = page.locator(".criteria tbody tr").first
    expect(row).to_be_visible()
    page.locator(".tab").first.focus()
    page.keyboard.press("Tab")
    assert page.locator(".evidence").evaluate(
        "e => getComputedStyle(e.getRootNode().activeElement).outlineStyle"
    ) == "solid"  # fmt: skip


def test_on_a_tablet_the_table_stands_above_the_map(app: str, open_page: Callable[..., Page]) -> None:
    page = open_page(f"{app}/tasks", size=(1024, 768))
    expect(page.locator(".dvn-scroller")).to_be_visible(timeout=60_000)
    left, right = page.locator(".st-key-tasks-left").bounding_box(), page.locator(".st-key-tasks-right").bounding_box()
    assert left is not None
    assert right is not None
    assert right["width"] > 900
    assert right["y"] < left["y"]
    assert page.locator("[data-testid=stMain]").evaluate("e => e.scrollWidth - e.clientWidth") <= 0


def test_the_name_of_the_first_page_opens_it(app: str, open_page: Callable[..., Page]) -> None:
    page = open_page(f"{app}/overview")
    expect(page.get_by_text("Where tasks land")).to_be_visible(timeout=30_000)
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert page.title() == "Overview · Autodata"
