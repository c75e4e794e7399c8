"""The shipped reward function without an endpoint: what it reads, how it scores, and what it refuses to score."""

from __future__ import annotations

import json
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autodata.agents.judge import parse_verdicts, render_rubric
from autodata.dataset.reward import shipped
from autodata.errors import MalformedReply
from autodata.model import Criterion
from autodata.scoring import score_verdicts

RUBRIC = [
    {"id": "c1", "criterion": "names the bound", "weight": 5.0},
    {"id": "c2", "criterion": "says why", "weight": 2.5},
    {"id": "n1", "criterion": "claims that clocks agree", "weight": -3.0},
]
CRITERIA = tuple(Criterion(c["id"], c["criterion"], c["weight"]) for c in RUBRIC)


def write_verdicts(*met: object) -> str:
    return json.dumps({"verdicts": [{"id": c["id"], "quote": "", "met": m} for c, m in zip(RUBRIC, met, strict=True)]})


@given(st.tuples(*[st.sampled_from([0, 1])] * 3))
def test_score_is_the_products_score(met):
    verdicts = shipped.read_verdicts(write_verdicts(*met), RUBRIC)
    assert shipped.score_verdicts(RUBRIC, verdicts) == score_verdicts(CRITERIA, verdicts).value


def test_rubric_is_written_as_the_judge_of_the_run_saw_it():
    whole = tuple(Criterion(c.id, c.criterion, int(c.weight) if c.weight != 2.5 else 2.5) for c in CRITERIA)
    assert shipped.render_rubric(RUBRIC) == render_rubric(whole)


MANGLED = [
    "",
    "no object",
    '{"verdicts": "all"}',
    '{"verdicts": []}',
    write_verdicts(1, 0, 2),
    write_verdicts(1, 0, "yes"),
    write_verdicts(1, 0, None),
    write_verdicts(1, 0, 1).replace("n1", "c1"),
    write_verdicts(1, 0, 1).replace("n1", "x9"),
    write_verdicts(1, 0, 1)[:-3],
    write_verdicts(1, 0, 1) + write_verdicts(0, 0, 0),
    '{"verdicts": [{"id": "c1", "id": "c2", "met": 1}]}',
    '{"a": "' + "x" * 20 + write_verdicts(1, 1, 1) + " }",
]


@pytest.mark.parametrize("reply", MANGLED)
def test_reply_that_the_product_refuses_is_no_score(reply):
    with pytest.raises(MalformedReply):
        parse_verdicts(reply, CRITERIA)
    with pytest.raises(shipped.Unjudged):
        shipped.read_verdicts(reply, RUBRIC)


@pytest.mark.parametrize(
    "reply",
    [
        "```json\n" + write_verdicts(1, 0, 1) + "\n```",
        "I think.\n" + write_verdicts(True, False, True),
        write_verdicts(1, 0, 1) + "\n" + write_verdicts(1, 0, 1),
    ],
)
def test_reply_that_the_product_reads_is_read_the_same(reply):
    read = {verdict.criterion_id: verdict.met for verdict in parse_verdicts(reply, CRITERIA)}
    assert shipped.read_verdicts(reply, RUBRIC) == read


@given(st.text(alphabet=string.printable, max_size=60))
def test_no_reply_at_all_breaks_it(reply):
    with pytest.raises(shipped.Unjudged):
        shipped.read_verdicts(reply, RUBRIC)


def test_rubric_without_a_positive_weight_gives_no_score():
    with pytest.raises(shipped.Unjudged):
        shipped.score_verdicts(RUBRIC[2:], {"n1": 0.0})


@pytest.mark.parametrize(
    ("completion", "answer"),
    [
        ("plain", "plain"),
        ([{"role": "assistant", "content": "said"}], "said"),
        ([{"role": "tool", "content": "x"}, {"role": "assistant", "content": "last"}], "last"),
        ("<think>long</think>\n short ", "short"),
        ("thought without its start</think>short", "short"),
        ("<think>never ended", ""),
        ([], ""),
        ([{"role": "assistant", "content": None}], ""),
    ],
)
def test_answer_is_the_last_message_without_what_was_thought(completion, answer):
    assert shipped.read_answer(completion) == answer


def test_text_that_holds_a_placeholder_pulls_nothing_in():
    filled = shipped.fill("{{question}} | {{answer}}", {"question": "{{answer}}", "answer": "secret"})
    assert filled == "{{answer}} | secret"


def test_missing_rewards_become_the_mean_of_the_same_prompt():
    rows = [{"id": "a"}, {"id": "a"}, {"id": "a"}, {"id": "b"}]
    assert shipped.fill_with_means([1.0, None, 0.5, None], rows) == [1.0, 0.75, 0.5, None]


def test_columns_that_are_no_columns_are_left_out():
    rows = shipped.split_columns({"id": ["a", "b"], "trainer_state": object(), "log": [1]}, 2)
    assert rows == [{"id": "a"}, {"id": "b"}]


def test_unknown_judge_says_which_file_to_take():
    with pytest.raises(ValueError, match=r"take the reward\.py of the same dataset version"):
        shipped.find_judge("rubric-0")


def test_trying_it_on_a_file_without_tasks_says_so(tmp_path, capsys):
    (tmp_path / "train.jsonl").write_text("")
    assert shipped.main([str(tmp_path / "train.jsonl")]) == 2
    assert "holds no task" in capsys.readouterr().err
