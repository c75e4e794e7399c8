"""An imported run in the index, at the gate and in a dataset: not recorded is never green, clean or zero."""

from __future__ import annotations

from collections.abc import Iterator

import orjson
import pytest

from autodata.dataset.versions import export_dataset
from autodata.home import Home
from autodata.importing.store import import_path
from autodata.index import Index, open_index
from autodata.index.ingest import ingest_home
from autodata.index.queries.cards import find_run_card, list_needs
from autodata.index.queries.filters import TaskFilter
from autodata.index.queries.overview import load_sparklines, load_totals
from autodata.index.queries.review import Queue, load_queue
from autodata.index.queries.runs import load_run
from autodata.index.queries.task import load_task
from autodata.index.queries.tasks import list_tasks, load_map
from autodata.review.decisions import record_decision
from autodata.summary import summarise_run
from tests.importing.builders import (
    RunDb,
    make_checkpoint,
    make_checkpoint_candidate,
    make_generic_round,
    make_line,
    make_paper,
    make_paper_round,
    make_record,
    write_json,
    write_lines,
)

GOOD = make_paper_round(1, "ACCEPTED", [0.2, 0.3, 0.1], [0.8, 0.9, 0.7], "accepted")


@pytest.fixture
def index(home: Home) -> Iterator[Index]:
    with open_index(home) as opened:
        yield opened


def bring_in(home: Home, index: Index, path) -> str:
    run_id = import_path(home, path).run_id
    ingest_home(index, home)
    return run_id


def find_task(index: Index, run_id: str, **changes):
    rows = index.query("SELECT task_id FROM rounds WHERE run = (SELECT run FROM runs WHERE run_id = ?)", [run_id])
    detail = load_task(index, rows[0][0])
    assert detail is not None
    return detail


def test_missing_requests_are_parity_not_recorded(tmp_path, home, index):
    detail = find_task(index, bring_in(home, index, write_json(tmp_path / "p.json", make_paper(GOOD))))
    assert detail.parity == "not recorded"
    assert "request_unknown" in [reason.kind for reason in detail.reasons]


def test_one_side_without_requests_is_not_recorded_either(tmp_path, home, index):
    easy = make_paper_round(1, "TOO_EASY", [0.9, 0.9], [])
    detail = find_task(index, bring_in(home, index, write_json(tmp_path / "p.json", make_paper(easy))))
    assert detail.parity == "not recorded"


def test_recorded_requests_are_compared(tmp_path, home, index):
    db = RunDb(tmp_path / "run.db")
    db.add_item()
    db.add_round()
    detail = find_task(index, bring_in(home, index, db.close()))
    assert detail.parity == "same"
    assert detail.rollouts[0].call is not None
    assert detail.rollouts[0].judge is not None


def test_request_that_is_known_in_part_is_not_recorded(tmp_path, home, index):
    db = RunDb(tmp_path / "run.db", extra={"api_key": "k"}, strong_extra={"sauce": 1})
    db.add_item()
    db.add_round()
    assert find_task(index, bring_in(home, index, db.close())).parity == "not recorded"


def test_requests_that_differ_are_found(tmp_path, home, index):
    rollouts = make_generic_round()["rollouts"]
    rollouts[0]["request"]["messages"].insert(0, {"role": "system", "content": "Be brief and vague."})
    path = write_lines(tmp_path / "g.jsonl", make_line(rounds=[make_generic_round(rollouts=rollouts)]))
    assert find_task(index, bring_in(home, index, path)).parity == "differs"


def test_run_says_where_it_comes_from_and_what_is_missing(tmp_path, home, index):
    run_id = bring_in(home, index, write_json(tmp_path / "p.json", make_paper(GOOD)))
    detail, card = load_run(index, run_id), find_run_card(index, run_id)
    assert detail is not None
    assert card is not None
    assert (card.imported, card.simulated, card.state, card.policy) == ("jae-hun-cho", False, "done", "not recorded")
    assert detail.imported["file"] == "p.json"
    assert "tokens" in detail.imported["not_recorded"]
    assert find_task(index, run_id).imported["format"] == "jae-hun-cho"


