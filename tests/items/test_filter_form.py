"""The form of a filter: guessed columns, what would be used and why not the rest, the start."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest
from streamlit.testing.v1 import AppTest

from autodata.home import Home
from autodata.journal import read_records
from autodata.runs import list_run_ids, wait_until_ended
from autodata.ui.tree import collect_text

ITEMS = [
    {"id": f"q{n}", "question": f"What happens to lease {n} when clocks drift?", "answer": "It may overlap."}
    for n in range(4)
]


def show_form(home: str) -> None:
    from pathlib import Path

    from autodata.home import Home
    from autodata.ui.runs.filtering import draw_filter

    draw_filter(Home(Path(home)))


class Form:
    """The form without the page around it."""

    def __init__(self, home: Path) -> None:
        self.at = AppTest.from_function(show_form, args=(str(home),), default_timeout=60)
        self.at.run()

    def set(self, key: str, value: Any) -> Form:
        self.at.get_by_key(key).set_value(value).run()
        assert not self.at.exception
        return self

    def text(self, key: str) -> str:
        trees = [
            orjson.loads(element.proto.json)["tree"]
            for element in self.at.get("bidi_component")
            if element.proto.id.endswith(f"-{key}")
        ]
        return collect_text(trees[0]) if trees else ""

    def choices(self) -> dict[str, str]:
        return {box.label: box.value for box in self.at.selectbox}


@pytest.fixture
def data(tmp_path: Path) -> Path:
    path = tmp_path / "questions.jsonl"
    path.write_bytes(b"\n".join(orjson.dumps(item) for item in [*ITEMS, {"question": ""}]))
    return path


def test_empty_form_asks_for_data_and_cannot_start(tmp_path):
    form = Form(tmp_path / "home")
    assert "No data chosen yet" in form.text("filter.problems")
    assert not form.at.button


def test_guessed_columns_first_rows_and_unused_rows_are_shown(tmp_path, data):
    form = Form(tmp_path / "home").set("filter.path", str(data))
    choices = form.choices()
    assert (choices["Prompt"], choices["Reference answer"], choices["Rubric"]) == ("question", "answer", "none")
    assert "What happens to lease 0" in form.text("filter.preview")
    found = form.text("filter.found.items")
    assert "4 items to try of 5 rows read" in found
    assert "4 items without a rubric" in found
    assert "questions.jsonl:5" in found
    assert "About 52 calls" in form.text("filter.estimate")


def test_changed_column_is_read_instead(tmp_path, data):
    form = Form(tmp_path / "home").set("filter.path", str(data))
    box = next(box for box in form.at.selectbox if box.label == "Reference answer")
    box.set_value("none").run()
    assert "neither a rubric nor an answer" in form.text("filter.problems")


def test_right_or_wrong_changes_the_rule(tmp_path, data):
    form = Form(tmp_path / "home").set("filter.path", str(data)).set("filter.missing", "Right or wrong")
    assert form.choices()["Rule"] == "exact"
    assert "weak right ≤ 1 of 4" in form.text("filter.clauses")


def test_missing_file_is_said(tmp_path):
    form = Form(tmp_path / "home").set("filter.path", str(tmp_path / "nowhere.jsonl"))
    assert "cannot be opened" in form.text("filter.problems")


def test_folder_with_splits_offers_them(tmp_path, data):
    folder = tmp_path / "set"
    folder.mkdir()
    for split in ("train", "test"):
        (folder / f"{split}.jsonl").write_bytes(data.read_bytes())
    form = Form(tmp_path / "home").set("filter.path", str(folder))
    assert form.at.get_by_key(f"filter.split.{folder}").options == ["test", "train", "all"]
    assert "4 items to try" in form.text("filter.found.items")


def test_start_makes_a_run_with_every_item(tmp_path, data):
    home = Home(tmp_path / "home")
    form = Form(home.root).set("filter.path", str(data))
    form.at.button(key="filter.start.button").click().run()
    assert not form.at.exception
    (run_id,) = list_run_ids(home)
    assert wait_until_ended(home, run_id, 60)
    kinds = [record.kind for record in read_records(home.journal(run_id))]
    assert (kinds.count("source"), kinds.count("source_skipped")) == (4, 1)
