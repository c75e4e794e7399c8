"""Request parity: green only when the bytes are the same, and a hostile request neither draws nor stalls."""

from __future__ import annotations

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autodata.index.queries.audit_pairs import Pair
from autodata.index.queries.evidence import CallDetail
from autodata.ui.audit.comparing import Comparison, compare_lines, compare_pair, count_differences
from autodata.ui.audit.parity import build_requests, build_verdict, describe_state
from autodata.ui.tree import check_tree, collect_text

TASK = "Passage.\n\nQuestion?"


def make_call(role: str = "weak", **body: object) -> CallDetail:
    fields = {"model": f"sim-{role}", "seed": 1 if role == "weak" else 2, "temperature": 1.0,
              "messages": [{"role": "user", "content": TASK}], **body}  # fmt: skip
    request = orjson.dumps({name: value for name, value in fields.items() if value is not None}).decode()
    return CallDetail(
        seq=1, role=role, purpose="select", subject="", endpoint="", model_requested=f"sim-{role}", model_returned="",
        request=request, request_sha="ab" * 32, template_sha="", response="", reasoning="", response_sha="",
        finish_reason="stop", prompt_tokens=None, completion_tokens=None, reasoning_tokens=None, error="", seconds=None,
        answer_sha_in="", rubric_sha="", position=0, bytes=0,
    )  # fmt: skip


def make_pair(weak: CallDetail | None, strong: CallDetail | None) -> Pair:
    return Pair(0, weak, strong)


def say(text: str) -> list[dict[str, str]]:
    return [{"role": "user", "content": text}]


def test_model_and_seed_may_differ() -> None:
    comparison = compare_pair(make_pair(make_call(), make_call("strong")), ())
    assert comparison.state == "same"
    assert comparison.left_sha == comparison.right_sha != ""


def test_another_message_differs() -> None:
    comparison = compare_pair(make_pair(make_call(messages=say(TASK + " Be brief.")), make_call("strong")), ())
    assert (comparison.state, comparison.fields) == ("differs", ("messages",))


def test_an_absent_setting_differs_from_one_that_is_null_or_given() -> None:
    comparison = compare_pair(make_pair(make_call(temperature=None), make_call("strong")), ())
    assert comparison.fields == ("temperature",)


def test_a_signed_difference_is_declared() -> None:
    pair = make_pair(make_call(max_tokens=512), make_call("strong", max_tokens=4096))
    assert compare_pair(pair, ("max_tokens",)).state == "declared"


def test_a_signed_difference_does_not_cover_another_one() -> None:
    pair = make_pair(make_call(max_tokens=512, top_p=0.1), make_call("strong", max_tokens=4096))
    comparison = compare_pair(pair, ("max_tokens",))
    assert (comparison.state, comparison.fields) == ("differs", ("top_p",))


@pytest.mark.parametrize("strong", [None, make_call("strong")])
def test_requests_that_were_not_recorded_are_never_the_same(strong: CallDetail | None) -> None:
    empty = make_call()
    bare = Pair(0, CallDetail(**{**{n: getattr(empty, n) for n in empty.__slots__}, "request": ""}), strong)
    comparison = compare_pair(bare, ())
    assert comparison.state == "not_recorded"
    assert "Not recorded" in collect_text(build_verdict(comparison, 0)) or "not recorded" in collect_text(
        build_verdict(comparison, 0)
    )


def test_one_side_alone_is_said_to_be_alone() -> None:
    assert compare_pair(make_pair(make_call(), None), ()).state == "one_side"


def test_an_import_says_that_it_did_not_record_them() -> None:
    assert "this import did not record" in describe_state(Comparison("not_recorded"), imported=True, read=False)


def test_the_changed_line_is_shown_with_what_it_adds() -> None:
    pair = make_pair(make_call(messages=say(f"{TASK}\n\nBe brief.")), make_call("strong"))
    tree, differences = build_requests(pair, compare_pair(pair, ()), whole=False, everything=False)
    assert tree is not None
    assert "Be brief." in collect_text(tree)
    assert differences == 1


def test_hidden_characters_stand_as_boxes() -> None:
    pair = make_pair(make_call(messages=say(TASK + "\u202eevil")), make_call("strong"))
    tree, _ = build_requests(pair, compare_pair(pair, ()), whole=False, everything=False)
    text = collect_text(tree or "")
    assert "U+202E" in text
    assert "\u202e" not in text


def test_a_request_is_text_and_nothing_else() -> None:
    hostile = "<script>alert(1)</script><img src=x onerror=alert(1)>"
    pair = make_pair(make_call(messages=say(hostile)), make_call("strong"))
    tree, _ = build_requests(pair, compare_pair(pair, ()), whole=True, everything=False)
    assert check_tree(tree or "")
    assert hostile in collect_text(tree or "")


def test_a_long_request_is_cut_until_somebody_asks_for_all() -> None:
    long = "\n".join(f"line {number} of a very long passage" for number in range(8000))
    pair = make_pair(make_call(messages=say(long + " weak")), make_call("strong", messages=say(long)))
    cut, _ = build_requests(pair, compare_pair(pair, ()), whole=True, everything=False)
    full, _ = build_requests(pair, compare_pair(pair, ()), whole=True, everything=True)
    assert len(collect_text(cut or "")) < 60_000
    assert "Show all" in collect_text(cut or "")
    assert "line 7999" in collect_text(full or "")


def test_two_long_lines_that_differ_everywhere_are_not_matched_word_by_word() -> None:
    old, new = "a b " * 60_000, "b a c " * 50_000
    rows = compare_lines(orjson.dumps({"messages": say(old)}).decode(), orjson.dumps({"messages": say(new)}).decode())
    assert [row.kind for row in rows] == ["changed"]
    assert len(rows[0].left) <= 4


def test_many_lines_that_differ_everywhere_face_each_other() -> None:
    old, new = "\n".join(["x", "y"] * 3000), "\n".join(["y", "z"] * 3100)
    rows = compare_lines(orjson.dumps({"messages": say(old)}).decode(), orjson.dumps({"messages": say(new)}).decode())
    assert len(rows) == 6200


@given(st.lists(st.sampled_from(["a", "b", "c"]), max_size=12), st.lists(st.sampled_from(["a", "b", "c"]), max_size=12))
def test_the_rows_hold_every_line_of_both_sides_in_order(old: list[str], new: list[str]) -> None:
    rows = compare_lines("\n".join(old), "\n".join(new))
    for lines, numbers, sides in (
        ("\n".join(old).splitlines(), [r.left_number for r in rows], [r.left for r in rows]),
        ("\n".join(new).splitlines(), [r.right_number for r in rows], [r.right for r in rows]),
    ):
        assert [number for number in numbers if number is not None] == list(range(1, len(lines) + 1))
        shown = ["".join(text for _, text in spans) for spans, number in zip(sides, numbers, strict=True) if number]
        assert shown == lines


@given(st.lists(st.sampled_from(["a", "b"]), max_size=8), st.lists(st.sampled_from(["a", "b"]), max_size=8))
def test_differences_are_counted_exactly_where_there_are_some(old: list[str], new: list[str]) -> None:
    assert (count_differences(compare_lines("\n".join(old), "\n".join(new))) > 0) == (old != new)
