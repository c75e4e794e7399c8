"""The Audit page in a real browser: layout, clicks on marks and lines, hostile requests, and no outside request."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from autodata.home import Home
from autodata.index import open_index
from tests.browser.conftest import settle
from tests.support.audit_rows import fill_audit, insert_run_finding
from tests.support.journals import RunAuthor, write_run

pytestmark = pytest.mark.browser

HOSTILE = (
    "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script> "
    "![i](http://203.0.113.9/x.png) \u202eevil\u202c "
)


class HostileAuthor(RunAuthor):
    """Requests hold markup, and are as long as a book."""

    def _call(self, *about: Any, **more: Any) -> int:
        _, _, role, _, request, *_ = about
        if role == "weak":
            request["messages"][0]["content"] = HOSTILE + request["messages"][0]["content"] + " word" * 50_000
        return super()._call(*about, **more)


def fill(home: Home) -> None:
    write_run(home, "cs-0001", 12, plans=[("too_easy", "accepted"), ("accepted",)], parity_broken=True)
    with HostileAuthor(home, "hostile-1") as author:
        author.start(1)
        author.write_trajectory(0, ("accepted",))
        author.end()
    with open_index(home) as index:
        fill_audit(home, "cs-0001", index=index)
        fill_audit(home, "hostile-1", index=index)
        insert_run_finding(index, "cs-0001", "Z2", "flag", HOSTILE)


@pytest.fixture(scope="module")
def app(serve: Callable[..., tuple[str, Home]]) -> tuple[str, Home]:
    return serve(fill)


@pytest.mark.parametrize("size", [(1440, 900), (1280, 800)])
def test_the_page_fits_its_width_and_asks_nobody_outside(
    app: tuple[str, Home], open_page: Callable[..., Any], size: tuple[int, int]
) -> None:
    page = open_page(f"{app[0]}/audit", size=size)
    expect(page.get_by_text("violations and").first).to_be_visible()
    main = page.locator("[data-testid=stMain]")
    assert main.evaluate("e => e.scrollWidth <= e.clientWidth")
    assert page.outside == []
    assert page.errors == []


def test_the_differing_bytes_are_red_on_first_paint(app: tuple[str, Home], open_page: Callable[..., Any]) -> None:
    page = open_page(f"{app[0]}/audit?audit.run=cs-0001")
    changed = page.locator("b", has_text="Answer in one short sentence.")
    expect(changed).to_be_visible()
    assert changed.bounding_box()["y"] < 900


def test_a_click_on_a_mark_selects_its_task(app: tuple[str, Home], open_page: Callable[..., Any]) -> None:
    page = open_page(f"{app[0]}/audit?audit.run=cs-0001&audit.verdict=%E2%97%8F+Real")
    page.locator(".scatterlayer .point").first.click(force=True)
    page.wait_for_url("**task=*")
    settle(page)
    task = page.url.partition("task=")[2].partition("&")[0]
    expect(page.get_by_text(f"Request parity, {task}")).to_be_visible()


def test_a_click_on_a_detector_filters_and_a_second_one_lets_go(
    app: tuple[str, Home], open_page: Callable[..., Any]
) -> None:
    page = open_page(f"{app[0]}/audit?audit.run=cs-0001")
    line = page.get_by_role("button", name="S9, Cut off, empty or refused answers")
    line.click()
    page.wait_for_url("**detector=S9*")
    settle(page)
    expect(page.get_by_text("2 tasks").first).to_be_visible()
    page.get_by_role("button", name="S9, Cut off, empty or refused answers").click()
    page.wait_for_function("!location.search.includes('detector')")


def test_a_cluster_opens_its_tasks(app: tuple[str, Home], open_page: Callable[..., Any]) -> None:
    page = open_page(f"{app[0]}/audit")
    page.get_by_text("9c1e 40b7").first.click()
    page.wait_for_url("**group=request*")
    settle(page)
    expect(page.get_by_text("4 tasks").first).to_be_visible()


def test_a_hostile_request_of_a_quarter_megabyte_is_text(
    app: tuple[str, Home], open_page: Callable[..., Any], tmp_path: Path
) -> None:
    page = open_page(f"{app[0]}/audit?audit.run=hostile-1")
    expect(page.get_by_text("Show all")).to_have_count(0)
    page.get_by_text("Whole request").click()
    settle(page)
    page.get_by_text("Show all").click()
    settle(page)
    expect(page.get_by_text("Show all")).to_have_count(0)
    assert "Audit" in page.title()
    assert page.locator("img[src=x]").count() == 0
    assert page.outside == []
    assert page.errors == []
