"""The Dataset page in a real browser: from the gate to a version, its sample, and what is in it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from autodata.home import Home
from tests.browser.conftest import settle
from tests.support.journals import write_decision, write_run

pytestmark = pytest.mark.browser


def fill(home: Home) -> None:
    run = write_run(home, "cs-0001", 12, plans=[("too_easy", "accepted"), ("accepted",)])
    for task in run.accepted[:9]:
        write_decision(home, task, run_id="cs-0001", content_sha=run.content[task])
    broken = write_run(home, "cs-0002", 2, plans=[("accepted",)], parity_broken=True, seed=3)
    for task in broken.accepted:
        write_decision(home, task, run_id="cs-0002", content_sha=broken.content[task])


@pytest.fixture(scope="module")
def app(serve: Callable[..., tuple[str, Home]]) -> tuple[str, Home]:
    return serve(fill)


@pytest.mark.parametrize("size", [(1440, 900), (1280, 800)])
def test_the_gate_fits_its_width_and_asks_nobody_outside(
    app: tuple[str, Home], open_page: Callable[..., Any], size: tuple[int, int]
) -> None:
    page = open_page(f"{app[0]}/dataset", size=size)
    expect(page.get_by_text("9 of 11 approved tasks can be exported").first).to_be_visible()
    main = page.locator("[data-testid=stMain]")
    assert main.evaluate("e => e.scrollWidth <= e.clientWidth")
    assert page.outside == []
    assert page.errors == []


def test_an_export_ends_on_its_version_with_the_card(app: tuple[str, Home], open_page: Callable[..., Any]) -> None:
    page = open_page(f"{app[0]}/dataset")
    page.get_by_role("button", name="Export 9 tasks").click()
    page.wait_for_url("**version=autodata*")
    settle(page)
    expect(page.get_by_text("Wrote 9 tasks to")).to_be_visible()
    expect(page.get_by_text("README.md of the version")).to_be_attached()
    assert page.errors == []


def test_a_held_task_opens_from_the_gate(app: tuple[str, Home], open_page: Callable[..., Any]) -> None:
    page = open_page(f"{app[0]}/dataset")
    expect(page.locator("table[aria-label='Approved tasks held back']")).to_be_visible()
    page.locator("table[aria-label='Approved tasks held back'] .link").first.click()
    page.wait_for_url("**/review?**task=*")


def test_the_pictures_of_what_is_in_it_are_drawn(app: tuple[str, Home], open_page: Callable[..., Any]) -> None:
    page = open_page(f"{app[0]}/dataset?dataset.view=What+is+in+it")
    expect(page.locator(".js-plotly-plot")).to_have_count(2)
    expect(page.get_by_text("All weak rollouts scored 0")).to_be_visible()
