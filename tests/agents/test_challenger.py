import json

import pytest

from autodata.agents.challenger import build_challenger_body, make_task, parse_draft
from autodata.agents.feedback import FailedRound
from autodata.errors import MalformedReply
from autodata.llm.seat import simulated_seats
from autodata.recipes.recipe import load_recipe
from tests.support.drafts import DRAFT, SOURCE, make_reply

RECIPE = load_recipe("cs")
SEAT = simulated_seats().seat("challenger")


def read_draft(text):
    return parse_draft(text, RECIPE.limits)


def with_rubric_item(**changes):
    rubric = [dict(item) for item in DRAFT["rubric"]]
    rubric[0] |= changes
    return make_reply(rubric=rubric)


def test_draft_is_read_out_of_prose_with_code_given_criterion_ids():
    draft = read_draft(make_reply())
    assert draft.question == DRAFT["question"]
    assert [c.id for c in draft.rubric] == [f"c{n}" for n in range(1, 12)]


@pytest.mark.parametrize("weight", ["+8", "8", 8.5, True, None])
def test_weight_that_is_not_a_whole_number_is_malformed_and_named(weight):
    with pytest.raises(MalformedReply, match="criterion 1 has weight"):
        read_draft(with_rubric_item(weight=weight))


def test_zero_weight_is_malformed():
    with pytest.raises(MalformedReply, match="weight 0"):
        read_draft(with_rubric_item(weight=0))


def test_category_against_the_sign_is_malformed():
    with pytest.raises(MalformedReply, match="'negative' but its weight is 1"):
        read_draft(with_rubric_item(category="negative"))


def test_duplicate_criterion_ids_are_malformed():
    rubric = [item | {"id": "same"} for item in DRAFT["rubric"]]
    with pytest.raises(MalformedReply, match="'same' is used twice"):
        read_draft(make_reply(rubric=rubric))


def test_repeated_criterion_is_malformed():
    with pytest.raises(MalformedReply, match="repeats an earlier one"):
        read_draft(make_reply(rubric=[*DRAFT["rubric"], DRAFT["rubric"][0]]))


@pytest.mark.parametrize("field", ["question", "context", "reference_answer", "question_type"])
def test_missing_field_is_malformed_and_named(field):
    with pytest.raises(MalformedReply, match=field):
        read_draft(make_reply(**{field: None}))


def test_truncated_reply_is_malformed_not_repaired_into_a_short_rubric():
    text = make_reply()
    with pytest.raises(MalformedReply):
        read_draft(text[: text.index('"rubric"') + 4])


def test_reply_without_json_is_malformed():
    with pytest.raises(MalformedReply, match="no JSON object"):
        read_draft("I will not do that.")


def test_request_carries_the_document_between_marks_with_the_nonce():
    body = build_challenger_body(SEAT, RECIPE, SOURCE, [], seed=7, nonce="0a1b2c3d4e5f0a1b2c3d4e5f")
    user = body["messages"][1]["content"]
    assert f"[[document 0a1b2c3d4e5f0a1b2c3d4e5f]]\n{SOURCE.text}\n[[/document 0a1b2c3d4e5f0a1b2c3d4e5f]]" in user
    assert body["seed"] == 7


def test_first_request_lists_no_failures():
    body = build_challenger_body(SEAT, RECIPE, SOURCE, [], seed=7, nonce="0a1b2c3d4e5f0a1b2c3d4e5f")
    assert "TOO EASY" not in body["messages"][1]["content"]


def test_refinement_lists_every_earlier_failure():
    failures = [
        FailedRound(1, "too_easy", "prediction", "First question?", weak_mean=0.71),
        FailedRound(2, "narrow_gap", "decision", "Second question?", weak_mean=0.5, strong_mean=0.62, gap=0.12),
        FailedRound(3, "failed_quality", "decision", "Third question?", reason="the context leaks"),
    ]
    user = build_challenger_body(SEAT, RECIPE, SOURCE, failures, seed=7, nonce="0a1b2c3d4e5f0a1b2c3d4e5f")["messages"][
        1
    ]["content"]
    assert '[prediction] "First question?" weak 71 %' in user
    assert '[decision] "Second question?" weak 50 %, strong 62 %, gap +12 points' in user
    assert '[decision] "Third question?" the context leaks' in user


def test_document_cannot_pull_other_placeholders_in():
    source = type(SOURCE)(id="x", title="", text="literal {{failures}} stays", document="")
    user = build_challenger_body(SEAT, RECIPE, source, [], seed=1, nonce="0a1b2c3d4e5f0a1b2c3d4e5f")["messages"][1][
        "content"
    ]
    assert "literal {{failures}} stays" in user


def test_changed_rubric_is_a_new_task():
    first = make_task(read_draft(make_reply()), "run", "source", 1)
    second = make_task(read_draft(with_rubric_item(weight=2)), "run", "source", 1)
    assert first.id != second.id
    assert first.content_sha != second.content_sha


def test_echoed_format_example_is_not_mistaken_for_the_answer():
    example = json.dumps({"question_type": "example", "rubric": []})
    assert read_draft(example + make_reply()).question == DRAFT["question"]


@pytest.mark.parametrize("weight", [10**30, -(10**4_000)])
def test_weight_no_journal_could_hold_is_malformed(weight):
    text = with_rubric_item(weight=12345, category=None).replace("12345", "9" * 40 if weight > 0 else "-" + "9" * 4_000)
    with pytest.raises(MalformedReply, match="beyond 1,000,000"):
        read_draft(text)


@pytest.mark.parametrize("given", [["c1"], {"a": 1}])
def test_criterion_id_that_is_no_name_is_malformed(given):
    with pytest.raises(MalformedReply, match="as its id"):
        read_draft(with_rubric_item(id=given))


def test_message_about_a_huge_value_stays_short():
    with pytest.raises(MalformedReply) as caught:
        read_draft(with_rubric_item(weight="x" * 100_000))
    assert len(str(caught.value)) < 300


def test_reply_cut_off_in_the_rubric_is_malformed():
    with pytest.raises(MalformedReply):
        read_draft(make_reply()[:-60])
