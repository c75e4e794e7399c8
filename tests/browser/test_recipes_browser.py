"""The Recipes page in a real browser, with a tree of 50 versions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from autodata.home import Home
from tests.browser.conftest import settle
from tests.support.search_author import write_search

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def app(serve: Callable[..., tuple[str, Home]]) -> tuple[str, Home]:
    return serve(lambda home: write_search(home, versions=50, refused=2))


@pytest.mark.parametrize("size", [(1440, 900), (1280, 800)])
def test_a_tree_of_fifty_versions_fits_the_page(
    app: tuple[str, Home], open_page: Callable[..., Any], size: tuple[int, int]
) -> None:
    page = open_page(f"{app[0]}/recipes", size=size)
    expect(page.get_by_role("listitem")).to_have_count(50)
    main = page.locator("[data-testid=stMain]")
    assert main.evaluate("e => e.scrollWidth <= e.clientWidth")
    assert page.outside == []
    assert page.errors == []


def test_a_click_in_the_tree_shows_that_version_and_its_change(
    app: tuple[str, Home], open_page: Callable[..., Any]
) -> None:
    page = open_page(f"{app[0]}/recipes")
    line = page.get_by_role("listitem").filter(has_text="Change number 20 of the question")
    line.scroll_into_view_if_needed()
    line.click()
    page.wait_for_url("**version=*")
    settle(page)
    expect(page.get_by_text("It is asked from the side of case 20 of the document.").first).to_be_visible()


def test_a_refused_change_is_shown_with_the_guards_reason(app: tuple[str, Home], open_page: Callable[..., Any]) -> None:
    page = open_page(f"{app[0]}/recipes?iteration=1")
    expect(page.get_by_text("What was proposed")).to_be_visible()
    expect(page.get_by_text("refused by the guard").first).to_be_attached()


def test_the_view_comes_back_from_its_address(app: tuple[str, Home], open_page: Callable[..., Any]) -> None:
    page = open_page(f"{app[0]}/recipes?recipes.part=Why")
    expect(page.get_by_text("Root cause")).to_be_visible()
