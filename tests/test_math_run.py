"""A whole run of the math recipe with simulated models: from documents to evidence and an exported version."""

import json

import pytest
from typer.testing import CliRunner

from autodata.cli import app
from autodata.grading import decide_symbolically
from autodata.home import Home
from autodata.index import open_index
from autodata.index.ingest import ingest_home
from autodata.index.queries.answers import find_answers
from autodata.index.queries.task import load_task
from autodata.journal import read_records, verify_journal
from autodata.ui.review.answers import build_answers, build_candidates
from autodata.ui.review.evidence import build_evidence
from autodata.ui.tree import check_tree, collect_text
from tests.support.documents import write_documents


def invoke(*arguments):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def last_json(result):
    return json.loads(result.stdout.strip().splitlines()[-1])


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    folder = tmp_path_factory.mktemp("math")
    documents = write_documents(folder / "documents")
    result = invoke("run", documents, "--domain", "math", "--seed", 4, "--home", folder / "home", "--json")
    assert result.exit_code == 0, result.output
    return Home(folder / "home"), last_json(result)


@pytest.fixture(scope="module")
def records(done):
    home, figures = done
    return list(read_records(home.journal(figures["run_id"])))


@pytest.fixture(scope="module")
def index(done):
    home, _ = done
    with open_index(home) as opened:
        ingest_home(opened, home)
        yield opened


def data(records, kind):
    return [record.data for record in records if record.kind == kind]


def test_run_ends_with_accepted_tasks_and_an_intact_journal(done):
    home, figures = done
    assert verify_journal(home.journal(figures["run_id"])).ok
    assert figures["accepted"] >= 1
    assert (figures["simulated"], figures["undecided"]) == (True, 0)


def test_accepted_rounds_keep_the_exact_counts(records):
    accepted = [r for r in data(records, "round") if r["outcome"] == "accepted"]
    assert accepted
    for each in accepted:
        assert (len(each["weak_scores"]), len(each["strong_scores"])) == (4, 4)
        assert sum(each["weak_scores"]) <= 1
        assert sum(each["strong_scores"]) >= 3


def test_every_grade_can_be_computed_again_from_the_record(records):
    calls = {record.seq: record.data for record in records if record.kind == "call"}
    references = {r["task"]["id"]: r["task"]["reference_answer"] for r in data(records, "task")}
    graded = [r for r in data(records, "rollout") if r["score"]]
    assert {r["graded_by"] for r in graded} <= {"symbolic", "verifier"}
    for each in graded:
        text = calls[each["answer_call"]]["response"]
        _, compared = decide_symbolically(references[each["task_id"]], text)
        if each["graded_by"] == "symbolic":
            assert compared.equal == (each["score"]["value"] == 1)
        else:
            said = json.loads(calls[each["judge_call"]]["response"])
            assert compared.equal is None
            assert said["equivalent"] == (each["score"]["value"] == 1)


def test_weak_and_strong_were_sent_the_same_bytes(records):
    asked = {}
    for call in data(records, "call"):
        if call["role"] in ("weak", "strong") and call["purpose"] == "select":
            asked.setdefault((call["source"], call["round"]), set()).add(json.dumps(call["request"]["messages"]))
    assert asked
    assert all(len(messages) == 1 for messages in asked.values())


def test_review_shows_final_answers_who_graded_them_and_the_screening(index, records):
    accepted = next(r["task_id"] for r in data(records, "source_done") if r["outcome"] == "accepted")
    detail = load_task(index, accepted)
    answers = find_answers(index, detail)
    assert len(answers.answers) == 8
    assert answers.right_of("strong")[0] >= 3
    assert sum(one.taken for one in answers.candidates) == 1
    assert detail.task.reference_answer in collect_text(check_tree(build_answers(answers)))
    assert "this task" in collect_text(check_tree(build_candidates(answers)))
    assert build_evidence(detail, frozenset())["criteria"] == []


def test_review_says_who_graded_each_answer(index, records):
    by = {(r["task_id"], r["solver"], r["index"]): r["graded_by"] for r in data(records, "rollout") if r["score"]}
    for task_id in {key[0] for key in by}:
        for one in find_answers(index, load_task(index, task_id)).answers:
            assert one.graded_by == by[task_id, one.solver, one.index]


def test_an_approved_task_without_a_rubric_is_exported_with_its_reference(done, records, tmp_path):
    home, _ = done
    accepted = next(r["task_id"] for r in data(records, "source_done") if r["outcome"] == "accepted")
    decided = invoke("decide", accepted, "approve", "--reviewer", "reader", "--home", home.root)
    assert decided.exit_code == 0, decided.output
    for form in ("jsonl", "parquet"):
        result = invoke("export", f"math-{form}", "--format", form, "--home", home.root, "--json")
        assert result.exit_code == 0, result.output
        assert last_json(result)["items"] == 1


def test_a_baseline_measures_both_sides_of_one_candidate_and_accepts_nothing(tmp_path):
    documents = write_documents(tmp_path / "documents")
    result = invoke("run", documents, "--domain", "math", "--baseline", "--home", tmp_path / "home", "--json")
    figures = last_json(result)
    assert (figures["accepted"], figures["rounds"]) == (0, figures["sources"])
