"""The Review page without a browser: what its buttons write, and what it says when there is nothing to decide."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from autodata.home import Home, open_home
from autodata.index import Index, open_index
from autodata.index.ingest import ingest_home, ingest_reviews_now
from autodata.index.queries.review import Queue, find_next, list_last_decisions
from autodata.journal import read_records
from autodata.review.decisions import record_decision
from autodata.ui.review.actions import Screen, decide, undo
from autodata.ui.review.dialogs import apply_edits
from autodata.ui.state import Workbench, close_workbench, get_workbench
from autodata.ui.tree import collect_text
from tests.support.journals import write_run

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Home]:
    monkeypatch.setenv("AUTODATA_HOME", str(tmp_path / "home"))
    home = open_home()
    home.root.mkdir(parents=True)
    home.root.joinpath("reviewer.json").write_text('{"name": "ann"}')
    yield home
    close_workbench()


def open_review(**params: str) -> AppTest:
    bench = get_workbench()
    ingest_home(bench.index, bench.home)
    at = AppTest.from_file(str(ROOT / "autodata" / "ui" / "main.py"), default_timeout=30).run()
    at.switch_page(str(ROOT / "pages" / "review.py"))
    for name, value in params.items():
        at.query_params[name] = value
    return at.run()


def read_task(at: AppTest) -> str:
    found = at.query_params["task"]
    return str(found[0] if isinstance(found, list) else found)


def press(at: AppTest, name: str) -> AppTest:
    return at.button(key=f"review.{name}.{read_task(at)}").click().run()


def list_verdicts(home: Home) -> list[tuple[str, str, str]]:
    records = list(read_records(home.reviews)) if home.reviews.exists() else []
    return [(r.data["task_id"], r.data["verdict"], r.data["reason"]) for r in records]


def write_tasks(home: Home, count: int = 3) -> None:
    write_run(home, "cs-1", count, plans=[("too_easy", "accepted")])


def test_approval_is_recorded_with_what_was_on_screen(home: Home) -> None:
    write_tasks(home)
    at = open_review()
    task = read_task(at)
    press(at, "approve")
    assert not at.exception
    record = next(iter(read_records(home.reviews))).data
    assert (record["task_id"], record["verdict"], record["reviewer"]) == (task, "approve", "ann")
    assert record["seen"]["outcome"] == "accepted"
    assert record["seconds_on_item"] >= 0
    assert len(record["content_sha"]) == 64


def test_decision_advances_to_the_next_waiting_task(home: Home) -> None:
    write_tasks(home)
    at = open_review()
    first = read_task(at)
    press(at, "approve")
    assert read_task(at) != first


def test_undo_opens_the_task_again(home: Home) -> None:
    write_tasks(home)
    at = open_review()
    first = read_task(at)
    press(at, "approve")
    at.button(key="review.undo").click().run()
    assert read_task(at) == first
    assert [verdict for _, verdict, _ in list_verdicts(home)] == ["approve", "undo"]


def test_rejection_asks_for_a_reason_and_records_it(home: Home) -> None:
    write_tasks(home)
    at = open_review()
    task = read_task(at)
    press(at, "reject")
    assert list_verdicts(home) == []
    press(at, "reason.3")
    assert list_verdicts(home) == [(task, "reject", "Leak")]


def test_rejection_needs_no_reason_but_a_flag_does(home: Home) -> None:
    write_tasks(home)
    at = open_review()
    task = read_task(at)
    press(at, "flag")
    assert f"review.commit.{task}" not in [button.key for button in at.button]
    press(at, "back")
    press(at, "reject")
    press(at, "commit")
    assert list_verdicts(home) == [(task, "reject", "")]


def test_skipped_task_stays_open_and_can_be_reviewed_at_the_end(home: Home) -> None:
    write_tasks(home, 1)
    at = open_review()
    task = read_task(at)
    press(at, "skip")
    assert "task" not in at.query_params
    at.button(key="review.finished.action").click().run()
    assert read_task(at) == task
    press(at, "approve")
    assert list_verdicts(home) == [(task, "skip", ""), (task, "approve", "")]


def test_empty_home_says_how_tasks_come_here(home: Home) -> None:
    at = open_review()
    assert not at.exception
    assert [button.label for button in at.button] == ["Start a run"]


def test_filter_that_holds_nothing_offers_the_whole_queue(home: Home) -> None:
    write_tasks(home)
    at = open_review(run="cs-none")
    assert [button.label for button in at.button] == ["Review all accepted tasks"]
    at.button(key="review.nomatch.action").click().run()
    assert read_task(at)


def test_unknown_task_is_named_and_leads_back(home: Home) -> None:
    write_tasks(home)
    at = open_review(task="t-none")
    assert not at.exception
    at.button(key="review.unknown.action").click().run()
    assert read_task(at) != "t-none"


def test_nobody_decides_without_a_name(home: Home) -> None:
    home.root.joinpath("reviewer.json").unlink()
    write_tasks(home)
    at = open_review()
    assert not [button for button in at.button if button.key and button.key.startswith("review.approve")]
    at.text_input(key="review.name").set_value("Ben").run()
    press(at, "approve")
    assert next(iter(read_records(home.reviews))).data["reviewer"] == "Ben"


def test_decision_made_elsewhere_meanwhile_makes_this_one_a_second_opinion(home: Home) -> None:
    write_tasks(home)
    at = open_review()
    task = read_task(at)
    record_decision(home, task_id=task, run_id="cs-1", content_sha="x", verdict="reject", reviewer="ben")
    press(at, "approve")
    records = [record.data for record in read_records(home.reviews)]
    assert [record["second_opinion"] for record in records] == [False, True]


def test_filter_and_order_stay_in_the_url(home: Home) -> None:
    write_run(home, "cs-1", 3, plans=[("accepted",)])
    write_run(home, "cs-2", 3, plans=[("accepted",)])
    at = open_review(run="cs-2", order="gap")
    press(at, "approve")
    assert at.query_params["run"] in ("cs-2", ["cs-2"])
    bench = get_workbench()
    ingest_reviews_now(bench.index, home)
    assert {record.data["run_id"] for record in read_records(home.reviews)} == {"cs-2"}


def test_earlier_decisions_can_be_changed_in_the_list(home: Home) -> None:
    write_tasks(home)
    at = open_review()
    press(at, "approve")
    bench: Workbench = get_workbench()
    decisions = list_last_decisions(bench.index, "ann", 20)
    messages = apply_edits(bench, decisions, {0: {"verdict": "reject", "reason": "Judge"}}, "ann")
    assert messages[0].startswith("Rejected")
    assert list_verdicts(home)[-1][1:] == ("reject", "Judge")
    assert apply_edits(bench, decisions, {}, "ann") == ["No row was changed."]


def test_flag_without_a_reason_in_the_list_is_refused_by_name(home: Home) -> None:
    write_tasks(home)
    at = open_review()
    press(at, "approve")
    bench = get_workbench()
    decisions = list_last_decisions(bench.index, "ann", 20)
    assert "a flag needs a reason" in apply_edits(bench, decisions, {0: {"verdict": "flag"}}, "ann")[0]
    assert len(list_verdicts(home)) == 1


def test_key_card_opens_and_closes(home: Home) -> None:
    write_tasks(home)
    at = open_review()
    at.button(key="review.keys").click().run()
    assert not at.exception
    assert at.session_state["review.dialog"] == "keys"


def test_other_round_is_shown_without_moving_the_decision(home: Home) -> None:
    write_tasks(home)
    at = open_review()
    task = read_task(at)
    at.session_state["review.round"] = 1
    at.run()
    assert not at.exception
    press(at, "approve")
    assert list_verdicts(home) == [(task, "approve", "")]


def test_index_held_by_another_process_is_said_instead_of_crashing(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    from autodata.errors import HeldElsewhere

    def refuse(_: Home, broken: str = "") -> Index:
        raise HeldElsewhere("the index is open in another program (process 42). Close it.")

    monkeypatch.setattr("autodata.ui.state.open_index", refuse)
    at = AppTest.from_file(str(ROOT / "autodata" / "ui" / "main.py"), default_timeout=30).run()
    assert not at.exception
    assert [button.label for button in at.button] == ["Try again"]
    monkeypatch.setattr("autodata.ui.state.open_index", open_index)
    at.run()
    assert "main.held.action" not in [button.key for button in at.button]


def test_screen_that_was_left_decides_nothing_more(home: Home) -> None:
    write_tasks(home)
    bench = get_workbench()
    ingest_home(bench.index, bench.home)
    item = find_next(bench.index, Queue())
    assert item is not None
    screen = Screen(bench, Queue(), "ann", task_id=item.task_id, run_id=item.run_id, content_sha="a" * 64)
    decide(screen, "approve")
    decide(screen, "reject")
    undo(screen)
    assert list_verdicts(home) == [(item.task_id, "approve", "")]
    assert screen.move is not None
    assert screen.move.task_id not in (None, item.task_id)


def test_page_head_puts_the_sentence_in_a_tree() -> None:
    from autodata.ui.marks import draw_simulated

    assert collect_text(draw_simulated()) == "Simulated"
