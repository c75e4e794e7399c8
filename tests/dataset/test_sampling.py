"""Acceptance sampling: blind, drawn by nobody's choice, kept in the journal, with an exact bound."""

from __future__ import annotations

from dataclasses import fields
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autodata.binomial import find_upper_bound
from autodata.dataset import sampling
from autodata.dataset.sample_fold import Sample, SampleVerdict, format_bound, summarise_sample
from autodata.dataset.sampling import current_samples, draw_sample, draw_tasks, next_item, record_verdict
from autodata.errors import BadInput
from autodata.home import Home
from autodata.index import open_index
from autodata.index.ingest import ingest_home
from autodata.index.queries.dataset_card import SampleTask
from autodata.journal import read_records, verify_journal
from autodata.review.decisions import record_decision
from autodata.review.team import record_team
from autodata.team import Team
from tests.support.journals import write_run


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "data")


@pytest.fixture
def run(home):
    return write_run(home, "cs-1", 6, plans=[("accepted",)])


@pytest.fixture
def index(home, run):
    with open_index(home) as opened:
        ingest_home(opened, home)
        yield opened


def make_sample(size: int, population: int = 10_000) -> Sample:
    tasks = tuple(f"t{number}" for number in range(size))
    return Sample("s1", "lease", "v001", "seed", population, tasks, "", 0.0)


def judge(sample: Sample, defects: int, judged: int | None = None, own: bool = False) -> Sample:
    for number, task_id in enumerate(sample.task_ids[: judged if judged is not None else len(sample.task_ids)]):
        verdict = "defect" if number < defects else "clean"
        sample.verdicts[task_id, "Ada"] = SampleVerdict(task_id, verdict, "", "Ada", own, 0.0)
    return sample


@pytest.mark.parametrize(
    ("size", "defects", "upper"),
    [(59, 0, 1 - 0.05 ** (1 / 59)), (299, 0, 1 - 0.05 ** (1 / 299)), (93, 1, 0.04998), (1, 1, 1.0)],
)
def test_bound_is_the_exact_one(size, defects, upper):
    assert summarise_sample(judge(make_sample(size), defects)).upper == pytest.approx(upper, abs=2e-4)


def test_fifty_nine_clean_of_fifty_nine_prove_less_than_five_percent():
    summary = summarise_sample(judge(make_sample(59), 0))
    assert summary.upper < 0.05
    assert summary.sentence == ("59 of 59 are clean: fewer than 5.0 % of the tasks are defective, with 95% confidence.")
    assert summarise_sample(judge(make_sample(58), 0)).upper > 0.05


@given(st.integers(1, 200), st.data())
def test_bound_is_never_below_the_share_found_and_falls_with_more_looks(size, data):
    defects = data.draw(st.integers(0, size))
    upper = summarise_sample(judge(make_sample(size), defects)).upper
    assert upper >= defects / size
    assert upper == pytest.approx(find_upper_bound(defects, size))


def test_bound_waits_for_every_drawn_task():
    summary = summarise_sample(judge(make_sample(59), 0, judged=58))
    assert (summary.upper, summary.complete) == (None, False)
    assert summary.sentence.startswith("58 of 59 drawn tasks are judged")


def test_sample_of_everything_has_nothing_to_infer():
    summary = summarise_sample(judge(make_sample(4, population=4), 1))
    assert (summary.upper, summary.lower) == (0.25, 0.25)


def test_one_defect_verdict_makes_a_task_defective_and_disputed():
    sample = judge(make_sample(3), 0)
    sample.verdicts["t0", "Bo"] = SampleVerdict("t0", "defect", "", "Bo", False, 1.0)
    summary = summarise_sample(sample)
    assert (summary.defects, summary.disputed, summary.reviewers) == (1, 1, 2)


def test_verdicts_of_those_who_had_voted_are_counted_apart():
    assert summarise_sample(judge(make_sample(3), 0, own=True)).own == 3


def test_bound_is_rounded_up():
    assert format_bound(0.04951) == "5.0 %"
    assert format_bound(1.0) == "100.0 %"


@given(st.sets(st.text(min_size=1, max_size=5), min_size=1, max_size=30), st.integers(1, 40))
def test_draw_depends_on_seed_and_tasks_alone(tasks, size):
    drawn = draw_tasks(sorted(tasks), size, "a")
    assert drawn == draw_tasks(sorted(tasks, reverse=True), size, "a")
    assert len(drawn) == len(set(drawn)) == min(size, len(tasks))
    assert set(drawn) <= tasks


def test_every_task_is_drawn_about_as_often():
    tasks = [f"t{number}" for number in range(10)]
    counts = dict.fromkeys(tasks, 0)
    for seed in range(400):
        for task in draw_tasks(tasks, 3, str(seed)):
            counts[task] += 1
    assert all(80 < n < 165 for n in counts.values())


def test_larger_sample_begins_with_the_smaller_one():
    draws = [draw_tasks([f"t{n}" for n in range(50)], size, "x") for size in (5, 20, 50)]
    assert all(more[: len(less)] == less for less, more in pairwise(draws))


