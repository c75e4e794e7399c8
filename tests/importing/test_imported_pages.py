"""Every page shows an imported run: with no answers, one side only, no requests, no rule and no usage."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from autodata.home import Home
from autodata.importing.store import import_path
from tests.importing.builders import (
    RunDb,
    make_checkpoint,
    make_checkpoint_candidate,
    make_line,
    make_paper,
    make_paper_round,
    make_record,
    write_json,
    write_lines,
)
from tests.support.page_driver import PageDriver, use_home

GOOD = make_paper_round(2, "ACCEPTED", [0.2, 0.3, 0.1], [0.8, 0.9, 0.7], "accepted")
EASY = make_paper_round(1, "TOO_EASY", [0.9, 0.9, 0.9], [], "weak_avg 0.900 > 0.65")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Home]:
    with use_home(tmp_path / "home", monkeypatch) as opened:
        yield opened


def write_source(folder: Path, kind: str) -> Path:
    if kind == "autosynth":
        db = RunDb(folder / "run.db")
        db.add_item()
        db.add_round()
        db.add_item("i2", state="REJECTED")
        db.add_round("i2", weak=(None, (0.1, 0.2)), strong=(), accepted=False)
        return db.close()
    values: dict[str, Any] = {
        "jae-hun-cho": make_paper(EASY, GOOD),
        "open-autodata": [make_record(), make_record(chunk_id="c-2", status="REVISE", failure_mode="FAILED_QV")],
        "yalmanchilitejas": make_checkpoint(make_checkpoint_candidate()),
    }
    if kind in values:
        return write_json(folder / "file.json", values[kind])
    return write_lines(folder / "file.jsonl", make_line(), {"rounds": [{"task": {"question": "Only a question?"}}]})


@pytest.mark.parametrize("kind", ["autosynth", "jae-hun-cho", "open-autodata", "yalmanchilitejas", "generic"])
def test_every_page_draws_it(tmp_path, home, kind):
    run_id = import_path(home, write_source(tmp_path, kind)).run_id
    for page, view in {"overview": {}, "runs": {"run": run_id}, "tasks": {}, "dataset": {}}.items():
        PageDriver(home, page, **view)
    assert run_id in PageDriver(home, "runs", run=run_id).text()
    for scope in ("accepted", "all"):
        PageDriver(home, "review", scope=scope)


def test_review_never_shows_unrecorded_requests_as_the_same(tmp_path, home):
    import_path(home, write_source(tmp_path, "jae-hun-cho"))
    text = PageDriver(home, "review").text()
    assert "not recorded" in text
    assert "same requests" not in text
