"""Fixing a task in a real browser: edit, try on simulated models, open the new version, comment, read its records."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from autodata.home import Home
from autodata.journal import read_records
from autodata.llm.seat import simulated_seats
from autodata.policy import PRESETS
from autodata.recipes.recipe import load_recipe
from autodata.runs import create_run, execute_run
from autodata.settings import RunSettings
from autodata.sources import load_sources
from tests.browser.conftest import settle

pytestmark = pytest.mark.browser

SAMPLES = Path(__file__).parents[2] / "samples"
HOSTILE = "Is <img src=x onerror=\"document.title='owned'\"> fair, @bo?"
QUEUE = "scope=last&decision=all"


def fill(home: Home) -> None:
    settings = RunSettings(domain="cs", policy=PRESETS["deployed"], seats=simulated_seats(), max_rounds=2)
    run_id = create_run(home, settings, load_recipe("cs"), load_sources([SAMPLES], limit=2))
    execute_run(home, run_id)
    home.root.joinpath("reviewer.json").write_text('{"name": "ann"}')


@pytest.fixture(scope="module")
def app(serve: Callable[..., tuple[str, Home]]) -> tuple[str, Home]:
    return serve(fill)


def press(page: Page, key: str) -> None:
    settle(page)
    page.wait_for_timeout(300)
    settle(page)
    page.keyboard.press(key)


def read_kinds(home: Home) -> list[str]:
    return [record.kind for record in read_records(home.reviews)] if home.reviews.exists() else []


def test_a_task_is_fixed_tried_and_opened(app: tuple[str, Home], open_page: Callable[..., Page]) -> None:
    address, home = app
    page = open_page(f"{address}/review?{QUEUE}")
    original = page.locator(".taskid").inner_text()
    press(page, "e")
    field = page.get_by_label("Question", exact=True)
    words = field.input_value(timeout=15_000)
    field.fill(f"{words} Say why each step holds.")
    press(page, "Escape")
    expect(field).to_have_value(f"{words} Say why each step holds.")
    field.press("Tab")
    expect(page.get_by_role("dialog").locator("ins")).to_contain_text("Say why each step holds", timeout=15_000)
    page.get_by_role("button", name="Save as version 2").click()
    page.get_by_role("button", name="Try it").click(timeout=15_000)
    expect(page.locator(".versions")).to_contain_text("trial running", timeout=15_000)
    page.get_by_text("open it").click(timeout=90_000)
    expect(page.locator(".taskid")).not_to_have_text(original, timeout=15_000)
    expect(page.locator(".question").first).to_contain_text("Say why each step holds.")
    expect(page.locator(".version.shown")).to_contain_text("Version 2")
    page.get_by_text("what changed").click()
    expect(page.get_by_role("dialog")).to_contain_text(original, timeout=15_000)
    expect(page.get_by_role("dialog").locator("ins")).to_contain_text("Say why each step holds")
    assert read_kinds(home).count("edit") == 1
    assert page.errors == []  # type: ignore[attr-defined]


def test_a_click_saves_what_was_typed_a_moment_before(app: tuple[str, Home], open_page: Callable[..., Page]) -> None:
    page = open_page(f"{app[0]}/review?{QUEUE}")
    press(page, "c")
    page.get_by_label("Comment", exact=True).fill(HOSTILE)
    page.get_by_role("button", name="Comment", exact=True).click()
    expect(page.get_by_role("dialog").locator(".said")).to_have_text(HOSTILE, timeout=15_000)
    page.get_by_role("button", name="Close", exact=True).click()
    expect(page.get_by_role("dialog")).to_have_count(0, timeout=15_000)
    page.get_by_role("tab", name="Comments 1").click(timeout=15_000)
    expect(page.locator(".evidence .said")).to_have_text(HOSTILE)
    assert page.title() == "Review · Autodata"
    assert page.locator(".evidence img, .piece img").count() == 0


def test_keys_of_the_task_stand_down_in_its_fields(app: tuple[str, Home], open_page: Callable[..., Page]) -> None:
    page = open_page(f"{app[0]}/review?{QUEUE}")
    before = read_kinds(app[1])
    press(page, "e")
    field = page.get_by_label("Question", exact=True)
    field.click(timeout=15_000)
    page.keyboard.type("axfsuecpt")
    assert "axfsuecpt" in field.input_value()
    page.wait_for_timeout(600)
    assert read_kinds(app[1]) == before


def test_a_record_is_read_in_the_drawer(app: tuple[str, Home], open_page: Callable[..., Page]) -> None:
    page = open_page(f"{app[0]}/review?{QUEUE}&run=cs-0001")
    press(page, "p")
    rows = page.get_by_role("dialog").locator(".step")
    expect(rows.first).to_contain_text("Source", timeout=15_000)
    rows.filter(has_text="Call to the weak").first.click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("its hash is that of its bytes", timeout=15_000)
    expect(dialog.locator("code").nth(1)).to_contain_text('"kind":"call"')
    press(page, "Escape")
    expect(dialog).to_have_count(0, timeout=15_000)


def test_the_used_words_of_the_passage_are_marked(app: tuple[str, Home], open_page: Callable[..., Page]) -> None:
    page = open_page(f"{app[0]}/review?{QUEUE}&run=cs-0001")
    page.get_by_role("tab", name="Source").click()
    expect(page.locator(".usednote")).to_contain_text("in the task")
