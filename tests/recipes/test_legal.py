"""The legal method end to end: samples, simulated models over HTTP, every record in the journal."""

import json
from pathlib import Path

import pytest

from autodata import runs
from autodata.agents.checks import check_task
from autodata.home import Home
from autodata.journal import read_records, verify_journal
from autodata.llm.seat import simulated_seats
from autodata.llm.simulator.text import parse_sections
from autodata.policy import make_policy
from autodata.recipes.recipe import load_recipe
from autodata.settings import RunSettings
from autodata.sources import load_sources
from autodata.summary import summarise_run
from tests.support.drafts import make_task
from tests.support.legal import make_legal_task, make_rubric

SAMPLES = Path(__file__).parents[2] / "samples" / "legal"
RECIPE = load_recipe("legal")


def start(home: Home, **changes) -> str:
    settings = RunSettings(
        **{
            "domain": "legal",
            "policy": make_policy(RECIPE.limits.flow.policy),
            "seats": simulated_seats(),
            "max_rounds": 16,
            "seed": 3,
            **changes,
        }
    )
    return runs.create_run(home, settings, RECIPE, load_sources([SAMPLES], passage_words=2000))


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A finished run over the samples: home, run id."""
    home = Home(tmp_path_factory.mktemp("legal"))
    run_id = start(home)
    assert runs.execute_run(home, run_id).state == "done"
    return home, run_id


def list_data(run, kind):
    home, run_id = run
    return [record.data for record in read_records(home.journal(run_id)) if record.kind == kind]


def test_docket_order_is_skipped_with_the_extractors_reason(run):
    ends = {data["source"]: data for data in list_data(run, "source_done")}
    skipped = [data for data in ends.values() if data["outcome"] == "skipped"]
    titles = {data["source"]["id"]: data["source"]["title"] for data in list_data(run, "source")}
    assert [titles[data["source"]].split()[0] for data in skipped] == ["Scheduling"]
    assert "procedure" in skipped[0]["reason"]


def test_skipped_source_costs_one_call_and_writes_no_task(run):
    skipped = {data["source"] for data in list_data(run, "source_done") if data["outcome"] == "skipped"}
    assert [call["role"] for call in list_data(run, "call") if call["source"] in skipped] == ["extractor"]


def test_every_suitable_source_ends_accepted_after_improvement(run):
    ends = [data for data in list_data(run, "source_done") if data["outcome"] != "skipped"]
    assert len(ends) == 4
    assert {data["outcome"] for data in ends} == {"accepted"}
    assert max(data["accepted_round"] for data in ends) > 1


def test_every_round_has_five_weak_and_three_strong_rollouts(run):
    counts = {}
    for data in list_data(run, "rollout"):
        key = data["source"], data["round"]
        weak, strong = counts.get(key, (0, 0))
        counts[key] = (weak + (data["solver"] == "weak"), strong + (data["solver"] == "strong"))
    assert set(counts.values()) == {(5, 3)}


def test_solvers_read_the_question_alone(run):
    tasks = {(data["source"], data["round"]): data["task"] for data in list_data(run, "task")}
    for call in list_data(run, "call"):
        if call["role"] in ("weak", "strong"):
            question = tasks[call["source"], call["round"]]["question"]
            assert call["request"]["messages"] == [{"role": "user", "content": question}]


def test_improve_round_gets_the_packet_and_the_suggestion_unchanged(run):
    verdicts = {(data["source"], data["round"]): data for data in list_data(run, "loop_verdict")}
    writers = [call for call in list_data(run, "call") if call["role"] == "challenger" and call["round"] > 1]
    assert writers
    for call in writers:
        before, sent = verdicts[call["source"], call["round"] - 1], call["request"]["messages"][1]["content"]
        assert sent.startswith("MODE: IMPROVE")
        detail = json.loads(parse_sections(sent)["last_round"])
        assert detail["packet"] == before["packet"]
        assert detail["filter_hits"] == [hit["sentence"] for hit in before["post_filter_flags"]]
        for name in ("suggestion_for_writer", "verdict_reason"):
            assert detail[name] == before["verdict"][name]


def test_filter_overrules_an_accept_and_says_so(run):
    for data in list_data(run, "loop_verdict"):
        said = data["verdict"]["verdict"]
        assert data["post_filter_override"] == (said == "accept" and bool(data["post_filter_flags"]))
        if data["post_filter_flags"]:
            assert data["outcome"] == "improve"


def test_no_accepted_question_holds_what_the_filters_forbid(run):
    accepted = {data["task_id"] for data in list_data(run, "source_done")} - {None}
    for data in list_data(run, "loop_verdict"):
        if data["task_id"] in accepted:
            assert (data["outcome"], data["post_filter_flags"]) == ("accepted", [])


def test_journal_verifies(run):
    home, run_id = run
    assert verify_journal(home.journal(run_id)).ok


def test_interrupted_run_comes_to_the_same_end(run, tmp_path):
    home = Home(tmp_path)
    run_id = start(home)

    def stop(progress, recorder):
        if recorder.calls >= 60:
            recorder.request_stop("paused")

    assert runs.execute_run(home, run_id, stop).state == "paused"
    assert runs.execute_run(home, run_id).state == "done"
    again = home, run_id
    key = lambda data: (data["source"], data.get("round", 0))  # noqa: E731
    for kind in ("source_done", "loop_verdict", "extract"):
        first, second = sorted(list_data(run, kind), key=key), sorted(list_data(again, kind), key=key)
        assert strip(first) == strip(second)
    assert len({call["key"] for call in list_data(again, "call")}) == len(list_data(again, "call"))


def strip(records):
    """Without the envelope and the ids of tasks, which name their run."""
    return [{k: v for k, v in data.items() if k not in ("seq", "t", "prev", "sha", "task_id")} for data in records]


def test_baseline_is_weighed_and_accepts_nothing(tmp_path):
    home = Home(tmp_path)
    run_id = start(home, baseline=True)
    assert runs.execute_run(home, run_id).state == "done"
    outcomes = [data["outcome"] for data in list_data((home, run_id), "round")]
    assert len(outcomes) == 4
    assert "accepted" not in outcomes
    assert all(data["grpo_suitability"] for data in list_data((home, run_id), "loop_verdict"))


def test_legal_task_within_the_limits_passes_the_checks():
    assert check_task(make_legal_task(), RECIPE).passed


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"weight": 9}, "c1 is important with weight 9; important is 5 to 7"),
        ({"weight_class": "huge"}, "c1 has weight class 'huge'"),
        ({"capability": ""}, "c1 names no capability"),
    ],
)
def test_criterion_outside_its_weight_class_fails_the_checks(changes, reason):
    review = check_task(make_legal_task(rubric=make_rubric(**changes)), RECIPE)
    assert not review.passed
    assert reason in review.feedback


@pytest.mark.parametrize("rubric", [make_rubric()[:10] + make_rubric()[14:], make_rubric()[:14]])
def test_rubric_too_short_or_without_a_penalty_fails_the_checks(rubric):
    assert not check_task(make_legal_task(rubric=rubric), RECIPE).passed


def test_checks_of_a_recipe_without_classes_ask_for_none():
    assert check_task(make_task(), load_recipe("cs")).passed


def test_every_source_has_its_place_in_the_figures(run):
    home, run_id = run
    figures = summarise_run(home.journal(run_id), run_id).figures
    ends = ("accepted", "exhausted", "undecided", "unsuitable")
    assert figures["unsuitable"] == 1
    assert sum(figures[end] for end in ends) == figures["sources"]


def test_totals_of_the_end_count_the_skipped_source(run):
    assert list_data(run, "run_ended")[-1]["totals"]["skipped"] == 1
