"""Tasks in a real browser: the address holds list and selection, an act on everything is undone after a reload."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect

from autodata.home import Home
from autodata.index import open_index
from autodata.review.shared import current_decisions, forget_reviews
from tests.browser.conftest import settle
from tests.support.audit_rows import AuditRow, fill_audit
from tests.support.journals import write_run

pytestmark = pytest.mark.browser

MIXED = [["too_easy", "accepted"], ["too_easy", "failed_on_strong"], ["accepted"]]
ROW, HEAD = 31, 38


def fill(home: Home) -> None:
    accepted = write_run(home, "cs-1", 30, plans=MIXED, words=20).accepted
    with open_index(home) as index:
        fill_audit(home, "cs-1", [AuditRow(task) for task in accepted], index=index)
    home.root.joinpath("reviewer.json").write_text('{"name": "ann"}')


def read_rows(page: Page) -> list[str]:
    """Ids of the rows of the table, in its order: the canvas has them as text for screen readers."""
    page.wait_for_selector("[data-testid=stDataFrame] canvas", timeout=30_000)
    settle(page)
    cells = page.locator("[data-testid=stDataFrame] table tbody tr td:nth-child(1)")
    expect(cells.first).to_be_attached(timeout=30_000)
    return cells.all_inner_texts()


def test_the_address_shows_another_person_the_same_rows_and_the_same_task(
    serve: Callable[..., tuple[str, Home]], open_page: Callable[..., Page]
) -> None:
    address, _ = serve(fill)
    mine = open_page(f"{address}/tasks")
    mine.get_by_role("button", name="Right", exact=True).click()
    settle(mine)
    mine.get_by_placeholder("Search").fill("lemma")
    mine.get_by_placeholder("Search").press("Enter")
    mine.wait_for_url("**search=lemma**")
    settle(mine)
    read_rows(mine)
    mine.wait_for_timeout(500)  # the canvas takes clicks once it is painted, which nothing in the page tells
    mine.locator("[data-testid=stDataFrame]").click(position={"x": 14, "y": HEAD + ROW + 12})
    mine.wait_for_url("**task=t*")
    settle(mine)
    (chosen,) = parse_qs(urlsplit(mine.url).query)["task"]
    expect(mine.get_by_role("button", name=f"Open {chosen}")).to_be_visible(timeout=30_000)

    theirs = open_page(mine.url)
    expect(theirs.get_by_role("button", name=f"Open {chosen}")).to_be_visible(timeout=30_000)
    rows = read_rows(theirs)
    assert rows == read_rows(mine)
    assert len(rows) < 30
    assert rows[1] == chosen


def test_an_act_on_everything_is_undone_after_a_reload(
    serve: Callable[..., tuple[str, Home]], open_page: Callable[..., Page]
) -> None:
    address, home = serve(fill)
    page = open_page(f"{address}/tasks?tasks.scope=Accepted")
    page.get_by_role("button", name="Act on all").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("drawn at random")).to_be_visible(timeout=30_000)
    dialog.get_by_role("button", name="Approve 20 tasks").click()
    expect(page.get_by_text("20 tasks approved at once")).to_be_visible(timeout=30_000)
    forget_reviews()
    assert len(current_decisions(home)) == 20

    page.reload()
    page.get_by_role("button", name="Undo: 20 approvals").click(timeout=30_000)
    expect(page.get_by_text("20 tasks open again")).to_be_visible(timeout=30_000)
    forget_reviews()
    assert current_decisions(home) == {}
    assert page.errors == []  # type: ignore[attr-defined]


def test_a_view_is_saved_and_opened_from_the_dialog(
    serve: Callable[..., tuple[str, Home]], open_page: Callable[..., Page]
) -> None:
    address, _ = serve(fill)
    page = open_page(f"{address}/tasks")
    page.get_by_role("button", name="Too hard", exact=True).click()
    page.wait_for_url("**band**")
    settle(page)
    page.get_by_test_id("stButton").filter(has_text="bookmark").get_by_role("button").click()
    page.get_by_label("Save the view as it is now").fill("Hard ones")
    page.get_by_role("button", name="Save view").click()
    expect(page.get_by_role("dialog").get_by_role("button", name="Open", exact=True)).to_be_visible(timeout=30_000)

    other = open_page(f"{address}/tasks")
    expect(other.get_by_text("30 tasks")).to_be_visible(timeout=30_000)
    other.get_by_test_id("stButton").filter(has_text="bookmark").get_by_role("button").click()
    other.get_by_role("dialog").get_by_role("button", name="Open", exact=True).click(timeout=30_000)
    other.wait_for_url("**band**")
    expect(other.get_by_text("10 tasks")).to_be_visible(timeout=30_000)


def test_small_maps_stand_in_the_address_and_filter_at_a_click(
    serve: Callable[..., tuple[str, Home]], open_page: Callable[..., Page]
) -> None:
    address, _ = serve(fill)
    page = open_page(f"{address}/tasks")
    page.locator(".st-key-tasks-look").get_by_text("Maps", exact=True).click()
    expect(page.locator(".map")).to_have_count(1, timeout=30_000)
    page.locator(".st-key-tasks-group").get_by_text("By round", exact=True).click()
    expect(page.locator(".map").first).to_contain_text("Round 1", timeout=30_000)
    settle(page)
    theirs = open_page(page.url)
    expect(theirs.locator(".map").first).to_contain_text("Round 1", timeout=30_000)
    theirs.locator(".map").first.click()
    theirs.wait_for_url("**at_round=1**")
    expect(theirs.locator(".map.chosen")).to_have_count(1, timeout=30_000)
    assert theirs.errors == []  # type: ignore[attr-defined]
