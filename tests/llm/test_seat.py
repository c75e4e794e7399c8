"""Seats files: what is accepted, and what a person is told about what is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from autodata.errors import BadInput
from autodata.llm.seat import (
    Endpoint,
    Seat,
    SeatBook,
    check_roles,
    load_seats,
    parse_seats,
    read_key,
    request_settings,
    simulated_seats,
)

ROLES = ("challenger", "verifier", "weak", "strong", "judge")


def make_values(**changes) -> dict:
    """A complete seats file as plain values; `changes` are merged into single seats, by role."""
    seats = {role: {"endpoint": "local", "model": f"m-{role}", **changes.get(role, {})} for role in ROLES}
    return {"endpoints": {"local": {"base_url": "http://127.0.0.1:8000/v1"}}, "seats": seats}


def refuse(values: dict) -> str:
    with pytest.raises(BadInput) as caught:
        parse_seats(values, "seats.toml")
    return str(caught.value)


def test_complete_file_is_read(tmp_path: Path):
    path = tmp_path / "seats.toml"
    seats = "".join(f'[seats.{role}]\nendpoint = "local"\nmodel = "m-{role}"\n' for role in ROLES)
    path.write_text('[endpoints.local]\nbase_url = "http://127.0.0.1:8000/v1"\napi_key_env = "MY_KEY"\n' + seats)
    book = load_seats(path)
    assert book.seat("weak").model == "m-weak"
    assert book.endpoint_of("judge").api_key_env == "MY_KEY"
    assert not book.simulated


def test_simulated_is_a_whole_book_of_simulated_seats():
    book = load_seats("simulated")
    assert book.simulated
    assert book == simulated_seats()
    assert check_roles(book) == []


def test_book_survives_being_stored():
    assert SeatBook(**simulated_seats().model_dump(mode="json")) == simulated_seats()


def test_file_that_does_not_exist_is_named(tmp_path: Path):
    with pytest.raises(BadInput, match=r"none\.toml does not exist; give a TOML file, or --models simulated"):
        load_seats(tmp_path / "none.toml")


def test_file_that_is_not_toml_is_named_with_the_place(tmp_path: Path):
    path = tmp_path / "seats.toml"
    path.write_text("[endpoints\n")
    with pytest.raises(BadInput, match=r"seats\.toml cannot be read: .*line 1"):
        load_seats(path)


def test_missing_seat_is_named_with_the_table_to_add():
    values = make_values()
    del values["seats"]["judge"]
    assert refuse(values) == "seats.toml: no seat for judge; add [seats.judge] with endpoint and model"


def test_unknown_role_is_named():
    values = make_values()
    values["seats"]["jugde"] = {"endpoint": "local", "model": "m"}
    assert "seats.jugde" in refuse(values)


def test_seat_at_an_endpoint_that_is_not_defined_is_named():
    message = refuse(make_values(verifier={"endpoint": "cloud"}))
    assert message == "seats.toml: seat verifier names endpoint 'cloud', which is not defined (local are)"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"temperature": 3}, "seats.judge.temperature: Input should be less than or equal to 2 (got 3)"),
        ({"max_tokens": 0}, "seats.judge.max_tokens: Input should be greater than or equal to 1 (got 0)"),
        ({"modle": "x"}, "seats.judge.modle: this setting is unknown"),
    ],
)
def test_wrong_setting_is_named_by_its_field(changes, field):
    assert refuse(make_values(judge=changes)) == f"seats.toml: {field}"


@pytest.mark.parametrize(
    "field", ["messages", "model", "seed", "temperature", "max_tokens", "json_mode", "n", "stream"]
)
def test_extra_body_may_not_set_what_the_program_sets(field):
    assert f"extra_body may not set {field}" in refuse(make_values(judge={"extra_body": {field: 1}}))


# Keys


@pytest.mark.parametrize("url", ["127.0.0.1:8000/v1", "localhost", "ftp://host", ""])
def test_address_without_http_is_refused(url):
    values = make_values()
    values["endpoints"]["local"]["base_url"] = url
    assert "endpoints.local.base_url: base_url starts with http:// or https://" in refuse(values)


@pytest.mark.parametrize(
    "endpoint",
    [
        {"base_url": "http://h/v1", "api_key": "sk-s3cret"},
        {"base_url": "http://h/v1", "api_key_env": "sk-s3cret"},
        {"base_url": "http://me:sk-s3cret@h/v1"},
    ],
)
def test_key_written_into_the_file_is_refused_and_not_repeated(endpoint):
    values = make_values()
    values["endpoints"]["local"] = endpoint
    message = refuse(values)
    assert "api_key_env" in message
    assert "s3cret" not in message


def test_key_comes_from_the_environment(monkeypatch):
    monkeypatch.setenv("MY_KEY", "sk-1")
    assert read_key(Endpoint(base_url="http://h", api_key_env="MY_KEY"), "local") == "sk-1"


@pytest.mark.parametrize("value", [None, ""])
def test_missing_key_is_named_with_the_command_that_sets_it(monkeypatch, value):
    monkeypatch.delenv("MY_KEY", raising=False)
    if value is not None:
        monkeypatch.setenv("MY_KEY", value)
    with pytest.raises(
        BadInput, match=r"endpoint local \(http://h\) needs a key: .*MY_KEY is not set. Run `export MY_KEY"
    ):
        read_key(Endpoint(base_url="http://h", api_key_env="MY_KEY"), "local")


def test_endpoint_without_a_key_needs_none():
    assert read_key(Endpoint(base_url="http://h"), "local") == "none"


# Symmetry


@pytest.mark.parametrize(
    ("weak", "strong", "shown"),
    [
        ({"max_tokens": 300}, {"max_tokens": 4000}, "max_tokens: weak 300, strong 4000"),
        ({"temperature": 1.0}, {}, "temperature: weak 1.0, strong None"),
        ({"extra_body": {"stop": ["."]}}, {}, "stop: weak ['.'], strong None"),
        ({"json_mode": True}, {}, "json_mode: weak True, strong None"),
        ({"extra_body": {"think": 1}}, {"extra_body": {"think": True}}, "think: weak 1, strong True"),
    ],
)
def test_weak_and_strong_that_differ_are_refused_with_what_differs(weak, strong, shown):
    message = refuse(make_values(weak=weak, strong=strong))
    assert f"weak and strong requests would differ in more than the model ({shown})" in message
    assert "[contract] allowed" in message


def test_signed_difference_is_allowed():
    values = make_values(weak={"max_tokens": 300}, strong={"max_tokens": 4000})
    values["contract"] = {"allowed": ["max_tokens"], "signed_by": "Ada", "reason": "window of the weak model"}
    assert parse_seats(values, "seats.toml").contract.signed_by == "Ada"


def test_difference_that_nobody_signed_is_refused():
    values = make_values(weak={"max_tokens": 300}, strong={"max_tokens": 4000})
    values["contract"] = {"allowed": ["max_tokens"], "signed_by": " "}
    assert "nobody signed it" in refuse(values)


def test_same_settings_need_no_contract():
    same = {"temperature": 1, "max_tokens": 900, "extra_body": {"top_k": 20}}
    assert parse_seats(make_values(weak=same, strong=same), "x").seat("weak").temperature == 1.0


def test_request_settings_leave_out_what_is_not_set():
    seat = Seat(endpoint="e", model="m", temperature=0.0, extra_body={"top_k": 20})
    assert request_settings(seat) == {"temperature": 0.0, "top_k": 20}


# Warnings


def test_judge_of_the_strong_models_family_is_warned_about():
    values = make_values(judge={"family": "q"}, strong={"family": "q"})
    assert check_roles(parse_seats(values, "x")) == [
        "judge and strong share the family 'q': a judge may prefer its own kind"
    ]


def test_judge_that_is_the_strong_model_is_warned_about():
    values = make_values(judge={"model": "m"}, strong={"model": "m"})
    assert check_roles(parse_seats(values, "x")) == ["judge and strong are the same model 'm'"]


@pytest.mark.parametrize("key", ["sk-secret\n", "sk secret", "sk-é", "\ufeffsk-secret"])
def test_key_that_cannot_be_sent_is_refused_and_not_repeated(monkeypatch, key):
    monkeypatch.setenv("SOME_KEY", key)
    with pytest.raises(BadInput, match="the key in SOME_KEY holds") as caught:
        read_key(Endpoint(base_url="http://127.0.0.1:8000/v1", api_key_env="SOME_KEY"), "local")
    assert "sk" not in str(caught.value)
