"""The whole corpus, once through everything: it stays text, in records, on pages, in exports and on a terminal."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from autodata.cli import app
from autodata.dataset.cells import CELL_MAX
from autodata.dataset.formats import FORMATS
from autodata.dataset.versions import export_dataset
from autodata.index import open_index
from autodata.journal import read_records, verify_journal
from autodata.ui.tree import check_tree
from tests.security.corpus import CORPUS, MARK, TEXTS
from tests.security.hostile_home import RUN, HostileHome, make_hostile_home
from tests.support.page_driver import PageDriver, use_home

CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
FORMULA = re.compile(r"\s*[=+\-@\t\r]")


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HostileHome]:
    folder = tmp_path_factory.mktemp("hostile")
    with pytest.MonkeyPatch.context() as patch, use_home(folder / "home", patch):
        yield make_hostile_home(folder)


@pytest.fixture(scope="module")
def exported(hostile: HostileHome) -> Path:
    with open_index(hostile.home) as index:
        return export_dataset(hostile.home, index, "set", formats=tuple(FORMATS), by="Ada").path


def read_tasks(hostile: HostileHome, run_id: str) -> list[dict[str, Any]]:
    return [r.data["task"] for r in read_records(hostile.home.journal(run_id)) if r.kind == "task"]


def test_there_are_more_than_two_hundred_texts() -> None:
    assert len(TEXTS) > 200
    assert all(MARK in text for text in TEXTS)


def test_every_text_is_judged_as_any_other(hostile: HostileHome) -> None:
    rounds = [r.data for r in read_records(hostile.home.journal(RUN)) if r.kind == "round"]
    assert len(rounds) == len(TEXTS)
    assert {(r["outcome"], r["weak_mean"] < r["strong_mean"]) for r in rounds} == {("accepted", True)}


def test_every_text_is_recorded_as_it_was_written(hostile: HostileHome) -> None:
    answers = "\n".join(
        r.data["response"]
        for r in read_records(hostile.home.journal(RUN))
        if r.kind == "call" and r.data["role"] == "weak"
    )
    assert [text[:50] for text in hostile.written if text not in answers] == []


def test_an_import_keeps_every_text_but_what_is_no_unicode(hostile: HostileHome) -> None:
    kept = {task["context"] for task in read_tasks(hostile, hostile.report.run_id)}
    broken = [text for text in TEXTS if re.search("[\ud800-\udfff]", text)]
    assert [text[:50] for text in TEXTS if text not in kept and text not in broken] == []
    assert len(hostile.report.unused) == len(broken)
    assert all("surrogate" in unused.reason for unused in hostile.report.unused)


def test_every_journal_still_holds(hostile: HostileHome) -> None:
    for run_id in (RUN, hostile.report.run_id):
        assert verify_journal(hostile.home.journal(run_id)).problems == ()


def test_nothing_appears_outside_the_home(hostile: HostileHome) -> None:
    root = hostile.home.root
    assert {path.name for path in root.parent.iterdir()} <= {"home", "corpus.jsonl"}
    assert [path for path in root.rglob("*") if MARK in path.name] == []
    assert not Path("/tmp", MARK).exists()


def walk(block: Any) -> Iterator[Any]:
    children = getattr(block, "children", None)
    if children:
        for child in children.values():
            yield from walk(child)
    yield block


TEXT_ONLY = {"bidi_component", "text_area", "text_input", "selectbox", "multiselect", "code"}
"""Elements that draw what they are given as text. Trees are checked one by one, chart texts apart."""


def list_drawn(driver: PageDriver) -> Iterator[str]:
    """Whatever of the corpus reached an element that could take it for markup."""
    for root in driver.at._tree.children.values():
        for element in walk(root):
            proto = getattr(element, "proto", None)
            kind = getattr(element, "type", "")
            if proto is None or kind in TEXT_ONLY:
                continue
            if kind == "dataframe":
                assert not re.search(r'"type": ?"(markdown|link|image|json)"', proto.columns)
                continue
            if kind == "plotly_chart":
                yield from find_markup(json.loads(proto.spec))
            elif MARK in str(proto):
                yield f"{kind}: {str(proto)[:300]}"


def find_markup(spec: Any) -> Iterator[str]:
    """Texts of the corpus in a chart in which Plotly would find an element or a formula."""
    if isinstance(spec, dict | list):
        for child in spec.values() if isinstance(spec, dict) else spec:
            yield from find_markup(child)
    elif isinstance(spec, str) and MARK in spec and re.search(r"<(?!br>)|^\$.*\$$|%\{", spec):
        yield f"chart: {spec[:300]}"


def draw(hostile: HostileHome, page: str, **params: str) -> PageDriver:
    driver = PageDriver(hostile.home, page, **params)
    assert list(list_drawn(driver)) == []
    for element in driver.at.get("bidi_component"):
        check_tree(json.loads(element.proto.json).get("tree", ""))
    return driver


@pytest.mark.parametrize(
    ("page", "params"),
    [
        ("overview", {}), ("runs", {"run": RUN}), ("tasks", {"run": RUN}), ("audit", {"run": RUN}), ("dataset", {}),
        ("recipes", {}), ("settings", {}),
    ],
)  # fmt: skip
def test_no_page_takes_a_text_for_markup(hostile: HostileHome, page: str, params: dict[str, str]) -> None:
    draw(hostile, page, **params)


@pytest.mark.parametrize("page", ["runs", "audit"])
def test_what_was_imported_is_shown_as_text(hostile: HostileHome, page: str) -> None:
    draw(hostile, page, run=hostile.report.run_id)


@pytest.mark.parametrize("category", [name for name in CORPUS if name != "sizes"])
def test_review_shows_every_text_as_text(hostile: HostileHome, category: str) -> None:
    wanted = max(
        (task for task in read_tasks(hostile, hostile.report.run_id) if CORPUS[category][0] in task["context"]),
        key=lambda task: len(task["rubric"]),
    )
    shown = draw(hostile, "review", task=wanted["id"], decision="all", scope="all").text()
    criteria = [criterion["criterion"] for criterion in wanted["rubric"]]
    assert len(criteria) >= 19
    assert [text for text in criteria if text.strip() not in shown] == []


def test_a_spreadsheet_finds_no_formula(exported: Path) -> None:
    csv.field_size_limit(10 * CELL_MAX)
    with open(exported / "tasks.csv", encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    assert len(rows) > 2 * len(TEXTS) - 20
    assert [cell[:60] for row in rows[1:] for cell in row if MARK in cell and FORMULA.match(cell)] == []


def test_json_lines_hold_every_text_exactly(hostile: HostileHome, exported: Path) -> None:
    items = [json.loads(line) for line in (exported / "tasks.jsonl").read_text(encoding="utf-8").split("\n") if line]
    tasks = {task["id"]: task for run in (RUN, hostile.report.run_id) for task in read_tasks(hostile, run)}
    own = {item["id"]: item for item in items}
    assert len(own) == len(items) > 400
    for name, item in own.items():
        for field in ("context", "question", "reference_answer"):
            assert item[field] == tasks[name][field]


def test_parquet_holds_the_same_texts(exported: Path) -> None:
    items = [json.loads(line) for line in (exported / "tasks.jsonl").read_text(encoding="utf-8").split("\n") if line]
    table = pq.read_table(exported / "tasks.parquet").to_pylist()
    assert [row["question"] for row in table] == [item["question"] for item in items]


def test_a_card_holds_no_text_as_markup(exported: Path) -> None:
    for card in exported.rglob("README.md"):
        prose = re.sub(r"`[^`\n]*`", "", card.read_text(encoding="utf-8"))
        assert MARK not in prose


@pytest.mark.parametrize("command", [("status", RUN), ("audit", "IMPORT"), ("verify",)])
def test_a_terminal_gets_no_codes(hostile: HostileHome, command: tuple[str, ...]) -> None:
    words = [hostile.report.run_id if word == "IMPORT" else word for word in command]
    result = CliRunner().invoke(app, [*words, "--home", str(hostile.home.root)])
    assert result.exit_code in (0, 1, 2), result.output
    assert not isinstance(result.exception, (TypeError, ValueError, KeyError)), result.exception
    assert CONTROLS.findall(result.output) == []
