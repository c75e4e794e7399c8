"""Trees refuse what could load or run, and the browser's side allows no more than Python's."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autodata.ui import tree
from autodata.ui.tree import ATTRIBUTES, TAGS, check_tree, collect_text, node

UI = Path(tree.__file__).parent


@pytest.mark.parametrize("tag", ["script", "img", "a", "iframe", "style", "object", "form", "input", "link", "SCRIPT"])
def test_forbidden_tag_is_refused(tag: str) -> None:
    with pytest.raises(ValueError, match="may not be drawn"):
        node(tag)


@pytest.mark.parametrize(
    "name", ["href", "src", "onclick", "onerror", "id", "srcset", "xlink:href", "aria-label onload"]
)
def test_forbidden_attribute_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="may not be drawn"):
        node("div", {name: "x"})


def test_style_that_loads_is_refused() -> None:
    with pytest.raises(ValueError, match="load"):
        node("div", {"style": "background:URL(http://example.org/x)"})


def test_hand_written_tree_is_checked_as_deep_as_it_goes() -> None:
    with pytest.raises(ValueError, match="script"):
        check_tree(["div", {}, [["span", {}, [["script", {}, []]]]]])
    with pytest.raises(ValueError, match="not a tree"):
        check_tree(["div", {}])


def test_absent_children_are_left_out_and_numbers_become_text() -> None:
    assert node("td", {"colspan": 2, "title": None}, None, "a") == ["td", {"colspan": "2"}, ["a"]]


@given(st.text())
def test_text_stays_text(text: str) -> None:
    assert collect_text(check_tree(node("p", None, text))) == text


def test_browser_side_knows_the_same_tags_and_attributes() -> None:
    script = (UI / "tree.js").read_text()
    words = set(re.findall(r"[A-Za-z0-9-]+", " ".join(re.findall(r'"([^"\n]*)"', script))))
    assert words >= TAGS
    assert words >= ATTRIBUTES - {"act"}


def test_no_file_of_the_product_assigns_markup() -> None:
    root = UI.parents[1]
    sources = [path for folder in ("autodata", "pages") for path in (root / folder).rglob("*") if path.is_file()]
    banned = re.compile(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|unsafe_allow_html|eval\(")
    found = [path.name for path in sources if path.suffix in (".py", ".js") and banned.search(path.read_text("utf-8"))]
    assert found == []
