"""SFT and preference files: which answers are learned from, and that trainers' columns are there."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autodata.dataset.formats import FormatOptions
from autodata.dataset.formats.chat import SKIP_REASONS, make_pair, make_sft
from tests.support.export_entries import make_answer, make_entry, write_format

PLAIN = FormatOptions()
REFERENCE = FormatOptions(sft_answer="reference")


def read(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_bytes().splitlines()]


def test_sft_is_the_solvers_prompt_and_the_best_strong_answer():
    answers = (make_answer(index=0, score=0.7), make_answer(index=1, score=0.9), make_answer("weak", score=1.0))
    line = make_sft(make_entry(answers=answers), PLAIN)
    assert line["messages"] == [
        {"role": "user", "content": "A leader holds a lease.\n\nWhich bound keeps reads linearizable?"},
        {"role": "assistant", "content": "strong answer 1"},
    ]
    assert (line["answer_by"], line["model"], line["score"]) == ("strong", "m-s", 0.9)


def test_first_of_equally_good_answers_is_taken():
    answers = tuple(make_answer(index=index, score=0.7) for index in (0, 1, 2))
    assert make_sft(make_entry(answers=answers), PLAIN)["messages"][1]["content"] == "strong answer 0"


def test_task_without_context_is_its_question_alone():
    (message, _) = make_sft(make_entry(context=""), PLAIN)["messages"]
    assert message["content"] == "Which bound keeps reads linearizable?"


def test_reference_answer_can_be_imitated_instead():
    line = make_sft(make_entry(answers=()), REFERENCE)
    assert line["messages"][1]["content"] == "The lease ends before a follower may vote."
    assert (line["answer_by"], line["model"], line["score"]) == ("reference", "m-c", None)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"status": "empty", "answer": ""}, "empty"),
        ({"answer": " \n"}, "empty"),
        ({"status": "truncated"}, "truncated"),
        ({"finish_reason": "length"}, "truncated"),
        ({"status": "refused"}, "refused"),
        ({"status": "failed", "score": None}, "failed"),
        ({"score": None}, "not_judged"),
        ({"purpose": "confirm"}, "not_answered"),
    ],
)
def test_answer_that_is_nothing_to_learn_from_is_left_out_with_its_reason(changes, reason):
    entry = make_entry(answers=(make_answer(**changes), make_answer("weak")))
    assert make_sft(entry, PLAIN) == reason
    assert make_pair(entry) == reason
    assert reason in SKIP_REASONS


def test_whole_answer_is_taken_beside_a_truncated_better_one():
    answers = (make_answer(index=0, status="truncated", score=1.0), make_answer(index=1, score=0.6))
    assert make_sft(make_entry(answers=answers), PLAIN)["score"] == 0.6


def test_answers_below_the_asked_score_are_left_out():
    assert make_sft(make_entry(), FormatOptions(sft_score_min=0.9)) == "below_score"


def test_missing_reference_is_a_reason():
    assert make_sft(make_entry(reference_answer=" "), REFERENCE) == "no_reference"


def test_pair_is_the_best_strong_and_the_worst_weak_answer():
    answers = (make_answer(score=0.9), make_answer("weak", 0, score=0.4), make_answer("weak", 1, score=0.1))
    line = make_pair(make_entry(answers=answers))
    assert line["prompt"][0]["role"] == "user"
    assert line["chosen"] == [{"role": "assistant", "content": "strong answer 0"}]
    assert line["rejected"] == [{"role": "assistant", "content": "weak answer 1"}]
    assert (line["score_chosen"], line["score_rejected"]) == (0.9, 0.1)


@pytest.mark.parametrize("parity", ["differs", "declared", "not recorded", "one side"])
def test_pair_needs_green_parity(parity):
    assert make_pair(make_entry(parity=parity)) == "parity"


def test_truncated_weak_answer_is_never_rejected_for_being_cut_off():
    answers = (make_answer(), make_answer("weak", status="truncated", score=0.0))
    assert make_pair(make_entry(answers=answers)) == "truncated"


def test_pair_whose_strong_answer_is_no_better_is_left_out():
    answers = (make_answer(score=0.3), make_answer("weak", score=0.3))
    assert make_pair(make_entry(answers=answers)) == "not_better"


def test_files_are_one_per_split_and_what_is_left_out_is_counted(tmp_path):
    entries = [
        make_entry(task_id="a"),
        make_entry("test", task_id="b"),
        make_entry(task_id="c", answers=()),
        make_entry(task_id="d", parity="declared"),
    ]
    sft = write_format("sft", tmp_path, [entries])
    dpo = write_format("dpo", tmp_path, [entries])
    assert [line["id"] for line in read(tmp_path / "sft" / "train.jsonl")] == ["a", "d"]
    assert [line["id"] for line in read(tmp_path / "sft" / "test.jsonl")] == ["b"]
    assert (sft.written, sft.skipped) == ({"train": 2, "test": 1}, {"not_answered": 1})
    assert (dpo.written, dpo.skipped) == ({"train": 1, "test": 1}, {"not_answered": 1, "parity": 1})
    assert not (tmp_path / "sft" / "validation.jsonl").exists()


ANSWERS = st.builds(
    make_answer,
    solver=st.sampled_from(["weak", "strong"]),
    index=st.integers(0, 3),
    status=st.sampled_from(["ok", "truncated", "empty", "refused", "failed"]),
    finish_reason=st.sampled_from(["stop", "length", ""]),
    answer=st.text(max_size=8),
    score=st.none() | st.floats(0, 1),
    purpose=st.sampled_from(["select", "confirm"]),
)


@settings(max_examples=200)
@given(answers=st.lists(ANSWERS, max_size=6).map(tuple))
def test_no_answer_that_is_empty_truncated_or_unjudged_is_ever_learned_from(answers):
    entry = make_entry(answers=answers)
    sound = {
        one.answer
        for one in answers
        if one.status == "ok" and one.finish_reason != "length" and one.score is not None and one.answer.strip()
    }
    sft, pair = make_sft(entry, PLAIN), make_pair(entry)
    assert isinstance(sft, str) or sft["messages"][1]["content"] in sound
    assert isinstance(pair, str) or {pair["chosen"][0]["content"], pair["rejected"][0]["content"]} <= sound
    assert isinstance(pair, str) or pair["score_chosen"] > pair["score_rejected"]
