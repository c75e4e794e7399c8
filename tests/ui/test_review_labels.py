"""Labels and blind decisions on the Review page, without a browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from autodata.home import Home
from autodata.index.drawing import BLIND_SHARE, DRAWN_SHARE, is_blind, is_drawn
from autodata.index.ingest import ingest_home
from autodata.index.queries.findings import load_audit
from autodata.journal import read_records
from autodata.ui.state import get_workbench
from tests.support.audit_rows import AuditRow, fill_audit
from tests.support.journals import write_run
from tests.support.page_driver import PageDriver, use_home

DRAWN_BLIND = "cs-80"
"""A run whose one task is drawn by chance, to be decided blind."""

FLAG = ("S9", "flag", "1 of 3 weak answers was cut off")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Home]:
    with use_home(tmp_path / "home", monkeypatch) as opened:
        opened.root.mkdir(parents=True)
        opened.root.joinpath("reviewer.json").write_text('{"name": "ann"}')
        yield opened


def fill(home: Home, run_id: str = "cs-1", count: int = 2, *found: tuple[str, str, str]) -> list[str]:
    written = write_run(home, run_id, count, plans=[("accepted",)], words=5)
    fill_audit(home, run_id, [AuditRow(task, found) for task in written.accepted])
    return written.accepted


def list_labels(home: Home) -> list[dict[str, Any]]:
    return [record.data for record in read_records(home.reviews) if record.kind == "label"]


def read_task(page: PageDriver) -> str:
    found = page.at.query_params["task"]
    return str(found[0] if isinstance(found, list) else found)


def press(page: PageDriver, name: str) -> PageDriver:
    return page.click(f"review.{name}.{read_task(page)}")


def test_rejected_task_can_be_named_from_the_next_one(home: Home) -> None:
    fill(home, "cs-1", 2, FLAG)
    page = PageDriver(home, "review")
    task = read_task(page)
    press(page, "reject")
    press(page, "reason.2")
    page.click("review.say")
    assert page.text("review.was") == f"{task} was"
    page.click(f"review.label.3.{task}")
    [label] = list_labels(home)
    assert (label["task_id"], label["label"], label["reviewer"]) == (task, "luck", "ann")
    assert (label["blind"], label["inclusion"], label["detectors"]) == (False, None, ["S9"])
    assert not page.has("review.say")
    assert "Labelled luck" in page.text("review.sentence")


def test_approval_and_skip_ask_for_no_label(home: Home) -> None:
    fill(home)
    page = PageDriver(home, "review")
    press(page, "approve")
    assert not page.has("review.say")
    assert not page.has("review.label.1.x")


def test_label_bar_can_be_left_without_a_label(home: Home) -> None:
    fill(home, "cs-1", 2, FLAG)
    page = PageDriver(home, "review")
    press(page, "flag")
    task = read_task(page)
    press(page, "reason.1")
    page.click("review.say")
    page.click(f"review.unlabel.{task}")
    assert page.has("review.say")
    assert list_labels(home) == []


def test_label_reaches_the_audit_of_the_task(home: Home) -> None:
    fill(home, "cs-1", 2, FLAG)
    page = PageDriver(home, "review")
    task = read_task(page)
    press(page, "reject")
    press(page, "commit")
    page.click("review.say")
    page.click(f"review.label.1.{task}")
    bench = get_workbench()
    ingest_home(bench.index, home)
    audit = load_audit(bench.index, task)
    assert audit is not None
    assert [(label.label, label.reviewer) for label in audit.labels] == [("sabotage", "ann")]


def test_drawn_task_is_decided_blind_and_labelled_as_such(home: Home) -> None:
    [task] = fill(home, DRAWN_BLIND, 1)
    assert is_blind(task)
    page = PageDriver(home, "review")
    text = page.text("review.top")
    assert "drawn at random" in text
    assert "Blind: what the audit found is shown once you have decided" in text
    assert "clear" not in text
    assert page.text("review.sentence").startswith("Blind: decide on the evidence.")
    press(page, "reject")
    press(page, "commit")
    decision = next(record.data for record in read_records(home.reviews))
    assert (decision["seen"]["blind"], decision["seen"]["violations"]) == (True, None)
    page.click("review.say")
    page.click(f"review.label.5.{task}")
    assert [(label["blind"], label["inclusion"]) for label in list_labels(home)] == [(True, DRAWN_SHARE)]


def test_audit_is_shown_once_a_blind_task_is_decided(home: Home) -> None:
    [task] = fill(home, DRAWN_BLIND, 1)
    page = PageDriver(home, "review")
    press(page, "approve")
    page = PageDriver(home, "review", task=task)
    assert "Blind" not in page.text("review.top")
    assert "other checks clear" in page.text("review.top")


def test_violation_is_never_hidden(home: Home) -> None:
    fill(home, DRAWN_BLIND, 1, ("S1", "violation", "the requests differ: the weak request 1 adds “x”"))
    page = PageDriver(home, "review")
    assert "Blind" not in page.text("review.top")
    assert "Weak request differs" in page.text("review.top")


def test_draw_is_as_likely_as_it_says() -> None:
    names = [f"t{number}" for number in range(20_000)]
    drawn = [name for name in names if is_drawn(name)]
    assert len(drawn) / len(names) == pytest.approx(DRAWN_SHARE, abs=0.01)
    assert sum(map(is_blind, drawn)) / len(drawn) == pytest.approx(BLIND_SHARE, abs=0.06)
    assert not any(is_blind(name) for name in names if not is_drawn(name))