def test_draw_is_recorded_and_survives(home, run, index):
    sample = draw_sample(home, index, run.accepted, name="lease", version="v001", size=3, by="Ada")
    sampling._samples.forget()
    assert current_samples(home).find("lease", "v001") == [sample]
    (record,) = [one for one in read_records(home.reviews) if one.kind == "sample"]
    assert (record.data["population"], record.data["task_ids"]) == (6, list(sample.task_ids))
    assert verify_journal(home.reviews).ok


def test_same_draw_asked_again_is_the_one_on_record(home, run, index):
    first = draw_sample(home, index, run.accepted, name="lease", version="v001", size=3)
    assert draw_sample(home, index, run.accepted, name="lease", version="v001", size=3) == first
    other = draw_sample(home, index, run.accepted, name="lease", version="v001", size=3, seed="mine")
    assert len(current_samples(home).samples) == 2
    assert other.seed == "mine"


def test_sampler_sees_task_and_answers_and_nothing_that_was_said_of_them(home, run, index):
    sample = draw_sample(home, index, run.accepted, size=2)
    item = next_item(home, index, sample.sample_id, "Bo")
    assert (item.place, item.size, item.task.task_id) == (1, 2, sample.task_ids[0])
    assert {field.name for field in fields(SampleTask)} == {
        "task_id", "run_id", "context", "question", "reference_answer", "rubric", "source_title", "source_text",
        "answers",
    }  # fmt: skip
    assert {answer.solver for answer in item.task.answers} == {"weak", "strong"}
    assert item.task.answers[0].answer


def test_queue_goes_through_every_task_and_then_offers_second_looks(home, run, index):
    sample = draw_sample(home, index, run.accepted, size=3)
    seen = []
    while item := next_item(home, index, sample.sample_id, "Bo"):
        seen.append(item.task.task_id)
        record_verdict(home, index, sample.sample_id, item.task.task_id, "clean", reviewer="Bo")
    assert seen == list(sample.task_ids)
    assert next_item(home, index, sample.sample_id, "Cleo").task.task_id == sample.task_ids[0]


def test_later_verdict_of_the_same_person_counts(home, run, index):
    sample = draw_sample(home, index, run.accepted, size=2)
    record_verdict(home, index, sample.sample_id, sample.task_ids[0], "defect", reviewer="Bo", note="leaks")
    record_verdict(home, index, sample.sample_id, sample.task_ids[0], "clean", reviewer="Bo")
    summary = record_verdict(home, index, sample.sample_id, sample.task_ids[1], "clean", reviewer="Bo")
    assert (summary.defects, summary.judged) == (0, 2)
    assert summary.upper == pytest.approx(1 - 0.05**0.5)
    assert len([one for one in read_records(home.reviews) if one.kind == "sample_verdict"]) == 3


def test_own_approvals_are_known(home, run, index):
    task = run.accepted[0]
    record_decision(home, task_id=task, run_id="cs-1", content_sha=run.content[task], verdict="approve", reviewer="Ada")
    ingest_home(index, home)
    sample = draw_sample(home, index, [task], size=1)
    assert record_verdict(home, index, sample.sample_id, task, "clean", reviewer="Ada").own == 1


def test_task_without_a_record_is_passed_over(home, run, index):
    sample = draw_sample(home, index, ["gone"], size=1)
    assert next_item(home, index, sample.sample_id, "Bo") is None


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"verdict": "fine"}, "verdict 'fine' is unknown; choose clean or defect"),
        ({"task_id": "other"}, "task other was not drawn"),
        ({"reviewer": " "}, "name"),
        ({"sample_id": "s0"}, "sample 's0' does not exist"),
    ],
)
def test_verdict_that_cannot_be_used_is_refused(home, run, index, change, message):
    sample = draw_sample(home, index, run.accepted, size=1)
    given_ = {"sample_id": sample.sample_id, "task_id": sample.task_ids[0], "verdict": "clean", "reviewer": "Bo"}
    values = {**given_, **change}
    with pytest.raises(BadInput, match=message):
        record_verdict(
            home, index, values["sample_id"], values["task_id"], values["verdict"], reviewer=values["reviewer"]
        )
    assert [one.kind for one in read_records(home.reviews)] == ["sample"]


def test_nothing_to_draw_from_and_no_size_are_refused(home, index):
    with pytest.raises(BadInput, match="nothing to draw from"):
        draw_sample(home, index, [])
    with pytest.raises(BadInput, match="draw at least 1"):
        draw_sample(home, index, ["t"], size=0)


def test_viewer_may_not_judge(home, run, index):
    sample = draw_sample(home, index, run.accepted, size=1)
    record_team(home, Team(others="viewer", roles={"Ada": "lead"}), "Ada")
    ingest_home(index, home)
    with pytest.raises(BadInput, match="Vic is a viewer and may not label tasks"):
        record_verdict(home, index, sample.sample_id, sample.task_ids[0], "clean", reviewer="Vic")


def test_records_of_samples_do_not_disturb_the_index(home, run, index):
    sample = draw_sample(home, index, run.accepted, size=1)
    record_verdict(home, index, sample.sample_id, sample.task_ids[0], "clean", reviewer="Bo")
    report = ingest_home(index, home)
    assert report.records >= 2
    assert find_upper_bound(0, 1) == pytest.approx(0.95)
