"""The panel: a dry run shows what would come, the button brings it, and a run says what it lacks."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest
from streamlit.testing.v1 import AppTest

from autodata.home import Home
from autodata.importing.store import import_path
from autodata.index import open_index
from autodata.index.ingest import ingest_home
from autodata.index.queries.runs import RunDetail, load_run
from autodata.runs import list_run_ids
from autodata.ui.runs.importing import build_provenance, list_parts, mark_figures
from autodata.ui.shell import Figure
from autodata.ui.tree import check_tree, collect_text
from tests.importing.builders import make_line, make_paper, make_paper_round, write_json, write_lines


def draw_panel(root: str) -> None:
    from pathlib import Path

    import streamlit as st

    from autodata.home import Home
    from autodata.ui.runs.importing import draw_import

    st.text(f"imported {draw_import(Home(Path(root)))}")


@pytest.fixture
def panel(home: Home) -> AppTest:
    return AppTest.from_function(draw_panel, default_timeout=30, kwargs={"root": str(home.root)}).run()


def read(panel: AppTest) -> str:
    assert not panel.exception
    trees = [orjson.loads(element.proto.json).get("tree", "") for element in panel.get("bidi_component")]
    return "\n".join(collect_text(tree) for tree in trees)


def open_run(home: Home, path: Path) -> RunDetail:
    run_id = import_path(home, path).run_id
    with open_index(home) as index:
        ingest_home(index, home)
        detail = load_run(index, run_id)
    assert detail is not None
    return detail


def test_dry_run_shows_what_would_come_and_writes_nothing(tmp_path, home, panel):
    path = write_lines(tmp_path / "g.jsonl", make_line(), "{broken")
    panel.text_input(key="runs.import.path").set_value(str(path)).run()
    text = read(panel)
    assert "would become imported-generic-" in text
    assert "line 2" in text
    assert "Not recorded" in text
    assert list_run_ids(home) == []


def test_button_brings_the_run_and_then_opens_it(tmp_path, home, panel):
    path = write_lines(tmp_path / "g.jsonl", make_line())
    panel.text_input(key="runs.import.path").set_value(str(path)).run()
    panel.button(key="runs.import.button").click().run()
    run_id = list_run_ids(home)[0]
    assert panel.text[0].value == f"imported {run_id}"
    panel.run()
    assert panel.button(key="runs.import.button").label == "Open the run"


def test_problem_is_a_sentence(tmp_path, panel):
    panel.text_input(key="runs.import.path").set_value(str(tmp_path / "nowhere")).run()
    assert "does not exist" in read(panel)


def test_file_that_changed_is_looked_at_again(tmp_path, panel):
    path = write_lines(tmp_path / "g.jsonl", make_line())
    panel.text_input(key="runs.import.path").set_value(str(path)).run()
    assert "1 trajectory" in read(panel)
    write_lines(path, make_line(), make_line())
    assert "2 trajectories" in read(panel.run())


def test_provenance_says_what_the_file_never_recorded(tmp_path, home):
    paper = make_paper(make_paper_round(1, "TOO_EASY", [0.9, 0.9], []))
    detail = open_run(home, write_json(tmp_path / "p.json", paper))
    tree = build_provenance(detail)
    assert tree is not None
    text = collect_text(check_tree(tree))
    assert "JAE-HUN-CHO trajectories" in text
    assert "requests" in text


def test_figures_that_were_not_recorded_are_no_zeros(tmp_path, home):
    paper = make_paper(make_paper_round(1, "TOO_EASY", [0.9, 0.9], []))
    detail = open_run(home, write_json(tmp_path / "p.json", paper))
    figures = [Figure("Rounds", "1"), Figure("Calls", "0"), Figure("Tokens", "0"), Figure("Calls a minute", "0")]
    assert [figure.note for figure in mark_figures(detail, figures)] == ["", *["not recorded"] * 3]
    assert "0" not in {figure.value for figure in mark_figures(detail, figures)}


def test_body_of_an_imported_run_offers_nothing_to_resume_and_hides_no_gap(tmp_path, home):
    detail = open_run(home, write_lines(tmp_path / "g.jsonl", {"rounds": [{"task": {"question": "q"}}]}, "{broken"))
    text = "\n".join(collect_text(check_tree(part)) for part in list_parts(detail) if part is not None)
    assert "line 2" in text
    assert "no outcome is recorded" in text
    assert "resume" not in text.lower()
    assert "No attempt has failed" not in text
