"""What servers refuse: read from their own words, remembered, and the same for weak and strong."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autodata.home import Home
from autodata.llm.completion import read_error
from autodata.llm.quirks import QuirkMemory, adapt_body, describe_adaptations, open_quirks, read_refusal
from autodata.llm.seat import Contract, Endpoint, Seat, SeatBook
from tests.support.fake_endpoint import make_book

NAMES = (
    "no_temperature",
    "no_top_p",
    "no_seed",
    "max_completion_tokens",
    "max_tokens",
    "json_object",
    "no_response_format",
)
SCHEMA = {"type": "json_schema", "json_schema": {"name": "reply", "schema": {"type": "object"}}}
FULL = {"model": "m", "messages": [], "temperature": 1.0, "top_p": 0.9, "seed": 7, "max_tokens": 100}

fields: dict[str, st.SearchStrategy[Any]] = {
    "temperature": st.floats(0, 2),
    "top_p": st.floats(0.1, 1),
    "seed": st.integers(0, 100),
    "max_tokens": st.integers(1, 100),
    "max_completion_tokens": st.integers(1, 100),
    "response_format": st.sampled_from([SCHEMA, {"type": "json_object"}]),
}
known = st.sets(st.sampled_from(NAMES)).filter(lambda names: not {"max_tokens", "max_completion_tokens"} <= names)
bodies = st.fixed_dictionaries({"model": st.just("m"), "messages": st.just([])}, optional=fields)


def refuse(status: int, body: object, sent: dict[str, Any] = FULL) -> str | None:
    return read_refusal(status, read_error(orjson.dumps(body), "none"), sent)


def say(message: str, **error: str | None) -> dict[str, Any]:
    return {"error": {"message": message, **error}}


@pytest.mark.parametrize(
    ("status", "body", "name"),
    [
        (
            400,
            say(
                "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' "
                "instead.",
                param="max_tokens",
                code="unsupported_parameter",
            ),
            "max_completion_tokens",
        ),
        (
            400,
            say(
                "Unsupported value: 'temperature' does not support 0.7 with this model. Only the default (1) value is "
                "supported.",
                param="temperature",
                code="unsupported_value",
            ),
            "no_temperature",
        ),
        (400, say("`temperature` may only be set to 1 when thinking is enabled."), "no_temperature"),
        (400, say("Unrecognized request argument supplied: seed"), "no_seed"),
        (400, say("`top_p` is deprecated for this model."), "no_top_p"),
        (
            400,
            [say('Invalid JSON payload received. Unknown name "seed": Cannot find field.')],
            "no_seed",
        ),
        (
            422,
            {"detail": [{"type": "extra_forbidden", "loc": ["body", "seed"], "msg": "Extra inputs are not permitted"}]},
            "no_seed",
        ),
        (
            422,
            {
                "object": "error",
                "message": {
                    "detail": [
                        {"type": "extra_forbidden", "loc": ["body", "seed"], "msg": "Extra inputs are not permitted"}
                    ]
                },
            },
            "no_seed",
        ),
        (500, say("create() got an unexpected keyword argument 'seed'"), "no_seed"),
    ],
)
def test_refused_field_is_found_in_the_words_of_many_servers(status: int, body: object, name: str):
    assert refuse(status, body) == name


@pytest.mark.parametrize(
    ("form", "body", "name"),
    [
        (SCHEMA, say("This response_format type is unavailable now"), "json_object"),
        (
            SCHEMA,
            say("1 validation error: {'loc': ('body', 'response_format', 'type'), 'msg': \"Input should be 'text'\"}"),
            "json_object",
        ),
        (SCHEMA, say("Grammar error: Invalid type: wrong"), "json_object"),
        (
            {"type": "json_object"},
            say("'response_format.type' must be 'json_schema' or 'text'"),
            "no_response_format",
        ),
        ({"type": "json_object"}, say("no", param="response_format"), "no_response_format"),
    ],
)
def test_refused_form_of_the_reply_is_asked_for_one_step_weaker(form: dict[str, Any], body: object, name: str):
    assert refuse(400, body, {**FULL, "response_format": form}) == name


@pytest.mark.parametrize(
    ("status", "message"),
    [
        (400, "temperature must be in [0, 2], got 3.0. (parameter=temperature, value=3.0)"),
        (400, "max_tokens=100000 cannot be greater than max_model_len=8192. Please request fewer output tokens."),
        (400, "max_tokens is too large: 100000. This model supports at most 16384 completion tokens."),
        (400, "This model's maximum context length is 8192 tokens. However, your prompt contains 9000 input tokens."),
        (400, "Unknown parameter: 'foo'."),
        (429, "temperature is not supported"),
        (401, "seed is not supported"),
        (500, "Internal error"),
    ],
)
def test_what_is_no_refusal_of_a_field_changes_nothing(status: int, message: str):
    assert refuse(status, say(message)) is None


def test_field_that_was_not_sent_cannot_be_refused():
    sent = {"model": "m", "messages": []}
    assert refuse(400, say("'temperature' is not supported", param="temperature"), sent) is None


@given(bodies, known)
def test_adapting_leaves_the_body_that_was_asked_for(body: dict[str, Any], names: set[str]):
    before = copy.deepcopy(body)
    adapt_body(body, names)
    assert body == before


@given(bodies, known)
def test_names_that_were_recorded_give_the_body_that_was_sent(body: dict[str, Any], names: set[str]):
    sent, applied = adapt_body(body, names)
    assert adapt_body(body, applied) == (sent, applied)
    assert set(applied) <= names
    assert bool(applied) == (sent != body)


@given(bodies, st.sampled_from(sorted({"no_temperature", "no_top_p", "no_seed", "no_response_format"})))
def test_what_was_left_out_is_not_found_missing_again(body: dict[str, Any], name: str):
    sent, _ = adapt_body(body, [name])
    assert adapt_body(sent, [name]) == (sent, ())


def test_limit_keeps_its_value_under_the_other_name():
    sent, applied = adapt_body(FULL, ["max_completion_tokens"])
    assert (sent["max_completion_tokens"], "max_tokens" in sent, applied) == (100, False, ("max_completion_tokens",))


def test_adaptations_are_told_in_words():
    assert describe_adaptations(["max_completion_tokens", "no_temperature"]) == (
        "without temperature, with max_tokens as max_completion_tokens"
    )


# Memory


def make_pair(allowed: tuple[str, ...] = (), signed_by: str = "") -> SeatBook:
    """Weak and strong at endpoints of their own, with a contract."""
    book = make_book("http://h/v1")
    endpoints = {**book.endpoints, "cloud": Endpoint(base_url="http://c/v1")}
    seats = {**book.seats, "strong": Seat(endpoint="cloud", model="big")}
    return SeatBook(endpoints=endpoints, seats=seats, contract=Contract(allowed=allowed, signed_by=signed_by))


def find(memory: QuirkMemory, book: SeatBook, role: Any) -> tuple[str, ...]:
    return memory.find(book.endpoint_of(role), book.seat(role).model, role)


def learn(memory: QuirkMemory, book: SeatBook, role: Any, name: str) -> bool:
    return memory.learn(book.endpoint_of(role), book.seat(role).model, role, name)


def test_refusal_is_remembered_by_endpoint_and_model():
    book = make_pair()
    memory = QuirkMemory(book)
    learn(memory, book, "judge", "no_seed")
    assert find(memory, book, "verifier") == ("no_seed",)
    assert memory.find(book.endpoints["cloud"], "m-1", "judge") == ()
    assert memory.find(book.endpoints["lab"], "m-2", "judge") == ()


def test_refusal_of_an_agent_changes_no_solver():
    book = make_pair()
    memory = QuirkMemory(book)
    learn(memory, book, "judge", "no_temperature")
    assert find(memory, book, "weak") == ()


def test_what_one_solver_refuses_is_left_out_for_both():
    book = make_pair()
    memory = QuirkMemory(book)
    learn(memory, book, "strong", "no_temperature")
    assert find(memory, book, "weak") == find(memory, book, "strong") == ("no_temperature",)


def test_seed_may_differ_between_the_solvers():
    book = make_pair()
    memory = QuirkMemory(book)
    learn(memory, book, "strong", "no_seed")
    assert find(memory, book, "weak") == ()


def test_signed_contract_lets_the_other_solver_keep_the_field():
    book = make_pair(("temperature",), "Ada")
    memory = QuirkMemory(book)
    learn(memory, book, "strong", "no_temperature")
    assert find(memory, book, "weak") == ()


def test_contract_that_nobody_signed_does_not():
    book = make_pair(("temperature",), " ")
    memory = QuirkMemory(book)
    learn(memory, book, "strong", "no_temperature")
    assert find(memory, book, "weak") == ("no_temperature",)


def test_opposite_needs_of_the_solvers_are_not_learned():
    book = make_pair()
    memory = QuirkMemory(book)
    assert learn(memory, book, "strong", "max_completion_tokens")
    assert not learn(memory, book, "weak", "max_tokens")


def test_memory_outlives_its_process(tmp_path: Path):
    book, path = make_pair(), tmp_path / "deep" / "quirks.json"
    learn(QuirkMemory(book, path), book, "judge", "no_seed")
    assert find(QuirkMemory(book, path), book, "judge") == ("no_seed",)


def test_processes_that_learn_at_once_keep_what_the_other_wrote(tmp_path: Path):
    book, path = make_pair(), tmp_path / "quirks.json"
    one, other = QuirkMemory(book, path), QuirkMemory(book, path)
    learn(one, book, "judge", "no_seed")
    learn(other, book, "strong", "no_temperature")
    memory = QuirkMemory(book, path)
    assert (find(memory, book, "judge"), find(memory, book, "strong")) == (("no_seed",), ("no_temperature",))


def test_forgotten_model_stays_forgotten(tmp_path: Path):
    book, path = make_pair(), tmp_path / "quirks.json"
    memory = QuirkMemory(book, path)
    learn(memory, book, "judge", "no_seed")
    memory.forget(book.endpoint_of("judge"), "m-1")
    assert find(QuirkMemory(book, path), book, "judge") == ()


@pytest.mark.parametrize(
    "text", ["", "[1]", "{", '{"agent http://h/v1 m-1": 3}', '{"agent http://h/v1 m-1": [[], "x"]}']
)
def test_file_that_is_no_memory_is_passed_over(tmp_path: Path, text: str):
    (tmp_path / "quirks.json").write_text(text)
    book = make_pair()
    assert find(QuirkMemory(book, tmp_path / "quirks.json"), book, "judge") == ()


def test_memory_that_cannot_be_written_still_holds(home_file: Path):
    book = make_pair()
    memory = QuirkMemory(book, home_file / "quirks.json")
    learn(memory, book, "judge", "no_seed")
    assert find(memory, book, "judge") == ("no_seed",)


@pytest.fixture
def home_file(tmp_path: Path) -> Path:
    """A file where a folder is expected."""
    path = tmp_path / "file"
    path.write_text("")
    return path


def test_home_keeps_the_memory_of_its_seats(tmp_path: Path):
    book = make_pair()
    learn(open_quirks(Home(tmp_path), book), book, "weak", "no_seed")
    assert (tmp_path / "quirks.json").exists()
