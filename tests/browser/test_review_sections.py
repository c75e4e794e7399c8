"""A task with more to show than one screen: it opens at its top, and what is more stands below the evidence."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page
from typer.testing import CliRunner

from autodata.cli import app
from autodata.home import Home

pytestmark = pytest.mark.browser

SAMPLES = Path(__file__).resolve().parents[2] / "samples" / "legal"
INSIDE = """box => {
  const shown = box.querySelector("[aria-current]").getBoundingClientRect(), outer = box.getBoundingClientRect()
  return shown.left >= outer.left - 1 && shown.right <= outer.right + 1
}"""


@pytest.fixture(scope="module")
def site(serve: Callable[..., tuple[str, Home]]) -> str:
    def fill(home: Home) -> None:
        words = ["run", str(SAMPLES), "--domain", "legal", "--home", str(home.root), "--limit", "2", "--quiet"]
        assert CliRunner().invoke(app, words).exit_code == 0

    return serve(fill)[0]


def test_task_opens_at_its_top_and_its_round_is_in_view(site: str, open_page: Callable[..., Page]) -> None:
    page = open_page(f"{site}/review?scope=all")
    page.wait_for_selector(".rounds [aria-current]")
    assert page.eval_on_selector("[data-testid=stMain]", "main => [main.scrollTop, main.scrollHeight > 900]") == [
        0,
        True,
    ]
    assert page.eval_on_selector(".rounds", INSIDE)


def test_loop_judge_stands_below_evidence_and_rounds(site: str, open_page: Callable[..., Page]) -> None:
    page = open_page(f"{site}/review?scope=all")
    page.wait_for_selector(".rounds")
    boxes = [page.locator(f".st-key-review-{name}").bounding_box() for name in ("evidence", "rounds", "weighing")]
    tops = [box["y"] for box in boxes if box]
    assert len(tops) == 3
    assert tops == sorted(tops)
    assert tops[1] + 56 <= 900