@pytest.mark.parametrize(
    "value",
    [
        make_paper(GOOD, make_paper_round(2, "FAILED_QV", [], [])),
        [
            make_record(),
            make_record(chunk_id="b", status="REJECTED", fail_reason="error: judge", weak_attempt_scores=[]),
        ],
        make_checkpoint(make_checkpoint_candidate()),
    ],
)
def test_every_page_can_ask_its_questions(tmp_path, home, index, value):
    run_id = bring_in(home, index, write_json(tmp_path / "x.json", value))
    assert load_totals(index).calls_per_accepted is None
    assert load_sparklines(index).calls_per_accepted == ()
    assert list_needs(index) is not None
    assert set(list_tasks(index, TaskFilter(scope="all"))["run_id"]) == {run_id}
    assert load_map(index, TaskFilter(scope="all")) is not None
    for item in load_queue(index, Queue(TaskFilter(scope="all"))):
        assert load_task(index, item.task_id) is not None
    assert summarise_run(home.journal(run_id), run_id).state == "done"


def test_need_of_an_import_is_nothing_to_resume(tmp_path, home, index):
    bring_in(home, index, write_lines(tmp_path / "g.jsonl", {"rounds": [{"task": {"question": "q"}}]}, "{broken"))
    needs = {need.kind: need for need in list_needs(index)}
    assert needs["sources_undecided"].action == "Open run"
    assert "1 part of the imported file could not be used" in needs["sources_skipped"].sentence


def test_imported_tasks_are_reviewed_exported_and_named(tmp_path, home, index):
    run_id = bring_in(home, index, write_lines(tmp_path / "g.jsonl", make_line()))
    detail = find_task(index, run_id)
    record_decision(
        home,
        task_id=detail.task.id,
        run_id=run_id,
        content_sha=detail.content_sha,
        verdict="approve",
        reviewer="Ada",
    )
    version = export_dataset(home, index, "set", formats=("jsonl", "parquet", "csv"))
    item = orjson.loads((version.path / "tasks.jsonl").read_bytes())
    assert (item["imported"]["format"], item["simulated"]) == ("generic", False)
    assert "imported from `generic`" in (version.path / "README.md").read_text()
    again = import_path(home, version.path / "tasks.jsonl")
    assert (again.accepted, again.unused) == (1, ())
    ingest_home(index, home)
    back = find_task(index, again.run_id)
    assert back.content_sha == detail.content_sha
    assert (back.this.weak, back.this.strong, back.this.gap) == (detail.this.weak, detail.this.strong, detail.this.gap)
    assert back.task.tags == detail.task.tags
    assert back.policy == detail.policy


def test_facts_the_record_does_not_hold_are_unchecked(tmp_path, home, index):
    detail = find_task(index, bring_in(home, index, write_json(tmp_path / "p.json", make_paper(GOOD))))
    sides = {f"{side}_{fact}" for side in ("weak", "strong") for fact in ("ending", "identical")}
    assert set(detail.unchecked) == sides | {"outcome_flips", "one_criterion", "near_bar"}


def test_facts_the_record_holds_are_checked(tmp_path, home, index):
    detail = find_task(index, bring_in(home, index, write_lines(tmp_path / "g.jsonl", make_line())))
    assert detail.unchecked == ()


def test_demo_record_cannot_leave(tmp_path, home, index):
    run_id = bring_in(home, index, write_json(tmp_path / "t.json", [make_record(demo=True)]))
    assert find_task(index, run_id).accepted is False


def test_rebuilt_index_knows_the_same(tmp_path, home):
    run_id = import_path(home, write_json(tmp_path / "p.json", make_paper(GOOD))).run_id
    with open_index(home) as index:
        ingest_home(index, home)
        before = load_run(index, run_id)
    home.database.unlink()
    with open_index(home) as index:
        ingest_home(index, home)
        assert load_run(index, run_id) == before
