"""The Review page in a real browser: hostile text, keys, layout, and nothing that leaves the machine."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from autodata.home import Home
from autodata.journal import read_records
from autodata.model import Task
from tests.browser.conftest import settle
from tests.support.journals import RunAuthor, write_run

pytestmark = pytest.mark.browser

HOSTILE = (
    "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script> [a](javascript:alert(1)) "
    "![i](http://203.0.113.9/x.png) \u202eevil\u202c **bold** "
)
RULES = Path(__file__).parents[2] / "autodata" / "ui" / "look.css"


class HostileAuthor(RunAuthor):
    """Every text an agent writes tries to be markup."""

    def _write_prose(self, words: int) -> str:
        return HOSTILE + super()._write_prose(words)

    def _write_task(self, source: str, number: int) -> Task:
        task = super()._write_task(source, number)
        rubric = tuple(dataclasses.replace(c, criterion=HOSTILE + c.criterion) for c in task.rubric)
        return dataclasses.replace(task, question=HOSTILE + task.question, reference_answer=HOSTILE, rubric=rubric)


def fill(home: Home) -> None:
    write_run(home, "cs-1", 6, plans=[("too_easy", "narrow_gap", "accepted"), ("too_easy", "accepted")], words=200)
    with HostileAuthor(home, "hostile-1") as author:
        author.start(1)
        author.write_trajectory(0, ("narrow_gap", "accepted"))
        author.end()
    home.root.joinpath("reviewer.json").write_text('{"name": "ann"}')


@pytest.fixture(scope="module")
def app(serve: Callable[..., tuple[str, Home]]) -> tuple[str, Home]:
    return serve(fill)


def list_decisions(home: Home) -> list[tuple[str, str]]:
    return [(record.data["verdict"], record.data["reason"]) for record in read_records(home.reviews)]


def read_task(page: Page) -> str:
    return page.locator(".taskid").inner_text()


def press_calmly(page: Page, key: str) -> None:
    """Press a key as a person does: once the page is settled and has been seen for a moment."""
    settle(page)
    page.wait_for_timeout(300)
    settle(page)
    page.keyboard.press(key)


def press_until_other_task(page: Page, key: str) -> str:
    before = read_task(page)
    press_calmly(page, key)
    expect(page.locator(".taskid")).not_to_have_text(before, timeout=15_000)
    settle(page)
    return read_task(page)


def test_hostile_answer_appears_as_its_own_characters(app: tuple[str, Home], open_page: Callable[..., Page]) -> None:
    page = open_page(f"{app[0]}/review?run=hostile-1")
    expect(page.locator(".answer .words").first).to_contain_text("<img src=x onerror=")
    expect(page.locator(".question").first).to_contain_text("<script>document.title=")
    expect(page.locator(".criteria .text").first).to_contain_text("![i](http://203.0.113.9/x.png)")
    for tab in ("Reference", "Requests", "Source"):
        page.get_by_role("tab", name=tab).click()
        expect(page.locator(".panel")).to_contain_text("<img src=x onerror=")
    assert (
        page.locator(".evidence img, .evidence script, .evidence a, .piece img, .piece script, .piece a").count() == 0
    )
    assert page.title() == "Review · Autodata"
    assert page.errors == []
    assert page.outside == []


def test_no_page_asks_for_anything_beyond_this_machine(app: tuple[str, Home], open_page: Callable[..., Page]) -> None:
    page = open_page(f"{app[0]}/review?run=cs-1", scheme="dark")
    expect(page.locator(".taskid")).to_be_visible()
    page.keyboard.press("h")
    expect(page.get_by_role("dialog")).to_contain_text("undo the last decision")
    assert page.outside == []


@pytest.mark.parametrize("size", [(1440, 900), (1280, 800)])
def test_review_needs_no_scrolling(
    app: tuple[str, Home], open_page: Callable[..., Page], size: tuple[int, int]
) -> None:
    page = open_page(f"{app[0]}/review?run=cs-1", size=size)
    expect(page.locator(".rounds")).to_be_visible()
    page.wait_for_function("() => document.querySelector('[data-testid=stMain]').scrollHeight <= window.innerHeight")
    main = page.locator("[data-testid=stMain]")
    assert main.evaluate("e => e.scrollHeight - e.clientHeight") <= 0
    assert main.evaluate("e => e.scrollWidth - e.clientWidth") <= 0
    rounds, bar = page.locator(".rounds").bounding_box(), page.locator("[data-testid=stBottom]").bounding_box()
    assert rounds is not None
    assert bar is not None
    assert rounds["y"] + rounds["height"] <= bar["y"]


def test_keys_decide_and_undo(serve: Callable[..., tuple[str, Home]], open_page: Callable[..., Page]) -> None:
    address, home = serve(fill)
    page = open_page(f"{address}/review?run=cs-1")
    first = read_task(page)
    second = press_until_other_task(page, "a")
    press_calmly(page, "x")
    expect(page.get_by_text("Reject because")).to_be_visible()
    press_until_other_task(page, "2")
    assert list_decisions(home) == [("approve", ""), ("reject", "Luck")]
    press_calmly(page, "f")
    expect(page.get_by_text("Flag because")).to_be_visible()
    press_until_other_task(page, "7")
    press_until_other_task(page, "s")
    assert list_decisions(home)[2:] == [("flag", "Not valid"), ("skip", "")]
    press_until_other_task(page, "u")
    press_until_other_task(page, "u")
    press_calmly(page, "u")
    expect(page.locator(".taskid")).to_have_text(second, timeout=15_000)
    page.reload()
    expect(page.locator(".taskid")).to_have_text(second, timeout=30_000)
    settle(page)
    press_calmly(page, "u")
    expect(page.locator(".taskid")).to_have_text(first, timeout=15_000)
    assert [verdict for verdict, _ in list_decisions(home)][4:] == ["undo"] * 4


def test_fast_second_press_decides_nothing_unseen(
    serve: Callable[..., tuple[str, Home]], open_page: Callable[..., Page]
) -> None:
    address, home = serve(fill)
    page = open_page(f"{address}/review?run=cs-1")
    before = read_task(page)
    page.keyboard.press("a")
    page.keyboard.press("a")
    expect(page.locator(".taskid")).not_to_have_text(before, timeout=15_000)
    settle(page)
    page.wait_for_timeout(500)
    assert list_decisions(home) == [("approve", "")]


def test_key_typed_into_a_text_field_only_types(
    serve: Callable[..., tuple[str, Home]], open_page: Callable[..., Page]
) -> None:
    def fill_unnamed(home: Home) -> None:
        fill(home)
        home.root.joinpath("reviewer.json").unlink()

    address, home = serve(fill_unnamed)
    page = open_page(f"{address}/review?run=cs-1")
    before = read_task(page)
    page.get_by_placeholder("Your name").press_sequentially("Max Fuchs")
    page.wait_for_timeout(300)
    assert read_task(page) == before
    assert not home.reviews.exists()
    page.get_by_placeholder("Your name").press("Enter")
    expect(page.get_by_role("button", name="Approve")).to_be_visible(timeout=15_000)
    assert json.loads(home.root.joinpath("reviewer.json").read_text())["name"] == "Max Fuchs"


def test_brackets_show_rounds_and_digits_show_rollouts(app: tuple[str, Home], open_page: Callable[..., Page]) -> None:
    page = open_page(f"{app[0]}/review?run=cs-1")
    expect(page.locator(".taskid")).to_be_visible()
    press_calmly(page, "2")
    expect(page.locator(".side.w .pill").nth(1)).to_have_attribute("aria-pressed", "true")
    press_calmly(page, "[")
    expect(page.get_by_text("looking back at round")).to_be_visible(timeout=15_000)
    press_calmly(page, "]")
    expect(page.get_by_text("looking back at round")).to_have_count(0, timeout=15_000)
    press_calmly(page, "t")
    expect(page.get_by_role("tab", name="Reference")).to_have_attribute("aria-selected", "true")


def test_key_card_can_be_read_in_the_dark(app: tuple[str, Home], open_page: Callable[..., Page]) -> None:
    page = open_page(f"{app[0]}/review?run=cs-1", scheme="dark")
    expect(page.locator(".taskid")).to_be_visible()
    press_calmly(page, "h")
    cell = page.get_by_role("dialog").get_by_text("undo the last decision")
    expect(cell).to_be_visible()
    assert cell.evaluate("e => getComputedStyle(e).color") == "rgb(233, 234, 229)"


def test_chosen_criterion_is_shown_in_full(app: tuple[str, Home], open_page: Callable[..., Page]) -> None:
    page = open_page(f"{app[0]}/review?run=hostile-1", size=(1280, 800))
    chosen = page.locator(".criteria tr.on .text")
    expect(chosen).to_be_visible()
    assert chosen.evaluate("e => e.scrollHeight - e.clientHeight") <= 1  # a fraction of a pixel
    quotes = page.locator(".quotes")
    assert quotes.evaluate("e => e.scrollHeight - e.clientHeight") <= 0


def test_task_table_needs_no_sideways_scrolling(app: tuple[str, Home], open_page: Callable[..., Page]) -> None:
    page = open_page(f"{app[0]}/tasks", size=(1280, 800))
    scroller = page.locator(".dvn-scroller")
    expect(scroller).to_be_visible(timeout=60_000)
    assert scroller.evaluate("e => e.scrollWidth - e.clientWidth") <= 0


def test_every_page_rule_still_matches_something(app: tuple[str, Home], open_page: Callable[..., Page]) -> None:
    page = open_page(f"{app[0]}/review?run=cs-1")
    expect(page.locator(".taskid")).to_be_visible()
    for selector in (
        "[data-testid=stMainBlockContainer]",
        "[data-testid=stHeader]",
        "[data-testid=stBottomBlockContainer]",
    ):
        assert selector in RULES.read_text()
        assert page.locator(selector).count() == 1, selector
    page = open_page(f"{app[0]}/settings")
    editor = page.locator(".st-key-settings-seats textarea")
    expect(editor).to_be_visible()
    assert "Source Code Pro" in editor.evaluate("e => getComputedStyle(e).fontFamily")
    page = open_page(f"{app[0]}/review?run=nothing-here")
    assert page.locator("[data-testid^=stBaseButton-primary]").count() == 1


def test_reasoning_is_folded_until_it_is_asked_for(app: tuple[str, Home], open_page: Callable[..., Page]) -> None:
    page = open_page(f"{app[0]}/review?run=cs-1")
    fold = page.locator(".side.s .unfold")
    expect(fold).to_have_text("Show its reasoning, 8 characters")
    expect(page.locator(".side.s .reasoning .words")).to_have_count(0)
    fold.click()
    expect(page.locator(".side.s .reasoning .words")).to_have_text("thinking", timeout=15_000)
    expect(fold).to_have_attribute("aria-expanded", "true")
    fold.click()
    expect(page.locator(".side.s .reasoning .words")).to_have_count(0, timeout=15_000)
