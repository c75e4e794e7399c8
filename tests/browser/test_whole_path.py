"""The whole path as a new user walks it: samples → run → live numbers → tasks → review by keyboard → export → file."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from autodata.home import Home
from autodata.journal import read_records, verify_journal
from tests.browser.conftest import settle

pytestmark = pytest.mark.browser

RUN_S = 120_000


def test_new_user_walks_from_samples_to_an_exported_file(
    serve: Callable[..., tuple[str, Home]], open_page: Callable[..., Page]
) -> None:
    address, home = serve(lambda home: None)
    page = open_page(address)

    page.get_by_role("button", name="Start with the samples").click()
    start = page.get_by_role("button", name="Start the run")
    expect(start).to_be_enabled(timeout=30_000)
    start.click()

    watch_live_numbers(page)
    browse_tasks(page, address)
    decided = review_by_keyboard(page, address, home)
    exported = export(page, address, home)

    assert decided
    assert exported == decided
    assert page.outside == []  # type: ignore[attr-defined]
    assert page.errors == []  # type: ignore[attr-defined]


def watch_live_numbers(page: Page) -> None:
    """The numbers of the running run move without a reload, until it is done."""
    page.wait_for_url("**/runs?*run=*", timeout=30_000)
    seen: set[str] = set()
    figures = page.locator(".figures").first
    expect(figures).to_be_visible(timeout=30_000)
    for _ in range(400):
        seen.add(figures.inner_text())
        if page.get_by_text("is done").count():
            break
        page.wait_for_timeout(300)
    assert len(seen) > 1, f"the figures did not move: {seen}"
    expect(page.get_by_text("is done").first).to_be_visible(timeout=RUN_S)


def browse_tasks(page: Page, address: str) -> None:
    """The band filter shows accepted tasks and is in the address."""
    page.goto(f"{address}/tasks")
    page.wait_for_selector("[data-testid=stDataFrame]", timeout=30_000)
    page.get_by_role("button", name="Right", exact=True).click()
    settle(page)
    assert "Right" in page.url or "right" in page.url
    expect(page.locator("[data-testid=stDataFrame]")).to_be_visible()


def review_by_keyboard(page: Page, address: str, home: Home) -> set[str]:
    """Approve three tasks, reject one with a reason, skip one; returns what the journal says was approved."""
    page.goto(f"{address}/review")
    page.get_by_placeholder("Your name").fill("ann")
    page.get_by_role("button", name="Start reviewing").click()
    expect(page.get_by_role("button", name="Approve")).to_be_visible(timeout=30_000)
    for keys in (["a"], ["a"], ["x", "4"], ["s"], ["a"]):
        wait_until_painted(page)
        shown = page.locator(".taskid").inner_text()
        for key in keys:
            page.locator("body").press(key)
            wait_until_painted(page)
        expect(page.locator(".taskid")).not_to_have_text(shown, timeout=30_000)
    verdicts = [record.data for record in read_records(home.reviews) if record.kind == "decision"]
    assert [verdict["verdict"] for verdict in verdicts] == ["approve", "approve", "reject", "skip", "approve"]
    assert verdicts[2]["reason"] == "Rubric quirk"
    assert {verdict["reviewer"] for verdict in verdicts} == {"ann"}
    return {verdict["task_id"] for verdict in verdicts if verdict["verdict"] == "approve"}


def wait_until_painted(page: Page) -> None:
    """Settled, and a person's shortest pause: no key acts on a task that is not painted yet."""
    settle(page)
    page.wait_for_timeout(400)
    settle(page)


def export(page: Page, address: str, home: Home) -> set[str]:
    """Export; returns the ids in the file on disk."""
    page.goto(f"{address}/dataset")
    page.get_by_role("button", name="Export 3 tasks").click()
    folder = home.datasets / "autodata" / "v001"
    expect(page.get_by_text("autodata v001").first).to_be_visible(timeout=30_000)
    assert verify_journal(home.reviews).ok
    assert json.loads((folder / "manifest.json").read_text())["simulated"] is True
    return read_ids(folder / "tasks.jsonl")


def read_ids(path: Path) -> set[str]:
    return {json.loads(line)["id"] for line in path.read_text().splitlines()}
